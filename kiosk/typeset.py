"""Text as pictures, shaped right for every language: for the kiosk's screens and for the paper alike.

Kivy's own text provider does not shape (it shows 32 for ticket 23 in Urdu and pulls Gujarati syllables
apart). So text is drawn here with Pillow's Raqm layout (HarfBuzz shaping, FriBidi direction) in the merged
fonts of `kiosk/fonts`, and a label on the screen is the same picture as a line on the ticket. What others
call:

* `draw_text(text, language, size, ...)`: an RGBA picture of one or more lines; with `width` it wraps and
  aligns.
* `draw_mask(...)`: the same as coverage ("L", 255 = ink), for the paper or for colouring by a shader.
* `wrap`, `measure`, `block_height`, `line_height`, `ascent`, `fit`: for laying out before drawing. `size` is
  pixels per em.
* `is_rtl(language)`, `isolate(text)`: a code, a time or a name inside a sentence goes through `isolate`.
* `shaping_fault()`: None, or why text cannot be right on this machine (libfribidi0 is missing), in words for
  staff.

What was drawn is remembered (4 MB of it), so a label drawn again costs microseconds; masks are shared, so
treat them as read-only; `forget()` drops it all. Of the fonts, the faces used last stay open.

Urdu is set in Nastaliq, the hand its readers learn and expect (Naskh reads to them as foreign); it asks for
half as much line height again and was looked at on screen and paper at the sizes used here. Arabic is set in
Noto Sans Arabic.
"""

from __future__ import annotations

import logging
import math
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Literal

from PIL import Image, ImageDraw, ImageFont, features

FONTS = Path(__file__).resolve().parent / "fonts"
LRI, PDI = "\u2066", "\u2069"

Align = Literal["start", "centre", "end"]
Colour = tuple[int, int, int] | tuple[int, int, int, int]

_SHORT_ISOLATE = re.compile(f"{LRI}[^{PDI}]{{1,12}}{PDI}")
"""Such as "Desk 4": never broken over two lines."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Script:
    """How a language is set, in ems: a line reaches `above` and `below` its baseline. `head` is what the
    tallest strokes of the first line need on top of that; in further lines they reach between the words
    above.
    """

    family: str
    above: float
    below: float
    head: float = 0.0
    rtl: bool = False


_LATIN = _Script("FoyerSans", 1.06, 0.30)
_SCRIPTS = {
    "gu": _Script("FoyerGujarati", 1.06, 0.42),
    "pa": _Script("FoyerGurmukhi", 1.06, 0.42),
    "ar": _Script("FoyerArabic", 1.12, 0.52, rtl=True),
    "ur": _Script("FoyerNastaliq", 1.42, 0.64, head=0.32, rtl=True),
}


def _script(language: str) -> _Script:
    return _SCRIPTS.get(str(language), _LATIN)


def is_rtl(language: str) -> bool:
    return _script(language).rtl


def isolate(text: str) -> str:
    """`text` kept left to right and apart from what surrounds it (Unicode isolates, UAX #9)."""
    return f"{LRI}{text}{PDI}"


def isolate_numbers(text: str) -> str:
    """A sentence with its telephone numbers kept left to right: their groups would change places in a line that runs from the right."""
    return _NUMBERS.sub(lambda found: isolate(found[0]), text)


_NUMBERS = re.compile(r"\+?[0-9][0-9 ]{4,}[0-9]")


@lru_cache(maxsize=1)
def shaping_fault() -> str | None:
    """Why text would be wrong on this machine, said loudly in the log once; None if all is well."""
    if features.check("raqm") and features.check("fribidi"):
        return None
    fault = (
        "Text cannot be shaped: the library FriBidi is missing (apt-get install libfribidi0). "
        "Gujarati, Panjabi, Urdu and Arabic are drawn wrong until it is there."
    )
    _log.error(fault)
    return fault


# Fonts and measures -----------------------------------------------------------------------------------------


def _font(language: str, size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return _face(_script(language).family, size, bold)


@lru_cache(maxsize=32)
def _face(family: str, size: int, bold: bool) -> ImageFont.FreeTypeFont:
    """Each has its file mapped and its hinting worked out for itself, up to 1 MB for Nastaliq. The start screen
    alone takes one of each script; opening one again takes a millisecond, 25 for Nastaliq.
    """
    engine = ImageFont.Layout.BASIC if shaping_fault() else ImageFont.Layout.RAQM
    path = FONTS / f"{family}-{'Bold' if bold else 'Regular'}.ttf"
    return ImageFont.truetype(str(path), size, layout_engine=engine)


def _shape(language: str) -> tuple[str | None, str | None]:
    """Direction and language for the layout engine; the basic engine takes neither."""
    if shaping_fault():
        return None, None
    return ("rtl" if is_rtl(language) else "ltr"), str(language)


def line_height(language: str, size: int) -> int:
    """Pixels from one baseline to the next. Urdu's is half as high again as English's."""
    script = _script(language)
    return math.ceil(script.above * size) + math.ceil(script.below * size)


def block_height(language: str, size: int, lines: int = 1) -> int:
    """The height of a picture of so many lines."""
    return math.ceil(_script(language).head * size) + lines * line_height(language, size)


def ascent(language: str, size: int) -> int:
    """Pixels from the top of a picture to the baseline of its first line."""
    script = _script(language)
    return math.ceil(script.head * size) + math.ceil(script.above * size)


@lru_cache(maxsize=8192)
def _advance(text: str, language: str, size: int, bold: bool) -> float:
    direction, tag = _shape(language)
    return _font(language, size, bold).getlength(text, direction=direction, language=tag)


def measure(text: str, language: str, size: int, *, bold: bool = False) -> int:
    """The width of one line in pixels."""
    return math.ceil(_advance(text, str(language), size, bold))


# Lines ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def wrap(
    text: str, language: str, size: int, width: int, *, bold: bool = False, balance: bool = False
) -> tuple[str, ...]:
    """The lines `text` takes in `width` pixels. A newline is kept; a word too wide is broken between letters.

    `balance` makes the lines about as long as each other, without taking more of them: for titles.
    """
    lines = _wrap(text, language, size, width, bold)
    if not balance or len(lines) < 2:
        return lines
    widest = max(measure(word, language, size, bold=bold) for word in re.split(r"[ \n]", text))
    low, high = min(width, max(width // 2, widest)), width
    while high - low > max(2, size // 8):
        middle = (low + high) // 2
        if len(_wrap(text, language, size, middle, bold)) > len(lines):
            low = middle
        else:
            high = middle
    return _wrap(text, language, size, high, bold)


def _wrap(text: str, language: str, size: int, width: int, bold: bool) -> tuple[str, ...]:
    """Greedy. Widths are sums of words' widths: shaping does not reach over a space, and a word is measured
    once for all the lines it is tried in (Nastaliq takes 30 times as long to shape as Latin).
    """
    space = _advance(" ", language, size, bold)
    lines: list[str] = []
    for paragraph in _SHORT_ISOLATE.sub(lambda short: short[0].replace(" ", "\u00a0"), text).split("\n"):
        line, used = "", 0.0
        for word in paragraph.split(" "):
            wide = _advance(word, language, size, bold)
            if line and used + space + wide <= width:
                line, used = f"{line} {word}", used + space + wide
                continue
            if line:
                lines.append(line)
            *full, line = [word] if wide <= width else _break_word(word, language, size, width, bold)
            lines.extend(full)
            used = wide if not full else _advance(line, language, size, bold)
        lines.append(line)
    return tuple(_carry_isolates(lines))


def _break_word(word: str, language: str, size: int, width: int, bold: bool) -> list[str]:
    pieces = [""]
    for cluster in _clusters(word):
        if pieces[-1] and measure(pieces[-1] + cluster, language, size, bold=bold) > width:
            pieces.append("")
        pieces[-1] += cluster
    return pieces


def _clusters(word: str) -> Iterator[str]:
    """Letters with what belongs to them: marks, joiners, and what a virama ties on."""
    cluster = ""
    for character in word:
        tied = cluster and (
            unicodedata.category(character)[0] in "MC"
            or unicodedata.combining(cluster[-1]) == 9
            or cluster[-1] == "\u200d"
        )
        if cluster and not tied:
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _carry_isolates(lines: list[str]) -> Iterator[str]:
    """An isolate broken over two lines is closed on the first and opened again on the second."""
    depth = 0
    for line in lines:
        opened = LRI * depth + line
        depth = max(0, opened.count(LRI) - opened.count(PDI))
        yield opened + PDI * depth


def fit(
    text: str, language: str, width: int, height: int, *, largest: int, smallest: int, bold: bool = False
) -> int:
    """The largest size at which `text` wraps into the box, without breaking a word; `smallest` if none
    does."""
    for size in range(largest, smallest, -1):
        if any(measure(word, language, size, bold=bold) > width for word in text.split()):
            continue
        lines = len(wrap(text, language, size, width, bold=bold))
        if block_height(language, size, lines) <= height:
            return size
    return smallest


# Pictures ---------------------------------------------------------------------------------------------------


class _Shelf:
    """The masks drawn last, up to so many bytes: a count would let a few screenfuls of headings take the
    memory."""

    def __init__(self, limit: int) -> None:
        self._limit, self._held = limit, 0
        self._masks: OrderedDict[tuple[object, ...], Image.Image] = OrderedDict()
        self._lock = Lock()  # the paper is drawn in another thread than the screen

    def find(self, key: tuple[object, ...]) -> Image.Image | None:
        with self._lock:
            mask = self._masks.get(key)
            if mask is not None:
                self._masks.move_to_end(key)
            return mask

    def put(self, key: tuple[object, ...], mask: Image.Image) -> None:
        with self._lock:
            if key in self._masks or mask.width * mask.height > self._limit:
                return
            self._masks[key] = mask
            self._held += mask.width * mask.height
            while self._held > self._limit:
                _, dropped = self._masks.popitem(last=False)
                self._held -= dropped.width * dropped.height

    def clear(self) -> None:
        with self._lock:
            self._masks.clear()
            self._held = 0


_shelf = _Shelf(limit=4_000_000)


def draw_mask(
    text: str,
    language: str,
    size: int,
    *,
    bold: bool = False,
    width: int | None = None,
    align: Align = "start",
    balance: bool = False,
) -> Image.Image:
    """Coverage of `text` ("L", 255 = ink): wrapped and aligned in `width`, or one line as wide as it is.

    "start" is the side the language is read from. The height is `block_height` of its lines, and more
    only where a stroke would be cut off: some Urdu and Arabic words reach far above their line.
    """
    key = (text, str(language), size, bold, width, align, balance)
    mask = _shelf.find(key)
    if mask is None:
        mask = _draw(text, str(language), size, bold, width, align, balance)
        _shelf.put(key, mask)
    return mask


def _draw(
    text: str, language: str, size: int, bold: bool, width: int | None, align: Align, balance: bool
) -> Image.Image:
    if width is None:
        lines: tuple[str, ...] = tuple(text.split("\n"))
        width = max(measure(line, language, size, bold=bold) for line in lines)
    else:
        lines = wrap(text, language, size, width, bold=bold, balance=balance)
    step, down = line_height(language, size), ascent(language, size)
    high = block_height(language, size, len(lines))
    direction, tag = _shape(language)
    font = _font(language, size, bold)
    inks, over = [], 0
    for number, line in enumerate(lines):  # shaped once for all: a line of Nastaliq takes 5 ms
        ink, (right, top) = font.getmask2(line, "L", direction=direction, language=tag, anchor="ls")
        inks.append((ink, right, top))
        over = max(over, -top - down - number * step)
        high = max(high, down + number * step + top + ink.size[1])
    picture = Image.new("L", (max(1, width), over + high), 0)
    pen = ImageDraw.Draw(picture)
    for number, (line, (ink, right, top)) in enumerate(zip(lines, inks, strict=True)):
        left = _left(align, is_rtl(language), width, line, language, size, bold)
        if ink.size[0] and ink.size[1]:
            pen.draw.draw_bitmap((left + right, over + down + number * step + top), ink, 255)
    return picture


def _left(align: Align, rtl: bool, width: int, line: str, language: str, size: int, bold: bool) -> int:
    if align != "centre" and (align == "end") is rtl:
        return 0
    words = line.split(" ")
    long = sum(_advance(word, language, size, bold) for word in words)
    long += (len(words) - 1) * _advance(" ", language, size, bold)
    spare = width - math.ceil(long)
    return spare // 2 if align == "centre" else spare


def draw_text(
    text: str,
    language: str,
    size: int,
    *,
    bold: bool = False,
    colour: Colour = (0, 0, 0),
    width: int | None = None,
    align: Align = "start",
    balance: bool = False,
) -> Image.Image:
    """`text` in `colour` on nothing (RGBA), a new picture each time. See `draw_mask`."""
    mask = draw_mask(text, language, size, bold=bold, width=width, align=align, balance=balance)
    picture = Image.new("RGBA", mask.size, (*colour[:3], 255))
    opacity = colour[3] if len(colour) == 4 else 255
    picture.putalpha(mask if opacity == 255 else mask.point([level * opacity // 255 for level in range(256)]))
    return picture


def forget() -> None:
    """Forget every text and picture drawn so far: for when somebody wants what is on the screen gone at
    once."""
    _shelf.clear()
    _advance.cache_clear()
    wrap.cache_clear()
