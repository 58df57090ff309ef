"""A customer centre that is nobody's model: days simulated with simpy, which the estimates of waits are held against.

Nothing here comes from the program: who is called next is written down once more from docs/selection.md, in minutes and fractions of them, and desks, visitors and breaks are processes of their own.
A centre is drawn from its seed: how long its services take on average and how unevenly, how wrong its file is about that, how busy it is, who does not come. Every day is drawn anew: how many come,
who is late, when each desk goes to lunch, who sits down late. What the estimate may know is what a floor shows: tickets, desks, the roster, and the past.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

OPENS, CLOSES = 9.5 * 60, 16.5 * 60
"""Minutes of the day, as all times here."""
ARRIVALS = {9: 0.9, 10: 1.35, 11: 1.3, 12: 0.95, 13: 0.85, 14: 1.05, 15: 0.8, 16: 0.4}
"""How busy each hour is beside the mean."""
RATES = {"ordinary": (1, 0.0), "soon": (2, 30.0), "urgent": (4, 90.0), "booked": (4, 90.0)}
HEAD_START, GRACE = 15.0, 10.0


@dataclass(frozen=True)
class Service:
    number: int
    name: str
    ticket_class: str
    share: float
    minutes: float
    uneven: float
    """Standard deviation as a share of the mean."""
    no_show: float
    file_minutes: float


@dataclass(frozen=True)
class Shift:
    counter: int
    services: frozenset[int]
    begins: float
    ends: float
    lunch: bool = True


@dataclass(frozen=True)
class Centre:
    services: dict[int, Service]
    shifts: tuple[Shift, ...]
    walk_ins: float
    bookings: tuple[float, ...]
    booked_service: int
    leave_an_hour: float
    turnaround: float


@dataclass(eq=False)
class Visitor:
    ticket: str
    service: Service
    ticket_class: str
    arrived: float
    counts_from: float
    takes: float
    leaves: float
    silently: bool
    absent: bool
    """Does not come when called, though they never left."""
    called: float | None = None
    served: float | None = None
    ended: float | None = None
    state: str = "waiting"
    counter: int | None = None


@dataclass(eq=False)
class Desk:
    shift: Shift
    sits: bool = False
    since: float = 0.0
    visitor: Visitor | None = None
    paused: str = ""
    paused_since: float = 0.0
    free_since: float | None = None
    had_lunch: bool = False


@dataclass
class Past:
    """What is over, as a database would hold it. Minutes since the first day began."""

    ended: list[tuple[int, Visitor]] = field(default_factory=list)
    """With the day."""
    sat: list[tuple[float, float, int]] = field(default_factory=list)
    """From, until, counter."""
    pauses: list[tuple[str, float, float, int]] = field(default_factory=list)
    kept: int = 0
    missed: int = 0


DAY = 24 * 60.0
Look = Callable[["Day", Visitor], None]


def centre_of(seed: int) -> Centre:
    """TAX, PARKING and BENEFITS at general desks; HOUSING, BENEFITS and SAFETY (urgent) at two for difficult matters."""
    chance = random.Random(f"centre {seed}")
    about = {
        1: ("council tax", "ordinary", 0.34, 9.0),
        2: ("parking", "ordinary", 0.2, 5.0),
        3: ("benefits", "ordinary", 0.24, 12.0),
        4: ("housing", "ordinary", 0.16, 17.0),
        5: ("young families", "soon", 0.04, 12.0),
        6: ("safety", "urgent", 0.02, 28.0),
    }
    services = {}
    for number, (name, ticket_class, share, minutes) in about.items():
        true = minutes * chance.uniform(0.75, 1.3)
        services[number] = Service(
            number, name, ticket_class, share * chance.uniform(0.8, 1.2), true, chance.uniform(0.5, 0.9),
            chance.uniform(0.02, 0.1), max(1.0, round(true * chance.uniform(0.7, 1.4))),
        )  # fmt: skip
    general, difficult = frozenset({1, 2, 3, 5}), frozenset({3, 4, 5, 6})
    shifts = (
        Shift(1, general, OPENS, CLOSES),
        Shift(2, general, OPENS, CLOSES),
        Shift(3, general, 10 * 60.0, 15 * 60.0),
        Shift(4, difficult, OPENS, CLOSES),
        Shift(5, difficult, 11 * 60.0, CLOSES),
    )
    total = sum(each.share for each in services.values())
    mean = sum(each.share * (each.minutes + 1.0) for each in services.values()) / total
    hours = sum(each.ends - each.begins - 35 * each.lunch for each in shifts)
    busy = chance.uniform(0.78, 0.9)
    booked = tuple(OPENS + 30 + 60 * number for number in range(6))
    return Centre(
        services,
        shifts,
        (hours * busy - len(booked) * services[4].minutes) / mean,
        booked,
        4,
        chance.uniform(0.05, 0.2),
        chance.uniform(0.4, 1.2),
    )


def lognormal(chance: random.Random, mean: float, uneven: float) -> float:
    spread = math.sqrt(math.log1p(uneven**2))
    return math.exp(chance.gauss(math.log(mean) - spread**2 / 2, spread))


class Day:
    """One day at `centre`. `look` is asked at each arrival of a walk-in, before anybody else moves."""

    def __init__(self, centre: Centre, seed: int, number: int, past: Past, look: Look) -> None:
        self.centre, self.number, self.past, self._look = centre, number, past, look
        self._chance = random.Random(f"day {seed} {number}")
        self.env = simpy.Environment(initial_time=OPENS - 30)
        self.waiting: list[Visitor] = []
        self.desks = [Desk(shift) for shift in centre.shifts]
        self.to_come: list[tuple[float, bool]] = []
        """The times of appointments whose visitors have not come; True: marked as missed."""
        self.called: list[Visitor] = []
        self._stirred = self.env.event()
        self._count = 0

    def play(self) -> None:
        self.env.process(self._walk_ins())
        for at in self.centre.bookings:
            self.env.process(self._booked(at))
        for desk in self.desks:
            self.env.process(self._desk(desk))
        self.env.run()
        self.past.ended += [(self.number, each) for each in self.waiting]
        self.past.kept += sum(1 for _ in self.centre.bookings) - len(self.to_come)
        self.past.missed += len(self.to_come)

    @property
    def now(self) -> float:
        return float(self.env.now)

    # Visitors ---------------------------------------------------------------------------------------------

    def _walk_ins(self) -> Generator[Any, Any, None]:
        chance, centre = self._chance, self.centre
        today = lognormal(chance, centre.walk_ins, 0.15) / (CLOSES - OPENS)
        services = list(centre.services.values())
        yield self.env.timeout(OPENS - self.now)
        while True:
            yield self.env.timeout(chance.expovariate(today * max(ARRIVALS.values())))
            if self.now >= CLOSES - 10:
                return
            if chance.random() < ARRIVALS[int(self.now // 60)] / max(ARRIVALS.values()):
                service = chance.choices(services, [each.share for each in services])[0]
                visitor = self._visitor(service, service.ticket_class, self.now)
                self._look(self, visitor)

    def _booked(self, at: float) -> Generator[Any, Any, None]:
        chance, service = self._chance, self.centre.services[self.centre.booked_service]
        self.to_come.append((at, False))
        if chance.random() < 0.1:
            return
        comes = max(OPENS, at + chance.gauss(-4, 6))
        yield self.env.timeout(comes - self.now)
        self.to_come.remove((at, False))
        self._visitor(service, "booked", max(at, comes - GRACE) - HEAD_START)

    def _visitor(self, service: Service, ticket_class: str, counts_from: float) -> Visitor:
        chance, self._count = self._chance, self._count + 1
        visitor = Visitor(
            f"{self.number:03}-{self._count:04}",
            service,
            ticket_class,
            self.now,
            counts_from,
            lognormal(chance, service.minutes, service.uneven),
            self.now + 60 * chance.expovariate(self.centre.leave_an_hour),
            chance.random() < 0.4,
            chance.random() < service.no_show,
        )
        self.waiting.append(visitor)
        if not visitor.silently:
            self.env.process(self._leaves(visitor))
        self._stir()
        return visitor

    def _leaves(self, visitor: Visitor) -> Generator[Any, Any, None]:
        yield self.env.timeout(visitor.leaves - self.now)
        if visitor in self.waiting:
            self.waiting.remove(visitor)
            visitor.state, visitor.ended = "cancelled", self.now
            self.past.ended.append((self.number, visitor))

    # Desks ------------------------------------------------------------------------------------------------

    def _stir(self) -> None:
        stirred, self._stirred = self._stirred, self.env.event()
        stirred.succeed()

    def _desk(self, desk: Desk) -> Generator[Any, Any, None]:
        chance, shift = self._chance, desk.shift
        lunch = chance.uniform(11.75, 13.75) * 60
        yield self.env.timeout(shift.begins + chance.expovariate(1 / 2) - self.now)
        desk.sits, desk.since = True, self.now
        while self.now < shift.ends or (shift.ends >= CLOSES and self._can_call(desk)):
            if shift.lunch and not desk.had_lunch and self.now >= lunch:
                desk.had_lunch = True
                yield from self._pauses(desk, "lunch", max(15.0, chance.gauss(35, 6)))
            elif chance.random() < 0.025:
                yield from self._pauses(desk, "break", lognormal(chance, 9, 0.5))
            visitor = self._next(desk)
            if visitor is None:
                yield self._stirred | self.env.timeout(max(0.5, min(5.0, abs(shift.ends - self.now))))
            else:
                yield from self._serves(desk, visitor)
        desk.sits = False
        self.past.sat.append((self.number * DAY + desk.since, self.number * DAY + self.now, shift.counter))

    def _pauses(self, desk: Desk, reason: str, minutes: float) -> Generator[Any, Any, None]:
        desk.paused, desk.paused_since = reason, self.now
        yield self.env.timeout(minutes)
        begun = self.number * DAY + desk.paused_since
        self.past.pauses.append((reason, begun, begun + minutes, desk.shift.counter))
        desk.paused = ""

    def _can_call(self, desk: Desk) -> bool:
        return any(each.service.number in desk.shift.services for each in self.waiting)

    def _next(self, desk: Desk) -> Visitor | None:
        """By docs/selection.md: waiting earns priority, each class at its rate, up to its lead."""

        def rank(each: Visitor) -> tuple[float, float]:
            waited = self.now - each.counts_from
            times, most = RATES[each.ticket_class]
            return (waited if waited < 0 else waited + min((times - 1) * waited, most), -each.counts_from)

        mine = [each for each in self.waiting if each.service.number in desk.shift.services]
        return max(mine, key=rank, default=None)

    def _serves(self, desk: Desk, visitor: Visitor) -> Generator[Any, Any, None]:
        chance = self._chance
        self.waiting.remove(visitor)
        visitor.called, visitor.counter = self.now, desk.shift.counter
        desk.visitor = visitor
        self.called.append(visitor)
        if visitor.absent or (visitor.silently and visitor.leaves < self.now):
            yield self.env.timeout(chance.uniform(2, 5))
            visitor.state = "no_show"
        else:
            yield self.env.timeout(chance.uniform(0.3, 1.0))
            visitor.served = self.now
            yield self.env.timeout(visitor.takes)
            visitor.state = "finished"
        visitor.ended = desk.free_since = self.now
        self.past.ended.append((self.number, visitor))
        desk.visitor = None
        yield self.env.timeout(chance.expovariate(1 / self.centre.turnaround))
