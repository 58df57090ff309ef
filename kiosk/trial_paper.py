"""The test print: shows whoever stands at the kiosk that everything a ticket needs comes out well.

What it proves, from the top: that the paper is this kiosk's and of this minute; that the printer says how it is; that each of
the centre's scripts is whole (the same greeting in all); that no dot of the print head is dead (a white line down the solid
bar) and that fine lines stay apart; that a phone reads the square. It says that it is no ticket, so that nobody waits with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageChops

from kiosk import typeset
from kiosk.dates import day_in_words
from kiosk.paper import ENGLISH, draw_qr
from kiosk.sheet import Sheet
from words.catalogue import Catalogue

BAR_POINTS = 14
_STATES = {
    "ready": "says that it is ready",
    "low": "says that the paper is nearly used up",
    "out": "says that there is no paper",
    "cover_open": "says that its cover is open",
    "missing": "cannot be found",
    "silent": "does not say how it is",
    "none": "is not there",
}


@dataclass(frozen=True, slots=True)
class TrialPaper:
    """`printer` is the word of its state; `printed_at` in the centre's own time."""

    kiosk: str
    centre: str
    printed_at: datetime
    printer: str
    app: str
    languages: Sequence[str]


def draw_trial(
    trial: TrialPaper, words: Catalogue, *, dots: int = 576, dots_per_inch: int = 203
) -> Image.Image:
    """A 1-bit picture (0 is ink), as `paper.draw_ticket` makes them."""
    sheet = Sheet(dots, dots_per_inch)
    _title(sheet)
    sheet.text(trial.kiosk or "Kiosk", ENGLISH, 15, bold=True)
    if trial.centre:
        sheet.text(trial.centre, ENGLISH, 11)
    short = sheet.inner < sheet.points(150)
    sheet.text(day_in_words(trial.printed_at.date(), ENGLISH, short=short), ENGLISH, 10)
    sheet.text(trial.printed_at.strftime("%H:%M:%S"), ENGLISH, 13, bold=True)
    sheet.space(4)
    sheet.rule()
    sheet.space(4)
    _scripts(sheet, words, trial.languages)
    sheet.space(5)
    _head(sheet)
    sheet.space(5)
    sheet.put(
        draw_qr(
            "Foyer test print", least_dots=max(4, round(0.5 / 25.4 * dots_per_inch)), most_width=sheet.inner
        )
    )
    sheet.text(f"The printer {_STATES.get(trial.printer, 'says nothing known')}.", ENGLISH, 10)
    sheet.text(f"{round(dots / dots_per_inch * 25.4)} mm wide, {dots_per_inch} dots an inch", ENGLISH, 9)
    if trial.app:
        sheet.text(f"Foyer {trial.app}", ENGLISH, 9)
    sheet.space(4)
    return sheet.finished()


def _title(sheet: Sheet) -> None:
    """White on black: nobody takes it for a ticket."""
    said = typeset.draw_mask(
        "TEST PRINT – NO TICKET",
        ENGLISH,
        sheet.points(12),
        bold=True,
        width=sheet.inner,
        align="centre",
        balance=True,
    )
    band = Image.new("L", (sheet.width, said.height + sheet.points(10)), 255)
    band.paste(ImageChops.invert(said), ((sheet.width - said.width) // 2, sheet.points(5)))
    sheet.put(band)
    sheet.space(6)


def _scripts(sheet: Sheet, words: Catalogue, languages: Sequence[str]) -> None:
    for language in languages:
        sheet.text(f"{words.name(language)}: {words.say(language, 'start.welcome')}", language, 12)
        sheet.space(2)


def _head(sheet: Sheet) -> None:
    """Every dot of the head at once, then lines one, two and three dots wide."""
    sheet.put(Image.new("L", (sheet.width, sheet.points(BAR_POINTS)), 255))
    sheet.space(3)
    for dots in (1, 2, 3):
        lines = Image.new("L", (sheet.inner, sheet.points(6)))
        for left in range(0, sheet.inner, 2 * dots):
            lines.paste(255, (left, 0, min(left + dots, sheet.inner), lines.height))
        sheet.put(lines)
        sheet.space(2)
