"""What a door's counter tells: how many went in and out in a span of time.

A counter sends again what it got no answer for, so the same span with the same figures is known and changes nothing. Another figure for a known
span, or a span that overlaps a known one, is refused: added up, somebody would be counted twice. All that one call tells is taken,
or none of it. A day's figures are the sum of its spans, so they begin from nought each day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, NoReturn
from zoneinfo import ZoneInfo

from server.clock import from_micros, to_micros
from server.domain.past_lines import MOST_THROUGH_A_DOOR, day_of, span_fault
from server.domain.refusals import Refused
from server.store.queries import counts
from server.store.sql import Statement
from server.store.tx import Tx
from wire.asks import clean_text
from wire.vocabulary import RefusalCode

MOST_SPANS = 500
AHEAD = timedelta(minutes=2)
"""How far a counter's clock may be ahead of the server's."""
OLDEST = timedelta(days=31)
FIRST_YEAR, LAST_YEAR = 1970, 2999

_SAME = Statement(
    """SELECT went_in, went_out FROM door_count
    WHERE centre_id = :centre AND door = :door AND from_at = :from_at AND until_at = :until_at"""
)
_OVERLAPS = Statement(
    """SELECT from_at, until_at FROM door_count WHERE centre_id = :centre AND counted_on >= :first AND counted_on <= :last
    AND door = :door AND from_at < :until_at AND until_at > :from_at LIMIT 1"""
)
_ADD = Statement(
    """INSERT INTO door_count (centre_id, device_id, door, counted_on, from_at, until_at, went_in, went_out)
    VALUES (:centre, :device, :door, :counted_on, :from_at, :until_at, :went_in, :went_out)"""
)
_SEEN = Statement("UPDATE device SET seen_at = :at WHERE id = :device AND revoked_at IS NULL")


class Span(NamedTuple):
    door: str
    begins: datetime
    ends: datetime
    went_in: int
    went_out: int


def read_spans(document: Any) -> list[Span]:
    """One span or a list of them, from JSON. Refuses with the number of the entry and what is wrong with it."""
    entries = document if isinstance(document, list) else [document]
    if not 0 < len(entries) <= MOST_SPANS:
        raise Refused(RefusalCode.MALFORMED, f"Send from 1 to {MOST_SPANS} spans at once.")
    return [_read(number, entry) for number, entry in enumerate(entries, 1)]


def _read(number: int, entry: Any) -> Span:
    if not isinstance(entry, Mapping):
        _refuse(number, "it is not an object with from, until, in and out")
    odd = sorted(set(entry) - {"door", "from", "until", "in", "out"})
    if odd:
        _refuse(number, f"it has a field that is not known: {str(odd[0])[:40]}")
    door = entry.get("door", "")
    if not isinstance(door, str) or len(door) > 60:
        _refuse(number, "door must be text of at most 60 characters")
    begins, ends = _instant(number, entry, "from"), _instant(number, entry, "until")
    return Span(clean_text(door), begins, ends, _people(number, entry, "in"), _people(number, entry, "out"))


def _instant(number: int, entry: Mapping[str, Any], name: str) -> datetime:
    told = entry.get(name)
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        _refuse(number, f"{name} must be a time with its offset, such as 2026-11-24T09:00:00Z")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:  # near the ends of the calendar times cannot be reckoned with
        _refuse(number, f"{name} is of the year {at.year}. Set the counter's clock")
    return at


def _people(number: int, entry: Mapping[str, Any], name: str) -> int:
    told = entry.get(name)
    if isinstance(told, bool) or not isinstance(told, int):
        _refuse(number, f"{name} must be a whole number")
    if told < 0:
        _refuse(number, f"{name} is less than nought")
    if told > MOST_THROUGH_A_DOOR:
        _refuse(number, f"{name} is more than {MOST_THROUGH_A_DOOR:,}, which cannot be")
    return told


def _refuse(number: int, why: str, code: RefusalCode = RefusalCode.MALFORMED) -> NoReturn:
    raise Refused(code, f"Nothing was taken. Entry {number}: {why}.")


def tell(tx: Tx, spans: Sequence[Span]) -> dict[str, Any]:
    """Take these spans; how many were new, how many known, and today's sums of this centre."""
    centre = tx.actor.centre
    zone = ZoneInfo(counts.zone_name(tx.sql, centre))
    taken = sum(_tell(tx, number, span, zone) for number, span in enumerate(spans, 1))
    tx.sql.run(_SEEN, {"at": tx.now, "device": tx.actor.id})
    today = from_micros(tx.now).astimezone(zone).date()
    sums = counts.door_sums(tx.sql, centre, today, today)
    return {
        "taken": taken,
        "known": len(spans) - taken,
        "today": {"in": sum(each.went_in for each in sums), "out": sum(each.went_out for each in sums)},
    }


def _tell(tx: Tx, number: int, span: Span, zone: ZoneInfo) -> bool:
    """False when it was known."""
    now = from_micros(tx.now)
    why = span_fault(span.begins, span.ends, zone)
    if why:
        _refuse(number, why.rstrip(".").replace("The span", "the span"))
    if span.ends > now + AHEAD:
        _refuse(number, "until has not come yet by the server's clock. Set the counter's clock")
    if span.begins < now - OLDEST:
        _refuse(number, f"from is more than {OLDEST.days} days ago. Import it as a file on the page Counts")
    on = day_of(span.begins, span.ends, zone)
    values = {
        "centre": tx.actor.centre,
        "device": tx.actor.id or None,
        "door": span.door,
        "counted_on": on.isoformat(),
        "first": (on - timedelta(days=1)).isoformat(),
        "last": (on + timedelta(days=1)).isoformat(),
        "from_at": to_micros(span.begins),
        "until_at": to_micros(span.ends),
        "went_in": span.went_in,
        "went_out": span.went_out,
    }
    same = tx.sql.one(_SAME, values)
    if same is not None and tuple(same) == (span.went_in, span.went_out):
        return False
    if same is not None:
        _refuse(
            number,
            f"this span was told before as {same[0]} in and {same[1]} out, which stays",
            RefusalCode.WRONG_STATE,
        )
    over = tx.sql.one(_OVERLAPS, values)
    if over is not None:
        told = " to ".join(f"{from_micros(at).astimezone(zone):%H:%M}" for at in over)
        _refuse(number, f"it overlaps the span from {told} that was told before", RefusalCode.WRONG_STATE)
    tx.sql.run(_ADD, values)
    return True
