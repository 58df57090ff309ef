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
from kiosk.widgets.boxes import Box, Columns
from kiosk.widgets.icons import Icon
from kiosk.widgets.look import look
from kiosk.widgets.press import NOTHING, Press
from kiosk.widgets.text import Words
from wire.vocabulary import FeedbackReason

FACES = {5: "very_good", 4: "good", 3: "neither", 2: "poor", 1: "very_poor"}
"""Each score's words and icon."""
TALL = "ur"
"""Nastaliq stands half as high again as other scripts."""
SIGNS = {
    FeedbackReason.WAIT: "time", FeedbackReason.STAFF: "people", FeedbackReason.ANSWER: "yes", FeedbackReason.CLEAR: "info",
    FeedbackReason.LANGUAGE: "advice", FeedbackReason.PRIVACY: "private", FeedbackReason.PLACE: "door", FeedbackReason.OTHER: "other",
}  # fmt: skip


class FacePress(Press):
    """A large face: above its words on a small panel, beside them on a tall one."""

    HIGH_MM, SMALL_MM, TIGHT_MM = 21.0, 15.0, 8.0

    @property
    def upright(self) -> bool:
        return self._look.flat

    def _build(self) -> None:
        if self._built:
            return
        self._built = True
        now = self._look
        millimetres = (self.SMALL_MM if now.large else self.HIGH_MM) * now.room
        if now.flat:
            millimetres = self.TIGHT_MM if now.large or now.language == TALL else self.SMALL_MM
        self._icon = Icon(self.icon, millimetres, NOTHING)
        role = "body" if now.compact else "title"
        align = "centre" if self.upright else "start"
        self._words = [Words(text=self.text, role=role, bold=True, align=align)]
        for part in (self._icon, *self._words):
            self.add_widget(part)
        self._paint()

    def natural(self, width: float) -> float:
        self._build()
        assert self._icon is not None
        if not self.upright:
            return super().natural(width)
        return float(self._icon.wanted() + self._text_high(width) + self._look.mm(1.6))

    def _text_high(self, width: float) -> float:
        """Broken between words, and smaller only where one word alone is too wide."""
        inner, words = width - self._look.mm(1.6), self._words[0]
        widest = max(Words(text=each, role=words.role, bold=True).wanted() for each in self.text.split())
        words.shrink = 0.67 if widest > inner else 0.0
        return float(words.natural(inner))

    def place(self, x: float, y: float, width: float, height: float) -> None:
        self._build()
        if not self.upright:
            super().place(x, y, width, height)
            return
        assert self._icon is not None
        Box.place(self, x, y, width, height)
        text, face = self._text_high(width), self._icon.wanted()
        spare = max(0.0, height - text - face) / 3
        self._icon.place(x + (width - face) / 2, y + height - spare - face, face, face)
        inset = self._look.mm(0.8)
        self._words[0].place(x + inset, y + spare, width - 2 * inset, text)


class Faces(Box):
    """All five at once, always, and all alike: under each other on a tall panel; on a small one side by side."""

    MOST_MM = 42.0

    def _presses(self) -> list[Press]:
        return [box for box in reversed(self.children) if isinstance(box, Press)]

    def _columns(self) -> int:
        if not look().flat:
            return 1
        return len(self._presses())

    def _grid(self, width: float) -> tuple[int, int, float]:
        """Columns, rows, and how wide each is."""
        columns = self._columns()
        rows = -(-len(self._presses()) // columns)
        return columns, rows, (width - look().gap * (columns - 1)) / columns

    def natural(self, width: float) -> float:
        _, rows, wide = self._grid(width)
        high = max(press.natural(wide) for press in self._presses())
        return float(rows * high + look().gap * (rows - 1))

    def least(self, width: float) -> float:
        return self.natural(width)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        super().place(x, y, width, height)
        columns, rows, wide = self._grid(width)
        gap, most = look().gap, look().mm(self.MOST_MM * look().room)
        high = (height - gap * (rows - 1)) / rows
        high = high if look().flat else min(high, most)
        for at, press in enumerate(self._presses()):
            row, column = divmod(at, columns)
            across = columns - 1 - column if look().rtl else column
            press.place(x + across * (wide + gap), y + height - (row + 1) * high - row * gap, wide, high)


class LanguagePress(Press):
    """A language's own name on one line, smaller rather than broken."""

    def _build(self) -> None:
        if not self._built:
            super()._build()
            for words in self._words:
                words.shrink = 0.67


class FacesScreen(Screen):
    def fill(self) -> None:
        self.ids.announced.announce(self.model, self.say)
        faces, languages = self.ids.faces, self.ids.languages
        for score in SCORES:
            text = self.say(f"rating.{FACES[score]}")
            faces.add_widget(FacePress(action=a.Rate(score), icon=f"face_{FACES[score]}", text=text))
        others = [each for each in self.model.languages if each is not self.model.language]
        a_row = len(others) if self.now.compact or self.now.large else 3
        for at in range(0, len(others), max(1, a_row)):
            row = Columns()
            for language in others[at : at + a_row]:
                row.add_widget(
                    LanguagePress(
                        action=e.ChooseLanguage(language),
                        text=self.say.own_name(language),
                        language=language.value,
                        style="bar",
                        role="body",
                        align="centre",
                    )
                )
            languages.add_widget(row)


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
