"""The faults one can pull: the printer's, the line's, the clock's, and the plug.

Each lever works on the real part, so what is seen is what a centre would see: the printer's are those of the simulated mechanism
behind the real driver, the line is really hung up, the process is really killed. The position of each is kept here; a line
that comes up anew is cut again while its lever is down.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING, Any

from hardware.devices import Printer, Simulated, SimulatedCamera, SimulatedPlate, SimulatedScanner
from kiosk.clocks import WrongClocks

if TYPE_CHECKING:
    from kiosk.run import Runner
    from kiosk.screens.pump import Pump

SLOW_SECONDS = 2.0
YEARS_OFF_MS = -3 * 365 * 86_400_000
KILL_AFTER_SECONDS = 0.1
"""So that who pulled it gets an answer."""

FROZEN_SECONDS = 3600.0

PRINTER = ("paper_low", "paper_out", "cover_open", "silent", "unplugged")
CAMERA = ("camera_dark", "camera_unplugged")
SCANNER = ("scanner_unplugged",)
PLATE = ("plate_black", "plate_frozen", "plate_upside_down", "plate_unplugged")
LINE = ("link_cut", "slow_link")
FROZEN = ("freeze", "freeze_picture")
"""The whole program stands still, or only what draws does: for proving that the watchdog tells."""
ALL = (*PRINTER, *CAMERA, *SCANNER, *PLATE, *LINE, "wrong_clock", *FROZEN, "kill")


class Levers:
    def __init__(self, runner: Runner, printer: Printer, pump: Pump | None = None) -> None:
        self._runner = runner
        self._pump = pump
        self._printer = printer
        self._down: set[str] = set()
        self._link: Any = None

    def positions(self) -> dict[str, bool]:
        """Those there are here, and which are down."""
        return {name: name in self._down for name in ALL if name not in FROZEN and self._there(name)}

    def _there(self, name: str) -> bool:
        if name in PRINTER:
            return isinstance(self._printer, Simulated)
        if name in CAMERA:
            return isinstance(self._runner.senses.camera, SimulatedCamera)
        if name in SCANNER:
            return isinstance(self._runner.senses.scanner, SimulatedScanner)
        if name in FROZEN:
            return self._pump is not None
        if name in PLATE:
            return isinstance(self._runner.plate, SimulatedPlate)
        return name != "wrong_clock" or isinstance(self._runner.clocks, WrongClocks)

    async def pull(self, name: str, on: bool) -> bool:
        """Whether there is such a lever."""
        if name not in ALL or not self._there(name):
            return False
        if name == "kill":
            asyncio.get_running_loop().call_later(KILL_AFTER_SECONDS, os.kill, os.getpid(), signal.SIGKILL)
            return True
        if name in FROZEN:
            self._freeze(name, on)
            return True
        (self._down.add if on else self._down.discard)(name)
        if name in PRINTER:
            self._set_printer(name, on)
        elif name in CAMERA + SCANNER:
            self._set_sense(name, on)
        elif name in PLATE:
            self._set_plate(name, on)
        elif name in LINE:
            await self._set_line()
        elif isinstance(self._runner.clocks, WrongClocks):
            self._runner.clocks.off_ms = YEARS_OFF_MS if on else 0
        return True

    def _freeze(self, name: str, on: bool) -> None:
        if name == "freeze":
            asyncio.get_running_loop().call_later(KILL_AFTER_SECONDS, time.sleep, FROZEN_SECONDS if on else 0)
        elif self._pump is not None:
            (self._pump.flowing.clear if on else self._pump.flowing.set)()

    def _set_printer(self, name: str, on: bool) -> None:
        if not isinstance(self._printer, Simulated):
            return
        levers = self._printer.levers
        match name:
            case "paper_low" | "paper_out":
                self._down -= {"paper_low", "paper_out"} - {name}
                levers.set_paper(("low" if name == "paper_low" else "out") if on else "full")
            case "cover_open":
                levers.set_cover(is_open=on)
            case "silent":
                levers.set_manner("mute" if on else "honest")
            case _:
                levers.set_plugged(plugged=not on)

    def _set_sense(self, name: str, on: bool) -> None:
        camera, scanner = self._runner.senses.camera, self._runner.senses.scanner
        if name in SCANNER and isinstance(scanner, SimulatedScanner):
            scanner.set_plugged(plugged=not on)
        elif isinstance(camera, SimulatedCamera):
            if name == "camera_dark":
                camera.set_dark(dark=on)
            else:
                camera.set_plugged(plugged=not on)

    def _set_plate(self, name: str, on: bool) -> None:
        plate = self._runner.plate
        if not isinstance(plate, SimulatedPlate):
            return
        match name:
            case "plate_black":
                plate.set_black(black=on)
            case "plate_frozen":
                plate.set_frozen(frozen=on)
            case "plate_upside_down":
                plate.set_upside_down(upside_down=on)
            case _:
                plate.set_plugged(plugged=not on)

    async def _set_line(self) -> None:
        self._runner.handing_in.line_cut = "link_cut" in self._down
        self._link = self._runner.link
        if self._link is not None:
            self._link.slow(SLOW_SECONDS if "slow_link" in self._down else 0.0)
            await self._link.cut("link_cut" in self._down)

    async def follow_line(self) -> None:
        """A new line hears of the levers that are down."""
        if self._runner.link is not self._link and self._down.intersection(LINE):
            await self._set_line()
