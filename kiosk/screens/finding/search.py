"""The search: what is typed, what it finds, and the keyboard, which stays where it is while everything above it changes in place.

On a tall panel what was found stands between the two. Where panels are small or letters large there is no room for that: beside or above the keys
stands the best that fits, and the key "Search" puts all of it on a page of its own, from which touching the field leads back to the keys.
"""

from __future__ import annotations

from kiosk.flow.finding import acts as a
from kiosk.flow.finding.shown import Finding
from kiosk.flow.model import Model
from kiosk.screens.chrome import more_button
from kiosk.screens.filling.pieces import Paged
from kiosk.screens.filling.typing import FieldPress
from kiosk.screens.finding.browse import found_press
from kiosk.screens.notices import Notices
from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Box, Columns
from kiosk.widgets.keyboard.board import Keyboard
from kiosk.widgets.keyboard.entry import Entry
from kiosk.widgets.keyboard.layouts import Field, for_field
from kiosk.widgets.look import look
from kiosk.widgets.text import Words
from kiosk.widgets.tiles import Tiles

ASKED = 3
"""Signs from which on it is said that nothing was found."""


class Answers(Box):
    """What was found, as tiles; before and without it a sentence. What does not fit into its place does not show."""

    def __init__(self, *, best: bool = False, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._best = best
        """The best of it only."""
        self._shown: Box | None = None

    def show(self, screen: SearchScreen, finding: Finding) -> None:
        self.clear_widgets()
        self._shown = self._made(screen, finding)
        if self._shown is not None:
            self.add_widget(self._shown)

    def _made(self, screen: SearchScreen, finding: Finding) -> Box | None:
        if finding.found and self._best:
            return found_press(finding.found[0], screen.say, brief=True, named=False)
        if (
            finding.found and look().large and finding.reading
        ):  # each as high as its name, for there are few to a page
            rows = Paged(screen.say)
            rows.fill([found_press(each, screen.say, named=False) for each in finding.found])
            return rows
        if finding.found:
            tiles = Tiles(most_columns=2, highest_mm=30.0 if look().compact else 26.0)
            tiles.more = more_button(screen.say)
            for each in finding.found:
                tiles.add_widget(found_press(each, screen.say, brief=True))
            return tiles
        asked = len(finding.typed.strip()) >= ASKED
        if screen.narrow and not asked:
            return None  # the field itself says it
        return Words(
            text=screen.say("find.nothing" if asked else "find.search_hint"), tone="soft", role="body"
        )

    @property
    def nothing(self) -> bool:
        return self._shown is None

    def natural(self, width: float) -> float:
        return self._shown.natural(width) if self._shown is not None else 0.0

    def least(self, width: float) -> float:
        return 0.0

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        if self._shown is None:
            return
        grows = self._best or not isinstance(self._shown, Words)
        self._shown.leave_out(self._shown.least(width) > height + 0.5 and not isinstance(self._shown, Paged))
        if not self._shown.left_out:
            high = height if grows else self._shown.natural(width)
            self._shown.place(x, y + height - high, width, high)


class SearchScreen(Screen):
    def fill(self) -> None:
        finding = self._finding(self.model)
        self._found = finding
        self._keys: Keyboard | None = None
        self.narrow = look().compact or look().large
        """Without room for the keys and all that was found."""
        self._notices = Notices()
        self._notices.show(self.model, self.say)
        if self.narrow and finding.reading:
            self._read(finding)
        else:
            self._type(finding)
        self._answers.show(self, finding)

    def _read(self, finding: Finding) -> None:
        self._entry = Entry(finding.typed, active=False)
        self._answers = Answers(grow=1)
        field = FieldPress(self._entry, a.ShowKeys(), text=self.say("find.search"))
        for box in (self._notices, field, self._answers):
            self.add_widget(box)

    def _type(self, finding: Finding) -> None:
        say, small = self.say, look().compact
        title = Words(text=say("find.search_title"), role="title", bold=True, tone="main", drop=8)
        self._entry = Entry(
            finding.typed,
            label="" if self.narrow else say("find.search"),
            hint=self._hint() if self.narrow else "",
            share=1.0,
        )
        self._answers = Answers(best=small, grow=0 if small else 1, share=1.25)
        layouts = for_field(Field.TEXT, self.model.language.value)
        self._keys = Keyboard(
            layouts,
            a.Type,
            a.Delete(),
            typed=finding.typed,
            go=a.ShowFound() if self.narrow else None,
            go_text=say("find.search_go") if self.narrow else "",
        )
        above: tuple[Box, ...] = (self._entry, self._answers)
        if small:
            self.gap, self._keys.grow = look().mm(1.0), 1.0
            row = Columns(gap=look().mm(1.6))
            for box in above:
                row.add_widget(box)
            above = (row,)
            self._notices.drop = 7
        for box in (title, self._notices, *above, self._keys):
            self.add_widget(box)

    def _hint(self) -> str:
        """What stands in the empty field: as much as fits on its line."""
        room = look().panel.wide - 2 * look().margin - look().mm(16.0)
        sentences = [self.say(key) for key in ("find.search_hint", "find.search", "find.search_title")]
        return next((each for each in sentences if Words(text=each, role="body").wanted() <= room), "")

    def place(self, x: float, y: float, width: float, height: float) -> None:
        if look().compact and self._keys is not None:
            self._beside(width, height)
        super().place(x, y, width, height)

    def _beside(self, width: float, height: float) -> None:
        """The best that was found stands beside what is typed, where it does not take height from the keys."""
        assert self._keys is not None
        room = height - self._keys.least(width) - self.gap
        half = width * self._answers.share / (self._answers.share + 1.0) - look().mm(1.6)
        self._answers.leave_out(self._answers.nothing or self._answers.natural(half) > room)

    @staticmethod
    def _finding(model: Model) -> Finding:
        return model.visitor.finding or Finding()

    def follow(self, model: Model) -> None:
        """The same screen, with other signs and what they find."""
        finding = self._finding(model)
        if finding.typed == self._found.typed or self._keys is None:
            return
        self._entry.show(finding.typed)
        self._keys.follow(finding.typed)
        asked = (len(finding.typed.strip()) >= ASKED, len(self._found.typed.strip()) >= ASKED)
        if finding.found != self._found.found or asked[0] != asked[1]:
            self._answers.show(self, finding)
            if self.width > 1:
                self.place(*self.pos, *self.size)
        self._found = finding
