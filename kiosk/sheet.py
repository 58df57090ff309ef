"""A strip of paper that grows downwards as things are put on it: what tickets and test prints are drawn on.

Works in coverage (255 = ink), so that what overlaps keeps its ink, and turns to dots only when it is finished. Sizes are
points on paper; the printer's resolution is asked here and nowhere else.
"""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw

from kiosk import typeset
from kiosk.typeset import Align

INK_FROM = 112
"""Coverage from which a dot is burnt: a little under half, because thin strokes of Nastaliq vanish first."""


class Sheet:
    """A strip of paper that grows downwards. Works in coverage (255 = ink) until it is finished."""

    def __init__(self, width: int, dots_per_inch: int, *, edge: int | None = None) -> None:
        self.width = width
        self.dots_per_inch = dots_per_inch
        self.edge = self.points(3) if edge is None else edge
        self._inset = 0
        self._parts: list[tuple[Image.Image, int, int]] = []
        self._down = 0

    def points(self, points: float) -> int:
        return round(points * self.dots_per_inch / 72)

    @property
    def inner(self) -> int:
        """The width that may be written on."""
        return self.width - 2 * (self.edge + self._inset)

    def put(self, mask: Image.Image) -> None:
        self._parts.append((mask, (self.width - mask.width) // 2, self._down))
        self._down += mask.height

    def text(
        self, text: str, language: str, points: float, *, bold: bool = False, align: Align = "centre"
    ) -> None:
        if text:
            self.put(
                typeset.draw_mask(
                    text,
                    language,
                    self.points(points),
                    bold=bold,
                    width=self.inner,
                    align=align,
                    balance=True,
                )
            )

    def space(self, points: float) -> None:
        self._down += self.points(points)

    def rule(self) -> None:
        self.put(_bar(self.inner, max(2, self.points(0.7))))

    def frame(self) -> int:
        """Opens a frame around what follows; what is put inside keeps off its lines. Returns where it
        began."""
        top = self._down
        self._inset = self.points(6)
        self.space(4)
        return top

    def close_frame(self, top: int) -> None:
        self.space(5)
        self._inset = 0
        size = (self.inner, self._down - top)
        box = Image.new("L", size, 0)
        edge, corner = max(2, self.points(1.1)), self.points(6)
        ImageDraw.Draw(box).rounded_rectangle(
            (0, 0, size[0] - 1, size[1] - 1), corner, outline=255, width=edge
        )
        self._parts.append((box, self.edge, top))

    def mask(self) -> Image.Image:
        picture = Image.new("L", (self.width, max(1, self._down)), 0)
        for part, left, top in self._parts:
            box = (left, top, left + part.width, top + part.height)
            picture.paste(ImageChops.lighter(picture.crop(box), part), box)
        return picture

    def finished(self) -> Image.Image:
        return self.mask().point(_BURN, "1")


_BURN = [0 if coverage >= INK_FROM else 255 for coverage in range(256)]


@lru_cache(maxsize=8)
def _bar(width: int, height: int) -> Image.Image:
    return Image.new("L", (width, height), 255)
