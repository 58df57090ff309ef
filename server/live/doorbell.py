"""Hearing of changes that another server on the same PostgreSQL made.

A commit notifies the numbers of the centres it changed. That is only a doorbell: it may be lost whenever nobody listens, so the hub also
looks by itself every few seconds, and a listener that was cut off rings for every centre once it hears again. A line on which nothing is heard is asked
now and then whether it is still there, for one that died without a word would be listened to for ever. On SQLite there is one server, and this is not
needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from server.live.process import Process

log = logging.getLogger("foyer.doorbell")

CHANNEL = "foyer"
RETRY_SECONDS = 1.0
QUIET_SECONDS = 1.0
"""After so long without a sound the line is asked whether it is there,"""
PATIENCE_SECONDS = 1.5
"""and given up when it does not say so in this time."""


def centres_of(payload: str) -> frozenset[int]:
    """The centres a notification names; none if it is not one of ours."""
    parts = payload.split(",")
    return frozenset(int(part) for part in parts if len(part) <= 18 and part.isascii() and part.isdigit())


async def listen(
    line: Mapping[str, Any],
    ring: Callable[[Iterable[int]], None],
    everybody: Callable[[], None],
    process: Process,
) -> None:
    """Ring for what others change, until cancelled. `line` is what the driver connects with; `everybody` is rung after each (re)connection.
    `process.deaf` says whether it is heard."""
    import psycopg  # needed with PostgreSQL only

    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(**line, autocommit=True)
            try:
                await _ask(connection, f"LISTEN {CHANNEL}")
                everybody()
                if process.deaf:
                    log.warning("the doorbell is heard again")
                process.deaf = False
                await _hear(connection, ring)
            finally:
                connection.pgconn.finish()  # a polite end would wait for a line that may be dead
        except (psycopg.Error, TimeoutError, OSError) as error:
            if not process.deaf:
                log.warning("the doorbell is deaf (%s); listening again", type(error).__name__)
            process.deaf = True
        except (
            Exception
        ):  # whatever it is: a listener that dies of it hears nothing for as long as this server lives
            log.exception("the doorbell failed; listening again")
            process.deaf = True
        await asyncio.sleep(RETRY_SECONDS)


async def _hear(connection: Any, ring: Callable[[Iterable[int]], None]) -> None:
    """Until the line is gone, which raises."""
    while True:
        async for heard in connection.notifies(timeout=QUIET_SECONDS):
            ring(centres_of(heard.payload))
        await _ask(connection, "SELECT 1")


async def _ask(connection: Any, what: str) -> None:
    """TimeoutError when no answer comes in time, and then the line is shut: a driver that is only cancelled first asks the database, for up to five
    seconds and over the same dead network, to leave off."""
    asking = asyncio.ensure_future(connection.execute(what))
    try:
        await asyncio.wait({asking}, timeout=PATIENCE_SECONDS)
        if not asking.done():
            raise TimeoutError
    finally:
        if not asking.done():
            _shut(connection)
            asking.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            await asyncio.wait({asking}, timeout=PATIENCE_SECONDS)
            asking.cancel()
    await asking


def _shut(connection: Any) -> None:
    """Whoever waits for it hears at once that it has ended. Not closed: the event loop still watches its number, and the next line that is opened would be given
    that and watched no more."""
    import psycopg

    # One that has ended just now has no number any more, and a process may have none left: neither may hide why we are here, least of all that all is to end.
    with (
        contextlib.suppress(OSError, psycopg.Error),
        socket.socket(fileno=os.dup(connection.fileno())) as line,
    ):
        line.shutdown(socket.SHUT_RDWR)
