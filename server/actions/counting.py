"""Counting without a ticket: one tap, one help at the door, taken back, corrected, or entered from a tally sheet.

A tap is made where the finger touched and may arrive late, twice, or after it was taken back. Its own id (`tally`) makes it count once whatever
the order: the same tap again finds itself, and one that was taken back before it was heard of finds a row that says so. It counts on
the centre's date at the moment of the tap, never on the date it arrived. Nothing is deleted: what was wrong stays, with who and when.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from server.actions import queue
from server.clock import from_micros, to_micros
from server.domain.refusals import Refused
from server.store.queries import counts
from server.store.queries.counts import TallyNow
from server.store.sql import Statement
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import Activity, CountSource, RefusalCode, Role

Result = dict[str, Any]

OLDEST_TAP_DAYS = 7
"""Beyond this a tap's age rests on a clock that nobody has looked at for a week."""
MOST_ON_A_SHEET = 5_000
_DAY_MS = 24 * 3600 * 1000
NOT_KNOWN = ""
"""The activity of a tap that was taken back before it was heard of."""


def count(tx: Tx, ask: asks.Count) -> Result:
    """One visitor did this. `counted` is False when the tap was already taken back."""
    what = {"activity": ask.activity.value, "source": CountSource.TAP.value}
    if ask.ticket is None:
        return _enter(tx, ask.tally, ask.age_ms, what)
    found = queue.load(tx, ask.ticket)
    queue.refuse_if_unseen(tx, found)
    on = local_day(tx, tx.now - ask.age_ms * 1000)
    if counts.is_counted_of(tx.sql, tx.actor.centre, found.visit, ask.activity.value, on, ask.tally):
        raise Refused(
            RefusalCode.WRONG_STATE, f"{found.code} is counted for that already. Nothing is counted twice."
        )
    return _enter(tx, ask.tally, ask.age_ms, {**what, "visit": found.visit})


def door_help(tx: Tx, ask: asks.DoorHelp) -> Result:
    """One visitor was helped on the spot."""
    service = None
    if ask.service is not None:
        service = counts.service_id(tx.sql, tx.actor.centre, ask.service)
        if service is None:
            raise Refused(
                RefusalCode.UNKNOWN, "This centre has no such service any more. Count it as something else."
            )
    values = {
        "activity": Activity.DOOR_HELP.value,
        "source": CountSource.DOOR.value,
        "service": service,
        "solved": ask.solved,
        "avoidable": ask.avoidable.value if ask.avoidable else None,
    }
    return _enter(tx, ask.tally, ask.age_ms, values)


def _enter(tx: Tx, tally: str, age_ms: int, what: Mapping[str, Any]) -> Result:
    if age_ms > OLDEST_TAP_DAYS * _DAY_MS:
        raise Refused(
            RefusalCode.CLOSED,
            f"This was counted more than {OLDEST_TAP_DAYS} days ago. Ask a manager to enter it for its day on the page Counts.",
        )
    at = tx.now - age_ms * 1000
    values = {
        "id": tally,
        "centre": tx.actor.centre,
        "counted_on": local_day(tx, at).isoformat(),
        "at": at,
        "entered_at": tx.now,
        "staff": tx.actor.id,
        **what,
    }
    if counts.add_tally(tx.sql, values):
        return {"tally": tally, "counted": True}
    known = _known(tx, tally)
    if known.activity == NOT_KNOWN:
        counts.tell_tally(tx.sql, values)
        return {"tally": tally, "counted": False}
    if known.activity != what["activity"]:
        raise Refused(RefusalCode.ID_REUSED, "This tap was already counted as something else. Tap again.")
    return {"tally": tally, "counted": known.withdrawn_at is None}


def _known(tx: Tx, tally: str) -> TallyNow:
    found = counts.tally(tx.sql, tally)
    if found is None or found.centre != tx.actor.centre:
        raise Refused(RefusalCode.UNKNOWN, "There is no such count at this centre.")
    return found


def local_day(tx: Tx, at: int) -> date:
    """The centre's date at an instant."""
    return from_micros(at).astimezone(ZoneInfo(counts.zone_name(tx.sql, tx.actor.centre))).date()


def uncount(tx: Tx, ask: asks.Uncount) -> Result:
    """Take back a tap of today: one's own, or as greeter or manager anybody's. Taken back twice, it is taken back."""
    at = tx.now - ask.age_ms * 1000
    today = local_day(tx, at)
    placeholder = {
        "id": ask.tally,
        "centre": tx.actor.centre,
        "activity": NOT_KNOWN,
        "source": CountSource.TAP.value,
        "counted_on": today.isoformat(),
        "at": at,
        "entered_at": tx.now,
        "staff": tx.actor.id,
        "withdrawn_at": at,
        "withdrawn_by": tx.actor.id,
    }
    if counts.add_tally(tx.sql, placeholder):
        return {"tally": ask.tally}
    known = _known(tx, ask.tally)
    if known.withdrawn_at is not None:
        return {"tally": ask.tally}
    if known.staff != tx.actor.id and not tx.actor.roles & {Role.GREETER, Role.MANAGER}:
        raise Refused(
            RefusalCode.NOT_ALLOWED, "A colleague counted this. Only they or a greeter can take it back."
        )
    if known.source == CountSource.TALLY_SHEET.value:
        raise Refused(
            RefusalCode.NOT_ALLOWED, "This is of a tally sheet. A manager can correct it on the page Counts."
        )
    if today.isoformat() not in (known.counted_on, local_day(tx, known.entered_at).isoformat()):
        raise Refused(
            RefusalCode.CLOSED, "This is of an earlier day. A manager can correct it on the page Counts."
        )
    counts.withdraw(tx.sql, ask.tally, at, tx.actor.id)
    return {"tally": ask.tally}


def recount(tx: Tx, ask: asks.Recount) -> Result:
    """Correct one count of any day: put another activity in its place, or nothing. Both stay visible, with the reason."""
    known = _known(tx, ask.tally)
    if known.withdrawn_at is not None or known.activity == NOT_KNOWN:
        raise Refused(
            RefusalCode.WRONG_STATE, "This was already taken back or corrected. Load the page again."
        )
    if ask.activity is not None and ask.activity.value == known.activity:
        raise Refused(RefusalCode.WRONG_STATE, "It is counted as that already. Choose what it was instead.")
    if ask.activity is not None:
        instead = {
            "id": ask.new,
            "centre": known.centre,
            "activity": ask.activity.value,
            "source": known.source,
            "counted_on": known.counted_on,
            "at": known.at,
            "entered_at": tx.now,
            "people": known.people,
            "staff": tx.actor.id,
            "reason": ask.reason,
            "corrects": known.id,
        }
        if not counts.add_tally(tx.sql, instead):
            raise Refused(
                RefusalCode.ID_REUSED, "This correction's number was already used. Load the page again."
            )
    counts.withdraw(tx.sql, known.id, tx.now, tx.actor.id, ask.reason)
    tx.audit("recounted", f"tally:{known.id}", was=known.activity, activity=ask.activity or "nothing")
    return {"tally": known.id, "new": ask.new if ask.activity else None}


_SAME_CORRECTION = Statement(
    """SELECT y.withdrawn_by, y.reason, n.activity FROM tally y LEFT JOIN tally n ON n.id = :new AND n.corrects = y.id WHERE y.id = :tally"""
)


def recount_together(tx: Tx, corrections: Sequence[asks.Recount]) -> None:
    """Correct counts that were chosen together: all of them, or none. What this very form has corrected already is done."""
    for each in corrections:
        found = tx.sql.one(_SAME_CORRECTION, {"tally": each.tally, "new": each.new})
        instead = each.activity.value if each.activity else None
        if found is not None and tuple(found) == (tx.actor.id, each.reason, instead):
            continue
        try:
            recount(tx, each)
        except Refused as refused:
            if len(corrections) == 1:
                raise
            raise Refused(refused.refusal.code, f"Nothing was corrected. {refused.refusal.say}") from None


# Tally sheets --------------------------------------------------------------------------------------------------------

_SAME_SHEET = Statement(
    """SELECT COUNT(*) FROM tally WHERE centre_id = :centre AND counted_on = :counted_on AND activity = :activity
    AND source = 'tally_sheet' AND people = :people AND withdrawn_at IS NULL AND id <> :id"""
)
ANOTHER_SHEET = "A sheet with the same number on a line is already entered for this day. If this is another sheet, tick so and enter it again."


def enter_sheet(tx: Tx, sheet: str, on: date, marks: Mapping[Activity, int], *, another: bool = False) -> int:
    """Enter the marks of a paper tally sheet; how many visitors it holds. `sheet` is the form's id: entered twice, it counts once.

    A sheet with a line that is already there for the day is refused unless `another` says that it is a second sheet.
    """
    zone = ZoneInfo(counts.zone_name(tx.sql, tx.actor.centre))
    _check_day(on, from_micros(tx.now).astimezone(zone).date())
    marked = {activity: people for activity, people in marks.items() if people}
    if not marked:
        raise Refused(
            RefusalCode.MALFORMED,
            "The sheet is empty. Write how many marks stand beside at least one activity.",
        )
    if any(not 0 < people <= MOST_ON_A_SHEET for people in marked.values()):
        raise Refused(
            RefusalCode.MALFORMED,
            f"A line of a sheet holds from 0 to {MOST_ON_A_SHEET:,}. Look at the numbers again.",
        )
    lines = {_line_id(sheet, activity): (activity.value, people) for activity, people in marked.items()}
    known = _lines_of(tx, sheet)
    if known:
        if known == {line: (tx.actor.centre, on.isoformat(), *told, True) for line, told in lines.items()}:
            return sum(marked.values())
        raise Refused(
            RefusalCode.WRONG_STATE,
            "This sheet is entered already, with other numbers. To change them, correct its counts of that day, then open this page anew.",
        )
    noon = to_micros(datetime.combine(on, time(12), tzinfo=zone))
    for line, (activity, people) in lines.items():
        values = {
            "id": line,
            "centre": tx.actor.centre,
            "activity": activity,
            "source": CountSource.TALLY_SHEET.value,
            "counted_on": on.isoformat(),
            "at": min(noon, tx.now),
            "entered_at": tx.now,
            "people": people,
            "staff": tx.actor.id,
        }
        if not another and _count_of(tx, values):
            raise Refused(RefusalCode.WRONG_STATE, ANOTHER_SHEET)
        counts.add_tally(tx.sql, values)
    tx.audit("tally_sheet", on.isoformat(), people=sum(marked.values()))
    return sum(marked.values())


def _line_id(sheet: str, activity: Activity) -> str:
    return hashlib.sha256(f"{sheet} {activity.value}".encode()).hexdigest()[:32]


def _lines_of(tx: Tx, sheet: str) -> dict[str, tuple[int, str, str, int, bool]]:
    """What was entered under this sheet's number, by the lines' ids: centre, day, activity, people, whether it stands."""
    found = (counts.tally(tx.sql, _line_id(sheet, each)) for each in Activity)
    return {
        each.id: (each.centre, each.counted_on, each.activity, each.people, each.withdrawn_at is None)
        for each in found
        if each
    }


def _check_day(on: date, today: date) -> None:
    if on > today:
        raise Refused(
            RefusalCode.MALFORMED, "This day has not come yet. Choose the day on which the sheet was written."
        )
    if on.year < 2000:
        raise Refused(
            RefusalCode.MALFORMED, "This day is too long ago. Choose the day on which the sheet was written."
        )


def _count_of(tx: Tx, values: Mapping[str, Any]) -> int:
    record = tx.sql.one(_SAME_SHEET, values)
    return int(record[0]) if record else 0
