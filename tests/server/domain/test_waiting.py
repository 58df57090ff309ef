from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.selection import HOLD, MINUTE, choose, is_there
from server.domain.usual import Usual, usual_from
from server.domain.waiting import HONEST_MINUTES, NO_DESK, Desk, Waits, settle
from tests.server.domain.waiting_floor import (
    CARDS,
    EXACT,
    HOMES,
    NOW,
    ORDINARY,
    SOON,
    TAX,
    URGENT,
    Waiting,
    desk,
    estimate,
    floors,
    if_you_came_now,
    outlook,
    waiting,
)
from wire.vocabulary import TicketClass


def test_one_desk_works_off_the_line_in_order() -> None:
    queue = [waiting("a", 9), waiting("b", 8, HOMES), waiting("c", 7)]
    assert estimate(queue, [desk(1, busy_with=TAX, minutes=4)], EXACT, NOW) == {
        "a": Waits(6, 6, None, 0),
        "b": Waits(15, 20, None, 1),
        "c": Waits(35, 40, None, 2),
    }


def test_two_desks_share_the_line() -> None:
    queue = [waiting("a", 9), waiting("b", 8), waiting("c", 7)]
    waits = estimate(queue, [desk(1), desk(2, busy_with=HOMES, minutes=16)], EXACT, NOW)
    assert waits == {"a": Waits(0, 2, None, 0), "b": Waits(4, 4, None, 1), "c": Waits(10, 10, None, 2)}


def test_a_desk_calls_only_what_it_serves() -> None:
    queue = [waiting("a", 9, HOMES), waiting("b", 8, TAX)]
    waits = estimate(queue, [desk(1, TAX), desk(2, HOMES, busy_with=HOMES, minutes=12)], EXACT, NOW)
    assert waits == {"a": Waits(8, 8, None, 0), "b": Waits(0, 2, None, 0)}


def test_no_desk_that_serves_it_is_said_and_not_guessed() -> None:
    assert estimate([waiting("a", 9, HOMES)], [desk(1, TAX)], EXACT, NOW) == {"a": NO_DESK}
    assert estimate([waiting("a", 9)], [], EXACT, NOW) == {"a": NO_DESK}
    assert if_you_came_now({HOMES: ORDINARY}, [], [desk(1, TAX)], EXACT, NOW) == {HOMES: NO_DESK}


def test_a_ticket_for_one_counter_waits_for_it_and_goes_first_there() -> None:
    queue = [waiting("a", 9), waiting("b", 1, for_counter=2), waiting("c", 1, for_counter=7)]
    waits = estimate(queue, [desk(1, busy_with=HOMES), desk(2, busy_with=CARDS, minutes=1)], EXACT, NOW)
    assert waits == {"b": Waits(4, 4, None, 0), "a": Waits(10, 15, None, 1), "c": NO_DESK}


def test_the_order_is_the_one_in_which_they_will_be_called_not_the_one_now() -> None:
    """At the moment a desk is free again in 10 minutes the urgent visitor leads, though not now."""
    queue = [waiting("a", 20), waiting("b", 1, ticket_class=URGENT)]
    assert choose(queue, NOW, 1).candidate.ticket == "a"  # type: ignore[union-attr] - two are waiting
    waits = estimate(queue, [desk(1, busy_with=TAX)], EXACT, NOW)
    assert waits == {"b": Waits(10, 10, None, 0), "a": Waits(20, 20, None, 1)}


def test_an_appointment_that_is_due_before_you_is_reckoned_with_and_keeps_no_desk_idle() -> None:
    """The desk is free in 6 minutes, and an appointment for 20 minutes is in 5: it goes first then, and not while a desk is free now."""
    queue, in_five = [waiting("a", 1)], [(HOMES, NOW + 5 * MINUTE)]
    busy = [desk(1, busy_with=TAX, minutes=4)]
    assert outlook(queue, busy, EXACT, NOW).tickets == {"a": Waits(6, 6, None, 0)}
    assert outlook(queue, busy, EXACT, NOW, expected=in_five).tickets == {"a": Waits(25, 30, None, 1)}
    assert outlook(queue, [desk(1)], EXACT, NOW, expected=in_five).tickets == {"a": Waits(0, 2, None, 0)}
    came = outlook([], busy, EXACT, NOW, {TAX: ORDINARY}, expected=in_five)
    assert came == ({}, {TAX: Waits(25, 30, None, 1)})


@pytest.mark.parametrize("minutes", [-15, 61])
def test_an_appointment_that_is_past_or_far_off_is_not_reckoned_with(minutes: int) -> None:
    queue, busy = [waiting("a", 1)], [desk(1, TAX, busy_with=TAX, minutes=4)]
    expected = [(TAX, NOW + minutes * MINUTE), (HOMES, NOW + MINUTE)]  # nobody here serves the second
    assert outlook(queue, busy, EXACT, NOW, expected=expected).tickets == {"a": Waits(6, 6, None, 0)}


def test_who_comes_now_waits_behind_those_who_are_here_but_an_urgent_one_may_not() -> None:
    queue = [waiting("a", 9), waiting("b", 8)]
    came = if_you_came_now({TAX: ORDINARY, HOMES: URGENT}, queue, [desk(1, busy_with=TAX)], EXACT, NOW)
    assert came == {TAX: Waits(30, 30, None, 2), HOMES: Waits(10, 10, None, 0)}


def test_who_comes_now_to_an_idle_desk_is_called_soon() -> None:
    assert if_you_came_now({TAX: ORDINARY}, [], [desk(1)], EXACT, NOW) == {TAX: Waits(0, 2, None, 0)}


def test_a_service_over_its_usual_time_is_not_about_to_end() -> None:
    usual = {TAX: Usual(10, 6, 0)}
    [fresh] = estimate([waiting("a", 1)], [desk(1, TAX, busy_with=TAX, minutes=0)], usual, NOW).values()
    [over] = estimate([waiting("a", 1)], [desk(1, TAX, busy_with=TAX, minutes=60)], usual, NOW).values()
    assert fresh.low is not None
    assert over.high is not None
    assert fresh.low <= 10
    assert 3 < over.high <= 25


def test_a_wait_too_long_to_be_told_honestly_is_unknown() -> None:
    queue = [waiting(f"{index:02}", 60 - index) for index in range(40)]
    waits = estimate(queue, [desk(1)], EXACT, NOW)
    assert waits["24"] == Waits(HONEST_MINUTES, HONEST_MINUTES, None, 24)
    assert waits["25"] == Waits(None, None, "unknown", 25)


def test_ranges_are_kind_low_down_high_up_in_fives_above_ten() -> None:
    usual = {TAX: Usual(8, 4, 1)}
    queue = [waiting(f"{index}", 60 - index) for index in range(6)]
    for waits in estimate(queue, [desk(1, TAX, busy_with=TAX)], usual, NOW).values():
        assert waits.low is not None
        assert waits.high is not None
        assert waits.low < waits.high
        assert waits.low < 10 or waits.low % 5 == 0
        assert waits.high <= 10 or waits.high % 5 == 0


# The usual time ------------------------------------------------------------------------------------------------


def test_the_files_figure_stands_until_visits_are_seen_and_then_fades() -> None:
    assert usual_from(12).minutes == 12
    assert 19 < usual_from(12, [20] * 60).minutes < 20
    assert usual_from(12, [20] * 60).doubt < usual_from(12, [20] * 6).doubt < usual_from(12).doubt


def test_one_visit_that_was_never_finished_does_not_move_the_usual_time() -> None:
    assert usual_from(12, [12] * 20 + [6000]).minutes < 14


# What is on the screen -----------------------------------------------------------------------------------------


def test_a_range_on_the_screen_shortens_at_once_and_lengthens_by_more_than_a_step() -> None:
    shown = Waits(10, 20, None, 5)
    assert settle(None, shown) == shown
    assert settle(shown, Waits(10, 15, None, 4)) == Waits(10, 15, None, 4)
    assert settle(shown, Waits(10, 25, None, 4)) == Waits(10, 20, None, 4)
    assert settle(shown, Waits(15, 30, None, 5)) == Waits(15, 30, None, 5)
    assert settle(shown, Waits(5, 20, None, 5)) == shown
    assert settle(shown, Waits(0, 20, None, 5)) == Waits(0, 20, None, 5)
    assert settle(shown, NO_DESK) == NO_DESK
    assert settle(NO_DESK, shown) == shown


@given(st.lists(st.integers(16, 25), min_size=2, max_size=20))
def test_a_range_does_not_flicker_between_two_steps(highs: list[int]) -> None:
    shown: Waits | None = None
    seen = []
    for high in highs:
        shown = settle(shown, Waits(10, -(-high // 5) * 5, None, 3))
        seen.append(shown.high or 0)
    assert sum(1 for before, after in pairwise(seen) if before != after) <= 1


# Laws ----------------------------------------------------------------------------------------------------------


def call_by_call(queue: list[Waiting], desks: list[Desk]) -> dict[str, int]:
    """The oracle: plays with `selection.choose` itself. When each is called, in minutes from now."""
    left = [replace(each, awaited=is_there(each.wants, each.service, desks)) for each in queue]
    called: dict[str, int] = {}
    free, away = [], {}
    after_quick = [each.after_quick for each in desks]
    for index, each in enumerate(desks):
        busy = EXACT[each.busy_with].minutes - (NOW - each.busy_since) / MINUTE if each.busy_with else 0
        free.append((NOW + max(0, int(busy * MINUTE)), index))
        away[each.visit] = free[-1][0]
    while free:
        free.sort()
        then, index = free.pop(0)
        here = desks[index]
        served = [
            each
            for each in left
            if each.for_counter == here.counter
            or (each.for_counter is None and each.service in here.services)
        ]
        mine = [each for each in served if away.get(each.visit, 0) <= then]
        chosen = choose(mine, then, here.counter, skills=here.skills, after_quick=after_quick[index])
        if chosen is not None:
            left.remove(chosen.candidate)
            called[chosen.candidate.ticket] = round((then - NOW) / MINUTE)
            after_quick[index] = chosen.candidate.quick
            free.append((then + int(EXACT[chosen.candidate.service].minutes * MINUTE), index))
            away[chosen.candidate.visit] = free[-1][0]
            continue
        moments = [moment for each in served for moment in (away.get(each.visit, 0), each.arrived_at + HOLD)]
        later = min((moment for moment in moments if moment > then), default=None)
        if later is not None:
            free.append((later, index))
    return called


@given(floors())
def test_the_one_pass_calls_whom_selection_would_call(floor: tuple[list[Waiting], list[Desk]]) -> None:
    queue, desks = floor
    called = call_by_call(queue, desks)
    waits = estimate(queue, desks, EXACT, NOW)
    assert waits.keys() == {each.ticket for each in queue}
    assert {ticket for ticket, each in waits.items() if each.why != "no_desk"} == called.keys()
    for ticket, minutes in called.items():
        low, high, why, *_ = waits[ticket]
        if why is None:
            assert low is not None
            assert high is not None
            assert low <= minutes <= max(high, 2)
            assert high - low <= 5


@given(floors(), st.sampled_from([TAX, HOMES, CARDS]), st.sampled_from([ORDINARY, SOON, URGENT]))
def test_who_comes_now_is_told_what_they_are_told_once_they_have_come(
    floor: tuple[list[Waiting], list[Desk]], service: int, ticket_class: TicketClass
) -> None:
    queue, desks = floor
    told = if_you_came_now({service: ticket_class}, queue, desks, EXACT, NOW)[service]
    came = Waiting("~", service, ticket_class, NOW, NOW)
    assert estimate([*queue, came], desks, EXACT, NOW)["~"] == told


@given(floors(), st.randoms(use_true_random=False))
def test_the_answer_does_not_depend_on_the_order_given(
    floor: tuple[list[Waiting], list[Desk]], rng: random.Random
) -> None:
    queue, desks = floor
    shuffled = queue.copy()
    rng.shuffle(shuffled)
    assert estimate(shuffled, desks, EXACT, NOW) == estimate(queue, desks, EXACT, NOW)


def test_ranges_hold_about_four_times_in_five() -> None:
    """Floors played out with times drawn from a gamma distribution: the truth lies within what was told."""
    rng = random.Random(7)
    usual = {TAX: Usual(10, 6, 0), HOMES: Usual(20, 12, 0), CARDS: Usual(5, 3, 0)}
    held = told = 0
    for _ in range(150):
        queue = [
            waiting(f"{index:02}", 60 - index, rng.choice([TAX, HOMES, CARDS]))
            for index in range(rng.randrange(3, 15))
        ]
        desks = [desk(counter) for counter in range(rng.randrange(1, 4))]
        free = [(0.0, each.counter) for each in desks]
        for each in queue:
            free.sort()
            then, counter = free.pop(0)
            waits = estimate(queue, desks, usual, NOW)[each.ticket] if then else None
            if waits is not None and waits.low is not None and waits.high is not None:
                told += 1
                held += waits.low <= then <= waits.high
            minutes, spread, _ = usual[each.service]
            free.append((then + rng.gammavariate((minutes / spread) ** 2, spread**2 / minutes), counter))
    assert told > 500
    assert 0.75 < held / told < 0.95


# Whom somebody asked for, quick ones, several needs ------------------------------------------------------------


def test_who_asked_for_somebody_is_kept_for_them_and_then_called_by_anybody() -> None:
    speaks = replace(desk(2, TAX, busy_with=TAX), skills=frozenset({"gu"}))
    asked = replace(waiting("a", 5), wants="gu")
    usual = {TAX: Usual(30, 0, 0)}
    assert estimate([asked], [desk(1, TAX), speaks], usual, NOW) == {"a": Waits(10, 10, None, 0)}
    assert estimate([asked], [desk(1, TAX)], usual, NOW) == {"a": Waits(0, 2, None, 0)}, "nobody there does"


def test_a_quick_one_goes_between_long_ones_but_not_two_in_a_row() -> None:
    queue = [waiting("a", 12), waiting("b", 11)]
    queue += [replace(waiting(name, minutes), quick=True) for name, minutes in (("q", 2), ("r", 1))]
    waits = estimate(queue, [desk(1, TAX)], EXACT, NOW)
    assert sorted(waits, key=lambda each: waits[each].ahead or 0) == ["q", "a", "r", "b"]


def test_two_needs_of_one_visitor_are_not_told_as_if_two_desks_could_take_them() -> None:
    needs = [replace(each, of_visit="one") for each in (waiting("a", 5), waiting("b", 5, HOMES))]
    waits = estimate(needs, [desk(1), desk(2)], EXACT, NOW)
    assert (waits["a"].high, waits["b"].low) == (2, 10)
    at_a_desk = replace(desk(1, busy_with=HOMES, minutes=12), visit="one")
    assert estimate(needs[:1], [at_a_desk, desk(2)], EXACT, NOW)["a"] == Waits(8, 8, None, 0)


def test_of_a_visit_that_is_parked_nobody_says_when_its_next_need_is_called() -> None:
    parked = replace(waiting("a", 5), of_visit="one")
    told = outlook([parked, waiting("b", 1)], [desk(1)], EXACT, NOW, away={"one"}).tickets
    assert told == {"a": Waits(None, None, "unknown"), "b": Waits(0, 2, None, 0)}
