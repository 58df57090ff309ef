"""Checking in: hold your code up, type its reference, and what is known of it.

Everything that can be touched stands below what changes, and what changes (the camera's picture, a sentence about what was held up, the
signs typed so far) has its room kept for it, so that no button moves under a finger. It is therefore changed in place (`follow`), where other
screens are built anew. The keys run left to right in every language, as the reference does.
"""

from __future__ import annotations

from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture

from kiosk.flow import events as e
from kiosk.flow.found import Told
from kiosk.flow.line import Line
from kiosk.flow.model import Model
from kiosk.screens import standing
from kiosk.screens.screen import Screen, rules
from kiosk.widgets.boxes import Box, Columns, Split
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.press import Card, Press
from kiosk.widgets.text import Words
from wire.references import LENGTH, SIGNS

HINTS = ("looking", "hint_ticket", "hint_web", "hint_link", "hint_other", "hint_unclear", "hint_slip", "hint_dark", "hint_camera")  # fmt: skip
BLANK = "_"


class View(Card):
    """What the camera sees, as in a mirror. Where there is no picture: where to hold the code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        now = look()
        self._icon = Icon("scan", 16.0 if now.compact else 46.0, now.palette.icon)
        self.add_widget(self._icon)
        with self.canvas:
            self._light = Color(1, 1, 1, 0)
            self._shape = Rectangle(size=(0, 0))
        self._texture: Any = None

    def natural(self, width: float) -> float:
        return min(width * 0.6, look().mm(60.0 if look().compact else 130.0))

    def least(self, width: float) -> float:
        return float(look().mm(20.0))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        wide = self._icon.wanted()
        self._icon.place(x + (width - wide) / 2, y + (height - wide) / 2, wide, wide)
        self._fit()

    def show(self, picture: Any | None) -> None:
        """Rows of brightness, already mirrored; None: nothing any more."""
        if picture is None:
            self._texture = None
            self._light.a = 0
            self._icon.opacity = 1
            return
        high, wide = picture.shape
        if self._texture is None or tuple(self._texture.size) != (wide, high):
            self._texture = Texture.create(size=(wide, high), colorfmt="luminance", mipmap=False)
            self._texture.flip_vertical()
        self._texture.blit_buffer(picture.tobytes(), colorfmt="luminance", bufferfmt="ubyte")
        self._shape.texture = self._texture
        self._light.a = 1
        self._icon.opacity = 0
        self._fit()
        self.canvas.ask_update()

    def _fit(self) -> None:
        """As large as the card holds it, in its own proportions."""
        if self._texture is None:
            return
        edge = look().mm(1.5)
        scale = min(
            (self.width - 2 * edge) / self._texture.width, (self.height - 2 * edge) / self._texture.height
        )
        wide, high = max(0.0, self._texture.width * scale), max(0.0, self._texture.height * scale)
        self._shape.size = (wide, high)
        self._shape.pos = (self.x + (self.width - wide) / 2, self.y + (self.height - high) / 2)


class Hint(Card):
    """One sentence, in the room of the longest."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pad=look().pad * 0.8, middle=True, **kwargs)
        self._words = Words(text="", align="centre", tone="on_told", balance=True)
        self.add_widget(self._words)
        self._longest: list[str] = []

    def prepare(self, longest: list[str]) -> None:
        self._longest = longest

    def say(self, text: str) -> None:
        self._words.text = text
        self.style = "told"
        self.opacity = 1 if text else 0
        if self.width > 1:
            self.place(*self.pos, *self.size)

    def natural(self, width: float) -> float:
        inner = width - 2 * self.pad
        highest = max((Words(text=text).natural(inner) for text in self._longest), default=0.0)
        return float(highest + 2 * self.pad)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        inner = width - 2 * self.pad
        high = self._words.natural(inner)
        self._words.place(x + self.pad, y + (height - high) / 2, inner, high)


class Typed(Columns):
    """The signs typed so far, and where the others go."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._signs = Words(
            role="code",
            bold=True,
            align="centre",
            language="en",
            tone="main",
            shrink=0.4,
            tight=True,
            text=_shown(""),
        )
        self._signs.share = 3.0
        self.add_widget(self._signs)

    def show(self, typed: str) -> None:
        self._signs.text = _shown(typed)
        if self._signs.width > 1:
            self._signs.place(*self._signs.pos, *self._signs.size)

    def natural(self, width: float) -> float:
        return self._signs.natural(width)


def _shown(typed: str) -> str:
    signs = typed.ljust(LENGTH, BLANK)
    return f"{' '.join(signs[:4])}  –  {' '.join(signs[4:])}"


class Pad(Box):
    """The 24 signs there are. Left to right whatever the language, as on every keyboard."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._keys = [
            Press(action=e.TypeSign(sign), text=sign, language="en", align="centre", role="strong")
            for sign in SIGNS
        ]
        for key in self._keys:
            self.add_widget(key)

    def _columns(self, width: float) -> int:
        now = look()
        wide = (width - 11 * self._gap()) / 12
        return 12 if now.compact and wide >= now.target else 8 if now.compact else 6

    def _gap(self) -> float:
        return look().mm(1.4 if look().compact else 4.0)

    def _high(self) -> float:
        now = look()
        return float(now.target if now.compact else now.mm(22.0))

    def natural(self, width: float) -> float:
        rows = -(-len(self._keys) // self._columns(width))
        return rows * (self._high() + self._gap()) - self._gap()

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        columns, gap, high = self._columns(width), self._gap(), self._high()
        wide = (width - (columns - 1) * gap) / columns
        for at, key in enumerate(self._keys):
            row, column = divmod(at, columns)
            key.place(x + column * (wide + gap), y + height - (row + 1) * high - row * gap, wide, high)


class _Asking(Screen):
    """A screen whose sentence changes in place."""

    def fill(self) -> None:
        say = self.say
        self.ids.hint.prepare([say(f"checkin.{key}") for key in HINTS])
        self.follow(self.model)

    def follow(self, model: Model) -> None:
        """The same screen, with another sentence or other signs."""
        self.model = model
        self.ids.hint.say(self.say.line(model.check_in_hint))


class CheckInScreen(_Asking):
    @property
    def title(self) -> str:
        model = self.model
        both = model.camera_there and model.scanner_there
        return self.say("checkin.hold_up" if both or model.camera_there else "checkin.scan")

    @property
    def view(self) -> View:
        return self.ids.view  # type: ignore[no-any-return]  # Kivy has no types


class ReferenceScreen(_Asking):
    def fill(self) -> None:
        delete = Press(action=e.DeleteSign(), text=self.say("checkin.delete"), icon="back", align="centre")
        without = Press(
            action=e.WithoutReference(), text=self.say("checkin.without"), icon="people", align="centre"
        )
        for press in (delete, without):
            press.share = press.wanted()
            self.ids.below.add_widget(press)
        super().fill()

    def follow(self, model: Model) -> None:
        super().follow(model)
        self.ids.typed.show(model.checking.typed)


class Buttons(Split):
    """What can be done about what was told."""


class ToldScreen(Screen):
    @property
    def told(self) -> Told:
        told = self.model.checking.told
        return told if told is not None else Told(Line("checkin.unknown_title"), Line("checkin.unknown_lead"))

    def fill(self) -> None:
        self.ids.sign.show("calendar")
        wanted: list[tuple[e.Action, str, str]] = []
        if self.told.again:
            wanted.append((e.TryAgain(), "checkin.again", "again"))
        if self.told.ticket:
            wanted.append((e.WithoutReference(), "checkin.ticket", "people"))
        wanted.append((e.Done(), "ticket.finish", "yes"))
        for at, (action, key, icon) in enumerate(wanted):
            style = "main" if at == 0 else "card"
            self.ids.buttons.add_widget(
                Press(action=action, text=self.say(key), icon=icon, align="centre", style=style)
            )


NAMED_IN_KV = (standing,)
"""Imported for the kv file, which names its class."""
rules(__file__)
