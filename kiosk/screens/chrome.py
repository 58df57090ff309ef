"""What stands in the same place on every screen: the centre's name above, the buttons everybody may need below.

Back, start again, help, the wish to talk in private, larger text, more contrast, and (where a panel is tall) moving
everything lower. They never move, never change size with what a screen shows, and look the same for everyone. On a small
panel the three that change the look go beside the name, as icons; there everything is within reach anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.flow import events as e
from kiosk.flow.model import Model, Screen
from kiosk.screens.saying import Saying
from kiosk.widgets.boxes import Box, Columns, Stack
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words

BRAND = "Foyer"
TYPED_ON = frozenset({Screen.FORM, Screen.FIND, Screen.RATE})
"""Screens with keys and much to say."""


def switches(model: Model, say: Saying, *, labelled: bool) -> list[Press]:
    """The buttons that change how everything looks."""
    wanted = [
        (e.LargerText(), "smaller" if model.large else "larger", f"button.{'smaller' if model.large else 'larger'}_text"),
        (e.HighContrast(), "contrast", f"button.{'normal' if model.contrast else 'high'}_contrast"),
        (e.ReachDown(), "upper" if model.reach_down else "lower", f"button.reach_{'up' if model.reach_down else 'down'}"),
    ]  # fmt: skip
    if look().panel.short:
        wanted.pop()
    return [
        Press(action=action, icon=icon, text=say(key) if labelled else "", style="bar", align="centre", bold=False, role="body")
        for action, icon, key in wanted
    ]  # fmt: skip


class Header(Box):
    """The centre's name; beside it our small mark, or on a small panel the switches."""

    def __init__(self, model: Model, say: Saying, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        now = look()
        self._name = Words(
            text=model.centre_name, role="name", bold=True, language=_script_of(model), tone="on_band"
        )
        self._beside: list[Box] = []
        if now.compact:
            self._beside = list(switches(model, say, labelled=False))
        else:
            palette = now.palette
            self._beside = [
                Icon("door", 8.0 * now.room, palette.on_band),
                Words(text=BRAND, role="body", language="en", tone="on_band"),
            ]
        for box in (self._name, *self._beside):
            self.add_widget(box)

    def natural(self, width: float) -> float:
        name = self._name.natural(width - self._beside_width())
        return max(look().target if look().compact else look().mm(24.0), name)

    def _beside_width(self) -> float:
        return sum(box.wanted() + look().gap for box in self._beside)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        gap, rtl = look().gap, look().rtl
        room = self._beside_width()
        self._name.place(x + (room if rtl else 0), y, width - room, height)
        at = x + room - gap if rtl else x + width - room + gap
        for box in self._beside:
            wide = box.wanted()
            high = min(height, box.natural(wide) if isinstance(box, Press) else height)
            box.place(at - wide if rtl else at, y + (height - high) / 2, wide, high)
            at += -(wide + gap) if rtl else wide + gap


def _script_of(model: Model) -> str:
    """The centre's name is in Latin letters, whatever the visitor reads."""
    return "en" if model.centre_name.isascii() else ""


class Bar(Stack):
    """The lower edge of every screen."""

    def __init__(self, model: Model, say: Saying, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._private = Press(
            action=e.TalkInPrivate(), icon="private", text=say("button.private"), style="bar", align="centre"
        )
        self._walk = [
            Press(action=action, icon=icon, text=say(f"button.{key}"), style="bar", align="centre")
            for action, icon, key in (
                (e.GoBack(), "back", "back"), (e.StartAgain(), "again", "start_again"), (e.AskHelp(), "help", "help"),
            )
        ]  # fmt: skip
        self._gives_tickets = not model.at_exit
        self._switches = [] if look().compact else switches(model, say, labelled=True)
        self._low = look().compact and model.screen in TYPED_ON
        """One row whatever the words are, as signs alone where they do not fit: a small panel needs its height for the keys."""
        self._arranged_for = -1.0

    def _arrange(self, width: float) -> None:
        """In as few rows as hold every word whole."""
        if width == self._arranged_for:
            return
        self._arranged_for = width
        for row in list(self.children):
            row.clear_widgets()
        self.clear_widgets()
        for row in self._rows(width):
            self.add_widget(row)

    def _rows(self, width: float) -> list[Box]:
        gap = look().gap
        if not look().compact:
            rows = [*self._walk_rows(width), *self._rows_of(self._switches, width)]
            return [self._private, *rows] if self._gives_tickets else rows
        if not self._gives_tickets and not self._low:
            return self._walk_rows(width)
        if self._low:
            whole = [*self._walk, self._private] if self._gives_tickets else self._walk
            return [self._one_row(width, whole)]
        walk = sum(press.wanted() + gap for press in self._walk)
        rest = width - walk
        if rest > 0 and not self._private.breaks_word(rest) and self._private.lines(rest) <= 2:
            row = _row([*self._walk, self._private])
            for press in self._walk:
                press.share = press.wanted()
            self._private.share = rest
            return [row]
        return [self._private, *self._walk_rows(width)]

    def _walk_rows(self, width: float) -> list[Box]:
        return self._rows_of(self._walk, width)

    def _rows_of(self, presses: list[Press], width: float) -> list[Box]:
        """One beside the other if no word is broken by that, else in the order and the rows that take least height."""
        gap = look().gap
        if sum(press.wanted() + gap for press in presses) - gap <= width:
            return [_row(presses, by_width=True)]
        first, second, *rest = presses
        best: list[list[Press]] = []
        least = float("inf")
        for rows in ([presses], [[first, second], rest], [[first, *rest], [second]]):
            high = sum(_whole(row, width, gap) + gap for row in rows if row)
            if high < least:
                best, least = [row for row in rows if row], high
        return [_row(row, by_width=True) for row in best] if best else [self._one_row(width, presses)]

    def _one_row(self, width: float, among: list[Press]) -> Box:
        presses = [*among]
        room = width - look().gap * (len(presses) - 1)
        for press in reversed(presses):
            if sum(each.wanted() for each in presses) <= room:
                break
            at = presses.index(press)
            presses[at] = Press(action=press.action, icon=press.icon, style="bar", align="centre")
        return _row(presses, by_width=True)

    def natural(self, width: float) -> float:
        self._arrange(width)
        return super().natural(width)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        self._arrange(width)
        super().place(x, y, width, height)


def _row(boxes: list[Press], *, by_width: bool = False) -> Columns:
    row = Columns()
    for box in boxes:
        box.share = box.wanted() if by_width else 1.0
        row.add_widget(box)
    return row


def _whole(presses: list[Press], width: float, gap: float) -> float:
    """How high a row by width must be; without end where a word would have to be broken."""
    wanted = [press.wanted() for press in presses]
    room = width - gap * (len(presses) - 1)
    widths = [room * each / sum(wanted) for each in wanted]
    if any(press.breaks_word(wide) for press, wide in zip(presses, widths, strict=True)):
        return float("inf")
    return max(press.natural(wide) for press, wide in zip(presses, widths, strict=True))


def more_button(say: Saying) -> Callable[[Callable[[], None]], Press]:
    """Makes the button that turns to the next page of tiles."""
    return lambda turn: Press(action=turn, icon="more", text=say("button.more"), style="bar", chip=True)
