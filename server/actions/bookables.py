"""Who and what can be booked, set up by managers and administrators: people, interpreters, what they take, their weekly times.

What a form says is judged by the reading of the centre's file, so there is one set of rules for both. Two who change the same person do not
overwrite each other unseen: a form carries the fingerprint of what it was filled from. Nobody is deleted, because appointments name them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from server.actions.bookable_rows import replace_rota, rota_of
from server.centrefile import Fault, read_document
from server.centrefile import plan as file
from server.centrefile.bookables import ROOMS, bookable_table
from server.clock import from_micros
from server.domain.changes import mark_of
from server.domain.refusals import Refused
from server.store.tables import Bookable, Counter, Staff, StaffRole
from server.store.tx import Tx
from wire.vocabulary import BookableKind, CounterKind, RefusalCode

MOST_OF_A_CENTRE = 500
CHANGED = "Somebody changed this since you opened the page. Look at it again: nothing was changed."
GONE = "There is no such person or room at this centre."


def table_of(session: Session, row: Bookable) -> dict[str, Any]:
    """What the file would say of it, dates as text: forms are filled from this, and fingerprints made."""
    number = row.id or 0
    told = file.Bookable(
        BookableKind(row.kind),
        name=row.name,
        languages=tuple(row.languages),
        services=tuple(row.services),
        rota=rota_of(session, [number]).get(number, ()),
    )
    table = bookable_table(told)
    for span in table.get("rota", ()):
        span.update({key: span[key].isoformat() for key in ("from", "until") if key in span})
    return {**table, "retired": row.retired_at is not None}


def mark_for(session: Session, row: Bookable) -> str:
    return mark_of(table_of(session, row))


def judged(table: Mapping[str, Any], services: Sequence[str]) -> tuple[file.Bookable, list[Fault]]:
    """The bookable that a form's table says, and what is wrong with it, by path within it. `services` are the slugs there are."""
    plain = {key: value for key, value in table.items() if key != "retired"}
    room = plain.get("kind") == BookableKind.ROOM
    if room:
        plain = {**{key: value for key, value in plain.items() if key != "name"}, "counter": "room"}
    plan, faults = read_document(
        {
            "slug": "centre",
            "name": "Centre",
            "languages": ["en"],
            "wait_here": {"en": "Here"},
            "service": [{"slug": slug, "names": {"en": slug}} for slug in services],
            "counter": [{"slug": "room", "name": "Room", "kind": "room"}],
            "bookable": [plain],
        }
    )
    own = [Fault(fault.path[2:], fault.say) for fault in faults if fault.path[:2] == ("bookable", 0)]
    return plan.bookables[0], own


def add(tx: Tx, table: Mapping[str, Any], services: Sequence[str]) -> int:
    """An interpreter, or somebody without an account who sees visitors here; their number."""
    told, faults = judged(table, services)
    if faults:
        raise Refused(RefusalCode.MALFORMED, faults[0].say)
    if told.kind is BookableKind.ROOM:
        raise Refused(RefusalCode.MALFORMED, "Rooms are added on the page “Counters” of the set-up.")
    session = tx.session()
    same = select(Bookable).where(
        Bookable.centre_id == tx.actor.centre, Bookable.kind == told.kind, Bookable.name == told.name
    )
    if session.exec(same).first() is not None:
        raise Refused(RefusalCode.CODE_TAKEN, f"{told.name} is there already. Choose them in the list.")
    _refuse_too_many(session, tx.actor.centre)
    row = Bookable(
        centre_id=tx.actor.centre,
        kind=told.kind,
        name=told.name,
        languages=list(told.languages),
        services=list(told.services),
    )
    return _added(tx, row, told)


def add_colleague(tx: Tx, staff_id: int) -> int:
    """Somebody with an account and a role here; their number. Taken up again if they were there once."""
    session = tx.session()
    person = session.get(Staff, staff_id)
    held = select(StaffRole).where(StaffRole.staff_id == staff_id, StaffRole.centre_id == tx.actor.centre)
    if person is None or person.disabled_at is not None or session.exec(held).first() is None:
        raise Refused(RefusalCode.UNKNOWN, "They do not work here. Load the page again.")
    before = session.exec(
        select(Bookable).where(Bookable.centre_id == tx.actor.centre, Bookable.staff_id == staff_id)
    ).first()
    if before is not None:
        if before.retired_at is not None:
            take_up(tx, before.id or 0)
        return before.id or 0
    _refuse_too_many(session, tx.actor.centre)
    row = Bookable(centre_id=tx.actor.centre, kind=BookableKind.PERSON, name=person.name, staff_id=staff_id)
    return _added(tx, row, file.Bookable(BookableKind.PERSON))


def _added(tx: Tx, row: Bookable, told: file.Bookable) -> int:
    session = tx.session()
    session.add(row)
    session.flush()
    assert row.id is not None
    replace_rota(session, row.id, told.rota)
    _note(tx, "added who can be booked", row)
    return row.id


def write(tx: Tx, number: int, table: Mapping[str, Any], services: Sequence[str], mark: str) -> None:
    """What they are called (where that is their own), what they take, what they speak, when they are there."""
    session = tx.session()
    row = own(session, tx.actor.centre, number)
    if mark != mark_for(session, row):
        raise Refused(RefusalCode.WRONG_STATE, CHANGED)
    told, faults = judged(table, services)
    if faults:
        raise Refused(RefusalCode.MALFORMED, faults[0].say)
    if row.staff_id is None and row.counter_id is None:
        row.name = told.name
    row.services = list(told.services)
    if row.kind == BookableKind.INTERPRETER:
        row.languages = list(told.languages)
    replace_rota(session, number, told.rota)
    session.flush()
    _note(tx, "changed who can be booked", row)


def retire(tx: Tx, number: int) -> None:
    """Nobody is booked with them any more. What is booked stays until somebody moves it."""
    row = own(tx.session(), tx.actor.centre, number)
    if row.retired_at is None:
        row.retired_at = from_micros(tx.now)
        tx.session().flush()
        _note(tx, "retired who can be booked", row)


def take_up(tx: Tx, number: int) -> None:
    """They can be booked again, at the times they had."""
    session = tx.session()
    row = own(session, tx.actor.centre, number)
    if row.retired_at is None:
        return
    if row.counter_id is not None:
        counter = session.get_one(Counter, row.counter_id)
        if counter.retired_at is not None or CounterKind(counter.kind) not in ROOMS:
            raise Refused(RefusalCode.WRONG_STATE, f"{row.name} is no room of this centre any more.")
    row.retired_at = None
    session.flush()
    _note(tx, "took up who can be booked", row)


def own(session: Session, centre: int, number: int) -> Bookable:
    row = session.get(Bookable, number)
    if row is None or row.centre_id != centre:
        raise Refused(RefusalCode.UNKNOWN, GONE)
    return row


def _refuse_too_many(session: Session, centre: int) -> None:
    there = session.exec(
        select(Bookable.id).where(Bookable.centre_id == centre, col(Bookable.retired_at).is_(None))
    )
    if len(there.all()) >= MOST_OF_A_CENTRE:
        raise Refused(RefusalCode.TOO_LARGE, f"A centre keeps at most {MOST_OF_A_CENTRE} people and rooms.")


def _note(tx: Tx, what: str, row: Bookable) -> None:
    tx.audit(what, f"bookable:{row.id}", kind=row.kind)
    tx.touch(tx.actor.centre)
