"""A small server for screens to talk to: the real pages and real frames, with the queue played by the test.

Tests of a board need moments that a real server makes hard to hold still: a frozen line, a hole in the stream, eight calls in one instant.
It serves the product's own routes for files and speaks only through `wire.frames`; what it does not do is decide anything.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import math
import socket
import struct
import time
import wave
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import HTMLResponse
from starlette.middleware.base import RequestResponseEndpoint

from server.web.headers import add_security
from server.web.pages import display
from wire.frames import Answer, Ask, Beat, Bye, Cursor, Delta, Frame, Hello, Row, Snapshot, read_client_frame

BEAT = 0.5


def tone(seconds: float) -> bytes:
    """A WAV of a quiet tone: stands for speech where the words do not matter."""
    rate = 22_050
    samples = (round(6000 * math.sin(2 * math.pi * 330 * n / rate)) for n in range(round(rate * seconds)))
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return made.getvalue()


@dataclass
class Standin:
    """Change `rows` by `put` and `drop`; every follower is told. `address` is where pages are."""

    address: str = ""
    rows: dict[str, Row] = field(default_factory=dict)
    now: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    epoch: str = "e1"
    seq: int = 0
    paired: bool = True
    reachable: bool = True
    frozen: bool = False
    """The line is up but nothing comes: what a pulled cable looks like."""
    spoken: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    hellos: list[Hello] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    approve: asyncio.Event = field(default_factory=asyncio.Event)
    speech_seconds: float = 0.2
    _deltas: list[Delta] = field(default_factory=list)
    _lines: set[WebSocket] = field(default_factory=set)
    _dead: set[WebSocket] = field(default_factory=set)

    @property
    def followers(self) -> int:
        return len(self._lines)

    async def put(self, **rows: Row) -> None:
        """Rows by key, with `__` for the colon: `put(call__1={...})`."""
        await self.change({key.replace("__", ":"): row for key, row in rows.items()})

    async def change(self, put: dict[str, Row] | None = None, drop: list[str] | None = None) -> None:
        put, drop = put or {}, drop or []
        self.rows.update(put)
        for key in drop:
            self.rows.pop(key, None)
        self.seq += 1
        delta = Delta(seq=self.seq, put=put, drop=drop)
        self._deltas.append(delta)
        await self.say(delta)

    async def say(self, frame: Frame) -> None:
        if self.frozen:
            return
        for line in list(self._lines):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await line.send_text(frame.encode())

    def cut_without_a_word(self) -> None:
        """The lines that are open now carry nothing any more, but nobody closes them: a cable pulled at a far switch."""
        self._dead |= self._lines
        self._lines.clear()

    async def restart(self) -> None:
        """Another life of the server: another epoch, all lines broken."""
        self.epoch, self.seq = f"{self.epoch}+", 0
        self._deltas.clear()
        await self.hang_up()

    async def hang_up(self) -> None:
        for line in list(self._lines):
            with contextlib.suppress(RuntimeError):
                await line.close()

    async def serve(self, line: WebSocket) -> None:
        if not self.reachable:
            await line.close()
            return
        await line.accept()
        if not self.paired:
            await line.send_text(Bye(code="revoked", say="Pair it anew.").encode())
            await line.close()
            return
        hello = read_client_frame(await line.receive_text())
        assert isinstance(hello, Hello)
        self.hellos.append(hello)
        await self._thawed()
        beats = asyncio.create_task(self._beat(line))
        try:
            await self._greet(line, hello)
            self._lines.add(line)
            while True:
                await self._hear(line, await line.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            beats.cancel()
            self._lines.discard(line)

    async def _thawed(self) -> None:
        while self.frozen:  # noqa: ASYNC110 - a plain flag is easier to play with in a test than an event
            await asyncio.sleep(0.05)

    async def _greet(self, line: WebSocket, hello: Hello) -> None:
        cursor = hello.cursor
        if cursor and cursor.epoch == self.epoch:
            for delta in self._deltas[cursor.seq :]:
                await line.send_text(delta.encode())
            await line.send_text(self._the_beat().encode())
        else:
            here = Cursor(epoch=self.epoch, seq=self.seq)
            await line.send_text(Snapshot(cursor=here, now=self.now(), rows=self.rows).encode())

    async def _hear(self, line: WebSocket, text: str) -> None:
        ask = read_client_frame(text)
        assert isinstance(ask, Ask)
        self.asked.append(ask.body.model_dump())
        await line.send_text(Answer(id=ask.id, result={}).encode())

    def _the_beat(self) -> Beat:
        return Beat(cursor=Cursor(epoch=self.epoch, seq=self.seq), now=self.now())

    async def _beat(self, line: WebSocket) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await asyncio.sleep(BEAT)  # the rhythm itself, not a wait for something
                if not self.frozen and line not in self._dead:
                    await line.send_text(self._the_beat().encode())

    async def bye(self, code: Any, retry_seconds: float | None) -> None:
        await self.say(Bye(code=code, say="Goodbye.", retry_seconds=retry_seconds))
        await self.hang_up()


def application(standin: Standin) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def guard(request: Request, go_on: RequestResponseEndpoint) -> Response:
        if not standin.reachable:
            return Response(status_code=503)
        answer = await go_on(request)
        add_security(answer.headers, tls=False)
        return answer

    app.include_router(display.router)
    app.add_api_websocket_route("/ws/device", standin.serve)

    @app.get("/speech/told/{announcement}/{language}")
    def told(announcement: str, language: str) -> Response:
        standin.spoken.append(f"told/{announcement}/{language}")
        return Response(tone(standin.speech_seconds), media_type="audio/wav")

    @app.get("/speech/leaving/{language}")
    def leaving(language: str) -> Response:
        standin.spoken.append(f"leaving/{language}")
        return Response(tone(standin.speech_seconds), media_type="audio/wav")

    @app.get("/speech/{ticket}/{times}/{language}")
    def speech(ticket: str, times: int, language: str) -> Response:
        standin.spoken.append(f"{ticket}/{times}/{language}")
        return Response(tone(standin.speech_seconds), media_type="audio/wav")

    @app.get("/blank")
    def blank() -> HTMLResponse:
        """A page on which nothing runs, to try single modules on."""
        return HTMLResponse(
            '<!doctype html><title>Blank</title><link rel="icon" href="/display/static/icon.svg">'
        )

    @app.post("/api/enrol")
    def enrol() -> dict[str, str]:
        return {"enrolment": "0" * 32, "secret": "s" * 43, "code": "4H7K2P"}

    @app.post("/api/enrol/claim")
    def claim() -> Response:
        if not standin.approve.is_set():
            return Response(status_code=202)
        standin.paired = True
        return Response(status_code=200, headers={"Set-Cookie": "foyer_device=t; HttpOnly; SameSite=Strict"})

    return app


@contextlib.asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """`app` on a free port of this machine; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", ws="websockets-sansio", access_log=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn offers only this flag
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        await task
        listener.close()
