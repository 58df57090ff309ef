"""What must be true of every estimate, whatever the floor, the habits and the chances."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import waiting as rule
from server.domain.selection import MINUTE
from server.domain.usual import Usual
from server.domain.waiting import Breaks, Coming, Desk, Habits, Lunch, Waits
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
    floors,
    waiting,
)

UNEVEN = {TAX: Usual(10, 6, 1), HOMES: Usual(20, 14, 3), CARDS: Usual(5, 4, 2)}
A_BUSY_HOUSE = Habits(
    no_show={TAX: 0.1, HOMES: 0.05},
    no_show_takes=Usual(4, 2, 0.5),
    leave_an_hour=0.3,
    turnaround=Usual(1, 1, 0),
    missed=0.2,
    breaks=Breaks(0.3, Usual(12, 6, 1)),
    lunch=Lunch((20 * MINUTE, 50 * MINUTE), 0.9, Usual(35, 8, 2)),
    coming=(Coming(HOMES, URGENT, 1.5), Coming(CARDS, SOON, 2.0)),
)
Floor = tuple[list[Waiting], list[Desk]]


def exact(waits: Waits) -> tuple[float, float, float]:
    assert waits.exact is not None
    assert waits.middle is not None
    return (waits.exact[0], waits.middle, waits.exact[1])


@settings(max_examples=40)
@given(floors(), st.sampled_from([Habits(), A_BUSY_HOUSE]))
def test_every_ticket_and_every_newcomer_has_an_answer_that_makes_sense(floor: Floor, habits: Habits) -> None:
    queue, desks = floor
    expected = [(TAX, NOW + 20 * MINUTE), (HOMES, NOW - 5 * MINUTE)]
    told = rule.outlook(
        queue, desks, UNEVEN, NOW, dict.fromkeys(UNEVEN, ORDINARY), (), expected, habits=habits
    )
    assert told.tickets.keys() == {each.ticket for each in queue}
    assert told.services.keys() == UNEVEN.keys()
    for waits in [*told.tickets.values(), *told.services.values()]:
        if waits.why is None:
            low, middle, high = exact(waits)
            assert 0 <= low <= middle <= high
            assert waits.low is not None
            assert waits.high is not None
            assert waits.low <= low
            assert waits.high >= high
        else:
            assert (waits.low, waits.high, waits.middle, waits.exact) == (None, None, None, None)
    open_services = {service for each in desks for service in each.services}
    for service, waits in told.services.items():
        assert (waits.why == "no_desk") == (service not in open_services)


@settings(max_examples=40)
@given(floors(), st.sampled_from([Habits(), A_BUSY_HOUSE]))
def test_the_same_floor_has_the_same_answer(floor: Floor, habits: Habits) -> None:
    first, again = (rule.outlook(*floor, UNEVEN, NOW, {TAX: URGENT}, habits=habits) for _ in range(2))
    assert first == again


@given(st.integers(1, 12), st.integers(1, 4), st.sampled_from([Habits(), A_BUSY_HOUSE]))
def test_who_is_ahead_in_one_line_is_never_told_longer(number: int, desks: int, habits: Habits) -> None:
    queue = [waiting(f"{index:02}", 60 - index) for index in range(number)]
    told = rule.outlook(
        queue, [desk(each, busy_with=TAX) for each in range(desks)], UNEVEN, NOW, habits=habits
    )
    ranges = [exact(told.tickets[each.ticket]) for each in queue]
    for ahead, behind in pairwise(ranges):
        assert all(one <= other for one, other in zip(ahead, behind, strict=True))


@given(st.integers(1, 12), st.integers(2, 4), st.integers(0, 25))
def test_taking_a_desk_away_shortens_nobodys_wait(number: int, desks: int, busy: int) -> None:
    """In one line for desks that are alike: there it is so in every future."""
    queue = [waiting(f"{index:02}", 60 - index) for index in range(number)]
    here = [desk(each, TAX, busy_with=TAX, minutes=busy) for each in range(desks)]
    all_of_them = rule.outlook(queue, here, UNEVEN, NOW).tickets
    one_less = rule.outlook(queue, here[:-1], UNEVEN, NOW).tickets
    for each in queue:
        if one_less[each.ticket].exact is not None:
            assert exact(all_of_them[each.ticket]) <= exact(one_less[each.ticket])


@given(st.integers(0, 10), st.integers(1, 3))
def test_one_more_ahead_shortens_nobodys_wait(number: int, desks: int) -> None:
    queue = [waiting(f"{index:02}", 50 - index) for index in range(number)]
    here = [desk(each, TAX, busy_with=TAX) for each in range(desks)]
    before = rule.outlook(queue, here, UNEVEN, NOW).tickets
    after = rule.outlook([waiting("first", 90), *queue], here, UNEVEN, NOW).tickets
    for each in queue:
        assert exact(before[each.ticket])[1] <= exact(after[each.ticket])[1]


@settings(max_examples=40)
@given(floors())
def test_another_seed_tells_much_the_same(floor: Floor) -> None:
    """So few futures are enough: what they differ by is less than what is rounded away."""
    queue, desks = floor
    one, other = (rule.outlook(queue, desks, UNEVEN, NOW, seed=seed).tickets for seed in (1, 2))
    for ticket, waits in one.items():
        if waits.middle is not None and other[ticket].middle is not None:
            assert abs(waits.middle - (other[ticket].middle or 0)) <= 2.5 + 0.1 * waits.middle


@settings(max_examples=40)
@given(floors(), st.sampled_from([1, 3600, 86_400, 7 * 86_400 + 3600]))
def test_midnight_and_the_change_of_the_clock_are_nothing_to_it(floor: Floor, seconds: int) -> None:
    queue, desks = floor
    later = seconds * 1_000_000
    moved_queue = [
        replace(each, counts_from=each.counts_from + later, arrived_at=each.arrived_at + later)
        for each in queue
    ]
    moved = [replace(each, busy_since=each.busy_since + later) for each in desks]
    assert rule.estimate(moved_queue, moved, EXACT, NOW + later) == rule.estimate(queue, desks, EXACT, NOW)
