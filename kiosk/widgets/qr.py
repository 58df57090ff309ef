"""The square a phone's camera reads: dark on light in every palette, whole pixels a module, with its quiet zone."""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Rectangle, RoundedRectangle
from kivy.graphics.texture import Texture
from kivy.properties import NumericProperty, StringProperty

from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look

QUIET = 4
"""Modules of light around it, by the standard."""
MASK = 2


def matrix(text: str) -> list[list[bool]]:
    """Dark modules, with the quiet zone.

    The mask is given: trying all eight for the prettiest costs 10 ms between the touch and the ticket, and a screen does not smudge.
    """
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=QUIET, mask_pattern=MASK)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


class Qr(Box):
    """`least_mm` and `most_mm` across; it takes what there is between them."""

    text = StringProperty("")
    least_mm = NumericProperty(30.0)
    most_mm = NumericProperty(60.0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        palette = look().palette
        with self.canvas:
            Color(*palette.paper)
            self._ground = RoundedRectangle(size=(0, 0), radius=[look().radius])
            Color(1, 1, 1, 1)
            self._shape = Rectangle(size=(0, 0))
        self._modules: list[list[bool]] = []

    def _made(self) -> list[list[bool]]:
        if not self._modules and self.text:
            self._modules = matrix(self.text)
            self._shape.texture = _texture(self._modules)
        return self._modules

    def natural(self, width: float) -> float:
        return min(width, look().mm(self.least_mm)) if self.text else 0.0

    def wanted(self) -> float:
        return look().mm(self.most_mm)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        modules = self._made()
        if not modules:
            return
        room = min(width, height, look().mm(self.most_mm))
        each = max(1, int(room // len(modules)))
        side = each * len(modules)
        corner = (round(x + (width - side) / 2), round(y + (height - side) / 2))
        self._ground.pos = self._shape.pos = corner
        self._ground.size = self._shape.size = (side, side)


def _texture(modules: list[list[bool]]) -> Any:
    texture = Texture.create(size=(len(modules), len(modules)), colorfmt="rgb", mipmap=False)
    texture.mag_filter = texture.min_filter = "nearest"
    rows = (bytes(0 if dark else 255 for dark in row for _ in range(3)) for row in modules)
    texture.blit_buffer(b"".join(rows), colorfmt="rgb", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture
