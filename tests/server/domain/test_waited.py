"""Waits by kind: from which moment they count, and what is told of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.waited import MINUTE, figure, percentile, wait_of

AT = 1_000_000 * MINUTE


@pytest.mark.parametrize(
    ("arrived", "called", "booked", "minutes"),
    [
        (0, 12, None, 12),  # a walk-in waits from arrival
        (0, 31, 30, 1),  # early: from the time
        (0, 25, 30, 0),  # called before the time: no wait
        (37, 40, 30, 3),  # late: from the arrival
    ],
)
def test_each_kind_waits_from_what_it_was_promised(
    arrived: int, called: int, booked: int | None, minutes: int
) -> None:
    at = None if booked is None else AT + booked * MINUTE
    assert wait_of(AT + arrived * MINUTE, AT + called * MINUTE, at) == minutes * MINUTE


def test_a_percentile_is_a_wait_somebody_had() -> None:
    waits = [minutes * MINUTE for minutes in (1, 2, 3, 4, 5, 6, 7, 8, 9, 40)]
    told = figure(reversed(waits))
    assert (told.number, told.median, told.ninth, told.soon, told.share) == (10, 5, 9, 5, 50)
    assert figure([MINUTE + 1]).median == 2  # a minute and a bit is felt as two
    assert (figure([]).median, figure([]).share) == (None, None)


@given(st.lists(st.integers(0, 10**9), min_size=1), st.integers(1, 100))
def test_so_many_waited_at_most_the_percentile_and_fewer_had_less(waits: list[int], share: int) -> None:
    ranked = sorted(waits)
    found = percentile(ranked, share)
    assert found in waits
    assert sum(each <= found for each in waits) * 100 >= share * len(waits)
    assert sum(each < found for each in waits) * 100 < share * len(waits)
