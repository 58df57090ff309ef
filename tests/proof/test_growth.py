"""The month's verdict finds a leak among figures that jump, calls none what chance can have done, and says when it cannot tell."""

import random

import pytest

from benchmarks.month.growth import LEAST, growth

MOST = 0.4


def nights(added: float, jumps: float, number: int = 22, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [150 + added * night + chance.uniform(-jumps, jumps) for night in range(number)]


@pytest.mark.parametrize("seed", range(20))
def test_a_leak_is_found_and_none_is_where_none_is(seed: int) -> None:
    assert growth(nights(1.5, 2.0, seed=seed)).judged(MOST) == "grows"
    assert growth(nights(0.0, 0.5, seed=seed)).judged(MOST) == "flat"


def test_what_fills_up_in_the_first_half_is_no_leak() -> None:
    filled = [150 + 60 * min(1.0, night / 8) for night in range(22)]
    assert growth(filled).judged(MOST) == "flat"


def test_one_night_that_stands_out_changes_nothing() -> None:
    values = nights(0.0, 0.5)
    values[-1] += 80
    assert growth(values).judged(MOST) == "flat"
    assert growth(values).slope < MOST


@pytest.mark.parametrize("number", range(2 * LEAST, 4 * LEAST))
def test_what_shrinks_is_judged_as_what_grows(number: int) -> None:
    values = nights(0.3, 2.0, number)
    grows, shrinks = growth(values), growth([-each for each in values])
    assert (shrinks.low, shrinks.slope, shrinks.high) == (-grows.high, -grows.slope, -grows.low)


def test_what_nobody_can_say_is_not_called_flat() -> None:
    assert growth([]).judged(MOST) == growth([186.5, 191.9]).judged(MOST) == "not told by so few"
    assert growth(nights(0.0, 0.1, 2 * LEAST - 2)).judged(MOST) == "not told by so few"
    assert "longer" in growth(nights(0.0, 30.0)).judged(MOST)
