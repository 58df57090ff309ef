"""A band says how such days usually are, and says nothing where nobody can know."""

from __future__ import annotations

import random

import pytest

from server.domain.usual_days import LEAST_DAYS, Band, usual_band


@pytest.mark.parametrize("days", [[], [60], [60] * (LEAST_DAYS - 1)])
def test_too_few_days_have_no_band(days: list[int]) -> None:
    assert usual_band(days) is None


def test_days_that_are_all_alike() -> None:
    assert usual_band([60] * 6) == Band(60, 60, 60)
    assert usual_band([0] * 12) == Band(0, 0, 0)


def test_percentiles_by_hand() -> None:
    # n = 12: the ranks are 1.3 and 11.7; 51 + 0.3 * 1 = 51.3, 61 + 0.7 * 1 = 61.7, made wider to whole visitors.
    assert usual_band([62, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61]) == Band(51, 56.5, 62)


def test_a_day_when_everybody_had_to_leave_is_not_usual() -> None:
    days = [58, 61, 60, 63, 57, 59, 62, 60, 61, 58, 60]
    assert usual_band([*days, 4]) == usual_band(days)


def test_small_counts_are_not_taken_for_outliers() -> None:
    assert usual_band([0, 0, 0, 0, 0, 0, 0, 2, 3, 1, 0, 0]) == Band(0, 0, 3)


def test_two_kinds_of_days_in_half_leave_none_out() -> None:
    band = usual_band([20] * 6 + [80] * 6)
    assert band == Band(20, 50, 80)


def test_a_new_day_of_the_same_kind_lies_within_about_eight_times_in_ten() -> None:
    dice, within, tries = random.Random(12), 0, 4000
    for _ in range(tries):
        days = [round(dice.gauss(300, 40)) for _ in range(13)]
        band = usual_band(days[:12])
        assert band is not None
        within += band.low <= days[12] <= band.high
    assert 0.77 <= within / tries <= 0.84
