"""How tickets count: each exception of docs/counting.md as a story of one or two tickets."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.tallies import (
    LEAST_SHOWN,
    DoorDay,
    Named,
    TicketFact,
    Visits,
    difference_in_words,
    fold,
    may_be_told_by_need,
    sought,
    visits,
    whole_months,
)
from wire.vocabulary import Activity, TicketState

DAY = date(2026, 11, 24)


def ticket(name: str, **said: Any) -> TicketFact:
    """A finished, served ticket for advice of visit `v`, unless said otherwise."""
    plain = {
        "id": name,
        "visit": "v",
        "on": DAY,
        "activity": Activity.ADVICE,
        "service": 1,
        "state": TicketState.FINISHED,
        "counted": True,
        "served": True,
        "follows": None,
        "people": 1,
    }
    return TicketFact(**{**plain, **said})


def kinds(*tickets: TicketFact) -> list[Activity]:
    return [each.activity for each in sought(tickets)]


def test_a_ticket_is_one_activity_of_one_visit() -> None:
    (only,) = sought([ticket("a")])
    assert (only.activity, only.service, only.on, only.left, only.open) == (
        Activity.ADVICE,
        1,
        DAY,
        False,
        False,
    )
    assert visits([only]) == Visits(visits=1, visitors=1)


@pytest.mark.parametrize("state", [TicketState.CANCELLED, TicketState.FINISHED])
def test_one_that_no_visitor_stands_behind_does_not_count(state: TicketState) -> None:
    assert sought([ticket("a", counted=False, state=state)]) == []


def test_one_sent_to_the_wrong_service_counts_as_what_it_was_changed_to() -> None:
    wrong = ticket("a", state=TicketState.TRANSFERRED, served=False, activity=Activity.FORMS, service=2)
    assert kinds(wrong, ticket("b", follows="a")) == [Activity.ADVICE]


def test_one_passed_on_unserved_to_the_same_kind_counts_once() -> None:
    wrong = ticket("a", state=TicketState.TRANSFERRED, served=False, service=2)
    (only,) = sought([wrong, ticket("b", follows="a", service=1)])
    assert only.service == 1


def test_one_served_twice_for_the_same_kind_is_one_activity_and_names_the_last_service() -> None:
    (only,) = sought(
        [ticket("a", state=TicketState.TRANSFERRED, service=2), ticket("b", follows="a", service=1)]
    )
    assert only.service == 1


def test_one_served_for_two_kinds_is_two_activities_of_one_visit() -> None:
    chain = [
        ticket("a", state=TicketState.TRANSFERRED, activity=Activity.SUPPORT),
        ticket("b", follows="a", state=TicketState.TRANSFERRED),
        ticket("c", follows="b", activity=Activity.SUPPORT),
    ]
    assert sorted(kinds(*chain)) == [Activity.ADVICE, Activity.SUPPORT]
    assert visits(sought(chain)).visits == 1


def test_a_chain_ends_where_it_leads_whatever_the_ids_say() -> None:
    """A kiosk makes its own, by its own clock, which may be fast."""
    began = ticket("z", state=TicketState.TRANSFERRED, service=1)
    between = ticket("a", follows="z", state=TicketState.TRANSFERRED, activity=Activity.FORMS, service=2)
    (advice,) = (
        each
        for each in sought([between, ticket("b", follows="a", service=3), began])
        if each.activity is Activity.ADVICE
    )
    assert advice.service == 3


def test_needs_are_told_of_a_day_or_of_whole_months_that_are_over() -> None:
    today = date(2026, 11, 24)
    for first, last in (
        (today, today),
        (date(2026, 4, 1), date(2026, 6, 30)),
        (date(2024, 2, 1), date(2024, 2, 29)),
    ):
        assert may_be_told_by_need(first, last, today)
    for first, last in (
        (date(2026, 11, 1), date(2026, 11, 30)),  # not over: looked at each evening, it would tell the day
        (date(2026, 11, 23), today),
        (date(2026, 4, 1), date(2026, 6, 29)),
        (date(2026, 4, 2), date(2026, 6, 30)),
        (date(2024, 2, 1), date(2024, 2, 28)),
    ):
        assert not may_be_told_by_need(first, last, today)
    assert whole_months(date(2026, 1, 15), date(2026, 4, 20), today) == (date(2026, 1, 1), date(2026, 4, 30))
    assert whole_months(date(2025, 12, 3), today, today) == (date(2025, 12, 1), date(2026, 10, 31))
    assert whole_months(date(2026, 11, 2), today, today) is None
    for first, last in ((date(2025, 12, 3), today), (date(2026, 1, 15), date(2026, 4, 20))):
        assert may_be_told_by_need(*(whole_months(first, last, today) or ()), today)


def test_two_needs_of_one_visit_are_two_activities_even_of_one_kind() -> None:
    both = sought([ticket("a", service=1), ticket("b", service=2)])
    assert [each.activity for each in both] == [Activity.ADVICE, Activity.ADVICE]
    assert visits(both) == Visits(visits=1, visitors=1)


@pytest.mark.parametrize("state", [TicketState.CANCELLED, TicketState.NO_SHOW])
def test_one_who_left_or_did_not_come_counts_and_is_told_apart(state: TicketState) -> None:
    gone = sought([ticket("a", state=state, served=False)])
    assert visits(gone) == Visits(visits=1, visitors=1, left=1)


def test_one_who_left_after_being_served_did_not_leave_unserved() -> None:
    chain = [
        ticket("a", state=TicketState.TRANSFERRED),
        ticket("b", follows="a", state=TicketState.CANCELLED, served=False),
    ]
    assert visits(sought(chain)).left == 0


def test_one_who_still_waits_has_not_left() -> None:
    here = sought([ticket("a", state=TicketState.WAITING, served=False)])
    assert visits(here) == Visits(visits=1, visitors=1, here=1)


def test_a_group_is_one_visit_and_as_many_visitors() -> None:
    assert visits(sought([ticket("a", people=4), ticket("b", people=4)])) == Visits(visits=1, visitors=4)


def test_a_merged_visit_is_no_visitor_of_its_own() -> None:
    """Its ticket is not counted; another need it had is then one of the visit it is part of."""
    assert visits(sought([ticket("a"), ticket("b", counted=False), ticket("c", visit="v")])) == Visits(1, 1)


def test_a_ring_of_tickets_ends() -> None:
    assert len(sought([ticket("a", follows="b"), ticket("b", follows="a")])) in (1, 2)


# By service ----------------------------------------------------------------------------------------------------------


def test_services_are_shown_by_name_and_the_unnamed_with_the_small_ones_together() -> None:
    assert fold({"Council tax": 12, "Parking": 30, "Licences": 2}, unnamed=4) == [
        Named("Parking", 30),
        Named("Council tax", 12),
        Named("Other", 6),
    ]


def test_one_discreet_visit_is_hidden_among_the_smallest_service_shown() -> None:
    assert fold({"Council tax": 12, "Parking": 5}, unnamed=1) == [Named("Council tax", 12), Named("Other", 6)]


def test_so_few_that_none_may_be_named_are_one_line() -> None:
    assert fold({"Council tax": 2}, unnamed=1) == [Named("All needs together", 3)]
    assert fold({}, unnamed=0) == []


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 12), max_size=6), st.integers(0, 9))
def test_folding_loses_nobody_and_shows_no_figure_below_the_least(
    figures: dict[str, int], unnamed: int
) -> None:
    shown = fold(figures, unnamed)
    whole = sum(figures.values()) + unnamed
    assert sum(each.number for each in shown) == whole
    assert all(each.number >= min(LEAST_SHOWN, whole) for each in shown)
    for each in shown[:-1]:
        assert figures[each.name] == each.number


# The door ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "begins"),
    [
        (DoorDay(0, 0, 0), "Nobody"),
        (DoorDay(100, 90, 95), "The door and the counting agree"),
        (DoorDay(100, 90, 60), "More came in"),
        (DoorDay(60, 60, 100), "More was counted"),
    ],
)
def test_the_difference_is_put_into_words(door: DoorDay, begins: str) -> None:
    assert difference_in_words(door).startswith(begins)


def test_a_door_that_counts_more_out_than_in_leaves_nobody_inside() -> None:
    assert DoorDay(10, 14, 0).inside == 0
