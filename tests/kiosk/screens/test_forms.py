"""Every page a form can show, measured: nothing clipped, small, overlapping, faint or the wrong way round, in any language, on either panel."""

from __future__ import annotations

import re
from typing import Any

import pytest

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


@pytest.mark.parametrize("panel", ["portrait", "landscape"])
@pytest.mark.parametrize(
    ("language", "looks"),
    [
        *((language, {}) for language in Language),
        (Language.UR, {"large": True}),
        (Language.PL, {"large": True}),
        (Language.GU, {"large": True, "contrast": True}),
    ],
)
def test_every_page_keeps_the_measures(stage: Any, panel: str, language: Language, looks: dict[str, bool]) -> None:
    face = stage.set(panel)
    found = {}
    for name, shown in scenes(language, **looks).items():
        face.render(shown)
        if wrong := faults(face):
            found[name] = wrong
    assert found == {}


def test_everything_is_in_the_lower_part_when_moved_there(stage: Any) -> None:
    face = stage.set("portrait")
    for name, shown in scenes(Language.UR, reach_down=True).items():
        face.render(shown)
        assert faults(face) == [], name
        assert max(press.top for press in face.presses()) <= 0.58 * face.panel.high, name


@pytest.mark.parametrize("contrast", [False, True])
def test_texts_stand_out_by_seven_to_one(stage: Any, contrast: bool) -> None:
    face = stage.set("landscape")
    found = {}
    for name, shown in scenes(Language.AR, contrast=contrast).items():
        if name in ("name", "choices", "address_list", "check", "sent", "date_wrong", "person"):
            if wrong := measure.faint(face, stage.frame(shown)):
                found[name] = wrong
    assert found == {}


def test_every_question_of_every_form_of_the_library_has_a_page(stage: Any) -> None:
    face = stage.set("landscape")
    for slug, place, _kind in every_question():
        face.render(page(Language.EN, slug, place))
        assert faults(face) == [], (slug, place)
