"""A virus scanner to test against: clamd's INSTREAM over a Unix or TCP socket, with its limit of length and its habit of hanging up.

It reads what it is sent as clamd does (parts with their length before them) and finds the harmless sample every scanner finds (EICAR's).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

SAMPLE = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Scanner:
    """`silent`: it takes what it is sent and never says a word; `broken`: it says something else."""

    address: str = ""
    most: int = 25 * 1024 * 1024
    finds: bytes = SAMPLE
    silent: bool = False
    broken: bool = False
    looked_at: list[int] = field(default_factory=list)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            assert await reader.readexactly(10) == b"zINSTREAM\0"
            body = b""
            while length := int.from_bytes(await reader.readexactly(4), "big"):
                body += await reader.readexactly(length)
                if len(body) > self.most:
                    writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                    await writer.drain()
                    return
            self.looked_at.append(len(body))
            if self.silent:
                await reader.read()
            elif self.broken:
                writer.write(b"Can't allocate memory ERROR\0")
            else:
                writer.write(
                    b"stream: Eicar-Test-Signature FOUND\0" if self.finds in body else b"stream: OK\0"
                )
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def scanner(folder: Path | None = None) -> AsyncIterator[Scanner]:
    """On a Unix socket in `folder`, otherwise on a TCP port."""
    one = Scanner()
    if folder is not None:
        server = await asyncio.start_unix_server(one._talk, folder / "clamd.ctl")
        one.address = f"unix:{folder / 'clamd.ctl'}"
    else:
        server = await asyncio.start_server(one._talk, "127.0.0.1", 0)
        one.address = f"tcp:127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield one
    finally:
        server.close()
