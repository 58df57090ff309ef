"""Asks a virus scanner (clamd, over its Unix or TCP socket) about what was handed in.

The scanner is another program that may be away. Nobody's papers are turned away for that: they are kept sealed, marked as not looked at, opened
by nobody and handed to no team until it has looked (`server.jobs.reading` asks again). Without a scanner set up nothing is marked.

The protocol is clamd's INSTREAM: parts with their length before them, an empty part at the end, one line back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from enum import StrEnum

PART = 256 * 1024
SECONDS = 60.0
LARGEST = 25 * 1024 * 1024
"""What clamd takes as a rule (`StreamMaxLength`)."""


class Virus(StrEnum):
    """What is known of a submission. The value is what is kept."""

    NOT_LOOKED = ""
    """There is no scanner."""
    CLEAN = "clean"
    FOUND = "found"
    WAITS = "waits"
    """There is one and it could not be asked yet."""
    TOO_LONG = "too_long"
    """It will not look at so long a file. A person decides."""


class BadAddress(ValueError):
    """`str()` is a sentence for whoever set it."""


async def scan(address: str, bodies: Sequence[bytes]) -> Virus:
    """The worst that is said of any of these files."""
    if not address or not bodies:
        return Virus.NOT_LOOKED
    said = []
    for body in bodies:
        said.append(await _one(address, body))
        if said[-1] is Virus.FOUND:
            return Virus.FOUND
    return next((each for each in (Virus.WAITS, Virus.TOO_LONG) if each in said), Virus.CLEAN)


async def _one(address: str, body: bytes) -> Virus:
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await _connect(address)
            try:
                return _meant(await _asked(reader, writer, body))
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (ConnectionError, asyncio.IncompleteReadError):
        return Virus.TOO_LONG if len(body) > LARGEST else Virus.WAITS  # it hung up without our hearing why
    except (OSError, TimeoutError, asyncio.LimitOverrunError):
        return Virus.WAITS


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    kind, place, port = read_address(address)
    if kind == "unix":
        return await asyncio.open_unix_connection(place)
    return await asyncio.open_connection(place, port)


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> bytes:
    """Clamd says that a file is too long while it is still being sent, and hangs up: so it is listened to all the while."""
    answer = asyncio.ensure_future(reader.readuntil(b"\0"))
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(b"zINSTREAM\0")
            for at in range(0, len(body), PART):
                part = body[at : at + PART]
                writer.write(len(part).to_bytes(4, "big") + part)
                await writer.drain()
                if answer.done():
                    return answer.result()
            writer.write(bytes(4))
            await writer.drain()
        return await answer
    finally:
        answer.cancel()
        await asyncio.gather(answer, return_exceptions=True)


def _meant(line: bytes) -> Virus:
    said = line.rstrip(b"\0\r\n ")
    if said.endswith(b" FOUND"):
        return Virus.FOUND
    if said.endswith(b" OK"):
        return Virus.CLEAN
    return Virus.TOO_LONG if b"size limit" in said.lower() else Virus.WAITS


def read_address(address: str) -> tuple[str, str, int]:
    """`unix:/run/clamav/clamd.ctl`, or `tcp:host:3310`. Raises BadAddress."""
    kind, _, place = address.partition(":")
    if kind == "unix" and place.startswith("/"):
        return "unix", place, 0
    host, _, port = place.rpartition(":")
    if kind == "tcp" and host and port.isdigit() and 0 < int(port) < 65_536:
        return "tcp", host.strip("[]"), int(port)
    raise BadAddress(
        f"'{address}' is no address of a virus scanner. Write unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310."
    )
