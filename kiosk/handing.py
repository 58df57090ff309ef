"""Hands the journal over, entry by entry, whenever the line is up. One entry at a time, so the order is the
visitors' order.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from kiosk.journal import DiskError, Held, Journal, Lost, Verdict, judge
from kiosk.link import pause
from wire.asks import DeviceAsk
from wire.frames import Answer

log = logging.getLogger("foyer.kiosk.handing")

DISK_PAUSE = 5.0


class Line(Protocol):
    open: asyncio.Event

    async def ask(self, ask_id: str, body: DeviceAsk) -> Answer | Lost: ...


class HandingOver:
    """`in_journal` runs a function in the journal's thread. `settled` is called after each try."""

    def __init__(
        self,
        journal: Journal,
        in_journal: Callable[..., Awaitable[Any]],
        settled: Callable[[Verdict], None] = lambda verdict: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._journal = journal
        self._in_journal = in_journal
        self._settled = settled
        self._chance = chance
        self._more = asyncio.Event()

    def more(self) -> None:
        """Something new is in the journal."""
        self._more.set()

    async def run(self, line: Line) -> None:
        """Until cancelled."""
        in_vain = 0
        while True:
            await line.open.wait()
            self._more.clear()
            try:
                held: Held | None = await self._in_journal(self._journal.next_held)
                if held is None:
                    await self._more.wait()
                    continue
                verdict = await self._try(line, held)
            except DiskError as error:
                log.warning("the journal cannot be handed over: %s", error)
                await asyncio.sleep(DISK_PAUSE)
                continue
            if verdict is Verdict.AGAIN:
                in_vain += 1
                await asyncio.sleep(pause(in_vain, None, self._chance()))
            elif verdict is not Verdict.STEP_BACK:
                in_vain = 0

    async def _try(self, line: Line, held: Held) -> Verdict:
        outcome = await line.ask(held.ask, held.body)
        verdict = judge(outcome, held.tries, held.others_taken)
        refusal = outcome.refusal if isinstance(outcome, Answer) else None
        why = (
            f"{refusal.code.value}: {refusal.say}" if refusal else "The server did not take it in many tries."
        )
        if verdict is Verdict.SET_ASIDE:
            log.warning("set aside %s %s: %s", held.body.do, held.code, why)
        await self._in_journal(self._journal.settle, held, verdict, why)
        self._settled(verdict)
        return verdict
