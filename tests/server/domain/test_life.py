"""Lives of the house, and the numbers that are left out after a restore."""

from __future__ import annotations

import pytest

from server.domain.life import MINUTE, MOST_LOST, Life

DAY_BEGAN = 1_000_000 * MINUTE


def life(known: int | None, restored: int | None) -> Life:
    return Life("2-abc", 2, known, restored, "secret")


@pytest.mark.parametrize(
    ("known", "restored", "last", "lost"),
    [
        (None, None, None, 0),
        (DAY_BEGAN + 60 * MINUTE, DAY_BEGAN + 75 * MINUTE, DAY_BEGAN + 59 * MINUTE, 40),
        (DAY_BEGAN + 60 * MINUTE, DAY_BEGAN + 75 * MINUTE, DAY_BEGAN + 80 * MINUTE, 0),
        (DAY_BEGAN - 7 * 24 * 60 * MINUTE, DAY_BEGAN + 30 * MINUTE, None, 70),
        (DAY_BEGAN - MINUTE, DAY_BEGAN + 1000 * MINUTE, None, MOST_LOST),
        (DAY_BEGAN - 60 * MINUTE, DAY_BEGAN - MINUTE, None, 0),
    ],
    ids=[
        "never restored",
        "an hour's backup",
        "one given since",
        "last week's",
        "the whole day",
        "yesterday",
    ],
)
def test_numbers_on_lost_papers_are_left_out_once(
    known: int | None, restored: int | None, last: int | None, lost: int
) -> None:
    assert life(known, restored).numbers_lost(DAY_BEGAN, last) == lost


def test_each_centre_has_a_key_of_its_own_that_stays_over_lives() -> None:
    first, later = Life("1-a", 1, None, None, "secret"), life(5, 6)
    assert first.keeping(1) == later.keeping(1) != first.keeping(2)
    assert len(bytes.fromhex(first.keeping(1))) == 32
