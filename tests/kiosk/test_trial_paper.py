"""The test print: for either paper, whole and in all scripts, and never to be taken for a ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy
import pytest

from kiosk.trial_paper import TrialPaper, draw_trial
from words import Catalogue

WORDS = Catalogue(strict=True)
TRIAL = TrialPaper(
    "Kiosk by the door",
    "York House",
    datetime(2026, 11, 24, 9, 2, 11, tzinfo=UTC),
    "ready",
    "0.3",
    WORDS.languages(),
)


@pytest.mark.parametrize("dots", [384, 512, 576])
def test_it_is_as_wide_as_the_paper_and_a_phone_reads_its_square(dots: int) -> None:
    picture = draw_trial(TRIAL, WORDS, dots=dots)
    assert (picture.mode, picture.width) == ("1", dots)
    larger = picture.convert("L").resize((dots * 2, picture.height * 2))
    assert cv2.QRCodeDetector().detectAndDecode(numpy.array(larger))[0] == "Foyer test print"


def test_every_dot_of_the_head_is_burnt_in_the_bar_so_a_dead_one_is_a_white_line() -> None:
    picture = numpy.array(draw_trial(TRIAL, WORDS))
    solid = [row for row in picture if not row.any()]
    assert len(solid) >= 30


def test_each_language_and_each_state_of_the_printer_shows() -> None:
    whole = draw_trial(TRIAL, WORDS)
    for language in WORDS.languages():
        fewer = [each for each in WORDS.languages() if each != language]
        assert draw_trial(replace(TRIAL, languages=fewer), WORDS).height < whole.height
    states = ("ready", "low", "out", "cover_open", "missing", "silent", "none", "new")
    assert len({draw_trial(replace(TRIAL, printer=state), WORDS).tobytes() for state in states}) == len(
        states
    )
