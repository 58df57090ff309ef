"""The floor laid out as arrays, so that all futures can be played side by side (`play`).

Each line's tickets are neighbouring slots, with an empty one behind. Slots, lines and desks run along the first axis, futures along the last. Instants count from now, in microseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.domain.waiting.asked import Desk
from server.domain.waiting.chance import FUTURES, Ints
from server.domain.waiting.lines import NEVER, Entry, Line
from server.domain.waiting.times import DeskTimes, Times, VisitTimes

LONGEST_AGO = 1 << 40
"""Twelve days: whoever has waited longer is played as having waited so long."""


@dataclass(slots=True)
class Board:
    """What `play` plays, and changes while it does."""

    lines: list[Line]
    slots: list[Entry | None]
    first_slot: Ints
    line_of: Ints
    counts_from: Ints
    visits: VisitTimes
    desks: DeskTimes
    closes_at: Ints
    after_quick: list[bool]
    together: list[str]
    """The visits with several needs; the first place stands for all others."""
    not_before: Ints
    """By those: until when they are at a desk; and one more row that nothing is read of."""


def board_of(lines: list[Line], desks: Sequence[Desk], times: Times, now: int) -> Board:
    """Lines with nothing of their own come first: the step is shorter for those."""
    lines = sorted(lines, key=lambda line: line.special)
    slots: list[Entry | None] = []
    first_slot, line_of = [], []
    for number, line in enumerate(lines):
        line.entries.sort()
        first_slot.append(len(slots))
        slots += [*line.entries, None]
        line_of += [number] * (len(line.entries) + 1)
    together = ["", *sorted({line.visit for line in lines if line.visit})]
    of_desks = times.of_desks(desks)
    of_visits = times.of_visits(slots)
    return Board(
        lines,
        slots,
        np.array(first_slot, np.int64),
        np.array(line_of, np.int64),
        _counts_from(lines, slots, times, now),
        of_visits,
        of_desks,
        np.array([NEVER if each.closes_at is None else each.closes_at - now for each in desks], np.int64),
        [desk.after_quick for desk in desks],
        together,
        _not_before(together, desks, of_desks.ends_at),
    )


def _counts_from(lines: list[Line], slots: list[Entry | None], times: Times, now: int) -> Ints:
    since = [NEVER if each is None else max(each.counts_from - now, -LONGEST_AGO) for each in slots]
    counts_from = np.repeat(np.array(since, np.int64)[:, None], FUTURES, axis=1)
    slot = 0
    for line in lines:
        behind = slot + len(line.entries)
        if line.expected:
            counts_from[slot] = times.expected_from(line.entries[0])
        elif line.an_hour:
            counts_from[slot:behind] = times.coming_at(line.entries, line.an_hour)
        slot = behind + 1
    return counts_from


def _not_before(together: list[str], desks: Sequence[Desk], ends_at: Ints) -> Ints:
    until = np.zeros((len(together) + 1, FUTURES), np.int64)
    for index, desk in enumerate(desks):
        if desk.visit in together[1:]:
            until[together.index(desk.visit or "")] = ends_at[index]
    return until
