"""Fingers on a real window: one touch, one action, whatever hands do."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.flow import events as e
from kiosk.flow.model import Screen
from tests.kiosk.screens.sample import TICKET, model, scenes
from wire.vocabulary import Language


@pytest.fixture
def face(stage: Any) -> Any:
    shown = stage.set("portrait")
    stage.frame(model(Screen.NEEDS))
    return shown


def tap(stage: Any, icon: str) -> None:
    from kiosk.devdock import finger

    finger.tap(stage.place(stage.press(icon)))


def test_a_tap_says_what_when_and_from_which_screen(stage: Any, face: Any) -> None:
    stage.steady = 142.5
    tap(stage, "council-tax")
    assert stage.heard == [e.Touched(e.ChooseNeed("tax"), 3, 142.5)]


def test_nothing_is_done_before_the_finger_is_lifted_but_the_button_answers_at_once(
    stage: Any, face: Any
) -> None:
    from kiosk.devdock import finger

    press = stage.press("council-tax")
    before = stage.frame().getpixel((round(press.x + 12), round(face.panel.high - press.center_y)))
    down = finger.down(stage.place(press))
    assert stage.heard == []
    pressed = stage.frame().getpixel((round(press.x + 12), round(face.panel.high - press.center_y)))
    assert pressed != before
    finger.up(down)
    assert len(stage.heard) == 1
    assert stage.frame().getpixel((round(press.x + 12), round(face.panel.high - press.center_y))) == before


def test_a_finger_that_slides_off_has_changed_its_mind(stage: Any, face: Any) -> None:
    from kiosk.devdock import finger

    down = finger.down(stage.place(stage.press("council-tax")))
    finger.move(down, stage.place(stage.press("school")))
    finger.up(down)
    assert stage.heard == []


def test_a_second_finger_does_not_count(stage: Any, face: Any) -> None:
    from kiosk.devdock import finger

    first = finger.down(stage.place(stage.press("council-tax")))
    second = finger.down(stage.place(stage.press("home")))
    finger.up(second)
    finger.up(first)
    assert [touched.action for touched in stage.heard] == [e.ChooseNeed("tax")]


def test_a_hand_that_rests_on_a_button_gives_way(stage: Any, face: Any) -> None:
    from kiosk.devdock import finger

    palm = finger.down(stage.place(stage.press("council-tax")))
    stage.steady += 2
    tap(stage, "home")
    finger.up(palm)
    assert [touched.action for touched in stage.heard] == [e.ChooseNeed("home")]


def test_a_hand_that_rests_on_nothing_gives_way_at_once(stage: Any, face: Any) -> None:
    from kiosk.devdock import finger

    finger.down((0.5, 0.999))
    tap(stage, "home")
    assert [touched.action for touched in stage.heard] == [e.ChooseNeed("home")]


def test_fifty_taps_carry_their_times_so_that_the_flow_can_count_one(stage: Any, face: Any) -> None:
    from dataclasses import replace

    from kiosk.flow.effects import TakeTicket
    from kiosk.flow.journey import step

    for _ in range(50):
        stage.steady += 0.02
        tap(stage, "council-tax")
    now, orders = replace(face.model, last_change=0.0), 0
    for touched in stage.heard:
        now, effects = step(now, touched)
        orders += sum(isinstance(effect, TakeTicket) for effect in effects)
    assert (len(stage.heard), orders) == (50, 1)


def test_what_lies_under_an_overlay_cannot_be_touched(stage: Any, face: Any) -> None:
    from kiosk.devdock import finger

    covered = stage.place(stage.press("council-tax"))
    stage.frame(scenes(Language.EN)["help_alone"])
    finger.tap(covered)
    assert stage.heard == []
    tap(stage, "private")
    assert [touched.action for touched in stage.heard] == [e.TalkInPrivate()]


def test_keys_walk_through_the_buttons_and_press_one(stage: Any, face: Any) -> None:
    assert face.key("next")
    assert face.key("next")
    assert face.key("press")
    assert [touched.action for touched in stage.heard] == [e.ChooseNeed("money")]
    face.key("previous")
    face.key("press")
    assert stage.heard[-1].action == e.ChooseNeed("tax")


def test_more_choices_turns_the_page_without_asking_the_flow(stage: Any) -> None:
    stage.set("landscape")
    stage.frame(model(Screen.NEEDS, large=True))
    seen, pages = set(), 0
    while not {"council-tax", "other"} <= seen:
        seen |= {press.icon for press in stage.face.presses()}
        tap(stage, "more")
        pages += 1
        assert pages < 9
    assert stage.heard == []


def test_a_private_ticket_cannot_be_told_from_any_other(stage: Any) -> None:
    """The same picture, dot by dot: the model of a ticket does not know what it is for."""
    stage.set("portrait")
    ordinary = stage.frame(model(Screen.TICKET, ticket=TICKET))
    private = stage.frame(model(Screen.TICKET, ticket=TICKET, came_from=Screen.NEEDS))
    assert ordinary.tobytes() == private.tobytes()


def test_nothing_drawn_is_left_when_the_visitor_has_gone(stage: Any) -> None:
    from kiosk.widgets import text

    face = stage.set("portrait")
    stage.frame(model(Screen.TICKET, ticket=TICKET))
    assert any("K07" in str(key) for key in text._textures)
    face.render(model())
    face.forget()
    assert not any("K07" in str(key) for key in text._textures)
