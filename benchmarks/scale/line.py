"""A line between a server and its database that can be cut the way networks are: without a word.

While it is `cut`, nothing is forwarded in either direction and nothing is closed: whoever waits for an answer waits, and the system's own signs say that all
is well, for this end takes what is sent. `drop` closes what is open, as a firewall that was started anew; `lead_to` sends new connections elsewhere,
as an address that moved. It runs in a thread of its own, so that whoever measures may block.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any

CHUNK = 256 * 1024


class Line:
    def __init__(self, port: int) -> None:
        self._to = port
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._whole: asyncio.Event
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)
        self._thread.start()
        self._listening.wait(10)

    def cut(self) -> None:
        self._soon(self._break)

    def mend(self) -> None:
        self._soon(self._heal)

    def drop(self) -> None:
        """Close all that is open, abruptly."""
        self._soon(self._abort_all)

    def lead_to(self, port: int) -> None:
        self._to = port

    def close(self) -> None:
        self._soon(self._loop.stop)
        self._thread.join(5)

    def _break(self) -> None:
        self._whole.clear()

    def _heal(self) -> None:
        self._whole.set()

    def _abort_all(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()

    def _soon(self, do: Any) -> None:
        self._loop.call_soon_threadsafe(do)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._whole = asyncio.Event()
        self._whole.set()
        self._loop.run_until_complete(self._begin())
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self._loop), return_exceptions=True))
        self._server.close()
        self._loop.close()

    async def _begin(self) -> None:
        self._server = await asyncio.start_server(self._took, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._listening.set()

    async def _took(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):  # at the end, from `close`
            await self._lead(reader, writer)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._whole.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        both = (writer, far_writer)
        self._open.update(both)
        ways: list[Coroutine[Any, Any, None]] = [
            self._carry(reader, far_writer),
            self._carry(far_reader, writer),
        ]
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            self._open.difference_update(both)
            for each in both:
                with contextlib.suppress(OSError, RuntimeError):
                    each.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._whole.wait()
                writer.write(data)
                await writer.drain()
