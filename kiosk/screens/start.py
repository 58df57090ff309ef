"""The first screen: every language in its own script, English at once and biggest.

Each language is named as its readers name it, never by a flag. English has the whole width because most visitors here read
it; the others are all alike.
"""

from __future__ import annotations

from kiosk.flow import events as e
from kiosk.screens import notices
from kiosk.screens.chrome import more_button
from kiosk.screens.screen import Screen, rules
from kiosk.widgets import tiles
from kiosk.widgets.press import Press
from wire.vocabulary import Language


class StartScreen(Screen):
    @property
    def english_text(self) -> str:
        return f"{self.say.own_name('en')} – {_start_in_english(self)}"

    def fill(self) -> None:
        self.ids.announced.announce(self.model, self.say)
        self.ids.notices.show(self.model, self.say)
        grid = self.ids.languages
        grid.more = more_button(self.say)
        for language in self.model.languages:
            if language is not Language.EN:
                grid.add_widget(
                    Press(
                        action=e.ChooseLanguage(language),
                        text=self.say.own_name(language),
                        language=language.value,
                        role="strong" if self.now.compact else "title",
                        align="centre",
                    )
                )


def _start_in_english(screen: StartScreen) -> str:
    return screen.say.in_language("en", "start.begin")


NAMED_IN_KV = (notices, tiles)
"""Imported for the kv file, which names their classes."""
rules(__file__)
