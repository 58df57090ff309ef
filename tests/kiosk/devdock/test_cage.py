"""Ways out of the kiosk, tried on its real window with a real keyboard and pointer: after each it is as it was.

What the system adds (no other consoles, no magic keys, no shell behind the window) is in deploy/raspberrypi and tested there.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.devdock.conftest import Dock
from tests.kiosk.screens.sample import DEVICE, NOW, rows
from tests.kiosk.standin import StandIn, standing
from tests.support.ports import free_port
from tests.support.processes import Start
from tests.support.screen import virtual_screen
from tests.support.waiting import until_async

__all__ = ["virtual_screen"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDE, HIGH = 1280, 800
FUNCTION = [f"F{number}" for number in range(1, 25)]
KEYS = [
    "Escape",
    *FUNCTION,
    *(f"{with_}+{key}" for with_ in ("alt", "ctrl", "ctrl+alt", "shift", "super") for key in FUNCTION[:12]),
    *(f"ctrl+{key}" for key in "acdefghijklmnopqrstuvwxyz0"),
    *(f"ctrl+shift+{key}" for key in "cdeijknoqtw"),
    *(f"alt+{key}" for key in ("F4", "space", "Tab", "Escape", "Return", "Left", "Right", "Home", "f", "d")),
    *(f"super+{key}" for key in ("e", "l", "r", "d", "Tab", "space")),
    *(
        "ctrl+Escape",
        "ctrl+alt+Delete",
        "ctrl+alt+BackSpace",
        "ctrl+backslash",
        "ctrl+bracketright",
        "ctrl+grave",
    ),
    *(
        "alt+Print",
        "ctrl+alt+Print",
        "alt+Print+b",
        "alt+Print+e",
        "Print",
        "Pause",
        "Break",
        "Scroll_Lock",
        "Sys_Req",
    ),
    *(
        "Super_L",
        "Super_R",
        "Menu",
        "Help",
        "Undo",
        "Insert",
        "Delete",
        "Home",
        "End",
        "Prior",
        "Next",
        "BackSpace",
    ),
    *(
        "XF86PowerOff",
        "XF86Sleep",
        "XF86WWW",
        "XF86Explorer",
        "XF86Calculator",
        "XF86Terminal",
        "XF86Eject",
        "XF86Back",
    ),
    *("shift+F10", "shift+Insert", "ctrl+Insert", "Multi_key", "Num_Lock", "Caps_Lock", "Caps_Lock"),
]
POINTER = [
    *(["mousemove", "2", "2", "click", button] for button in ("2", "3", "4", "5", "8", "9")),
    ["mousemove", "2", "2", "click", "--repeat", "25", "--delay", "5", "1"],
    ["mousemove", "2", "400", "mousedown", "1", "mousemove", "1278", "400", "mouseup", "1"],
    ["mousemove", "1278", "400", "mousedown", "3", "mousemove", "2", "400", "mouseup", "3"],
    ["mousemove", "640", "2", "mousedown", "1", "mousemove", "640", "798", "mouseup", "1"],
    ["mousemove", "0", "0", "mousedown", "1", "mousedown", "3", "mouseup", "1", "mouseup", "3"],
    [
        "keydown",
        "alt",
        "mousemove",
        "2",
        "2",
        "mousedown",
        "1",
        "mousemove",
        "700",
        "500",
        "mouseup",
        "1",
        "keyup",
        "alt",
    ],
    ["keydown", "ctrl", "click", "4", "click", "5", "keyup", "ctrl"],
]
TYPED = [
    "; reboot; $(reboot) `reboot` && reboot",
    "file:///etc/passwd",
    "x" * 1500,
    "\u202e\u0000\u0007%n%s{0}[b]",
]


class Hand:
    """Whoever tries to get out: a keyboard and a pointer on this screen."""

    def __init__(self, display: str) -> None:
        program = shutil.which("xdotool")
        assert program, "xdotool is not installed here. `make setup-test` installs it."
        self._program, self._env = program, {"DISPLAY": display}

    def does(self, *words: str) -> str:
        done = subprocess.run(
            [self._program, *words], env=self._env, capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout

    def windows(self) -> list[str]:
        return sorted(self.does("search", "--onlyvisible", "--name", ".*").split())


def _files(folder: Path) -> list[str]:
    """Everything there but what a kiosk keeps of its own accord."""
    ours = ("journal.db", "safe.page")
    return sorted(path.name for path in folder.rglob("*") if not path.name.startswith(ours))


async def test_nobody_gets_out_of_the_kiosk(
    virtual_screen: Callable[[int, int], str], start_process: Start, tmp_path: Path
) -> None:
    async with standing(StandIn(rows=rows(), now=NOW)) as server:
        display, port = virtual_screen(WIDE, HIGH), free_port()
        (tmp_path / "state").mkdir()
        token = {"token": "right", "device": DEVICE, "centre": "york-house"}
        (tmp_path / "state" / "device.json").write_text(json.dumps(token))
        (tmp_path / "kiosk.toml").write_text(
            f'server = "http://127.0.0.1:{server.port}"\n[dock]\nenabled = true\nport = {port}\n'
            f'[panel]\nwidth = {WIDE}\nheight = {HIGH}\nwidth_mm = 217.0\nheight_mm = 135.6\n[printer]\ntype = "simulated"\n'
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
        dock, hand = Dock(port, child, server), Hand(display)

        async def at_rest() -> Any:
            try:
                return (await dock.state())["screen"] == "start"
            except OSError:
                return False

        await until_async(at_rest, 30, "the first screen")
        windows, said = hand.windows(), child.output
        own = max(windows, key=int)
        assert len(windows) == 2, "the root's and ours"
        files = _files(tmp_path)

        async def as_before(tried: str) -> None:
            assert child.exit_status is None, f"{tried} ended it\n{child.story()}"
            state = await dock.state()
            assert state["screen"] == "start", f"{tried} led to {state['screen']}"

        for some in (KEYS[first : first + 8] for first in range(0, len(KEYS), 8)):
            await asyncio.to_thread(hand.does, "key", "--delay", "4", *some)
            await as_before(" ".join(some))
        for deed in POINTER:
            await asyncio.to_thread(hand.does, *deed)
            await as_before(" ".join(deed))
        for text in TYPED:
            await asyncio.to_thread(hand.does, "type", "--delay", "0", "--", text.replace("\0", ""))
            await as_before(text[:20])
        for way in ("windowquit", "windowclose", "windowminimize", "windowunmap"):
            if way == "windowclose":
                continue  # destroys the window of another program, which only somebody inside the system can do
            await asyncio.to_thread(hand.does, way, own)
            await as_before(way)
        await asyncio.to_thread(hand.does, "windowmap", own)
        assert hand.windows() == windows, "no other window, and still this one"
        assert _files(tmp_path) == files, "nothing was written: no picture of the screen, no file"
        assert "Traceback" not in child.output[len(said) :]
        await dock.press("", "English")
        await dock.until(screen="needs")
