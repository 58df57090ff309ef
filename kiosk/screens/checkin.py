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
from kiosk.widgets.boxes import Box, Split
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.press import NOTHING, Card, Press
from kiosk.widgets.text import Words
from wire.references import LENGTH, SIGNS

HINTS = ("looking", "hint_ticket", "hint_web", "hint_link", "hint_other", "hint_unclear", "hint_slip", "hint_dark", "hint_camera")  # fmt: skip
OF_TYPING = ("looking", "hint_slip")
BLANK = "•"
LEAST_VIEW_MM = 70.0
PROPORTION = 0.62
"""The height of the picture's card, of its width."""


def _lying() -> bool:
    return look().panel.compact and not look().panel.upright


def _small() -> bool:
    """The panel is small; not that a large one's lower part is used, which has room enough here."""
    return look().panel.compact


class View(Card):
    """What the camera sees, as in a mirror. Where there is no picture: where to hold the code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        now = look()
        self._icon = Icon("scan", 16.0 if _small() else 46.0, now.palette.icon)
        self.add_widget(self._icon)
        with self.canvas:
            self._light = Color(1, 1, 1, 0)
            self._shape = Rectangle(size=(0, 0))
        self._texture: Any = None

    def natural(self, width: float) -> float:
        return width * PROPORTION

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
        """The middle of the picture, as much of it as fills the card."""
        if self._texture is None:
            return
        edge = look().mm(1.2)
        wide, high = max(1.0, self.width - 2 * edge), max(1.0, self.height - 2 * edge)
        over = wide / high / (self._texture.width / self._texture.height)
        across, down = min(1.0, over), min(1.0, 1 / over)
        left, right, low, top = (1 - across) / 2, (1 + across) / 2, (1 - down) / 2, (1 + down) / 2
        self._shape.tex_coords = (left, top, right, top, right, low, left, low)
        self._shape.size = (wide, high)
        self._shape.pos = (self.x + edge, self.y + edge)


class Hint(Card):
    """One sentence in the room of the longest; while there is none, perhaps `usual`, plainly."""

    def __init__(self, longest: list[str], usual: str = "", **kwargs: Any) -> None:
        super().__init__(pad=look().pad * 0.8, **kwargs)
        self._longest, self._usual = longest, usual
        self._words = Words(align="centre", balance=True)
        self.add_widget(self._words)
        self.say("")

    @property
    def text(self) -> str:
        return self._words.text  # type: ignore[no-any-return]  # Kivy has no types

    def say(self, text: str) -> None:
        said = text or self._usual
        self._words.text, self._words.bold, self._words.tone = said, not text, "on_told" if text else "main"
        self.style = "told" if text else "flat"
        self.opacity = 1 if said else 0
        if not text:
            self.edge = NOTHING
        if self.width > 1:
            self.place(*self.pos, *self.size)

    def natural(self, width: float) -> float:
        inner = width - 2 * self.pad
        return float(max(Words(text=text).natural(inner) for text in self._longest) + 2 * self.pad)

    def needs_text(self, width: float) -> float:
        """The height of the longest, with no air around it."""
        return float(max(Words(text=text).natural(width - 2 * self.pad) for text in self._longest))

    def needs(self, width: float) -> float:
        """The height of what it says now."""
        return float(self._words.natural(width - 2 * self.pad) + 2 * self.pad)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        Box.place(self, x, y, width, height)
        inner = width - 2 * self.pad
        high = self._words.natural(inner)
        self._words.place(x + self.pad, y + (height - high) / 2, inner, high)


class Aim(Box):
    """The picture and what to do. One under the other on a tall panel; side by side on a small one, where a sentence that needs the room
    takes the picture's: whoever is told that the code is another need not aim."""

    def set(self, view: View | None, hint: Hint, title: Words, lead: Words) -> None:
        self.view, self.hint, self._title, self._lead = view, hint, title, lead
        for box in ([view] if view else []) + ([hint] if _lying() else [title, lead, hint]):
            self.add_widget(box)

    def natural(self, width: float) -> float:
        return float(look().mm(28.0))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        if _lying():
            self._beside(x, y, width, height)
        else:
            self._under(x, y, width, height)

    def _beside(self, x: float, y: float, width: float, height: float) -> None:
        gap, view = look().gap, self.view
        wide = min(width * 0.42, height / PROPORTION)
        beside = view is not None and self.hint.needs(width - wide - gap) <= height
        if view is not None:
            view.leave_out(not beside)
        if view is None or not beside:
            self.hint.place(x, y, width, height)
            return
        left = x + width - wide if look().rtl else x
        view.place(left, y, wide, height)
        self.hint.place(x if look().rtl else x + wide + gap, y, width - wide - gap, height)

    def _under(self, x: float, y: float, width: float, height: float) -> None:
        gap, top = look().gap, y + height
        hint = self.hint.natural(width)
        texts = [(box, box.natural(width)) for box in (self._title, self._lead)]
        room = height - sum(high for _, high in texts) - hint - 3 * gap
        self._lead.leave_out(room < look().mm(LEAST_VIEW_MM))
        if self._lead.left_out:
            room += texts.pop()[1] + gap
        for box, high in texts:
            box.place(x, top - high, width, high)
            top -= high + gap
        if self.view is not None:
            wide = max(0.0, min(width, room / PROPORTION))
            high = wide * PROPORTION
            self.view.place(x + (width - wide) / 2, top - high, wide, high)
            top -= high + gap
        self.hint.place(x, top - hint, width, hint)


class Typed(Words):
    """The signs typed so far, and where the others go."""

    def __init__(self) -> None:
        super().__init__(
            role="code",
            bold=True,
            align="centre",
            language="en",
            tone="main",
            shrink=0.3,
            tight=True,
            text=_shown(""),
        )
        self.share = 3.0

    def natural(self, width: float) -> float:
        """With room for the tail of a J, where there is any."""
        return super().natural(width) * (1.0 if _small() and look().large else 1.2)

    def show(self, typed: str) -> None:
        self.text = _shown(typed)
        if self.width > 1:
            self.place(*self.pos, *self.size)


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
        return 12 if _small() and wide >= now.target else 8 if _small() else 6

    def _gap(self) -> float:
        return look().mm(1.0 if _small() else 4.0)

    def _high(self) -> float:
        now = look()
        return float(now.mm(15.1) if _small() else now.mm(22.0))

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


class Foot(Box):
    """A button, in whose place a sentence stands while there is one; on a tall panel the sentence has its own."""

    def set(self, press: Press, hint: Hint) -> None:
        self._press, self.hint = press, hint
        for box in (press, hint):
            self.add_widget(box)

    def say(self, text: str) -> None:
        if _small():
            self._press.leave_out(bool(text) or self._no_room)
        self.hint.say(text)

    @property
    def _no_room(self) -> bool:
        """Where large letters are higher than a button on the smallest panel. Back and Help lead to the same people."""
        return _small() and look().large and self._press.natural(look().mm(200)) > look().mm(16.5)

    def natural(self, width: float) -> float:
        press, hint = self._press.natural(width), self.hint.natural(width)
        if _small() and look().large:
            said = self.hint.needs_text(width) if self.hint.text else 0.0
            return max(said, 0.0 if self._no_room else float(look().target))
        return float(max(press, hint) if _small() else press + look().gap + hint)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        if _small():
            self._press.place(x, y, width, height)
            self.hint.place(x, y, width, height)
            return
        press = self._press.natural(width)
        self._press.place(x, y, width, press)
        self.hint.place(x, y + press + look().gap, width, height - press - look().gap)


class CheckInScreen(Screen):
    def fill(self) -> None:
        say, model = self.say, self.model
        title = say("checkin.hold_up" if model.camera_there else "checkin.scan")
        hint = Hint([say(f"checkin.{key}") for key in HINTS], title if _lying() else "")
        self.view = View()
        self.ids.aim.set(
            self.view, hint, Words(text=title, role="title", bold=True, tone="main", balance=True),
            Words(text=say("checkin.lead"), tone="soft"),
        )  # fmt: skip
        for action, key, icon in (
            (e.TypeReference(), "type", "form"),
            (e.WithoutReference(), "without", "people"),
        ):
            press = Press(action=action, text=say(f"checkin.{key}"), icon=icon, align="centre")
            press.share = press.wanted()
            self.ids.buttons.add_widget(press)
        self.follow(model)

    def follow(self, model: Model) -> None:
        """The same screen, with another sentence."""
        aim = self.ids.aim
        said = self.say.line(model.check_in_hint)
        aim.hint.say(said)
        if aim.width > 1 and _lying():
            aim.place(*aim.pos, *aim.size)


class ReferenceScreen(Screen):
    def fill(self) -> None:
        say, ids = self.say, self.ids
        self._typed = Typed()
        label = "" if _small() and self.now.large else say("checkin.delete")
        delete = Press(action=e.DeleteSign(), text=label, icon="delete", align="centre")
        delete.share = 1.8 if self.now.large else 1.2  # a word in large letters is not broken in two
        for box in (self._typed, delete):
            ids.top.add_widget(box)
        without = Press(
            action=e.WithoutReference(), text=say("checkin.without"), icon="people", align="centre"
        )
        ids.foot.set(without, Hint([say(f"checkin.{key}") for key in OF_TYPING]))
        self.follow(self.model)

    def follow(self, model: Model) -> None:
        """The same screen, with other signs."""
        self._typed.show(model.checking.typed)
        self.ids.foot.say(self.say.line(model.check_in_hint))
        if self.width > 1 and _small():
            self.place(*self.pos, *self.size)


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
        if self.told.again and not (_small() and self.now.large):  # there, "Back" does it
            wanted.append((e.TryAgain(), "checkin.again", "scan"))
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
