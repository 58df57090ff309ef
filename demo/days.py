"""One plausible day at a centre: who comes when, for what, how long they wait and are served, who gives up, is passed on, does not come when called.

A small queue is really played, so that waits follow from arrivals, desks and service times as they do in a lobby, and a busy Monday looks like one. Service times are
log-normal, as those of service encounters are (Brown et al., "Statistical Analysis of a Telephone Call Center", JASA 2005); arrivals are a Poisson stream whose rate follows the hour,
the weekday, the season, the years and what is known to bring people. Nothing here knows a database.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import heappop, heappush
from math import exp, log, pi, sin

MINUTE = 60.0
HALF_HOURS = (0.7, 1.5, 1.35, 1.2, 1.1, 1.05, 0.95, 0.8, 0.75, 0.9, 1.0, 0.95, 0.85, 0.7, 0.5, 0.35)
"""How the rate of arrivals runs from opening to closing: a queue before the door, a dip at noon."""
WEEKDAYS = (1.25, 0.95, 0.9, 0.95, 1.15, 0.6, 0.4)
"""Mondays and Fridays are the busiest days for contact."""
OF_CHILDREN = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4)
MOST_WAIT = 75 * MINUTE


@dataclass(frozen=True)
class Offered:
    """A service as a day needs to know it. `share` of those who come, minutes usual, how much sooner its class is called (seconds)."""

    id: int
    share: float
    minutes: float
    lead: float
    bookable: bool
    discreet: bool


@dataclass(slots=True)
class Came:
    """One ticket. Seconds since local midnight; None: it did not happen. `follows`: index of the ticket it was passed on from."""

    visit: int
    service: Offered
    arrived: float
    booked: float | None = None
    called: float | None = None
    served: float | None = None
    parked: float | None = None
    unparked: float | None = None
    ended: float = 0.0
    state: str = "waiting"
    desk: int | None = None
    follows: int | None = None
    left_open: bool = False


@dataclass
class Day:
    """`desks`: from when to when each was taken, and its break."""

    tickets: list[Came] = field(default_factory=list)
    visits: int = 0
    desks: list[tuple[float, float, float, float]] = field(default_factory=list)
    taps: list[tuple[str, float]] = field(default_factory=list)


def busy(on: date, events: Mapping[date, float]) -> float:
    """How much busier than usual a day is: by weekday, season (January and April are full, August is not) and what is known."""
    season = 1 + 0.12 * sin(2 * pi * (on.timetuple().tm_yday + 40) / 365.25)
    return WEEKDAYS[on.weekday()] * season * events.get(on, 1.0)


def poisson(chance: random.Random, mean: float) -> int:
    """A draw, by its normal shape where it is large."""
    if mean > 60:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    limit, number, product = exp(-mean), 0, chance.random()
    while product > limit:
        number += 1
        product *= chance.random()
    return number


def arrivals(chance: random.Random, number: int, opens: float, closes: float) -> list[float]:
    """Seconds since midnight, in order."""
    span = (closes - opens) / len(HALF_HOURS)
    slots = chance.choices(range(len(HALF_HOURS)), HALF_HOURS, k=number)
    return sorted(opens + (slot + chance.random()) * span for slot in slots)


def play_day(
    chance: random.Random,
    offered: Sequence[Offered],
    *,
    visits: float,
    taps: Mapping[str, float],
    opens: float,
    closes: float,
    longer: float = 1.0,
) -> Day:
    """A day of about `visits` visits with tickets and so many taps of each activity. `longer`: how much longer than usual service takes."""
    day = Day()
    day.visits = poisson(chance, visits)
    shares = [each.share for each in offered]
    for visit, at in enumerate(arrivals(chance, day.visits, opens, closes)):
        service = chance.choices(offered, shares)[0]
        booked = None
        if service.bookable and chance.random() < 0.35:
            booked = min(closes - 1800, round((at + chance.gauss(8, 9) * MINUTE) / 900) * 900)
        day.tickets.append(Came(visit, service, at, booked))
    work = sum(each.service.minutes for each in day.tickets) * MINUTE * longer * 1.12
    desks = max(1, round(work / (closes - opens) / chance.uniform(0.74, 0.92)))
    for number in range(desks):
        pause = opens + (closes - opens) * (0.35 + 0.35 * (number + 0.5) / desks)
        day.desks.append((opens - 300, closes, pause, pause + chance.uniform(30, 50) * MINUTE))
    _call(chance, day, closes, longer)
    for activity, mean in taps.items():
        day.taps += [(activity, at) for at in arrivals(chance, poisson(chance, mean), opens, closes)]
    return day


def _call(chance: random.Random, day: Day, closes: float, longer: float) -> None:
    """Every ticket to its end, desk by desk."""
    coming = [(each.arrived, index) for index, each in enumerate(day.tickets)]
    coming.reverse()
    waiting: list[tuple[float, int]] = []
    free = [(begins, desk) for desk, (begins, *_) in enumerate(day.desks)]
    rested: set[int] = set()
    while coming or waiting:
        at, desk = heappop(free)
        _, _, rests, back = day.desks[desk]
        if at >= rests and desk not in rested:
            rested.add(desk)
            day.desks[desk] = (*day.desks[desk][:2], at, at + back - rests)
            heappush(free, (at + back - rests, desk))
            continue
        while coming and coming[-1][0] <= at:
            _, index = coming.pop()
            heappush(waiting, (_counts_from(day.tickets[index]), index))
        if not waiting:
            heappush(free, (max(at, coming[-1][0]) + 1, desk))
            continue
        _, index = heappop(waiting)
        ticket = day.tickets[index]
        patience = min(MOST_WAIT, 35 * MINUTE + chance.expovariate(1 / (90 * MINUTE)))
        if at - ticket.arrived > patience and ticket.follows is None:
            ticket.state, ticket.ended = "cancelled", ticket.arrived + patience
            heappush(free, (at, desk))
            continue
        heappush(free, (_serve(chance, day, index, at, desk, closes, longer, coming), desk))


def _counts_from(ticket: Came) -> float:
    return (
        ticket.arrived if ticket.booked is None else min(ticket.arrived, ticket.booked - 300)
    ) - ticket.service.lead


def _serve(
    chance: random.Random, day: Day, index: int, at: float, desk: int, closes: float, longer: float,
    coming: list[tuple[float, int]],
) -> float:  # fmt: skip
    """Called at `at`; when the desk is free again."""
    ticket = day.tickets[index]
    ticket.called, ticket.desk = at, desk
    if ticket.follows is None and chance.random() < 0.03:
        ticket.state, ticket.ended = "no_show", at + 180
        return ticket.ended
    ticket.served = at + chance.uniform(15, 95)
    mean = ticket.service.minutes * MINUTE * longer
    took = max(40.0, chance.lognormvariate(log(mean) - 0.6**2 / 2, 0.6))
    ticket.ended = ticket.served + took
    if chance.random() < 0.03:
        ticket.parked = ticket.served + took * 0.4
        ticket.unparked = ticket.parked + chance.uniform(4, 15) * MINUTE
        ticket.ended += ticket.unparked - ticket.parked
    ticket.state = "finished"
    if ticket.follows is None and chance.random() < 0.05 and ticket.ended < closes - 1200:
        ticket.state = "transferred"
        others = {
            each.service.id: each.service for each in day.tickets if each.service.id != ticket.service.id
        }
        if others:
            onward = chance.choice([*others.values()])
            day.tickets.append(Came(ticket.visit, onward, ticket.arrived, follows=index))
            coming.append((ticket.ended, len(day.tickets) - 1))
            coming.sort(reverse=True)
        else:
            ticket.state = "finished"
    elif chance.random() < 0.002:
        ticket.left_open = True
        ticket.ended = closes + 8 * 3600
        return ticket.served + took
    return ticket.ended + 20
