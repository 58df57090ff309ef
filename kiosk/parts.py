"""Carries out what the parts of the journey want done (`kiosk.flow.parts`): each has a module that does it, loaded when first needed, so a
kiosk that only issues tickets loads none of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hardware.plates.absent import AbsentPlate
from kiosk.flow.marks import FindEffect, FormEffect, RateEffect, ScanEffect

if TYPE_CHECKING:
    from kiosk.filling import Filling
    from kiosk.flow.model import Model
    from kiosk.run import Runner
    from kiosk.scanning import Scanning


class Parts:
    """`show`: takes the live picture of the plate (`kiosk.scanning.View`), or None."""

    def __init__(self, runner: Runner, show: Callable[[Any], None]) -> None:
        self._runner, self._show = runner, show
        self.scanning: Scanning | None = None
        """None on a kiosk without a plate."""
        self.filling: Filling | None = None
        """None while no forms are offered."""
        self._forms = asyncio.Event()
        self._watching = False

    async def run(self) -> None:
        """Until cancelled."""
        if not self._watching:
            self._watching = True
            self._runner.watch(self._watch)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._scan())
            group.create_task(self._fill())

    async def _fill(self) -> None:
        await self._forms.wait()
        assert self.filling is not None  # made before
        await self.filling.run()

    def _watch(self, model: Model) -> None:
        if self.filling is None and (model.offer.forms or model.visitor.filling is not None):
            from kiosk.filling import Filling

            self.filling = Filling(self._runner)
            self._forms.set()
        if self.filling is not None:
            self.filling.watch(model)

    async def _scan(self) -> None:
        if isinstance(self._runner.plate, AbsentPlate):
            await asyncio.Event().wait()
        from kiosk.scanning import Scanning

        if self.scanning is None:
            self.scanning = Scanning(self._runner, self._show)
        await self.scanning.run()

    def close(self) -> None:
        if self.scanning is not None:
            self.scanning.close()
        if self.filling is not None:
            self.filling.close()

    async def do(self, effect: ScanEffect | FormEffect | FindEffect | RateEffect) -> None:
        """Raises what the runner's other effects may (`DiskError`)."""
        if isinstance(effect, ScanEffect) and self.scanning is not None:
            await self.scanning.do(effect)
        if isinstance(effect, FormEffect) and self.filling is not None:
            await self.filling.do(effect)
        if isinstance(effect, FindEffect):
            from kiosk import finding

            await finding.do(self._runner, effect)
        if isinstance(effect, RateEffect):
            from kiosk import rating

            await rating.do(self._runner, effect)
