"""Tells the machine it stands on how this kiosk is: a small file in its runtime folder, for whoever must know without asking it.

That is `foyer-release`, which judges by it whether a new release does its work (`deploy/raspberrypi/release/health.py`), and the updater, which
does not begin while a visitor stands before the screen. It holds nothing of a visitor but that there is one. Written each few seconds by
the loop that everything runs on; a file that grows old (its own time on disk says so) tells that the loop stands still. Not under a supervisor, it is not written.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.flow.model import Screen

if TYPE_CHECKING:
    from kiosk.run import Runner
    from kiosk.watchdog import Picture

EVERY_SECONDS = 5.0
NAME = "health.json"
RESTING = (
    Screen.STARTING,
    Screen.SETUP,
    Screen.START,
    Screen.CLOSED,
    Screen.LOCKED,
    Screen.OUT_OF_ORDER,
    Screen.EVACUATED,
)
"""On these nobody is in the middle of something."""


def folder() -> Path | None:
    """Where the supervisor lets this kiosk write what does not outlive it."""
    place = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(place) if place else None


async def tell(place: Path | None, runner: Runner, picture: Picture, every: float = EVERY_SECONDS) -> None:
    """Until cancelled; returns at once where there is nowhere to write."""
    if place is None:
        return
    while True:
        before = picture.frames
        picture.prove()
        await asyncio.sleep(every)
        _write(place / NAME, standing(runner, picture.frames != before))


def standing(runner: Runner, draws: bool) -> dict[str, object]:
    model = runner.model
    return {
        "app": runner.app,
        "draws": draws,
        "journal": runner.journal is not None,
        # Before it is set up there is nobody to reach.
        "reached_server": None if model.screen in (Screen.STARTING, Screen.SETUP) else model.link_up,
        "busy": model.screen not in RESTING,
    }


def _write(place: Path, told: dict[str, object]) -> None:
    beside = place.with_name(f".{place.name}.new")
    try:
        beside.write_text(json.dumps(told) + "\n", encoding="utf-8")
        beside.chmod(0o644)
        beside.replace(place)
    except OSError:
        return  # a folder that is gone or full: the file grows old, which says enough
