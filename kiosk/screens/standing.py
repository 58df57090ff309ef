"""The screens that only say something: closed, locked by staff, out of order, not set up yet, starting.

The first three offer the languages, since whoever comes then must be able to read it too. What is for staff is said apart,
in English, and holds nothing a visitor must not see.
"""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty

from kiosk.flow import events as e
from kiosk.screens.chrome import more_button
from kiosk.screens.screen import Screen, rules
from kiosk.widgets import tiles
from kiosk.widgets.boxes import LAST, Box, Columns
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words


class Sign(Box):
    """A large icon at the side the language is read from."""

    icon = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._icon: Icon | None = None

    def show(self, name: str) -> None:
        now = look()
        self._icon = Icon(name, 14.0 if now.compact else 26.0, now.palette.icon)
        self.add_widget(self._icon)

    def natural(self, width: float) -> float:
        return self._icon.natural(width) if self._icon else 0.0

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        if self._icon:
            wide = self._icon.wanted()
            self._icon.place(x + width - wide if look().rtl else x, y, wide, height)


class Beside(Columns):
    """Two side by side, or only the second where the first would not fit."""

    def __init__(self, first: Box, second: Box, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first, self.second = first, second

    def _both(self) -> None:
        self.first.leave_out(False)

    def natural(self, width: float) -> float:
        self._both()
        return super().natural(width)

    def least(self, width: float) -> float:
        self._both()
        return min(super().least(width), self.second.least(width))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        self._both()
        if super().least(width) > height + 0.5:
            self.first.leave_out(True)
        super().place(x, y, width, height)


class StandingScreen(Screen):
    icon = "info"
    title = lead = reason = code = staff = ""
    for_staff = True
    """Whether what stands apart in English is meant for staff only."""
    must_show = False
    """Whether that stands there on the smallest panel too."""
    speaks = False
    """Whether it offers the languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.read(*args)
        super().__init__(*args, **kwargs)

    def read(self, model: Any, say: Any) -> None:
        """Set what it says; called before the kv file reads it."""

    def fill(self) -> None:
        self.ids.sign.show(self.icon)
        if self.must_show and self.staff and look().compact and look().panel.wide > look().panel.high:
            self._beside()
        elif self.staff:
            small = self.for_staff and look().compact and not self.model.large
            role = "note" if small else "body"
            if self.must_show:
                # On a small panel fewer languages show at a time instead, but some do.
                self.ids.staff.drop = LAST + 2
            if self.for_staff:
                self.ids.staff.add_widget(
                    Words(
                        text=self.say.in_language("en", "out_of_order.staff"),
                        language="en",
                        bold=True,
                        tone="soft",
                        role=role,
                    )
                )
            self.ids.staff.add_widget(Words(text=self.staff, language="en", role=role))
        else:
            self.ids.staff.leave_out(True)
            self.ids.staff.drop = 0
        if self.speaks and len(self.model.languages) > 1:
            self.ids.languages.more = more_button(self.say)
            for language in self.model.languages:
                self.ids.languages.add_widget(self._language(language.value))

    def _beside(self) -> None:
        """On a small panel that lies there is no height for both, so what staff must read stands beside the languages."""
        staff, languages = self.ids.staff, self.ids.languages
        said = self.staff
        if self.for_staff:
            said = f"{self.say.in_language('en', 'out_of_order.staff')}: {said}"
        staff.pad = look().pad
        staff.add_widget(Words(text=said, language="en", role="note" if self.for_staff else "body"))
        # What `ids` gives does not keep them alive between two parents.
        row = Beside(staff.__self__, languages.__self__, drop=LAST + 1)
        for box in (row.first, row.second):
            self.remove_widget(box)
            box.drop = 0
            row.add_widget(box)
        self.add_widget(row)

    def _language(self, language: str) -> Press:
        from wire.vocabulary import Language

        return Press(
            action=e.ChooseLanguage(Language(language)), text=self.say.own_name(language), language=language,
            align="centre", bold=False,
        )  # fmt: skip


class ClosedScreen(StandingScreen):
    icon, speaks = "time", True

    def read(self, model: Any, say: Any) -> None:
        self.title = say("closed.title")
        self.lead = say.line(model.closed_line)
        self.reason = say.name(model.closed_reason or {})
        self.staff = model.line_says


class OutOfOrderScreen(StandingScreen):
    """Why it is so may stand nowhere else: a kiosk that does not reach its server cannot tell staff."""

    icon, speaks, must_show = "fault", True, True

    def read(self, model: Any, say: Any) -> None:
        self.title, self.lead = say("out_of_order.title"), say("out_of_order.lead")
        fault, line = model.staff_says, model.line_says
        self.staff = fault if fault and look().compact else " ".join(filter(None, (fault, line)))


class LockedScreen(StandingScreen):
    """What a member of staff wrote stands below in their words: nobody could check a translation of it."""

    icon, speaks, for_staff, must_show = "info", True, False, True

    def read(self, model: Any, say: Any) -> None:
        self.title, self.lead = say("locked.title"), say("locked.lead")
        self.staff = model.locked


class SetupScreen(StandingScreen):
    icon = "keys"

    def read(self, model: Any, say: Any) -> None:
        self.title, self.lead = say("setup.title"), say.line(model.setup_line)
        self.code = (model.setup.code if model.setup else None) or ""
        self.staff = model.line_says


class StartingScreen(StandingScreen):
    icon = "door"

    def read(self, model: Any, say: Any) -> None:
        self.title = say("setup.connecting")


NAMED_IN_KV = (tiles,)
"""Imported for the kv file, which names its class."""
rules(__file__)
