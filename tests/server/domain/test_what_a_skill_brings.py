"""Days played with the rule itself: what asking for somebody brings, and what it costs. docs/selection.md tells these figures.

Five desks, one of whose people speaks what one visitor in ten asks for; twelve minutes a visit; desks busy nine tenths of a seven-hour day.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass
from statistics import mean
from typing import NamedTuple

import pytest

from server.domain import selection
from server.domain.selection import HOLD, MINUTE, choose
from wire.vocabulary import TicketClass

DESKS, DAY, EACH = 5, 420, 12
GUJARATI = frozenset({"gu"})


@dataclass(frozen=True)
class Came:
    ticket: str
    arrived_at: int
    wants: str | None
    lasts: int
    ticket_class: TicketClass = TicketClass.ORDINARY
    for_counter: int | None = None
    quick: bool = False

    @property
    def counts_from(self) -> int:
        return self.arrived_at

    @property
    def awaited(self) -> bool:
        return self.wants is not None


class Served(NamedTuple):
    asked: bool
    waited: float
    by_who_speaks_it: bool


def arrivals(chance: random.Random) -> list[Came]:
    came: list[Came] = []
    at = 0.0
    while (at := at + chance.expovariate(0.9 * DESKS / EACH)) <= DAY:
        wants = "gu" if chance.random() < 0.1 else None
        lasts = int(chance.gammavariate(4, EACH / 4) * MINUTE)
        came.append(Came(f"{len(came):04}", int(at * MINUTE), wants, lasts))
    return came


def played(seed: int) -> list[Served]:
    """One day, call by call; the first desk's person speaks Gujarati."""
    came = arrivals(random.Random(seed))
    moments = [(each.arrived_at, 0, index) for index, each in enumerate(came)]
    heapq.heapify(moments)
    queue: list[Came] = []
    free = set(range(DESKS))
    served = []
    while moments:
        now, what, which = heapq.heappop(moments)
        if what == 0:
            queue.append(came[which])
            heapq.heappush(moments, (now + HOLD, 2, 0))
        elif what == 1:
            free.add(which)
        for desk in sorted(free):
            chosen = choose(queue, now, desk, skills=GUJARATI if desk == 0 else frozenset())
            if chosen is None:
                continue
            one = chosen.candidate
            queue.remove(one)
            free.discard(desk)
            heapq.heappush(moments, (now + one.lasts, 1, desk))
            served.append(Served(one.wants is not None, (now - one.arrived_at) / MINUTE, desk == 0))
    return served


def figures(days: int) -> tuple[float, float, float]:
    """The share of those who asked that got whom they asked for, their mean wait, and that of the others, in minutes."""
    everybody = [each for seed in range(days) for each in played(seed)]
    asked = [each for each in everybody if each.asked]
    others = [each.waited for each in everybody if not each.asked]
    return mean(each.by_who_speaks_it for each in asked), mean(each.waited for each in asked), mean(others)


def test_four_in_five_get_whom_they_asked_for_and_the_others_wait_half_a_minute_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    share, wait, others = figures(60)
    monkeypatch.setattr(selection, "SKILL_LEAD", 0)
    monkeypatch.setattr(selection, "is_held", lambda *_: False)
    share_without, wait_without, others_without = figures(60)
    assert share > 0.75
    assert share_without < 0.3
    assert 1 < wait - wait_without < 5
    assert others - others_without < 1
