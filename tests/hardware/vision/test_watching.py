"""A page is taken when it lies still, and not before."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks import photographs
from hardware.devices import Colour
from hardware.vision.pages import PageFault, PlateWatch

SMALL = (800, 600)
PAGE = photographs.photograph(10_001, kind="letter", desk="dark", size=SMALL).picture
EMPTY = photographs.empty(5_300, SMALL)


def moment(picture: Colour, seed: int, shift: int = 0) -> Colour:
    noise = np.random.default_rng(seed).integers(-2, 3, picture.shape)
    return np.roll(np.clip(picture.astype(np.int16) + noise, 0, 255).astype(np.uint8), shift, axis=1)


def test_a_page_that_lies_still_is_ready_and_its_picture_is_kept() -> None:
    watch = PlateWatch()
    looks = [watch.see(moment(PAGE, n), n * 0.2) for n in range(6)]
    assert [each.ready for each in looks] == [False, False, False, False, True, True]
    assert looks[0].still == 0.0
    assert looks[-1].still == 1.0
    assert not any(each.empty for each in looks)
    assert watch.best() is not None


def test_a_page_that_is_moved_begins_anew() -> None:
    watch = PlateWatch()
    for n in range(4):
        watch.see(moment(PAGE, n), n * 0.2)
    moved = watch.see(moment(PAGE, 9, shift=25), 0.8)
    assert (moved.still, moved.ready) == (0.0, False)
    assert watch.see(moment(PAGE, 10, shift=25), 1.6).ready is False  # one more look is asked for
    assert watch.see(moment(PAGE, 11, shift=25), 1.8).ready is True


def test_a_faulty_page_is_never_ready_and_says_why() -> None:
    watch = PlateWatch()
    dark = photographs.photograph(8_001, kind="letter", desk="wood", wrong="too_dark", size=SMALL).picture
    looks = [watch.see(moment(dark, n), n * 0.4) for n in range(4)]
    assert {each.fault for each in looks} == {PageFault.TOO_DARK}
    assert not any(each.ready for each in looks)
    assert watch.best() is None


def test_an_empty_plate_is_empty_and_what_was_there_is_forgotten() -> None:
    watch = PlateWatch()
    for n in range(5):
        watch.see(moment(PAGE, n), n * 0.2)
    watch.see(EMPTY, 1.1)
    assert watch.best() is not None  # a blink is no leaving
    assert watch.see(EMPTY, 1.5).empty
    assert watch.best() is None


def test_a_page_that_is_put_on_a_plate_looked_at_a_moment_ago_is_seen_at_once() -> None:
    watch = PlateWatch()
    assert watch.see(EMPTY, 0.0).found is None
    assert watch.see(moment(EMPTY, 1), 0.1).found is None
    assert watch.see(PAGE, 0.2).found is not None


def test_what_was_found_is_judged_anew_in_every_picture() -> None:
    watch = PlateWatch()
    assert watch.see(PAGE, 0.0).fault is None
    soft = np.asarray(cv2.GaussianBlur(PAGE, (0, 0), 4.0), np.uint8)
    assert watch.see(soft, 0.1).fault is PageFault.BLURRED


def test_reset_lets_go_of_the_picture() -> None:
    watch = PlateWatch()
    watch.see(PAGE, 0.0)
    assert watch.best() is not None
    watch.reset()
    assert watch.best() is None
