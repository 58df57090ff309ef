"""Time that the play turns: one number in a file that play and server both see, and a scheduler that moves it when nobody is awake."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import mmap
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from server.clock import Clock, from_micros, to_micros

_WIDE = 8
STUCK_SECONDS = 180
"""Real seconds for which somebody may be awake before the play is given up: nothing asked takes so long."""


class Face:
    """The number on the clock, in microseconds since 1970; written by one process, read by any."""

    def __init__(self, path: Path, start: datetime | None = None) -> None:
        if start is not None:
            path.write_bytes(to_micros(start).to_bytes(_WIDE, "little"))
        with path.open("r+b") as file:
            self._seen = mmap.mmap(file.fileno(), _WIDE)

    def read(self) -> int:
        return int.from_bytes(self._seen[:_WIDE], "little")

    def write(self, micros: int) -> None:
        self._seen[:_WIDE] = micros.to_bytes(_WIDE, "little")


@dataclass(frozen=True)
class TurnedClock(Clock):
    """The server's clock, turned from outside."""

    face: Face | None = None

    def micros(self) -> int:
        assert self.face is not None
        return self.face.read()


class Time:
    """What the play lives by. Everybody is either awake, or waits for an instant or for a bell; only when nobody is awake does it become later."""

    def __init__(self, face: Face, fastest: float) -> None:
        self._face = face
        self._fastest = fastest
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._awake = 0
        self._all_wait = asyncio.Event()
        self._all_wait.set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.failed: list[str] = []

    @property
    def now(self) -> datetime:
        return from_micros(self._face.read())

    def begin(self, part: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Play a part. What it fails of is kept in `failed`."""
        self._wake()
        task = asyncio.create_task(part, name=getattr(part, "__qualname__", "a part"))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def until(self, at: datetime) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (to_micros(at), next(self._order), future))
        await self.for_bell(future)

    async def take(self, seconds: float) -> None:
        await self.until(self.now + timedelta(seconds=max(0.0, seconds)))

    async def for_bell(self, future: asyncio.Future[None]) -> None:
        """Wait for somebody else of the play, who calls `ring`."""
        self._rest()
        try:
            await future
        except asyncio.CancelledError:
            if not future.done() or future.cancelled():
                self._wake()
            raise

    def ring(self, future: asyncio.Future[None]) -> None:
        if not future.done():
            self._wake()
            future.set_result(None)

    async def run_to(self, end: datetime) -> None:
        """Until it is `end` and nobody is awake."""
        last = to_micros(end)
        began, from_ = time.monotonic(), self._face.read()
        while True:
            async with asyncio.timeout(STUCK_SECONDS):
                await self._all_wait.wait()
            while self._waiting and self._waiting[0][2].done():
                heapq.heappop(self._waiting)
            due = self._waiting[0][0] if self._waiting else last
            if due > last or not self._waiting:
                self._face.write(max(last, self._face.read()))
                return
            ahead = (due - from_) / 1e6 / self._fastest - (time.monotonic() - began)
            if ahead > 0:
                await asyncio.sleep(ahead)
            self._face.write(max(due, self._face.read()))
            self.ring(heapq.heappop(self._waiting)[2])

    async def end(self) -> None:
        """Everybody stops playing."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _wake(self) -> None:
        self._awake += 1
        self._all_wait.clear()

    def _rest(self) -> None:
        self._awake -= 1
        if self._awake == 0:
            self._all_wait.set()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._rest()
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed.append(
                f"{self.now:%d %b %H:%M:%S}, {task.get_name()}: {type(error).__name__}: {error}"
            )
