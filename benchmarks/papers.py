"""Papers as people bring them to a scan station, flat and clean: letters, forms, bills, leaflets, receipts, cards, passports, bare backs.

Each is drawn at `DPI` from sentences that councils and banks really write, in several types, with names and figures of nobody. A seed
makes the same paper again. They are what a photograph is made of, and what its text is compared with.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hardware.devices import Colour

DPI = 200
MM = DPI / 25.4
Ink = tuple[int, int, int]
SENTENCES = (
    "Thank you for your letter about your council tax account.",
    "Please bring this letter with you when you visit the centre.",
    "Your rent will change from the first Monday in April.",
    "We have received your application and are looking at the evidence you sent.",
    "You must tell us straight away if anything about your household changes.",
    "The amount shown below is due within fourteen days of the date of this letter.",
    "If you have already paid, please accept our thanks and ignore this notice.",
    "A person who lives alone may pay a quarter less.",
    "We need to see proof of your address and of your income for the last two months.",
    "This decision can be looked at again if you ask us within one month.",
    "Copies are accepted only where the original can be shown on request.",
    "Your parking permit is valid for the vehicle named below and for no other.",
    "The school will write to you when a place has been offered.",
    "Payments can be made at any post office or by telephone at any hour.",
    "For help with reading this letter please ask at the desk.",
    "The balance brought forward includes all payments up to the end of last week.",
    "Repairs that you report before noon are looked at on the same day.",
    "Keep this page safe because it is the only proof of your tenancy.",
)
NAMES = (
    "Jasmine Patel",
    "Robert Hughes",
    "Amina Yusuf",
    "Piotr Nowak",
    "Grace Okafor",
    "Daniel Price",
    "Harpreet Kaur",
)
STREETS = (
    "Narborough Road",
    "Evington Lane",
    "Granby Street",
    "Welford Road",
    "Belgrave Gate",
    "Uppingham Road",
)
FACES = ("NotoSans-Regular.ttf", "NotoSerif-Regular.ttf", "DejaVuSans.ttf", "DejaVuSerif.ttf")
MONO = "DejaVuSansMono.ttf"


@dataclass(frozen=True, slots=True)
class Paper:
    """`flat`: as drawn, upright. `wide`, `high`: millimetres. `rounded`: the radius of its corners. `gloss`: it shines. `words`: all that is printed on it."""

    kind: str
    flat: Colour
    wide: float
    high: float
    rounded: float = 0.0
    gloss: bool = False
    words: tuple[str, ...] = ()


@cache
def face(name: str, size: int) -> ImageFont.FreeTypeFont:
    for each in (name, "DejaVuSans.ttf"):
        try:
            return ImageFont.truetype(each, size)
        except OSError:
            continue
    raise SystemExit("No typeface found: install the Noto or DejaVu fonts.")


class Sheet:
    """A sheet being written on, from the top down; all lengths in millimetres."""

    def __init__(self, choose: random.Random, wide: float, high: float, ground: Ink) -> None:
        self.choose, self.wide, self.high = choose, wide, high
        self.picture = Image.new("RGB", (round(wide * MM), round(high * MM)), ground)
        self.draw = ImageDraw.Draw(self.picture)
        self.name = choose.choice(FACES)
        self.y = 0.0
        self.words: list[str] = []

    def font(self, mm: float, name: str | None = None) -> ImageFont.FreeTypeFont:
        return face(name or self.name, max(6, round(mm * MM)))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        mm: float = 3.9,
        ink: Ink = (25, 25, 30),
        name: str | None = None,
    ) -> None:
        self.words.extend(words.split())
        self.draw.text((x * MM, y * MM), words, fill=ink, font=self.font(mm, name))

    def box(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        fill: Ink | None = None,
        edge: Ink | None = (40, 40, 40),
    ) -> None:
        corners = (x * MM, y * MM, (x + wide) * MM, (y + high) * MM)
        self.draw.rectangle(corners, fill=fill, outline=edge, width=2)

    def paragraph(self, x: float, to: float, mm: float, sentences: int, until: float) -> None:
        words = " ".join(self.choose.choice(SENTENCES) for _ in range(sentences)).split()
        font, line = self.font(mm), ""
        while words and self.y + mm * 1.3 < until:
            if font.getlength(f"{line} {words[0]}") > (to - x) * MM:
                self.text(x, self.y, line, mm)
                self.y, line = self.y + mm * 1.42, ""
            line = f"{line} {words.pop(0)}".strip()
        if self.y + mm * 1.3 < until:
            self.text(x, self.y, line, mm)
        self.y += mm * 2.3

    def done(self, kind: str, rounded: float = 0.0, *, gloss: bool = False) -> Paper:
        flat = cv2.cvtColor(np.asarray(self.picture), cv2.COLOR_RGB2BGR)
        return Paper(
            kind, np.ascontiguousarray(flat), self.wide, self.high, rounded, gloss, tuple(self.words)
        )


def _white(choose: random.Random) -> Ink:
    level = choose.randint(238, 253)
    return choose.choice(
        ((level, level, level), (level, level, level - 3), (level, level - 4, level - 16), (226, 225, 219))
    )


def letter(choose: random.Random) -> Paper:
    small = choose.random() < 0.2
    sheet = Sheet(choose, *((148, 210) if small else (210, 297)), _white(choose))
    left, right, mm = 22 if not small else 14, sheet.wide - 20, choose.uniform(3.4, 4.4)
    if choose.random() < 0.6:
        shade = choose.choice(((20, 60, 120), (0, 90, 70), (110, 20, 40), (60, 60, 60)))
        sheet.box(sheet.wide - 62, 12, 42, 13, fill=shade, edge=None)
        sheet.text(sheet.wide - 58, 15, "City Council", 5, (250, 250, 250))
    sheet.y = 32
    for line in (
        choose.choice(NAMES),
        f"{choose.randint(1, 180)} {choose.choice(STREETS)}",
        "Leicester",
        f"LE{choose.randint(1, 5)} {choose.randint(1, 9)}AB",
    ):
        sheet.text(left, sheet.y, line, mm)
        sheet.y += mm * 1.4
    sheet.y += 8
    sheet.text(
        left,
        sheet.y,
        f"Reference {choose.randint(10000000, 99999999)}    {choose.randint(1, 28)} March 2026",
        mm,
    )
    sheet.y += 12
    for _ in range(choose.randint(3, 7)):
        sheet.paragraph(left, right, mm, choose.randint(2, 5), sheet.high - 32)
    sheet.text(left, sheet.high - 28, "Yours sincerely", mm)
    return sheet.done("letter")


def form(choose: random.Random) -> Paper:
    ground = choose.choice(
        (_white(choose), (250, 228, 232), (228, 240, 250), (252, 248, 215), (229, 244, 228))
    )
    sheet = Sheet(choose, 210, 297, ground)
    sheet.text(18, 14, choose.choice(("Claim form", "Application for a permit", "Change of address")), 8)
    sheet.y = 30
    while sheet.y < 262:
        sheet.text(
            18,
            sheet.y,
            choose.choice(("Full name", "Date of birth", "Address", "Telephone number", "Name of employer")),
            3.8,
        )
        high = choose.choice((9, 9, 18))
        sheet.box(18, sheet.y + 6, 174, high, fill=(255, 255, 255))
        if choose.random() < 0.7:
            sheet.text(21, sheet.y + 7.5, choose.choice((*NAMES, *STREETS)), 4.6, (20, 30, 110))
        sheet.y += high + 11
    if choose.random() < 0.5:
        sheet.box(6, 6, 198, 285)
    return sheet.done("form")


def bill(choose: random.Random) -> Paper:
    sheet = Sheet(choose, 210, 297, _white(choose))
    shade = choose.choice(((30, 110, 170), (180, 40, 50), (70, 130, 60), (90, 60, 130)))
    if choose.random() < 0.5:
        sheet.box(0, 0, 210, 30, fill=shade, edge=None)
        sheet.text(16, 9, "Statement of account", 9, (252, 252, 252))
    else:
        sheet.text(16, 12, "Statement of account", 9, shade)
    sheet.y = 44
    for row in range(choose.randint(12, 24)):
        if row % 2:
            sheet.box(14, sheet.y - 1.5, 182, 8, fill=(232, 236, 240), edge=None)
        sheet.text(17, sheet.y, f"{choose.randint(1, 28):02} March", 3.7)
        sheet.text(
            52,
            sheet.y,
            choose.choice(("Card payment", "Direct debit", "Cash withdrawal", "Wages", "Refund")),
            3.7,
        )
        sheet.text(165, sheet.y, f"{choose.uniform(2, 900):9.2f}", 3.7)
        sheet.y += 8
    sheet.y += 6
    sheet.paragraph(16, 194, 3.6, 4, 285)
    return sheet.done("bill")


def leaflet(choose: random.Random) -> Paper:
    sheet = Sheet(choose, *choose.choice(((210, 297), (148, 210), (105, 148))), _white(choose))
    spread = np.random.default_rng(choose.randrange(2**31)).integers(30, 220, (6, 8, 3)).astype(np.uint8)
    photo = cv2.resize(
        spread, (round((sheet.wide - 20) * MM), round(sheet.high * 0.34 * MM)), interpolation=cv2.INTER_CUBIC
    )
    sheet.picture.paste(Image.fromarray(photo), (round(10 * MM), round(10 * MM)))
    sheet.y = sheet.high * 0.34 + 16
    sheet.text(12, sheet.y, "Help in your area", 6.5, (20, 40, 90))
    sheet.y += 13
    for _ in range(5):
        sheet.paragraph(12, sheet.wide - 12, 3.6, 3, sheet.high - 12)
    return sheet.done("leaflet", gloss=True)


def receipt(choose: random.Random) -> Paper:
    sheet = Sheet(
        choose, choose.choice((57.5, 80)), choose.uniform(120, 250), (choose.randint(228, 246),) * 3
    )
    sheet.text(8, 7, "YOUR CORNER SHOP", 3.8, name=MONO)
    sheet.y = 16
    while sheet.y < sheet.high - 24:
        sheet.text(
            5, sheet.y, f"{choose.choice(('BREAD', 'MILK', 'RICE', 'SOAP', 'TEA'))}", 3.0, (60, 60, 66), MONO
        )
        sheet.text(sheet.wide - 18, sheet.y, f"{choose.uniform(0.4, 30):6.2f}", 3.0, (60, 60, 66), MONO)
        sheet.y += choose.choice((4.6, 4.6, 9))
    sheet.text(5, sheet.high - 18, "TOTAL", 4.4, name=MONO)
    return sheet.done("receipt")


def card(choose: random.Random) -> Paper:
    grounds: tuple[Ink, ...] = (
        (222, 190, 205),
        (190, 210, 226),
        (235, 235, 228),
        (40, 60, 120),
        (200, 220, 190),
        (210, 60, 50),
        (28, 30, 34),
    )
    ground = choose.choice(grounds)
    dark = sum(ground) < 380
    sheet = Sheet(choose, 85.6, 53.98, ground)
    ink = (240, 240, 240) if dark else (30, 30, 50)
    sheet.text(6, 4, choose.choice(("DRIVING LICENCE", "LIBRARY CARD", "BUS PASS", "BANK")), 4.6, ink)
    if choose.random() < 0.6:
        sheet.box(6, 14, 22, 29, fill=(160, 140, 125), edge=None)
        sheet.draw.ellipse((11 * MM, 18 * MM, 23 * MM, 33 * MM), fill=(205, 165, 140))
    for row in range(5):
        sheet.text(33, 14 + row * 5.6, choose.choice((*NAMES, *STREETS, "05.08.1974", "LEICESTER")), 3.2, ink)
    return sheet.done("card", 3.18, gloss=True)


def passport(choose: random.Random) -> Paper:
    """Open at the page with the photograph, the other page above it."""
    tint: Ink = choose.choice(((236, 226, 222), (224, 232, 236), (238, 234, 216)))
    sheet = Sheet(choose, 125, 176, tint)
    for row in range(0, 176, 3):
        shade = (max(0, tint[0] - 14), max(0, tint[1] - 10), max(0, tint[2] - 6))
        sheet.draw.arc((-40 * MM, (row - 30) * MM, 165 * MM, (row + 60) * MM), 20, 160, fill=shade, width=2)
    sheet.draw.line((0, 88 * MM, 125 * MM, 88 * MM), fill=(150, 140, 140), width=3)
    sheet.box(8, 100, 33, 43, fill=(190, 186, 182), edge=None)
    sheet.draw.ellipse((14 * MM, 106 * MM, 35 * MM, 134 * MM), fill=(196, 150, 122))
    for row, words in enumerate(
        ("PASSPORT", "SURNAME", choose.choice(NAMES).upper(), "BRITISH CITIZEN", "12 MAY 1980", "LEICESTER")
    ):
        sheet.text(46, 98 + row * 7, words, 3.6)
    for row in range(2):
        code = "".join(choose.choice("ABCDEFGHKMNPRSTUVXYZ0123456789<<<") for _ in range(44))
        sheet.text(5, 158 + row * 7, code, 4.35, (20, 20, 20), MONO)
    return sheet.done("passport", gloss=True)


def bare(choose: random.Random) -> Paper:
    """The back of a page, with hardly anything on it."""
    sheet = Sheet(choose, 210, 297, _white(choose))
    sheet.text(90, 280, "Page 2 of 2", 3.4)
    return sheet.done("bare")


KINDS: Mapping[str, Callable[[random.Random], Paper]] = {
    "letter": letter,
    "form": form,
    "bill": bill,
    "leaflet": leaflet,
    "receipt": receipt,
    "card": card,
    "passport": passport,
    "bare": bare,
}
PROSE = ("letter", "form", "bill")
SMALL = ("receipt", "card", "card", "passport")


def paper(seed: int, kind: str | None = None) -> Paper:
    choose = random.Random(seed)
    name = kind or choose.choices(tuple(KINDS), (6, 4, 4, 2, 3, 4, 3, 1))[0]
    return KINDS[name](choose)
