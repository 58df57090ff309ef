"""The first screen of a kiosk at the exit: five faces, each with its words, and the languages. Then what the answer is about.

Faces tell themselves apart by their mouths and brows, not by colour, and all look alike otherwise: nothing on the screen says which is wanted. English stands first because most read it;
whoever touches a face before choosing a language has been understood all the same.
"""

from __future__ import annotations

from kiosk.flow import events as e
from kiosk.flow.rating import acts as a
from kiosk.flow.rating.steps import SCORES
from kiosk.screens import notices
from kiosk.screens.chrome import more_button
from kiosk.screens.needs import NeedsScreen
from kiosk.screens.screen import Screen, rules
from kiosk.widgets import tiles
from kiosk.widgets.press import Press
from wire.vocabulary import FeedbackReason

FACES = {5: "very_good", 4: "good", 3: "neither", 2: "poor", 1: "very_poor"}
"""Each score's words and icon."""
SIGNS = {
    FeedbackReason.WAIT: "time", FeedbackReason.STAFF: "people", FeedbackReason.ANSWER: "yes", FeedbackReason.CLEAR: "info",
    FeedbackReason.LANGUAGE: "advice", FeedbackReason.PRIVACY: "private", FeedbackReason.PLACE: "door", FeedbackReason.OTHER: "other",
}  # fmt: skip


class FacesScreen(Screen):
    def fill(self) -> None:
        self.ids.announced.announce(self.model, self.say)
        faces, languages = self.ids.faces, self.ids.languages
        faces.more = languages.more = more_button(self.say)
        for score in SCORES:
            faces.add_widget(
                Press(
                    action=a.Rate(score),
                    icon=f"face_{FACES[score]}",
                    chip=True,
                    role="strong" if self.now.compact else "title",
                    text=self.say(f"rating.{FACES[score]}"),
                )
            )
        for language in self.model.languages:
            if language is not self.model.language:
                languages.add_widget(
                    Press(
                        action=e.ChooseLanguage(language),
                        text=self.say.own_name(language),
                        language=language.value,
                        style="bar",
                        role="body" if self.now.compact else "strong",
                        align="centre",
                    )
                )


class ReasonsScreen(NeedsScreen):
    @property
    def title(self) -> str:
        rating = self.model.visitor.rating
        return self.say("rating.why_good" if rating is not None and rating.good else "rating.why_poor")

    @property
    def lead(self) -> str:
        return self.say("rating.why_lead")

    def fill(self) -> None:
        shown = self.ids.tiles
        shown.more = more_button(self.say)
        shown.highest_mm = 24 if self.now.compact else 34
        shown.most_columns = 3 if self.now.compact else 2
        for reason in FeedbackReason:
            text = self.say(f"rating.about.{reason.value}")
            shown.add_widget(Press(action=a.Choose(reason), icon=SIGNS[reason], chip=True, text=text))
        skip = Press(
            action=a.Choose(None), icon="more", chip=True, style="bar", text=self.say("rating.why_skip")
        )
        shown.add_widget(skip)


NAMED_IN_KV = (notices, tiles)
"""Imported for the kv file, which names their classes."""
rules(__file__)
