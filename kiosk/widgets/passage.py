"""A text of any length where there may be little room: whole if it fits, else some lines of it and a sign that turns on.

What staff write for visitors (why the centre is closed, why this kiosk is) and what a kiosk says to staff must be readable on the smallest panel and
with the largest text; left out, nobody would know that there is more. After its last lines come the first again, as with all lists here.
"""

from __future__ import annotations

import math
from typing import Any

from kivy.properties import NumericProperty

from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words


class Passage(Box):
    page = NumericProperty(0)

    def __init__(
        self, text: str, *, role: str = "body", tone: str = "ink", language: str = "", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._text = text
        self._words = Words(text=text, role=role, tone=tone, language=language)
        self._turn = Press(action=self._next, icon="more", style="bar", align="centre")
        self.pages = 1
        for box in (self._words, self._turn):
            self.add_widget(box)

    def natural(self, width: float) -> float:
        return self._high(self._text, width)

    def least(self, width: float) -> float:
        """A line and the sign beside it."""
        whole = self.natural(width)
        beside = self._beside(width)
        return min(whole, max(look().target, self._high(self._words_of(beside, 0, 1), beside)))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        whole = self.natural(width) <= height + 0.5
        self._turn.leave_out(whole)
        if whole:
            self.pages = 1
            self._words.text = self._text
            self._words.place(x, y, width, height)
            return
        beside, size = self._beside(width), look().target
        count = self._count(beside)
        lines = max(
            (n for n in range(1, count + 1) if self._high(self._words_of(beside, 0, n), beside) <= height),
            default=1,
        )
        self.pages = math.ceil(count / lines)
        first = int(self.page) % self.pages * lines
        self._words.text = self._words_of(beside, first, first + lines)
        left = x + size + look().gap if look().rtl else x
        self._words.place(left, y, beside, height)
        self._turn.place(x if look().rtl else x + width - size, y + (height - size) / 2, size, size)

    def _beside(self, width: float) -> float:
        return width - look().target - look().gap

    def _lines(self, width: float) -> tuple[str, ...]:
        self._words.text = self._text
        return self._words.lines(width)

    def _count(self, width: float) -> int:
        return len(self._lines(width))

    def _words_of(self, width: float, first: int, end: int) -> str:
        return " ".join(self._lines(width)[first:end])

    def _high(self, text: str, width: float) -> float:
        shown, self._words.text = self._words.text, text
        high = self._words.natural(width)
        self._words.text = shown
        return high

    def _next(self) -> None:
        self.page += 1
        self.place(*self.pos, *self.size)
