"""Every page of a kiosk at the exit, measured: nothing clipped, small, overlapping, faint or the wrong way round, in any language, on either panel."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from kiosk.flow import events as e
from kiosk.flow.offer import read_offer
from kiosk.flow.rating import acts as a
from kiosk.flow.rating.steps import SCORES
from tests.kiosk.screens import measure
from tests.kiosk.screens.rating_scenes import scenes
from tests.kiosk.screens.sample import DEVICE, rows
from tests.kiosk.screens.test_forms import faults
from wire.vocabulary import FeedbackReason, Language

LOOKS = list(product(("portrait", "landscape"), Language, (False, True)))


@pytest.mark.parametrize(("panel", "language", "large"), LOOKS)
def test_every_page_keeps_the_measures(stage: Any, panel: str, language: Language, large: bool) -> None:
    face = stage.set(panel)
    found = {}
    for name, shown in scenes(language, large=large).items():
        face.render(shown)
        if wrong := faults(face):
            found[name] = wrong
        if name == "faces":
            all_five_show_at_once_with_their_words_and_so_does_a_way_to_another_language(face, language)
    assert found == {}


def all_five_show_at_once_with_their_words_and_so_does_a_way_to_another_language(
    face: Any, language: Language
) -> None:
    rated = [press for press in face.presses() if isinstance(press.action, a.Rate)]
    assert sorted((press.action.score for press in rated), reverse=True) == list(SCORES)
    assert len({round(press.width) for press in rated}) == 1
    assert len({round(press.height) for press in rated}) == 1, "none is larger than another"
    assert all(press.text for press in rated)
    assert any(press.language and press.language != language.value for press in face.presses())


@pytest.mark.parametrize("contrast", [False, True])
def test_texts_stand_out_by_seven_to_one(stage: Any, contrast: bool) -> None:
    face = stage.set("landscape")
    for name, shown in scenes(Language.AR, contrast=contrast).items():
        assert measure.faint(face, stage.frame(shown)) == [], name


def test_every_reason_can_be_reached_and_so_can_going_on_without_one(stage: Any) -> None:
    face = stage.set("landscape")
    face.render(scenes(Language.PL, large=True)["why_poor"])
    seen: set[object] = set()
    for _ in range(12):
        seen |= {press.action.reason for press in face.presses() if isinstance(press.action, a.Choose)}
        turn = [press for press in face.presses() if callable(press.action)]
        if not turn:
            break
        turn[0].action()
    assert seen == {*FeedbackReason, None}


def test_what_is_typed_changes_in_place(stage: Any) -> None:
    face = stage.set("portrait")
    shown = scenes(Language.EN)
    face.render(shown["tell"])
    before = [press.pos for press in face.presses() if isinstance(press.action, a.Type)]
    face.render(shown["typed"])
    after = [press.pos for press in face.presses() if isinstance(press.action, a.Type)]
    assert before == after


def test_a_kiosk_that_is_set_to_the_exit_and_back_changes_its_screen_at_once(stage: Any) -> None:
    face = stage.set("landscape")
    at_exit = scenes(Language.EN)["faces"]
    ordinary = replace(at_exit, offer=read_offer(rows(), DEVICE))
    for shown, faces in ((ordinary, 0), (at_exit, 5), (ordinary, 0)):
        face.render(shown)
        assert sum(isinstance(press.action, a.Rate) for press in face.presses()) == faces
        assert any(isinstance(press.action, e.TalkInPrivate) for press in face.presses()) is (faces == 0)
