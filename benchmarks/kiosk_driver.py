"""The real kiosk, off screen, with a finger: started as a process of its own by `benchmarks.kiosk`.

Nothing is left out: window, fonts, flow, journal, line to the server, network printer. The finger is a Kivy touch on the button as it was drawn,
like the dev dock's. A line on the output tells each instant of the machine's monotonic clock: `first` after the first frame, `touched` when
the finger lifts from the last choice, `shown` after the first frame with the ticket on it. It ends when its input does.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hardware.supervisor import Supervisor
from kiosk import app, config
from kiosk.flow import events as e
from kiosk.flow.model import Model, Screen
from wire.vocabulary import Language, PaperState

if TYPE_CHECKING:
    from kiosk.run import Runner  # not before the first frame: the kiosk itself loads it after

BREATH = 0.1
"""Between what the guard asks for and the next touch."""
UNDER_WAY = frozenset({PaperState.RESERVED, PaperState.SENT})


def say(what: str, **more: Any) -> None:
    print(json.dumps({"what": what, "at": time.monotonic(), **more}), flush=True)


class Visitor:
    """Made once the kiosk lives."""

    def __init__(self, ear: app.Ear, face: Any, pump: Any) -> None:
        self._runner: Runner = ear.to.__self__  # type: ignore[union-attr]  # the runner's own method
        self._face = face
        self._drawn: list[Callable[[], None]] = pump.drawn
        self._changed = asyncio.Event()
        self._runner.watch(lambda model: self._changed.set())

    @property
    def _model(self) -> Model:
        return self._runner.model

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def screen(self, screen: Screen) -> None:
        """Until it stands, and has stood as long as the guard wants to."""
        await self.until(lambda: self._model.screen is screen)
        await asyncio.sleep(self._model.limits.settle + self._model.limits.bounce + BREATH)

    def tap(self, action: e.Action) -> float:
        """Lift a finger from the button of `action`; when that was."""
        from kiosk.devdock import finger

        press = next(press for press in self._face.presses() if press.action == action)
        x, y = press.to_window(*press.center)
        window = self._face.get_root_window()
        down = finger.down((x / window.width, y / window.height))
        at = time.monotonic()
        finger.up(down)
        return at

    async def ticket(self, choice: str, service: str) -> None:
        """One visit, from the start screen back to it."""
        await self.screen(Screen.START)
        self.tap(e.ChooseLanguage(Language.EN))
        await self.screen(Screen.NEEDS)
        self.tap(e.ChooseNeed(choice))
        await self.screen(Screen.SERVICES)
        shown = asyncio.get_running_loop().create_future()

        def look() -> None:
            if self._model.screen is Screen.TICKET and not shown.done():
                shown.set_result(time.monotonic())

        self._drawn.append(look)
        touched = self.tap(e.ChooseService(service))
        at = await asyncio.wait_for(shown, 10)
        self._drawn.remove(look)
        say("ticket", touched=touched, shown=at)
        await self.screen(Screen.TICKET)
        await self.until(lambda: self._model.ticket is None or self._model.ticket.paper not in UNDER_WAY)
        self.tap(e.Done())


async def main(settings: config.Settings, ear: app.Ear, face: Any, pump: Any, words: Any) -> None:
    life = asyncio.create_task(app._live(settings, ear, face, pump, words, Supervisor.found({})))
    await asyncio.sleep(0)  # the kiosk takes its first step, up to where it hears touches
    visitor = Visitor(ear, face, pump)
    loop = asyncio.get_running_loop()
    while order := (await loop.run_in_executor(None, sys.stdin.readline)).split():
        if life.done():
            life.result()
        await visitor.ticket(order[0], order[1])
        await visitor.screen(Screen.START)
        say("ready")
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)


if __name__ == "__main__":
    chosen = config.read(Path(sys.argv[1]), os.environ)
    ear = app.Ear()
    window = app._window(chosen, ear, offscreen=True, fullscreen=False)
    say("first")
    asyncio.run(main(chosen, ear, *window))
