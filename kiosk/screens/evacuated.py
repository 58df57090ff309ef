"""Everyone must leave the building: over the whole screen, in all the centre's languages at once, with nothing to touch.

Nobody is asked for their language then. That the nearest exit is meant stands under each where the panel is large; on a small one it
would make the one sentence that counts too small to read from where people stand.
"""

from __future__ import annotations

from kiosk.screens.screen import Screen
from kiosk.widgets.boxes import Columns, Space, Stack
from kiosk.widgets.icons import Icon
from kiosk.widgets.text import Words

STEPS = (
    ("hello", "hello"),
    ("hello", "big"),
    ("big", "big"),
    ("big", "title"),
    ("title", "title"),
    ("title", "name"),
    ("title", "strong"),
)
"""How large the first language's sentence and the others' are, the largest that fits: they are read in passing, from some way off."""
LARGE = (("big", "big"), ("big", "title"), ("big", "name"))


class EvacuatedScreen(Screen):
    def place(self, x: float, y: float, width: float, height: float) -> None:
        for first, others in STEPS if self.now.compact else LARGE:
            self.clear_widgets()
            self._lay(first, others)
            if self.natural(width) <= height and not self._cuts(width):
                break
        super().place(x, y, width, height)

    def _lay(self, big: str, small: str) -> None:
        now = self.now
        self.gap = now.gap
        wide = now.panel.wide > now.panel.high
        self.add_widget(Space(grow=1))
        picture = Icon("door", 12.0 if now.compact else 34.0, now.palette.on_alarm)
        self.add_widget(_Middle(picture))
        languages = [language.value for language in self.model.languages]
        first, others = languages[0], languages[1:]
        self.add_widget(self._said(first, big))
        columns = 2 if wide and len(others) > 1 else 1
        for at in range(0, len(others), columns):
            row = Columns(gap=now.gap * 2)
            for language in others[at : at + columns]:
                row.add_widget(self._said(language, small))
            self.add_widget(row)
        self.add_widget(Space(grow=1))

    def _cuts(self, width: float) -> bool:
        """Whether a word would be too long for its place."""
        for row in self.boxes():
            said = row.boxes() if isinstance(row, Columns) else [row]
            part = (width - self.now.gap * 2 * (len(said) - 1)) / len(said)
            for each in said:
                if any(isinstance(box, Words) and box.longest_word() > part for box in each.boxes()):
                    return True
        return False

    def _said(self, language: str, role: str) -> Stack:
        said = Stack(gap=self.now.mm(1))
        told = [("evacuation.title", role, True)]
        if not self.now.compact:
            told.append(("evacuation.lead", "body", False))
        for key, size, bold in told:
            said.add_widget(
                Words(
                    text=self.say.in_language(language, key),
                    language=language,
                    role=size,
                    bold=bold,
                    align="centre",
                    tone="on_alarm",
                    balance=True,
                )
            )
        return said


class _Middle(Columns):
    """The picture, in the middle of the width."""

    def __init__(self, picture: Icon) -> None:
        super().__init__()
        self._picture = picture
        self.drop = 1
        self.add_widget(picture)

    def natural(self, width: float) -> float:
        return self._picture.natural(width)

    def place(self, x: float, y: float, width: float, height: float) -> None:
        self.pos, self.size = (x, y), (width, height)
        wide = self._picture.wanted()
        self._picture.place(x + (width - wide) / 2, y, wide, height)
