"""The printed receipt: what stands on it, in every language, on wide and narrow paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kiosk.flow.filling.acts import PrintReceipt
from kiosk.flow.filling.shown import At, Filling, Receipt
from kiosk.flow.offer import read_offer
from kiosk.form_packing import receipt_of
from kiosk.receipt import ReceiptPaper, draw_receipt, kinds_lines
from tests.kiosk.screens.form_scenes import at, form, form_rows
from tests.kiosk.screens.sample import DEVICE, rows
from tests.kiosk.screens.scanned import NAMES, WHOM
from wire.vocabulary import Language
from words import Catalogue

WORDS = Catalogue(strict=True)
SAID = "compliment-or-complaint"
RECEIPT = ReceiptPaper(
    reference="BCDFGHJW", language="en", at=datetime(2026, 11, 24, 10, 15, tzinfo=ZoneInfo("Europe/London")),
    centre="York House", what=NAMES, whom=WHOM, pages=3, kinds=("letter", "identity", "letter"), keep_days=28,
)  # fmt: skip
COMPLAINT = replace(
    RECEIPT, whom={}, pages=0, kinds=(), keep_days=0, promised=(("acknowledged", 5), ("answered", 10))
)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("dots", [384, 576])
def test_it_is_as_wide_as_the_paper_and_nothing_runs_over_its_edge(language: Language, dots: int) -> None:
    for receipt in (RECEIPT, COMPLAINT):
        picture = draw_receipt(replace(receipt, language=language.value), WORDS, dots=dots)
        assert (picture.mode, picture.width) == ("1", dots)
        assert picture.height / 203 * 25.4 < 230, "no longer than a hand"
        for column in (0, dots - 1):
            assert all(picture.getpixel((column, row)) for row in range(picture.height))


def test_every_part_of_it_is_printed() -> None:
    whole = draw_receipt(RECEIPT, WORDS)
    parts: tuple[dict[str, Any], ...] = ({"pages": 0}, {"kinds": ()}, {"whom": {}}, {"keep_days": 0})
    for less in parts:
        assert draw_receipt(replace(RECEIPT, **less), WORDS).height < whole.height
    assert draw_receipt(replace(COMPLAINT, promised=()), WORDS).height < draw_receipt(COMPLAINT, WORDS).height
    assert draw_receipt(replace(RECEIPT, copy=True), WORDS).height > whole.height
    other = draw_receipt(replace(RECEIPT, reference="BCDFGHJX"), WORDS)
    assert other.tobytes() != whole.tobytes()


@pytest.mark.parametrize(
    ("slug", "what", "promised"),
    [
        (SAID, "complaint", (("acknowledged", 5), ("answered", 12))),
        (SAID, "idea", (("acknowledged", 5), ("answered", 12))),
        (SAID, "praise", (("passed_on", 5),)),
        ("change-of-address", "complaint", ()),
    ],
)
def test_the_paper_of_a_complaint_says_within_how_many_days_it_is_answered(
    slug: str, what: str, promised: tuple[tuple[str, int], ...]
) -> None:
    """Also without the line, and on the copy."""
    receipt = Receipt("f" * 32, "BCDFGHJW", 1_795_514_400_000)
    sent = Filling(session=1, at=At.SENT, slug=slug, form=form(slug), answers={"what": what}, receipt=receipt)
    shown, rows_ = at(Language.PL, sent), rows() | form_rows()
    rows_[f"form:{SAID}"]["promised"] = [5, 12]
    shown = replace(shown, offer=read_offer(rows_, DEVICE), link_up=False)
    assert receipt_of(shown, PrintReceipt(1, receipt, Language.PL, slug)).promised == promised


def test_who_reads_another_language_gets_english_too() -> None:
    assert (
        draw_receipt(replace(RECEIPT, language="gu"), WORDS).height
        > 1.4 * draw_receipt(RECEIPT, WORDS).height
    )


def test_papers_are_named_once_each_and_not_where_nobody_said() -> None:
    assert kinds_lines(RECEIPT.kinds, WORDS, "en") == ["Letter (2)", "Passport, licence or card"]
    assert kinds_lines(("other", "other"), WORDS, "en") == []
