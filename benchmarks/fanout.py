"""From *call next* to the last display, one call at a time; eight at once; and what bare sockets would take.

The press is timed in this process, the displays live in another (`crowd`), the server in a third: all read one monotonic clock. The next call
waits until the last one has been seen by all and its visitor has been served, so each begins on a quiet floor.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any

from benchmarks.centre import Built
from benchmarks.load import SERVICES, Client, issue
from benchmarks.process import ROOT
from benchmarks.talk import bearer, cookie

LINE_LIMIT = 8 * 1024 * 1024
LATE_SECONDS = 20.0
SERVED_AFTER = 0.25


class Displays:
    """A crowd process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def open(cls, port: int, token: str, size: int, *, watch: bool = False) -> Displays:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.crowd"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            limit=LINE_LIMIT,
        )
        assert process.stdin is not None
        order = {"port": port, "token": token, "size": size, "watch": watch}
        process.stdin.write(json.dumps(order).encode() + b"\n")
        displays = cls(process)
        said = await displays.line(60)
        assert said == b"ready\n", said
        return displays

    async def line(self, seconds: float = LATE_SECONDS) -> bytes:
        assert self._process.stdout is not None
        return await asyncio.wait_for(self._process.stdout.readline(), seconds)

    async def all_know(self) -> tuple[str, float]:
        """The next call that every display knows, and since when."""
        ticket, _, at = json.loads(await self.line())
        return ticket, at

    async def close(self) -> dict[str, list[int]]:
        """What each call was announced: by how many displays, how often in all."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        shown: dict[str, list[int]] = json.loads(await self.line())
        await self._process.wait()
        return shown


class Staff:
    """Some counters and a kiosk that brings as many visitors as are called."""

    def __init__(self) -> None:
        self.counters: list[Client] = []
        self.kiosk = Client()
        self._letter = ""
        self._number = 0

    async def open(self, built: Built, port: int, counters: int, waiting: int, number: int = 0) -> None:
        kiosk = built.kiosks[0]
        self._letter, self._number = kiosk.letter, number
        await self.kiosk.open(port, "/ws/device", bearer(kiosk.token))
        for key, desk in built.sessions[:counters]:
            client = Client()
            self.counters.append(client)
            await client.open(port, "/ws/staff", cookie(key))
            await client.ask(json.dumps({"do": "sit_down", "counter": desk, "services": SERVICES}))
        for _ in range(waiting):
            await self.one_more()

    async def one_more(self) -> None:
        self._number += 1
        await self.kiosk.ask(issue(self._letter, self._number, SERVICES[self._number % 4]))

    async def call(self, counter: Client) -> str:
        ticket: str = json.loads(await counter.ask('{"do":"call_next"}'))["result"]["ticket"]
        return ticket

    async def serve(self, counter: Client, ticket: str) -> None:
        await counter.ask(f'{{"do":"arrive","ticket":"{ticket}"}}')
        await counter.ask(f'{{"do":"finish","ticket":"{ticket}","outcome":"resolved"}}')

    async def close(self) -> None:
        for client in self.counters:
            await client.ask('{"do":"get_up"}')
        for client in (*self.counters, self.kiosk):
            assert client.talk is not None
            client.talk.lost = lambda: None
            client.talk.close()


async def call_to_displays(built: Built, port: int, size: int, calls: int, number: int) -> list[float]:
    """Milliseconds from each press to the last of `size` displays."""
    displays = await Displays.open(port, built.display, size)
    staff = Staff()
    await staff.open(built, port, 1, 20, number)
    counter = staff.counters[0]
    await asyncio.sleep(0.5)
    took = []
    for _ in range(calls):
        pressed = time.monotonic()
        ticket = await staff.call(counter)
        known, at = await displays.all_know()
        assert known == ticket
        took.append(1000 * (at - pressed))
        await staff.serve(counter, ticket)
        await staff.one_more()
        await asyncio.sleep(0.02 + size / 10_000)  # until the displays have seen that as well
    await staff.close()
    await displays.close()
    return took


async def burst(
    built: Built, port: int, number: int, *, bursts: int, size: int = 20, at_once: int = 8
) -> float:
    """`at_once` counters call in the same instant, again and again: the share of calls that every display announced exactly once."""
    displays = await Displays.open(port, built.display, size, watch=True)
    staff = Staff()
    await staff.open(built, port, at_once, 3 * at_once, number)
    called: list[str] = []
    for _ in range(bursts):
        tickets = await asyncio.gather(*(staff.call(counter) for counter in staff.counters))
        called += tickets
        await asyncio.sleep(SERVED_AFTER)
        await asyncio.gather(
            *(staff.serve(counter, ticket) for counter, ticket in zip(staff.counters, tickets, strict=True))
        )
        for _ in tickets:
            await staff.one_more()
    await asyncio.sleep(SERVED_AFTER)
    await staff.close()
    shown = await asyncio.wait_for(_drained(displays), LATE_SECONDS)
    right = sum(shown.get(f"{ticket}/1") == [size, size] for ticket in called)
    return right / len(called)


async def _drained(displays: Displays) -> dict[str, list[int]]:
    """The crowd's last word, past what it said of single calls."""
    assert displays._process.stdin is not None
    displays._process.stdin.close()
    while True:
        said: Any = json.loads(await displays.line())
        if isinstance(said, dict):
            await displays._process.wait()
            return said


class _BareSocket(asyncio.Protocol):
    """Says yes to the handshake and is kept in `line`."""

    def __init__(self, line: list[Any]) -> None:
        self._line = line
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET"):
            self._transport.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x02{}")
            self._line.append(self._transport)


async def bare_fanout(size: int, calls: int) -> list[float]:
    """The same with nothing behind it: one loop writes one message of the same length to `size` sockets."""
    line: list[Any] = []
    server = await asyncio.get_running_loop().create_server(
        lambda: _BareSocket(line), "127.0.0.1", 0, backlog=2048
    )
    displays = await Displays.open(server.sockets[0].getsockname()[1], "x" * 43, size)
    took = []
    for _ in range(calls):
        ticket = os.urandom(16).hex()
        row = f'"call:{ticket}":{{"kind":"call","pad":"{"x" * 240}","times":1,"live":true}}'
        message = f'{{"type":"delta","seq":1,"put":{{{row}}},"drop":[]}}'.encode()
        frame = b"\x81\x7e" + len(message).to_bytes(2, "big") + message
        began = time.monotonic()
        for transport in line:
            transport.write(frame)
        _, at = await displays.all_know()
        took.append(1000 * (at - began))
        await asyncio.sleep(0.02)
    await displays.close()
    server.close()
    return took


def percentile(took: list[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed."""
    ordered = sorted(took)
    return ordered[max(0, -(-int(share * 10_000) * len(ordered) // 10_000) - 1)]
