"""The forecast on made years whose truth is known: weekday, season, growth, events; and a band that holds four times in five."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from math import pi, sin

import pytest

from server.domain.counts_band import USUAL_EXCESS, band, chance_of, excess_of
from server.domain.forecast import Detail, Past, forecast

DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)
HALVES = dict.fromkeys(range(19, 33), 1.0)
SHAPE = {number: 2.0 if number == 19 else 1.0 for number in HALVES}
WEEKDAYS = (1.3, 0.9, 0.9, 0.9, 1.2, 0.0, 0.0)


def made(
    mean: Callable[[date], float],
    days: int,
    seed: int = 1,
    spread: float = 0.0,
    events: dict[date, frozenset[str]] | None = None,
) -> tuple[Past, dict[date, Detail]]:
    """`mean` visits a day, Poisson (with `spread` more), each with one ticket, by SHAPE over the half hours."""
    chance = random.Random(seed)
    totals, details = {}, {}
    for ago in range(days, 0, -1):
        on = TODAY - ago * DAY
        expected = mean(on)
        if not expected:
            continue
        factor = max(0.2, chance.gauss(1, spread)) if spread else 1.0
        came = {
            half: _poisson(chance, expected * factor * share / sum(SHAPE.values()))
            for half, share in SHAPE.items()
        }
        totals[on] = sum(came.values())
        details[on] = Detail(on, came, HALVES)
    return Past(totals, events or {}), details


def _poisson(chance: random.Random, mean: float) -> int:
    number, at = 0, chance.expovariate(1)
    while at < mean:
        number, at = number + 1, at + chance.expovariate(1)
    return number


def told(
    past: Past, details: dict[date, Detail], on: date, known_on: date = TODAY - DAY
) -> tuple[float, int, int]:
    same = [
        each
        for day, each in details.items()
        if day.weekday() == on.weekday() and on - 364 * DAY <= day <= known_on
    ]
    found = forecast(past, same, on, HALVES, known_on)
    assert found is not None
    return found.mean, found.low, found.high


def test_a_weekday_and_its_half_hours_are_found() -> None:
    past, details = made(lambda on: 100 * WEEKDAYS[on.weekday()], 300)
    tuesday = forecast(
        past,
        [each for on, each in details.items() if on.weekday() == 1],
        date(2026, 12, 1),
        HALVES,
        TODAY - DAY,
    )
    assert tuesday is not None
    assert tuesday.mean == pytest.approx(90, rel=0.06)
    assert tuesday.low < 90 < tuesday.high
    first = next(half for half in tuesday.halves if half.number == 19)
    assert first.mean == pytest.approx(90 * 2 / 15, rel=0.12)
    assert told(past, details, date(2026, 11, 30))[0] == pytest.approx(130, rel=0.06)


def test_a_new_level_is_believed_within_weeks() -> None:
    past, details = made(lambda on: (60 if on > TODAY - 56 * DAY else 100) * WEEKDAYS[on.weekday()], 300)
    assert told(past, details, date(2026, 11, 24))[0] == pytest.approx(54, rel=0.2)


def test_the_season_of_years_before_is_reckoned_with() -> None:
    def mean(on: date) -> float:
        return 200 * WEEKDAYS[on.weekday()] * (1 + 0.4 * sin(2 * pi * on.timetuple().tm_yday / 365.25))

    past, details = made(mean, 1_100)
    on = date(2027, 2, 9)  # eleven weeks ahead, across the winter
    assert told(past, details, on)[0] == pytest.approx(mean(on), rel=0.12)
    young, few = made(mean, 300)
    far_off = abs(told(young, few, on)[0] - mean(on))
    assert far_off > 2 * abs(told(past, details, on)[0] - mean(on))  # without a year there is no season


def test_days_of_an_event_teach_only_of_such_days() -> None:
    bills = frozenset({"bills"})
    events = {date(2026, 10, 5) + number * DAY: bills for number in range(12)} | {date(2026, 11, 24): bills}
    past, details = made(
        lambda on: 100 * WEEKDAYS[on.weekday()] * (2 if on in events else 1), 300, events=events
    )
    plain = told(past, details, date(2026, 12, 1))[0]
    assert plain == pytest.approx(90, rel=0.08)
    found = forecast(
        past,
        [each for on, each in details.items() if on.weekday() == 1],
        date(2026, 11, 24),
        HALVES,
        TODAY - DAY,
    )
    assert found is not None
    (effect,) = found.effects
    assert (effect.kind, effect.days) == ("bills", 10)
    assert effect.factor == pytest.approx(2, rel=0.15)  # drawn towards none, as ten days cannot say more
    assert found.mean == pytest.approx(90 * effect.factor, rel=0.08)


def test_an_event_of_which_none_is_past_is_said_and_not_guessed() -> None:
    past, details = made(
        lambda on: 100 * WEEKDAYS[on.weekday()], 200, events={date(2026, 12, 1): frozenset({"flood"})}
    )
    found = forecast(
        past,
        [each for on, each in details.items() if on.weekday() == 1],
        date(2026, 12, 1),
        HALVES,
        TODAY - DAY,
    )
    assert found is not None
    assert (found.unknown, found.effects) == (("flood",), ())
    assert found.mean == pytest.approx(90, rel=0.08)


def test_hours_never_open_before_are_told_as_the_nearest_and_said() -> None:
    past, details = made(lambda on: 100 * WEEKDAYS[on.weekday()], 200)
    same = [each for on, each in details.items() if on.weekday() == 1]
    found = forecast(past, same, date(2026, 12, 1), {32: 1.0, 33: 0.5}, TODAY - DAY)
    assert found is not None
    assert found.borrowed == (33,)
    assert found.halves[1].mean == pytest.approx(found.halves[0].mean / 2)


def test_nothing_is_said_of_which_nothing_is_known() -> None:
    past, details = made(lambda on: 100.0, 10)
    same = [each for on, each in details.items() if on.weekday() == 1]
    assert len(same) < 3
    assert forecast(past, same, date(2026, 12, 1), HALVES, TODAY - DAY) is None
    full, many = made(lambda on: 100.0, 100)
    tuesdays = [each for on, each in many.items() if on.weekday() == 1]
    assert forecast(full, tuesdays, date(2026, 12, 1), {}, TODAY - DAY) is None  # closed


@pytest.mark.parametrize(("mean", "spread"), [(25.0, 0.0), (100.0, 0.2)])
def test_the_band_holds_four_days_in_five(mean: float, spread: float) -> None:
    """Two seeds' last 28 Tuesdays, each forecast a week before: two standard errors of 56 days either way, and small counts hold more."""
    held: list[bool] = []
    closer: list[float] = []
    for seed in range(2):
        past, details = made(lambda on: mean * WEEKDAYS[on.weekday()], 600, seed, spread)
        tuesdays = sorted(
            (each for on, each in details.items() if on.weekday() == 1), key=lambda each: each.on
        )
        for each in tuesdays[-28:]:
            expected, low, high = told(past, details, each.on, each.on - 7 * DAY)
            held.append(low <= sum(each.came.values()) <= high)
            last_week = sum(details[each.on - 7 * DAY].came.values())
            closer.append(abs(last_week - past.totals[each.on]) - abs(expected - past.totals[each.on]))
    assert 0.69 <= sum(held) / len(held) <= 0.95
    assert sum(closer) / len(closer) > 0  # nearer than the same weekday last week


def test_a_band_holds_what_it_says_and_no_more_than_whole_numbers_make_it() -> None:
    for mean, excess in ((0.4, 0.0), (3.0, 0.02), (40.0, 0.05), (300.0, 0.0)):
        low, high = band(mean, excess)
        inside = sum(chance_of(number, mean, excess) for number in range(low, high + 1))
        ends = min(chance_of(low, mean, excess), chance_of(high, mean, excess))
        assert inside >= 0.8
        assert inside - ends < 0.8  # narrower would hold too little
    assert sum(chance_of(number, 5.0, 0.3) for number in range(400)) == pytest.approx(1)
    low, high = band(100_000.0, 0.01)
    assert high - low == pytest.approx(2 * 1.2816 * (100_000 + 1e8) ** 0.5, rel=0.01)
    assert band(0.0, 0.1) == (0, 0)


def test_excess_is_measured_from_how_far_off_forecasts_were() -> None:
    chance = random.Random(3)
    pairs = [(100.0, float(_poisson(chance, max(1, chance.gauss(100, 20))))) for _ in range(4_000)]
    assert excess_of(pairs) == pytest.approx(0.04, rel=0.1)
    assert excess_of([(100.0, 100.0)] * 50) == 0.0
    assert excess_of([]) == USUAL_EXCESS
