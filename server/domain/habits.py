"""What a centre is used to, from what was seen of it lately: for the look-ahead that tells waits (`domain.waiting`).

Each figure leans on a guess that stands for a few visits seen, so that a first day is told cautiously and one odd visitor changes nothing. What was seen lately weighs more. What
depends on the time of day (breaks, who comes) is counted in the same hours of the days before, by the running of the clock: on the days after it was changed these are an hour off, which
a guess can bear. A ticket that the house ended at night (`left_open`) says nothing of how long anything took.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from server.domain.usual import DAY, Usual, usual_from, weight_of
from server.domain.waiting import Breaks, Coming, Habits, Lunch
from wire.vocabulary import BreakReason, TicketClass, TicketState

MINUTE = 60_000_000
HOUR = 60 * MINUTE
NO_SHOW, NO_SHOW_CALLS = 0.04, 25.0
"""Guessed share of calls to which nobody comes, and how many calls seen the guess is worth; a service leans on its centre as heavily."""
NO_SHOW_MINUTES = 4.0
WALK_MINUTES, WALKS, LONGEST_WALK = 1.0, 8.0, 5.0
"""Guessed time from a call until its visitor is there, and for how many that stands."""
LEAVE_AN_HOUR, LEAVE_HOURS = 0.05, 40.0
"""Guessed share of those who wait that leave in an hour, and how many hours of waiting the guess is worth."""
TURNAROUND_MINUTES = 1.0
LONGEST_TURNAROUND = 10 * MINUTE
"""A longer pause between two visits was something else."""
MISSED, MISSED_BOOKINGS = 0.1, 20.0
PAUSE_MINUTES: Mapping[str, float] = {
    BreakReason.BREAK: 12.0,
    BreakReason.LUNCH: 35.0,
    BreakReason.TRAINING: 60.0,
    BreakReason.BACK_OFFICE: 30.0,
    BreakReason.HELPING: 8.0,
}
BREAKS_AN_HOUR, BREAK_HOURS = 0.1, 20.0
LUNCH_AROUND = HOUR
"""Who sat at a counter for so long before and after the usual time of lunch could have taken it there."""
AHEAD = 2 * HOUR
"""What depends on the time of day is counted over so long from now."""
MOST_COMING = 6
"""Services of which those who may still come are played."""
OVERTAKES = frozenset({TicketClass.SOON, TicketClass.URGENT})


class Ended(NamedTuple):
    """One ticket that ended lately. `called_at` is its first call, `counter` where; `passed_on`: it came from another ticket of the visit."""

    service: int
    ticket_class: TicketClass
    state: TicketState
    arrived_at: int
    called_at: int | None
    served_at: int | None
    ended_at: int
    counter: int | None = None
    booked: bool = False
    passed_on: bool = False
    left_open: bool = False


class Sat(NamedTuple):
    """Somebody sat at a counter."""

    since_at: int
    until_at: int
    staff: int = 0


class Paused(NamedTuple):
    """A break of a counter that is over."""

    reason: str
    since_at: int
    until_at: int
    staff: int = 0


class Seen(NamedTuple):
    """What was looked up together at `at`. `kept` and `missed` are appointments whose time is over."""

    at: int = 0
    tickets: tuple[Ended, ...] = ()
    sat: tuple[Sat, ...] = ()
    paused: tuple[Paused, ...] = ()
    kept: int = 0
    missed: int = 0


def usual_times(file_minutes: Mapping[int, float], seen: Seen) -> dict[int, Usual]:
    """By service, how long it keeps a counter."""
    took: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for each in seen.tickets:
        if each.called_at is not None and each.served_at is not None and _was_served(each):
            took[each.service].append(
                ((each.ended_at - each.called_at) / MINUTE, weight_of(each.ended_at, seen.at))
            )
    return {
        service: usual_from(
            minutes, [time for time, _ in took[service]], [weight for _, weight in took[service]]
        )
        for service, minutes in file_minutes.items()
    }


def _was_served(each: Ended) -> bool:
    return not each.left_open and each.state in (TicketState.FINISHED, TicketState.TRANSFERRED)


def pauses_last(seen: Seen) -> dict[str, Usual]:
    """By reason, how long a break lasts."""
    found = {}
    for reason, minutes in PAUSE_MINUTES.items():
        of = [each for each in seen.paused if each.reason == reason]
        found[reason] = _usual(
            minutes, [(each.until_at - each.since_at, each.until_at) for each in of], seen.at
        )
    return found


def habits_from(seen: Seen) -> Habits:
    """As the look-ahead takes them. Without anything seen, the guesses."""
    tickets = [each for each in seen.tickets if not each.left_open]
    nobody = [
        (each.ended_at - each.called_at, each.ended_at)
        for each in tickets
        if each.state is TicketState.NO_SHOW and each.called_at is not None
    ]
    return Habits(
        no_show=_no_show(tickets, seen.at),
        no_show_takes=_usual(NO_SHOW_MINUTES, nobody, seen.at),
        walk_minutes=_walk_minutes(tickets),
        leave_an_hour=_leave_an_hour(tickets, seen.at),
        turnaround=_usual(TURNAROUND_MINUTES, _turnarounds(tickets), seen.at),
        missed=(seen.missed + MISSED * MISSED_BOOKINGS) / (seen.kept + seen.missed + MISSED_BOOKINGS),
        breaks=_breaks(seen),
        lunch=_lunch(seen),
        coming=_coming(seen),
    )


def _usual(guess: float, took: Sequence[tuple[int, int]], now: int) -> Usual:
    return usual_from(guess, [micros / MINUTE for micros, _ in took], [weight_of(at, now) for _, at in took])


def _no_show(tickets: Iterable[Ended], now: int) -> dict[int, float]:
    calls: dict[int, float] = defaultdict(float)
    nobody: dict[int, float] = defaultdict(float)
    for each in tickets:
        if each.called_at is not None:
            weight = weight_of(each.ended_at, now)
            calls[each.service] += weight
            nobody[each.service] += weight * (each.state is TicketState.NO_SHOW)
    of_all = (sum(nobody.values()) + NO_SHOW * NO_SHOW_CALLS) / (sum(calls.values()) + NO_SHOW_CALLS)
    return {
        service: (nobody[service] + of_all * NO_SHOW_CALLS) / (count + NO_SHOW_CALLS)
        for service, count in calls.items()
    }


def _walk_minutes(tickets: Iterable[Ended]) -> float:
    """Who needed longer than `LONGEST_WALK` was marked late, not slow."""
    walks = [
        (each.served_at - each.called_at) / MINUTE
        for each in tickets
        if each.called_at is not None and each.served_at is not None
    ]
    walks = [min(each, LONGEST_WALK) for each in walks]
    return (sum(walks) + WALK_MINUTES * WALKS) / (len(walks) + WALKS)


def _leave_an_hour(tickets: Iterable[Ended], now: int) -> float:
    left, waited = LEAVE_AN_HOUR * LEAVE_HOURS, LEAVE_HOURS
    for each in tickets:
        weight = weight_of(each.ended_at, now)
        until = each.ended_at if each.called_at is None else each.called_at
        waited += weight * max(0, until - each.arrived_at) / HOUR
        left += weight * (each.called_at is None and each.state is TicketState.CANCELLED)
    return left / waited


def _turnarounds(tickets: Iterable[Ended]) -> list[tuple[int, int]]:
    """From the end of a visit to the next call at the same counter, where whoever was called then had been waiting already."""
    by_counter: dict[int, list[tuple[int, Ended]]] = defaultdict(list)
    for each in tickets:
        if each.counter is not None and each.called_at is not None:
            by_counter[each.counter].append((each.called_at, each))
    found = []
    for calls in by_counter.values():
        calls.sort(key=lambda call: call[0])
        for (_, before), (called_at, after) in pairwise(calls):
            idle = called_at - before.ended_at
            if after.arrived_at <= before.ended_at and 0 <= idle <= LONGEST_TURNAROUND:
                found.append((idle, called_at))
    return found


def _soon(at: int, now: int) -> bool:
    """Whether it was in the hours of a day that lie ahead now."""
    return (at - now) % DAY < AHEAD


def _breaks(seen: Seen) -> Breaks:
    """But for lunch, which has its hour."""
    breaks = [each for each in seen.paused if each.reason != BreakReason.LUNCH]
    hours = BREAK_HOURS + sum(min(each.until_at - each.since_at, DAY) for each in seen.sat) / HOUR
    lasts = [(each.until_at - each.since_at, each.until_at) for each in breaks]
    return Breaks(
        (len(breaks) + BREAKS_AN_HOUR * BREAK_HOURS) / hours,
        _usual(PAUSE_MINUTES[BreakReason.BREAK], lasts, seen.at),
    )


def _lunch(seen: Seen) -> Lunch:
    """From the lunches of those who sat at a counter all through the hours when people have it; of who did not, nothing can be said."""
    lunches = [each for each in seen.paused if each.reason == BreakReason.LUNCH]
    if not lunches:
        return Lunch()
    ahead = sorted((each.since_at - seen.at) % DAY for each in lunches)
    begins = [each if each < DAY // 2 else each - DAY for each in ahead]
    middle = sorted(begins)[len(begins) // 2]
    sat = {
        (each.staff, each.since_at // DAY)
        for each in seen.sat
        if (at := _same_time(seen.at + middle, each.since_at)) - LUNCH_AROUND >= each.since_at
        and at + LUNCH_AROUND <= each.until_at
    }
    share = min(1.0, len({(each.staff, each.since_at // DAY) for each in lunches}) / (len(sat) + 1))
    over = sum(each < 0 for each in begins) / len(begins)
    return Lunch(
        tuple(max(0, each - _rest_of_a_visit(seen)) for each in begins if each >= 0),
        share * (1 - over) / (1 - share * over) if share * over < 1 else 0.0,
        _usual(
            PAUSE_MINUTES[BreakReason.LUNCH],
            [(each.until_at - each.since_at, each.until_at) for each in lunches],
            seen.at,
        ),
    )


def _rest_of_a_visit(seen: Seen) -> int:
    """How long the visit still takes, on average, that is under way when something falls due: who goes to lunch had meant to a little before."""
    took = [
        each.ended_at - each.called_at
        for each in seen.tickets
        if each.called_at is not None and _was_served(each) and each.ended_at - each.called_at < 2 * HOUR
    ]
    return sum(each * each for each in took) // (2 * sum(took)) if sum(took) else 0


def _same_time(at: int, after: int) -> int:
    """The first instant from `after` on that is at the time of day of `at`."""
    return after + (at - after) % DAY


def had_lunch(seen: Seen, since: int) -> frozenset[int]:
    """Who went to lunch since then."""
    return frozenset(
        each.staff for each in seen.paused if each.reason == BreakReason.LUNCH and each.since_at >= since
    )


def _coming(seen: Seen) -> tuple[Coming, ...]:
    """Those who came to be called before others in these hours of the days before: so many an hour."""
    days = {each.arrived_at // DAY for each in seen.tickets if _soon(each.arrived_at, seen.at)}
    if not days:
        return ()
    number: dict[tuple[int, TicketClass], int] = defaultdict(int)
    for each in seen.tickets:
        if (
            each.ticket_class in OVERTAKES
            and not each.booked
            and not each.passed_on
            and _soon(each.arrived_at, seen.at)
        ):
            number[each.service, each.ticket_class] += 1
    most = sorted(number.items(), key=lambda each: (-each[1], each[0]))[:MOST_COMING]
    hours = len(days) * AHEAD / HOUR
    return tuple(Coming(service, ticket_class, count / hours) for (service, ticket_class), count in most)
