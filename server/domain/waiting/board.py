"""The floor laid out as arrays, so that all futures can be played side by side (`play`).

Waiting tickets that the same desks serve and that earn priority alike are a line: its head is always its best, whatever the moment (docs/selection.md). Whoever's turn comes by a
moment of its own stands in a line alone: one of two needs of a visitor, one expected for an appointment, one kept for somebody. Each line's tickets are neighbouring slots, with an empty one
behind. Instants count from now. Instants far ahead (`NEVER`) mean that nobody comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from server.domain.selection import GRACE, HEAD_START, MINUTE, booking_counts_from
from server.domain.usual import Usual
from server.domain.waiting.asked import Desk, Habits, Queued
from server.domain.waiting.chance import FUTURES, ROWS, Chances, Ints, Rows, lasts, left_of
from server.domain.waiting.told import HONEST_MINUTES
from wire.vocabulary import TicketClass

NEVER = 1 << 45
"""A year and more."""
LONGEST_AGO = 1 << 40
"""Twelve days: whoever has waited longer is played as having waited so long."""
HORIZON = 2 * HONEST_MINUTES * MINUTE
"""So far ahead the floor is played."""
EXPECTED_WITHIN = HONEST_MINUTES * MINUTE
"""Appointments further ahead are not reckoned with: by then much else has changed."""
LATE_WITHIN = 15 * MINUTE
"""Nor are those whose time was longer ago: most of them do not come."""
COME_LATE = 0.3
"""So many of those who come for an appointment come after its time."""
MOST_COMING = 24
"""So many who may still come are played at most, of one service."""
MOST_PLAYED = 4000
"""So many waiting tickets are played at most: nobody behind could be told a range."""


class Entry(NamedTuple):
    """One who may be called. `ticket` is empty for one who is not here: nobody is told their wait."""

    counts_from: int
    arrived_at: int
    ticket: str
    service: int
    name: str


@dataclass(slots=True)
class Line:
    ticket_class: TicketClass
    mask: int
    """The desks that may call it."""
    first_here: bool = False
    quick: bool = False
    skilled: int = 0
    """The desks whose person was asked for."""
    kept: int = 0
    """Those of them that are there now: the others leave it to them for a while."""
    visit: str = ""
    """Whose other needs it waits for, where there are any."""
    held_from: int = 0
    """How long after its wait began to count its visitor came, where others keep it for somebody."""
    expected: bool = False
    coming: bool = False
    entries: list[Entry] = field(default_factory=list)

    @property
    def special(self) -> bool:
        return bool(self.quick or self.skilled or self.visit or self.expected or self.coming)


@dataclass(slots=True)
class Board:
    """What `play` plays. Slots and lines run along the first axis, futures along the last."""

    lines: list[Line]
    slots: list[Entry | None]
    first_slot: Ints
    line_of: Ints
    counts_from: Ints
    visit_takes: Ints
    """How long the visitor is at the desk,"""
    desk_takes: Ints
    """and how long until the desk calls the next."""
    leaves_at: Ints | None
    free_at: Ints
    closes_at: Ints
    lunch_at: Ints | None
    """By desk, when it goes to lunch, where any still may;"""
    lunch_takes: Ints | None
    after_quick: list[bool]
    visits: list[str]
    """Those with several needs; the first place stands for all others."""
    not_before: Ints
    """By visit: until when they are at a desk."""


class Layout:
    """Lays out one floor. `no_desk` and `unknown` are the tickets that are not played."""

    def __init__(
        self, desks: Sequence[Desk], usual: Mapping[int, Usual], now: int, habits: Habits, drawn: Chances
    ) -> None:
        self._usual, self._now, self._habits, self._drawn = usual, now, habits, drawn
        self._rows = Rows()
        self._desks = desks
        self._ends_at = np.empty((len(desks), FUTURES), np.int64)
        self._free_at = np.empty((len(desks), FUTURES), np.int64)
        for index, desk in enumerate(desks):
            self._set_desk(index, desk)
        there = [not desk.planned for desk in desks]
        self.masks = _masks(desk.services for desk in desks)
        self.open_masks = _masks(
            desk.services if is_there else () for desk, is_there in zip(desks, there, strict=True)
        )
        self._skilled = _masks(desk.skills for desk in desks)
        self._skilled_now = _masks(
            () if desk.planned or desk.paused_at is not None else desk.skills for desk in desks
        )
        self._place = {desk.counter: index for index, desk in enumerate(desks) if not desk.planned}
        self.no_desk: list[str] = []
        self.unknown: list[str] = []

    def board(
        self, queue: Iterable[Queued], away: Collection[str], expected: Iterable[tuple[int, int]]
    ) -> Board:
        lines = [*self._lines_of(queue, away), *self._lines_expected(expected), *self._lines_coming()]
        lines.sort(key=lambda line: line.special)
        slots: list[Entry | None] = []
        first_slot, line_of = [], []
        for number, line in enumerate(lines):
            line.entries.sort()
            first_slot.append(len(slots))
            slots += [*line.entries, None]
            line_of += [number] * (len(line.entries) + 1)
        visits = ["", *sorted({line.visit for line in lines if line.visit})]
        visit_takes, desk_takes, leaves_at = self._takes(slots)
        lunch_at, lunch_takes = self._lunches()
        return Board(
            lines,
            slots,
            np.array(first_slot, np.int64),
            np.array(line_of, np.int64),
            self._counts_from(lines, slots),
            visit_takes,
            desk_takes,
            leaves_at,
            self._free_at,
            np.array([self._from_now(desk.closes_at) for desk in self._desks], np.int64),
            lunch_at,
            lunch_takes,
            [desk.after_quick for desk in self._desks],
            visits,
            self._not_before(visits),
        )

    def _from_now(self, at: int | None) -> int:
        return NEVER if at is None else max(at - self._now, -LONGEST_AGO)

    # The desks --------------------------------------------------------------------------------------------

    def _set_desk(self, index: int, desk: Desk) -> None:
        """When its visitor goes, and when it calls the next."""
        habits, drawn = self._habits, self._drawn
        row = self._rows.of(f"desk {desk.counter} {desk.busy_since}")
        ends_at = np.zeros(FUTURES, np.int64)
        if desk.busy_with is not None:
            elapsed = self._now - desk.busy_since
            ends_at = left_of(self._usual[desk.busy_with], elapsed, row, drawn)
            share = habits.no_show.get(desk.busy_with, 0.0)
            if not desk.busy_present and share and habits.no_show_takes:
                nobody = left_of(habits.no_show_takes, elapsed, row, drawn)
                ends_at = np.where(drawn.other[row] < share, nobody, ends_at)
        free_at = ends_at
        if habits.turnaround is not None:
            if desk.busy_with is not None:
                free_at = ends_at + lasts([habits.turnaround], np.array([row]), [0], drawn)[0]
            elif desk.free_since is not None:
                free_at = left_of(habits.turnaround, self._now - desk.free_since, row, drawn)
        if desk.paused_at is not None:
            usual = desk.pause or habits.breaks.lasts
            back_at = (
                left_of(usual, self._now - desk.paused_at, row, drawn)
                if usual
                else np.full(FUTURES, NEVER, np.int64)
            )
            free_at = np.maximum(free_at, back_at)
        if desk.opens_at is not None:
            free_at = np.maximum(free_at, self._from_now(desk.opens_at))
        self._ends_at[index], self._free_at[index] = ends_at, np.minimum(free_at, NEVER)

    def _lunches(self) -> tuple[Ints, Ints] | tuple[None, None]:
        lunch, drawn = self._habits.lunch, self._drawn
        if lunch.lasts is None or not lunch.begins or not lunch.share:
            return None, None
        rows = np.array([self._rows.of(f"lunch {desk.counter}") for desk in self._desks], np.int64)
        begins = np.array(sorted(lunch.begins), np.int64)[
            (drawn.even[rows] * len(lunch.begins)).astype(np.int64)
        ]
        share = np.array([0.0 if desk.had_lunch else lunch.share for desk in self._desks])[:, None]
        takes = lasts([lunch.lasts] * len(rows), rows, [0] * len(rows), drawn)
        return np.where(drawn.other[rows] < share, begins, NEVER), takes

    def _not_before(self, visits: list[str]) -> Ints:
        """One row a visit, and one more for what concerns none."""
        until = np.zeros((len(visits) + 1, FUTURES), np.int64)
        for index, desk in enumerate(self._desks):
            if desk.visit in visits[1:]:
                until[visits.index(desk.visit or "")] = self._ends_at[index]
        return until

    # The lines --------------------------------------------------------------------------------------------

    def _lines_of(self, queue: Iterable[Queued], away: Collection[str]) -> Iterator[Line]:
        at_desks = {desk.visit for desk in self._desks if desk.visit is not None}
        waiting = sorted(queue, key=lambda each: (each.counts_from, each.arrived_at, each.ticket))
        self.unknown += [each.ticket for each in waiting[MOST_PLAYED:]]
        waiting = waiting[:MOST_PLAYED]
        times = Counter(each.visit for each in waiting)
        lines: dict[object, Line] = {}
        for each in waiting:
            mask = self._mask_of(each)
            if mask == 0:
                self.no_desk.append(each.ticket)
            elif each.visit in away:
                self.unknown.append(each.ticket)
            else:
                together = times[each.visit] > 1 or each.visit in at_desks
                fresh = self._line_for(each, mask, each.visit if together else "")
                alone = together or (fresh.kept and each.counts_from != each.arrived_at)
                key = (
                    fresh.first_here, each.ticket_class, mask, each.quick, fresh.skilled, fresh.kept,
                    each.ticket if alone else "",
                )  # fmt: skip
                entry = Entry(each.counts_from, each.arrived_at, each.ticket, each.service, each.ticket)
                lines.setdefault(key, fresh).entries.append(entry)
        yield from lines.values()

    def _mask_of(self, each: Queued) -> int:
        """The desks that may call it; none when nobody who may is there, though the roster has somebody later."""
        if each.for_counter is not None:
            return 1 << self._place[each.for_counter] if each.for_counter in self._place else 0
        return self.masks.get(each.service, 0) if self.open_masks.get(each.service) else 0

    def _line_for(self, each: Queued, mask: int, visit: str) -> Line:
        directed = each.for_counter is not None
        skilled = kept = 0
        if each.wants is not None:
            skilled = self._skilled.get(each.wants, 0) & mask
            kept = 0 if directed else self._skilled_now.get(each.wants, 0) & mask
        held_from = each.arrived_at - each.counts_from
        return Line(each.ticket_class, mask, directed, each.quick, skilled, kept, visit, held_from)

    def _lines_expected(self, expected: Iterable[tuple[int, int]]) -> Iterator[Line]:
        for number, (service, at) in enumerate(sorted(expected)):
            mask = self.masks.get(service, 0)
            if mask and self._now - LATE_WITHIN < at <= self._now + EXPECTED_WITHIN:
                name = f"expected {number} {service} {at}"
                entry = Entry(booking_counts_from(at, at), at, "", service, name)
                yield Line(TicketClass.BOOKED, mask, expected=True, entries=[entry])

    def _lines_coming(self) -> Iterator[Line]:
        for each in self._habits.coming:
            mask = self.masks.get(each.service, 0)
            hours = HORIZON / (60 * MINUTE) / 2
            number = min(MOST_COMING, round(each.an_hour * hours + 2 * (each.an_hour * hours) ** 0.5))
            if mask and number and each.an_hour > 0:
                entries = [
                    Entry(NEVER, NEVER, "", each.service, f"coming {each.service} {one:02}")
                    for one in range(number)
                ]
                yield Line(each.ticket_class, mask, coming=True, entries=entries)

    # The times --------------------------------------------------------------------------------------------

    def _counts_from(self, lines: list[Line], slots: list[Entry | None]) -> Ints:
        since = [NEVER if each is None else max(each.counts_from - self._now, -LONGEST_AGO) for each in slots]
        counts_from = np.repeat(np.array(since, np.int64)[:, None], FUTURES, axis=1)
        rates = {each.service: each.an_hour for each in self._habits.coming}
        slot = 0
        for line in lines:
            behind = slot + len(line.entries)
            if line.expected:
                counts_from[slot] = self._expected_from(line.entries[0])
            if line.coming:
                rows = np.array([self._rows.of(each.name) for each in line.entries])
                gaps = -np.log1p(-self._drawn.even[rows].astype(np.float64)) / rates[line.entries[0].service]
                counts_from[slot:behind] = np.cumsum(gaps * 60 * MINUTE, axis=0).astype(np.int64)
            slot = behind + 1
        return counts_from

    def _expected_from(self, entry: Entry) -> Ints:
        """From when an appointment counts in each future; never where its visitor does not come."""
        row = self._rows.of(entry.name)
        late = self._now - entry.arrived_at
        missed = self._habits.missed
        if late < 0:
            comes = np.full(FUTURES, -late, np.int64)
            share = 1 - missed
        else:
            still = (1 - missed) * COME_LATE * (1 - late / LATE_WITHIN)
            share = still / (still + missed)
            comes = (self._drawn.even[row] * (LATE_WITHIN - late)).astype(np.int64)
        counts_from = np.maximum(-late, comes - GRACE) - HEAD_START
        return np.where(self._drawn.other[row] < share, counts_from, NEVER)

    def _takes(self, slots: list[Entry | None]) -> tuple[Ints, Ints, Ints | None]:
        """How long each keeps its visitor and the desk; and when each leaves, where people do."""
        habits, drawn = self._habits, self._drawn
        services = [0 if each is None else each.service for each in slots]
        usuals = [Usual(1, 0, 0) if each is None else self._usual[each.service] for each in slots]
        rows = np.array([0 if each is None else self._rows.of(each.name) for each in slots], np.int64)
        visit = lasts(usuals, rows, services, drawn) if slots else np.zeros((0, FUTURES), np.int64)
        desk = visit
        if habits.no_show_takes is not None and habits.no_show and slots:
            share = np.array([habits.no_show.get(service, 0.0) for service in services])[:, None]
            nobody = lasts([habits.no_show_takes] * len(slots), rows, services, drawn)
            visit = desk = np.where(drawn.even[rows] < share, nobody, visit)
        if habits.turnaround is not None and slots:
            desk = desk + lasts([habits.turnaround] * len(slots), _other(rows, 1), services, drawn)
        if habits.breaks.lasts is not None and habits.breaks.an_hour > 0 and slots:
            begins = -np.expm1(desk * (-habits.breaks.an_hour / (60 * MINUTE)))
            rest = lasts([habits.breaks.lasts] * len(slots), _other(rows, 2), services, drawn)
            desk = desk + np.where(drawn.other[_other(rows, 3)] < begins, rest, 0)
        if not habits.leave_an_hour:
            return visit, desk, None
        hours = -np.log1p(-drawn.other[rows].astype(np.float64)) / habits.leave_an_hour
        return visit, desk, np.minimum(hours * (60 * MINUTE), NEVER).astype(np.int64)


def _other(rows: Ints, turn: int) -> Ints:
    """Rows whose chances have little to do with those of `rows`."""
    return (rows * 5 + 171 * turn) % ROWS


def _masks(each_desk: Iterable[Iterable[object]]) -> dict[object, int]:
    masks: dict[object, int] = {}
    for index, things in enumerate(each_desk):
        for thing in things:
            masks[thing] = masks.get(thing, 0) | 1 << index
    return masks
