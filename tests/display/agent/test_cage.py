"""Ways out of a display, tried on a real Chromium window with a real keyboard and pointer: the board is there again, alone, after each.

It takes a minute, so it is a proof and not for every day: `FOYER_PROOF=2 make test PYTEST_OPTIONS=tests/display/agent/test_cage.py`.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from display.agent import __main__ as program
from display.agent.browser import Gone
from hardware.machine import Machine
from hardware.screens.simulated import SimulatedScreen
from tests.display.agent.test_agent import PAGE, Seen, Watched, serving, until
from tests.proof.sizes import TIMES
from tests.support.browser import FLAGS, chromium_path
from tests.support.screen import virtual_screen

__all__ = ["virtual_screen"]

KEYS_FOR_MEDIA = (
    "HomePage", "Mail", "Search", "Favorites", "WWW", "Back", "Forward", "Refresh", "Stop", "Reload", "OpenURL", "Explorer", "Calculator",
    "AudioPlay", "AudioMute", "Launch0", "Sleep", "PowerOff", "Eject", "ZoomIn", "ZoomOut", "New", "Open", "Save", "Close", "Terminal",
)  # fmt: skip
CHUNKS = [
    [
        "ctrl+t",
        "ctrl+n",
        "ctrl+shift+n",
        "ctrl+shift+t",
        "ctrl+Tab",
        "ctrl+shift+i",
        "ctrl+shift+j",
        "ctrl+shift+c",
    ],
    [
        "Escape",
        "F1",
        "F3",
        "F5",
        "F6",
        "F7",
        "F10",
        "F11",
        "F12",
        "alt+F4",
        "alt+Home",
        "alt+Left",
        "alt+Right",
    ],
    [
        "ctrl+o",
        "Escape",
        "ctrl+p",
        "Escape",
        "ctrl+s",
        "Escape",
        "ctrl+u",
        "ctrl+l",
        "ctrl+j",
        "ctrl+h",
        "ctrl+d",
        "Escape",
    ],
    [
        "ctrl+shift+Delete",
        "shift+Escape",
        "ctrl+shift+m",
        "ctrl+shift+o",
        "ctrl+shift+b",
        "alt+f",
        "alt+d",
        "super+r",
        "Menu",
    ],
    [
        "ctrl+plus",
        "ctrl+plus",
        "ctrl+minus",
        "ctrl+0",
        "ctrl+f",
        "Escape",
        "F7",
        "Escape",
        "Print",
        "ctrl+alt+Delete",
    ],
    [
        "ctrl+shift+w",
        "ctrl+shift+a",
        "ctrl+shift+p",
        "ctrl+shift+g",
        "ctrl+shift+u",
        "ctrl+k",
        "ctrl+e",
        "ctrl+g",
    ],
    ["ctrl+1", "ctrl+9", "ctrl+F4", "ctrl+F6", "shift+F6", "shift+F10", "alt+shift+i", "alt+e", "alt+space"],
    [*(f"XF86{key}" for key in KEYS_FOR_MEDIA)],
    [
        "ctrl+shift+F5",
        "ctrl+F5",
        "ctrl+shift+r",
        "ctrl+r",
        "BackSpace",
        "shift+BackSpace",
        "ctrl+Escape",
        "Help",
    ],
]
TYPED = (
    "file:///etc/passwd\n",
    "chrome://settings\n",
    "javascript:void(document.title='out')\n",
    "\x1b\x03\x1a\x07%n%s\n",
)
"""As a scanner of codes that plays a keyboard would type it, with its Enter."""
POINTER = (
    # A text is marked and drawn over the screen; a long press; a swipe from each edge; the wheel with Ctrl.
    ("mousemove", "20", "40", "click", "--repeat", "3", "1", "mousedown", "1", "mousemove", "900", "700", "mouseup", "1"),
    ("mousemove", "20", "40", "mousedown", "1", "sleep", "1", "mouseup", "1"),
    ("mousemove", "0", "384", "mousedown", "1", "mousemove", "1000", "384", "mouseup", "1"),
    ("mousemove", "512", "0", "mousedown", "1", "mousemove", "512", "760", "mouseup", "1"),
    ("keydown", "ctrl", "click", "4", "click", "5", "keyup", "ctrl"),
    ("keydown", "shift", "mousemove", "60", "60", "click", "1", "keyup", "shift"),
)  # fmt: skip
PAGE_TRIES = (
    "void window.open('about:blank')",
    "alert('caught')",
    "void window.open('https://elsewhere.example/', '_blank', 'popup')",
    "confirm('leave?')",
    "void Object.assign(document.createElement('a'), {href: 'data:,x', download: 'x.txt'}).click()",
    "void Object.assign(document.createElement('input'), {type: 'file'}).click()",
    "void (location.href = 'mailto:a@b.example')",
    "void (location.href = 'ssh://b.example')",
    "void document.documentElement.requestFullscreen?.().catch(() => 0)",
    "void history.back()",
    "void window.print()",
)


def _files(folder: Path) -> list[Path]:
    """Anything that was fetched and kept."""
    return list(folder.glob("**/x.txt"))


@pytest.mark.skipif(TIMES <= 1, reason="it takes a minute: FOYER_PROOF=2 asks for it")
async def test_nobody_gets_away_from_the_board(
    virtual_screen: Callable[[int, int], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(program, "FALLS", 20)
    display = virtual_screen(1024, 768)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    typing = shutil.which("xdotool")
    assert typing, "xdotool is not installed here. `make setup-test` installs it."

    def does(*words: str) -> None:
        subprocess.run([typing, *words], capture_output=True, timeout=30, check=False)

    async with serving(PAGE) as home:
        flags = (
            "--kiosk",
            "--no-sandbox",
            "--ozone-platform=x11",
            f"--user-data-dir={tmp_path}/profile",
            "--noerrdialogs",
        )
        supervisor = Watched()
        agent = Seen(
            (chromium_path(), *flags, *FLAGS, home), home, SimulatedScreen(), Machine(tmp_path), supervisor
        )
        running = asyncio.create_task(agent.run())

        async def board_alone() -> Any:
            browser = agent.browser
            try:
                if browser is None or await asyncio.wait_for(browser.evaluate("location.href"), 2) != home:
                    return False
                pages = await asyncio.wait_for(browser._ask("Target.getTargets", {}), 2)
            except (Gone, TimeoutError):
                return False
            return sum(each["type"] == "page" for each in pages["targetInfos"]) == 1

        try:
            await until(board_alone, 60)
            for chunk in CHUNKS:
                await asyncio.to_thread(does, "key", "--delay", "10", *chunk)
                await until(board_alone, 30)
            for text in TYPED:
                await asyncio.to_thread(does, "type", "--delay", "0", "--", text)
                await until(board_alone, 30)
            for deed in POINTER:
                await asyncio.to_thread(does, *deed)
                await asyncio.to_thread(does, "key", "Escape")
                await until(board_alone, 30)
            for tried in PAGE_TRIES:
                assert agent.browser is not None
                doing = asyncio.create_task(agent.browser.evaluate(tried))
                await until(board_alone, 30)
                doing.cancel()
                await asyncio.gather(doing, return_exceptions=True)
            await asyncio.to_thread(
                does, "mousemove", "500", "400", "click", "3", "click", "2", "click", "8", "click", "9"
            )
            await asyncio.to_thread(does, "key", "Escape")
            await until(board_alone, 30)
            await asyncio.to_thread(does, "key", "ctrl+w")  # closes the page itself: it is opened anew
            await until(board_alone, 60)
            fed = supervisor.fed
            await until(lambda: supervisor.fed > fed, 30)
            assert not _files(tmp_path)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
