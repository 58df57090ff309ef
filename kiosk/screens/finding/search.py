"""The search: what is typed, what it finds, and the keyboard, which stays where it is while everything above it changes in place."""

from __future__ import annotations

from kiosk.flow.finding import acts as a
from kiosk.flow.finding.shown import Finding
from kiosk.flow.model import Model
from kiosk.screens.chrome import more_button
from kiosk.screens.finding.browse import found_press
from kiosk.screens.notices import Notices
from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Box, Columns, Stack
from kiosk.widgets.keyboard.board import Keyboard
from kiosk.widgets.keyboard.entry import Entry
from kiosk.widgets.keyboard.layouts import Field, for_field
from kiosk.widgets.look import look
from kiosk.widgets.text import Words
from kiosk.widgets.tiles import Tiles

ASKED = 3
"""Signs from which on it is said that nothing was found."""


class Answers(Stack):
    """What was found, as tiles; before and without it a sentence."""

    def show(self, screen: SearchScreen, finding: Finding) -> None:
        self.clear_widgets()
        if finding.found:
            tiles = Tiles(grow=1, most_columns=2, highest_mm=17.0 if look().compact else 24.0)
            tiles.more = more_button(screen.say)
            for each in finding.found:
                tiles.add_widget(found_press(each, screen.say, brief=True))
            self.add_widget(tiles)
        else:
            key = "find.nothing" if len(finding.typed.strip()) >= ASKED else "find.search_hint"
            self.add_widget(Words(text=screen.say(key), tone="soft", role="body"))
        if self.width > 1:
            self.place(*self.pos, *self.size)

    def natural(self, width: float) -> float:
        return float(look().mm(16.0 if look().compact else 52.0))

    def least(self, width: float) -> float:
        return float(look().mm(15.5))


class SearchScreen(Screen):
    def fill(self) -> None:
        say, finding = self.say, self._finding(self.model)
        small = look().compact
        if small:
            self.gap = look().mm(1.0)
        self._title = Words(text=say("find.search_title"), role="title", bold=True, tone="main", drop=8)
        self._notices = Notices(drop=7)
        self._entry = Entry(finding.typed, label="" if small else say("find.search"))
        self._answers = Answers(grow=1)
        layouts = for_field(Field.TEXT, self.model.language.value)
        self._keys = Keyboard(layouts, a.Type, a.Delete(), typed=finding.typed)
        above: tuple[Box, ...] = (self._entry, self._answers)
        if small:  # what is found stands beside what is typed, so that the keys have their room
            row = Columns(gap=look().mm(1.6))
            self._entry.share, self._answers.share = 0.7, 1.6
            for box in above:
                row.add_widget(box)
            above, self._keys.grow = (row,), 1.0
        for box in (self._title, self._notices, *above, self._keys):
            self.add_widget(box)
        self._notices.show(self.model, say)
        self._answers.show(self, finding)
        self._found = finding

    @staticmethod
    def _finding(model: Model) -> Finding:
        return model.visitor.finding or Finding()

    def follow(self, model: Model) -> None:
        """The same screen, with other signs and what they find."""
        finding = self._finding(model)
        if finding.typed == self._found.typed:
            return
        self._entry.show(finding.typed)
        self._keys.follow(finding.typed)
        asked = (len(finding.typed.strip()) >= ASKED, len(self._found.typed.strip()) >= ASKED)
        if finding.found != self._found.found or asked[0] != asked[1]:
            self._answers.show(self, finding)
        self._found = finding
