"""Complaints, compliments and suggestions: taken down with the form that brings them or by staff, and led to their end, each step with who and when.

From a form it comes in the same transaction as its submission, so no complaint is received without a date by which it is answered. Its words lie in that submission and are
kept until it has ended, and from then on for as long as its form's page told its visitor; what staff wrote down for somebody is sealed like a comment. The audit says which deed on which, never a word of it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from server.actions import hand_offs
from server.clock import from_micros
from server.domain import said as rules
from server.domain.refusals import Refused
from server.domain.said import Deed, Promise
from server.store.queries import counts
from server.store.queries.said import closures
from server.store.sql import Statement
from server.store.tables import Said, Service, Submission
from server.store.tx import Tx
from wire.references import new_reference
from wire.vocabulary import RefusalCode, SaidKind, SaidState, new_id

_TAKEN = Statement(
    "SELECT 1 FROM said WHERE reference = :reference UNION ALL SELECT 1 FROM submission WHERE reference = :reference"
)
NOT_THERE = "There is no such complaint or compliment at this centre."


@dataclass(frozen=True)
class Told:
    """What a form that was handed in tells: of which kind it is, and what the house promises."""

    kind: SaidKind
    promise: Promise


@dataclass(frozen=True)
class Received:
    """What whoever told it is told: under which reference, and by when."""

    id: str
    reference: str
    acknowledge_due_on: date | None
    answer_due_on: date


def from_form(tx: Tx, submission: Submission, told: Told) -> Received:
    """With the submission, under its reference, from the day on which its visitor sent it."""
    row = _received(
        tx, submission.centre_id, told.kind, _day(tx, submission.centre_id, submission.made_at), told.promise
    )
    row.id, row.reference = submission.id, submission.reference
    row.way, row.submission_id = "form", submission.id
    tx.session().add(row)
    tx.session().flush()
    return _told(row)


def write_down(
    tx: Tx, said_id: str, kind: SaidKind, received_on: date, sealed: str, service: str, promise: Promise
) -> Received:
    """Staff write down what somebody told them. The same id again gets the first answer. `service` may be empty."""
    session, centre = tx.session(), tx.actor.centre
    before = session.get(Said, said_id)
    if before is not None:
        if before.centre_id != centre or before.entered_by != tx.actor.id:
            raise Refused(RefusalCode.ID_REUSED, "This form's number was already used. Load the page again.")
        return _told(before)
    today = _day(tx, centre, from_micros(tx.now))
    if received_on > today:
        raise Refused(RefusalCode.MALFORMED, "It cannot have been received on a day that is still to come.")
    row = _received(tx, centre, kind, received_on, promise)
    row.id, row.reference = said_id, _fresh(tx)
    row.way, row.sealed, row.entered_by = "staff", sealed, tx.actor.id
    row.service_id = _service(tx, centre, service)
    session.add(row)
    session.flush()
    tx.audit("said_written_down", f"said:{said_id}", kind=kind.value)
    tx.touch(centre)
    return _told(row)


def do(
    tx: Tx, said_id: str, deed: Deed, promise: Promise, passed_to: str = "", service: str | None = None
) -> SaidState:
    """One deed of a manager. Pressed twice it is refused the second time, with why. `service`: what it is about, which a form does not ask; None leaves that."""
    row = tx.session().get(Said, said_id)
    if row is None or row.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, NOT_THERE)
    kind, state = SaidKind(row.kind), SaidState(row.state)
    following = rules.after(state, deed)
    if deed not in rules.deeds_from(state, kind):
        raise Refused(
            RefusalCode.WRONG_STATE,
            "A compliment is passed on to those it praises; nobody waits for an answer.",
        )
    if deed is Deed.PASS_ON and not passed_to:
        raise Refused(
            RefusalCode.MALFORMED, "Say to whom it is passed on, such as Housing, or the adviser at Desk 3."
        )
    if service is not None:
        row.service_id = _service(tx, row.centre_id, service)
    now = from_micros(tx.now)
    if row.acknowledged_at is None and deed is not Deed.WITHDRAW:
        row.acknowledged_at, row.acknowledged_by = now, tx.actor.id
        _sooner(tx, row, promise)
    if deed is Deed.REOPEN:
        row.ended_at = row.ended_by = None
        row.passed_to = ""
    elif following in rules.ENDED:
        row.ended_at, row.ended_by = now, tx.actor.id
        row.passed_to = passed_to if deed is Deed.PASS_ON else ""
        _keep_from_now(tx, row)
    row.state = following
    tx.session().add(row)
    tx.audit(f"said_{following.value}" if deed is not Deed.REOPEN else "said_reopened", f"said:{said_id}")
    tx.touch(row.centre_id)
    return following


def name_service(tx: Tx, said_id: str, service: str) -> None:
    """A manager says, or corrects, which service it is about; empty for none."""
    row = tx.session().get(Said, said_id)
    if row is None or row.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, NOT_THERE)
    named = _service(tx, row.centre_id, service)
    if named == row.service_id:
        return
    row.service_id = named
    tx.session().add(row)
    tx.audit("said_service_named", f"said:{said_id}")
    tx.touch(row.centre_id)


def look(tx: Tx, said_id: str) -> None:
    """Somebody reads what was said: written down, once a look."""
    row = tx.session().get(Said, said_id)
    if row is None or row.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, NOT_THERE)
    tx.audit("said_read", f"said:{said_id}")


# ------------------------------------------------------------------------------------------------------------------------


def _received(tx: Tx, centre: int, kind: SaidKind, on: date, promise: Promise) -> Said:
    by = rules.due(kind, on, promise, rules.closed_on(closures(tx.sql, centre, on)))
    return Said(
        id=new_id(),
        centre_id=centre,
        kind=kind,
        reference="",
        received_on=on,
        received_at=from_micros(tx.now),
        way="",
        acknowledge_due_on=by.acknowledge_on,
        answer_due_on=by.answer_on,
    )


def _keep_from_now(tx: Tx, row: Said) -> None:
    """Its form was "dealt with" now, and not when its team took it: the days for which its words are kept begin here."""
    submission = tx.session().get(Submission, row.submission_id) if row.submission_id else None
    if submission is not None and submission.delete_at is not None:
        submission.delete_at = from_micros(tx.now) + hand_offs.kept_for(tx, submission)
        tx.session().add(submission)


def _sooner(tx: Tx, row: Said, promise: Promise) -> None:
    """An acknowledgement before its time brings the answer forward."""
    if row.acknowledge_due_on is None or row.acknowledged_at is None:
        return
    on = _day(tx, row.centre_id, row.acknowledged_at)
    closed = rules.closed_on(closures(tx.sql, row.centre_id, min(on, row.acknowledge_due_on)))
    row.answer_due_on = rules.answer_due(on, row.acknowledge_due_on, promise, closed)


def _service(tx: Tx, centre: int, slug: str) -> int | None:
    if not slug:
        return None
    chosen = select(Service).where(col(Service.centre_id) == centre, col(Service.slug) == slug)
    found = tx.session().exec(chosen).one_or_none()
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "This centre has no such service. Load the page again.")
    return found.id


def _fresh(tx: Tx) -> str:
    reference = new_reference(secrets.choice)
    while tx.sql.one(_TAKEN, {"reference": reference}) is not None:
        reference = new_reference(secrets.choice)
    return reference


def _told(row: Said) -> Received:
    assert row.answer_due_on is not None, "it was given one when it came"
    return Received(row.id, row.reference, row.acknowledge_due_on, row.answer_due_on)


def _day(tx: Tx, centre: int, at: datetime) -> date:
    """The centre's date at an instant."""
    return at.astimezone(ZoneInfo(counts.zone_name(tx.sql, centre))).date()
