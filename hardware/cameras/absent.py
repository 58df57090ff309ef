"""A kiosk that is meant to have no camera."""

from __future__ import annotations

from hardware.devices import Look, NoDevice


class AbsentCamera:
    def look(self) -> Look:
        return Look(NoDevice())

    def close(self) -> None:
        """Nothing was opened."""
