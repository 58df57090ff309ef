"""Another system that is called: a real HTTP server on this machine that answers as it is told, and badly when it is told so."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def answer(status: int, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class OtherSide:
    """`answers` are given in turn, the last for ever. An empty one hangs up; None never answers."""

    url: str = ""
    port: int = 0
    answers: Sequence[bytes | None] = (OK,)
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            begun = await reader.readexactly(4)
            if begun != b"POST":
                writer.write(answer(400))  # as real ones do when they are spoken to in TLS
                return
            head = begun.decode() + (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            said = self.answers[min(len(self.heard), len(self.answers) - 1)]
            self.heard.append(Heard(first.split(" ")[1], headers, body))
            if said is None:
                await reader.read()  # until they hang up
            else:
                writer.write(said)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # they hung up, or spoke something else
        finally:
            writer.close()


@asynccontextmanager
async def other_side(*answers: bytes | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[OtherSide]:
    side = OtherSide(answers=answers or (OK,))
    server = await asyncio.start_server(side.serve, "127.0.0.1", 0, ssl=tls)
    side.port = server.sockets[0].getsockname()[1]
    side.url = f"http{'s' if tls else ''}://127.0.0.1:{side.port}/hooks"
    try:
        yield side
    finally:
        server.close()
        await server.wait_closed()
