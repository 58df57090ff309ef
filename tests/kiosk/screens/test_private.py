"""What somebody across the room reads on the private way: a heading that says no more than any other."""

from __future__ import annotations

from typing import Any

import pytest
from kivy.uix.widget import Widget

from kiosk.flow.model import Screen
from kiosk.widgets.text import Words
from tests.kiosk.screens import sample
from wire.vocabulary import Language

SMALL_WORD = 3
"""Letters: such as "to" and "in", which tell nothing."""


def _headings(part: Widget) -> list[str]:
    own = [part.text] if isinstance(part, Words) and part.role == "title" else []
    return own + [text for child in part.children for text in _headings(child)]


@pytest.mark.parametrize("language", list(Language))
def test_the_heading_of_the_private_way_tells_nothing(stage: Any, language: Language) -> None:
    face = stage.set("portrait")
    said = stage.faces["words"]
    face.render(sample.model(Screen.SERVICES, language, private=True))
    assert _headings(face) == [said.say(language.value, "private.heading")]
    assert said.say(language.value, "private.title") in [each.text for each in face.presses()]
    wish = f"{said.say(language.value, 'private.title')} {said.say(language.value, 'button.private')}"
    telling = {word for word in wish.lower().split() if len(word) > SMALL_WORD}
    assert telling.isdisjoint(_headings(face)[0].lower().split())
