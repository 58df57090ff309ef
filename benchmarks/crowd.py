"""Many displays in one process: opens them all, and says for each call when the last of them knew it.

It is told on its input whom to ask for, says `ready` once every display has its snapshot, then one line a call: the ticket, how many times it
was called, and the instant (the machine's monotonic clock, which all processes share) at which the last display had it. With `watch` each
display is a real follower that announces as the board does: a call is heard once for each time it was called, while it is live.
At the end of its input it says what was announced.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from typing import Any

import uvloop

from benchmarks.talk import Talk, bearer, connect
from wire.follow import Follower, Resync
from wire.frames import Answer, read_server_frame

_CALL = re.compile(rb'"call:([0-9a-f]{32})":\{[^}]*"times":(\d+),"live":true')


class Crowd:
    def __init__(self, size: int, watch: bool) -> None:
        self.size = size
        self.watch = watch
        self.ready = asyncio.Event()
        self._began = 0
        self._known: dict[tuple[str, int], int] = {}
        self._read: dict[bytes, list[tuple[str, int]]] = {}
        self.announced: list[dict[tuple[str, int], int]] = []
        self._talks: list[Talk] = []

    async def open(self, port: int, token: str) -> None:
        for first in range(0, self.size, 50):
            opened = await asyncio.gather(
                *(self._open_one(port, token) for _ in range(min(50, self.size - first)))
            )
            self._talks.extend(opened)
        await self.ready.wait()

    async def _open_one(self, port: int, token: str) -> Talk:
        if self.watch:
            heard: dict[tuple[str, int], int] = {}
            self.announced.append(heard)
            return await connect(port, "/ws/device", bearer(token), Board(self, heard).heard)
        begun = False

        def hear(message: bytes) -> None:
            nonlocal begun
            if not begun:
                begun = True
                self.one_ready()
            elif b'"call:' in message:
                now = time.monotonic()
                for call in self._calls_in(message):
                    self.one_knows(call, now)

        return await connect(port, "/ws/device", bearer(token), hear)

    def one_ready(self) -> None:
        self._began += 1
        if self._began == self.size:
            self.ready.set()

    def _calls_in(self, message: bytes) -> list[tuple[str, int]]:
        """The same bytes reach every display: they are read once."""
        calls = self._read.get(message)
        if calls is None:
            self._read.clear()
            calls = self._read[message] = [(m[1].decode(), int(m[2])) for m in _CALL.finditer(message)]
        return calls

    def one_knows(self, call: tuple[str, int], now: float) -> None:
        count = self._known[call] = self._known.get(call, 0) + 1
        if count == self.size:
            print(json.dumps([*call, now]), flush=True)


class Board:
    """One display that follows the feed for real."""

    def __init__(self, crowd: Crowd, announced: dict[tuple[str, int], int]) -> None:
        self._crowd = crowd
        self._announced = announced
        self._times: dict[str, int] = {}
        self._follower = Follower()
        self._begun = False

    def heard(self, message: bytes) -> None:
        now = time.monotonic()
        frame = read_server_frame(message)
        assert not isinstance(frame, Answer)
        change = self._follower.take(frame, now)
        assert not isinstance(change, Resync), change.why
        if not self._begun:
            self._begun = True
            self._crowd.one_ready()
        for row in self._follower.rows.values():
            if row["kind"] == "call" and row["live"] and row["times"] > self._times.get(row["ticket"], 0):
                call = (row["ticket"], row["times"])
                self._times[row["ticket"]] = row["times"]
                self._announced[call] = self._announced.get(call, 0) + 1
                self._crowd.one_knows(call, now)


async def main(order: dict[str, Any]) -> None:
    crowd = Crowd(order["size"], order["watch"])
    await crowd.open(order["port"], order["token"])
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    shown: dict[str, list[int]] = {}
    for each in crowd.announced:
        for (ticket, times), count in each.items():
            told = shown.setdefault(f"{ticket}/{times}", [0, 0])
            told[0] += 1
            told[1] += count
    print(json.dumps(shown), flush=True)


if __name__ == "__main__":
    uvloop.run(main(json.loads(sys.stdin.readline())))
