"""A kiosk without a window and a printer: the real journal, line and hand-over, on a folder that outlives it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from kiosk.clocks import MachineClocks, Told
from kiosk.handing import HandingOver
from kiosk.journal import Journal, Order
from kiosk.keeping import Keeping
from kiosk.link import Hooks, Link
from wire.vocabulary import Language, PaperState

T = TypeVar("T")


class ClocksAhead(MachineClocks):
    """The machine's, which can be put ahead: time passes for the kiosk and nobody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0.0

    def steady(self) -> float:
        return super().steady() + self.ahead

    def wall(self) -> int:
        return super().wall() + round(self.ahead * 1000)


class SmallKiosk:
    """`start` it on a server's address, `stop` it; it gives out tickets all the time."""

    def __init__(self, folder: Path, token: str, letter: str = "K") -> None:
        self.token, self.letter = token, letter
        self.clocks = ClocksAhead()
        self.journal = Journal(folder / "journal.db", self.clocks)
        self.given: dict[str, str] = {}
        """Code of each ticket given out, by its id."""
        self.lives: list[str] = []
        """As the feed told them."""
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self, url: str) -> None:
        handing = HandingOver(self.journal, self._in_journal, chance=lambda: 0.0)
        keeping = Keeping(self.journal, self._in_journal, handing.more)
        self._handing = handing

        def rows(told: Mapping[str, Any]) -> None:
            life = told.get("life", {}).get("id", "")
            if life and life not in self.lives[-1:]:
                self.lives.append(life)
            self._tasks.append(asyncio.create_task(keeping.rows(dict(told))))

        link = Link(
            f"ws{url[4:]}/ws/device",
            self.token,
            hooks=Hooks(rows=rows, server_now=self._heard),
            steady=time.monotonic,
            chance=lambda: 0.0,
        )
        self._tasks += [asyncio.create_task(link.run()), asyncio.create_task(handing.run(link))]

    def _heard(self, now: int) -> None:
        self.journal.tell(Told(now, self.clocks.steady(), self.clocks.boot, self.clocks.wall()))

    async def _in_journal(self, work: Callable[..., T], *values: Any) -> T:
        return work(*values)

    def visitor(self, service: str = "council-tax") -> str:
        """Somebody takes a ticket and goes; its code."""
        given = self.journal.take(Order(self.letter, "Europe/London", service, Language.PL))
        self.journal.paper(given.ticket, PaperState.CONFIRMED, 0)
        self.journal.forget(given.ticket)
        self.given[given.ticket] = given.code
        if self._tasks:
            self._handing.more()
        return given.code

    @property
    def all_handed_over(self) -> bool:
        return self.journal.held() == 0

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

    async def end(self) -> None:
        await self.stop()
        self.journal.close()
