"""Erlang's formula against the textbook's own sums, worked out here another way, and where it must not break."""

from __future__ import annotations

from fractions import Fraction
from math import exp, factorial

import pytest

from server.domain.erlang import desks_needed, loss, mean_wait, waits_at_all, within


def by_the_book(load: Fraction, desks: int) -> Fraction:
    """The formula as Erlang wrote it, in fractions: nothing is rounded."""
    last = load**desks / factorial(desks) * desks / (desks - load)
    return last / (sum(load**number / factorial(number) for number in range(desks)) + last)


@pytest.mark.parametrize(
    ("load", "desks"), [(Fraction(1, 2), 1), (Fraction(7, 3), 3), (Fraction(19, 2), 12), (Fraction(99), 110)]
)
def test_the_share_that_waits_is_that_of_the_book(load: Fraction, desks: int) -> None:
    assert waits_at_all(float(load), desks) == pytest.approx(float(by_the_book(load, desks)), rel=1e-12)


def test_one_desk_is_the_queue_everybody_knows() -> None:
    """M/M/1: the share that waits is the load, the mean wait load/(1 - load) service times, the tail exponential."""
    assert waits_at_all(0.8, 1) == pytest.approx(0.8)
    assert mean_wait(0.08, 10, 1) == pytest.approx(0.8 / 0.2 * 10)
    assert within(0.08, 10, 1, 20) == pytest.approx(1 - 0.8 * exp(-0.2 * 20 / 10))


def test_where_the_queue_grows_without_end_nothing_is_promised() -> None:
    assert waits_at_all(3.0, 3) == 1.0
    assert within(0.3, 10, 3, 60) == 0.0
    assert mean_wait(0.3, 10, 3) is None


def test_nobody_who_comes_needs_no_desk() -> None:
    assert (desks_needed(0, 10, 20, 0.9), within(0, 10, 0, 20), mean_wait(0, 10, 0)) == (0, 1.0, 0.0)


def test_large_loads_neither_overflow_nor_lose_the_last_desk() -> None:
    assert loss(5_000, 5_000) == pytest.approx(0.01115, rel=0.01)  # about sqrt(2 / (pi * load))
    desks = desks_needed(500, 10, 0.5, 0.9)
    assert within(500, 10, desks, 0.5) >= 0.9 > within(500, 10, desks - 1, 0.5)
    assert 5_000 < desks < 5_100


def test_the_fewest_desks_are_the_fewest() -> None:
    for rate in (0.05, 0.31, 1.7):
        desks = desks_needed(rate, 12, 20, 0.9)
        assert within(rate, 12, desks, 20) >= 0.9 > within(rate, 12, desks - 1, 20)
