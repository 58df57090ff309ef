"""Hearing of changes that another server on the same PostgreSQL made.

A commit notifies the numbers of the centres it changed. That is only a doorbell: it may be lost whenever nobody listens, so the hub also
looks by itself every few seconds, and a listener that was cut off rings for every centre once it hears again. On SQLite there is one
server, and this is not needed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from sqlalchemy.engine import URL

log = logging.getLogger("foyer.doorbell")

CHANNEL = "foyer"
RETRY_SECONDS = 2.0


def centres_of(payload: str) -> frozenset[int]:
    """The centres a notification names; none if it is not one of ours."""
    parts = payload.split(",")
    return frozenset(int(part) for part in parts if part.isascii() and part.isdigit())


async def listen(url: URL, ring: Callable[[Iterable[int]], None], everybody: Callable[[], None]) -> None:
    """Ring for what others change, until cancelled. `everybody` is rung after each (re)connection."""
    import psycopg  # needed with PostgreSQL only

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(address, autocommit=True)
            async with connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                everybody()
                async for heard in connection.notifies():
                    ring(centres_of(heard.payload))
        except psycopg.Error as error:
            log.warning("the doorbell is deaf (%s); listening again", type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)
