"""Floors on which an estimate could be silly: nobody there, thousands, what closes or opens soon, what was never seen, clocks that are wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain import waiting as rule
from server.domain.habits import Seen, habits_from, usual_times
from server.domain.selection import MINUTE
from server.domain.usual import Usual
from server.domain.waiting import NO_DESK, Breaks, Coming, Habits, Lunch, Waits
from tests.server.domain.waiting_floor import (
    CARDS,
    EXACT,
    HOMES,
    NOW,
    ORDINARY,
    TAX,
    URGENT,
    desk,
    estimate,
    outlook,
    waiting,
)

UNKNOWN = Waits(None, None, "unknown")
EVERY_HALF_HOUR = Habits(coming=(Coming(HOMES, URGENT, 2.0),))


# Desks --------------------------------------------------------------------------------------------------------


def test_with_no_desk_open_nobody_is_told_a_range_whatever_the_roster_says() -> None:
    planned = replace(desk(-1), opens_at=NOW + 5 * MINUTE, planned=True)
    for desks in ([], [planned]):
        told = outlook([waiting("a", 5)], desks, EXACT, NOW, {TAX: ORDINARY})
        assert told == ({"a": NO_DESK}, {TAX: NO_DESK})


def test_a_desk_that_the_roster_opens_soon_takes_its_share() -> None:
    queue = [waiting("a", 9), waiting("b", 8), waiting("c", 7)]
    planned = replace(desk(-1), opens_at=NOW + 3 * MINUTE, planned=True)
    busy = desk(1, busy_with=TAX)
    assert [each.high for each in estimate(queue, [busy, planned], EXACT, NOW).values()] == [3, 10, 15]
    assert [each.high for each in estimate(queue, [busy], EXACT, NOW).values()] == [10, 20, 30]


def test_a_desk_that_closes_soon_calls_nobody_afterwards() -> None:
    queue = [waiting("a", 9), waiting("b", 8), waiting("c", 7)]
    closes = replace(desk(1), closes_at=NOW + 10 * MINUTE)
    assert estimate(queue, [closes, desk(2, busy_with=HOMES)], EXACT, NOW) == {
        "a": Waits(0, 2, None, 0),
        "b": Waits(20, 20, None, 1),
        "c": Waits(30, 30, None, 2),
    }
    assert estimate(queue, [closes], EXACT, NOW) == {"a": Waits(0, 2, None, 0), "b": UNKNOWN, "c": UNKNOWN}
    closed = replace(closes, closes_at=NOW - MINUTE)
    assert estimate(queue[:1], [closed], EXACT, NOW) == {"a": UNKNOWN}


def test_a_break_ends_when_such_a_one_ends_and_nobody_is_told_that_no_desk_is_open() -> None:
    paused = replace(desk(1), paused_at=NOW - 5 * MINUTE, pause=Usual(15, 0, 0))
    assert estimate([waiting("a", 9)], [paused], EXACT, NOW) == {"a": Waits(10, 10, None, 0)}
    overdue = replace(paused, paused_at=NOW - 60 * MINUTE)
    assert estimate([waiting("a", 9)], [overdue], EXACT, NOW) == {"a": Waits(0, 2, None, 0)}
    unknown = replace(paused, pause=None)
    assert estimate([waiting("a", 9)], [unknown], EXACT, NOW) == {"a": UNKNOWN}


def test_each_desk_goes_to_lunch_once() -> None:
    lunch = Habits(lunch=Lunch((5 * MINUTE,), 1.0, Usual(30, 0, 0)))
    queue = [waiting(name, 9 - number) for number, name in enumerate("abcd")]
    told = outlook(queue, [desk(1)], EXACT, NOW, habits=lunch).tickets
    assert [each.high for each in told.values()] == [2, 40, 50, 60]
    fed = replace(desk(1), had_lunch=True)
    assert [each.high for each in outlook(queue, [fed], EXACT, NOW, habits=lunch).tickets.values()] == [
        2,
        10,
        20,
        30,
    ]


def test_breaks_and_the_time_between_two_visits_make_the_wait_longer() -> None:
    queue = [waiting(name, 9 - number) for number, name in enumerate("abcd")]

    def last(habits: Habits) -> float:
        return rule.outlook(queue, [desk(1)], EXACT, NOW, habits=habits).tickets["d"].middle or 0

    assert last(Habits()) == 30
    assert last(Habits(turnaround=Usual(2, 0, 0))) == 36
    assert last(Habits(breaks=Breaks(100.0, Usual(7, 0, 0)))) == 51


def test_a_desk_that_has_just_finished_writes_up_first() -> None:
    just = replace(desk(1), free_since=NOW - MINUTE)
    told = outlook([waiting("a", 9)], [just], EXACT, NOW, habits=Habits(turnaround=Usual(4, 0, 0)))
    assert told.tickets == {"a": Waits(3, 3, None, 0)}


# Visitors -----------------------------------------------------------------------------------------------------


def test_when_all_are_parked_nobody_can_say() -> None:
    queue = [replace(waiting(name, 5), of_visit=name) for name in "abc"]
    told = outlook(queue, [desk(1)], EXACT, NOW, {TAX: ORDINARY}, away={"a", "b", "c"})
    assert told.tickets == dict.fromkeys("abc", UNKNOWN)
    assert told.services[TAX].high == 2


def test_with_thousands_waiting_the_first_are_told_and_the_others_that_nobody_can_say() -> None:
    queue = [waiting(f"{index:05}", 600 - index / 10) for index in range(5000)]
    told = outlook(queue, [desk(each) for each in range(4)], EXACT, NOW, {TAX: ORDINARY})
    assert len(told.tickets) == 5000
    assert told.tickets["00003"].high == 2
    assert told.tickets["00095"] == Waits(230, 230, None, 95)
    assert told.tickets["00105"].why == told.tickets["04999"].why == told.services[TAX].why == "unknown"


def test_who_does_not_come_when_called_keeps_the_desk_for_a_moment_only() -> None:
    queue = [waiting("a", 9), waiting("b", 8), waiting("c", 7)]
    nobody = Habits(no_show={TAX: 1.0}, no_show_takes=Usual(3, 0, 0))
    told = outlook(queue, [desk(1)], EXACT, NOW, habits=nobody).tickets
    assert [each.high for each in told.values()] == [2, 3, 6]
    called = replace(desk(1, busy_with=TAX, minutes=1), busy_present=False)
    assert outlook(queue[:1], [called], EXACT, NOW, habits=nobody).tickets["a"].high == 2
    came = replace(called, busy_present=True)
    assert outlook(queue[:1], [came], EXACT, NOW, habits=nobody).tickets["a"].high == 9


def test_some_do_not_come_and_the_range_holds_both() -> None:
    queue = [waiting("a", 9), waiting("b", 8)]
    some = Habits(no_show={TAX: 0.5}, no_show_takes=Usual(3, 0, 0))
    waits = rule.outlook(queue, [desk(1)], EXACT, NOW, habits=some).tickets["b"]
    assert waits.exact == (3, 10)


def test_those_who_leave_keep_nobody_waiting_and_are_not_counted_as_called() -> None:
    queue = [waiting("a", 9), waiting("b", 8), waiting("c", 7), waiting("d", 6)]
    leaving = Habits(leave_an_hour=1000.0)
    told = outlook(queue, [desk(1, busy_with=TAX)], EXACT, NOW, habits=leaving).tickets
    assert told == dict.fromkeys("abcd", Waits(10, 10, None, 0))


def test_urgent_visitors_who_may_still_come_make_an_ordinary_wait_longer_but_not_an_urgent_one() -> None:
    queue = [waiting(f"{index:02}", 30 - index) for index in range(6)]
    calm = rule.outlook(queue, [desk(1)], EXACT, NOW, {TAX: ORDINARY, CARDS: URGENT})
    busy = rule.outlook(queue, [desk(1)], EXACT, NOW, {TAX: ORDINARY, CARDS: URGENT}, habits=EVERY_HALF_HOUR)
    assert (busy.tickets["05"].middle or 0) > (calm.tickets["05"].middle or 0) + 15
    assert (busy.services[TAX].middle or 0) > (calm.services[TAX].middle or 0) + 15
    assert busy.tickets["00"] == calm.tickets["00"]
    urgent = [waiting(f"{index:02}", 30 - index, ticket_class=URGENT) for index in range(6)]
    assert rule.outlook(urgent, [desk(1)], EXACT, NOW, habits=EVERY_HALF_HOUR).tickets["05"].middle == 50


def test_an_appointment_that_is_late_still_comes_and_one_of_those_who_never_do_does_not() -> None:
    queue, busy = [waiting("a", 1)], [desk(1, TAX, busy_with=TAX, minutes=2)]
    late = [(TAX, NOW - 5 * MINUTE)]
    assert outlook(queue, busy, EXACT, NOW, expected=late).tickets["a"] == Waits(8, 20, None, 1)
    never = Habits(missed=1.0)
    assert outlook(queue, busy, EXACT, NOW, expected=late, habits=never).tickets["a"] == Waits(8, 8, None, 0)


# What was never seen, and clocks ------------------------------------------------------------------------------


def test_a_service_nobody_has_been_seen_for_is_told_by_the_file_with_a_wide_range() -> None:
    usual, habits = usual_times({TAX: 12.0}, Seen()), habits_from(Seen())
    queue = [waiting(f"{index:02}", 30 - index) for index in range(5)]
    seen = {TAX: Usual(12, 7, 0.5)}
    first = rule.outlook(queue, [desk(1, TAX)], usual, NOW, habits=habits).tickets["04"]
    known = rule.outlook(queue, [desk(1, TAX)], seen, NOW).tickets["04"]
    assert first.exact is not None
    assert known.exact is not None
    assert first.exact[1] - first.exact[0] > 1.3 * (known.exact[1] - known.exact[0])
    assert abs((first.middle or 0) - (known.middle or 0)) < 15


@pytest.mark.parametrize("minutes", [-90, 24 * 60, 60 * 24 * 365 * 3])
def test_a_clock_that_was_wrong_gives_an_answer_all_the_same(minutes: int) -> None:
    """Issued by a kiosk that was ahead, or left over for years."""
    queue = [waiting("odd", minutes), waiting("b", 5)]
    told = outlook(queue, [desk(1, busy_with=TAX, minutes=minutes)], EXACT, NOW, {TAX: ORDINARY})
    assert all(
        each.high is not None and each.high <= 30
        for each in (*told.tickets.values(), *told.services.values())
    )


def test_a_visit_that_was_forgotten_for_hours_is_not_told_as_lasting_for_hours_more() -> None:
    usual = {TAX: Usual(10, 6, 0)}
    waits = rule.outlook([waiting("a", 1)], [desk(1, TAX, busy_with=TAX, minutes=500)], usual, NOW).tickets[
        "a"
    ]
    assert waits.exact is not None
    assert 2 < waits.exact[1] < 30


def test_the_longer_nobody_comes_the_less_likely_that_anybody_will() -> None:
    """Half of all calls are in vain; two minutes after one nobody believes in it any more."""
    half = Habits(no_show={TAX: 0.5}, no_show_takes=Usual(3, 0, 0), walk_minutes=0.5)
    called = [replace(desk(1, busy_with=TAX, minutes=each), busy_present=False) for each in (0, 2)]
    fresh, late = (
        rule.outlook([waiting("a", 9)], [each], EXACT, NOW, habits=half).tickets["a"] for each in called
    )
    assert [fresh.exact, late.exact] == [(3, 10), (1, 1)]


def test_a_desk_may_go_on_a_break_after_the_visit_under_way() -> None:
    always = Habits(breaks=Breaks(1000.0, Usual(7, 0, 0)))
    told = outlook([waiting("a", 9)], [desk(1, busy_with=TAX)], EXACT, NOW, habits=always)
    assert told.tickets["a"] == Waits(15, 20, None, 0)


def test_all_leads_together_stay_within_the_ninety_minutes() -> None:
    """A quick urgent visitor who has waited 40 minutes stands as one who has waited 130, not 150."""
    quick = replace(waiting("quick", 40, ticket_class=URGENT), quick=True)
    queue = [quick, waiting("eldest", 135)]
    assert outlook(queue, [desk(1)], EXACT, NOW).tickets["eldest"].ahead == 0
