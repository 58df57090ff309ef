"""Every screen in every language on both panels, measured: nothing clipped, small, overlapping, faint or the wrong way round."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from kiosk.flow import faults
from kiosk.flow.events import Fault
from kiosk.flow.offer import read_offer
from kiosk.widgets.passage import Passage
from kiosk.widgets.press import Press
from kiosk.widgets.text import Words
from tests.kiosk.screens import measure
from tests.kiosk.screens.sample import DEVICE, NOW, model, rows, scenes
from wire.vocabulary import RIGHT_TO_LEFT, Language

REFUSED = (
    "The certificate of https://foyer.york-house.example.gov.uk comes from an authority that this machine does not know, so it is not trusted. "
    "Put the council's own authority on this machine, or have the server's whole chain of certificates installed. "
    "Tickets go on meanwhile and are handed over later."
)
LOOKS: dict[str, dict[str, bool]] = {"usual": {}, "larger": {"large": True}, "lower": {"reach_down": True}}


LARGE_PANELS = ("portrait", "landscape")
SEEN = [
    *product(LARGE_PANELS, Language, LOOKS.keys() - {"lower"}),
    *product(("small", "wide"), (Language.PL, Language.UR), ("larger",)),
]
"""On the others the longest and the highest of what is written."""


@pytest.mark.parametrize(("panel", "language", "looks"), sorted(SEEN))
def test_every_screen_keeps_the_measures(stage: Any, panel: str, language: Language, looks: str) -> None:
    face = stage.set(panel)
    found = {}
    for name, shown in scenes(language, **LOOKS[looks]).items():
        face.render(shown)
        if wrong := measure.faults(face):
            found[name] = wrong
    assert found == {}


WRITTEN = (
    "The heating has failed, so we are closed. For anything urgent please go to the library in Beaumont Leys, which is open until half past six, "
    "or ring us on the number that stands by the door outside."
)
"""As long as staff may write it."""


@pytest.mark.parametrize("panel", ["small", "landscape"])
@pytest.mark.parametrize("language", [Language.PL, Language.UR])
@pytest.mark.parametrize("large", [False, True])
def test_all_that_staff_wrote_can_be_read(stage: Any, panel: str, language: Language, large: bool) -> None:
    face, shown = stage.set(panel), scenes(language, large=large)
    told = rows(open_=False, closed_reason={language.value: WRITTEN})
    locked = rows()
    locked[f"device:{DEVICE}"]["locked"] = WRITTEN
    for name, offer in (("closed", told), ("locked", locked)):
        face.render(replace(shown[name], offer=read_offer(offer, DEVICE)))
        passages = [each for each in face._body.walk() if isinstance(each, Passage)]
        passage = next(each for each in passages if each._text.endswith(WRITTEN))
        read = []
        for _ in range(passage.pages):
            assert measure.faults(face) + measure.broken_words(face) == [], name
            read += next(each.text for each in passage.boxes() if isinstance(each, Words)).split()
            passage._turn.action()
        assert " ".join(read).endswith(WRITTEN), name
        assert any(press.language for press in face.presses()), "and another language can be chosen"


SMALL = ("no_paper", "closed", "locked", "evacuated", "copied", "setup_refused")


@pytest.mark.parametrize("panel", ["small", "wide"])
@pytest.mark.parametrize("language", list(Language))
def test_what_stands_when_something_is_wrong_fits_the_smallest_panels(
    stage: Any, panel: str, language: Language
) -> None:
    face = stage.set(panel)
    found = {}
    for large in (False, True):
        shown = scenes(language, large=large)
        shown["copied"] = replace(shown["out_of_order"], fault=Fault.COPIED)
        shown["setup_refused"] = replace(shown["setup"], line_says=REFUSED, link_up=False)
        for name in SMALL:
            face.render(shown[name])
            if wrong := measure.faults(face) + measure.broken_words(face):
                found[name, large] = wrong
    assert found == {}


@pytest.mark.parametrize("panel", ["small", "wide", "portrait", "landscape"])
def test_that_everyone_must_leave_is_said_as_large_as_the_panel_allows(stage: Any, panel: str) -> None:
    face = stage.set(panel)
    shown = scenes(Language.EN)["evacuated"]
    face.render(shown)
    texts = [leaf for leaf, _ in measure.leaves(face._body) if isinstance(leaf, Words)]
    assert max(text.top for text in texts) - min(text.y for text in texts) > 0.55 * face.panel.high
    face.render(replace(shown, offer=read_offer(rows(evacuated_at=NOW, languages=["pl"]), DEVICE)))
    alone = [leaf.role for leaf, _ in measure.leaves(face._body) if isinstance(leaf, Words)]
    assert {"big", "hello"} & set(alone)
    assert measure.faults(face) + measure.broken_words(face) == []


@pytest.mark.parametrize("language", [Language.EN, Language.UR])
@pytest.mark.parametrize("large", [False, True])
def test_everything_is_in_the_lower_part_when_moved_there(
    stage: Any, language: Language, large: bool
) -> None:
    face = stage.set("portrait")
    for name, shown in scenes(language, reach_down=True, large=large).items():
        face.render(shown)
        assert measure.faults(face) == [], name
        highest = max((press.top for press in face.presses()), default=0)
        assert highest <= 0.58 * face.panel.high, name


@pytest.mark.parametrize("panel", ["portrait", "landscape"])
@pytest.mark.parametrize("contrast", [False, True])
@pytest.mark.parametrize("language", [Language.EN, Language.AR])
def test_texts_stand_out_by_seven_to_one(stage: Any, panel: str, contrast: bool, language: Language) -> None:
    face = stage.set(panel)
    found = {}
    for name, shown in scenes(language, contrast=contrast).items():
        if name in ("notice", "private", "printing", "ticket_no_paper", "help", "starting"):
            continue  # made of the same parts as another
        frame = stage.frame(shown)
        if wrong := measure.faint(face, frame):
            found[name] = wrong
    assert found == {}


@pytest.mark.parametrize("panel", ["portrait", "landscape"])
def test_the_bar_is_in_the_same_place_on_every_screen(stage: Any, panel: str) -> None:
    face = stage.set(panel)
    places = set()
    for name, shown in scenes(Language.EN).items():
        if name in ("setup", "starting", "evacuated"):
            continue
        face.render(shown)
        places.add(
            tuple(
                (press.icon, *press.pos, *press.size) for press in face.presses() if press in set(_bar(face))
            )
        )
    assert len(places) == 1
    assert {icon for icon, *_ in next(iter(places))} == {"back", "again", "help", "private"}


def _bar(face: Any) -> list[Any]:
    return [press for press in face.presses() if press.icon in ("back", "again", "help", "private")]


@pytest.mark.parametrize("language", list(Language))
def test_a_code_is_drawn_the_same_in_every_language(stage: Any, language: Language) -> None:
    """Letter first, digits after, also where the screen runs from the right."""
    face = stage.set("portrait")
    face.render(scenes(Language.EN)["ticket"])
    english = face._body.ids.code._shape.texture.pixels
    face.render(scenes(language)["ticket"])
    assert face._body.ids.code._shape.texture.pixels == english


@pytest.mark.parametrize("language", sorted(RIGHT_TO_LEFT))
def test_a_time_reads_from_the_left_in_a_sentence_from_the_right(language: Language) -> None:
    from datetime import time

    from kiosk import typeset
    from kiosk.screens.saying import Saying
    from words import Catalogue

    sentence = Saying(Catalogue(strict=True), language)("closed.opens_today", time=time(9, 30))
    assert typeset.isolate("09:30") in sentence
    mask = typeset.draw_mask(typeset.isolate("11:58"), language, 60)
    middle = mask.width // 2
    left, right = (
        sum(mask.crop(box).getdata())
        for box in ((0, 0, middle, mask.height), (middle, 0, mask.width, mask.height))
    )
    assert left < 0.8 * right  # two ones have less ink than a five and an eight


# The measures themselves must be able to fail ------------------------------------------------------------------


@pytest.mark.parametrize("panel", ["small", "landscape"])
@pytest.mark.parametrize("fault", list(Fault))
def test_staff_read_why_it_does_not_work_on_a_small_panel_too(stage: Any, panel: str, fault: Fault) -> None:
    """A kiosk that reaches no server tells nobody else."""
    face = stage.set(panel)
    face.render(replace(scenes(Language.EN)["out_of_order"], fault=fault, line_says="It has ended. " * 9))
    shown = [leaf for part in measure.parts(face) for leaf, _ in measure.leaves(part)]
    assert any(faults.for_staff(fault) in leaf.text for leaf in shown if isinstance(leaf, Words))
    assert any(isinstance(leaf, Press) and leaf.language == "en" for leaf in shown), (
        "and a visitor their language"
    )
    assert measure.faults(face) == []


def test_a_kiosk_that_never_had_a_line_offers_every_language(stage: Any) -> None:
    from kiosk.flow.offer import read_offer

    face = stage.set("landscape")
    alone = replace(scenes(Language.EN)["out_of_order"], offer=read_offer({}, "k1"), fault=Fault.COPIED)
    face.render(alone)
    assert {press.language for press in face.presses() if press.language} == {each.value for each in Language}
    assert measure.faults(face) == []


def test_a_small_button_is_found(stage: Any) -> None:
    face = stage.set("portrait")
    face.render(model())
    assert measure.faults(face) == []
    face.presses()[0].size = (face._look.mm(14), face._look.mm(20))
    assert any("14." in wrong for wrong in measure.faults(face))


def test_overlapping_buttons_are_found(stage: Any) -> None:
    face = stage.set("portrait")
    face.render(model())
    one, other = face.presses()[:2]
    other.pos = one.pos
    assert any("overlap" in wrong for wrong in measure.faults(face))


def test_a_text_that_does_not_fit_is_found(stage: Any) -> None:
    face = stage.set("landscape")
    face.render(model())
    words = face.presses()[0].texts[0]
    words.text = "Housing and homelessness and everything else that there is"
    words.place(*words.pos, *words.size)
    assert any("sticks out" in wrong or "runs into" in wrong for wrong in measure.faults(face))


def test_small_letters_are_found(stage: Any) -> None:
    face = stage.set("portrait")
    face.render(model(large=True))
    face.presses()[-1].texts[0]._look = face._look.__class__(face.panel)
    assert any("capitals" in wrong for wrong in measure.faults(face))


def test_faint_text_is_found(stage: Any) -> None:
    face = stage.set("portrait")
    face.render(model())
    face.presses()[1].texts[0].colour = (0.45, 0.45, 0.45, 1)
    assert len(measure.faint(face, stage.frame())) == 1


def test_a_screen_that_is_not_mirrored_is_found(stage: Any) -> None:
    face = stage.set("portrait")
    face.render(model(language=Language.AR))
    back, again = stage.press("back"), stage.press("again")
    back.pos, again.pos = tuple(again.pos), tuple(back.pos)
    assert "the screen is not mirrored" in measure.faults(face)
