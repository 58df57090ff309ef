"""The screens of `kiosk.flow.finding`: which of them shows a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.flow.finding.shown import At
from kiosk.flow.model import Model
from kiosk.screens.finding.browse import BrowseScreen
from kiosk.screens.finding.portal import PortalScreen, TakenScreen
from kiosk.screens.finding.search import SearchScreen
from kiosk.widgets.boxes import Box

_SCREENS: dict[At, type[Box]] = {
    At.BROWSE: BrowseScreen,
    At.SEARCH: SearchScreen,
    At.PORTAL: PortalScreen,
    At.ON_PC: TakenScreen,
    At.PHONE: TakenScreen,
}


def screen_class(model: Model) -> Callable[[Model, Any], Box]:
    finding = model.visitor.finding
    return _SCREENS[finding.at if finding is not None else At.BROWSE]
