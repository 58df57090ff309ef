"""How long visitors with and without an appointment wait under the rule of selection: days of York House, played a thousand times.

`python -m benchmarks.appointments` prints the table of docs/appointments-on-the-floor.md. Nothing is measured here and no machine matters: the
rule itself (`server.domain.selection`) chooses whom each desk calls, and the days are the same for every seed. Walk-ins come at random over
the seven opening hours; visitors with an appointment a few minutes early as a rule, some late, one in ten not at all.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from server.domain import arriving, selection
from server.domain.offers import Offer
from server.domain.waited import Kind, figure, wait_of
from wire.vocabulary import TicketClass

MINUTE = selection.MINUTE
DAY = 7 * 60 * MINUTE
OFFER = Offer()


@dataclass(frozen=True)
class Setting:
    """A day. `walk_ins` come on average; `booked` appointments are spread evenly; minutes a visit takes on average."""

    name: str
    walk_ins: int = 48
    booked: int = 14
    desks: int = 3
    minutes: float = 12.0
    booked_minutes: float = 18.0
    missed: float = 0.1


class Visitor(NamedTuple):
    """As `selection` looks at somebody who waits."""

    ticket: str
    ticket_class: TicketClass
    counts_from: int
    arrived_at: int
    takes: int
    kind: Kind
    booked_at: int | None = None
    for_counter: int | None = None
    quick: bool = False
    wants: str | None = None
    awaited: bool = False


Rule = Callable[[int, int], tuple[TicketClass, int]]
"""The class and the instant a booking counts from, by its time and the arrival."""


def as_it_is(booked_at: int, at: int) -> tuple[TicketClass, int]:
    return TicketClass.BOOKED, selection.booking_counts_from(booked_at, at)


def without_head_start(booked_at: int, at: int) -> tuple[TicketClass, int]:
    return TicketClass.BOOKED, max(booked_at, at - selection.GRACE)


def as_walk_ins(booked_at: int, at: int) -> tuple[TicketClass, int]:
    return TicketClass.ORDINARY, at


def always_first(booked_at: int, at: int) -> tuple[TicketClass, int]:
    """From their arrival on before everybody who walked in."""
    return TicketClass.BOOKED, max(booked_at, at) - DAY


def day_of(setting: Setting, chance: random.Random, rule: Rule) -> list[Visitor]:
    """Everybody who comes, in the order they come."""

    def takes(mean: float) -> int:
        return round(chance.gammavariate(2.0, mean / 2.0) * MINUTE)

    found: list[Visitor] = []
    at = 0.0
    while (at := at + chance.expovariate(setting.walk_ins / DAY)) < DAY:
        walk_in = Visitor(
            f"w{len(found):04d}",
            TicketClass.ORDINARY,
            round(at),
            round(at),
            takes(setting.minutes),
            Kind.WALK_IN,
        )
        found.append(walk_in)
    for number in range(setting.booked):
        booked_at = round(DAY * (number + 0.5) / setting.booked)
        came, length = (
            booked_at + round(chance.gauss(-6.0, 7.0) * MINUTE),
            takes(setting.booked_minutes),
        )
        if chance.random() < setting.missed:
            continue
        came = max(0, came)
        kept = came <= arriving.kept(booked_at, 0, OFFER).until_at
        ticket_class, counts_from = rule(booked_at, came) if kept else (TicketClass.ORDINARY, came)
        kind = Kind.BOOKED if kept else Kind.LATE
        found.append(
            Visitor(
                f"b{number:04d}", ticket_class, counts_from, came, length, kind, booked_at if kept else None
            )
        )
    return sorted(found, key=lambda each: each.arrived_at)


def play(visitors: list[Visitor], desks: int) -> Iterator[tuple[Visitor, int]]:
    """Each visitor with the instant they are called."""
    free = [(0, desk) for desk in range(desks)]
    heapq.heapify(free)
    coming = 0
    waiting: list[Visitor] = []
    while coming < len(visitors) or waiting:
        now, desk = heapq.heappop(free)
        if not waiting and visitors[coming].arrived_at > now:
            now = visitors[coming].arrived_at
        while coming < len(visitors) and visitors[coming].arrived_at <= now:
            waiting.append(visitors[coming])
            coming += 1
        chosen = selection.choose(waiting, now)
        assert chosen is not None, "somebody waits"
        waiting.remove(chosen.candidate)
        yield chosen.candidate, now
        heapq.heappush(free, (now + chosen.candidate.takes, desk))


class Outcome(NamedTuple):
    """Minutes. `before`: of those with an appointment, how many percent were called before its time."""

    booked: tuple[int, int, int]
    """Median, 90th percentile, percent called within five minutes of the time."""
    walk_in: tuple[float, int, int]
    """Mean, median, 90th percentile."""
    before: int


def run(setting: Setting, rule: Rule, days: int = 1000) -> Outcome:
    booked, walked, before = [], [], 0
    for seed in range(days):
        for visitor, at in play(day_of(setting, random.Random(seed), rule), setting.desks):
            wait = wait_of(visitor.arrived_at, at, visitor.booked_at)
            if visitor.kind is Kind.BOOKED:
                booked.append(wait)
                before += visitor.booked_at is not None and at < visitor.booked_at
            elif visitor.kind is Kind.WALK_IN:
                walked.append(wait)
    own, others = figure(booked), figure(walked)
    mean = sum(walked) / max(1, len(walked)) / MINUTE
    return Outcome(
        (own.median or 0, own.ninth or 0, own.share or 0),
        (round(mean, 1), others.median or 0, others.ninth or 0),
        round(100 * before / max(1, len(booked))),
    )


USUAL = Setting("A usual day: 60 visitors, 3 desks")
SETTINGS = (
    USUAL,
    replace(USUAL, name="A busy day: 80 visitors, 3 desks", walk_ins=66),
    replace(USUAL, name="One desk short: 60 visitors, 2 desks", desks=2),
    replace(
        USUAL, name="Half of them booked: 60 visitors, 3 desks", walk_ins=32, booked=28, booked_minutes=14.0
    ),
)
RULES: tuple[tuple[str, Rule], ...] = (
    ("The rule", as_it_is),
    ("Without the head start", without_head_start),
    ("Booked always first", always_first),
    ("First come, first served", as_walk_ins),
)


def main() -> None:
    for setting in SETTINGS:
        print(f"\n{setting.name}")
        print(
            f"{'':28}{'booked: median, 9 in 10, within 5':>36}{'before':>8}{'walk-in: mean, median, 9 in 10':>34}"
        )
        for name, rule in RULES:
            own, others, before = run(setting, rule)
            print(
                f"{name:28}{own[0]:>16} min {own[1]:>5} min {own[2]:>5}%{before:>7}%{others[0]:>14} min {others[1]:>4} min {others[2]:>4} min"
            )


if __name__ == "__main__":
    main()
