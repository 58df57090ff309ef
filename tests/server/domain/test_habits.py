"""What a centre is used to, against sums made by hand. Guesses fade as more is seen; the same hours of other days count, other hours do not."""

from __future__ import annotations

import pytest

from server.domain.habits import (
    HOUR,
    MINUTE,
    Ended,
    Paused,
    Sat,
    Seen,
    habits_from,
    had_lunch,
    pauses_last,
    usual_times,
)
from server.domain.usual import DAY
from server.domain.waiting import Coming
from wire.vocabulary import TicketClass, TicketState

NOON = 20_000 * DAY + 12 * HOUR
TAX, SAFETY = 1, 2


def ended(
    at: int,
    *,
    service: int = TAX,
    waited: int = 10,
    took: int | None = 10,
    state: TicketState = TicketState.FINISHED,
    ticket_class: TicketClass = TicketClass.ORDINARY,
    counter: int = 1,
) -> Ended:
    """Ended at `at`; called `took` minutes before, and arrived `waited` minutes before that. `took` None: never called."""
    called = None if took is None else at - took * MINUTE
    arrived = (at if called is None else called) - waited * MINUTE
    served = called if state in (TicketState.FINISHED, TicketState.TRANSFERRED) else None
    return Ended(service, ticket_class, state, arrived, called, served, at, counter)


def seen(*tickets: Ended, sat: tuple[Sat, ...] = (), paused: tuple[Paused, ...] = ()) -> Seen:
    return Seen(NOON, tickets, sat, paused)


def test_only_visits_that_were_served_and_ended_by_somebody_say_how_long_a_service_takes() -> None:
    served = [ended(NOON - number * MINUTE, took=20) for number in range(60)]
    others = [
        ended(NOON, took=2, state=TicketState.NO_SHOW),
        ended(NOON, took=None, state=TicketState.CANCELLED),
        ended(NOON, took=400)._replace(left_open=True),
    ]
    usual = usual_times({TAX: 10.0, SAFETY: 30.0}, seen(*served, *others * 20))
    assert usual[TAX] == usual_times({TAX: 10.0}, seen(*served))[TAX]
    assert 18.5 < usual[TAX].minutes < 20
    assert usual[SAFETY].minutes == 30, "none was seen"


def test_the_share_that_does_not_come_leans_on_the_centre_and_then_on_what_was_seen() -> None:
    come = [ended(NOON) for _ in range(150)]
    do_not = [ended(NOON, took=3, state=TicketState.NO_SHOW) for _ in range(50)]
    habits = habits_from(seen(*come, *do_not, ended(NOON, service=SAFETY)))
    assert habits.no_show[TAX] == pytest.approx(0.25, abs=0.02)
    assert 0.2 < habits.no_show[SAFETY] < 0.25, "one who came does not say much"
    assert habits.no_show_takes is not None
    assert habits.no_show_takes.minutes == pytest.approx(3, abs=0.2)


def test_how_long_they_walk_is_from_the_call_to_the_counter() -> None:
    walked = [each._replace(served_at=(each.called_at or 0) + 2 * MINUTE) for each in [ended(NOON)] * 100]
    late = [each._replace(served_at=(each.called_at or 0) + 9 * MINUTE) for each in [ended(NOON)]]
    assert habits_from(seen(*walked, *late)).walk_minutes == pytest.approx((200 + 5 + 8) / 109)


def test_who_leaves_is_counted_by_the_hours_that_all_waited() -> None:
    """120 hours of waiting and 12 who left, and the guess of 2 in 40."""
    called = [ended(NOON, waited=60) for _ in range(108)]
    left = [ended(NOON, waited=60, took=None, state=TicketState.CANCELLED) for _ in range(12)]
    assert habits_from(seen(*called, *left)).leave_an_hour == pytest.approx(14 / 160)


def test_the_time_between_two_visits_counts_only_while_somebody_waited() -> None:
    """At one counter, a call every 13 minutes, 3 after the end of the one before; then one whose visitor had just come."""
    calls = [ended(NOON - number * 13 * MINUTE, took=10, waited=20) for number in range(200)]
    turnaround = habits_from(seen(*calls)).turnaround
    assert turnaround is not None
    assert turnaround.minutes == pytest.approx(3, abs=0.2)
    none_waited = [each._replace(arrived_at=each.called_at or 0) for each in calls]
    guess = habits_from(seen(*none_waited)).turnaround
    assert guess is not None
    assert guess.minutes == 1
    elsewhere = [each._replace(counter=number) for number, each in enumerate(calls)]
    assert habits_from(seen(*elsewhere)).turnaround == guess


def test_breaks_are_counted_by_the_hours_somebody_sat_and_lunch_is_no_break() -> None:
    sat = tuple(Sat(NOON - day * DAY - 2 * HOUR, NOON - day * DAY + 3 * HOUR, 1) for day in range(1, 17))
    breaks = tuple(Paused("break", each.since_at + HOUR, each.since_at + HOUR + 8 * MINUTE) for each in sat)
    lunches = tuple(Paused("lunch", each.since_at + 2 * HOUR, each.since_at + 3 * HOUR, 1) for each in sat)
    habits = habits_from(seen(sat=sat, paused=breaks + lunches))
    assert habits.breaks.an_hour == pytest.approx((16 + 2) / (80 + 20))
    assert pauses_last(seen(sat=sat, paused=breaks + lunches))["lunch"].minutes > 45


def test_lunch_has_its_hour_and_those_ahead_of_now_are_told() -> None:
    """Everybody at 12:30 on ten days; seen at noon, at one, and at noon by somebody who has no lunch at all."""
    half_past = [NOON - day * DAY + 30 * MINUTE for day in range(1, 11)]
    sat = tuple(Sat(at - 3 * HOUR, at + 3 * HOUR, 1) for at in half_past)
    lunches = tuple(Paused("lunch", at, at + 40 * MINUTE, 1) for at in half_past)
    lunch = habits_from(seen(sat=sat, paused=lunches)).lunch
    assert lunch.begins == (30 * MINUTE,) * 10
    assert lunch.share == pytest.approx(10 / 11)
    late = habits_from(Seen(NOON + HOUR, (), sat, lunches)).lunch
    assert (late.begins, late.share) == ((), 0)
    rarely = habits_from(seen(sat=sat, paused=lunches[:2])).lunch
    assert rarely.share == pytest.approx(2 / 11)
    assert habits_from(seen(sat=sat)).lunch.share == 0
    assert had_lunch(seen(paused=lunches), NOON - DAY) == {1}
    assert had_lunch(seen(paused=lunches), NOON) == frozenset()


def test_who_had_meant_to_go_to_lunch_finishes_the_visit_first() -> None:
    """Visits of 20 minutes: half of one is still to come when lunch falls due, so they had meant to go 10 minutes before they went."""
    half_past = [NOON - day * DAY + 30 * MINUTE for day in range(1, 11)]
    sat = tuple(Sat(at - 3 * HOUR, at + 3 * HOUR, 1) for at in half_past)
    lunches = tuple(Paused("lunch", at, at + 40 * MINUTE, 1) for at in half_past)
    visits = [ended(NOON - DAY, took=20)]
    assert set(habits_from(seen(*visits, sat=sat, paused=lunches)).lunch.begins) == {20 * MINUTE}


def test_those_who_may_still_come_before_others_are_counted_in_the_same_hours_of_other_days() -> None:
    def urgent(at: int) -> Ended:
        return ended(at, service=SAFETY, ticket_class=TicketClass.URGENT, waited=0, took=0)

    days = [NOON - day * DAY for day in range(1, 11)]
    at_one = [urgent(day + HOUR) for day in days[:5]]
    in_the_morning = [urgent(day - 2 * HOUR) for day in days]
    ordinary = [ended(day + HOUR, waited=0, took=0) for day in days]
    coming = habits_from(seen(*at_one, *in_the_morning, *ordinary)).coming
    assert coming == (Coming(SAFETY, TicketClass.URGENT, 5 / 10 / 2),)
    booked = [each._replace(booked=True) for each in at_one]
    passed_on = [each._replace(passed_on=True) for each in at_one]
    assert habits_from(seen(*booked, *passed_on, *ordinary)).coming == ()


def test_missed_appointments_and_a_centre_where_nothing_was_seen() -> None:
    assert habits_from(Seen(NOON, kept=60, missed=20)).missed == pytest.approx(22 / 100)
    habits = habits_from(Seen())
    assert habits.missed == pytest.approx(0.1)
    assert (habits.coming, habits.no_show) == ((), {})
    assert habits.leave_an_hour == pytest.approx(0.05)
