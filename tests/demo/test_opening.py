"""The demonstration's centre is open whenever somebody starts it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demo.ground import centre_plan, timetable_of
from demo.opening import AFTER_DOORS, LEAST_LEFT, begin
from server.domain.hours import Open, Timetable

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def york_house() -> Timetable:
    return timetable_of(centre_plan())


@pytest.mark.parametrize("day", range(42))
def test_it_is_open_for_a_good_while_at_any_hour_of_any_day(york_house: Timetable, day: int) -> None:
    """Six weeks on, over Christmas."""
    for hour in range(24):
        now = MONDAY + timedelta(days=day, hours=hour, minutes=17)
        beginning = begin(york_house, now)
        standing = york_house.standing(beginning.at)
        assert isinstance(standing, Open), now
        assert standing.closes_at - beginning.at >= LEAST_LEFT, now
        assert beginning.at >= now
        assert beginning.pretended == (beginning.at != now)


def test_a_morning_of_opening_is_shown_as_it_is(york_house: Timetable) -> None:
    tuesday = MONDAY + timedelta(days=1, hours=11, minutes=3)
    assert begin(york_house, tuesday).at == tuesday
    assert not begin(york_house, tuesday).pretended


def test_a_sunday_begins_on_tuesday_when_the_doors_have_been_open_for_a_while(york_house: Timetable) -> None:
    sunday = MONDAY - timedelta(hours=9)
    assert begin(york_house, sunday).at == MONDAY + timedelta(days=1, hours=9, minutes=30) + AFTER_DOORS


def test_the_last_hour_of_the_day_gives_way_to_the_next_day_of_opening(york_house: Timetable) -> None:
    late = MONDAY + timedelta(days=1, hours=15, minutes=45)
    assert begin(york_house, late).at == MONDAY + timedelta(days=3, hours=9, minutes=30) + AFTER_DOORS


def test_a_day_left_in_the_middle_goes_on(york_house: Timetable) -> None:
    left = MONDAY + timedelta(days=1, hours=12)
    beginning = begin(york_house, MONDAY, left_at=left)
    assert (beginning.at, beginning.fresh) == (left, False)


def test_a_day_that_is_nearly_over_is_begun_anew(york_house: Timetable) -> None:
    left = MONDAY + timedelta(days=1, hours=16)
    beginning = begin(york_house, MONDAY, left_at=left)
    assert beginning.fresh
    assert beginning.at < left


def test_a_given_time_is_kept_and_clears_what_is_later(york_house: Timetable) -> None:
    at = MONDAY + timedelta(days=1, hours=9, minutes=25)
    assert begin(york_house, MONDAY, at=at).at == at
    assert begin(york_house, MONDAY, at=at, left_at=at + timedelta(minutes=1)).fresh
    assert not begin(york_house, MONDAY, at=at, left_at=at - timedelta(minutes=1)).fresh
