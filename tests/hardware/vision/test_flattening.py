"""A page comes out flat, in its true size, evenly lit, the right way up."""

from __future__ import annotations

import io
import random

import cv2
import numpy as np
import pytest
from PIL import Image

from benchmarks import papers, photographs
from hardware.vision import pages

SMALL = (800, 600)


@pytest.mark.parametrize(
    ("kind", "word", "dots"),
    [
        ("form", "a4", (2339, 1654)),
        ("card", "card", (425, 674)),
        ("passport", "passport_spread", (1386, 984)),
    ],
)
def test_a_paper_of_a_usual_size_has_exactly_its_dots(kind: str, word: str, dots: tuple[int, int]) -> None:
    taken = photographs.photograph(9_001, kind=kind, desk="dark", straight=True, size=SMALL)
    corners = taken.corners[0]
    size = pages.size_of(corners, SMALL, taken.dots_per_mm * 25.4)
    assert size.word == word
    flat = pages.flatten(taken.picture, corners, dpi_of_view=taken.dots_per_mm * 25.4)
    assert flat.shape == (*dots, 3)


def test_a_receipt_keeps_its_own_length() -> None:
    taken = photographs.photograph(9_002, kind="receipt", desk="dark", straight=True, size=SMALL)
    paper = taken.papers[0]
    flat = pages.flatten(taken.picture, taken.corners[0], dpi_of_view=taken.dots_per_mm * 25.4)
    assert flat.shape[0] == pytest.approx(paper.high * 200 / 25.4, rel=0.06)


def test_the_flat_page_is_the_paper() -> None:
    taken = photographs.photograph(9_003, kind="bill", desk="wood", size=(1920, 1440), straight=True)
    flat = pages.even(pages.flatten(taken.picture, taken.corners[0]))
    paper = cv2.resize(taken.papers[0].flat, (flat.shape[1], flat.shape[0]), interpolation=cv2.INTER_AREA)
    one, other = (
        cv2.GaussianBlur(cv2.cvtColor(each, cv2.COLOR_BGR2GRAY), (0, 0), 4).ravel() for each in (flat, paper)
    )
    assert np.corrcoef(one, other)[0, 1] > 0.9


def test_a_shadow_is_evened_out_and_a_photograph_is_left() -> None:
    page = papers.letter(random.Random(4)).flat.astype(np.float32)
    page[900:1300, 300:1200] = (40, 90, 160)
    shade = np.linspace(1.0, 0.45, page.shape[1], dtype=np.float32)[None, :, None]
    lit = pages.even((page * shade).astype(np.uint8))
    margins = [float(np.median(lit[200:-200, at : at + 60])) for at in (10, lit.shape[1] - 70)]
    assert min(margins) > 232
    assert abs(margins[0] - margins[1]) < 8
    assert np.abs(lit[1000:1200, 500:1000].mean(axis=(0, 1)) - (40, 90, 160)).max() < 25


def test_black_and_white_is_black_print_on_white_paper() -> None:
    page = papers.letter(random.Random(5)).flat
    made = pages.black_and_white((page * 0.6).astype(np.uint8))
    assert made.shape == page.shape
    assert (made > 250).mean() > 0.85
    assert (made < 60).mean() > 0.01


def test_a_page_is_turned_upright_by_its_print() -> None:
    page = papers.letter(random.Random(6)).flat
    for degrees in (0, 90, 180, 270):
        lying = pages.turned(page, degrees)
        assert pages.upright(lying) == (360 - degrees) % 360


def test_what_has_no_print_is_left_as_it_lies() -> None:
    assert pages.upright(papers.bare(random.Random(7)).flat) == 0
    noise = np.random.default_rng(1).integers(0, 255, (900, 600, 3)).astype(np.uint8)
    assert pages.upright(np.asarray(cv2.GaussianBlur(noise, (0, 0), 9), np.uint8)) == 0


def test_turning_by_less_than_a_quarter_is_refused() -> None:
    with pytest.raises(ValueError, match="quarters"):
        pages.turned(np.zeros((4, 4, 3), np.uint8), 45)


def test_a_jpeg_says_how_many_dots_make_an_inch() -> None:
    with Image.open(io.BytesIO(pages.jpeg(np.full((40, 30, 3), 200, np.uint8), 200))) as made:
        assert made.format == "JPEG"
        assert made.size == (30, 40)
        assert made.info["dpi"] == (200, 200)
