"""Every page of the finding, measured: nothing clipped, small, overlapping, faint or the wrong way round, in any language, on either panel."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from kiosk.flow.finding import acts as a
from kiosk.flow.finding.shown import At
from tests.kiosk.screens import measure
from tests.kiosk.screens.find_scenes import scenes
from tests.kiosk.screens.test_forms import faults
from wire.vocabulary import Language

TURN = 7
"""Each language, panel and look sees every seventh page, another seventh each; the tightest see all."""
TIGHTEST = {("landscape", Language.UR, True), ("landscape", Language.PL, True)}
LOOKS = [*product(("portrait", "landscape"), Language, (False, True)), ("small", Language.UR, False)]


@pytest.mark.parametrize("turn", range(len(LOOKS)))
def test_every_page_keeps_the_measures(stage: Any, turn: int) -> None:
    panel, language, large = LOOKS[turn]
    face = stage.set(panel)
    found = {}
    for at, (name, shown) in enumerate(scenes(language, large=large).items()):
        if at % TURN != turn % TURN and LOOKS[turn] not in TIGHTEST:
            continue
        face.render(shown)
        if wrong := faults(face):
            found[name] = wrong
    assert found == {}


@pytest.mark.parametrize("large", [False, True])
def test_everything_is_in_the_lower_part_when_moved_there(stage: Any, large: bool) -> None:
    face = stage.set("portrait")
    for name, shown in list(scenes(Language.UR, reach_down=True, large=large).items())[large::3]:
        face.render(shown)
        assert faults(face) == [], name
        assert max(press.top for press in face.presses()) <= 0.58 * face.panel.high, name


@pytest.mark.parametrize("contrast", [False, True])
def test_texts_stand_out_by_seven_to_one(stage: Any, contrast: bool) -> None:
    face = stage.set("landscape")
    found = {}
    for name, shown in scenes(Language.AR, contrast=contrast).items():
        if name in ("search_nothing", "found", "portal_failed"):
            frame = stage.frame(shown)
            if wrong := measure.faint(face, frame):
                found[name] = wrong
    assert found == {}


@pytest.mark.parametrize("large", [False, True])
def test_a_small_panel_shows_what_was_found_on_a_page_of_its_own(stage: Any, large: bool) -> None:
    """Beside its keys there is room for the best of it at most."""
    face = stage.set("landscape")
    shown = scenes(Language.EN, large=large)
    face.render(shown["search_found"])
    assert len(opened(face)) <= 1
    assert any(isinstance(press.action, a.ShowFound) for press in face.presses())
    face.render(shown["found"])
    assert len(opened(face)) >= 2
    assert any(isinstance(press.action, a.ShowKeys) for press in face.presses())
    assert not any(isinstance(press.action, a.Type) for press in face.presses())


def test_a_tall_panel_shows_keys_and_what_was_found_at_once(stage: Any) -> None:
    face = stage.set("portrait")
    shown = scenes(Language.EN)["search_found"]
    finding = shown.visitor.finding
    assert finding is not None
    assert finding.at is At.SEARCH
    face.render(shown)
    assert opened(face) == [a.Open(each.kind, each.id) for each in finding.found]
    assert any(isinstance(press.action, a.Type) for press in face.presses())


@pytest.mark.parametrize("panel", ["portrait", "landscape"])
@pytest.mark.parametrize("large", [False, True])
def test_a_pages_square_is_large_enough_for_a_phone(stage: Any, panel: str, large: bool) -> None:
    from kiosk.widgets.qr import Qr

    face = stage.set(panel)
    for name in ("portal", "portal_pcs", "portal_failed"):
        face.render(scenes(Language.UR, large=large)[name])
        [square] = [leaf for leaf, _ in measure.leaves(face._body) if isinstance(leaf, Qr)]
        assert square._shape.size[0] / face.panel.dots_per_mm >= 28, name


def opened(face: Any) -> list[a.Open]:
    return [press.action for press in face.presses() if isinstance(press.action, a.Open)]
