"""Which screen shows a model. Each is imported when first needed: a kiosk that opens on its start screen loads no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

from kiosk.flow.model import Model, Screen
from kiosk.flow.parts import PART_SCREENS
from kiosk.flow.shown import CHECKING
from kiosk.widgets.boxes import Box

Made = Callable[[Model, Any], Box]


@overload
def screen_class(model: Model) -> Made: ...
@overload
def screen_class(model: Model, *, over: Literal[True]) -> Made | None: ...
def screen_class(model: Model, *, over: bool = False) -> Made | None:
    """The class of the screen, or with `over` of what lies over it, if anything does."""
    return _over(model) if over else _under(model)


def _under(model: Model) -> Made:
    if model.screen in CHECKING | PART_SCREENS:
        return _checking(model.screen) if model.screen in CHECKING else _of_part(model)
    match model.screen:
        case Screen.START:
            return _first(model)
        case Screen.NEEDS:
            from kiosk.screens.needs import NeedsScreen as Shown
        case Screen.SERVICES:
            from kiosk.screens.needs import ServicesScreen as Shown
        case Screen.TICKET if model.asks_paper:
            from kiosk.screens.ticket import CameOutScreen as Shown
        case Screen.TICKET:
            from kiosk.screens.ticket import TicketScreen as Shown
        case Screen.CLOSED:
            from kiosk.screens.standing import ClosedScreen as Shown
        case Screen.LOCKED:
            from kiosk.screens.standing import LockedScreen as Shown
        case Screen.EVACUATED:
            from kiosk.screens.evacuated import EvacuatedScreen as Shown
        case Screen.OUT_OF_ORDER:
            from kiosk.screens.standing import OutOfOrderScreen as Shown
        case Screen.SETUP:
            from kiosk.screens.standing import SetupScreen as Shown
        case _:
            from kiosk.screens.standing import StartingScreen as Shown
    return Shown


def _first(model: Model) -> Made:
    if model.at_exit:
        from kiosk.screens.rating.faces import FacesScreen

        return FacesScreen
    from kiosk.screens.start import StartScreen

    return StartScreen


def _checking(screen: Screen) -> Made:
    from kiosk.screens import checkin

    if screen is Screen.CHECK_IN:
        return checkin.CheckInScreen
    return checkin.ReferenceScreen if screen is Screen.REFERENCE else checkin.ToldScreen


def _of_part(model: Model) -> Made:
    match model.screen:
        case Screen.SCAN:
            from kiosk.screens.scanning import screen_class as of_part
        case Screen.FORM:
            from kiosk.screens.filling import screen_class as of_part
        case Screen.RATE:
            from kiosk.screens.rating import screen_class as of_part
        case _:
            from kiosk.screens.finding import screen_class as of_part
    return of_part(model)


def _over(model: Model) -> Made | None:
    if model.idle_left is not None:
        from kiosk.screens.overlay import IdleOverlay

        return IdleOverlay
    if model.help_lines is not None:
        from kiosk.screens.overlay import HelpOverlay

        return HelpOverlay
    return None
