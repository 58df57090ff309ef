"""The panel a kiosk draws on: its pixels and its real size, from the kiosk's configuration.

What a finger can hit and an eye can read is measured in millimetres; pixels say nothing. No panel tells its size
reliably (EDID is often wrong or absent), so whoever mounts it writes it down. How small it may be is decided where that is read (`kiosk.config`).
"""

from __future__ import annotations

from dataclasses import dataclass

COMPACT_BELOW_MM = 400.0
"""Under this height there is no room to spare."""
NARROW_BELOW_MM = 200.0
"""Under this width twelve keys of 15 mm have no room beside each other unless edges and gaps are smallest."""
SHORT_BELOW_MM = 220.0
"""Under this height all of a panel is in reach of whoever reaches its lower edge: nothing has to be moved lower."""


@dataclass(frozen=True, slots=True)
class Panel:
    wide: int
    high: int
    """Pixels, as mounted."""
    wide_mm: float
    high_mm: float

    @property
    def dots_per_mm(self) -> float:
        return self.high / self.high_mm

    @property
    def compact(self) -> bool:
        return self.high_mm < COMPACT_BELOW_MM

    @property
    def narrow(self) -> bool:
        return self.wide_mm < NARROW_BELOW_MM

    @property
    def upright(self) -> bool:
        return self.high >= self.wide

    @property
    def short(self) -> bool:
        return self.high_mm < SHORT_BELOW_MM


PORTRAIT = Panel(1080, 1920, 268.0, 476.0)
"""A 21.5 inch panel, upright."""
LANDSCAPE = Panel(1280, 800, 217.0, 135.6)
"""A 10.1 inch panel, such as those sold for a Raspberry Pi."""
