"""The play of many futures, from lines of people to what each of them is told. All that needs NumPy stands from here on down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

import numpy as np

from server.domain.selection import MINUTE
from server.domain.usual import Usual
from server.domain.waiting.asked import Desk, Habits
from server.domain.waiting.board import board_of
from server.domain.waiting.chance import FUTURES, Ints, chances
from server.domain.waiting.lines import HORIZON, Line, Newcomer
from server.domain.waiting.play import play
from server.domain.waiting.times import Times
from server.domain.waiting.told import Waits, told

_LOW, _MIDDLE, _HIGH = (round(share * (FUTURES - 1)) for share in (0.1, 0.5, 0.9))


def played(
    lines: list[Line],
    desks: Sequence[Desk],
    usual: Mapping[int, Usual],
    now: int,
    habits: Habits,
    seed: int,
    newcomers: Sequence[Newcomer],
) -> tuple[dict[str, Waits], list[Waits]]:
    """What every ticket in `lines` is told, and each of `newcomers`."""
    board = board_of(lines, desks, Times(usual, now, habits, chances(seed)), now)
    found = play(board, newcomers)
    of_slots = zip(board.slots, _told(found.called_at, found.ahead), strict=True)
    tickets = {slot.ticket: waits for slot, waits in of_slots if slot is not None and slot.ticket}
    return tickets, _told(found.came_at, found.came_ahead)


def _told(called_at: Ints, ahead: Ints) -> list[Waits]:
    """One a row. Not called within the horizon is told as unknown, and then nobody can say how many go before."""
    at = np.partition(called_at, (_LOW, _MIDDLE, _HIGH), axis=1)[:, (_LOW, _MIDDLE, _HIGH)]
    before = np.partition(ahead, _MIDDLE, axis=1)[:, _MIDDLE]
    waits = []
    for instants, number in zip(at.tolist(), before.tolist(), strict=True):
        low, middle, high = (each / MINUTE if each < HORIZON else inf for each in instants)
        waits.append(told(low, middle, high, number if middle < inf else None))
    return waits
