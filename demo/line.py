"""One socket to the server, for whoever plays a part: keeps a view in step, asks, and comes back after a break.

The wire's own follower does the following. An ask is made again with the same id until it is answered, so a server that is killed in between
costs nothing but time: that is what the ids are for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from wire.asks import AnyAsk
from wire.follow import Follower, Resync
from wire.frames import Answer, Ask, Bye, Malformed, Refusal, read_server_frame
from wire.vocabulary import new_id

AGAIN_SECONDS = 0.5
ANSWER_SECONDS = 10.0


class HungUp(Exception):
    """The server will not have this part back; `bye` says why."""

    def __init__(self, bye: Bye) -> None:
        super().__init__(bye.say)
        self.bye = bye


class Line:
    """`run` it in a task; then `rows`, `changed` and `ask`."""

    def __init__(self, address: str, path: str, headers: Mapping[str, str]) -> None:
        self._url = f"ws{address.removeprefix('http')}{path}"
        self._headers = dict(headers)
        self._follower = Follower("rehearsal")
        self._connection: ClientConnection | None = None
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._open = asyncio.Event()
        self.changed = asyncio.Event()

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        return self._follower.rows

    async def run(self) -> None:
        """Until cancelled, or raises `HungUp` when the server says not to come back."""
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                await self._once()
            self._gone()
            await asyncio.sleep(AGAIN_SECONDS)

    async def ready(self) -> None:
        """Until the view is there."""
        await self._open.wait()

    async def ask(self, body: AnyAsk) -> dict[str, Any] | Refusal:
        """The result or the refusal, however often it takes."""
        ask_id = new_id()
        ask = Ask(id=ask_id, body=body).encode()
        while True:
            await self._open.wait()
            connection = self._connection
            if connection is None:
                continue
            self._answers[ask_id] = asyncio.get_running_loop().create_future()
            try:
                await connection.send(ask)
                async with asyncio.timeout(
                    ANSWER_SECONDS
                ):  # not wait_for, which can lose a cancellation on 3.11
                    given = await self._answers[ask_id]
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            finally:
                self._answers.pop(ask_id, None)
            return given.refusal if given.refusal is not None else given.result or {}

    async def _once(self) -> None:
        async with connect(
            self._url, additional_headers=self._headers, compression=None, ping_interval=None, proxy=None
        ) as connection:
            await connection.send(self._follower.hello().encode())
            self._connection = connection
            async for message in connection:
                self._hear(message)

    def _gone(self) -> None:
        self._open.clear()
        self._connection = None
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("the line broke"))

    def _hear(self, message: str | bytes) -> None:
        with contextlib.suppress(Malformed):
            frame = read_server_frame(message)
            if isinstance(frame, Answer):
                waiting = self._answers.get(frame.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(frame)
                return
            if isinstance(frame, Bye) and frame.retry_seconds is None:
                raise HungUp(frame)
            change = self._follower.take(frame, asyncio.get_running_loop().time())
            if isinstance(change, Resync):
                raise OSError(change.why)
            self._open.set()
            if change.put or change.drop:
                self.changed.set()
