"""Carries out what the parts of the journey want done (`kiosk.flow.parts`): each has a module that does it, loaded when first needed, so a
kiosk that only issues tickets loads none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.flow.marks import FindEffect, FormEffect, ScanEffect

if TYPE_CHECKING:
    from kiosk.run import Runner


class Parts:
    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def do(self, effect: ScanEffect | FormEffect | FindEffect) -> None:
        """Raises what the runner's other effects may (`DiskError`)."""
