"""A real kiosk process without a screen, with its dock, and a stand-in for the server behind it."""

from __future__ import annotations

import asyncio
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio
from PIL import Image

from tests.kiosk.screens.sample import DEVICE, NOW, rows
from tests.kiosk.standin import StandIn, standing
from tests.support.processes import Child, Start

PRESS_PAUSE = 0.55
"""The flow lets a screen stand for half a second before a touch counts."""


@dataclass
class Dock:
    port: int
    child: Child
    server: StandIn

    async def get(self, path: str) -> bytes:
        def ask() -> bytes:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=25) as reply:
                return bytes(reply.read())

        return await asyncio.to_thread(ask)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        def ask() -> Any:
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.port}{path}",
                json.dumps(body).encode(),
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=25) as reply:
                return json.loads(reply.read())

        return await asyncio.to_thread(ask)

    async def state(self, after: int | None = None) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            await self.get("/state" + (f"?after={after}" if after is not None else ""))
        )
        return found

    async def until(self, seconds: float = 15.0, **wanted: Any) -> dict[str, Any]:
        """The state once it holds `wanted`."""
        deadline = time.monotonic() + seconds
        state = await self.state()
        while any(state[name] != value for name, value in wanted.items()):
            assert time.monotonic() < deadline, (wanted, state, self.child.story())
            state = await self.state(state["version"])
        return state

    async def press(self, icon: str = "", text: str = "") -> None:
        """Tap a button as soon as a touch counts."""
        state = await self.state()
        button = next(
            each for each in state["presses"] if icon == each["icon"] if not text or text in each["text"]
        )
        generation, deadline = state["generation"], time.monotonic() + 15
        touched = 0.0
        while (await self.state())["generation"] == generation:
            assert time.monotonic() < deadline, self.child.story()
            if (
                time.monotonic() > touched + PRESS_PAUSE
            ):  # a finger's own pace: faster taps are taken for drumming
                await self.post("/touch", {"x": button["x"], "y": button["y"]})
                touched = time.monotonic()
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture(loop_scope="session")
async def dock(tmp_path: Path, start_process: Start) -> AsyncIterator[Dock]:
    async with standing(StandIn(rows=rows(), now=NOW)) as server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        state = tmp_path / "state"
        state.mkdir()
        (state / "device.json").write_text(
            json.dumps({"token": "right", "device": DEVICE, "centre": "york-house"})
        )
        (tmp_path / "kiosk.toml").write_text(
            f'server = "http://127.0.0.1:{server.port}"\nstate = "state"\n[dock]\nenabled = true\nport = {port}\n'
            '[panel]\nwidth = 1280\nheight = 800\nwidth_mm = 217.0\nheight_mm = 135.6\n[printer]\ntype = "simulated"\n'
            '[camera]\ntype = "simulated"\nwidth = 640\nheight = 480\n[scanner]\ntype = "simulated"\n'
            f'[plate]\ntype = "simulated"\naddress = "{_letters(tmp_path)}"\nwidth = 640\nheight = 480\n'
        )
        child = start_process(
            "-m",
            "kiosk.app",
            str(tmp_path / "kiosk.toml"),
            "--offscreen",
            ready="dev dock is on",
            env={"FOYER_DEMO": "1"},
        )
        found = Dock(port, child, server)
        await _answers(found)
        yield found


def _letters(folder: Path) -> Path:
    letters = folder / "letters"
    letters.mkdir()
    for number, colour in enumerate(((200, 40, 40), (40, 200, 40)), 1):
        Image.new("RGB", (640, 480), colour).save(letters / f"{number}-a-letter.png")
    return letters


async def _answers(dock: Dock) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            await dock.state()
            return
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < deadline, dock.child.story()
            await asyncio.sleep(0.05)
