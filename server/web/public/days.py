"""The choice of a time as a page shows it: the next free ones, a month to look around in, the times of one day. Pure.

Who wants any time takes the first button; who has only mornings says so once; who needs a certain day finds it in the month, where only days that have
a time can be pressed. After a time was lost the nearest ones come first, before and after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from server.clock import from_micros

NOON = 12
MOST_NEXT = 3


class Slot(Protocol):
    @property
    def starts_at(self) -> int: ...


class Day(Protocol):
    @property
    def on(self) -> date: ...
    @property
    def slots(self) -> Sequence[Slot]: ...


@dataclass(frozen=True)
class Cell:
    """One square of the month: a day with `free` times; None of a square before the first or after the last."""

    on: date
    free: int
    chosen: bool


@dataclass(frozen=True)
class Choice:
    """What can be chosen now. `first` are offered on top; `times` are the chosen day's (`on`); months before and after where there are any."""

    first: tuple[int, ...]
    on: date | None
    times: tuple[int, ...]
    month: date
    weeks: tuple[tuple[Cell | None, ...], ...]
    before: date | None
    after: date | None

    @property
    def any(self) -> bool:
        return bool(self.first)


def choice(
    days: Sequence[Day],
    zone: ZoneInfo,
    *,
    mornings_only: bool = False,
    on: date | None = None,
    month: date | None = None,
    near: int | None = None,
) -> Choice:
    """`days` in order; `on` and `month` are what was asked to see; `near` is the time that was lost or is to be moved."""
    free = {day.on: _times(day.slots, zone, mornings_only) for day in days}
    every = [at for times in free.values() for at in times]
    if near is not None:
        first = sorted(sorted(every, key=lambda at: (abs(at - near), at))[:MOST_NEXT])
    else:
        first = every[:MOST_NEXT]
    open_days = [day for day, times in free.items() if times]
    seen_on = on if on is not None and free.get(on) else None
    reach = [day.on for day in days] or [date(1970, 1, 1)]
    wanted = _month_of(month or seen_on or (open_days[0] if open_days else reach[0]))
    shown = min(max(wanted, _month_of(reach[0])), _month_of(reach[-1]))
    following = _month_of(shown + timedelta(days=31))
    return Choice(
        first=tuple(first),
        on=seen_on,
        times=free[seen_on] if seen_on else (),
        month=shown,
        weeks=tuple(_weeks(shown, free, seen_on)),
        before=_month_of(shown - timedelta(days=1)) if _month_of(reach[0]) < shown else None,
        after=following if following <= reach[-1] else None,
    )


def _times(slots: Iterable[Slot], zone: ZoneInfo, mornings_only: bool) -> tuple[int, ...]:
    return tuple(
        slot.starts_at
        for slot in slots
        if not mornings_only or from_micros(slot.starts_at).astimezone(zone).hour < NOON
    )


def _month_of(on: date) -> date:
    return on.replace(day=1)


def _weeks(
    month: date, free: dict[date, tuple[int, ...]], chosen: date | None
) -> Iterable[tuple[Cell | None, ...]]:
    """Weeks from Monday, as calendars here have them."""
    day = month - timedelta(days=month.weekday())
    while day.replace(day=1) <= month:
        week = [day + timedelta(days=each) for each in range(7)]
        yield tuple(
            Cell(each, len(free.get(each, ())), each == chosen) if each.month == month.month else None
            for each in week
        )
        day += timedelta(days=7)
