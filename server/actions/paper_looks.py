"""Looks at what visitors handed in, each written down: who looked, when, from where; and that somebody was refused one.

A page with its pictures is one look: the pictures are fetched by the browser, and are shown to who has looked and still may (`refuse_unless_looked`). A file downloaded is
a look of its own, for it leaves the house.
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, col, select

from server.clock import from_micros
from server.domain import papers
from server.domain.access import Actor
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
GONE_MEANWHILE = "You may not see this any more: its visitor has left your counter."


def look(tx: Tx, submission_id: str, *, what: str = LOOKED) -> Refusal | None:
    """May who asks see this one? A refusal is answered, not raised, so that its entry stands."""
    row = tx.session().get(Submission, submission_id)
    if row is None or row.centre_id != tx.actor.centre:
        return UNKNOWN
    allowed = _may(tx.session(), tx.actor, row)
    tx.audit(what if allowed else REFUSED, f"submission:{row.id}")
    return None if allowed else HIDDEN


def _may(session: Session, actor: Actor, row: Submission) -> bool:
    private = bool(private_ones(session, row.centre_id, [row]))
    served = is_served(row, served_by(session, actor.id, actor.centre))
    return papers.may_see(actor.roles, private=private, served=served)


def refuse_if_hidden(tx: Tx, submission_id: str) -> Submission:
    """The one they want to do something with; raises Refused when they may not see it."""
    row = tx.session().get(Submission, submission_id)
    if row is None or row.centre_id != tx.actor.centre:
        raise Refused(UNKNOWN.code, UNKNOWN.say)
    if not _may(tx.session(), tx.actor, row):
        raise Refused(HIDDEN.code, HIDDEN.say)
    return row


def refuse_unless_looked(session: Session, actor: Actor, row: Submission, now: int) -> None:
    """Its pages are for who looked at it a short while ago and still may: an adviser's visitor may have gone meanwhile, or a right was taken away."""
    recent = select(Audit.id).where(
        Audit.about == f"submission:{row.id}",
        col(Audit.about).like("submission:%"),
        Audit.staff_id == actor.id,
        Audit.what == LOOKED,
        col(Audit.at) >= from_micros(now) - A_LOOK_LASTS,
    )
    if session.exec(recent).first() is None:
        raise Refused(RefusalCode.NOT_ALLOWED, "Open the submission first: its pages are shown there.")
    if not _may(session, actor, row):
        raise Refused(HIDDEN.code, GONE_MEANWHILE)
