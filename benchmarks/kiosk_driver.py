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
from typing import Any

from kiosk import app, config
from kiosk.flow import events as e
from kiosk.flow.model import Model, Screen
from wire.vocabulary import Language, PaperState

BREATH = 0.1
"""Between what the guard asks for and the next touch."""
UNDER_WAY = frozenset({PaperState.RESERVED, PaperState.SENT})


def say(what: str, **more: Any) -> None:
    print(json.dumps({"what": what, "at": time.monotonic(), **more}), flush=True)


class Visitor:
    def __init__(self, ear: app.Ear, face: Any, pump: Any) -> None:
        self._ear, self._face = ear, face
        self._drawn: list[Callable[[], None]] = pump.drawn

    @property
    def _model(self) -> Model:
        model: Model = self._ear.to.__self__.model  # type: ignore[union-attr]  # the runner's own method
        return model

    async def screen(self, screen: Screen) -> None:
        """Until a frame of it is drawn."""
        drawn = asyncio.Event()

        def look() -> None:
            if self._ear.to is not None and self._model.screen is screen:
                drawn.set()

        self._drawn.append(look)
        try:
            async with asyncio.timeout(20):
                while not (self._ear.to is not None and self._model.screen is screen):
                    drawn.clear()
                    await asyncio.sleep(0.01)
                await asyncio.sleep(self._model.limits.settle + self._model.limits.bounce + BREATH)
        finally:
            self._drawn.remove(look)

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
        async with asyncio.timeout(10):
            while self._model.ticket is not None and self._model.ticket.paper in UNDER_WAY:
                await asyncio.sleep(0.02)
        self.tap(e.Done())


async def main(settings: config.Settings, ear: app.Ear, face: Any, pump: Any, words: Any) -> None:
    life = asyncio.create_task(app._live(settings, ear, face, pump, words))
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
