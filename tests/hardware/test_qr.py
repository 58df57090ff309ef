"""Codes as visitors hold them up, read with the code that the kiosk reads them with."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from benchmarks import qr as made
from hardware.vision.qr import QrReader, Reading


@pytest.mark.parametrize("case", list(made.CASES))
def test_a_code_is_read_within_the_looks_of_a_second(case: str) -> None:
    for seed in (3, 7):
        still = made.CASES[case](seed)
        looks = [still, *(made.noisy(Image.fromarray(still), seed + n, 3.0) for n in range(1, made.LOOKS))]
        assert made.read_ours(looks, made.address(seed)) > 0, (case, seed)


def test_a_code_that_cannot_be_read_is_told_to_be_there() -> None:
    whole = made.view(made.code(made.address(1), 300))
    pen = whole.load()
    assert pen is not None
    for x in range(560, 740):  # a thumb over more than can be mended
        for y in range(280, 430):
            pen[x, y] = 128
    reader = QrReader()
    readings = [reader.read(np.asarray(whole)) for _ in range(made.LOOKS)]
    assert all(reading.text is None for reading in readings)
    assert any(reading.seen for reading in readings)


def test_a_room_without_a_code_is_nothing() -> None:
    reader = QrReader()
    room = made.noisy(made.view(Image.new("L", (200, 200), 200)), 1)
    assert [reader.read(room) for _ in range(made.LOOKS)] == [Reading()] * made.LOOKS


def test_a_code_of_another_system_is_read_as_it_is_and_cut_short() -> None:
    text = "WIFI:T:WPA;S:guest;P:" + "x" * 600 + ";;"
    picture = made.view(made.code(text, 640))
    assert QrReader().read_hard(np.asarray(picture)).text == text[:500]


def test_codes_of_other_kinds_are_passed_over() -> None:
    """A barcode on a letter is none of ours; the QR beside it is."""
    import zxingcpp

    bars = zxingcpp.create_barcode("123456789012", zxingcpp.BarcodeFormat.EAN13)
    picture = Image.fromarray(np.asarray(bars.to_image(scale=3)))
    assert QrReader().read(np.asarray(made.view(picture.convert("L")))) == Reading()
