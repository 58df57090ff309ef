"""The scan station's screens, one for each page of its journey (`kiosk.flow.scanning.shown.At`).

Everything that can be touched stands where it stood; what changes while papers are laid there (the live picture, the sentence under it, the last page)
changes in place. On each of them, "I need a person".
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from kiosk.flow.model import Model
from kiosk.flow.scanning.shown import At
from kiosk.widgets.boxes import Box

_SCREENS = {
    At.PURPOSE: ("choosing", "PurposeScreen"),
    At.KIND: ("choosing", "KindScreen"),
    At.RECEIPT: ("choosing", "ReceiptScreen"),
    At.PERSON: ("choosing", "PersonScreen"),
    At.REFERENCE: ("typing", "TypingScreen"),
    At.PHONE: ("typing", "TypingScreen"),
    At.EMAIL: ("typing", "TypingScreen"),
    At.BEFORE: ("before", "BeforeScreen"),
    At.PLATE: ("plate", "PlateScreen"),
    At.PAGE: ("page", "PageScreen"),
    At.CORNERS: ("page", "CornersScreen"),
    At.CHECK: ("check", "CheckScreen"),
    At.SENDING: ("sent", "SendingScreen"),
    At.FAILED: ("sent", "FailedScreen"),
    At.SENT: ("sent", "SentScreen"),
}


def screen_class(model: Model) -> Callable[[Model, Any], Box]:
    """Loaded when first needed."""
    scanning = model.visitor.scanning
    module, name = _SCREENS[scanning.at if scanning is not None else At.PURPOSE]
    made: Callable[[Model, Any], Box] = getattr(import_module(f"kiosk.screens.scanning.{module}"), name)
    return made
