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
LARGER = 1.42
LARGE_MM = 7.42
TARGET_MM = 15.0

_CAPITALS_MM = {
    "note": 3.4,  # for staff only, on a small panel
    "body": 5.15,
    "strong": 5.4,
    "name": 6.2,
    "title": 7.6,
    "big": 10.0,
    "code": 20.0,
    "hello": 19.0,
    "huge": 27.0,
}
_COMPACT = {"title": 0.82, "name": 0.9, "big": 0.8, "code": 0.9}
"""What gives way first where there is little room."""
_GROWS = {"title": 1.2, "name": 1.2, "big": 1.1, "hello": 1.0, "code": 1.0, "huge": 1.0}


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
    def script(self) -> str:
        """The language as which text is set. Nastaliq needs half as much height again: where large text meets a small
        panel there is none, and Urdu is set in Naskh, which its readers know from print.
        """
        return "ar" if self.language == "ur" and self.large and self.compact else self.language

    @property
    def rtl(self) -> bool:
        return typeset.is_rtl(self.language)

    @property
    def compact(self) -> bool:
        """Little room: a small panel, or everything moved into the lower part of a large one."""
        return self.panel.compact or self.reach_down

    @property
    def flat(self) -> bool:
        """Little height in particular: then things stand beside each other."""
        return self.compact and (self.reach_down or not self.panel.upright)

    @property
    def room(self) -> float:
        """Bigger panels stand further from the eye and have the space."""
        if self.reach_down or (self.compact and self.large):
            return 1.0
        return max(1.0, min(1.3, min(self.panel.wide_mm, self.panel.high_mm) / 205))

    def mm(self, millimetres: float) -> int:
        """In pixels, rounded up so that a limit stays kept."""
        return math.ceil(millimetres * self.panel.dots_per_mm)

    def em(self, role: str) -> int:
        """Pixels per em of a role of text."""
        capitals = _CAPITALS_MM[role] * self.room
        if self.compact:
            capitals *= _COMPACT.get(role, 1.0)
        if self.large:
            capitals = max(
                capitals * (1.0 if self.compact and role in _COMPACT else _GROWS.get(role, LARGER)), LARGE_MM
            )
        return math.ceil(capitals * self.panel.dots_per_mm / CAPITAL_PER_EM)

    @property
    def gap(self) -> int:
        return self.mm(2.4 if self.compact else 5.0)

    @property
    def pad(self) -> int:
        return self.mm(2.3 if self.compact else 5.0)

    @property
    def margin(self) -> int:
        if self.compact:
            return self.mm(3.5 if self.panel.narrow else 5.0)
        return self.mm(12.0)

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
