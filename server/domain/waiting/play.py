"""Plays a floor forward, every future one call at a time, all futures side by side.

One step: in each future the desk that is free first calls whom `selection` would call there and then, and is taken for as long as that visit takes in that future. Who is best is one number
a line: its head's worth, above the order of ties, above the desks that may not call it; so the winner is a maximum, and the number tells who it is. Exact in whole microseconds, like the rule itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from server.domain.selection import HEAD_START, HOLD, MOST_OVERTAKEN, QUICK_LEAD, RATES, SKILL_LEAD
from server.domain.waiting.board import Board
from server.domain.waiting.chance import FUTURES, Ints
from server.domain.waiting.lines import HORIZON, NEVER, Line, Newcomer

TIES = 13
"""Bits of the order among equals."""
FIRST_HERE = 1 << 42 + TIES
"""More than any worth."""
NOBODY = -(1 << 61)
SOMEBODY = -(1 << 44 + TIES)
"""A best above this is somebody; below, an empty line or one that the desk may not call."""


class Played(NamedTuple):
    """When each slot is called in each future (`NEVER`: not), and after how many others by desks that may call it; and the same for newcomers."""

    called_at: Ints
    ahead: Ints
    came_at: Ints
    came_ahead: Ints


def play(board: Board, newcomers: Sequence[Newcomer]) -> Played:
    """All futures of `board`."""
    return _Play(board, newcomers).run()


def _bits(masks: Sequence[int], desks: int) -> Ints:
    """(masks, desks): one where the desk is in the mask."""
    return np.array([[mask >> desk & 1 for desk in range(desks)] for mask in masks], np.int64).reshape(
        len(masks), desks
    )


class _Play:
    def __init__(self, board: Board, newcomers: Sequence[Newcomer]) -> None:
        self._board = board
        lines, slots = board.lines, len(board.slots)
        self._desks = len(board.after_quick)
        self._futures = np.arange(FUTURES)
        self._order_slots()
        self._times = np.array([[RATES[line.ticket_class].times - 1] for line in lines], np.int64).reshape(
            -1, 1
        )
        self._most = np.array([[RATES[line.ticket_class].most_lead] for line in lines], np.int64).reshape(
            -1, 1
        )
        self._base = np.where(_bits([line.mask for line in lines], self._desks) > 0, 0, NOBODY)
        self._base += np.array([[FIRST_HERE if line.first_here else 0] for line in lines], np.int64).reshape(
            -1, 1
        )
        self._plain = sum(not line.special for line in lines)
        self._set_specials(lines[self._plain :])
        self._set_masks(lines, newcomers)
        self._slot = np.repeat(board.first_slot[:, None], FUTURES, axis=1)
        self._head = board.counts_from[board.first_slot] if lines else np.zeros((0, FUTURES), np.int64)
        self._tie = self._tie_of_slot[self._slot] if lines else self._head
        self.called_at = np.full((slots, FUTURES), NEVER, np.int64)
        self.ahead = np.zeros((slots, FUTURES), np.int64)
        self.came_at = np.full((len(newcomers), FUTURES), NEVER, np.int64)
        self.came_ahead = np.zeros((len(newcomers), FUTURES), np.int64)
        self._pending = np.ones((len(newcomers), FUTURES), bool)
        self._came_times = np.array(
            [[RATES[each.ticket_class].times - 1] for each in newcomers], np.int64
        ).reshape(-1, 1)
        self._came_most = np.array(
            [[RATES[each.ticket_class].most_lead] for each in newcomers], np.int64
        ).reshape(-1, 1)
        self._left = sum(each is not None and each.ticket != "" for each in board.slots) * FUTURES
        self._told = np.array([each is not None and each.ticket != "" for each in board.slots], bool)

    def _order_slots(self) -> None:
        """The order of ties: who counts from earlier, arrived earlier, has the lower id; then who has not come yet."""
        slots = self._board.slots
        there = [(*each[:3], number) for number, each in enumerate(slots) if each is not None]
        self._tie_of_slot = np.zeros(len(slots), np.int64)
        self._slot_of_tie = np.zeros(1 << TIES, np.int64)
        for tie, (*_, number) in enumerate(sorted(there, reverse=True)):
            self._tie_of_slot[number] = tie
            self._slot_of_tie[tie] = number

    def _set_specials(self, specials: Sequence[Line]) -> None:
        """What lines with something of their own add to the step; nothing of it is worked out where there are none."""
        desks = range(self._desks)
        lead = np.zeros((len(specials), 2 * self._desks), np.int64)
        wait = np.full((len(specials), self._desks), -NEVER, np.int64)
        for row, line in enumerate(specials):
            for desk in desks:
                skill = SKILL_LEAD if line.skilled >> desk & 1 else 0
                lead[row, desk] = skill + (QUICK_LEAD if line.quick else 0)
                lead[row, desk + self._desks] = skill
                if line.kept and not line.skilled >> desk & 1:
                    wait[row, desk] = line.held_from + HOLD
                if line.expected:
                    wait[row, desk] = HEAD_START
                if line.an_hour:
                    wait[row, desk] = 0
        self._specials = len(specials)
        self._has_lead = bool(lead.any())
        self._lead, self._wait = lead, wait
        visits = self._board.together
        rows = [visits.index(line.visit) if line.visit else 0 for line in specials]
        self._visit_read = np.array(rows, np.int64)
        last = len(visits)
        self._visit_write = np.array([last] * self._plain + [row or last for row in rows], np.int64)
        self._has_visits = len(visits) > 1
        self._quick = np.array([line.quick for line in self._board.lines], bool)

    def _set_masks(self, lines: Sequence[Line], newcomers: Sequence[Newcomer]) -> None:
        masks = sorted({line.mask for line in lines} | {each.mask for each in newcomers})
        place = {mask: number for number, mask in enumerate(masks)}
        self._member = _bits(masks, self._desks)
        self._mask_of_line = np.array([place[line.mask] for line in lines], np.int64)
        self._mask_of_newcomer = np.array([place[each.mask] for each in newcomers], np.int64)
        self._calls = np.zeros((len(masks), FUTURES), np.int64)
        self._may = _bits([each.mask for each in newcomers], self._desks).astype(bool)

    def run(self) -> Played:
        if self._desks:
            self._run()
        return Played(self.called_at, self.ahead, self.came_at, self.came_ahead)

    def _run(self) -> None:
        board = self._board
        shift = max(self._desks - 1, 1).bit_length()
        free = (board.desks.free_at << shift) + np.arange(self._desks)[:, None]
        after_quick = np.repeat(np.array(board.after_quick)[:, None], FUTURES, axis=1)
        tracks_quick = bool(self._quick.any())
        closed = (NEVER << shift) + np.arange(self._desks)
        while self._left > 0 or self._pending.any():
            first = np.minimum.reduce(free, axis=0)
            desk = first & (1 << shift) - 1
            then = first >> shift
            live = then < np.minimum(board.closes_at[desk], HORIZON)
            if not live.any() and bool((then >= HORIZON).all()):
                return
            if board.desks.lunch_at is not None and board.desks.lunch_takes is not None:
                # Who goes to lunch looks again when back, and meanwhile the others of the same future go on.
                goes = np.flatnonzero(live & (board.desks.lunch_at[desk, self._futures] <= then))
                if len(goes):
                    lunch = desk[goes]
                    free[lunch, goes] = (then[goes] + board.desks.lunch_takes[lunch, goes] << shift) + lunch
                    board.desks.lunch_at[lunch, goes] = NEVER
                    continue
            quick = after_quick[desk, self._futures] if tracks_quick else None
            key, ready = self._keys(desk, then, quick)
            best = np.maximum.reduce(key, axis=0) if len(key) else np.full(FUTURES, NOBODY)
            self._admit(desk, then, best, live)
            called = (best > SOMEBODY) & live
            free_at = closed[desk]
            if called.any():
                who = np.flatnonzero(called)
                slot = self._slot_of_tie[best[who] & (1 << TIES) - 1]
                until = self._call(who, slot, desk[who], then[who])
                free_at[who] = (until << shift) + desk[who]
                if tracks_quick:
                    after_quick[desk[who], who] = self._quick[board.line_of[slot]]
            if ready is not None:
                again = self._again(desk, then, ready)
                waits = live & ~called & (again < HORIZON)
                free_at = np.where(waits, (again << shift) + desk, free_at)
            free[desk, self._futures] = free_at

    def _keys(self, desk: Ints, then: Ints, quick: Ints | None) -> tuple[Ints, Ints | None]:
        """Of each line the number that its head is compared by; and when each special head may be called."""
        waited = then - self._head
        gained = np.minimum(waited * self._times, self._most)
        worth = waited + np.maximum(gained, 0)
        ready = None
        if self._specials:
            special = slice(self._plain, None)
            if self._has_lead:
                after = desk if quick is None else desk + self._desks * quick
                lead = np.minimum(np.maximum(gained[special], 0) + self._lead[:, after], MOST_OVERTAKEN)
                own = waited[special]
                worth[special] = own + np.where(own < 0, 0, lead)
            ready = self._head[special] + self._wait[:, desk]
            if self._has_visits:
                ready = np.maximum(ready, self._board.not_before[self._visit_read])
        key = (worth << TIES) + self._tie + self._base[:, desk]
        if ready is not None:
            key[self._plain :] = np.where(ready <= then, key[self._plain :], NOBODY)
        return key, ready

    def _admit(self, desk: Ints, then: Ints, best: Ints, live: Ints) -> None:
        """Those who came now and would be called by this desk before anybody else; they take nobody's place."""
        if not len(self._pending):
            return
        worth = then + np.minimum(then * self._came_times, self._came_most)
        now = self._pending & self._may[:, desk] & live & ((worth << TIES) > best)
        if now.any():
            np.copyto(self.came_at, np.broadcast_to(then, now.shape), where=now)
            np.copyto(self.came_ahead, self._calls[self._mask_of_newcomer], where=now)
            self._pending &= ~now

    def _call(self, who: Ints, slot: Ints, desk: Ints, then: Ints) -> Ints:
        """Takes `slot` from its line in the futures `who`; until when the desk is taken."""
        board = self._board
        line = board.line_of[slot]
        self.called_at[slot, who] = then
        self.ahead[slot, who] = self._calls[self._mask_of_line[line], who]
        self._left -= int(np.count_nonzero(self._told[slot]))
        behind = slot + 1
        self._head[line, who] = board.counts_from[behind, who]
        self._tie[line, who] = self._tie_of_slot[behind]
        came: Ints | int = 1
        takes = board.visits.desk_takes[slot, who]
        if board.visits.leaves_at is not None:
            stayed = board.visits.leaves_at[slot, who] >= then
            takes, came = takes * stayed, stayed.astype(np.int64)
        self._calls[:, who] += self._member[:, desk] * came
        if self._has_visits:
            row = self._visit_write[line]
            ends = then + board.visits.visit_takes[slot, who]
            board.not_before[row, who] = np.maximum(board.not_before[row, who], ends)
        return then + takes

    def _again(self, desk: Ints, then: Ints, ready: Ints) -> Ints:
        """When a desk that can call nobody now may call somebody who waits or will have come."""
        special = slice(self._plain, None)
        later = (ready > then) & (self._head[special] < NEVER // 2) & (self._base[special][:, desk] >= 0)
        moments: Ints = np.where(later, ready, NEVER).min(axis=0, initial=NEVER)
        return moments
