"""What is wrong is said, and what is not wrong is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks import photographs
from hardware.devices import Colour
from hardware.vision import pages
from hardware.vision.pages import PageFault, PlateFault, PlateHealth

SMALL = (800, 600)


@pytest.mark.parametrize(
    "fault", [PageFault.TOO_DARK, PageFault.SHINY, PageFault.BLURRED, PageFault.TOO_SMALL]
)
def test_a_faulty_picture_is_told_by_its_fault(fault: PageFault) -> None:
    kind = None if fault is PageFault.TOO_SMALL else "letter"
    taken = photographs.photograph(8_002, kind=kind, desk="dark", wrong=fault, size=SMALL)
    found = pages.find(taken.picture)
    assert found is not None
    assert pages.judge(taken.picture, found).fault is fault


@pytest.mark.parametrize("seed", [8_100, 8_101, 8_102, 8_103])
def test_a_page_cut_by_the_frame_is_outside_and_never_taken(seed: int) -> None:
    taken = photographs.photograph(seed, kind="letter", desk="dark", wrong="outside", size=SMALL)
    looked = pages.look(taken.picture)
    assert (looked.fault, looked.taken) == (PageFault.OUTSIDE, False)


def test_a_hand_that_hides_so_much_that_no_page_is_found_is_said() -> None:
    told = []
    for seed in range(8_400, 8_403):
        taken = photographs.photograph(seed, kind="letter", desk="dark", wrong="covered", size=SMALL)
        told.append(pages.look(taken.picture).fault)
    assert told == [PageFault.COVERED] * 3


def test_nothing_is_said_of_a_plate_without_a_paper() -> None:
    for seed in range(5_400, 5_404):
        looked = pages.look(photographs.empty(seed, SMALL))
        assert (looked.found, looked.fault) == (None, None), seed


def test_a_sharp_page_is_sharper_than_the_same_page_out_of_focus_or_moved() -> None:
    taken = photographs.photograph(8_201, kind="form", desk="grey", size=SMALL)
    found = pages.find(taken.picture)
    assert found is not None
    moved = np.asarray(cv2.filter2D(taken.picture, -1, np.full((1, 11), 1 / 11, np.float32)), np.uint8)
    soft = np.asarray(cv2.GaussianBlur(taken.picture, (0, 0), 4.0), np.uint8)
    sharp, *others = (pages.judge(each, found).sharpness for each in (taken.picture, moved, soft))
    assert sharp > 0.5
    assert all(each < 0.5 for each in others)


def test_a_hand_over_the_pages_edge_is_said() -> None:
    taken = photographs.photograph(8_301, kind="letter", desk="dark", size=SMALL)
    found = pages.find(taken.picture)
    assert found is not None
    assert pages.judge(taken.picture, found).fault is None
    held = taken.picture.copy()
    middle = (found.corners[0] + found.corners[1]) / 2
    outward = middle - found.corners.mean(axis=0)
    outward /= np.linalg.norm(outward)
    near, far = middle - 40 * outward, middle + 100 * outward
    cv2.line(held, tuple(map(int, near)), tuple(map(int, far)), (120, 150, 205), 70, cv2.LINE_AA)
    assert pages.judge(held, found).fault is PageFault.COVERED


# The plate's camera -----------------------------------------------------------------------------------------------


def plate(seed: int = 0, light: float = 1.0) -> Colour:
    """A plate with a mark at its upper left, as it is fixed once, and the noise of a moment."""
    picture = np.full((480, 640, 3), 120, np.float32)
    picture[30:90, 40:240] = 200
    picture += np.linspace(0, 30, 640)[None, :, None]
    noise = np.random.default_rng(seed).normal(0, 2, picture.shape)
    return np.clip(picture * light + noise, 0, 255).astype(np.uint8)


def test_a_black_picture_is_black() -> None:
    assert pages.plate_fault(np.zeros((480, 640, 3), np.uint8), None) is PlateFault.BLACK


def test_the_same_picture_again_is_frozen_and_noise_is_life() -> None:
    assert pages.plate_fault(plate(1), plate(1)) is PlateFault.FROZEN
    assert pages.plate_fault(plate(1), plate(2)) is None


def test_a_camera_is_told_to_be_frozen_only_after_a_while() -> None:
    health = PlateHealth()
    told = [health.see(plate(1), at) for at in (0.0, 1.0, 2.0, 3.5)]
    assert told == [None, None, None, PlateFault.FROZEN]
    assert health.see(plate(2), 4.0) is None
    assert health.see(plate(2), 4.5) is None


def test_a_lamp_that_is_off_is_told_by_the_reference_and_a_page_on_the_plate_is_no_lamp() -> None:
    assert pages.plate_fault(plate(1, 0.45), None, plate(2)) is PlateFault.LAMP_OFF
    with_page = plate(3)
    with_page[120:460, 200:600] = 245
    assert pages.plate_fault(with_page, None, plate(2)) is None


def test_a_camera_upside_down_is_told_by_the_reference() -> None:
    turned = np.ascontiguousarray(plate(1)[::-1, ::-1])
    assert pages.plate_fault(turned, None, plate(2)) is PlateFault.UPSIDE_DOWN
    assert pages.plate_fault(plate(3), None, plate(2)) is None


def test_a_plate_that_looks_the_same_either_way_says_nothing() -> None:
    bare = np.full((480, 640, 3), 120, np.uint8)
    bare[200:280, 200:440] = 180
    assert pages.can_tell_turned(plate(1))
    assert not pages.can_tell_turned(bare)
    assert pages.plate_fault(np.ascontiguousarray(bare[::-1]), None, bare) is None
