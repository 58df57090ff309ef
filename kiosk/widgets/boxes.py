"""Boxes that measure before they place: how a screen fits six languages, two panels and larger text without clipping.

Kivy's layouts divide the space there is and hope the text fits. Here a box first says how high it must be at a width
(`natural`), then is given a place. When there is too little room a `Stack` leaves out what is marked as the least
needed (`drop`), highest first; then what can do with less (`least`) gets less. Text is never squeezed. Rows run from the side the language is read from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.widget import Widget

from kiosk.widgets.look import look

LAST = 6


class Box(Widget):  # type: ignore[misc]  # Kivy has no types
    """Something with a natural height at a width."""

    grow = NumericProperty(0.0)
    """Its part of the height that is left over."""
    share = NumericProperty(1.0)
    """Its part of a row's width."""
    drop = NumericProperty(0)
    """Above 0: may be left out when there is no room, the highest first. From `LAST` on only when everything else has
    made do with its least."""
    left_out = BooleanProperty(False)

    def natural(self, width: float) -> float:
        return 0.0

    def least(self, width: float) -> float:
        """The height it can do with, leaving out or turning pages."""
        return self.natural(width)

    def wanted(self) -> float:
        """The width it would like."""
        return 0.0

    def narrowest(self) -> float:
        """The width it cannot do with less than: a finger's, or that of a word which would be cut in two."""
        return 0.0

    def place(self, x: float, y: float, width: float, height: float) -> None:
        self.pos = (x, y)
        self.size = (width, height)

    def boxes(self) -> list[Box]:
        """In the order they were added, without those left out or empty."""
        return [child for child in reversed(self.children) if isinstance(child, Box) and not child.left_out]

    def leave_out(self, out: bool) -> None:
        self.left_out = out
        self.opacity = 0 if out else 1


class Stack(Box):
    """One under the other. Spare height goes to those that grow, else below (`middle`: around)."""

    gap = NumericProperty(-1.0)
    pad = NumericProperty(0.0)
    middle = BooleanProperty(False)

    def _gap(self) -> float:
        return look().gap if self.gap < 0 else self.gap

    def _shown(self, width: float) -> list[tuple[Box, float]]:
        inner = width - 2 * self.pad
        return [(box, high) for box in self.boxes() if (high := box.natural(inner)) > 0 or box.grow]

    def natural(self, width: float) -> float:
        shown = self._shown(width)
        return float(sum(high for _, high in shown) + self._gap() * max(0, len(shown) - 1) + 2 * self.pad)

    def least(self, width: float) -> float:
        inner = width - 2 * self.pad
        heights = [
            high for box in self.boxes() if not box.drop and ((high := box.least(inner)) > 0 or box.grow)
        ]
        return float(sum(heights) + self._gap() * max(0, len(heights) - 1) + 2 * self.pad)

    def wanted(self) -> float:
        return float(max((box.wanted() for box in self.boxes()), default=0.0) + 2 * self.pad)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        for child in self.children:
            if isinstance(child, Box) and child.drop:
                child.leave_out(False)
        while self.natural(width) > height + 0.5 and self._leave_one_out(1, LAST):
            pass
        while self._least_shown(width) > height + 0.5 and self._leave_one_out(LAST, 99):
            pass
        shown = self._shown(width)
        spare = max(0.0, height - self.natural(width))
        growing = sum(box.grow for box, _ in shown)
        top = y + height - self.pad - (spare / 2 if self.middle and not growing else 0)
        for box, high in self._lessened(shown, width, height):
            tall = high + (spare * box.grow / growing if growing else 0)
            box.place(x + self.pad, top - tall, width - 2 * self.pad, tall)
            top -= tall + self._gap()

    def _lessened(
        self, shown: list[tuple[Box, float]], width: float, height: float
    ) -> list[tuple[Box, float]]:
        """The heights when there is too little room: each gives up the same part of what it can do without."""
        over = self.natural(width) - height
        leasts = [min(high, box.least(width - 2 * self.pad)) for box, high in shown]
        slack = sum(high - least for (_, high), least in zip(shown, leasts, strict=True))
        if over <= 0 or slack <= 0:
            return shown
        part = min(1.0, over / slack)
        return [(box, high - (high - least) * part) for (box, high), least in zip(shown, leasts, strict=True)]

    def _least_shown(self, width: float) -> float:
        shown = self._shown(width)
        inner = width - 2 * self.pad
        return float(
            sum(min(high, box.least(inner)) for box, high in shown)
            + self._gap() * max(0, len(shown) - 1)
            + 2 * self.pad
        )

    def _leave_one_out(self, low: int, below: int) -> bool:
        candidates = [box for box in self.boxes() if low <= box.drop < below]
        if not candidates:
            return False
        max(candidates, key=lambda box: box.drop).leave_out(True)
        return True


def parted(whole: float, shares: Sequence[float], needs: Sequence[float]) -> list[float]:
    """`whole` by shares, where none gets less than it needs while there is enough for all."""
    fixed: dict[int, float] = {}
    while True:
        left = whole - sum(fixed.values())
        among = sum(share for at, share in enumerate(shares) if at not in fixed) or 1.0
        parts = [fixed.get(at, left * share / among) for at, share in enumerate(shares)]
        short = {at: need for at, need in enumerate(needs) if parts[at] < need - 0.01}
        if not short or sum(needs) > whole:
            return parts
        fixed |= short


class Columns(Box):
    """Side by side, by shares of the width, from the side the language is read from. None gets less than it can do with while another has more."""

    gap = NumericProperty(-1.0)
    pad = NumericProperty(0.0)

    def _gap(self) -> float:
        return look().gap if self.gap < 0 else self.gap

    def _widths(self, width: float) -> list[tuple[Box, float]]:
        boxes = self.boxes()
        inner = width - 2 * self.pad - self._gap() * max(0, len(boxes) - 1)
        wides = parted(inner, [box.share for box in boxes], [box.narrowest() for box in boxes])
        return list(zip(boxes, wides, strict=True))

    def natural(self, width: float) -> float:
        return float(
            max((box.natural(wide) for box, wide in self._widths(width)), default=0.0) + 2 * self.pad
        )

    def least(self, width: float) -> float:
        return float(max((box.least(wide) for box, wide in self._widths(width)), default=0.0) + 2 * self.pad)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        at, rtl = x + self.pad, look().rtl
        for box, wide in self._widths(width):
            left = x + width - (at - x) - wide if rtl else at
            box.place(left, y + self.pad, wide, height - 2 * self.pad)
            at += wide + self._gap()


class Split(Stack):
    """Side by side where there is little height, else one under the other."""

    _widths = Columns._widths

    @property
    def beside(self) -> bool:
        return look().flat or not look().panel.upright

    def natural(self, width: float) -> float:
        return Columns.natural(self, width) if self.beside else super().natural(width)

    def least(self, width: float) -> float:
        return Columns.least(self, width) if self.beside else super().least(width)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        if self.beside:
            Columns.place(self, x, y, width, height)
        else:
            super().place(x, y, width, height)


class Space(Box):
    """Nothing, that grows."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("grow", 1.0)
        super().__init__(**kwargs)
