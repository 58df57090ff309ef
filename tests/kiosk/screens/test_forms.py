"""Every page a form can show, measured: nothing clipped, small, overlapping, faint or the wrong way round, in any language, on either panel."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from forms.form import Kind
from kiosk import typeset
from tests.kiosk.screens import measure
from tests.kiosk.screens.form_scenes import every_question, page, scenes
from wire.vocabulary import Language

LEAST_KEY_MM = 4.9
"""A key is 15 mm high whatever the letters on it: they give way down to what is read at arm's length."""


def faults(face: Any) -> list[str]:
    def on_a_key(fault: str) -> bool:
        found = re.fullmatch(r"capitals of '(.*)' are ([0-9.]+) mm high", fault)
        return found is not None and float(found[2]) >= LEAST_KEY_MM

    return [fault for fault in measure.faults(face) if not on_a_key(fault)]


TURN = 9
"""Each language, panel and look sees every ninth page, another ninth each: together all pages, in a ninth of the time."""
LOOKS: list[tuple[Language, dict[str, bool]]] = [
    *((language, {}) for language in Language),
    (Language.UR, {"large": True}),
    (Language.PL, {"large": True}),
    (Language.GU, {"large": True, "contrast": True}),
]


SEEN = [*product(("portrait", "landscape"), range(len(LOOKS))), ("small", 3), ("small", 7), ("wide", 6)]


@pytest.mark.parametrize(("panel", "turn"), SEEN)
def test_every_page_keeps_the_measures(stage: Any, panel: str, turn: int) -> None:
    face = stage.set(panel)
    language, looks = LOOKS[turn]
    found = {}
    for at, (name, shown) in enumerate(scenes(language, **looks).items()):
        if at % TURN != (turn + (panel == "portrait") * 4) % TURN:
            continue
        face.render(shown)
        if wrong := faults(face):
            found[name] = wrong
    assert found == {}


def test_everything_is_in_the_lower_part_when_moved_there(stage: Any) -> None:
    face = stage.set("portrait")
    for name, shown in list(scenes(Language.UR, reach_down=True).items())[::9]:
        face.render(shown)
        assert faults(face) == [], name
        assert max(press.top for press in face.presses()) <= 0.58 * face.panel.high, name


@pytest.mark.parametrize("contrast", [False, True])
def test_texts_stand_out_by_seven_to_one(stage: Any, contrast: bool) -> None:
    face = stage.set("landscape")
    found = {}
    for name, shown in scenes(Language.AR, contrast=contrast).items():
        if name not in ("choices", "date_wrong"):
            continue
        if wrong := measure.faint(face, stage.frame(shown)):
            found[name] = wrong
    assert found == {}


def test_every_kind_of_question_has_a_page(stage: Any) -> None:
    face = stage.set("landscape")
    seen = set()
    for slug, place, kind in every_question():
        if kind in seen and kind is not Kind.DECLARATION:
            continue
        seen.add(kind)
        face.render(page(Language.EN, slug, place))
        assert faults(face) == [], (slug, place)


def test_the_height_of_an_urdu_text_is_drawn_for_once(stage: Any) -> None:
    """What reaches above its line is known by drawing only, which takes seconds for a page that is laid out several times."""
    from kiosk.widgets import text

    face = stage.set("portrait")
    face.render(page(Language.UR, "change-of-address", every_question()[0][1]))
    words = text.Words(text="آپ کا پتہ " * 12, language="ur")
    text.forget()
    high = words.natural(400)
    typeset.forget()
    assert words.natural(400) == high
    assert typeset._shelf._held == 0, "it was drawn again to be measured"


def test_whether_text_can_be_shaped_is_found_out_once() -> None:
    typeset.shaping_fault()
    asked = typeset.shaping_fault.cache_info().misses
    typeset.measure("one", "en", 20)
    assert typeset.shaping_fault.cache_info().misses == asked == 1
