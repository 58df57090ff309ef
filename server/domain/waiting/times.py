"""How long everything on a floor takes in each future: visits, calls to which nobody comes, what a desk does between two visits, breaks, lunch.

Drawn from what is usual (`chance`), given how long it has lasted already. Rows are of one thing each (a ticket, a desk), columns are futures; all are microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp
from typing import NamedTuple

import numpy as np

from server.domain.selection import HEAD_START, MINUTE
from server.domain.usual import Usual
from server.domain.waiting.asked import Desk, Habits
from server.domain.waiting.chance import FUTURES, ROWS, Chances, Ints, Rows, lasts, left_of
from server.domain.waiting.lines import LATE_WITHIN, NEVER, Entry

COME_LATE = 0.3
"""So many of those who come for an appointment come after its time."""


class DeskTimes(NamedTuple):
    """By desk: when its visitor goes, when it calls the next, when it goes to lunch, and how long that takes. Lunch is None where nobody goes any more."""

    ends_at: Ints
    free_at: Ints
    lunch_at: Ints | None
    lunch_takes: Ints | None


class VisitTimes(NamedTuple):
    """By slot: how long its visitor is at the desk, how long until the desk calls the next, and when who waits leaves, where people do."""

    visit_takes: Ints
    desk_takes: Ints
    leaves_at: Ints | None


class Times:
    """Draws them. The order in which things are asked for decides which chances they get, so it is always the same."""

    def __init__(self, usual: Mapping[int, Usual], now: int, habits: Habits, drawn: Chances) -> None:
        self._usual, self._now, self._habits, self._drawn = usual, now, habits, drawn
        self._rows = Rows()

    def of_desks(self, desks: Sequence[Desk]) -> DeskTimes:
        ends_at = np.empty((len(desks), FUTURES), np.int64)
        free_at = np.empty((len(desks), FUTURES), np.int64)
        for index, desk in enumerate(desks):
            row = self._rows.of(f"desk {desk.counter} {desk.busy_since}")
            ends_at[index] = self._ends_at(desk, row)
            free_at[index] = self._free_at(desk, ends_at[index], row)
        return DeskTimes(ends_at, free_at, *self._lunches(desks))

    def _ends_at(self, desk: Desk, row: int) -> Ints:
        """When its visitor goes: for one who was called and has not come, that may be soon."""
        if desk.busy_with is None:
            return np.zeros(FUTURES, np.int64)
        elapsed = self._now - desk.busy_since
        ends_at = left_of(self._usual[desk.busy_with], elapsed, row, self._drawn)
        habits, drawn = self._habits, self._drawn
        if desk.busy_present or habits.no_show_takes is None:
            return ends_at
        # The longer nobody has come, the less likely it is that anybody will.
        share = habits.no_show.get(desk.busy_with, 0.0)
        coming = (1 - share) * exp(-max(elapsed, 0) / MINUTE / max(habits.walk_minutes, 0.1))
        share = share / (share + coming) if share else 0.0
        nobody = left_of(habits.no_show_takes, elapsed, row, drawn)
        return np.where(drawn.other[row] < share, nobody, ends_at)

    def _free_at(self, desk: Desk, ends_at: Ints, row: int) -> Ints:
        habits, drawn, free_at = self._habits, self._drawn, ends_at
        if habits.turnaround is not None and desk.busy_with is not None:
            free_at = free_at + lasts([habits.turnaround], np.array([row]), [0], drawn)[0]
        elif habits.turnaround is not None and desk.free_since is not None:
            free_at = left_of(habits.turnaround, self._now - desk.free_since, row, drawn)
        if desk.busy_with is not None:
            free_at = free_at + self._rest(np.array([row]), free_at[None, :])[0]
        if desk.paused_at is not None:
            usual = desk.pause or habits.breaks.lasts
            back = left_of(usual, self._now - desk.paused_at, row, drawn) if usual else NEVER
            free_at = np.maximum(free_at, back)
        if desk.opens_at is not None:
            free_at = np.maximum(free_at, desk.opens_at - self._now)
        return np.minimum(free_at, NEVER)

    def _lunches(self, desks: Sequence[Desk]) -> tuple[Ints, Ints] | tuple[None, None]:
        lunch, drawn = self._habits.lunch, self._drawn
        if lunch.lasts is None or not lunch.begins or not lunch.share or not desks:
            return None, None
        rows = np.array([self._rows.of(f"lunch {desk.counter}") for desk in desks], np.int64)
        which = (drawn.even[rows] * len(lunch.begins)).astype(np.int64)
        begins = np.array(sorted(lunch.begins), np.int64)[which]
        share = np.array([0.0 if desk.had_lunch else lunch.share for desk in desks])[:, None]
        takes = lasts([lunch.lasts] * len(rows), rows, [0] * len(rows), drawn)
        return np.where(drawn.other[rows] < share, begins, NEVER), takes

    def of_visits(self, slots: Sequence[Entry | None]) -> VisitTimes:
        habits, drawn = self._habits, self._drawn
        if not slots:
            none = np.zeros((0, FUTURES), np.int64)
            return VisitTimes(none, none, None)
        services = [0 if each is None else each.service for each in slots]
        usuals = [_NOTHING if each is None else self._usual[each.service] for each in slots]
        rows = np.array([0 if each is None else self._rows.of(each.name) for each in slots], np.int64)
        visit = lasts(usuals, rows, services, drawn)
        if habits.no_show_takes is not None and habits.no_show:
            share = np.array([habits.no_show.get(service, 0.0) for service in services])[:, None]
            nobody = lasts([habits.no_show_takes] * len(slots), rows, services, drawn)
            visit = np.where(drawn.even[rows] < share, nobody, visit)
        desk = visit
        if habits.turnaround is not None:
            desk = desk + lasts([habits.turnaround] * len(slots), _other(rows, 1), services, drawn)
        desk = desk + self._rest(rows, desk)
        if not habits.leave_an_hour:
            return VisitTimes(visit, desk, None)
        hours = -np.log1p(-drawn.other[rows].astype(np.float64)) / habits.leave_an_hour
        return VisitTimes(visit, desk, np.minimum(hours * (60 * MINUTE), NEVER).astype(np.int64))

    def _rest(self, rows: Ints, after: Ints) -> Ints:
        """The break that a desk goes on after so long a time of work; mostly none."""
        breaks, drawn = self._habits.breaks, self._drawn
        if breaks.lasts is None or breaks.an_hour <= 0:
            return np.zeros_like(after)
        begins = -np.expm1(after * (-breaks.an_hour / (60 * MINUTE)))
        takes = lasts([breaks.lasts] * len(rows), _other(rows, 2), [0] * len(rows), drawn)
        return np.where(drawn.other[_other(rows, 3)] < begins, takes, 0)

    def expected_from(self, entry: Entry) -> Ints:
        """From when an appointment counts in each future; never where its visitor does not come. Who is late still comes within `LATE_WITHIN`, less likely the later it is."""
        row = self._rows.of(entry.name)
        late = self._now - entry.arrived_at
        share = 1 - self._habits.missed
        comes = np.full(FUTURES, -late, np.int64)
        if late >= 0:
            still = share * COME_LATE * (1 - late / LATE_WITHIN)
            share = still / (still + self._habits.missed) if still > 0 else 0.0
            comes = (self._drawn.even[row] * (LATE_WITHIN - late)).astype(np.int64)
        return np.where(self._drawn.other[row] < share, comes - HEAD_START, NEVER)

    def coming_at(self, entries: Sequence[Entry], an_hour: float) -> Ints:
        """When each of those who may still come comes, one after the other."""
        rows = np.array([self._rows.of(each.name) for each in entries], np.int64)
        gaps = -np.log1p(-self._drawn.even[rows].astype(np.float64)) / an_hour
        return np.cumsum(gaps * 60 * MINUTE, axis=0).astype(np.int64)


_NOTHING = Usual(1, 0, 0)


def _other(rows: Ints, turn: int) -> Ints:
    """Rows whose chances have little to do with those of `rows`."""
    return (rows * 5 + 171 * turn) % ROWS
