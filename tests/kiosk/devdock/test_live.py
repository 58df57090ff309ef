"""A real kiosk process without a screen, driven through its dock: fingers, paper, faults, and the plug."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
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
        while (await self.state())["generation"] == generation:
            assert time.monotonic() < deadline, self.child.story()
            await self.post("/touch", {"x": button["x"], "y": button["y"]})
            await asyncio.sleep(PRESS_PAUSE)  # a finger's own pace: faster taps are taken for drumming


@pytest.fixture
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


async def _answers(dock: Dock) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            await dock.state()
            return
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < deadline, dock.child.story()
            await asyncio.sleep(0.05)


async def test_from_the_first_touch_to_the_paper(dock: Dock) -> None:
    await dock.until(screen="start", printer="ready", link_up=True)
    await dock.press(text="English")
    await dock.until(screen="needs", language="en")
    before = await dock.get("/screen.png")
    await dock.press(icon="council-tax")
    state = await dock.until(screen="ticket", paper="confirmed", papers=1)
    assert state["code"].startswith("K")
    frame = Image.open(io.BytesIO(await dock.get("/screen.png")))
    assert frame.size == (1280, 800)
    assert (await dock.get("/screen.png")) != before
    paper = Image.open(io.BytesIO(await dock.get("/paper.png")))
    assert paper.width == 576
    assert [issue.code for issue in dock.server.issued] == [state["code"]]
    await dock.press(icon="yes")
    state = await dock.until(screen="start", code=None)
    assert state["language"] == "en"


async def test_faults_are_pulled_and_put_back(dock: Dock) -> None:
    await dock.until(screen="start", printer="ready", link_up=True)
    for lever, there, gone in (
        ("paper_low", {"printer": "low"}, {"printer": "ready"}),
        ("paper_out", {"printer": "out"}, {"printer": "ready"}),
        ("cover_open", {"printer": "cover_open"}, {"printer": "ready"}),
        ("unplugged", {"printer": "missing"}, {"printer": "ready"}),
        ("link_cut", {"link_up": False}, {"link_up": True}),
    ):
        assert (await dock.post("/lever", {"name": lever, "on": True}))["levers"][lever] is True
        await dock.until(40, **there)
        await dock.post("/lever", {"name": lever, "on": False})
        await dock.until(40, **gone)


async def test_a_ticket_taken_without_paper_and_line_is_on_the_screen(dock: Dock) -> None:
    await dock.until(screen="start", printer="ready", link_up=True)
    await dock.post("/lever", {"name": "link_cut", "on": True})
    await dock.post("/lever", {"name": "paper_out", "on": True})
    await dock.until(40, link_up=False, printer="out")
    await dock.press(text="اردو")
    await dock.until(screen="needs", language="ur")
    await dock.press(icon="council-tax")
    state = await dock.until(screen="ticket", paper="not_printed")
    assert (state["papers"], dock.server.issued) == (0, [])
    await dock.post("/lever", {"name": "link_cut", "on": False})
    await dock.until(40, link_up=True)
    deadline = time.monotonic() + 20
    while not dock.server.issued:
        assert time.monotonic() < deadline, dock.child.story()
        await asyncio.sleep(0.05)
    assert dock.server.issued[0].code == state["code"]


async def test_the_plug_can_be_pulled(dock: Dock) -> None:
    await dock.post("/lever", {"name": "kill", "on": True})
    assert await asyncio.to_thread(dock.child.wait) == -9


async def test_nonsense_is_refused_and_changes_nothing(dock: Dock) -> None:
    await dock.until(screen="start", printer="ready", link_up=True)
    for path, body in (
        ("/touch", {"x": -1, "y": 5}), ("/touch", {"x": "left", "y": 0}), ("/touch", {}), ("/touch", {"x": 1, "y": 1, "phase": "hover"}),
        ("/lever", {"name": "gravity", "on": False}), ("/lever", {"name": "kill"}), ("/elsewhere", {}),
    ):  # fmt: skip
        with pytest.raises(urllib.error.HTTPError) as refused:
            await dock.post(path, body)
        assert refused.value.code in (400, 404)
    assert (await dock.state())["screen"] == "start"
