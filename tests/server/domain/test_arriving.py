"""How somebody came who has an appointment, the place that gives them, and what the rule makes of a day."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import appointments
from server.domain import arriving
from server.domain.arriving import Appointment, Came, SecondPaper, judge, place, second_paper
from server.domain.offers import Offer
from server.domain.selection import GRACE, HEAD_START, MINUTE
from wire.vocabulary import BookingState, TicketClass

TEN = 1_795_514_400_000_000
TODAY, OTHER = date(2026, 11, 24), date(2026, 11, 25)
BOOKED = Appointment(1, BookingState.BOOKED, TODAY, TEN)
OFFER = Offer(early_minutes=30, late_minutes=10)


@pytest.mark.parametrize(
    ("minutes", "came"),
    [
        (-30.1, Came.EARLY),
        (-30, Came.ON_TIME),
        (0, Came.ON_TIME),
        (0.1, Came.LATE),
        (10, Came.LATE),
        (10.1, Came.TOO_LATE),
    ],
)
def test_early_on_time_late_and_too_late(minutes: float, came: Came) -> None:
    at = TEN + round(minutes * MINUTE)
    assert judge(BOOKED, OFFER, 1, TODAY, at) is came
    assert judge(BOOKED._replace(state=BookingState.MISSED), OFFER, 1, TODAY, at) is came


@pytest.mark.parametrize(
    ("found", "came"),
    [
        (None, Came.UNKNOWN),
        (BOOKED._replace(state=BookingState.HELD), Came.UNKNOWN),
        (BOOKED._replace(state=BookingState.CANCELLED), Came.CANCELLED),
        (BOOKED._replace(state=BookingState.ARRIVED), Came.ARRIVED),
        (BOOKED._replace(on=OTHER), Came.OTHER_DAY),
        (BOOKED._replace(centre=2), Came.OTHER_CENTRE),
        (BOOKED._replace(centre=2, state=BookingState.ARRIVED, on=OTHER), Came.OTHER_CENTRE),
        (BOOKED._replace(late_minutes=15), Came.LATE),
    ],
)
def test_what_else_a_reference_may_be(found: Appointment | None, came: Came) -> None:
    assert judge(found, OFFER, 1, TODAY, TEN + 20 * MINUTE) is came


@given(st.integers(-300, 300), st.sampled_from(TicketClass))
def test_whoever_comes_later_never_has_the_better_place(minutes: int, usual: TicketClass) -> None:
    def at(minutes: int) -> arriving.Place:
        instant = TEN + minutes * MINUTE
        return place(judge(BOOKED, OFFER, 1, TODAY, instant), TEN, instant, usual)

    earlier, later = at(minutes), at(minutes + 1)
    assert earlier.counts_from <= later.counts_from
    assert (earlier.ticket_class is TicketClass.BOOKED) == (minutes <= OFFER.late_minutes)
    if earlier.ticket_class is TicketClass.BOOKED:
        assert earlier.counts_from == max(TEN, TEN + minutes * MINUTE - GRACE) - HEAD_START


@pytest.mark.parametrize("came", [Came.UNKNOWN, Came.CANCELLED, Came.OTHER_DAY, Came.TOO_LATE, Came.ARRIVED])
def test_who_has_no_place_kept_waits_as_a_walk_in_from_now(came: Came) -> None:
    assert place(came, TEN, TEN + 5, TicketClass.SOON) == (TicketClass.SOON, TEN + 5)


def test_a_second_paper_joins_is_void_or_starts_anew() -> None:
    assert second_paper(None, TEN) is SecondPaper.JOINS
    assert second_paper(TEN, TEN - 1) is SecondPaper.VOID
    assert second_paper(TEN, TEN) is SecondPaper.ANEW


EXTRA = {
    "areas": [
        {"slug": "up", "names": {"en": "First floor"}},
        {"slug": "down", "names": {"en": "Ground floor"}},
    ],
    "counter_areas": {"desk": "down", "room-1": "up", "room-2": "up"},
}


@pytest.mark.parametrize(
    ("rooms", "where"),
    [
        (["room-1", "room-2"], "First floor"),
        (["desk"], ""),  # where everyone waits
        (["desk", "room-1"], ""),  # nobody knows yet which
        (["unknown"], ""),
        ([], ""),
    ],
)
def test_where_to_wait_is_said_only_if_it_is_elsewhere(rooms: list[str], where: str) -> None:
    assert arriving.where_to_wait(EXTRA, ["desk", "room-1", "room-2"], rooms) == where
    assert arriving.where_to_wait({}, [], rooms) == ""


def test_the_rule_keeps_the_promise_and_costs_walk_ins_little() -> None:
    """As docs/appointments-on-the-floor.md says, on fewer days than there."""
    days = 120
    usual = appointments.run(appointments.USUAL, appointments.as_it_is, days)
    plain = appointments.run(appointments.USUAL, appointments.as_walk_ins, days)
    assert usual.booked[2] >= 96
    assert usual.walk_in[0] <= plain.walk_in[0] + 1
    short = replace(appointments.USUAL, desks=2)
    rule, head = (
        appointments.run(short, each, days)
        for each in (appointments.as_it_is, appointments.without_head_start)
    )
    assert rule.booked[2] > head.booked[2] + 15
