"""Tells the supervisor that this kiosk is well, only while pictures are really drawn.

What must be seen is the picture, so the proof is a picture: each time, one more is asked for, and only when it has gone to the screen (Kivy's
flip), drawn by a pump that has been round, does the watchdog get its food. This runs as a task of the loop that everything else runs on, so a
loop that hangs feeds nothing either. Three pictures for each span the supervisor grants: one may be late on a busy machine, and nobody is
ended for it.

A part that fails by itself (printer, line, disk) is no reason to withhold: ending the kiosk would not mend it, and the screen says it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from hardware.supervisor import Supervisor
from kiosk.flow.model import Model, Screen

log = logging.getLogger("foyer.kiosk.watchdog")

A_SPAN = 3
"""Times within one span of the watchdog."""


class Picture(Protocol):
    """What draws. `frames` counts the pictures that went to the screen; `prove` asks for one more."""

    @property
    def frames(self) -> int: ...
    def prove(self) -> None: ...


async def watch(supervisor: Supervisor, picture: Picture, look_seconds: float = 0.05) -> None:
    """Feed the watchdog until cancelled; returns at once where nobody watches."""
    if supervisor.watchdog is None:
        return
    pause = supervisor.watchdog / A_SPAN
    late = False
    while True:
        before = picture.frames
        picture.prove()
        if await _drawn(picture, before, pause, look_seconds):
            supervisor.well()
            late = False
            await asyncio.sleep(pause)
        elif not late:
            late = True
            log.error("no picture was drawn for %.1f s; the watchdog gets nothing", pause)


async def _drawn(picture: Picture, before: int, seconds: float, look: float) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while picture.frames == before:
        if loop.time() >= until:
            return False
        await asyncio.sleep(look)
    return True


def in_words(model: Model) -> str:
    """What the kiosk does, without anything of the visitor before it."""
    line = "" if model.link_up or model.screen is Screen.SETUP else " The server is not reached."
    match model.screen:
        case Screen.STARTING:
            return "Starting."
        case Screen.SETUP:
            return "Waiting to be set up by an administrator."
        case Screen.OUT_OF_ORDER:
            return f"Out of order: {model.staff_says}{line}"
        case Screen.LOCKED:
            return f"Locked by staff.{line}"
        case Screen.CLOSED:
            return f"The centre is closed.{line}"
        case Screen.EVACUATED:
            return f"Tells everyone to leave the building.{line}"
        case _:
            return f"Serving visitors.{line}"
