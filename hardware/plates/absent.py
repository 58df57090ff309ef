"""A kiosk that is meant to have nothing to take pictures of papers with."""

from __future__ import annotations

from hardware.devices import Frame, NoDevice


class AbsentPlate:
    live = False
    feeds = False

    def look(self) -> Frame:
        return Frame(NoDevice())

    def still(self) -> Frame:
        return Frame(NoDevice())

    def close(self) -> None:
        """Nothing was opened."""
