"""`python -m benchmarks.waits`: how right the waits are that visitors are told, beside what else one could tell them.

Each seed is a centre of its own (`waits_world`): some days are played to see what it is used to, then, on further days, every walk-in who has to wait is told by all of them at the same moment. Errors are of
the same visitors for all: those who were called in the end, and whom the estimate told a range. The others are the usual ones (Ibrahim and Whitt, "Real-time delay estimation based on delay history", 2009):

* queue length: those in line, the visitor with them, times the mean time of theirs, divided by the desks that are open and not on a break;
* last to enter service: what whoever was called last had waited; head of line: what whoever is next has waited so far;
* the mean wait of those called in the last 60 minutes.

Each of these is worked out twice, for the line of the one service and for that of all that its desks serve, and the better of the two is printed.

`--tune` plays seeds that nothing is reported of: the rule was set by those.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks import speed
from benchmarks.waits_world import DAY, Day, Past, Visitor, centre_of
from server.domain import waiting
from server.domain.habits import Ended, Paused, Sat, Seen, habits_from, had_lunch, pauses_last, usual_times
from server.domain.usual import Usual
from wire.vocabulary import TicketClass, TicketState

MICROS = 60_000_000
TUNE = range(101, 107)
REPORT = range(1, 11)
WARM_UP, DAYS = 6, 16
LOOKED_UP_EVERY = 5.0
FIRST_DAY = 20_000 * 24 * 60 * MICROS
"""An instant like any other."""


def micros(day: int, minutes: float) -> int:
    return FIRST_DAY + round((day * DAY + minutes) * MICROS)


class Shift(NamedTuple):
    services: frozenset[int]
    from_at: int
    until_at: int
    staff: int | None


class Waiting(NamedTuple):
    """As the rule looks at somebody who waits."""

    ticket: str
    visit: str
    service: int
    ticket_class: TicketClass
    counts_from: int
    arrived_at: int
    for_counter: int | None = None
    quick: bool = False
    wants: str | None = None
    awaited: bool = False


@dataclass
class Said:
    """What one visitor was told on arrival, by each."""

    visitor: Visitor
    waits: waiting.Waits
    others: dict[str, float]
    took: float


@dataclass
class Teller:
    """Tells every walk-in of a centre's days. `since` is the first day that is scored."""

    file_minutes: dict[int, float]
    past: Past
    since: int
    said: list[Said] = field(default_factory=list)
    _looked_up: tuple[int, float] = (-1, 0.0)
    _seen: Seen = field(default_factory=Seen)
    _of_today: tuple[int, list[tuple[float, int, float]]] = (-1, [])

    def look(self, day: Day, visitor: Visitor) -> None:
        if day.number < self.since or not _has_to_wait(day, visitor):
            return
        self._look_up(day)
        now = micros(day.number, day.now)
        queue = [_waiting(day.number, each) for each in day.waiting]
        desks = _desks(day, self._pauses, self._fed, now)
        expected = [
            (day.centre.booked_service, micros(day.number, at)) for at, missed in day.to_come if not missed
        ]
        began = time.process_time()
        told = waiting.outlook(queue, desks, self._usual, now, expected=expected, habits=self._habits)
        took = time.process_time() - began
        self.said.append(
            Said(visitor, told.tickets[visitor.ticket], _others(day, visitor, self._usual), took)
        )

    def _look_up(self, day: Day) -> None:
        """As the server does: what is over, every five minutes."""
        if self._looked_up[0] == day.number and day.now - self._looked_up[1] < LOOKED_UP_EVERY:
            return
        self._looked_up = (day.number, day.now)
        now = micros(day.number, day.now)
        past = self.past
        seen = Seen(
            now,
            tuple(_ended(number, each) for number, each in past.ended[-2000:]),
            tuple(Sat(micros(0, since), micros(0, until), who) for since, until, who in past.sat),
            tuple(
                Paused(reason, micros(0, since), micros(0, until), who)
                for reason, since, until, who in past.pauses
            ),
            past.kept,
            past.missed,
        )
        self._usual: dict[int, Usual] = usual_times(self.file_minutes, seen)
        self._habits = habits_from(seen)
        self._pauses = pauses_last(seen)
        self._fed = had_lunch(seen, now - 9 * 60 * MICROS)


def _has_to_wait(day: Day, visitor: Visitor) -> bool:
    """Not those for whom a desk is free: that needs no estimate."""
    return not any(
        desk.sits
        and not desk.paused
        and desk.visitor is None
        and visitor.service.number in desk.shift.services
        for desk in day.desks
    )


def _waiting(day: int, each: Visitor) -> Waiting:
    return Waiting(
        each.ticket,
        each.ticket,
        each.service.number,
        TicketClass(each.ticket_class),
        micros(day, each.counts_from),
        micros(day, each.arrived),
    )


def _ended(day: int, each: Visitor) -> Ended:
    def at(minutes: float | None) -> int | None:
        return None if minutes is None else micros(day, minutes)

    return Ended(
        each.service.number,
        TicketClass(each.ticket_class),
        TicketState(each.state if each.state != "waiting" else "cancelled"),
        micros(day, each.arrived),
        at(each.called),
        at(each.served),
        micros(day, each.ended if each.ended is not None else DAY),
        each.counter,
        booked=each.ticket_class == "booked",
        left_open=each.ended is None,
    )


def _desks(day: Day, pauses: dict[str, Usual], fed: frozenset[int], now: int) -> list[waiting.Desk]:
    here = []
    for desk in day.desks:
        if desk.sits:
            visitor = desk.visitor
            here.append(
                waiting.Desk(
                    desk.shift.counter,
                    desk.shift.services,
                    visitor.service.number if visitor else None,
                    micros(day.number, visitor.called or 0) if visitor else 0,
                    visitor.ticket if visitor else None,
                    busy_present=visitor is not None and visitor.served is not None,
                    free_since=None if desk.free_since is None else micros(day.number, desk.free_since),
                    paused_at=micros(day.number, desk.paused_since) if desk.paused else None,
                    pause=pauses.get(desk.paused),
                    had_lunch=desk.paused == "lunch" or desk.shift.counter in fed,
                )
            )
    shifts = [
        Shift(each.services, micros(day.number, each.begins), micros(day.number, each.ends), each.counter)
        for each in day.centre.shifts
    ]
    return waiting.with_roster(here, {desk.counter: desk.counter for desk in here}, shifts, now)


def _others(day: Day, visitor: Visitor, usual: dict[int, Usual]) -> dict[str, float]:
    """What the others would say, by name. Each delay history twice: of the service, and of all that its desks serve."""
    service = visitor.service.number
    desks = [desk for desk in day.desks if desk.sits and not desk.paused and service in desk.shift.services]
    together = frozenset().union(*(desk.shift.services for desk in desks)) or frozenset({service})
    before = [each for each in day.waiting if each is not visitor and each.service.number in together]
    found = {}
    for of, services in (("service", frozenset({service})), ("desks", together)):
        line = [each for each in before if each.service.number in services]
        mean = statistics.fmean(usual[each.service.number].minutes for each in [*line, visitor])
        called = [each for each in day.called if each.service.number in services]
        waits = [(each.called or 0) - each.arrived for each in called]
        lately = [wait for each, wait in zip(called, waits, strict=True) if (each.called or 0) > day.now - 60]
        found[f"queue length, {of}"] = (len(line) + 1) * mean / max(1, len(desks))
        found[f"last to enter service, {of}"] = waits[-1] if waits else 0.0
        found[f"head of line, {of}"] = max((day.now - each.arrived for each in line), default=0.0)
        found[f"rolling mean, {of}"] = statistics.fmean(lately) if lately else (waits[-1] if waits else 0.0)
    return found


class Result(NamedTuple):
    seed: int
    number: int
    unsaid: int
    wait: float
    """The mean of those that were, in minutes."""
    error: float
    bias: float
    within: float
    told_within: float
    width: float
    others: dict[str, float]
    took_ms: float

    @property
    def rolling(self) -> float:
        return self.others["rolling mean"]

    @property
    def best_other(self) -> float:
        return min(self.others.values())


def of_seed(seed: int, warm_up: int = WARM_UP, days: int = DAYS) -> Result:
    centre, past = centre_of(seed), Past()
    teller = Teller({each.number: each.file_minutes for each in centre.services.values()}, past, warm_up)
    for number in range(warm_up + days):
        Day(centre, seed, number, past, teller.look).play()
    return _result(seed, teller.said)


def _result(seed: int, said: list[Said]) -> Result:
    called = [each for each in said if each.visitor.called is not None]
    scored = [each for each in called if each.waits.middle is not None and each.waits.exact is not None]
    waits = [(each.visitor.called or 0) - each.visitor.arrived for each in scored]
    errors = [(each.waits.middle or 0) - wait for each, wait in zip(scored, waits, strict=True)]
    others: dict[str, float] = {}
    for name in scored[0].others:
        mean = statistics.fmean(
            abs(each.others[name] - wait) for each, wait in zip(scored, waits, strict=True)
        )
        short = name.split(",")[0]
        others[short] = min(mean, others.get(short, mean))
    both = list(zip(scored, waits, strict=True))
    return Result(
        seed,
        len(scored),
        len(called) - len(scored),
        statistics.fmean(waits),
        statistics.fmean(abs(each) for each in errors),
        statistics.fmean(errors),
        statistics.fmean(
            each.waits.exact[0] <= wait <= each.waits.exact[1] for each, wait in both if each.waits.exact
        ),
        statistics.fmean((each.waits.low or 0) <= wait <= (each.waits.high or 0) for each, wait in both),
        statistics.fmean(each.waits.exact[1] - each.waits.exact[0] for each in scored if each.waits.exact),
        others,
        1000 * statistics.median(each.took for each in scored),
    )


HEAD = "seed  told unsaid  wait | ours  bias | queue  last  head  60min | /60min  /best | right  as told  width | ms"


def line(each: Result) -> str:
    others = [
        each.others[name]
        for name in ("queue length", "last to enter service", "head of line", "rolling mean")
    ]
    return (
        f"{each.seed:4} {each.number:5} {each.unsaid:6} {each.wait:5.1f} | {each.error:4.1f} {each.bias:5.1f} | "
        f"{others[0]:5.1f} {others[1]:5.1f} {others[2]:5.1f} {others[3]:6.1f} | {each.error / each.rolling:6.2f} "
        f"{each.error / each.best_other:6.2f} | {each.within:5.1%}  {each.told_within:6.1%} {each.width:6.1f} | {each.took_ms:.1f}"
    )


def main() -> int:
    options = _options()
    results = []
    print(HEAD)
    for seed in TUNE if options.tune else REPORT:
        results.append(of_seed(seed, WARM_UP, options.days))
        print(line(results[-1]), flush=True)
    ratios = [each.error / each.rolling for each in results]
    print(
        f"\nerror beside the rolling mean's {statistics.fmean(ratios):.2f}; beside the best of the others "
        f"{statistics.fmean([each.error / each.best_other for each in results]):.2f}; ranges right "
        f"{statistics.fmean([each.within for each in results]):.1%}"
    )
    print(
        f"one estimate, processor time: {time_of(200, 8):.0f} ms with 200 waiting at 8 desks, {time_of(15, 4):.1f} ms with 15 at 4"
    )
    return 0


def time_of(number: int, desks: int) -> float:
    """Milliseconds of the processor that one estimate takes for so many tickets of twelve services, and for who might come now to any of them: the median of twenty."""
    chance = random.Random(number)
    services = range(1, 13)
    classes = [TicketClass.ORDINARY] * 9 + [TicketClass.SOON, TicketClass.URGENT, TicketClass.BOOKED]
    seen = Seen()
    now = micros(0, 600)
    queue = [
        Waiting(f"{each:032}", f"{each}", service, classes[service - 1], at, at)
        for each in range(number)
        for service, at in [(chance.choice(services), now - round(chance.uniform(0, 60) * MICROS))]
    ]
    here = [
        waiting.Desk(
            each, frozenset(services[:8] if each % 2 else services[4:]), 5, now - 3 * MICROS, f"busy {each}"
        )
        for each in range(desks)
    ]
    usual = usual_times({service: 6.0 + service for service in services}, seen)
    habits = habits_from(seen)
    newcomers = dict(zip(services, classes, strict=True))
    took = []
    for _ in range(20):
        began = time.process_time()
        waiting.outlook(queue, here, usual, now, newcomers, habits=habits)
        took.append(1000 * (time.process_time() - began))
    return statistics.median(took)


def rows(bench: speed.Bench) -> None:
    """For `make bench`: half the days, and three centres instead of ten when it is only a glance."""
    results = [
        of_seed(seed, days=4 if bench.quick else 8) for seed in (REPORT[:3] if bench.quick else REPORT)
    ]
    bench.values |= {
        "waits_error_to_rolling_mean": statistics.fmean(each.error / each.rolling for each in results),
        "waits_error_to_best_other": statistics.fmean(each.error / each.best_other for each in results),
        "waits_right_off_points": abs(100 * statistics.fmean(each.within for each in results) - 80),
        "waits_ms_200": time_of(200, 8),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.waits", description=__doc__)
    parser.add_argument("--tune", action="store_true", help="the seeds that the rule was set by")
    parser.add_argument("--days", type=int, default=DAYS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
