"""What is typed by real keys on the real screen is what the rules judge: touches on drawn buttons, the journey behind them, the screen changed in place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from forms.form import Place
from kiosk.flow.filling.shown import Address, Filling
from kiosk.flow.journey import step
from kiosk.flow.model import Model
from tests.kiosk.screens.form_scenes import page
from wire.vocabulary import Language


class Hand:
    """A finger on the face, and the journey that hears it."""

    def __init__(self, stage: Any, panel: str, model: Model) -> None:
        self.stage, self.face = stage, stage.set(panel)
        self.model = model
        self.face.render(model)

    @property
    def filling(self) -> Filling:
        filling = self.model.visitor.filling
        assert filling is not None
        return filling

    def touch(self, *texts: str) -> None:
        for text in texts:
            press = next(each for each in self.face.presses() if text in (each.text, each.icon))
            self.model = replace(self.model, last_touch=-1e9, last_change=-1e9)
            self.stage.heard.clear()
            self.face._do(press, self.model.steady + 1.0)
            for touched in self.stage.heard:
                self.model, _ = step(self.model, touched)
            self.face.render(self.model)

    def typed(self, text: str) -> None:
        self.touch(*("space" if sign == " " else sign for sign in text))


@pytest.mark.parametrize("panel", ["portrait", "landscape"])
def test_a_name_in_gujarati_and_in_latin_letters(stage: Any, panel: str) -> None:
    hand = Hand(stage, panel, page(Language.GU, "change-of-address", Place("name")))
    if panel == "landscape":  # there the page is read before the keys come
        hand.touch("નામ")
    hand.typed("Asha")  # a capital by itself, and small letters after it
    assert hand.filling.value("first") == "Asha"
    hand.touch("આગળ વધો", "ગુજ", "પ", "ટ", "◌ે", "લ")
    assert hand.filling.value("last") == "પટેલ"
    hand.touch("delete", "delete", "◌ે", "લ", "આગળ વધો")
    assert hand.filling.answers["name"] == {"first": "Asha", "last": "પટેલ"}
    assert hand.filling.place != Place("name")


@pytest.mark.parametrize("panel", ["portrait", "landscape"])
def test_a_date_that_is_none_is_refused_where_it_stands(stage: Any, panel: str) -> None:
    hand = Hand(stage, panel, page(Language.EN, "change-of-address", Place("moves_on")))
    if panel == "landscape":
        hand.touch("Day")
    hand.typed("31022026")
    hand.touch("Continue")
    assert hand.filling.place == Place("moves_on")
    assert hand.filling.wrong is not None
    assert hand.filling.typed == {"day": "31", "month": "02", "year": "2026"}


def test_an_urdu_page_takes_a_postcode_from_the_left_and_other_keys_for_each_field(stage: Any) -> None:
    def typing(filling: Filling) -> Filling:
        return replace(filling, address=Address.TYPING, part="line_1")

    hand = Hand(stage, "portrait", page(Language.UR, "change-of-address", Place("old_home"), typing))
    hand.typed("Flat")
    hand.touch("پوسٹ کوڈ")
    hand.typed("LE16RN")
    assert hand.filling.value("line_1") == "Flat"
    assert hand.filling.value("postcode") == "LE16RN"
    hand.touch("جاری رکھیں")
    assert hand.filling.answers["old_home"] == {"lines": ["Flat"], "postcode": "LE1 6RN"}


def test_a_signature_is_drawn_by_a_finger_that_leaves_the_field(stage: Any) -> None:
    hand = Hand(stage, "landscape", page(Language.EN, "council-tax-living-alone", Place("signature")))
    pad = next(each for each in hand.face.presses() if hasattr(each, "drag"))
    pad.drag(pad.x + 10, pad.center_y, begins=True)
    pad.drag(pad.center_x, pad.top + 200, begins=False)
    hand.model = replace(hand.model, last_touch=-1e9, last_change=-1e9)
    hand.face._do(pad, hand.model.steady + 1.0)
    for touched in stage.heard:
        hand.model, _ = step(hand.model, touched)
    hand.face.render(hand.model)
    (stroke,) = hand.filling.signature
    assert stroke[0][0] < 0.05
    assert stroke[-1][1] == 0.0
    hand.touch("Continue")
    assert hand.filling.answers["signature"] == "signature-1.png"
