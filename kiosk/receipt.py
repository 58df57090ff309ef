"""The receipt for what a visitor handed in: what they leave the house with as proof.

A picture, as the ticket is and for the same reasons (`kiosk.paper`): the visitor's language first, English below it, so that any member of staff
can read it. The reference comes first and large, since it is what one is asked for; then what was handed in, when, how much of it,
whom to ask, and how long it is kept. Nothing of what stands in the papers is on it, nor the visitor's own reference: a receipt lies on a bus seat for all to
read. It serves for papers and for forms; a form has no pages unless photographs went with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from PIL import Image

from kiosk import typeset
from kiosk.dates import day_in_words
from kiosk.paper import both
from kiosk.sheet import Sheet
from wire.references import show_reference
from words.catalogue import Catalogue

ENGLISH = "en"
POINTS = (22, 34)
"""Of the reference: at least, and as far as it grows on wide paper."""


@dataclass(frozen=True, slots=True)
class ReceiptPaper:
    """What stands on one receipt. `at` is in the centre's own time; names are by language, English where the visitor's is missing."""

    reference: str
    language: str
    at: datetime
    centre: str
    what: Mapping[str, str]
    """What it is for."""
    whom: Mapping[str, str] = field(default_factory=dict)
    """Whom to ask about it, and how."""
    pages: int = 0
    kinds: tuple[str, ...] = ()
    """Of each paper (`PaperKind`)."""
    keep_days: int = 0
    """After somebody has dealt with it; 0: not said."""
    promised: tuple[tuple[str, int], ...] = ()
    """By when whoever handed it in hears: a word of the catalogue (`receipt.<word>`) and working days."""
    copy: bool = False


def draw_receipt(
    receipt: ReceiptPaper, words: Catalogue, *, dots: int = 576, dots_per_inch: int = 203
) -> Image.Image:
    """The receipt as a 1-bit picture (0 is ink), `dots` wide and as high as it needs."""
    sheet = Sheet(dots, dots_per_inch)
    sheet.space(3)
    languages = [receipt.language] if receipt.language == ENGLISH else [receipt.language, ENGLISH]
    if receipt.copy:
        both(sheet, {each: words.say(each, "paper.copy") for each in languages}, 12, 9)
        sheet.space(3)
    _head(sheet, receipt, words, languages)
    _reference(sheet, receipt, words, languages)
    _what(sheet, receipt, words, languages)
    if receipt.whom:
        _asking(sheet, receipt, words, languages)
    if receipt.promised:
        sheet.space(5)
    for word, days in receipt.promised:
        both(sheet, {each: words.say(each, f"receipt.{word}", count=days) for each in languages}, 11, 9)
        sheet.space(2)
    if receipt.keep_days:
        sheet.space(5)
        both(sheet, kept_lines(receipt.keep_days, words, languages), 10, 8)
    sheet.space(4)
    return sheet.finished()


def _head(sheet: Sheet, receipt: ReceiptPaper, words: Catalogue, languages: list[str]) -> None:
    sheet.text(receipt.centre, ENGLISH, 12, bold=True)
    narrow = sheet.inner < sheet.points(150)
    for number, language in enumerate(languages):
        time = typeset.isolate(receipt.at.strftime("%H:%M"))
        day = day_in_words(receipt.at.date(), language, short=narrow)
        sheet.text(f"{day}, {time}", language, 10 if number == 0 else 9)
    sheet.space(4)
    sheet.rule()
    sheet.space(5)
    both(sheet, {each: words.say(each, "receipt.title") for each in languages}, 14, 10)
    sheet.space(4)


def _reference(sheet: Sheet, receipt: ReceiptPaper, words: Catalogue, languages: list[str]) -> None:
    both(sheet, {each: words.say(each, "receipt.reference") for each in languages}, 11, 9)
    sheet.space(3)
    shown = show_reference(receipt.reference)
    least, most = (sheet.points(points) for points in POINTS)
    size = most
    while size > least and typeset.measure(shown, ENGLISH, size, bold=True) > sheet.inner * 0.94:
        size -= 2
    mask = typeset.draw_mask(shown, ENGLISH, size, bold=True)
    mask = mask.crop(mask.getbbox() or (0, 0, 1, 1))
    if mask.width > sheet.inner:
        mask = mask.resize((sheet.inner, mask.height), Image.Resampling.LANCZOS)
    sheet.put(mask)
    sheet.space(7)


def _what(sheet: Sheet, receipt: ReceiptPaper, words: Catalogue, languages: list[str]) -> None:
    frame = sheet.frame()
    for number, language in enumerate(languages):
        first = number == 0
        if number:
            sheet.space(3)
        sheet.text(
            receipt.what.get(language) or receipt.what.get(ENGLISH, ""),
            language,
            13 if first else 10,
            bold=True,
        )
        if receipt.pages:
            said = words.say(language, "receipt.pages", count=receipt.pages)
            sheet.text(said, language, 12 if first else 9)
        for line in kinds_lines(receipt.kinds, words, language):
            sheet.text(line, language, 10 if first else 9)
    sheet.close_frame(frame)


def _asking(sheet: Sheet, receipt: ReceiptPaper, words: Catalogue, languages: list[str]) -> None:
    sheet.space(6)
    both(sheet, {each: words.say(each, "receipt.whom") for each in languages}, 10, 8)
    whom = {each: receipt.whom.get(each) or receipt.whom.get(ENGLISH, "") for each in languages}
    both(sheet, {each: typeset.isolate_numbers(text) for each, text in whom.items()}, 12, 9)


def kinds_lines(kinds: tuple[str, ...], words: Catalogue, language: str) -> list[str]:
    """ "Letter", "Bank statement (2)", in the order they came; nothing where no visitor said what they were."""
    if not set(kinds) - {"other"}:
        return []
    counted = Counter(kinds)
    return [
        words.say(language, f"paper.{kind}") + (f" ({count})" if count > 1 else "")
        for kind, count in counted.items()
    ]


def kept_lines(days: int, words: Catalogue, languages: list[str]) -> dict[str, str]:
    """How long the house keeps it."""
    return {each: words.say(each, "receipt.kept", count=days) for each in languages}
