"""The printed receipt: what stands on it, in every language, on wide and narrow paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk.receipt import ReceiptPaper, draw_receipt, kinds_lines
from tests.kiosk.screens.scanned import NAMES, WHOM
from wire.vocabulary import Language
from words import Catalogue

WORDS = Catalogue(strict=True)
RECEIPT = ReceiptPaper(
    reference="BCDFGHJW", language="en", at=datetime(2026, 11, 24, 10, 15, tzinfo=ZoneInfo("Europe/London")),
    centre="York House", what=NAMES, whom=WHOM, pages=3, kinds=("letter", "identity", "letter"), keep_days=28,
)  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("dots", [384, 576])
def test_it_is_as_wide_as_the_paper_and_nothing_runs_over_its_edge(language: Language, dots: int) -> None:
    picture = draw_receipt(replace(RECEIPT, language=language.value), WORDS, dots=dots)
    assert (picture.mode, picture.width) == ("1", dots)
    assert picture.height / 203 * 25.4 < 230, "no longer than a hand"
    for column in (0, dots - 1):
        assert all(picture.getpixel((column, row)) for row in range(picture.height))


def test_every_part_of_it_is_printed() -> None:
    whole = draw_receipt(RECEIPT, WORDS)
    for less in ({"pages": 0}, {"kinds": ()}, {"whom": {}}, {"keep_days": 0}):
        assert draw_receipt(replace(RECEIPT, **less), WORDS).height < whole.height
    assert draw_receipt(replace(RECEIPT, copy=True), WORDS).height > whole.height
    other = draw_receipt(replace(RECEIPT, reference="BCDFGHJX"), WORDS)
    assert other.tobytes() != whole.tobytes()


def test_who_reads_another_language_gets_english_too() -> None:
    assert (
        draw_receipt(replace(RECEIPT, language="gu"), WORDS).height
        > 1.4 * draw_receipt(RECEIPT, WORDS).height
    )


def test_papers_are_named_once_each_and_not_where_nobody_said() -> None:
    assert kinds_lines(RECEIPT.kinds, WORDS, "en") == ["Letter (2)", "Passport, licence or card"]
    assert kinds_lines(("other", "other"), WORDS, "en") == []
