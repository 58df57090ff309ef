"""Which backups stay: by hours, days and weeks, when some of them are bad, and when the clock jumps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.keeping_backups import AHEAD, USUAL, Keep, Kept, in_order, read_keep, to_keep

NOW = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST = DAY * USUAL.most_days

minutes = st.lists(st.integers(0, 100 * 24 * 60), unique=True, max_size=60)


def kept(
    ages: list[timedelta], keep: Keep = USUAL, bad: frozenset[timedelta] = frozenset()
) -> list[timedelta]:
    there = {age: Kept(NOW - age, good=age not in bad) for age in ages}
    return sorted(to_keep(there, NOW, keep))


def rotated(moments: list[datetime], now: datetime, bad: frozenset[datetime] = frozenset()) -> list[datetime]:
    return sorted(to_keep({at: Kept(at, good=at not in bad) for at in moments}, now))


def test_the_last_hours_days_and_weeks_are_kept_and_nothing_is_older_than_said() -> None:
    every_hour = [HOUR * number for number in range(24 * 60)]
    stays = kept(every_hour)
    assert stays[:24] == every_hour[:24]
    assert len(stays) <= 24 + 14 + 5
    assert {(NOW - age).date() for age in stays} >= {(NOW - DAY * number).date() for number in range(14)}
    assert {(NOW - age).isocalendar()[1] for age in stays} == {44, 45, 46, 47, 48}
    assert max(stays) <= MOST


def test_months_are_kept_where_the_council_says_so() -> None:
    yearly = Keep(0, 0, 0, 12, 400)
    assert len(kept([DAY * number for number in range(500)], yearly)) == 12
    assert kept([HOUR, DAY * 3], Keep(0, 0, 0, 0, 35)) == [HOUR]


@given(minutes)
def test_the_newest_stays_and_who_was_kept_is_kept_again(ages: list[int]) -> None:
    there = [timedelta(minutes=each) for each in ages]
    stays = kept(there)
    assert stays[:1] == sorted(there)[:1]
    assert kept(stays) == stays


@given(minutes, st.data())
def test_bad_backups_cost_no_good_one_its_place(ages: list[int], data: st.DataObject) -> None:
    there = [timedelta(minutes=each) for each in ages]
    bad = data.draw(st.sets(st.sampled_from(there))) if there else set()
    good = [age for age in there if age not in bad]
    stays = kept(there, bad=frozenset(bad))
    if any(age <= MOST for age in good):
        assert [age for age in stays if age not in bad] == kept(good)
    assert min(good, default=None) == min((age for age in stays if age not in bad), default=None)
    assert len(stays) <= 2 * (24 + 14 + 5 + 1), "nor do they grow without end"


def test_a_month_of_bad_ones_each_hour_leaves_every_good_one_of_its_time() -> None:
    bad = [HOUR * number for number in range(24 * 30)]
    good = [DAY * 31, DAY * 32, DAY * 33]
    stays = kept([*bad, *good], bad=frozenset(bad))
    assert [age for age in stays if age >= DAY * 31] == good


def hourly(first: datetime, last: datetime) -> list[datetime]:
    return [first + HOUR * number for number in range(int((last - first) / HOUR) + 1)]


@pytest.mark.parametrize("wrong", [1, 30, 6 * 24])
@pytest.mark.parametrize("jump", [DAY * 40, DAY * 3650, -DAY * 40, -DAY * 3650])
def test_a_clock_that_jumps_and_is_put_right_within_the_week_leaves_days_and_weeks_to_go_back_to(
    wrong: int, jump: timedelta
) -> None:
    """For `wrong` hours backups are made and rotated each hour by a clock that is ahead or behind."""
    there = rotated(hourly(NOW - DAY * 30, NOW), NOW)
    for number in range(1, wrong + 1):
        now = NOW + jump + HOUR * number
        there = rotated([*there, now], now)
        assert now in there
    now = NOW + HOUR * wrong
    there = rotated([*there, now], now)
    assert now in there
    assert {at.date() for at in there} >= {NOW.date() - DAY * number for number in range(6)}
    assert any(NOW - MOST <= at <= NOW - DAY * 7 for at in there)


@pytest.mark.parametrize("jump", [DAY * 400, -DAY * 400])
def test_what_is_out_of_its_time_goes_once_the_clock_has_been_right_for_a_week(jump: timedelta) -> None:
    there = [NOW + jump - HOUR * number for number in range(5)]
    for number in range(8 * 24):
        now = NOW + HOUR * number
        there = rotated([*there, now], now)
    assert all(-AHEAD <= now - at <= MOST for at in there)


@settings(max_examples=20)
@given(st.lists(st.integers(1, 72), min_size=40, max_size=60))
def test_by_a_clock_that_goes_right_nothing_outlives_its_time(gaps: list[int]) -> None:
    now, there = NOW, []
    for gap in gaps:
        now += HOUR * gap
        there = rotated([*there, now], now)
        assert all(now - at <= MOST for at in there)


def test_a_house_that_was_off_for_long_keeps_what_it_has_for_a_week() -> None:
    old = [DAY * 40, DAY * 41, DAY * 42]
    assert kept([HOUR, *old]) == [HOUR, *old]
    assert kept([HOUR, DAY * 8, *old]) == [HOUR, DAY * 8]
    assert kept([HOUR, DAY * 8, *old], bad=frozenset([HOUR, DAY * 8])) == [HOUR, DAY * 8, DAY * 40], (
        "the only good one"
    )


def test_one_from_after_now_is_not_the_newest() -> None:
    made = {"next year": NOW + DAY * 365, "now": NOW, "a minute ahead": NOW + HOUR / 60, "old": NOW - DAY}
    assert in_order(made, NOW) == ["a minute ahead", "now", "old", "next year"]


def test_a_rule_that_cannot_be_read_is_said() -> None:
    assert read_keep("24 14 8 12", 400) == Keep(24, 14, 8, 12, 400)
    with pytest.raises(ValueError, match="such as 24 14 5 0"):
        read_keep("daily", 35)
