"""The program beside a real Chromium: it keeps the board on the screen, whatever somebody or something does to it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from display.agent import __main__ as program
from display.agent.__main__ import Agent
from display.agent.browser import Browser
from display.agent.judging import Answer, Judge
from hardware.machine import Machine
from hardware.screens.simulated import SimulatedScreen
from hardware.supervisor import Supervisor
from tests.support.browser import FLAGS, chromium_path
from tests.support.waiting import until_async

PAGE = """<!doctype html><title>Board</title><h1>Board</h1><script>
globalThis.foyerScreen = () => ({ standing: "live", open: globalThis.shut !== true, opens_at: 1e13, evacuated: false, now: 1 });
</script>"""


class Watched(Supervisor):
    def __init__(self) -> None:
        super().__init__()
        self.fed = 0

    def well(self) -> None:
        self.fed += 1


class Seen(Agent):
    """An agent whose browser a test may touch."""

    browser: Browser | None = None

    async def _keep(self, browser: Browser) -> None:
        self.browser = browser
        await super()._keep(browser)


@asynccontextmanager
async def serving(page: str) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = page.encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/display"


async def until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    async def look() -> Any:
        found = holds()
        return await found if asyncio.iscoroutine(found) else found

    await until_async(look, seconds, "what was done about it")


async def test_the_board_stays_on_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(program, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr("display.agent.judging.AFTER_SECONDS", 0.1)
    async with serving(PAGE) as home:
        command = (
            chromium_path(),
            "--headless=new",
            "--no-sandbox",
            f"--user-data-dir={tmp_path}/profile",
            *FLAGS,
            home,
        )
        supervisor, panel = Watched(), SimulatedScreen()
        agent = Seen(command, home, panel, Machine(tmp_path), supervisor)
        running = asyncio.create_task(agent.run())
        try:
            await until(lambda: supervisor.fed > 2)
            browser = agent.browser
            assert browser is not None
            first = browser.process.pid
            assert "up_seconds" in await browser.evaluate("Object.keys(globalThis.foyerMachine).join()")

            # Somebody opens a window, asks for a file, prints a dialog, goes elsewhere.
            await browser._ask("Target.createTarget", {"url": "about:blank"})
            await until(lambda: browser.closed_windows == 1)
            assert await browser.evaluate("alert('you are caught'), prompt('?')") is None
            await browser.evaluate("void (location.href = 'data:text/html,elsewhere')")
            await browser.go("chrome://version")
            await until(lambda: _at_home(browser, home))

            # The centre closes, and opens again.
            await browser.evaluate("void (globalThis.shut = true)")
            await until(lambda: not panel.lit and not agent.lit)
            await browser.evaluate("void (globalThis.shut = false)")
            await until(lambda: panel.lit)

            # The page hangs for ever: no food meanwhile, then it is loaded anew.
            fed = supervisor.fed
            stuck = asyncio.create_task(browser.evaluate("for (;;) {}"))
            await until(lambda: agent.judge.silent == 2)
            assert supervisor.fed <= fed + 1
            await until(lambda: supervisor.fed > fed + 2, 60)
            stuck.cancel()
            assert agent.browser is not None

            # The browser itself dies.
            os.killpg(agent.browser.process.pid, signal.SIGKILL)
            await until(lambda: agent.browser is not None and agent.browser.process.pid != first, 60)
            fed = supervisor.fed
            await until(lambda: supervisor.fed > fed + 1, 60)
            await agent.browser.evaluate("void (globalThis.shut = true)")
            await until(lambda: not panel.lit)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert panel.lit, "whatever shows next (the safe page) must be seen"


async def _at_home(browser: Browser, home: str) -> bool:
    return bool(await browser.evaluate("location.href") == home)


async def test_a_browser_that_does_not_start_is_given_up_so_that_the_safe_page_comes(tmp_path: Path) -> None:
    agent = Agent(("/bin/false",), "http://127.0.0.1/", SimulatedScreen(), Machine(tmp_path), Supervisor())
    async with asyncio.timeout(30):
        assert await agent.run() == 1


class Answers(Browser):
    """One that takes whatever it is told."""

    async def evaluate(self, expression: str) -> Any:
        return None


async def test_a_panel_that_does_not_go_dark_has_time_and_one_that_does_not_come_on_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `kiosk.resting`: nobody stands before a closed board, and a panel may not be spoken to all night every five seconds."""
    monkeypatch.setattr(program, "LOOK_SECONDS", 0.0)
    (tmp_path / "panel").write_text("broken")
    screen = SimulatedScreen(tmp_path / "panel")
    agent = Agent(["true"], "https://foyer.example/display", screen, Machine(tmp_path), Supervisor())
    agent.judge = Judge("https://foyer.example/display", _closed_since=-1e9)
    shut = {"open": False, "evacuated": False, "opens_at": 1e13, "now": 1}
    browser = Answers(["true"])
    for _ in range(3):
        await agent._after(browser, Answer("https://foyer.example/display", shut))
    assert screen.told == [False]
    for _ in range(3):
        await agent._after(browser, Answer("https://foyer.example/display", {**shut, "evacuated": True}))
    assert screen.told == [False, True, True, True]
