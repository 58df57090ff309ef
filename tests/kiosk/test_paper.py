"""The ticket as a picture: readable, scannable, the same for everyone, and quick to draw."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest
from PIL import Image, ImageChops

from kiosk import typeset
from kiosk.paper import TicketPaper, draw_qr, draw_ticket
from wire.vocabulary import Language
from words import Catalogue

LANGUAGES = [language.value for language in Language]
WIDTHS = [384, 512, 576]
WORDS = Catalogue()
URL = "https://foyer.example.org/t/aB3_xyzQwErTyUiOp45678"
TICKET = TicketPaper(
    code="K07",
    language="en",
    taken_at=datetime(2026, 11, 24, 9, 32, tzinfo=ZoneInfo("Europe/London")),
    centre="York House",
    wait_here={"en": "Ground floor, seats by the window", "ur": "گراؤنڈ فلور، کھڑکی کے پاس والی نشستیں"},
    follow_url=URL,
)


def ink(picture: Image.Image) -> Image.Image:
    return picture.convert("L").point(lambda level: 255 - level)


def read_qr(picture: Image.Image) -> str:
    """As a phone sees it: grey, blurred a little by the lens."""
    seen = cv2.GaussianBlur(
        np.asarray(picture.convert("L").resize((picture.width * 2, picture.height * 2))), (3, 3), 0
    )
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(seen)
    return str(text)


def tallest_run(picture: Image.Image) -> tuple[int, int]:
    """Top and bottom of the highest band of rows that all have ink: the code, on every ticket."""
    rows = np.asarray(ink(picture))[:, 12:-12].any(axis=1)
    best, start = (0, 0), None
    for row, inked in enumerate([*rows, False]):
        if inked and start is None:
            start = row
        elif not inked and start is not None:
            best, start = max(best, (start, row), key=lambda band: band[1] - band[0]), None
    return best


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_ticket_is_one_bit_as_wide_as_the_head_and_its_qr_reads(language: str, width: int) -> None:
    paper = draw_ticket(replace(TICKET, language=language), WORDS, dots=width)
    assert (paper.mode, paper.width) == ("1", width)
    assert 600 < paper.height < 1700
    assert read_qr(paper) == URL


@pytest.mark.parametrize("code", ["K07", "W123", "K1234", "W99999"])
@pytest.mark.parametrize("width", WIDTHS)
def test_code_is_sixty_points_high_or_more_and_whole(code: str, width: int) -> None:
    """Capitals of the font are 0.714 of its size: at 60 points and 203 dots an inch, 121 dots."""
    quiet = replace(TICKET, follow_url=None, wait_here={"en": ""})
    top, bottom = tallest_run(draw_ticket(replace(quiet, code=code), WORDS, dots=width))
    assert bottom - top >= 119
    paper = draw_ticket(replace(quiet, code=code), WORDS, dots=width).crop((0, top, width, bottom))
    left, _, right, _ = ink(paper).getbbox() or (0, 0, 0, 0)
    assert left >= 4, "not cut off at the edge"
    assert right <= width - 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_ticket_of_a_private_talk_is_the_same_to_the_dot(language: str) -> None:
    """Nothing on the ticket can come from the service unless the centre asked for it: it is not even given."""
    ticket = replace(TICKET, language=language)
    assert ticket.service is None
    told = draw_ticket(replace(ticket, service={"en": "Council tax"}), WORDS)
    assert told.height > draw_ticket(ticket, WORDS).height


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_time_of_an_appointment_stands_on_it_and_nothing_else_differs(language: str, width: int) -> None:
    plain = replace(TICKET, language=language)
    at = datetime(2026, 11, 24, 10, 30, tzinfo=ZoneInfo("Europe/London"))
    pictures = [
        draw_ticket(ticket, WORDS, dots=width)
        for ticket in (plain, replace(plain, booked=True, booked_at=at), replace(plain, booked=True))
    ]
    assert len({picture.tobytes() for picture in pictures}) == 3
    for picture in pictures[1:]:
        assert picture.width == width
        assert picture.height > pictures[0].height
        foot = [ink(each).crop((0, each.height - 90, width, each.height)) for each in (pictures[0], picture)]
        head = [ink(each).crop((0, 0, width, 90)) for each in (pictures[0], picture)]
        assert [part.tobytes() for part in (head[0], foot[0])] == [
            part.tobytes() for part in (head[1], foot[1])
        ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_came_too_late_is_promised_no_time(language: str) -> None:
    at = datetime(2026, 11, 24, 10, 30, tzinfo=ZoneInfo("Europe/London"))
    booked = replace(TICKET, language=language, booked=True, booked_at=at)
    late = ink(draw_ticket(replace(booked, late=True), WORDS))
    words = WORDS.say("en", "checkin.ticket_late", time=typeset.isolate("10:30"))
    bold, points = (True, 14) if language == "en" else (False, 10)
    line = typeset.draw_mask(
        words, "en", round(points * 203 / 72), bold=bold, width=560, align="centre", balance=True
    )
    wanted = line.point(lambda level: 255 if level >= 112 else 0)

    def stands(paper: Image.Image) -> bool:
        return any(
            ImageChops.difference(paper.crop((8, top, 568, top + line.height)), wanted).getbbox() is None
            for top in range(paper.height - line.height)
        )

    assert stands(late)
    assert not stands(ink(draw_ticket(booked, WORDS)))


def test_visitors_language_and_english_stand_on_it() -> None:
    paper = ink(draw_ticket(replace(TICKET, language="ur"), WORDS))
    for language, key, points in (("ur", "paper.turn", 11), ("en", "paper.turn", 9)):
        size = round(points * 203 / 72)
        line = typeset.draw_mask(
            WORDS.say(language, key),
            language,
            size,
            bold=language == "ur",
            width=560,
            align="centre",
            balance=True,
        )
        wanted = line.point(lambda level: 255 if level >= 112 else 0)
        assert any(
            ImageChops.difference(paper.crop((8, top, 568, top + line.height)), wanted).getbbox() is None
            for top in range(paper.height - line.height)
        )


def test_english_ticket_says_everything_once() -> None:
    assert draw_ticket(TICKET, WORDS).height < draw_ticket(replace(TICKET, language="pl"), WORDS).height


def test_time_and_code_stand_left_to_right_in_every_language() -> None:
    """Drawn apart from the words, so that nothing can turn them: the same dots on each ticket."""
    size = round(11 * 203 / 72)
    clock = typeset.draw_mask("09:32", "en", size, bold=True).point(lambda level: 255 if level >= 112 else 0)
    box = clock.getbbox()
    assert box is not None
    shape = clock.crop(box)
    for language in LANGUAGES:
        head = ink(draw_ticket(replace(TICKET, language=language), WORDS)).crop((0, 0, 576, 140))
        found = cv2.matchTemplate(np.asarray(head), np.asarray(shape), cv2.TM_SQDIFF).min()
        assert found < 1000, language  # one dot that differs makes 65025; the rest is rounding


def test_copy_is_marked_across_the_paper_and_nothing_else_differs() -> None:
    first, copy = draw_ticket(TICKET, WORDS), draw_ticket(replace(TICKET, copy=True), WORDS)
    band = np.asarray(ink(copy))[0]
    assert band.all(), "black from edge to edge"
    below = copy.height - first.height
    same = round(3 * 203 / 72)
    first_below, copy_below = (
        first.crop((0, same, 576, first.height)),
        copy.crop((0, below + same, 576, copy.height)),
    )
    assert first_below.tobytes() == copy_below.tobytes()


def test_where_to_wait_falls_back_to_english() -> None:
    written = draw_ticket(replace(TICKET, language="pl"), WORDS)
    same = draw_ticket(
        replace(TICKET, language="pl", wait_here={**TICKET.wait_here, "pl": TICKET.wait_here["en"]}), WORDS
    )
    assert written.tobytes() == same.tobytes()


@pytest.mark.parametrize(
    "centre", ["", "X" * 80, "A centre with a very long name, so long that it takes three lines of the paper"]
)
def test_odd_names_do_not_break_the_ticket(centre: str) -> None:
    paper = draw_ticket(replace(TICKET, centre=centre, wait_here={}), WORDS, dots=384)
    assert read_qr(paper) == URL


@pytest.mark.parametrize("length", [20, 60, 120, 250])
def test_qr_of_any_address_has_its_quiet_zone_and_modules_of_half_a_millimetre(length: int) -> None:
    text = ("https://foyer.example.org/" + "a1B2" * 80)[:length]
    square = draw_qr(text, least_dots=4, most_width=376)
    assert square.width <= 376
    box = square.getbbox()
    assert box is not None
    finder = next(run for run in range(1, 200) if square.getpixel((box[0] + run, box[1])) == 0)
    module = finder / 7
    assert box[0] == module * 4 == box[1]
    assert module >= 4
    page = Image.new("L", (square.width + 40, square.height + 40), 255)
    page.paste(square.point(lambda level: 255 - level), (20, 20))
    assert read_qr(page) == text


def test_drawing_takes_under_fifteen_milliseconds_when_warm() -> None:
    draw_ticket(replace(TICKET, language="ur"), WORDS)
    taken = []
    for number in range(15):
        ticket = replace(
            TICKET, language="ur", code=f"K{number:02}", taken_at=TICKET.taken_at.replace(minute=number)
        )
        begun = time.perf_counter()
        draw_ticket(ticket, WORDS)
        taken.append(time.perf_counter() - begun)
    assert sorted(taken)[len(taken) // 2] < 0.015
