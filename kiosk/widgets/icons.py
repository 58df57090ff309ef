"""The icons: our own, each a few strokes on a 24 x 24 field, drawn at the size they are shown.

Strokes rather than pictures because they stay sharp on every panel, weigh nothing and take any colour. They are drawn eight
times too large and brought down, which is smoother than what a graphics card does with lines. A name the centre's file
uses that is not here gets the neutral `info`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from kivy.graphics import Color, Rectangle, RoundedRectangle
from PIL import Image, ImageDraw

from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look

FIELD = 24
STROKE = 1.7
OVER = 8

Point = tuple[float, float]
Step = tuple[Any, ...]


def line(*points: Point) -> Step:
    return ("line", points)


def shape(*points: Point) -> Step:
    return ("line", (*points, points[0]))


def box(left: float, top: float, right: float, bottom: float, round_: float = 1.5) -> Step:
    return ("box", left, top, right, bottom, round_)


def ring(x: float, y: float, r: float) -> Step:
    return ("arc", x, y, r, 0, 360)


def arc(x: float, y: float, r: float, start: float, end: float) -> Step:
    """Clockwise from `start` to `end` in degrees; 0 is to the right, 90 below."""
    return ("arc", x, y, r, start, end)


def dot(x: float, y: float, r: float = 1.1) -> Step:
    return ("dot", x, y, r)


def half(x: float, y: float, r: float) -> Step:
    return ("half", x, y, r)


ICONS: dict[str, tuple[Step, ...]] = {
    # on every screen
    "back": (line((15, 5), (8, 12), (15, 19)),),
    "again": (arc(12, 12, 7.5, -60, 210), line((16.6, 2.6), (15.8, 5.5), (18.8, 6.4))),
    "help": (ring(12, 12, 9), arc(12, 9.8, 2.7, 180, 405), line((13.9, 11.7), (12, 13.4), (12, 14)), dot(12, 17)),
    "larger": (line((2.5, 19), (8.5, 5), (14.5, 19)), line((4.8, 14), (12.2, 14)), line((19, 8), (19, 15)), line((15.5, 11.5), (22.5, 11.5))),
    "smaller": (line((2.5, 19), (8.5, 5), (14.5, 19)), line((4.8, 14), (12.2, 14)), line((15.5, 11.5), (22.5, 11.5))),
    "contrast": (ring(12, 12, 8.8), half(12, 12, 8.8)),
    "lower": (line((12, 4), (12, 16)), line((6.5, 11), (12, 16.5), (17.5, 11)), line((5, 20.5), (19, 20.5))),
    "upper": (line((12, 20), (12, 8)), line((6.5, 13), (12, 7.5), (17.5, 13)), line((5, 3.5), (19, 3.5))),
    "private": (box(2.5, 4, 21.5, 17, 3), line((7, 17), (7, 21.2), (11.5, 17)), dot(8, 10.5), dot(12, 10.5), dot(16, 10.5)),
    "delete": (shape((8.5, 5), (21.5, 5), (21.5, 19), (8.5, 19), (2.5, 12)), line((11.5, 9), (17.5, 15)), line((17.5, 9), (11.5, 15))),
    "box": (box(4, 4, 20, 20, 2.5),),
    "ticked": (box(4, 4, 20, 20, 2.5), line((7.8, 12.2), (11, 15.6), (16.6, 8.4))),
    "speak": (line((3.5, 9.5), (7, 9.5), (11.5, 5), (11.5, 19), (7, 14.5), (3.5, 14.5), (3.5, 9.5)), arc(11.5, 12, 4.2, -50, 50), arc(11.5, 12, 8, -50, 50)),
    "pen": (line((4, 20), (5.5, 15), (16.5, 4), (20, 7.5), (9, 18.5), (4, 20)), line((13.5, 7), (17, 10.5))),
    "camera": (line((3, 7.5), (7.5, 7.5), (9.2, 4.8), (14.8, 4.8), (16.5, 7.5), (21, 7.5), (21, 19.5), (3, 19.5), (3, 7.5)), ring(12, 13, 3.8)),
    "plus": (line((12, 4.5), (12, 19.5)), line((4.5, 12), (19.5, 12))),
    "less": (line((5, 15), (12, 8), (19, 15)),),
    "search": (ring(10.5, 10.5, 6.5), line((15.4, 15.4), (20.8, 20.8))),
    "space": (line((3, 10), (3, 16), (21, 16), (21, 10)),),
    "line": (line((20, 5), (20, 13), (5, 13)), line((9.5, 8), (4.5, 13), (9.5, 18))),
    "more": (line((5, 9), (12, 16), (19, 9)),),
    "yes": (line((4.5, 12.5), (10, 18), (20, 6.5)),),
    "no": (line((6, 6), (18, 18)), line((18, 6), (6, 18))),
    "hide": (line((4, 4), (20, 20)), arc(12, 15, 9.5, 205, 245), arc(12, 15.5, 9.8, 292, 335), arc(12, 8.5, 9.8, 45, 100), arc(12, 8.5, 9.8, 122, 140)),
    "time": (ring(12, 12, 8.8), line((12, 6.8), (12, 12), (15.6, 14.4))),
    "place": (arc(12, 10, 6.8, 155, 385), line((5.8, 12.8), (12, 21.5), (18.2, 12.8)), ring(12, 10, 2.4)),
    "phone": (box(6.5, 2.5, 17.5, 21.5, 2.4), line((10.5, 18.4), (13.5, 18.4))),
    "paper": (line((6, 2.8), (18, 2.8), (18, 20.6), (16, 19.2), (14, 20.6), (12, 19.2), (10, 20.6), (8, 19.2), (6, 20.6), (6, 2.8)), line((9.2, 7.5), (14.8, 7.5)), line((9.2, 11.5), (14.8, 11.5))),
    "door": (line((3, 21), (21, 21)), line((6, 21), (6, 11)), arc(12, 11, 6, 180, 360), line((18, 11), (18, 21)), dot(14.4, 14.5)),
    "info": (ring(12, 12, 9), line((12, 11), (12, 16.8)), dot(12, 7.4)),
    "closed": (ring(12, 12, 9), line((6.2, 12), (17.8, 12))),
    "fault": (shape((12, 3), (22, 20.5), (2, 20.5)), line((12, 9.5), (12, 14.5)), dot(12, 17.5)),
    # how a visit was: told apart by mouths and brows
    "face_very_good": (ring(12, 12, 9), dot(8.6, 9.6), dot(15.4, 9.6), line((6.8, 13.2), (17.2, 13.2)), arc(12, 13.2, 5.2, 0, 180)),
    "face_good": (ring(12, 12, 9), dot(8.6, 9.6), dot(15.4, 9.6), arc(12, 11.6, 5, 30, 150)),
    "face_neither": (ring(12, 12, 9), dot(8.6, 9.6), dot(15.4, 9.6), line((8, 15.4), (16, 15.4))),
    "face_poor": (ring(12, 12, 9), dot(8.6, 9.6), dot(15.4, 9.6), arc(12, 19, 5, 215, 325)),
    "face_very_poor": (ring(12, 12, 9), dot(8.6, 10.8), dot(15.4, 10.8), line((6.4, 7.2), (10, 8.8)), line((17.6, 7.2), (14, 8.8)), arc(12, 18.4, 4.6, 190, 350)),
    # what visitors need
    "home": (line((2.5, 12), (12, 3.5), (21.5, 12)), line((5, 10.2), (5, 20.5), (19, 20.5), (19, 10.2)), line((10, 20.5), (10, 14.5), (14, 14.5), (14, 20.5))),
    "keys": (ring(8, 15.5, 4.6), line((11.3, 12.2), (20, 3.5)), line((16.5, 7), (19.3, 9.8)), line((14, 9.5), (16, 11.5))),
    "money": (box(2.5, 6, 21.5, 18, 2), ring(12, 12, 2.8), dot(6, 12, 0.9), dot(18, 12, 0.9)),
    "pound": (arc(13, 8, 4.4, 180, 335), line((8.6, 8), (8.6, 16.5), (6.5, 20), (18, 20)), line((5.8, 13), (14.5, 13))),
    "council-tax": (line((2.5, 11.5), (12, 3.5), (21.5, 11.5)), line((5, 9.8), (5, 20.5), (19, 20.5), (19, 9.8)), arc(12.7, 12.2, 2.3, 180, 335), line((10.4, 12.2), (10.4, 16), (9.3, 17.6), (15, 17.6)), line((8.9, 14.5), (13.2, 14.5))),
    "document": (line((5, 2.8), (14, 2.8), (19, 7.8), (19, 21.2), (5, 21.2), (5, 2.8)), line((13.6, 3), (13.6, 8.2), (18.8, 8.2)), line((8.5, 12.6), (15.5, 12.6)), line((8.5, 16.6), (15.5, 16.6))),
    "envelope": (box(2.5, 5, 21.5, 19, 2), line((3.4, 6.8), (12, 13.4), (20.6, 6.8))),
    "scan": (line((3, 8), (3, 3.5), (8, 3.5)), line((16, 3.5), (21, 3.5), (21, 8)), line((21, 16), (21, 20.5), (16, 20.5)), line((8, 20.5), (3, 20.5), (3, 16)), line((3, 12), (21, 12))),
    "form": (box(4.5, 4, 19.5, 21.2, 2), box(8.5, 2.2, 15.5, 6, 1.2), line((8.5, 11), (15.5, 11)), line((8.5, 15.5), (13, 15.5))),
    "calendar": (box(3, 5, 21, 21, 2), line((3, 10), (21, 10)), line((8, 2.6), (8, 7)), line((16, 2.6), (16, 7)), line((8.5, 15.2), (11, 17.6), (15.6, 13))),
    "parking": (box(3.5, 3.5, 20.5, 20.5, 3.5), line((9.5, 17), (9.5, 7), (12.6, 7)), arc(12.6, 9.9, 2.9, -90, 90), line((12.6, 12.8), (9.5, 12.8))),
    "car": (line((3, 17.5), (3, 12.5), (5.4, 6.5), (18.6, 6.5), (21, 12.5), (21, 17.5), (3, 17.5)), line((3.4, 12.2), (20.6, 12.2)), line((5.6, 17.5), (5.6, 20)), line((18.4, 17.5), (18.4, 20)), dot(7, 14.9), dot(17, 14.9)),
    "bus": (box(4, 3.5, 20, 18, 2.5), line((4, 12), (20, 12)), dot(8, 15), dot(16, 15), line((7, 18), (7, 20.6)), line((17, 18), (17, 20.6))),
    "school": (shape((12, 4), (22.5, 9), (12, 14), (1.5, 9)), line((6, 11.5), (6, 17), (12, 20), (18, 17), (18, 11.5)), line((22.3, 9.3), (22.3, 15))),
    "child": (ring(12, 12, 8.8), dot(9, 10.5), dot(15, 10.5), arc(12, 12.6, 4, 25, 155)),
    "people": (ring(8.5, 8, 3.6), arc(8.5, 21, 6.7, 190, 350), arc(16.2, 8.2, 3.3, -100, 100), arc(15.5, 21, 6.8, 292, 350)),
    "person": (ring(12, 7.6, 4.2), arc(12, 22, 8.2, 190, 350)),
    "advice": (box(2.5, 3.5, 16, 13.5, 2.5), line((6, 13.5), (6, 17), (9.4, 13.5)), line((19, 8), (21.5, 8), (21.5, 17.2), (18.4, 17.2), (18.4, 20.6), (14.8, 17.2), (10.5, 17.2))),
    "heart": (line((12, 20.5), (3.6, 12)), arc(7.6, 8.6, 5.1, 140, 325), arc(16.4, 8.6, 5.1, 215, 400), line((20.4, 12), (12, 20.5))),
    "badge": (ring(12, 4.6, 1.9), line((12, 7.4), (12, 13), (16.6, 13), (18.6, 18.6)), line((12, 9.8), (16, 9.8)), arc(11, 16.2, 5.2, 30, 245)),
    "bin": (line((3.5, 6.5), (20.5, 6.5)), line((9, 6.2), (9, 3.4), (15, 3.4), (15, 6.2)), line((5.6, 6.5), (6.8, 21), (17.2, 21), (18.4, 6.5)), line((10, 10.5), (10.3, 17)), line((14, 10.5), (13.7, 17))),
    "business": (box(3, 7.5, 21, 20, 2), line((8.5, 7.2), (8.5, 4), (15.5, 4), (15.5, 7.2)), line((3, 13), (21, 13))),
    "licence": (box(2.5, 5, 21.5, 19, 2), ring(8, 10.6, 2.2), arc(8, 18, 4, 205, 335), line((14, 10), (18.5, 10)), line((14, 14), (18.5, 14))),
    "computer": (box(2.5, 3.5, 21.5, 16, 2), line((12, 16), (12, 20)), line((7.5, 20.5), (16.5, 20.5))),
    "telephone": (line((4.2, 4), (8.6, 3.2), (10.4, 8), (8, 10.2), (9.6, 13), (11.6, 15), (14, 16.3), (16.2, 13.8), (20.9, 15.6), (20, 20), (17, 20.6), (11, 18.4), (6, 13.6), (3.6, 7.4), (4.2, 4)),),
    "food": (line((5, 3), (5, 8)), line((8, 3), (8, 21)), line((11, 3), (11, 8)), arc(8, 8, 3, 0, 180), line((17, 21), (17, 3)), arc(17, 8.5, 3.2, 90, 270)),
    "vote": (line((4, 13), (2.5, 13), (2.5, 21), (21.5, 21), (21.5, 13), (20, 13)), line((6.5, 17), (17.5, 17)), line((7, 13.5), (7, 3), (17, 3), (17, 13.5)), line((9.4, 8), (11.2, 10), (14.6, 6))),
    "work": (box(3, 7.5, 21, 20, 2), line((8.5, 7.2), (8.5, 4), (15.5, 4), (15.5, 7.2)), line((3, 13), (21, 13))),
    "tree": (ring(12, 9, 6.2), line((12, 9), (12, 21)), line((12, 14), (15, 11.5))),
    "shield": (shape((12, 2.8), (19.8, 5.6), (19.8, 11.4), (18.8, 15), (16.4, 18.2), (12, 21.2), (7.6, 18.2), (5.2, 15), (4.2, 11.4), (4.2, 5.6)), line((8.3, 11.8), (11.1, 14.6), (15.8, 9.2))),
    "other": (dot(5, 12, 1.7), dot(12, 12, 1.7), dot(19, 12, 1.7)),
}  # fmt: skip

ALIASES = {
    "house": "home", "housing": "home", "rent": "keys", "key": "keys", "homeless": "keys", "benefits": "money",
    "benefit": "money", "payment": "money", "pay": "money", "card": "money", "tax": "council-tax", "council_tax": "council-tax",
    "scanner": "scan", "documents": "document", "evidence": "scan", "upload": "scan", "forms": "form",
    "appointment": "calendar", "appointments": "calendar", "permit": "parking", "permits": "parking",
    "travel": "bus", "transport": "bus", "schools": "school", "education": "school", "family": "people",
    "families": "people", "community": "people", "chat": "advice", "talk": "advice", "speech": "advice",
    "care": "heart", "support": "heart", "health": "heart", "wheelchair": "badge", "blue-badge": "badge",
    "blue_badge": "badge", "disability": "badge", "rubbish": "bin", "bins": "bin", "waste": "bin", "briefcase": "business",
    "shop": "business", "licensing": "licence", "id": "licence", "identity": "licence", "pc": "computer", "online": "computer",
    "screen": "computer", "call": "telephone", "voting": "vote", "elections": "vote", "job": "work", "jobs": "work",
    "question": "help", "else": "other", "something-else": "other", "scales": "advice", "building": "home", "repair": "home",
    "coins": "pound", "debt": "pound", "park": "tree", "baby": "child", "lock": "private", "letter": "envelope", "post": "envelope", "safety": "shield",
}  # fmt: skip


def known(name: str) -> str:
    """The icon that stands for `name`."""
    plain = name.strip().lower()
    if plain in ICONS:
        return plain
    if plain in ALIASES:
        return ALIASES[plain]
    word = next((part for part in plain.replace("_", "-").split("-") if part in ICONS or part in ALIASES), "")
    return ALIASES.get(word, word) or "info"


@lru_cache(maxsize=128)
def mask(name: str, size: int, flip: bool = False) -> Image.Image:
    """The icon as coverage ("L"), `size` pixels square."""
    scale = size * OVER / FIELD if size < 96 else size * 4 / FIELD
    large = round(FIELD * scale)
    picture = Image.new("L", (large, large), 0)
    pen = ImageDraw.Draw(picture)
    for step in ICONS[known(name)]:
        _DRAW[step[0]](pen, scale, *step[1:])
    if flip:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return picture.resize((size, size), Image.Resampling.BOX)


def _path(pen: ImageDraw.ImageDraw, scale: float, points: Sequence[Point]) -> None:
    wide = STROKE * scale
    scaled = [(x * scale, y * scale) for x, y in points]
    pen.line(scaled, fill=255, width=round(wide), joint="curve")
    for x, y in scaled:
        pen.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=255)


def _arc(
    pen: ImageDraw.ImageDraw, scale: float, x: float, y: float, r: float, start: float, end: float
) -> None:
    steps = max(6, int(abs(end - start) / 4))
    angles = [math.radians(start + (end - start) * at / steps) for at in range(steps + 1)]
    _path(pen, scale, [(x + r * math.cos(angle), y + r * math.sin(angle)) for angle in angles])


def _box(
    pen: ImageDraw.ImageDraw,
    scale: float,
    left: float,
    top: float,
    right: float,
    bottom: float,
    round_: float,
) -> None:
    edge = STROKE / 2
    corners = [(left - edge) * scale, (top - edge) * scale, (right + edge) * scale, (bottom + edge) * scale]
    pen.rounded_rectangle(corners, radius=(round_ + edge) * scale, outline=255, width=round(STROKE * scale))


def _dot(pen: ImageDraw.ImageDraw, scale: float, x: float, y: float, r: float) -> None:
    pen.ellipse([(x - r) * scale, (y - r) * scale, (x + r) * scale, (y + r) * scale], fill=255)


def _half(pen: ImageDraw.ImageDraw, scale: float, x: float, y: float, r: float) -> None:
    pen.pieslice([(x - r) * scale, (y - r) * scale, (x + r) * scale, (y + r) * scale], -90, 90, fill=255)


_DRAW: dict[str, Callable[..., None]] = {
    "line": _path, "arc": _arc, "box": _box, "dot": _dot, "half": _half,
}  # fmt: skip

DIRECTED = frozenset({"back", "again"})
"""Mirrored where the language is read from the right."""


class Icon(Box):
    """An icon in the middle of its place."""

    def __init__(
        self, name: str, millimetres: float, colour: Sequence[float], *, ground: float = 1.0, **kwargs: Any
    ) -> None:
        """`ground`: how much wider the tinted square under it is than the icon; 1 for none."""
        super().__init__(**kwargs)
        self.name = name
        self._pixels = look().mm(millimetres)
        self._across = round(self._pixels * ground)
        self._flip = look().rtl and known(name) in DIRECTED
        with self.canvas:
            self._tint = Color(0, 0, 0, 0)
            self._ground = RoundedRectangle(size=(0, 0), radius=[look().radius])
            self._ink = Color(*colour)
            self._shape = Rectangle(size=(0, 0))

    def colour(self, rgba: Sequence[float], ground: Sequence[float] = (0, 0, 0, 0)) -> None:
        self._ink.rgba = rgba
        self._tint.rgba = ground

    def natural(self, width: float) -> float:
        return self._across

    def wanted(self) -> float:
        return self._across

    def place(self, x: float, y: float, width: float, height: float) -> None:
        from kiosk.widgets.text import remembered

        super().place(x, y, width, height)
        size, across = self._pixels, self._across
        self._ground.size = (across, across)
        self._ground.pos = (round(x + (width - across) / 2), round(y + (height - across) / 2))
        self._shape.texture = remembered(
            ("icon", self.name, size, self._flip), lambda: mask(self.name, size, self._flip)
        )
        self._shape.size = (size, size)
        self._shape.pos = (round(x + (width - size) / 2), round(y + (height - size) / 2))
