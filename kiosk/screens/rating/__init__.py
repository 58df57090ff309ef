"""The screens of `kiosk.flow.rating`: which of them shows a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.flow.model import Model
from kiosk.flow.rating.shown import At
from kiosk.screens.rating.faces import ReasonsScreen
from kiosk.screens.rating.words import CommentScreen, ThanksScreen
from kiosk.widgets.boxes import Box

_SCREENS: dict[At, type[Box]] = {At.WHY: ReasonsScreen, At.TELL: CommentScreen, At.THANKS: ThanksScreen}


def screen_class(model: Model) -> Callable[[Model, Any], Box]:
    rating = model.visitor.rating
    return _SCREENS[rating.at if rating is not None else At.THANKS]
