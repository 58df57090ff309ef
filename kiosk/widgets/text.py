"""Text on the screen: a picture made by `typeset`, so that screen and paper show the same shapes.

A text is uploaded once as coverage and coloured by the card it stands on; pressing a button recolours it without
drawing it again. Pictures are shared between screens by `_textures`; `forget()` empties that and typeset's own memory,
since a code may be among them.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, OptionProperty, StringProperty
from PIL import Image

from kiosk import typeset
from kiosk.widgets.boxes import Box
from kiosk.widgets.look import CAPITAL_PER_EM, look

KEPT_PIXELS = 3_000_000
"""A few screens' worth, two bytes each."""
TIGHT = 0.86
"""Of an em: capitals and figures, and a little air."""
_textures: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_heights: dict[tuple[Any, ...], float] = {}
"""Of texts whose strokes may reach above their line, which is known only by drawing them: measured many times for each time they are shown."""
MOST_HEIGHTS = 2000


def upload(mask: Image.Image) -> Any:
    """A picture of coverage ("L") as a white texture of that opacity."""
    texture = Texture.create(size=mask.size, colorfmt="luminance_alpha", mipmap=False)
    white = Image.new("L", mask.size, 255)
    texture.blit_buffer(
        Image.merge("LA", (white, mask)).tobytes(), colorfmt="luminance_alpha", bufferfmt="ubyte"
    )
    texture.flip_vertical()
    return texture


def remembered(key: tuple[Any, ...], mask: Any) -> Any:
    """The texture of `key`, made by `mask()` when it is not there."""
    found = _textures.get(key)
    if found is None:
        found = _textures[key] = upload(mask())
        while (
            len(_textures) > 1 and sum(each.width * each.height for each in _textures.values()) > KEPT_PIXELS
        ):
            _textures.popitem(last=False)
    else:
        _textures.move_to_end(key)
    return found


def forget() -> None:
    """Let go of every drawn text: one of them may be a visitor's code."""
    _textures.clear()
    _heights.clear()
    typeset.forget()


class Words(Box):
    """Some words in one size. `role` is a size of `Look.em`; `language` is the screen's unless given."""

    text = StringProperty("")
    role = StringProperty("body")
    bold = BooleanProperty(False)
    align = OptionProperty("start", options=["start", "centre", "end"])
    tone = StringProperty("ink")
    language = StringProperty("")
    balance = BooleanProperty(False)
    tight = BooleanProperty(False)
    """One line with no more room above and below than its capitals need: for codes."""
    shrink = NumericProperty(0.0)
    """Down to this share of its size to stay on one line (for codes); 0 keeps the size."""
    colour = ColorProperty([0, 0, 0, 1])

    def __init__(self, **kwargs: Any) -> None:
        self._look = look()
        self._key: tuple[Any, ...] | None = None
        super().__init__(**kwargs)
        self.colour = getattr(self._look.palette, self.tone)
        with self.canvas:
            self._ink = Color(*self.colour)
            self._shape = Rectangle(size=(0, 0))
        self.bind(colour=self._recolour, tone=self._retone)

    def _retone(self, *_: Any) -> None:
        self.colour = getattr(self._look.palette, self.tone)

    def _recolour(self, *_: Any) -> None:
        self._ink.rgba = self.colour

    @property
    def spoken(self) -> str:
        spoken = self.language or self._look.language
        return self._look.script if spoken == self._look.language else spoken

    def em(self, width: float) -> int:
        size = self._look.em(self.role)
        if self.shrink:
            smallest = int(size * self.shrink)
            while size > smallest and typeset.measure(self.text, self.spoken, size, bold=self.bold) > width:
                size -= max(1, size // 20)
        return size

    def lines(self, width: float) -> tuple[str, ...]:
        return typeset.wrap(
            self.text, self.spoken, self.em(width), round(width), bold=self.bold, balance=self.balance
        )

    def natural(self, width: float) -> float:
        if not self.text:
            return 0
        if self.tight:
            return math.ceil(self.em(width) * TIGHT)
        size, lines = self.em(width), self.lines(width)
        high = typeset.block_height(self.spoken, size, len(lines))
        if typeset.is_rtl(self.spoken):  # some words reach above their line; the picture is then higher
            return max(high, self._drawn_height(lines, size))
        return high

    def _drawn_height(self, lines: tuple[str, ...], size: int) -> float:
        key = (lines, self.spoken, size, self.bold)
        if key not in _heights:
            if len(_heights) >= MOST_HEIGHTS:
                _heights.clear()
            _heights[key] = self._mask(lines, size).height
        return _heights[key]

    def wanted(self) -> float:
        return typeset.measure(self.text, self.spoken, self._look.em(self.role), bold=self.bold) + 1

    def longest_word(self) -> float:
        """The width of its widest word, which is none where it may shrink instead."""
        size = self._look.em(self.role)
        found = (typeset.measure(each, self.spoken, size, bold=self.bold) for each in self.text.split())
        return 0.0 if self.shrink else max(found, default=0.0) + 1

    def widest(self, width: float) -> float:
        """Of its lines, when wrapped into a width."""
        size = self.em(width)
        return max(
            (typeset.measure(each, self.spoken, size, bold=self.bold) for each in self.lines(width)),
            default=0,
        )

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        if not self.text or width < 1:
            self._shape.size = (0, 0)
            return
        lines, size = self.lines(width), self.em(width)
        key = (lines, self.spoken, size, self.bold, self.align)
        texture = remembered(key, lambda: self._mask(lines, size))
        wide, high = texture.size
        spare = width - wide
        start = 0.0 if not typeset.is_rtl(self.mirror_language) else spare
        left = {"centre": spare / 2, "start": start, "end": spare - start}[self.align]
        self._shape.texture = texture
        self._shape.size = (wide, high)
        down = (height - high) / 2
        if self.tight:  # capitals in the middle, not the line with its descenders
            baseline = high - typeset.ascent(self.spoken, size)
            down = (height - size * CAPITAL_PER_EM) / 2 - baseline
        self._shape.pos = (round(x + left), round(y + down))

    @property
    def mirror_language(self) -> str:
        """The side it starts from is the screen's, also for a name in another script."""
        return self._look.language

    def _mask(self, lines: tuple[str, ...], size: int) -> Image.Image:
        return typeset.draw_mask("\n".join(lines), self.spoken, size, bold=self.bold, align=self.align)

    @property
    def ink_box(self) -> tuple[float, float, float, float]:
        """Where the picture stands: x, y, width, height. For the tests that measure."""
        return (*self._shape.pos, *self._shape.size)
