"""The screens that only say something: closed, locked by staff, out of order, not set up yet, starting.

The first three offer the languages, since whoever comes then must be able to read it too. What is for staff is said apart,
in English, and holds nothing a visitor must not see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import StringProperty

from kiosk.flow import events as e
from kiosk.screens.chrome import more_button
from kiosk.screens.screen import Screen, rules
from kiosk.widgets import tiles
from kiosk.widgets.boxes import LAST, Box, Columns, Stack
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.passage import Passage
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
        if self.reason:
            self.ids.reason.add_widget(Passage(self.reason, tone="soft"))
        if look().flat and (self.reason or (self.must_show and self.staff)):
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
            self.ids.staff.add_widget(Passage(self.staff, language="en", role=role))
        else:
            self.ids.staff.leave_out(True)
            self.ids.staff.drop = 0
        if self._offers_languages:
            self.ids.languages.more = self.ids.languages.more or more_button(self.say)
            for language in self.model.languages:
                self.ids.languages.add_widget(self._language(language.value))

    def _beside(self) -> None:
        """On a small panel that lies there is no height for both, so what must be read stands beside the languages, with what it is about above it."""
        ids = self.ids
        said = Stack(share=1.5 if self.reason and not self.model.large else 2.2)
        said.middle = True
        if self.model.large:  # what it says, the rest says too
            ids.title.text = ids.lead.text = ""
            if not self.reason:
                said.add_widget(Passage(self.lead))
        for box in (ids.title.__self__, ids.lead.__self__, ids.staff.__self__):  # `ids` keeps nothing alive
            self.remove_widget(box)
            said.add_widget(box)
        ids.staff.drop, ids.staff.pad = 0, look().pad
        if self.reason:
            ids.reason.clear_widgets()
            ids.staff.add_widget(Passage(f"{self.lead} {self.reason}" if self.model.large else self.reason))
        elif self.for_staff:
            text = f"{self.say.in_language('en', 'out_of_order.staff')}: {self.staff}"
            ids.staff.add_widget(Passage(text, language="en", role="note"))
        else:
            ids.staff.add_widget(Passage(self.staff, language="en"))
        languages = ids.languages.__self__
        self.remove_widget(languages)
        self.remove_widget(ids.sign.__self__)
        row = Columns(grow=1)
        row.add_widget(said)
        if self._offers_languages:
            languages.drop, languages.most_columns, languages.more = 0, 2, _turn_by_sign
            row.add_widget(languages)
        self.add_widget(row)

    @property
    def _offers_languages(self) -> bool:
        return self.speaks and len(self.model.languages) > 1

    def _language(self, language: str) -> Press:
        from wire.vocabulary import Language

        return Press(
            action=e.ChooseLanguage(Language(language)), text=self.say.own_name(language), language=language,
            align="centre", bold=False,
        )  # fmt: skip


def _turn_by_sign(turn: Callable[[], None]) -> Press:
    return Press(action=turn, icon="more", style="bar", align="centre")


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
