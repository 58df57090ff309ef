"""The panel a kiosk draws on: its pixels and its real size, from the kiosk's configuration.

What a finger can hit and an eye can read is measured in millimetres; pixels say nothing. No panel tells its size
reliably (EDID is often wrong or absent), so whoever mounts it writes it down.
"""

from __future__ import annotations

from dataclasses import dataclass

COMPACT_BELOW_MM = 250.0
"""Under this height there is no room to spare."""
SHORT_BELOW_MM = 220.0
"""Under this height all of a panel is in reach of whoever reaches its lower edge: nothing has to be moved lower."""


@dataclass(frozen=True, slots=True)
class Panel:
    wide: int
    high: int
    """Pixels, as mounted."""
    wide_mm: float
    high_mm: float

    def __post_init__(self) -> None:
        if min(self.wide, self.high) < 480 or min(self.wide_mm, self.high_mm) < 90:
            raise ValueError("panel: too small for buttons of 15 mm (at least 480 pixels and 90 mm each way)")
        across, down = self.wide / self.wide_mm, self.high / self.high_mm
        if abs(across - down) > 0.15 * down:
            raise ValueError(
                f"panel: {self.wide} x {self.high} pixels on {self.wide_mm:g} x {self.high_mm:g} mm "
                "would make pixels that are not square; measure the lit area again, as mounted"
            )

    @property
    def dots_per_mm(self) -> float:
        return self.high / self.high_mm

    @property
    def compact(self) -> bool:
        return self.high_mm < COMPACT_BELOW_MM

    @property
    def short(self) -> bool:
        return self.high_mm < SHORT_BELOW_MM


PORTRAIT = Panel(1080, 1920, 268.0, 476.0)
"""A 21.5 inch panel, upright."""
LANDSCAPE = Panel(1280, 800, 217.0, 135.6)
"""A 10.1 inch panel, such as those sold for a Raspberry Pi."""
