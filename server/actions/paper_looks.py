"""Looks at what visitors handed in, each written down: who looked, when, from where; and that somebody was refused one.

A page with its pictures is one look: the pictures are fetched by the browser, and are shown to who has looked (`has_looked`). A file downloaded is
a look of its own, for it leaves the house.
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, col, select

from server.clock import from_micros
from server.domain import papers
from server.domain.papers import LOOKED
from server.domain.refusals import Refusal, Refused
from server.store.queries.paper_access import is_served, private_ones, served_by
from server.store.tables import Audit, Submission
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

REFUSED = "refused papers"
A_LOOK_LASTS = timedelta(hours=1)
UNKNOWN = Refusal(RefusalCode.UNKNOWN, "There is no such submission at this centre.")
HIDDEN = Refusal(
    RefusalCode.NOT_ALLOWED,
    "This belongs to a visit that you may not see: it is private, or its visitor is not at your counter. Your try was noted.",
)


def look(tx: Tx, submission_id: str, *, what: str = LOOKED) -> Refusal | None:
    """May who asks see this one? A refusal is answered, not raised, so that its entry stands."""
    row = tx.session().get(Submission, submission_id)
    if row is None or row.centre_id != tx.actor.centre:
        return UNKNOWN
    allowed = _may(tx, row)
    tx.audit(what if allowed else REFUSED, f"submission:{row.id}")
    return None if allowed else HIDDEN


def _may(tx: Tx, row: Submission) -> bool:
    session = tx.session()
    private = bool(private_ones(session, row.centre_id, [row]))
    served = is_served(row, served_by(session, tx.actor.id, tx.actor.centre))
    return papers.may_see(tx.actor.roles, private=private, served=served)


def refuse_if_hidden(tx: Tx, submission_id: str) -> Submission:
    """The one they want to do something with; raises Refused when they may not see it."""
    row = tx.session().get(Submission, submission_id)
    if row is None or row.centre_id != tx.actor.centre:
        raise Refused(UNKNOWN.code, UNKNOWN.say)
    if not _may(tx, row):
        raise Refused(HIDDEN.code, HIDDEN.say)
    return row


def has_looked(session: Session, submission_id: str, staff_id: int, now: int) -> bool:
    """Whether this person looked at it a short while ago."""
    recent = select(Audit.id).where(
        Audit.about == f"submission:{submission_id}",
        col(Audit.about).like("submission:%"),
        Audit.staff_id == staff_id,
        Audit.what == LOOKED,
        col(Audit.at) >= from_micros(now) - A_LOOK_LASTS,
    )
    return session.exec(recent).first() is not None
