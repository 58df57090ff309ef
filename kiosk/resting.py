"""Lets the panel rest outside opening hours, and wakes it for whoever touches it.

`flow.resting` decides; this asks it every few seconds, tells the panel in a thread of its own, and keeps the first touch from pressing what the
finger could not see. What the panel was told is said again now and then: a television that lost its power comes back lit. One that did not come on is told
again at each look, for somebody may stand before it; one that did not go dark has all the time in the world.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hardware.screens import Screen
from hardware.screens.absent import AbsentScreen
from kiosk.flow.model import Model
from kiosk.flow.opening import centre_open
from kiosk.flow.resting import wants_light

if TYPE_CHECKING:
    from kiosk.run import Runner

log = logging.getLogger("foyer.kiosk.resting")

LOOK_SECONDS = 5.0
AGAIN_SECONDS = 900.0


class Resting:
    def __init__(self, runner: Runner, screen: Screen) -> None:
        self._runner, self._screen = runner, screen
        self._look = asyncio.Event()
        self._woken = self._closed = -1e9
        self._was_open = False
        self._telling: asyncio.Future[bool] | None = None
        self._told: bool | None = None
        """What the panel was told last; None before anything."""
        self.dark = False

    def touched(self, *_what: Any, **_more: Any) -> bool:
        """A finger or a key, before anything else hears of it: True when it only wakes the screen."""
        if not self.dark:
            return False
        self._woken = time.monotonic()
        self._look.set()
        return True

    def watch(self, model: Model) -> None:
        is_open = centre_open(model)
        if self._was_open and not is_open:
            self._closed = time.monotonic()
        if is_open != self._was_open or self.dark:
            self._look.set()  # an opening or an evacuation does not wait for the next look
        self._was_open = is_open

    async def run(self) -> None:
        if isinstance(self._screen, AbsentScreen):
            return
        told_at = -1e9
        try:
            while True:
                self._look.clear()
                lit, now = self._wanted(), time.monotonic()
                unlit = lit and self._runner.reporting.screen == "broken"
                if lit != self._told or now - told_at >= (LOOK_SECONDS if unlit else AGAIN_SECONDS):
                    told_at = now
                    await self._tell(lit)
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._look.wait()
                except TimeoutError:
                    pass
        finally:
            if self._told is False:  # whoever comes next (the safe page, a newer release) must be seen
                if self._telling is not None:
                    await asyncio.wait([self._telling])  # it would go dark after we lit it
                self._screen.light(True)

    def _wanted(self) -> bool:
        runner = self._runner
        now = replace(runner.model, now=runner.moment().now, steady=time.monotonic())
        return wants_light(now, self._woken, self._closed)

    async def _tell(self, lit: bool) -> None:
        self._told = lit
        self._telling = asyncio.get_running_loop().run_in_executor(None, self._screen.light, lit)
        done = await asyncio.shield(self._telling)
        if lit == self.dark:
            log.info("the screen is %s", "lit" if lit else "dark")
        self.dark = not lit and done
        said = self._runner.reporting.screen
        self._runner.reporting.screen = "broken" if not done else "on" if lit else "off"
        if said != self._runner.reporting.screen:
            self._runner.reporting.tell()
