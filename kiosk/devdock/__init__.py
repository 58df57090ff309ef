"""The dev dock: a kiosk one can see, touch and break from a browser on the same machine.

For machines without a screen, for demonstrations and for tests: a page shows the kiosk's frames as they are drawn, takes touches
(which go through Kivy like a finger's), shows the paper that came out of the simulated printer, and pulls faults. Whoever
reaches it can do anything a visitor can and more, so it is bound to loopback, answers only to a local name, and refuses to start where
this is not a demonstration; the kiosk's settings refuse it before that (`kiosk.config`).
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from hardware.devices import Printer

if TYPE_CHECKING:
    from kiosk.run import Runner
    from kiosk.screens.face import Face
    from kiosk.screens.pump import Pump

__all__ = ["NotADemonstration", "serve"]


class NotADemonstration(RuntimeError):
    """The dock was asked for on what may be a real kiosk."""


async def serve(port: int, *, runner: Runner, face: Face, pump: Pump, printer: Printer) -> None:
    """Serve the dock on this machine's own address until cancelled. Port 0 takes a free one (see `Dock.port`)."""
    from kiosk.config import DEMO

    if os.environ.get(DEMO) != "1":
        raise NotADemonstration(f"the dev dock runs in demonstrations only ({DEMO}=1)")
    from kiosk.devdock.dock import Dock
    from kiosk.devdock.http import serve_http

    dock = Dock(runner, face, pump, printer)
    async with await serve_http(port, dock.answer) as server:
        await asyncio.gather(server.serve_forever(), dock.keep())
