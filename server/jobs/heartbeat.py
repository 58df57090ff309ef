"""This server writes itself into the database every ten seconds, first as soon as it serves, and takes itself out when it stops.

It goes through the lane like everybody, so the line in the database says at once that the process lives, that its event loop turns, that its lane
works and that the database takes changes.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial

from server.actions import processes, troubles
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.edge import House
from server.live.process import EVERY_SECONDS, version
from server.store import heard
from server.store.tx import Tx

log = logging.getLogger("foyer.jobs")

LINE = "database line"
TOLD_SECONDS = 300.0
SWEEP_ROUNDS = 30
"""Every five minutes."""


async def keep_beating(house: House) -> None:
    """Until cancelled. While the database takes nothing the line grows old, which says so."""
    number = 0
    while True:
        try:
            await (
                house.readiness.why_not()
            )  # also where no balancer asks: it finds out whether it is outgrown
            await beat(house, sweeping=number % SWEEP_ROUNDS == 0)
        except Refused:
            log.warning("this server could not write itself down; the next time is soon")
        except Exception:
            log.exception("this server could not write itself down; the next time is soon")
        number += 1
        await asyncio.sleep(EVERY_SECONDS)


async def beat(house: House, *, sweeping: bool = False) -> None:
    house.process.grave = await house.change(SYSTEM, "beat", partial(_beat, house=house, sweeping=sweeping))
    house.process.written_at = time.monotonic()


def _beat(tx: Tx, *, house: House, sweeping: bool) -> tuple[str, ...]:
    """What is gravely wrong with the house: each server shows it on its pages."""
    process = house.process
    now = heard.now_by(tx.sql, process.wall())
    processes.note_process(
        tx,
        id=process.id,
        host=process.host,
        pid=process.pid,
        version=version(),
        address=process.address,
        started_at=process.when(process.began),
        seen_at=now,
        told=process.told(),
    )
    process.beside = processes.count(tx, now)
    _tell_of_the_line(tx, house)
    if sweeping:
        processes.sweep(tx, now)
    return troubles.grave(tx)


def _tell_of_the_line(tx: Tx, house: House) -> None:
    """What kept the lane from committing can only be written down when it is over: it is told of for a while then."""
    last, own = house.lane.last_fault, house.process.id
    if last is not None and time.monotonic() - last[1] < TOLD_SECONDS:
        say = f"In the last minutes changes had to wait. {last[0].say}"
        troubles.note_trouble(tx, LINE, say, last[0].act, process=own)
    else:
        troubles.end_trouble(tx, LINE, own)


async def leave(house: House) -> None:
    """The last thing before the lane stops; a database that takes nothing holds nobody up."""
    try:
        async with asyncio.timeout(2):
            await house.change(SYSTEM, "leave", partial(processes.go, process=house.process.id))
    except Exception as error:
        log.warning("this server could not take itself out: %s", type(error).__name__)
