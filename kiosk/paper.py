"""The paper ticket: one picture, drawn with the same shaped text as the screen.

No receipt printer has Gujarati or Nastaliq in its memory, and half of them have no Polish, so the whole
ticket is one raster image: what is seen here is what comes out. What it decides: the order of importance
(code, where to wait, what will happen, the phone), sizes in points on paper rather than in dots, the
visitor's language first and English below it, so that staff can read any ticket.

It does not say what the visit is about unless the centre asks for it: a paper lies on a bus seat for all to
read. A discreet visit's ticket is therefore the same as any other, to the dot. A second paper says that it is
a copy.

The code is set at 60 points or more. Where four wide signs at 60 points are wider than a 58 mm roll prints,
they are narrowed, never made lower. The QR's modules are at least 0.5 mm, which survives a worn print head,
with its four modules of quiet zone inside the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import qrcode
from PIL import Image, ImageChops

from kiosk import typeset
from kiosk.dates import day_in_words
from kiosk.sheet import Sheet
from kiosk.typeset import Align
from words.catalogue import Catalogue

ENGLISH = "en"
CODE_POINTS = (60, 84)
"""The code's size: at least, and as far as it may grow on wide paper."""
QUIET_MODULES = 4


@dataclass(frozen=True, slots=True)
class TicketPaper:
    """What stands on one ticket. `taken_at` is in the centre's own time."""

    code: str
    language: str
    taken_at: datetime
    centre: str
    wait_here: Mapping[str, str]
    """Where to wait, by language; English is used where the visitor's is missing."""
    follow_url: str | None = None
    service: Mapping[str, str] | None = None
    """Only where the centre has decided that its tickets may tell."""
    copy: bool = False
    booked: bool = False
    """For somebody with an appointment. What it is for is not said, to anybody: see above."""
    booked_at: datetime | None = None
    """Its time; None when that could not be looked up."""
    late: bool = False
    """After its place was kept: in line as who walked in. The paper then promises no time, and says what the screen said."""


def draw_ticket(
    ticket: TicketPaper, words: Catalogue, *, dots: int = 576, dots_per_inch: int = 203
) -> Image.Image:
    """The ticket as a 1-bit picture (0 is ink), `dots` wide and as high as it needs."""
    sheet = Sheet(dots, dots_per_inch)
    sheet.space(0 if ticket.copy else 3)
    languages = [ticket.language] if ticket.language == ENGLISH else [ticket.language, ENGLISH]
    if ticket.copy:
        _copy_band(sheet, words, languages)
    _head(sheet, ticket, languages)
    _code(sheet, ticket.code, words, languages)
    if ticket.booked:
        _appointment(sheet, ticket, words, languages)
    _where(sheet, ticket, words, languages)
    if ticket.service:
        both(sheet, {language: _in(ticket.service, language) for language in languages}, 11, 9)
    if ticket.follow_url:
        _phone(sheet, ticket.follow_url, words, languages)
    sheet.space(4)
    return sheet.finished()


# The parts, from the top ------------------------------------------------------------------------------------


def _copy_band(sheet: Sheet, words: Catalogue, languages: list[str]) -> None:
    """White on black across the paper, so that nobody takes a copy for a second ticket."""
    said = [
        _trimmed(
            typeset.draw_mask(
                words.say(language, "paper.copy").upper(), language, sheet.points(15), bold=True
            )
        )
        for language in languages
    ]
    gap = sheet.points(16)
    height = max(mask.height for mask in said) + sheet.points(12)
    band = Image.new("L", (sheet.width, height), 255)
    left = (sheet.width - sum(mask.width for mask in said) - gap * (len(said) - 1)) // 2
    for mask in said:
        top = (height - mask.height) // 2
        band.paste(ImageChops.invert(mask), (left, top))
        left += mask.width + gap
    sheet.put(band)
    sheet.space(7)


def _head(sheet: Sheet, ticket: TicketPaper, languages: list[str]) -> None:
    sheet.text(ticket.centre, ENGLISH, 12, bold=True)
    _moment(sheet, ticket.taken_at, languages[0])
    for language in languages[1:]:
        sheet.text(_day(ticket.taken_at, language, sheet), language, 9)
    sheet.space(4)
    sheet.rule()
    sheet.space(5)


def _moment(sheet: Sheet, at: datetime, language: str) -> None:
    """The day, and beside it (on the side read last) the time: apart, so that the day need be shaped but
    once."""
    size = sheet.points(10)
    day = typeset.draw_mask(_day(at, language, sheet), language, size)
    time = typeset.draw_mask(at.strftime("%H:%M"), ENGLISH, sheet.points(11), bold=True)
    gap = sheet.points(5)
    down = typeset.ascent(language, size) - typeset.ascent(ENGLISH, sheet.points(11))
    low = max(0, -down)
    row = Image.new("L", (day.width + gap + time.width, max(low + day.height, low + down + time.height)), 0)
    rtl = typeset.is_rtl(language)
    row.paste(day, (time.width + gap if rtl else 0, low))
    row.paste(time, (0 if rtl else day.width + gap, low + down))
    sheet.put(row)


def _day(at: datetime, language: str, sheet: Sheet) -> str:
    """ "Saturday 21 November 2026" in `language`; with shorter words on a narrow roll."""
    return day_in_words(at.date(), language, short=sheet.inner < sheet.points(150))


def _code(sheet: Sheet, code: str, words: Catalogue, languages: list[str]) -> None:
    both(sheet, {language: words.say(language, "paper.number") for language in languages}, 12, 9)
    sheet.space(5)
    least, most = (sheet.points(points) for points in CODE_POINTS)
    size = most
    while size > least and typeset.measure(code, ENGLISH, size, bold=True) > sheet.inner * 0.9:
        size -= 2
    mask = _trimmed(typeset.draw_mask(code, ENGLISH, size, bold=True))
    if mask.width > sheet.inner:
        mask = mask.resize((sheet.inner, mask.height), Image.Resampling.LANCZOS)
    sheet.put(mask)
    sheet.space(9)


def _trimmed(mask: Image.Image) -> Image.Image:
    return mask.crop(mask.getbbox() or (0, 0, 1, 1))


def _appointment(sheet: Sheet, ticket: TicketPaper, words: Catalogue, languages: list[str]) -> None:
    if ticket.booked_at is None:
        said = {language: words.say(language, "checkin.paper_unsure") for language in languages}
        both(sheet, said, 14, 10)
    else:
        time = typeset.isolate(ticket.booked_at.strftime("%H:%M"))
        if ticket.late:
            both(sheet, {each: words.say(each, "checkin.ticket_title") for each in languages}, 11, 9)
        key = "checkin.ticket_late" if ticket.late else "checkin.paper"
        both(sheet, {each: words.say(each, key, time=time) for each in languages}, 14, 10)
    sheet.space(7)


def _where(sheet: Sheet, ticket: TicketPaper, words: Catalogue, languages: list[str]) -> None:
    """Where to wait, in a frame: the one thing to do next."""
    frame = sheet.frame()
    for number, language in enumerate(languages):
        if number:
            sheet.space(3)
        first = number == 0
        sheet.text(words.say(language, "paper.where_title"), language, 10 if first else 9)
        sheet.text(_in(ticket.wait_here, language), language, 14 if first else 11, bold=True)
    sheet.close_frame(frame)
    sheet.space(6)
    both(sheet, {language: words.say(language, "paper.turn") for language in languages}, 11, 9)


def both(sheet: Sheet, said: Mapping[str, str], first_points: float, second_points: float) -> None:
    for number, (language, text) in enumerate(said.items()):
        sheet.text(text, language, first_points if number == 0 else second_points, bold=number == 0)


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get(ENGLISH, "")


def _phone(sheet: Sheet, url: str, words: Catalogue, languages: list[str]) -> None:
    """The QR with its words: beside it where the paper is wide enough, else above it."""
    sheet.space(5)
    sheet.rule()
    sheet.space(4)
    square = draw_qr(url, least_dots=max(4, round(0.5 / 25.4 * sheet.dots_per_inch)), most_width=sheet.inner)
    beside = sheet.inner - square.width
    said = {language: words.say(language, "paper.follow") for language in languages}
    if beside < sheet.points(90):
        both(sheet, said, 11, 9)
        sheet.put(square)
        return
    rtl = typeset.is_rtl(languages[0])
    column = Sheet(beside, sheet.dots_per_inch, edge=0)
    for number, (language, text) in enumerate(said.items()):
        align: Align = "start" if typeset.is_rtl(language) is rtl else "end"
        column.text(text, language, 12 if number == 0 else 9, bold=number == 0, align=align)
        column.space(3)
    words_mask = column.mask()
    row = Image.new("L", (sheet.inner, max(square.height, words_mask.height)), 0)
    row.paste(square, (0 if rtl else beside, (row.height - square.height) // 2))
    row.paste(words_mask, (square.width if rtl else 0, (row.height - words_mask.height) // 2))
    sheet.put(row)


def draw_qr(text: str, *, least_dots: int, most_width: int) -> Image.Image:
    """A QR code with its quiet zone (255 = ink), modules `least_dots` wide or one wider where there is
    room."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    across = len(matrix)
    small = Image.new("L", (across, across))
    small.putdata([255 if dark else 0 for row in matrix for dark in row])
    dots = least_dots + 1 if (least_dots + 1) * across <= most_width * 0.55 else least_dots
    while dots > 1 and dots * across > most_width:
        dots -= 1
    return small.resize((across * dots, across * dots), Image.Resampling.NEAREST)
