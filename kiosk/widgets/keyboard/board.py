"""A keyboard on the screen. `Keyboard(layouts, typing, delete)`; `follow(typed)` whenever the text has changed.

What its letter keys ask for is made by `typing(sign)`, an act of whichever part of the journey it stands in, marked `quick`. Which layer and
script show is the keyboard's own affair: nothing of the visitor is in it, so the journey need not know. A layer for one sign (capitals) gives
way when the text has changed, and comes by itself where a sentence or a name begins.

Keys keep their places: the same rows in the same height in every layer, so nothing moves under a finger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kivy.properties import NumericProperty

from kiosk import typeset
from kiosk.flow.marks import PartAct
from kiosk.widgets.boxes import Box, parted
from kiosk.widgets.keyboard.keys import Does, Key, Layout, shown
from kiosk.widgets.keyboard.layouts import Field
from kiosk.widgets.look import TARGET_MM, look
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words

HIGH_MM, HIGHEST_MM = 15.05, 26.0
ROOMY_MM = 21.0
FEW = 5
GO_SHARE, GO_MM = 2.2, 46.0
PAD_MM = 150.0
"""A pad of digits is no wider: a hand would have to travel."""
_ICONS = {Does.SPACE: "space", Does.DELETE: "delete", Does.LINE: "line"}
_CAPITALS = frozenset({Field.TEXT, Field.NAME})


class KeyWords(Words):
    """Letters that stay within their key, however large text is."""

    most = NumericProperty(0.0)
    """The height of the key."""

    def em(self, width: float) -> int:
        size = super().em(width)
        while self.most and size > 8 and typeset.line_height(self.spoken, size) > self.most:
            size -= 1
        return size


class KeyPress(Press):
    """A key: no more edge than a sign needs, and letters that give way before they are cut off."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(align="centre", **kwargs)

    def _build(self) -> None:
        if self._built:
            return
        super()._build()
        for words in self._words:
            self.remove_widget(words)
        self._words = [
            KeyWords(
                text=words.text, role=words.role, bold=words.bold, align=words.align, language=words.language, shrink=0.45
            )
            for words in self._words
        ]  # fmt: skip
        for words in self._words:
            self.add_widget(words)
        self._paint()

    def place(self, x: float, y: float, width: float, height: float) -> None:
        self._build()
        for words in self._words:
            words.most = height
        super().place(x, y, width, height)

    def say(self, text: str) -> None:
        """Another sign on the same key."""
        self.text = text
        self._build()
        if self._words and self._words[0].text != text:
            self._words[0].text = text
            self.place(*self.pos, *self.size)

    def _pad(self) -> float:
        return float(look().mm(0.3 if look().panel.narrow else 0.8))

    def wanted(self) -> float:
        return float(look().target)


class Keyboard(Box):
    def __init__(
        self,
        layouts: Sequence[Layout],
        typing: Callable[[str], PartAct],
        delete: PartAct,
        *,
        field: Field = Field.TEXT,
        lines: bool = False,
        typed: str = "",
        go: PartAct | None = None,
        go_text: str = "",
        **kwargs: Any,
    ) -> None:
        """`lines`: more than one line may be typed. `go`: a key that goes on, for where there is no room for a button beside the keys."""
        super().__init__(**kwargs)
        self._layouts, self._typing, self._delete = tuple(layouts), typing, delete
        self._lines, self._field, self._typed = lines, field, typed
        self._go_on = None
        if go is not None:
            flat = (
                "ar" if look().language == "ur" and (look().compact or look().large) else ""
            )  # as its letters are
            self._go_on = KeyPress(action=go, text=go_text, style="main", role="body", language=flat)
        self._layout = self._layouts[0]
        self._layer = self._due()
        self._placed = False
        self._rows: list[list[tuple[KeyPress, Key]]] = []
        self._spare: list[tuple[KeyPress, Key]] = []
        self._fill()

    # What it shows ------------------------------------------------------------------------------------------

    @property
    def layout(self) -> Layout:
        return self._layout

    @property
    def layer(self) -> str:
        return self._layer

    def follow(self, typed: str) -> None:
        """The text as it is now."""
        if typed == self._typed:
            return
        grew = len(typed) > len(self._typed)
        self._typed = typed
        was = self._layer
        if grew and self._layout.layers[was].once:
            self._layer = "first"
        if self._layer in ("first", "second") and self._layout.capitals:
            self._layer = self._due()
        if self._layer != was:
            self._fill()
        else:
            self._relabel()

    def _due(self) -> str:
        """Capitals where a text begins, and with names each word."""
        if not self._layout.capitals or self._field not in _CAPITALS:
            return "first"
        if self._field is Field.NAME:
            begins = not self._typed or self._typed[-1] in " -\n"
        else:
            begins = not self._typed.strip() or self._typed.rstrip(" ").endswith((".", "?", "!", "\n"))
            begins = begins and (not self._typed or self._typed[-1] in " \n")
        return "second" if begins else "first"

    def _fill(self) -> None:
        self.clear_widgets()
        layer = self._layout.layers[self._layer]
        self._rows = [[(self._make(key), key) for key in row if self._stands(key)] for row in layer.rows]
        self._spare = [(self._make(key), key) for key in self._layout.spare] if self._letters() else []
        for row in (self._spare, *self._rows):
            for press, _ in row:
                self.add_widget(press)
        if self._go_on is not None:
            self.add_widget(self._go_on)
            if not self._pad_like:
                self._rows[-1].append((self._go_on, Key(share=GO_SHARE)))
        if self._placed:
            self.place(*self.pos, *self.size)

    @property
    def _pad_like(self) -> bool:
        """Few keys, as on a telephone."""
        return len(self._layout.layers["first"].rows[0]) <= FEW

    def _letters(self) -> bool:
        return self._layer != "signs"

    def _stands(self, key: Key) -> bool:
        if key.does is Does.SCRIPT:
            return len(self._layouts) > 1
        return key.does is not Does.LINE or (self._lines and self._go_on is None)

    def _make(self, key: Key) -> KeyPress:
        text, language = self._label(key)
        plain = key.does is Does.SIGN
        return KeyPress(
            action=self._action(key), text=text, language=language, icon=_ICONS.get(key.does, ""),
            style="card" if plain or key.does is Does.SPACE else "bar", role="strong" if plain else "body", bold=plain,
        )  # fmt: skip

    def _label(self, key: Key) -> tuple[str, str]:
        if key.does is Does.SIGN:
            return shown(key.types(self._typed)), self._layout.language
        if key.does is Does.LAYER:
            return self._layout.layers[key.leads].label, self._layout.language
        if key.does is Does.SCRIPT:
            return self._next().label, self._next().language
        return "", ""

    def _action(self, key: Key) -> PartAct | Callable[[], None]:
        match key.does:
            case Does.DELETE:
                return self._delete
            case Does.LAYER:
                return lambda: self._go(key.leads)
            case Does.SCRIPT:
                return self._turn
            case _:
                return self._typing(key.types(self._typed))

    def _relabel(self) -> None:
        """Keys whose sign depends on what stands before."""
        for row in self._rows:
            for press, key in row:
                if key.alone:
                    press.action = self._action(key)
                    press.say(self._label(key)[0])

    # What it does by itself ---------------------------------------------------------------------------------

    def _next(self) -> Layout:
        at = self._layouts.index(self._layout)
        return self._layouts[(at + 1) % len(self._layouts)]

    def _turn(self) -> None:
        self._layout = self._next()
        self._go(self._due())

    def _go(self, layer: str) -> None:
        self._layer = layer
        self._fill()

    # Measuring ----------------------------------------------------------------------------------------------

    def _gap(self) -> float:
        if look().panel.narrow:
            return float(look().mm(0.5))
        return float(look().mm(0.8 if look().compact else 2.2))

    def _roomy(self) -> bool:
        return not look().compact

    def natural(self, width: float) -> float:
        rows = len(self._layout.layers["first"].rows) + (1 if self._roomy() and self._layout.spare else 0)
        high = look().mm(ROOMY_MM if self._roomy() else HIGH_MM)
        return rows * (high + self._gap()) - self._gap()

    def least(self, width: float) -> float:
        rows = len(self._layout.layers["first"].rows)
        return rows * (look().mm(HIGH_MM) + self._gap()) - self._gap()

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        self._placed = True
        gap, least = self._gap(), look().mm(HIGH_MM)
        count = len(self._rows)
        fits = bool(self._layout.spare) and self._roomy() and (count + 1) * (least + gap) - gap <= height
        spare = fits and bool(self._spare)
        for press, _ in self._spare:
            press.leave_out(not spare)
        rows = ([self._spare] if spare else []) + self._rows
        places = max(len(rows), len(self._layout.layers["first"].rows) + fits)
        high = min((height - gap * (places - 1)) / places, look().mm(HIGHEST_MM))
        height = high * places + gap * (places - 1)  # on a tall panel at its foot, where hands are
        if self._go_on is not None and self._pad_like:
            beside = look().mm(GO_MM)
            self._go_on.place(x + width - beside, y, beside, height)
            width -= beside + 2 * gap
        for at, row in enumerate(rows):
            self._place_row(row, x, y + height - (at + 1) * high - at * gap, width, high)

    def _place_row(
        self, row: list[tuple[KeyPress, Key]], x: float, y: float, width: float, high: float
    ) -> None:
        gap = self._gap()
        most = min(width, look().mm(PAD_MM)) if self._pad_like else width
        inner = most - gap * (len(row) - 1)
        left = x + (width - most) / 2
        digits = all(key.sign.isdigit() for _, key in row)  # these run from the left in every script
        go = [
            each for each in row if each[0] is self._go_on
        ]  # at the right end, where other keyboards have it
        row = [each for each in row if each[0] is not self._go_on]
        ordered = row[::-1] if self._layout.from_right and not digits else row
        placed = [*ordered, *go]
        wides = parted(
            inner, [key.share for _, key in placed], [TARGET_MM * look().panel.dots_per_mm] * len(placed)
        )
        for (press, _key), wide in zip(placed, wides, strict=True):
            press.place(left, y, wide, high)
            left += wide + gap
