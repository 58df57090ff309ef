"""Carries out what the parts of the journey want done (`kiosk.flow.parts`): each has a module that does it, loaded when first needed, so a
kiosk that only issues tickets loads none of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hardware.plates.absent import AbsentPlate
from kiosk.flow.marks import FindEffect, FormEffect, ScanEffect

if TYPE_CHECKING:
    from kiosk.run import Runner
    from kiosk.scanning import Scanning


class Parts:
    """`show`: takes the live picture of the plate (`kiosk.scanning.View`), or None."""

    def __init__(self, runner: Runner, show: Callable[[Any], None]) -> None:
        self._runner, self._show = runner, show
        self.scanning: Scanning | None = None
        """None on a kiosk without a plate."""

    async def run(self) -> None:
        """Until cancelled."""
        if isinstance(self._runner.plate, AbsentPlate):
            await asyncio.Event().wait()
        from kiosk.scanning import Scanning

        if self.scanning is None:
            self.scanning = Scanning(self._runner, self._show)
        await self.scanning.run()

    def close(self) -> None:
        if self.scanning is not None:
            self.scanning.close()

    async def do(self, effect: ScanEffect | FormEffect | FindEffect) -> None:
        """Raises what the runner's other effects may (`DiskError`)."""
        if isinstance(effect, ScanEffect) and self.scanning is not None:
            await self.scanning.do(effect)
