"""Papers are found where they are, and nothing is found where none is."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import photographs
from hardware.vision import pages
from hardware.vision.pages import shapes

SMALL = (800, 600)
SEEDS = range(4_100, 4_108)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_paper_is_found_where_it_lies(seed: int) -> None:
    taken = photographs.photograph(seed, desk=("wood", "white", "dark", "grey")[seed % 4], size=SMALL)
    found = pages.find(taken.picture)
    assert found is not None
    truth = shapes.in_order(taken.corners[0])
    assert shapes.overlap(found.corners, truth)[0] > 0.95
    assert found.corners.dtype == np.float32
    assert pages.judge(taken.picture, found).fault is None


def test_an_empty_plate_is_never_a_page() -> None:
    for seed in range(5_300, 5_308):
        assert pages.find_all(photographs.empty(seed, SMALL)) == [], seed


def test_a_picture_of_one_colour_is_never_a_page() -> None:
    for level in (0, 128, 255):
        picture = np.full((240, 320, 3), level, np.uint8)
        assert pages.find(picture) is None
        assert pages.look(picture).fault is None


def test_many_small_papers_are_found_each() -> None:
    taken = photographs.photograph(6_003, count=4, desk="grey", size=SMALL)
    found = pages.find_all(taken.picture)
    truths = [shapes.in_order(each) for each in taken.corners]
    assert len(found) == len(truths) > 2
    for truth in truths:
        assert max(shapes.overlap(each.corners, truth)[0] for each in found) > 0.9


def test_corners_begin_at_the_upper_left_and_go_round_with_the_clock() -> None:
    square = np.array(((90, 10), (95, 80), (5, 90), (10, 5)), np.float32)
    for first in range(4):
        assert shapes.in_order(np.roll(square, first, axis=0)).tolist() == [
            [10, 5],
            [90, 10],
            [95, 80],
            [5, 90],
        ]


def test_a_paper_is_found_in_a_picture_of_any_size() -> None:
    for size in ((640, 480), (1600, 900)):
        taken = photographs.photograph(4_200, desk="dark", kind="card", size=size)
        found = pages.find(taken.picture)
        assert found is not None
        assert shapes.overlap(found.corners, shapes.in_order(taken.corners[0]))[0] > 0.93
