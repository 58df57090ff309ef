"""Where typed text shows: a field with its end and a caret in it.

The text is set in its own script and runs from that script's side, whatever the screen's language: a postcode in an Urdu form starts at
the left. A field is as high as its `lines` and stays so; of a longer text the last lines show, for that is where one types. Nothing is masked:
who types must see what; it goes with everything else when the screen is hidden.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.properties import BooleanProperty

from kiosk import typeset
from kiosk.widgets.boxes import Box
from kiosk.widgets.look import look
from kiosk.widgets.press import Card
from kiosk.widgets.text import Words


def script_of(text: str, language: str) -> str:
    """As which language a text is set that may be in another script than the screen's."""
    for letter in text:
        if "\u0600" <= letter <= "\u06ff" or "\u0750" <= letter <= "\u077f" or letter >= "\ufb50":
            return "ur" if language == "ur" else "ar"
        if "\u0a80" <= letter <= "\u0aff":
            return "gu"
        if "\u0a00" <= letter <= "\u0a7f":
            return "pa"
    return "pl" if language == "pl" else "en"


class Entry(Card):
    """`show(text)`. `latin`: nothing else is typed in it, so its empty caret stands at the left."""

    active = BooleanProperty(True)
    """Whether what is typed goes here."""

    def __init__(
        self, text: str = "", *, lines: int = 1, latin: bool = False, label: str = "", hint: str = "", role: str = "name", **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(pad=look().mm(1.4 if look().compact else 2.6), **kwargs)
        self._side = look().mm(3.0 if look().compact else 5.0)
        self._text, self._count, self._latin = "", lines, latin
        self._label = Words(text=label, role="body", tone="soft")
        self._words = Words(role=role, tone="ink")
        self._hint_text = hint
        self._hint = Words(text=hint, role="body", tone="soft", language=self._plain(look().language))
        """Stands in it while it is empty."""
        for box in (self._label, self._words, self._hint):
            self.add_widget(box)
        with self.canvas.after:
            self._ink = Color(*look().palette.main)
            self._caret = Rectangle(size=(0, 0))
        self._placed = False
        self.bind(active=lambda *_: self._frame())
        self._frame()
        self.show(text)

    @property
    def text(self) -> str:
        return self._text

    def show(self, text: str) -> None:
        self._text = text
        self._words.language = self._script()
        if self._placed:
            self.place(*self.pos, *self.size)

    def _frame(self) -> None:
        self._ink.a = 1 if self.active else 0
        self.edge = look().palette.main if self.active else look().palette.edge
        self.rule = look().rule * (2.2 if self.active else 1.0)

    def _script(self) -> str:
        if not self._text:
            return "en" if self._latin else self._plain(look().language)
        return self._plain(script_of(self._text, look().language))

    @staticmethod
    def _plain(language: str) -> str:
        """Nastaliq needs half as much height again, which a small panel does not have beside its keys."""
        return "ar" if language == "ur" and look().compact else language

    # Measuring ----------------------------------------------------------------------------------------------

    def _line_high(self) -> int:
        size = look().em(self._words.role)
        tallest = self._plain(look().language) if not self._latin else "en"
        return max(typeset.line_height(tallest, size), typeset.line_height("en", size))

    def _label_high(self, width: float) -> float:
        return float(self._label.natural(width)) if self._label.text else 0.0

    def natural(self, width: float) -> float:
        inner = width - 2 * self._side
        least = look().target
        return float(max(least, self._count * self._line_high() + 2 * self.pad) + self._label_high(inner))

    def least(self, width: float) -> float:
        """The line typed last, without its label."""
        return float(max(look().target, self._line_high() + 2 * self.pad))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        self._placed = True
        now, script = look(), self._script()
        inner, size = width - 2 * self._side, now.em(self._words.role)
        label = self._label_high(inner)
        if label and height - label - 2 * self.pad < self._line_high() - 1:
            label = 0.0
        self._label.leave_out(not label)
        self._hint.text = self._hint_text if label else self._hint_text or self._label.text
        if label:
            self._label.place(x + self._side, y + height - label - self.pad / 2, inner, label)
        room = height - label - 2 * self.pad
        caret = max(2, now.mm(0.5))
        lines = self._lines(script, size, round(inner - 3 * caret))
        fit = max(1, min(self._count, int(room // self._line_high()))) if self._count > 1 else 1
        shown = lines[-fit:]
        rtl = typeset.is_rtl(script)
        self._words.align = "start" if rtl is now.rtl else "end"
        self._words.text = "\n".join(shown)
        self._hint.leave_out(bool(self._text) or len(self._hint.lines(inner - 3 * caret)) > 1)
        if self._hint.text and not self._hint.left_out:
            at_middle = y + self.pad + (room - self._hint.natural(inner)) / 2
            self._hint.place(
                x + self._side + 3 * caret * (not now.rtl),
                at_middle,
                inner - 3 * caret,
                self._hint.natural(inner),
            )
        high = typeset.block_height(script, size, len(shown)) if self._text else self._line_high()
        bottom = y + self.pad + (room - high) / 2 if self._count == 1 else y + self.pad + room - high
        inset = 2 * caret if rtl else 0  # room for the caret after the text
        self._words.place(x + self._side + inset, bottom, inner - 2 * caret, high)
        wide = typeset.measure(shown[-1], script, size)
        at = x + width - self._side - wide - 2 * caret if rtl else x + self._side + wide + caret
        self._caret.size = (caret, size * 0.95)
        self._caret.pos = (round(at), round(bottom + (typeset.line_height(script, size) - size * 0.95) / 2))

    def _lines(self, script: str, size: int, width: int) -> tuple[str, ...]:
        """A field of one line shows the end of a longer text, after dots."""
        if not self._text:
            return ("",)
        if self._count > 1:
            return typeset.wrap(self._text, script, size, width)
        text = self._text
        while len(text) > 1 and typeset.measure(f"…{text}", script, size) > width:
            text = text[1:]
            while text and unicodedata.category(text[0])[0] == "M":
                text = text[1:]
        whole = typeset.measure(self._text, script, size) <= width
        return (self._text if whole else f"…{text}",)
