"""Every page of a scan, measured on both panels; the live picture with its outline; corners that a finger moves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kiosk.flow.scanning import acts as a
from kiosk.flow.scanning.shown import Hint, Scanning
from kiosk.scanning import View
from tests.kiosk.screens import measure
from tests.kiosk.screens.conftest import BOTH
from tests.kiosk.screens.sample import WORDS
from tests.kiosk.screens.scanned import pictures, scan_scenes
from wire.vocabulary import Language

SEEN = [
    ("portrait", Language.EN, {}), ("landscape", Language.EN, {}), ("portrait", Language.UR, {"large": True}),
    ("landscape", Language.AR, {"large": True}), ("landscape", Language.PL, {"large": True}), ("landscape", Language.UR, {}),
    ("portrait", Language.PL, {"large": True, "reach_down": True}),
]  # fmt: skip
"""The widest and the highest of what is written, in each arrangement."""
NOBODY_WAITS = ("entry", "left_behind", "sending")
"""Everywhere else a person can be had: by a button of its own, or by "Help", which is the same here."""


@pytest.mark.parametrize(("panel", "language", "looks"), SEEN)
def test_every_page_of_a_scan_keeps_the_measures_and_has_a_way_to_a_person(
    stage: Any, panel: str, language: Language, looks: dict[str, bool]
) -> None:
    face = stage.set(panel)
    found = {}
    for name, shown in scan_scenes(language, **looks).items():
        face.render(shown)
        if wrong := measure.faults(face):
            found[name] = wrong
        asks = [press for press in face.presses() if isinstance(press.action, a.WantPerson)]
        if name not in NOBODY_WAITS and not asks and "help" not in [press.icon for press in face.presses()]:
            found[name] = "no person can be had"
    assert found == {}


@pytest.mark.parametrize("contrast", [False, True])
def test_texts_of_a_scan_stand_out_by_seven_to_one(stage: Any, contrast: bool) -> None:
    stage.set("landscape")
    scenes = scan_scenes(Language.AR, contrast=contrast)
    for name in ("plate_longest", "check", "sent_lies", "phone", "failed", "entry", "left_behind"):
        frame = stage.frame(scenes[name])
        assert measure.faint(stage.face, frame) == [], name


def test_the_latest_pages_show_beside_the_count_and_can_be_looked_at(stage: Any) -> None:
    for panel in ("portrait", "landscape"):
        face = stage.set(panel)
        scenes = scan_scenes(Language.EN)
        many, shown = pictures(17), scenes["plate"]
        before = None
        for count in (0, 1, 2, 17):
            scanning = replace(scenes["plate_hint"].visitor.scanning or Scanning(), pages=many[:count])
            shown = replace(shown, visitor=replace(shown.visitor, scanning=scanning))
            face.render(shown)
            assert count < 2 or before is None or face._body is before, (
                "built for the first page, and no other"
            )
            before = face._body if count else None
            pressed = [press.action.page for press in face.presses() if isinstance(press.action, a.ShowPage)]
            latest = [page.id for page in reversed(many[:count])]
            assert pressed == latest[: len(pressed)]
            assert len(pressed) == min(count, 4), (panel, count)
        assert WORDS.say("en", "scan.pages", count=17) in [press.text for press in face.presses()]


def test_what_the_camera_sees_shows_with_the_page_outlined_and_goes_with_it(stage: Any) -> None:
    face = stage.set("portrait")
    scenes = scan_scenes(Language.EN)
    face.render(scenes["plate"])
    picture = np.full((540, 720, 3), (200, 30, 30), np.uint8)
    corners = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    body = face._body
    face.view(View(picture, corners, good=True))
    frame = stage.frame()
    left, bottom, wide, high = body.plate.picture.frame
    middle = (round(left + wide / 2), round(face.panel.high - bottom - high / 2))
    assert frame.getpixel(middle) == (200, 30, 30)
    edge = (round(left + wide / 4), middle[1])
    assert frame.getpixel(edge)[1] > 120, "a green line where the page ends"
    face.render(scenes["plate_hint"])
    assert face._body.hint.text == WORDS.say("en", "scan.hint_shiny")
    before = face._body
    shown = scenes["plate_hint"]
    scanning = shown.visitor.scanning
    assert scanning is not None
    face.render(replace(shown, visitor=replace(shown.visitor, scanning=replace(scanning, hint=Hint.HOLD))))
    assert face._body is before, "only the sentence changes"
    assert face._body.hint.text == WORDS.say("en", "scan.hint_hold")
    face.view(None)
    assert face._body.plate.outline == []
    assert (200, 30, 30) not in {colour for _, colour in stage.frame().getcolors(1 << 20) or ()}


def test_a_corner_is_dragged_or_brought_to_a_touch(stage: Any) -> None:
    from kiosk.devdock import finger

    face = stage.set("landscape")
    stage.frame(scan_scenes(Language.EN)["corners"])
    handles = face._body.handles
    left, bottom, wide, high = handles._picture.frame

    def at(x: float, y: float) -> tuple[float, float]:
        return (left + x * wide) / BOTH.wide, (bottom + (1 - y) * high) / BOTH.high

    down = finger.down(at(0.24, 0.12))
    stage.steady += 5  # as long as it takes: a finger that moves something does not rest
    finger.move(down, at(0.27, 0.15))
    finger.move(down, at(0.3, 0.2))
    finger.up(down)
    assert handles.corners[0] == pytest.approx((0.3, 0.2), abs=0.01)
    assert handles.corners[1:] == ((0.8, 0.12), (0.82, 0.9), (0.18, 0.88))
    finger.tap(at(0.7, 0.95))
    assert handles.corners[2] == pytest.approx((0.7, 0.95), abs=0.01)
    done = next(press for press in face.presses() if isinstance(press.action, a.MoveCorners))
    finger.tap(stage.place(done))
    assert stage.heard[-1].action == a.MoveCorners(handles.corners)
