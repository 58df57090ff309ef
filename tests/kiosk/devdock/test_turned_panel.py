"""A panel mounted on its side, with its own touch layer, in a real window: the picture stands upright and a finger hits what it sees."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageGrab

from hardware.touch import ABS, EVENT, MT_TRACK, MT_X, MT_Y, REPORT, SYN
from tests.kiosk.devdock.conftest import PRESS_PAUSE, Dock
from tests.kiosk.screens.sample import DEVICE, NOW, rows
from tests.kiosk.standin import StandIn, standing
from tests.support.ports import free_port
from tests.support.processes import Start
from tests.support.screen import virtual_screen
from tests.support.waiting import until_async

__all__ = ["virtual_screen"]
pytestmark = pytest.mark.asyncio(loop_scope="session")
WIDE, HIGH = 600, 1024
"""As mounted; the panel itself is 1024 by 600."""


def tap(cable: int, x: float, y: float) -> None:
    """At parts of the upright picture, where the panel's own right edge is the picture's upper one."""
    across, down = round((1 - y) * 4095), round(x * 4095)
    for track in (5, -1):
        for kind, code, value in (
            (ABS, MT_TRACK, track),
            (ABS, MT_X, across),
            (ABS, MT_Y, down),
            (SYN, REPORT, 0),
        ):
            os.write(cable, EVENT.pack(0, 0, kind, code, value))


async def test_a_finger_hits_what_it_sees_also_after_the_plug_was_out(
    virtual_screen: Callable[[int, int], str], start_process: Start, tmp_path: Path
) -> None:
    async with standing(StandIn(rows=rows(), now=NOW)) as server:
        display, port = virtual_screen(HIGH, WIDE), free_port()
        layer = tmp_path / "layer"
        os.mkfifo(layer)
        cable = os.open(layer, os.O_RDWR)
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "device.json").write_text(
            json.dumps({"token": "right", "device": DEVICE, "centre": "york-house"})
        )
        (tmp_path / "kiosk.toml").write_text(
            f'server = "http://127.0.0.1:{server.port}"\n[dock]\nenabled = true\nport = {port}\n'
            f"[panel]\nwidth = {WIDE}\nheight = {HIGH}\nwidth_mm = 194.0\nheight_mm = 331.0\nturn = 90\n"
            f'touch_device = "{layer}"\ntouch_span = [0, 4095, 0, 4095]\n[printer]\ntype = "simulated"\n'
        )
        child = start_process(
            *("-m", "kiosk.app", str(tmp_path / "kiosk.toml")),
            ready="dev dock is on",
            env={
                "FOYER_DEMO": "1",
                "DISPLAY": display,
                "SDL_VIDEODRIVER": "x11",
                "LIBGL_ALWAYS_SOFTWARE": "1",
            },
        )
        dock = Dock(port, child, server)

        async def shows(screen: str) -> None:
            async def there() -> Any:
                try:
                    return (await dock.state())["screen"] == screen
                except OSError:
                    return False

            await until_async(there, 30, f"{screen}; {child.output}")

        async def press(icon: str, text: str, leads_to: str) -> None:
            button = next(
                each
                for each in (await dock.state())["presses"]
                if icon in each["icon"] and text in each["text"]
            )
            last = [0.0]

            async def there() -> Any:
                if time.monotonic() - last[0] > PRESS_PAUSE:
                    last[0] = time.monotonic()
                    tap(cable, button["x"] / WIDE, button["y"] / HIGH)
                return (await dock.state())["screen"] == leads_to

            await until_async(there, 20, f"{leads_to} after {text}")

        await shows("start")
        shown = ImageGrab.grab(xdisplay=display)
        assert shown.size == (HIGH, WIDE)
        if keep := os.environ.get("FOYER_KEEP_PICTURES"):
            shown.save(Path(keep) / "turned.png")
        await press("", "English", "needs")
        os.close(cable)  # the plug is out
        cable = os.open(layer, os.O_RDWR)
        await press("back", "", "start")
        os.close(cable)
        upright = Image.open(io.BytesIO(await dock.get("/screen.png")))
        glass = ImageGrab.grab(xdisplay=display).transpose(Image.Transpose.ROTATE_90)
        assert upright.size == (WIDE, HIGH)
        assert ImageChops.difference(upright, glass.convert("RGB")).getbbox() is None, (
            "the dock shows what people see"
        )
        await dock.press("", "English")  # and its finger hits it, too
        await dock.until(screen="needs")
