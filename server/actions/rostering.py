"""The roster, and what is known to bring people: entered by the day, from a file, or copied from the week before.

A day is entered whole: what the page shows is what there is afterwards. So the page says which roster it was made from (`mark_of`), and if somebody else has entered that day
meanwhile nothing is changed and that is said. A file is the roster of the days it names and takes the place of what was there for them, all or nothing; the same file asked for again
with the same number is answered as it was, without entering anything. What a file replaced is put back as it was, as long as nobody has changed these days since. Every roster is judged here once more (`domain.roster`), inside the transaction: people leave and hours change
between the look and the word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, delete, select

from server.clock import from_micros
from server.domain import roster
from server.domain.refusals import Refused
from server.domain.roster import Entry, Fault, Judged
from server.store.queries.roster import here, mark_of, shifts_of, shifts_on
from server.store.tables import KnownEvent, Shift
from server.store.tx import Tx
from wire.body import clean_text
from wire.vocabulary import RefusalCode

_DAY = timedelta(days=1)
CHANGED = "Somebody else has entered this day meanwhile. Nothing was changed: look at it as it is now, and enter yours again."
DAYS_CHANGED = "Somebody has changed the roster of these days since the file was looked at. Nothing was entered: choose the file again and look what it would replace."
CHANGED_SINCE = "The roster of these days was changed after the file was entered, so it cannot be taken back as a whole. Change the days one by one."
MOST_EVENT_DAYS = 62


class Entered(NamedTuple):
    """How many shifts on how many days; `replaced`: how many made room for them. `again`: it was entered before, and nothing was done."""

    shifts: int
    days: int
    replaced: int
    warnings: tuple[Fault, ...] = ()
    again: bool = False


def judge(session: Session, centre: int, entries: Sequence[Entry], days: Iterable[date], now: int) -> Judged:
    """Judge what shall be the whole roster of `days`, with what stays on the days around them."""
    replaced = set(days)
    around = [on + number * _DAY for on in replaced for number in (-1, 0, 1)]
    others = shifts_of(session, centre, min(around), max(around)) if around else []
    return roster.judge(
        entries, [each for each in others if each.on not in replaced], here(session, centre, now)
    )


def enter_day(tx: Tx, on: date, entries: Sequence[Entry], mark: str) -> Entered:
    """Make `entries` the whole roster of `on`."""
    session = tx.session()
    if mark_of(shifts_of(session, tx.actor.centre, on, on)) != mark:
        raise Refused(RefusalCode.WRONG_STATE, CHANGED)
    done = _enter(tx, entries, {on}, None)
    tx.audit("roster_entered", f"day:{on.isoformat()}", shifts=done.shifts, replaced=done.replaced)
    return done


def enter_file(tx: Tx, entries: Sequence[Entry], import_id: str, mark: str) -> Entered:
    """Make `entries` the roster of the days they name, if what is down for these is what `mark` was made of. Asked twice, it is done once."""
    session = tx.session()
    before = session.exec(
        select(Shift).where(Shift.centre_id == tx.actor.centre, Shift.import_id == import_id)
    ).all()
    if before:
        return Entered(len(before), len({each.held_on for each in before}), 0, again=True)
    days = {each.on for each in entries}
    if mark_of(shifts_on(session, tx.actor.centre, days)) != mark:
        raise Refused(RefusalCode.WRONG_STATE, DAYS_CHANGED)
    done = _enter(tx, entries, days, import_id)
    tx.audit(
        "roster_imported", f"roster:{import_id}", shifts=done.shifts, days=done.days, replaced=done.replaced
    )
    return done


def take_back_file(tx: Tx, import_id: str, days: Collection[date], before: Sequence[Entry]) -> Entered:
    """Put back what was down for the days of a file, as it was: it is not judged again. Asked twice, it is done once."""
    session, centre = tx.session(), tx.actor.centre
    if mark_of(shifts_on(session, centre, days)) == mark_of(before):
        return Entered(len(before), len(days), 0, again=True)
    there = session.exec(
        select(Shift).where(Shift.centre_id == centre, col(Shift.held_on).in_(sorted(days)))
    ).all()
    if {each.held_on for each in there} != set(days) or any(each.import_id != import_id for each in there):
        raise Refused(RefusalCode.WRONG_STATE, CHANGED_SINCE)
    replaced = _put(tx, before, days, None)
    tx.audit("roster_import_taken_back", f"roster:{import_id}", shifts=len(before), replaced=replaced)
    return Entered(len(before), len(days), replaced)


def copy_week(tx: Tx, monday: date) -> Entered:
    """Copy the roster of the week before onto the days of this week that have none. Shifts that this week refuses (a day the centre is closed, somebody who has left) are left
    out and told."""
    session, centre = tx.session(), tx.actor.centre
    there = {each.on for each in shifts_of(session, centre, monday, monday + 6 * _DAY)}
    before = shifts_of(session, centre, monday - 7 * _DAY, monday - _DAY)
    if not before:
        raise Refused(
            RefusalCode.WRONG_STATE, "There is no roster of the week before. Enter one, or import it."
        )
    place = here(session, centre, tx.now)
    entries = [
        each._replace(line=number, on=each.on + 7 * _DAY)
        for number, each in enumerate(before, 1)
        if each.on + 7 * _DAY not in there
    ]
    if not entries:
        raise Refused(
            RefusalCode.WRONG_STATE,
            "Every day of this week that had a roster last week has one already. Nothing was copied.",
        )
    left_out = judge(session, centre, entries, {each.on for each in entries}, tx.now).faults
    bad = {fault.line for fault in left_out}
    told = tuple(
        Fault(each.line, f"{place.name_of(each)}: {fault.say}")
        for each in entries
        for fault in left_out
        if fault.line == each.line
    )
    kept = [each for each in entries if each.line not in bad]
    if not kept:
        raise Refused(RefusalCode.WRONG_STATE, f"Nothing was copied. {told[0].say}")
    done = _enter(tx, kept, {each.on for each in kept}, None)
    tx.audit("roster_copied", f"week:{monday.isoformat()}", shifts=done.shifts, left_out=len(bad))
    return done._replace(warnings=(*told, *done.warnings))


def _enter(tx: Tx, entries: Sequence[Entry], days: set[date], import_id: str | None) -> Entered:
    session, centre = tx.session(), tx.actor.centre
    judged = judge(session, centre, entries, days, tx.now)
    if judged.faults:
        raise Refused(RefusalCode.WRONG_STATE, f"Nothing was entered. {judged.faults[0].say}")
    replaced = _put(tx, entries, days, import_id)
    return Entered(len(entries), len(days), replaced, tuple(judged.warnings))


def _put(tx: Tx, entries: Sequence[Entry], days: Collection[date], import_id: str | None) -> int:
    """Make `entries` all there is on `days`; how many shifts made room."""
    session, centre = tx.session(), tx.actor.centre
    gone = session.execute(
        delete(Shift).where(col(Shift.centre_id) == centre, col(Shift.held_on).in_(sorted(days)))
    )
    for each in entries:
        session.add(
            Shift(
                centre_id=centre,
                held_on=each.on,
                begins=each.begins,
                ends=each.ends,
                staff_id=each.staff,
                who=clean_text(each.who)[:80],
                services=list(each.services),
                import_id=import_id,
                entered_at=from_micros(tx.now),
                entered_by=tx.actor.id or None,
            )
        )
    session.flush()
    tx.touch(centre)
    return int(getattr(gone, "rowcount", 0))


# What is known to bring people --------------------------------------------------------------------


def add_event(tx: Tx, kind: str, name: str, first: date, last: date) -> None:
    session = tx.session()
    kind, name = " ".join(clean_text(kind).split()), " ".join(clean_text(name).split())
    if not name:
        raise Refused(RefusalCode.MALFORMED, "Say what it is, such as: Council tax bills go out.")
    if len(kind) > 40 or len(name) > 80:
        raise Refused(
            RefusalCode.MALFORMED, "Its name may have 80 letters, and what it is like 40. Make it shorter."
        )
    if last < first:
        raise Refused(RefusalCode.MALFORMED, "The last day is before the first. Choose them again.")
    if (last - first).days >= MOST_EVENT_DAYS:
        raise Refused(
            RefusalCode.MALFORMED,
            f"It may last {MOST_EVENT_DAYS} days at most: what goes on for longer is what is usual.",
        )
    kind = (kind or name[:40]).casefold()
    same = select(KnownEvent).where(
        KnownEvent.centre_id == tx.actor.centre,
        KnownEvent.kind == kind,
        KnownEvent.first_on <= last,
        KnownEvent.last_on >= first,
    )
    if session.exec(same).first() is not None:
        raise Refused(RefusalCode.WRONG_STATE, "One that is alike is entered for these days already.")
    session.add(
        KnownEvent(
            centre_id=tx.actor.centre,
            kind=kind,
            name=name,
            first_on=first,
            last_on=last,
            made_at=from_micros(tx.now),
            made_by=tx.actor.id or None,
        )
    )
    tx.audit("known_event_added", f"days:{first.isoformat()}..{last.isoformat()}")


def remove_event(tx: Tx, event: int) -> None:
    session = tx.session()
    found = session.get(KnownEvent, event)
    if found is None or found.centre_id != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, "This is not there any more. Somebody else may have removed it.")
    session.delete(found)
    tx.audit("known_event_removed", f"days:{found.first_on.isoformat()}..{found.last_on.isoformat()}")
