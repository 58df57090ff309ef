"""Half hours of an opening: what the forecast, the desks needed and the replay are told by. Pure.

A half hour is numbered from local midnight of the date the centre opens on, so 18 is 09:00 to 09:30 and, at a centre that is open past midnight, 49 is 00:30 to 01:00 of the day after.
On the night the clock goes forward two of them last no time at all; on the night it goes back the one before the change lasts an hour longer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

LENGTH = 30
"""Minutes."""
A_DAY = 48
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


class Halves(NamedTuple):
    """The half hours from number `first` on; `starts` (microseconds) holds one more: the end of the last."""

    first: int
    starts: tuple[int, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.starts) - 2

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)

    def of(self, at: int) -> int:
        """The half hour `at` lies in; the nearest one, if it lies before or after them all."""
        found = self.first + bisect_right(self.starts, at) - 1
        return min(max(found, self.first), self.last)

    def span(self, number: int) -> tuple[int, int]:
        at = number - self.first
        return self.starts[at], self.starts[at + 1]


def halves_of(on: date, first: int, last: int, zone: ZoneInfo) -> Halves:
    """From number `first` to `last`, both included."""
    starts = [_instant(on, number, zone) for number in range(first, last + 2)]
    for at in range(len(starts) - 2, -1, -1):  # the hour that is missing lasts no time
        starts[at] = min(starts[at], starts[at + 1])
    return Halves(first, tuple(starts))


def open_halves(on: date, spans: Iterable[tuple[datetime, datetime]], zone: ZoneInfo) -> dict[int, float]:
    """How much of each half hour the centre is open on `on`, from 0 to 1; those in which it is closed are left out."""
    found: dict[int, float] = {}
    for opens_at, closes_at in spans:
        begins, ends = _minutes(on, opens_at, zone), _minutes(on, closes_at, zone)
        for number in range(int(begins // LENGTH), int(-(-ends // LENGTH))):
            inside = min(ends, (number + 1) * LENGTH) - max(begins, number * LENGTH)
            if inside > 0:
                found[number] = min(1.0, found.get(number, 0.0) + inside / LENGTH)
    return dict(sorted(found.items()))


def number_of(on: date, at: datetime, zone: ZoneInfo) -> int:
    """The half hour of `on` in which `at` lies, by the clock on the wall."""
    return int(_minutes(on, at, zone) // LENGTH)


def said(number: int) -> str:
    """As people read it: `09:30`."""
    minutes = number * LENGTH % (24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def minutes_of(begins: str, ends: str) -> tuple[int, int]:
    """Local times `HH:MM` as minutes since midnight of the date they are of; what ends at or before it begins runs past midnight."""
    first, last = (int(text[:2]) * 60 + int(text[3:]) for text in (begins, ends))
    return first, last if last > first else last + 24 * 60


def _minutes(on: date, at: datetime, zone: ZoneInfo) -> float:
    local = at.astimezone(zone).replace(tzinfo=None)
    return (local - datetime.combine(on, time())).total_seconds() / 60


def _instant(on: date, number: int, zone: ZoneInfo) -> int:
    local = datetime.combine(on, time()) + timedelta(minutes=number * LENGTH)
    return (local.replace(tzinfo=zone).astimezone(UTC) - _EPOCH) // _MICRO
