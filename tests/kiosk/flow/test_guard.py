"""One touch is one action, whatever the panel, a palm or a child does."""

from __future__ import annotations

import pytest

from kiosk.flow import events as e
from kiosk.flow.model import Screen
from tests.kiosk.flow.walking import Kiosk, open_kiosk
from wire.vocabulary import Language


def at_needs() -> Kiosk:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.at += 1
    return kiosk


@pytest.mark.parametrize("gap", [0.001, 0.02, 0.1, 0.25])
def test_drumming_for_ten_seconds_takes_one_ticket(gap: float) -> None:
    """Each tap is drawn from the screen of its moment, so only the quiet rule can stop the second one."""
    kiosk = at_needs()
    everything = [e.ChooseNeed("money"), e.Done(), e.ChooseLanguage(Language.EN), e.ChooseNeed("money")]
    for tap in range(round(10 / gap)):
        kiosk.at += gap
        kiosk.send(e.Touched(everything[tap % 4], kiosk.model.generation, kiosk.at))
    assert len(kiosk.orders) == 1


def test_fifty_taps_a_second_on_one_spot_while_the_disk_is_slow_take_one_ticket() -> None:
    kiosk = at_needs()
    kiosk.journal_works = False
    for _ in range(200):
        kiosk.at += 0.02
        kiosk.send(e.Touched(e.ChooseNeed("money"), kiosk.model.generation, kiosk.at))
    assert len(kiosk.orders) == 1
    kiosk.send(kiosk.taken(kiosk.orders[0]))
    assert kiosk.model.screen is Screen.TICKET
    assert kiosk.numbers == 1


def test_slow_taps_while_the_disk_is_slow_take_one_ticket() -> None:
    kiosk = at_needs()
    kiosk.journal_works = False
    for _ in range(4):
        kiosk.tap(e.ChooseNeed("money"), after=1.0)
    assert len(kiosk.orders) == 1


def test_a_bounce_does_not_choose_on_the_next_screen() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("money"), after=0.08)
    assert kiosk.model.screen is Screen.NEEDS


def test_a_tap_too_soon_to_have_read_the_screen_does_nothing() -> None:
    kiosk = open_kiosk()
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.tap(e.ChooseNeed("money"), after=0.45)
    assert kiosk.model.screen is Screen.NEEDS
    kiosk.tap(e.ChooseNeed("money"), after=0.45)
    assert kiosk.model.screen is Screen.TICKET


def test_a_second_finger_beside_the_first_does_nothing() -> None:
    kiosk = at_needs()
    kiosk.send(e.Touched(e.ChooseNeed("home"), kiosk.model.generation, kiosk.at))
    kiosk.send(e.Touched(e.ChooseNeed("money"), kiosk.model.generation, kiosk.at + 0.01))
    assert kiosk.model.screen is Screen.SERVICES
    assert kiosk.orders == []


def test_a_tap_meant_for_an_earlier_screen_is_dropped_however_late() -> None:
    kiosk = at_needs()
    drawn = kiosk.model.generation
    kiosk.tap(e.GoBack())
    kiosk.tap(e.ChooseLanguage(Language.GU))
    kiosk.at += 2
    kiosk.send(e.Touched(e.ChooseNeed("money"), drawn, kiosk.at))
    assert kiosk.orders == []


def test_a_stuck_panel_does_not_keep_a_ticket_on_screen() -> None:
    kiosk = at_needs()
    kiosk.tap(e.ChooseNeed("money"))
    for _ in range(700):
        kiosk.at += 0.1
        kiosk.send(e.Touched(e.LargerText(), kiosk.model.generation, kiosk.at), e.Tick(kiosk.at, kiosk.now))
    assert kiosk.model.ticket is None


def test_touches_out_of_order_in_time_are_one() -> None:
    kiosk = at_needs()
    for early in (0.0, 0.2, 0.1, 5.0):
        kiosk.send(e.Touched(e.LargerText(), kiosk.model.generation, kiosk.at - early))
    assert kiosk.model.large
