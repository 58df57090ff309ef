"""A real kiosk process tells the machine it stands on how it is, as long as it draws."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.devdock.conftest import Dock

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set up before the kiosk, which finds it in its environment."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(folder))
    return folder / "health.json"


def read(place: Path) -> dict[str, Any]:
    return dict(json.loads(place.read_text())) if place.is_file() else {}


async def tells(
    place: Path, right: Callable[[dict[str, Any]], bool], seconds: float = 40.0
) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    found: dict[str, Any] = {}
    while time.monotonic() < deadline:
        found = await asyncio.to_thread(read, place)
        if found and right(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def test_it_tells_that_it_draws_and_that_it_does_not(told: Path, dock: Dock) -> None:
    well = await tells(told, lambda each: each["draws"] and each["reached_server"])
    assert (well["journal"], well["busy"]) == (True, False)
    assert set(well) == {"app", "draws", "journal", "reached_server", "busy"}, "nothing of a visitor"
    await dock.post("/lever", {"name": "freeze_picture", "on": True})
    await tells(told, lambda each: not each["draws"])
