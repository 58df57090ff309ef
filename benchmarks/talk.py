"""A websocket client that costs next to nothing, so that what is measured is the server.

It speaks the protocol as RFC 6455 has it but for one liberty: its masking key is nought, so masking leaves the bytes as they are. The server
unmasks them all the same. Messages are handed on as bytes; what they mean is for whoever asked.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable
from typing import cast

HELLO = b'{"type":"hello","protocol":1}'
_CLOSE = 0x8
_PING = 0x9


class Talk(asyncio.Protocol):
    """One connection. `heard` is called with each text message; `lost` when the line is gone."""

    def __init__(self, heard: Callable[[bytes], None], lost: Callable[[], None] = lambda: None) -> None:
        self.heard = heard
        self.lost = lost
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._kept = b""
        self._shaken = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed before the handshake was done"))
        self.lost()

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def say(self, message: bytes) -> None:
        self.write(framed(message))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        kept = self._kept + data if self._kept else data
        at = 0
        if not self._shaken:
            end = kept.find(b"\r\n\r\n")
            if end < 0:
                self._kept = kept
                return
            if not kept.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(kept[:40].decode("latin-1")))
                self.close()
                return
            self._shaken = True
            self.opened.set_result(None)
            at = end + 4
        size = len(kept)
        while size - at >= 2:
            length, start = kept[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(kept[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, start = int.from_bytes(kept[at + 2 : at + 10], "big"), at + 10
            if size < start + length:
                break
            opcode = kept[at] & 0x0F
            if opcode == 1:
                self.heard(kept[start : start + length])
            elif opcode == _PING:
                self.write(b"\x8a\x80\0\0\0\0")
            elif opcode == _CLOSE:
                self.close()
            at = start + length
        self._kept = kept[at:]


def framed(message: bytes) -> bytes:
    """`message` as one masked text frame."""
    length = len(message)
    if length < 126:
        head = bytes((0x81, 0x80 | length))
    elif length < 65536:
        head = b"\x81\xfe" + length.to_bytes(2, "big")
    else:
        head = b"\x81\xff" + length.to_bytes(8, "big")
    return head + b"\0\0\0\0" + message


async def connect(
    port: int,
    path: str,
    credential: str,
    heard: Callable[[bytes], None],
    lost: Callable[[], None] = lambda: None,
) -> Talk:
    """Open `path` with `credential` (a whole header line) and say hello."""
    loop = asyncio.get_running_loop()
    _, talk = await loop.create_connection(lambda: Talk(heard, lost), "127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    talk.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{credential}\r\n\r\n".encode()
    )
    await talk.opened
    talk.say(HELLO)
    return talk


def bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"


def cookie(key: str) -> str:
    return f"Cookie: foyer_session={key}"
