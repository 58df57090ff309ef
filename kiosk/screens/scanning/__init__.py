"""The screens of `kiosk.flow.scanning`: which of them shows a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.flow.model import Model
from kiosk.screens.standing import StartingScreen
from kiosk.widgets.boxes import Box


def screen_class(model: Model) -> Callable[[Model, Any], Box]:
    return StartingScreen
