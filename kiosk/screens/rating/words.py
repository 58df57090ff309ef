"""In one's own words, if one likes; and the thanks, with where to go for an answer."""

from __future__ import annotations

from kiosk.flow import events as e
from kiosk.flow.model import Model
from kiosk.flow.rating import acts as a
from kiosk.screens import standing
from kiosk.screens.screen import Screen, rules
from kiosk.widgets.boxes import Box, Columns, Space
from kiosk.widgets.keyboard.board import Keyboard
from kiosk.widgets.keyboard.entry import Entry
from kiosk.widgets.keyboard.layouts import Field, for_field
from kiosk.widgets.look import look
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words


class CommentScreen(Screen):
    """The keyboard stays where it is; what is typed changes in place. On a tall panel the way on without a word is as large as the other; a small one has
    room for one, and sends what there is, also nothing."""

    def fill(self) -> None:
        small = look().compact
        layouts = for_field(Field.TEXT, self.model.language.value)
        hint = self.say("rating.tell_title") if small else ""
        label = "" if small else self.say("rating.tell_label")
        self._entry = Entry(self._typed, lines=1 if small else 4, label=label, hint=hint)
        self._keys = Keyboard(
            layouts,
            a.Type,
            a.Delete(),
            field=Field.TEXT,
            typed=self._typed,
            go=a.Send() if small else None,
            go_text=self.say("rating.tell_send") if small else "",
        )
        for box in self._above() if small else self._whole():
            self.add_widget(box)

    def _said(self, drop: int) -> tuple[Words, Words]:
        title = Words(text=self.say("rating.tell_title"), role="title", bold=True, tone="main", drop=drop + 1)
        return title, Words(text=self.say("rating.tell_lead"), tone="soft", drop=drop)

    def _above(self) -> tuple[Box, ...]:
        self.gap, self._keys.grow = look().mm(1.0), 1.0
        return (*self._said(3), self._entry, self._keys)

    def _whole(self) -> tuple[Box, ...]:
        ways = Columns(gap=look().gap)
        for action, key, icon, style in (
            (a.SendWithout(), "rating.tell_skip", "no", "card"),
            (a.Send(), "rating.tell_send", "yes", "main"),
        ):
            ways.add_widget(Press(action=action, text=self.say(key), icon=icon, style=style, align="centre"))
        return (*self._said(8), self._entry, Space(grow=1.0), self._keys, ways)

    @property
    def _typed(self) -> str:
        rating = self.model.visitor.rating
        return rating.typed if rating is not None else ""

    def follow(self, model: Model) -> None:
        """The same screen, with other signs."""
        self.model = model
        self._entry.show(self._typed)
        self._keys.follow(self._typed)


class ThanksScreen(Screen):
    def fill(self) -> None:
        self.ids.sign.show("heart")
        done = Press(
            action=e.Done(), text=self.say("rating.again"), icon="people", style="main", align="centre"
        )
        self.ids.buttons.add_widget(done)


NAMED_IN_KV = (standing,)
"""Imported for the kv file, which names its classes."""
rules(__file__)
