"""How many desks when: what a plan comes to by sums made by hand, the fewest that are enough, and desks nobody could be asked to man."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from server.domain.half_hours import Halves
from server.domain.replaying import Came, Day, Desk
from server.domain.staffing import (
    Change,
    PastDay,
    as_busy,
    as_it_was,
    at_work,
    desks_changed,
    desks_of_plan,
    fewest,
    parted,
    plan_changed,
    played,
    steady,
)
from wire.vocabulary import TicketClass

MINUTE = 60_000_000
HALF = 30 * MINUTE
TAX, HOUSING = 1, 2
TARGETS = {TAX: 20, HOUSING: 10}
ON = date(2026, 11, 24)


def came(number: int, at: float, takes: float = 10, service: int = TAX, **more: Any) -> Came:
    here = round(at * MINUTE)
    values: dict[str, Any] = {
        "ticket": f"{number:05d}", "visit": f"v{number}", "service": service, "ticket_class": TicketClass.ORDINARY, "here_at": here,
        "counts_from": here, "takes": round(takes * MINUTE), "wait_from": here,
    }  # fmt: skip
    return Came(**{**values, **more})


def past(day: list[Came], desks: list[Desk], halves: int = 8, on: date = ON) -> PastDay:
    return PastDay(
        on, Day(tuple(day)), tuple(desks), Halves(18, tuple(number * HALF for number in range(halves + 1)))
    )


def desk(begins: float, ends: float, services: tuple[int, ...] = (TAX, HOUSING), **more: Any) -> Desk:
    return Desk(frozenset(services), ((round(begins * MINUTE), round(ends * MINUTE)),), **more)


def test_what_is_seen_in_time_by_hand() -> None:
    """One desk, ten minutes each: waits 0, 9, 18 (target 10: late), 27 (late); one left after 25 minutes (late), one after 5 (nobody can say)."""
    day = past(
        [
            came(1, 0),
            came(2, 1),
            came(3, 2, service=HOUSING),
            came(4, 3),
            came(5, 4, gone_at=29 * MINUTE),
            came(6, 35, gone_at=40 * MINUTE, called_at=None),
        ],
        [desk(0, 39, stays=False)],
    )
    seen = played([day], lambda each: each.desks, TARGETS)
    assert sorted(seen.waits.minutes.elements()) == [0, 9, 18, 27]
    assert (seen.share, seen.left, seen.left_early) == (2 / 5, 1, 1)
    assert (seen.busy, seen.open) == (40 * MINUTE, 40 * MINUTE)  # the last visitor kept it a minute longer
    assert seen.by_half[18].median == 9
    assert seen.shares == {ON: 0.4}
    assert seen.worst == (ON, 0.4)


def test_what_was_is_counted_as_a_replay_is() -> None:
    rows = [came(1, 0, called_at=0), came(2, 0, called_at=21 * MINUTE), came(3, 5, gone_at=50 * MINUTE)]
    seen = as_it_was([past(rows, [desk(0, 60)])], TARGETS)
    assert (seen.share, seen.left, sorted(seen.waits.minutes.elements())) == (1 / 3, 1, [0, 21])
    assert seen.use == pytest.approx(20 / 60)


def test_desks_for_few_needs_are_kept_apart() -> None:
    every = [desk(0, 240), desk(0, 200, (TAX,)), desk(0, 240, (HOUSING, 3, 4, 5, 6)), desk(0, 240)]
    general, others = parted(every)
    assert (general, others) == ([every[0], every[1], every[3]], [every[2]])
    planned = desks_of_plan(past([came(1, 0)], every), {18: 1, 19: 2, 20: 2})
    assert [(each.services, each.open, each.stays) for each in planned] == [
        (every[2].services, every[2].open, False),
        (frozenset({TAX, HOUSING}), ((0, 3 * HALF),), True),
        (frozenset({TAX, HOUSING}), ((HALF, 3 * HALF),), True),
    ]


def test_one_desk_more_and_one_fewer() -> None:
    day = past([came(1, 0)], [desk(0, 240, counter=1), desk(0, 120, counter=2)])
    more = desks_changed(day, [Change(20, 21, 1)])
    assert more[2:] == [Desk(frozenset({TAX, HOUSING}), ((2 * HALF, 4 * HALF),))]
    fewer = desks_changed(day, [Change(19, 20, -1)])
    assert [each.open for each in fewer] == [((0, HALF), (3 * HALF, 8 * HALF)), ((0, 4 * HALF),)]
    assert desks_changed(day, [Change(60, 61, 1)]) == list(day.desks)  # not within the day
    assert at_work(day)[18] == 2.0
    assert plan_changed({18: 1, 19: 1}, [Change(19, 20, -2)]) == {18: 1, 19: 0, 20: 0}


def busy_day(seed: int) -> PastDay:
    """A queue at opening, a dip, a rush at noon."""
    chance = random.Random(seed)
    at = 0.0
    rows: list[Came] = []
    while at < 230:
        rate = 0.5 if at < 30 or 120 < at < 180 else 0.12
        at += chance.expovariate(rate)
        rows.append(came(len(rows), at, chance.lognormvariate(2.0, 0.5), chance.choice((TAX, HOUSING))))
    return past(rows, [desk(0, 240), desk(0, 240)], on=date(2026, 11, 1 + seed))


def test_the_fewest_meet_the_aim_and_no_desk_of_them_can_go() -> None:
    days, halves = [busy_day(seed) for seed in range(4)], list(range(18, 26))
    turns: list[None] = []
    found = fewest(days, halves, TARGETS, 9, between=lambda: turns.append(None))
    assert found.met
    assert found.enough
    assert len(turns) == found.tries * 4

    def share(plan: dict[int, int]) -> float:
        return played(days, lambda each: desks_of_plan(each, plan), TARGETS).share or 0.0

    assert share(found.plan) >= 0.9
    assert steady(found.plan)
    for half in halves:
        fewer = {**found.plan, half: found.plan[half] - 1}
        assert fewer[half] < 1 or not steady(fewer) or share(fewer) < 0.9
    flat = next(number for number in range(1, 10) if share(dict.fromkeys(halves, number)) >= 0.9)
    assert sum(found.plan.values()) < flat * len(halves)
    assert found.plan[18] > min(found.plan.values())  # the queue at opening is seen to


def test_where_all_desks_are_too_few_it_says_so() -> None:
    rows = [came(number, 0, 60) for number in range(20)]
    found = fewest([past(rows, [desk(0, 240)])], [18, 19], TARGETS, 2)
    assert (found.met, found.plan) == (False, {18: 2, 19: 2})


def test_a_day_on_which_nobody_came_needs_one_desk() -> None:
    found = fewest([past([], [desk(0, 240)])], [18, 19], TARGETS, 5)
    assert (found.met, found.plan, found.seen.share) == (True, {18: 1, 19: 1}, None)


@pytest.mark.parametrize(
    ("desks", "is_steady"),
    [
        ((1, 1, 1, 1), True),
        ((1, 2, 2, 1), True),
        ((1, 2, 1, 1), False),  # a desk for half an hour
        ((2, 1, 2, 2), False),  # away for half an hour only
        ((1, 2, 2, 2), True),  # beginning half an hour late is no more than coming later
        ((3, 1, 1, 1), False),
    ],
)
def test_no_desk_opens_for_half_an_hour(desks: tuple[int, ...], is_steady: bool) -> None:
    assert steady(dict(enumerate(desks, 18))) is is_steady


def test_a_busier_day_has_as_many_more_and_keeps_appointments_and_what_follows() -> None:
    rows = [came(number, number) for number in range(2_000)]
    rows += [came(3_000, 5, booked=True), came(3_001, 5, follows="00001", visit="v1", wait_from=None)]
    busier = as_busy(past(rows, []), 1.3, seed=7)
    walked_in = [each for each in busier.day.came if not each.booked and each.follows is None]
    assert len(walked_in) == pytest.approx(2_600, rel=0.03)
    assert len({each.ticket for each in busier.day.came}) == len(busier.day.came)
    assert sum(each.booked for each in busier.day.came) == 1
    firsts = {each.ticket for each in busier.day.came}
    assert all(each.follows in firsts for each in busier.day.came if each.follows)
    assert as_busy(past(rows, []), 1.3, seed=7) == busier
    booked = as_busy(past(rows, []), 1.0, seed=7, booked=3.0)
    assert sum(each.booked for each in booked.day.came) == 3
    assert len([each for each in booked.day.came if not each.booked]) == len(rows) - 1
    quieter = as_busy(past(rows, []), 0.5, seed=7)
    assert len(quieter.day.came) == pytest.approx(1_000, rel=0.1)
