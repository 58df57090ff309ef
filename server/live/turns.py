"""Whose turn it is: work that one of several servers does at a time, and another takes over when that one is gone.

A job asks `mine(work)` at the beginning of each of its rounds and does nothing when it is not. What is held is renewed while the process lives, so a long
round stays its own; a server that stops gives it back, one that is killed or cut off loses it within `HELD_SECONDS`, and the others, which look every
`LOOK_SECONDS`, take it up. On SQLite there is one server, and every turn is its own.

Work of which each piece is taken in hand by itself (messages, hand-offs, papers to read, reports to make) needs no turn and is shared by all servers.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from server.domain.refusals import Refused
from server.store import leases
from server.store.tx import Tx

log = logging.getLogger("foyer.jobs")

HELD_SECONDS = 15.0
RENEW_SECONDS = 4.0
LOOK_SECONDS = 4.0
_MICROS = round(HELD_SECONDS * 1_000_000)


@dataclass
class Turns:
    """`change` runs a function in the writer lane as the house itself."""

    process: str
    alone: bool
    change: Callable[[str, Callable[[Tx], frozenset[str] | None]], Awaitable[frozenset[str] | None]]
    seconds: Callable[[], float] = time.monotonic
    _until: dict[str, float] = field(default_factory=dict)
    _look_at: dict[str, float] = field(default_factory=dict)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def mine(self, work: str) -> bool:
        """Whether this server is to do `work` now. Never raises: where it cannot be known it is not."""
        if self.alone or self._until.get(work, 0.0) > self.seconds():
            return True
        if self._look_at.get(work, 0.0) > self.seconds():
            return False
        self._look_at[work] = self.seconds() + LOOK_SECONDS
        return work in await self._take(frozenset({work}))

    def held(self) -> list[str]:
        """What is this server's now, for the page of the house."""
        return sorted(work for work, until in self._until.items() if until > self.seconds())

    async def keep(self) -> None:
        """Until cancelled: renew what is held."""
        while not self.alone:
            await asyncio.sleep(RENEW_SECONDS)
            if self._until:
                held = frozenset(self._until)
                for work in held - await self._take(held):
                    if self._until.get(work, 0.0) <= self.seconds():
                        self._until.pop(work, None)

    async def give_back(self) -> None:
        """Everything, as this server stops."""
        if self.alone or not self._until:
            return
        self._until.clear()
        try:
            async with asyncio.timeout(2):
                await self.change("give_back_turns", partial(leases.give_back, process=self.process))
        except (Refused, TimeoutError):
            log.info("turns could not be given back; they run out by themselves")

    async def _take(self, works: frozenset[str]) -> frozenset[str]:
        """It is held from before it was asked for: what the database says later cannot be over earlier."""
        async with self._asking:
            asked = self.seconds()
            take = partial(leases.take, works=works, process=self.process, micros=_MICROS)
            try:
                taken = await self.change("take_turns", take) or frozenset()
            except Refused:
                return frozenset()
            except Exception:
                log.exception("whose turn it is could not be asked")
                return frozenset()
            for work in works:
                if work in taken:
                    self._until[work] = asked + HELD_SECONDS
                else:
                    self._until.pop(work, None)
            return taken
