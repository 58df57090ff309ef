"""Runs a display's browser for years: see `display.agent`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from display.agent.browser import Browser, Gone
from display.agent.judging import PATIENCE, Answer, Deed, Judge
from hardware.catalogue import ScreenConfig, build_screen
from hardware.machine import Machine
from hardware.screens import Screen
from hardware.supervisor import Supervisor

log = logging.getLogger("foyer.display")

LOOK_SECONDS = 5.0
ANSWER_SECONDS = 4.0
TOLD_EVERY = 60.0
FALLS, WITHIN_SECONDS = 5, 300.0
"""A browser that has to be started so often within so long will not do: the supervisor shows the safe page."""
STANDING = "({ url: location.href, page: globalThis.foyerScreen?.() ?? null })"
DRAWN = f"new Promise((told) => requestAnimationFrame(() => told({STANDING})))"


class Agent:
    def __init__(
        self, command: Sequence[str], home: str, screen: Screen, machine: Machine, supervisor: Supervisor
    ) -> None:
        self._command, self._screen, self._machine, self._supervisor = command, screen, machine, supervisor
        self.judge = Judge(home)
        # Where there is a page of this machine that waits for the server, that one: the server may be away, and a browser's error page would stand there.
        self._begins = command[-1] if command and command[-1].startswith("file:") else home
        self.lit = True
        self._dark = False
        """What the panel was told last, whether or not it did so."""
        self._telling: asyncio.Future[bool] | None = None
        self._panel = ""
        self._told_at = -1e9
        self._starts: list[float] = []

    async def run(self) -> int:
        """Until the browser falls too often."""
        try:
            return await self._run()
        finally:
            if self._dark:  # whatever comes next (the safe page, a newer release) must be seen
                if self._telling is not None:
                    await asyncio.wait([self._telling])
                self._screen.light(True)

    async def _run(self) -> int:
        while self._may_start():
            browser = Browser(self._command)
            try:
                await browser.start()
                log.info("the browser runs")
                self._supervisor.ready("The browser runs.")
                await self._keep(browser)
            except (Gone, OSError, TimeoutError) as error:
                log.warning("the browser has to be started anew: %s", type(error).__name__)
            finally:
                with contextlib.suppress(AttributeError):  # one that could not even be started
                    await browser.end()
        return 1

    def _may_start(self) -> bool:
        now = time.monotonic()
        self._starts = [at for at in self._starts if now - at < WITHIN_SECONDS] + [now]
        return len(self._starts) <= FALLS

    async def _keep(self, browser: Browser) -> None:
        crowded = 0
        while True:
            crowded = crowded + 1 if await self._in_time(browser.alone()) is False else 0
            if crowded >= PATIENCE:
                log.warning("a window does not close")
                raise Gone
            answer = None if browser.crashed else await self._look(browser)
            deed = Deed.RELOAD if browser.crashed else self.judge.on(answer)
            match deed:
                case Deed.FEED:
                    self._supervisor.well()
                    assert answer is not None
                    await self._after(browser, answer)
                case Deed.GO_HOME:
                    log.warning("the screen was on another page")
                    await self._in_time(browser.go(self._begins))
                case Deed.RELOAD:
                    log.warning("the page does not answer; loading it anew")
                    await self._in_time(browser.reload())
                case Deed.RESTART:
                    raise Gone
                case _:
                    pass
            await asyncio.sleep(LOOK_SECONDS)

    async def _in_time(self, doing: Any) -> Any:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await doing
        except TimeoutError:
            return None

    async def _look(self, browser: Browser) -> Answer | None:
        """A dark panel draws nothing, so then only the page is asked and not the picture."""
        said = await self._in_time(browser.evaluate(DRAWN if self.lit else STANDING))
        return Answer(str(said.get("url", "")), said.get("page")) if isinstance(said, Mapping) else None

    async def _after(self, browser: Browser, answer: Answer) -> None:
        page, now = answer.page, time.monotonic()
        self._supervisor.status(_in_words(page))
        lit = self.judge.lit(page, now)
        told = now - self._told_at >= (LOOK_SECONDS if lit and self._panel == "broken" else TOLD_EVERY)
        if lit == self._dark or told:  # one that does not go dark has time until it is told anyway
            done = await self._tell(lit)
            if lit != self.lit and done:
                log.info("the screen is %s", "lit" if lit else "dark")
            self.lit = lit or not done
            self._panel = "broken" if not done else "on" if lit else "off"
            self._told_at = now
            machine = {**asdict(await asyncio.to_thread(self._machine.read)), "screen": self._panel}
            await self._in_time(browser.evaluate(f"void (globalThis.foyerMachine = {json.dumps(machine)})"))

    async def _tell(self, lit: bool) -> bool:
        self._dark = not lit
        self._telling = asyncio.get_running_loop().run_in_executor(None, self._screen.light, lit)
        return await asyncio.shield(self._telling)


def _in_words(page: Mapping[str, Any] | None) -> str:
    if page is None:
        return "Waiting for the server."
    if page.get("evacuated"):
        return "Tells everyone to leave the building."
    if page.get("open") is None:
        return "Has not heard of its centre yet: is it paired?"
    line = "" if page.get("standing") == "live" else " The server is not reached."
    return ("Shows the board." if page.get("open") else "The centre is closed.") + line


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="foyer-display", description="Runs a display's browser.")
    parser.add_argument(
        "--home", required=True, help="the page this screen is for: https://your-server/display"
    )
    parser.add_argument("--state", type=Path, default=Path(), help="the folder the browser writes to")
    parser.add_argument(
        "--screen", default="none", help="how the panel is switched: wlopm, cec, ddc, backlight, none"
    )
    parser.add_argument("--screen-address", default="")
    parser.add_argument("command", nargs="+", help="the browser with its flags, behind --")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        screen = build_screen(ScreenConfig.read({"type": options.screen, "address": options.screen_address}))
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 78
    supervisor = Supervisor.found(os.environ)
    agent = Agent(options.command, options.home, screen, Machine(options.state), supervisor)
    return asyncio.run(_until_told(agent, supervisor))


async def _until_told(agent: Agent, supervisor: Supervisor) -> int:
    running = asyncio.create_task(agent.run())
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, running.cancel)
    try:
        return await running
    except asyncio.CancelledError:
        return 0
    finally:
        supervisor.stopping()


if __name__ == "__main__":
    sys.exit(main())
