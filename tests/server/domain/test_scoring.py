"""A range is judged to the second by the call that came of it; sums of many say the same as looking at each."""

from __future__ import annotations

import random
from statistics import mean, median

import pytest

from server.domain.scoring import BANDS, SECOND, Given, Tally, Verdict, band_of, doubtful, judge, tell
from server.domain.sums import Sums, together

NINE = 1_764_000_000 * SECOND


def given(low: int, high: int, middle: int | None = None, told: bool = True) -> Given:
    return Given(NINE, low * 60, high * 60, (low + high) * 30 if middle is None else middle * 60, told)


@pytest.mark.parametrize(
    ("took", "verdict"),
    [
        (299, Verdict("early", 299, -151)),
        (300, Verdict("within", 300, -150)),
        (600, Verdict("within", 600, 150)),
        (601, Verdict("late", 601, 151)),
        (0, Verdict("early", 0, -450)),
    ],
)
def test_both_ends_of_a_range_belong_to_it(took: int, verdict: Verdict) -> None:
    assert judge(given(5, 10), NINE + took * SECOND) == verdict


def test_a_millisecond_after_the_high_end_is_late() -> None:
    said = judge(given(5, 10), NINE + 600 * SECOND + 1000)
    assert said is not None
    assert said.how == "late"


@pytest.mark.parametrize("called_at", [None, NINE - 1])
def test_who_was_never_called_or_before_it_was_told_is_not_judged(called_at: int | None) -> None:
    assert judge(given(5, 10), called_at) is None


def test_of_who_still_waits_nothing_is_counted() -> None:
    sums = Sums()
    tell(sums, 7, given(5, 10), None, over=False)
    assert sums == Sums()


def test_who_left_is_told_of_and_in_no_error() -> None:
    sums = Sums()
    tell(sums, 7, given(5, 10), None)
    assert sums.document() == {"counts": {"estimate/7/told": 1, "estimate/band/5/told": 1}, "spreads": {}}


def test_what_was_held_back_is_in_no_figure_of_what_was_told() -> None:
    sums = Sums()
    tell(sums, 7, given(5, 10, told=False), NINE + 400 * SECOND)
    tell(sums, 7, given(5, 10, told=False), NINE + 700 * SECOND)
    tell(sums, 7, given(5, 10, told=False), None)
    assert {name: number for name, number in sums.counts.items() if number} == {
        "estimate/7/held": 3,
        "estimate/7/held_judged": 2,
        "estimate/7/held_within": 1,
    }


def test_the_bands_hold_every_range_once() -> None:
    assert [band_of(each * 60) for each in (0, 4, 5, 9, 10, 19, 20, 39, 40, 300)] == [
        *(0, 0, 5, 5, 10, 10, 20, 20, 40, 40)
    ]
    assert band_of(299) == 0
    assert band_of(-1) == BANDS[0]


def test_sums_say_what_looking_at_each_says() -> None:
    dice = random.Random(6)
    told, days = [], [Sums() for _ in range(5)]
    for _ in range(400):
        low = dice.randrange(0, 40)
        high = low + dice.randrange(1, 20)
        took = None if dice.random() < 0.1 else dice.randrange(0, 4000)
        told.append((dice.choice((3, 4)), low, high, took))
        called = None if took is None else NINE + took * SECOND
        tell(dice.choice(days), told[-1][0], given(low, high), called)
    sums = together(days)
    for service in (3, 4):
        judged = [(low, high, took) for s, low, high, took in told if s == service and took is not None]
        offs = [took - (low + high) * 30 for low, high, took in judged]
        of = sums.by("estimate", service)
        assert of["told"] == sum(s == service for s, *_ in told)
        assert of["within"] == sum(low * 60 <= took <= high * 60 for low, high, took in judged)
        assert of["early"] == sum(took < low * 60 for low, _, took in judged)
        assert of["late"] == sum(took > high * 60 for _, high, took in judged)
        assert of["bias"] == sum(offs)
        assert of["minutes"] == sum(abs(each) for each in offs)
        error = sums.spread("estimate", "error", service)
        assert error.mean == pytest.approx(mean(abs(each) for each in offs) / 60)
        assert error.median == pytest.approx(median(abs(each) for each in offs) / 60, abs=1.0)
    assert sum(sums.count("estimate", "band", band, "told") for band in BANDS) == len(told)
    assert sum(sums.spread("estimate", "took", band).number for band in BANDS) == sum(
        took is not None for *_, took in told
    )


MANY = Tally(400, 300, 100, 20)
NONE = Tally(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("lately", "short", "held", "then"),
    [
        (Tally(100, 59, 40, 10), NONE, False, True),
        (Tally(100, 60, 40, 10), NONE, False, False),
        (Tally(100, 69, 40, 10), NONE, True, True),
        (Tally(100, 70, 40, 10), NONE, True, False),
        (Tally(59, 0, 40, 10), NONE, False, False),
        (Tally(100, 0, 19, 10), NONE, False, False),
        (Tally(100, 0, 40, 2), NONE, False, False),
        (Tally(59, 0, 40, 10), NONE, True, False),
        (Tally(400, 100, 90, 20), Tally(60, 42, 20, 3), True, False),
        (Tally(400, 100, 90, 20), Tally(60, 41, 20, 3), True, True),
        (Tally(400, 100, 90, 20), Tally(10, 10, 5, 1), True, True),
        (MANY, Tally(100, 0, 30, 5), False, False),
        (NONE, NONE, True, False),
    ],
)
def test_a_service_is_held_back_when_it_is_proved_wrong_and_comes_back_when_it_is_clearly_right(
    lately: Tally, short: Tally, held: bool, then: bool
) -> None:
    assert doubtful(lately, short, held) is then
