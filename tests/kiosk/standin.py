"""A server that speaks the wire over a real socket: a feed with deltas and resume, and commands done once
for each id.

It has levers for what real ones do wrong: falling silent, dropping the line in the middle of an ask,
sending rubbish, saying everything twice, refusing, hanging up for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.kiosk.clockwork import TUESDAY_TEN
from wire.asks import AnyAsk, Issue
from wire.frames import (
    Answer,
    Ask,
    Beat,
    Bye,
    Cursor,
    Delta,
    Hello,
    Malformed,
    Refusal,
    Snapshot,
    read_client_frame,
)
from wire.vocabulary import RefusalCode


@dataclass
class StandIn:
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    token: str = "right"
    now: int = TUESDAY_TEN
    beat_seconds: float = 0.05
    deltas: list[Delta] = field(default_factory=list)
    epoch: str = "life-1"
    forgets_deltas: bool = False

    done: dict[str, tuple[str, Answer]] = field(default_factory=dict)
    asked: list[AnyAsk] = field(default_factory=list)
    """Done, in order, each once."""
    tries: int = 0
    hellos: list[Hello] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    live: set[ServerConnection] = field(default_factory=set)
    port: int = 0

    refuses: Callable[[AnyAsk], RefusalCode | None] = lambda body: None
    answers: Callable[[AnyAsk], dict[str, Any]] = lambda body: {}
    drops: Callable[[AnyAsk], str | None] = lambda body: None
    """'before' or 'after' doing it; None not at all."""
    bye: Bye | None = None
    mute: bool = False
    twice: bool = False
    rubbish: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/device"

    @property
    def cursor(self) -> Cursor:
        return Cursor(epoch=self.epoch, seq=len(self.deltas))

    @property
    def issued(self) -> list[Issue]:
        return [body for body in self.asked if isinstance(body, Issue)]

    # The feed -----------------------------------------------------------------------------------------------

    async def change(self, put: dict[str, dict[str, Any]] | None = None, drop: tuple[str, ...] = ()) -> None:
        self.rows |= put or {}
        for key in drop:
            self.rows.pop(key, None)
        delta = Delta(seq=len(self.deltas) + 1, put=put or {}, drop=list(drop))
        self.deltas.append(delta)
        for connection in list(self.live):
            await self._say(connection, delta.encode())

    def new_life(self) -> None:
        """A restart: another epoch, nothing to resume from."""
        self.epoch += "+"
        self.deltas = []

    async def hang_up_all(self) -> None:
        for connection in list(self.live):
            connection.transport.abort()

    # A conversation -----------------------------------------------------------------------------------------

    async def _say(self, connection: ServerConnection, text: str) -> None:
        if self.mute:
            return
        for rubbish in self.rubbish:
            await connection.send(rubbish)
        for _ in range(2 if self.twice else 1):
            with contextlib.suppress(ConnectionClosed):
                await connection.send(text)

    async def __call__(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        token = connection.request.headers.get("Authorization", "")
        self.tokens.append(token)
        if self.bye is not None or token != f"Bearer {self.token}":
            bye = self.bye or Bye(code="revoked", say="No longer.")
            await connection.send(bye.encode())
            return
        with contextlib.suppress(ConnectionClosed):
            hello = read_client_frame(await connection.recv())
            assert isinstance(hello, Hello)
            self.hellos.append(hello)
            await self._welcome(connection, hello)
            self.live.add(connection)
            beats = asyncio.create_task(self._beat(connection))
            try:
                async for message in connection:
                    await self._hear(connection, message)
            finally:
                beats.cancel()
                self.live.discard(connection)

    async def _welcome(self, connection: ServerConnection, hello: Hello) -> None:
        held = hello.cursor
        if held and held.epoch == self.epoch and held.seq <= len(self.deltas) and not self.forgets_deltas:
            for delta in self.deltas[held.seq :]:
                await self._say(connection, delta.encode())
            await self._say(connection, Beat(cursor=self.cursor, now=self.now).encode())
        else:
            await self._say(connection, Snapshot(cursor=self.cursor, now=self.now, rows=self.rows).encode())

    async def _beat(self, connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(self.beat_seconds)
                await self._say(connection, Beat(cursor=self.cursor, now=self.now).encode())

    async def _hear(self, connection: ServerConnection, message: str | bytes) -> None:
        try:
            ask = read_client_frame(message)
        except Malformed as error:
            refusal = Refusal(code=RefusalCode.MALFORMED, say=str(error))
            await self._say(connection, Answer(id=json.loads(message)["id"], refusal=refusal).encode())
            return
        assert isinstance(ask, Ask)
        self.tries += 1
        drops = self.drops(ask.body)
        if drops == "before":
            connection.transport.abort()
            return
        answer = self._do(ask)
        if drops == "after":
            connection.transport.abort()
            return
        await self._say(connection, answer.encode())

    def _do(self, ask: Ask) -> Answer:
        if (code := self.refuses(ask.body)) is not None:
            return Answer(id=ask.id, refusal=Refusal(code=code, say="No."))
        print_of = ask.body.fingerprint()
        if ask.id in self.done:
            first, answer = self.done[ask.id]
            if first == print_of:
                return answer
            return Answer(id=ask.id, refusal=Refusal(code=RefusalCode.ID_REUSED, say="Another."))
        answer = Answer(id=ask.id, result=self.answers(ask.body))
        self.done[ask.id] = (print_of, answer)
        self.asked.append(ask.body)
        return answer


@asynccontextmanager
async def standing(server: StandIn, port: int = 0) -> AsyncIterator[StandIn]:
    listening: Server = await serve(server, "127.0.0.1", port, compression=None, ping_interval=None)
    server.port = next(iter(listening.sockets)).getsockname()[1]
    try:
        yield server
    finally:
        await server.hang_up_all()
        listening.close()
        await listening.wait_closed()


async def until(holds: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Poll with a deadline."""
    async with asyncio.timeout(seconds):
        while True:
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.005)
