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
    """The keyboard stays where it is; what is typed changes in place. The way on without a word is as large as the other."""

    def fill(self) -> None:
        say, small = self.say, look().compact
        title = Words(
            text=say("rating.tell_title"),
            role="title",
            bold=True,
            tone="main",
            balance=True,
            drop=4 if small else 9,
        )
        lead = Words(text=say("rating.tell_lead"), tone="soft", drop=3 if small else 8)
        label = "" if small else say("rating.tell_label")
        self._entry = Entry(
            self._typed, lines=1 if small else 4, label=label, hint=say("rating.tell_label") if small else ""
        )
        layouts = for_field(Field.TEXT, self.model.language.value)
        self._keys = Keyboard(layouts, a.Type, a.Delete(), field=Field.TEXT, typed=self._typed)
        ways = Columns(gap=look().gap)
        for action, key, icon, style in (
            (a.SendWithout(), "rating.tell_skip", "no", "card"),
            (a.Send(), "rating.tell_send", "yes", "main"),
        ):
            ways.add_widget(Press(action=action, text=say(key), icon=icon, style=style, align="centre"))
        if small:
            self.gap = look().mm(1.0)
            self._entry.share, ways.share = 1.0, 1.0
            row = Columns(gap=look().mm(1.6))
            row.add_widget(self._entry)
            row.add_widget(ways)
            self._keys.grow = 1.0
            boxes: tuple[Box, ...] = (title, lead, row, self._keys)
        else:
            boxes = (title, lead, self._entry, Space(grow=1.0), self._keys, ways)
        for box in boxes:
            self.add_widget(box)

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
            action=e.Done(), text=self.say("rating.again"), icon="again", style="main", align="centre"
        )
        self.ids.buttons.add_widget(done)


NAMED_IN_KV = (standing,)
"""Imported for the kv file, which names its classes."""
rules(__file__)
