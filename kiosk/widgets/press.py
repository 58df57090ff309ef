"""What can be touched: one box, one action, an answer to the finger at once.

A button never hears a touch by itself; the face finds the one under the finger, so that one finger can only ever press
one thing. It shows being pressed before anything else happens. At least 15 mm each way, whatever stands in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.widgets.boxes import Box, Stack
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.text import Words

NOTHING = (0.0, 0.0, 0.0, 0.0)

_STYLES: dict[str, tuple[str, str, str, str]] = {
    # fill, edge, text, icon
    "card": ("card", "edge", "ink", "icon"),
    "main": ("main", "main", "on_main", "on_main"),
    "bar": ("card", "edge", "ink", "icon"),
    "flat": ("back", "back", "soft", "soft"),
    "resting": ("resting", "edge", "soft", "soft"),
    "told": ("told", "edge", "on_told", "on_told"),
}


class Card(Stack):
    """A calm surface to put things on."""

    fill = ColorProperty(NOTHING)
    edge = ColorProperty(NOTHING)
    radius = NumericProperty(0.0)
    rule = NumericProperty(1.0)
    style = StringProperty("card")

    def __init__(self, **kwargs: Any) -> None:
        now = look()
        kwargs.setdefault("radius", now.radius * 1.4)
        kwargs.setdefault("rule", now.rule)
        kwargs.setdefault("pad", now.pad * 1.3)
        super().__init__(**kwargs)
        self.bind(style=self._paint)
        self._paint()

    def _paint(self, *_: Any) -> None:
        fill, edge, _text, _icon = _STYLES[self.style]
        palette = look().palette
        self.fill = getattr(palette, fill)
        self.edge = palette.edge if look().contrast else (*getattr(palette, edge)[:3], 0.35)


class Press(Box):
    """A button: an icon and up to three texts. `action` is what it asks for; None is shown, but cannot be touched."""

    action = ObjectProperty(None, allownone=True)
    style = StringProperty("card")
    text = StringProperty("")
    more = StringProperty("")
    """A second text, smaller in weight."""
    status = StringProperty("")
    icon = StringProperty("")
    role = StringProperty("strong")
    language = StringProperty("")
    align = StringProperty("start")
    bold = BooleanProperty(True)
    chip = BooleanProperty(False)
    """The icon on a tinted ground, for choices."""

    fill = ColorProperty(NOTHING)
    edge = ColorProperty(NOTHING)
    ring = ColorProperty(NOTHING)
    radius = NumericProperty(0.0)
    rule = NumericProperty(1.0)

    def __init__(self, **kwargs: Any) -> None:
        now = look()
        kwargs.setdefault("radius", now.radius)
        kwargs.setdefault("rule", now.rule)
        self._look = now
        self._built = False
        self._pressed = self._focused = False
        self._brief = 0
        super().__init__(**kwargs)

    def _build(self) -> None:
        """Its parts, made when first measured: kv sets the properties after the widget is there."""
        if self._built:
            return
        self._built = True
        if self.icon:
            large = self.chip and not self._look.compact
            millimetres = (10.5 if large else 7.0) * (self._look.room if large else 1.0)
            self._icon: Icon | None = Icon(self.icon, millimetres, NOTHING, ground=1.75 if large else 1.0)
            self.add_widget(self._icon)
        else:
            self._icon = None
        self._words = [
            Words(text=text, role=self._role() if at == 0 else "body", bold=self.bold if at == 0 else False,
                  align=self.align, language=self.language if at == 0 else "")
            for at, text in enumerate((self.text, self.more, self.status))
            if text
        ]  # fmt: skip
        for words in self._words:
            self.add_widget(words)
        self._paint()

    def shorten(self, brief: int) -> None:
        """0 shows all; 1 leaves out what explains the name; 2 leaves the name alone (touching a closed one says when)."""
        self._build()
        self._brief = brief
        for words in self._words:
            words.leave_out(words not in self._shown())

    def _shown(self) -> list[Words]:
        if self._brief > 1:
            return self._words[:1]
        if not self._brief or not self.more:
            return self._words
        return [words for at, words in enumerate(self._words) if at != 1]

    def _role(self) -> str:
        return "body" if self._look.compact and self.role == "strong" else self.role

    # Measuring ------------------------------------------------------------------------------------------------

    @property
    def enabled(self) -> bool:
        return self.action is not None

    def _pad(self) -> float:
        return self._look.pad * (0.85 if self.style in ("bar", "flat") else 1.1)

    def _icon_width(self) -> float:
        if self._icon is None:
            return 0.0
        return self._icon.wanted() + (self._look.pad if self._words else 0)

    def natural(self, width: float) -> float:
        self._build()
        inner = width - 2 * self._pad() - self._icon_width()
        text = sum(words.natural(inner) for words in self._shown())
        icon = self._icon.wanted() if self._icon else 0.0
        edge = self._look.mm(0.6 if self._look.compact else 2.0)
        least = (
            self._look.target if self._look.compact or self.style in ("bar", "flat") else self._look.mm(20.0)
        )
        return max(least, text + 2 * edge, icon + 2 * self._look.mm(1.5))

    def wanted(self) -> float:
        self._build()
        text = max((words.wanted() for words in self._words), default=0.0)
        return max(self._look.target, text + self._icon_width() + 2 * self._pad())

    def narrowest(self) -> float:
        self._build()
        words = max((words.longest_word() for words in self._shown()), default=0.0)
        return float(max(self._look.target, words + self._icon_width() + 2 * self._pad()))

    def lines(self, width: float) -> int:
        """How many lines its first text takes at a width."""
        self._build()
        inner = width - 2 * self._pad() - self._icon_width()
        return len(self._words[0].lines(inner)) if self._words else 0

    def breaks_word(self, width: float) -> bool:
        """Whether a word of its text would have to be broken at this width."""
        self._build()
        inner = width - 2 * self._pad() - self._icon_width()
        return any(
            Words(text=word, role=words.role, bold=words.bold, language=words.language).wanted() > inner + 2
            for words in self._shown()
            for word in words.text.split()
        )

    def place(self, x: float, y: float, width: float, height: float) -> None:
        self._build()
        super().place(x, y, width, height)
        pad, rtl = self._pad(), self._look.rtl
        left, right = x + pad, x + width - pad
        if self._icon is not None and not self._words:
            self._icon.place(x, y, width, height)
            return
        if self._icon is not None:
            wide = self._icon.wanted()
            if self.align == "centre":
                text = max(words.widest(right - left - self._icon_width()) for words in self._words) + 1
                spare = max(0.0, right - left - self._icon_width() - text) / 2
                left, right = left + spare, right - spare
            self._icon.place(right - wide if rtl else left, y, wide, height)
            if rtl:
                right -= self._icon_width()
            else:
                left += self._icon_width()
        shown = self._shown()
        heights = [words.natural(right - left) for words in shown]
        top = y + (height + sum(heights)) / 2
        for words, high in zip(shown, heights, strict=True):
            words.place(left, top - high, right - left, high)
            top -= high

    # Showing --------------------------------------------------------------------------------------------------

    def press(self, down: bool) -> None:
        self._pressed = down
        self._paint()

    def focus(self, on: bool) -> None:
        self._focused = on
        self.ring = self._look.palette.focus if on else NOTHING

    def _paint(self) -> None:
        palette = self._look.palette
        style = self.style if self.enabled or self.style == "flat" else "resting"
        fill, edge, text, icon = (getattr(palette, name) for name in _STYLES[style])
        if self._pressed:
            fill, edge, text, icon = palette.pressed, palette.pressed, palette.on_pressed, palette.on_pressed
        self.fill, self.edge = fill, edge
        if style == "resting":
            self.edge = (*edge[:3], 0.4)
        for at, words in enumerate(self._words if self._built else []):
            words.colour = text if at == 0 or self._pressed or style in ("main", "told") else palette.soft
        if self._built and self._icon is not None:
            chip = palette.chip if self.chip and style == "card" and not self._pressed else NOTHING
            self._icon.colour(icon, chip)

    @property
    def texts(self) -> Sequence[Words]:
        return self._words if self._built else ()


Builder.load_file(str(Path(__file__).with_name("card.kv")), rulesonly=True)
