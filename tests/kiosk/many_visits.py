"""A kiosk process that many visitors use, in every language; says what memory it holds after so many of them.

Window, fonts, flow, journal and network printer are the real ones; there is no server, which a kiosk does not need to give
out tickets. Run as a program: folder, printer's address, then the counts of visitors after which to tell.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hardware.catalogue import build
from kiosk import app, enrol, thrift
from kiosk.config import Settings
from kiosk.flow import events as e
from kiosk.flow.model import Limits, Screen, Visitor
from kiosk.journal import Journal
from kiosk.run import Runner
from tests.kiosk.clockwork import HandClocks
from tests.kiosk.screens import sample
from wire.vocabulary import Language, PaperState

LONGEST = 20.0
VISITORS = (
    Visitor(Language.EN),
    Visitor(Language.GU),
    Visitor(Language.UR),
    Visitor(Language.PA),
    Visitor(Language.PL, large=True),
    Visitor(Language.AR),
    Visitor(Language.EN, contrast=True),
    Visitor(Language.GU, large=True),
    Visitor(Language.PL),
    Visitor(Language.PA, large=True, contrast=True),
)
"""In turn: after ten, twenty and forty the same has been shown."""


def held_mb() -> float:
    """What is this process's own: not the files of programs and fonts, which all share."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) / 1000


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


class Visits:
    def __init__(self, runner: Runner, pump: Any) -> None:
        self._runner = runner
        self._frames = 0
        pump.drawn.append(self._count)

    def _count(self) -> None:
        self._frames += 1

    async def _until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(LONGEST):
            while not true():  # noqa: ASYNC110  # what it looks at has no event to wait for
                await asyncio.sleep(0.005)

    async def touch(self, action: e.Action, screen: Screen) -> None:
        """And wait for the frame that answers."""
        drawn = self._frames
        self._runner.touch(action, self._runner.model.generation)
        await self._until(lambda: self._runner.model.screen is screen and self._frames > drawn)

    async def one(self, visitor: Visitor) -> None:
        await self._until(lambda: self._runner.model.screen is Screen.START)
        await self.touch(e.ChooseLanguage(visitor.language), Screen.NEEDS)
        if visitor.large:
            await self.touch(e.LargerText(), Screen.NEEDS)
        if visitor.contrast:
            await self.touch(e.HighContrast(), Screen.NEEDS)
        await self.touch(e.ChooseNeed("home"), Screen.SERVICES)
        await self.touch(e.ChooseService("repairs"), Screen.TICKET)
        await self._until(self._paper_is_out)
        await self.touch(e.Done(), Screen.START)

    def _paper_is_out(self) -> bool:
        ticket = self._runner.model.ticket
        return ticket is not None and ticket.paper is PaperState.CONFIRMED


async def live(settings: Settings, ear: app.Ear, window: tuple[Any, Any, Any], counts: list[int]) -> None:
    face, pump, words = window
    broom = thrift.Broom()
    runner = Runner(
        settings,
        build(settings.printer),
        words,
        forgotten=app._forgotten(face, broom),
        clocks=HandClocks(sample.NOW),
    )
    runner.model = replace(runner.model, limits=Limits(bounce=0.0, settle=0.0))
    ear.to = runner.send
    runner.watch(face.render)
    runner.watch(broom.watch)
    broom.start()
    parts = [asyncio.create_task(runner.run()), asyncio.create_task(pump.run())]
    visits = Visits(runner, pump)
    for number in range(max(counts)):
        await visits.one(VISITORS[number % len(VISITORS)])
        if number + 1 in counts:
            gc.collect()
            thrift.trim()
            told = {"visits": number + 1, "held_mb": held_mb(), "files": open_files(), "threads": threads()}
            print(json.dumps(told), flush=True)
    for part in parts:
        part.cancel()
    await asyncio.gather(*parts, return_exceptions=True)


def main(folder: Path, printer: str, counts: list[int]) -> None:
    clocks = HandClocks(sample.NOW)
    journal = Journal(folder / "journal.db", clocks)
    journal.keep_rows(sample.rows())
    journal.close()
    enrol.keep(folder, enrol.Paired("no server hears it", sample.DEVICE, "york-house"))
    settings = Settings.model_validate(
        {
            "server": "http://127.0.0.1:9",
            "state": str(folder),
            "sound": False,
            "printer": {"type": "network", "address": printer},
        }
    )
    ear = app.Ear()
    window = app._window(settings, ear, offscreen=True, fullscreen=False)
    asyncio.run(live(settings, ear, window, counts))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [int(each) for each in sys.argv[3:]])
