"""How everything looks for the visitor who stands there: language, sizes and colours, worked out once per change.

A screen is built under one look and built anew when the look changes, so a widget may read `look()` while it is made and
keep what it found. Sizes are capitals in millimetres, since that is what legibility rules speak of (5 mm, 7.3 mm with
larger text); Noto's capitals are 0.714 em high in every one of the merged fonts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiosk import typeset
from kiosk.widgets.palette import CALM, STRONG, Palette
from kiosk.widgets.panel import LANDSCAPE, Panel

CAPITAL_PER_EM = 0.714
LARGER = 1.46
TARGET_MM = 15.0

_CAPITALS_MM = {"body": 5.15, "strong": 5.4, "name": 6.2, "title": 7.6, "big": 10.0, "code": 20.0, "huge": 34.0}
_GROWS = {"title": 1.2, "name": 1.2, "big": 1.1, "code": 1.0, "huge": 1.0}


@dataclass(frozen=True)
class Look:
    panel: Panel
    language: str = "en"
    large: bool = False
    contrast: bool = False
    reach_down: bool = False

    @property
    def palette(self) -> Palette:
        return STRONG if self.contrast else CALM

    @property
    def rtl(self) -> bool:
        return typeset.is_rtl(self.language)

    @property
    def compact(self) -> bool:
        return self.panel.compact

    @property
    def room(self) -> float:
        """Bigger panels stand further from the eye and have the space."""
        return max(1.0, min(1.3, min(self.panel.wide_mm, self.panel.high_mm) / 205))

    def mm(self, millimetres: float) -> int:
        """In pixels, rounded up so that a limit stays kept."""
        return math.ceil(millimetres * self.panel.dots_per_mm)

    def em(self, role: str) -> int:
        """Pixels per em of a role of text."""
        capitals = _CAPITALS_MM[role] * self.room
        if self.large:
            capitals = max(capitals * _GROWS.get(role, LARGER), 7.5)
        return math.ceil(capitals * self.panel.dots_per_mm / CAPITAL_PER_EM)

    @property
    def gap(self) -> int:
        return self.mm(3.0 if self.compact else 5.0)

    @property
    def pad(self) -> int:
        return self.mm(3.0 if self.compact else 5.0)

    @property
    def margin(self) -> int:
        return self.mm(5.0 if self.compact else 12.0)

    @property
    def target(self) -> int:
        return self.mm(TARGET_MM + 0.5)

    @property
    def radius(self) -> int:
        return self.mm(2.6 if self.compact else 3.6)

    @property
    def rule(self) -> float:
        """The width of an edge."""
        return max(1.0, 0.45 * self.panel.dots_per_mm / 2) * (1.6 if self.contrast else 1.0)


_now = Look(LANDSCAPE)


def look() -> Look:
    """The look under which widgets are being made."""
    return _now


def use(new: Look) -> None:
    """Set by the face before it builds."""
    global _now
    _now = new
