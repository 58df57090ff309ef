"""As much HTTP as the dock needs: small requests from this machine, each on its own connection.

Bound to 127.0.0.1, and deaf to any name but a local one: a web page elsewhere can make a browser call a local port under its own name
(DNS rebinding), or post to it from its own origin; both are refused here. A POST must say it is JSON, which a form on another
page cannot.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HEAD_BYTES, BODY_BYTES = 16 * 1024, 4 * 1024
SECONDS = 10.0
LOCAL = ("127.0.0.1", "localhost", "[::1]")

_WORDS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Too Large",
}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Response:
    body: bytes = b""
    kind: str = "application/json"
    status: int = 200


class Refusal(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def say(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value).encode(), status=status)


Answer = Callable[[Request], Awaitable[Response]]


async def serve_http(port: int, answer: Answer) -> asyncio.Server:
    """A server on loopback that asks `answer` for each request."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
            here = writer.get_extra_info("sockname")[1]
            try:
                async with asyncio.timeout(SECONDS):
                    request = await _read(reader, here)
                response = await answer(request)
            except Refusal as refusal:
                response = say({"refused": str(refusal)}, refusal.status)
            _write(writer, response)
            await writer.drain()
        writer.close()

    return await asyncio.start_server(talk, "127.0.0.1", port, limit=HEAD_BYTES)


async def _read(reader: asyncio.StreamReader, port: int) -> Request:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.LimitOverrunError:
        raise Refusal(413, "the request is too large") from None
    first, *rest = head.split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3:
        raise Refusal(400, "that is not a request")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in rest if line)
    }
    _check_caller(headers, port)
    target = urlsplit(parts[1])
    body = await _read_body(reader, headers) if parts[0] == "POST" else None
    return Request(parts[0], target.path, dict(parse_qsl(target.query)), body)


def _check_caller(headers: Mapping[str, str], port: int) -> None:
    ours = {name if port == 80 else f"{name}:{port}" for name in LOCAL}
    if headers.get("host") not in ours:
        raise Refusal(403, "this is only for this machine, under a local name")
    origin = headers.get("origin")
    if origin is not None and origin not in {f"http://{name}" for name in ours}:
        raise Refusal(403, "this is only for its own page")


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> Any:
    if headers.get("content-type", "").split(";")[0] != "application/json":
        raise Refusal(400, "send JSON, and say so")
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > BODY_BYTES:
        raise Refusal(413, "the request is too large")
    try:
        return json.loads(await reader.readexactly(int(length)) or b"{}")
    except ValueError:
        raise Refusal(400, "that is not JSON") from None


def _write(writer: asyncio.StreamWriter, response: Response) -> None:
    lines = (
        f"HTTP/1.1 {response.status} {_WORDS[response.status]}",
        f"Content-Type: {response.kind}",
        f"Content-Length: {len(response.body)}",
        "Cache-Control: no-store",
        "Content-Security-Policy: default-src 'self'",
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Connection: close",
    )
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + response.body)
