"""The slots of a service: at what times one may begin on the local clock, and what is said of a day that has none.

A slot begins on the grid of its opening: `every_minutes` on the local clock, counted from the time the doors open or the pattern begins, because
that is what a person reads on the door (09:30, 09:50, 10:10). Its length is real minutes. So on the night the clock goes forward an hour has no
slots, for it does not exist; and on the night it goes back the hour that comes twice has slots in its first showing only, for nobody could
tell which of two half past ones is meant.

Everything is minutes since 1970 in UTC, worked out here from the local clock; whom a slot would take is `domain.capacity`'s to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from server.domain.capacity import Capacity, LocalDay, Stretch
from server.domain.hours import Span, Usual, midnight, span_on

MINUTE = 60_000_000
"""Microseconds."""
_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Why = Literal["", "closed", "full", "too_soon", "too_far", "none"]


class Slot(NamedTuple):
    """The visitor's own time, microseconds since 1970 in UTC."""

    starts_at: int
    ends_at: int


@dataclass(frozen=True)
class Day:
    """`why` it has no slots: `closed` it has no hours; `full`; `too_soon` all of it is past or within the notice; `too_far` ahead; `none` nobody
    is there whom an appointment needs, or it is not offered to who asks."""

    on: date
    slots: tuple[Slot, ...]
    why: Why = ""


@dataclass(frozen=True)
class Bounds:
    """From when and until which date somebody may book."""

    earliest: int
    last_on: date


def minute_of(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(minutes=1)


def at_minute(minute: int) -> datetime:
    return _EPOCH + timedelta(minutes=minute)


def local_day(on: date, zone: ZoneInfo) -> LocalDay:
    return LocalDay(on, minute_of(midnight(on, zone)), minute_of(midnight(on + _DAY, zone)))


def stretches(spans: Iterable[Span]) -> list[Stretch]:
    return [Stretch(minute_of(opens_at), minute_of(closes_at)) for opens_at, closes_at in spans]


def common(ours: Sequence[Stretch], theirs: Sequence[Stretch]) -> list[Stretch]:
    """Where both are, each piece of one opening by itself: the grid begins anew with each."""
    return [
        Stretch(max(one.starts, other.starts), min(one.ends, other.ends))
        for one in ours
        for other in theirs
        if one.starts < other.ends and other.starts < one.ends
    ]


def grid(openings: Iterable[Stretch], every: int, zone: ZoneInfo) -> list[int]:
    """The minutes at which slots of these openings begin, in order, each once."""
    starts: set[int] = set()
    for opening in openings:
        starts.update(_grid_of(opening, every, zone))
    return sorted(starts)


def _grid_of(opening: Stretch, every: int, zone: ZoneInfo) -> Iterator[int]:
    first, last = (at_minute(minute).astimezone(zone) for minute in opening)
    if first.utcoffset() == last.utcoffset() and not first.fold:
        yield from range(opening.starts, opening.ends, every)
        return
    # The clock moves meanwhile: walk along the wall clock, past what it skips, and through what it shows twice only once.
    local = first.replace(tzinfo=None, fold=0)
    until = max(last.replace(tzinfo=None), local + timedelta(minutes=opening.ends - opening.starts))
    while local <= until:
        at = local.replace(tzinfo=zone).astimezone(UTC)
        shown = at.astimezone(zone).replace(tzinfo=None, fold=0)
        if shown == local and opening.starts <= minute_of(at) < opening.ends:
            yield minute_of(at)
        local += timedelta(minutes=every)


def bounds(today: date, now: int, *, notice_hours: int, ahead_days: int) -> Bounds:
    """`now` in microseconds; a slot that begins this very instant is not past."""
    return Bounds(-(-now // MINUTE) + notice_hours * 60, today + ahead_days * _DAY)


def days_of(capacity: Capacity, starts: Sequence[int], limits: Bounds) -> list[Day]:
    """Each day of the capacity with its free slots."""
    length = capacity.offer.minutes * MINUTE
    by_day = {day.on: [start for start in starts if day.first <= start < day.last] for day in capacity.days}
    found = []
    for day in capacity.days:
        offered = by_day[day.on]
        timely = [start for start in offered if start >= limits.earliest]
        if day.on > limits.last_on:
            found.append(Day(day.on, (), "too_far"))
            continue
        free = capacity.bits(capacity.free, timely)
        slots = tuple(Slot(start * MINUTE, start * MINUTE + length) for start in free)
        found.append(Day(day.on, slots, "" if slots else _why_none(capacity, offered, timely)))
    return found


def _why_none(capacity: Capacity, offered: Sequence[int], timely: Sequence[int]) -> Why:
    if not offered:
        return "closed"
    if not timely:
        return "too_soon"
    return "full" if capacity.bits(capacity.served, timely) else "none"


def is_morning(start: int, zone: ZoneInfo) -> bool:
    """Of an instant in microseconds."""
    return (_EPOCH + timedelta(microseconds=start)).astimezone(zone).time() < time(12)


def nearest(days: Iterable[Day], wanted: int, most: int = 3) -> list[Slot]:
    """The free slots nearest to an instant (microseconds), in the order of the clock."""
    every = [slot for day in days for slot in day.slots]
    near = sorted(every, key=lambda slot: (abs(slot.starts_at - wanted), slot.starts_at))[:most]
    return sorted(near)


class LocalClock:
    """Turns local times of dates into stretches, each asked for once: twenty people keep much the same hours."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._known: dict[tuple[date, time, time], Stretch | None] = {}

    def stretches(self, usual: Sequence[Usual], dates: Iterable[date]) -> list[Stretch]:
        """When these weekly times fall on these dates."""
        found = []
        for on in dates:
            weekday = on.weekday()
            for each in usual:
                if each.weekday == weekday and each.holds(on):
                    stretch = self._stretch(on, each.opens, each.closes)
                    if stretch is not None:
                        found.append(stretch)
        return found

    def _stretch(self, on: date, opens: time, closes: time) -> Stretch | None:
        key = (on, opens, closes)
        if key not in self._known:
            span = span_on(on, opens, closes, self.zone)
            self._known[key] = None if span is None else stretches([span])[0]
        return self._known[key]
