"""The rounds of the estimate: every half minute, what visitors were told is written down; every few minutes, which services are held back is worked out.

A loop of its own, beside the rounds, one small change for each centre and only where something was told. Several servers on one database write the same ranges: each is
there once, whoever is first. What was told in the last half minute before a server falls is told again, and noted again, when it is back. What could
not be written waits for the next round.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.access import Actor
from server.edge import House
from server.live.doubtful import standings
from server.live.given import GivenNow, put_back, take
from server.store.queries import estimates
from server.store.sql import Sql, Statement
from server.store.tx import Tx

log = logging.getLogger("foyer.jobs")

EVERY_SECONDS = 30.0
DOUBT_ROUNDS = 10
"""Every five minutes, and at the start."""
MOST_AT_ONCE = 500
"""Ranges in one change: the lane is for those who wait for an answer."""

_CENTRES = Statement("SELECT id, timezone FROM centre")


async def keep_scoring(house: House) -> None:
    """Until cancelled. A round that fails is logged and made again."""
    number = 0
    while True:
        try:
            await write_down(house)
            if number % DOUBT_ROUNDS == 0:
                await find_doubtful(house)
            house.process.did("estimates")
        except Exception:
            house.process.failed("estimates")
            log.exception("what was told of waiting could not be noted; it is tried again")
        number += 1
        await asyncio.sleep(EVERY_SECONDS)


async def write_down(house: House) -> int:
    """What was told since; how many ranges."""
    written = 0
    for centre, told in list(house.hub.floors.told.items()):
        taken = take(told)
        while taken:
            portion = taken[:MOST_AT_ONCE]
            try:
                await house.change(
                    Actor(kind="system", centre=centre), "note_estimates", partial(_write, portion=portion)
                )
            except BaseException:
                put_back(told, taken)
                raise
            written += len(portion)
            taken = taken[MOST_AT_ONCE:]
    return written


def _write(tx: Tx, *, portion: list[GivenNow]) -> None:
    for each in portion:
        estimates.write(tx.sql, tx.actor.centre, each.ticket, each.step, each.service, each.given)


async def find_doubtful(house: House) -> None:
    """Which services are held back at each centre, for the readings of the floor from now on."""
    house.hub.floors.doubtful = await house.look(partial(_doubtful, now=house.clock.micros()))


def _doubtful(connection: Connection, *, now: int) -> dict[int, frozenset[int]]:
    found = {}
    for centre, timezone in Sql(connection).all(_CENTRES):
        today = from_micros(now).astimezone(ZoneInfo(timezone)).date()
        held = frozenset(each.service for each in standings(connection, centre, today) if each.held)
        if held:
            found[centre] = held
    return found
