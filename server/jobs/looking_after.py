"""Each minute the house looks itself over and writes down what is wrong, until it is right again (`server.doctor`, `server.actions.troubles`).

What concerns this machine (its disk, its clock, its way to the mail server) carries this server's id; what is the same from every server is
looked at by one of them. Checks that go out over the network, or read much, come round less often than those that look at a file. They run in threads
and not on the event loop; what they find is written down through the lane, and only when there is a trouble, or one that ended.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from server.actions import troubles
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.domain.troubles import SHARED, Verdict, turns
from server.edge import House
from server.jobs import turned_away
from server.store.faults import fault_of
from server.store.sql import Sql, Statement

log = logging.getLogger("foyer.jobs")

FIRST_SECONDS, EVERY_SECONDS = 20.0, 60.0
ROUND_SECONDS = 10.0
"""How long a check has. It holds nobody up."""
_OPEN = Statement("SELECT subject FROM trouble WHERE process = :process")


async def keep_looking(house: House) -> None:
    """Until cancelled. The first look waits until a start is over: devices come back, and the processor is busy."""
    done: dict[str, float] = {}
    told: Counter[tuple[str, str, int]] = Counter()
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        turned_away.tell(house.measures.requests, told)
        try:
            await look(house, done)
            house.process.did("doctor")
        except Exception:
            house.process.failed("doctor")
            log.exception("the house could not be looked over; the next look is as usual")
        await asyncio.sleep(EVERY_SECONDS)


async def look(house: House, done: dict[str, float]) -> list[Verdict]:
    """One look at what is due; `done` says when each check was last made."""
    from server.doctor.ground import Ground
    from server.doctor.rounds import look_over
    from server.doctor.table import CHECKS

    now = time.monotonic()
    mine = {turn: await house.turns.mine(turn) for turn in {check.turn for check in CHECKS if check.shared}}
    due = [
        check
        for check in CHECKS
        if now - done.get(check.name, -check.every) >= check.every - 1
        and (not check.shared or mine[check.turn])
    ]
    done.update((check.name, now) for check in due)
    ground = Ground(
        house.settings, house.clock.wall(), house.process, house.clock.micros(), seconds=ROUND_SECONDS
    )
    found = await asyncio.to_thread(look_over, ground, due)
    own = [verdict for each in found if not each.check.shared for verdict in each.verdicts]
    of_all = [verdict for each in found if each.check.shared for verdict in each.verdicts]
    house.process.verdicts.update((verdict.subject, verdict) for verdict in (*own, *of_all))
    try:
        await _write(house, own, house.process.id)
        await _write(house, of_all, SHARED)
    except Exception as error:  # the lane, or the hub, has said why; a full disk is told of all the same
        if not isinstance(error, Refused) and fault_of(error) is None:
            raise
        log.warning("what was found could not be written down; this server's own pages show it meanwhile")
        house.process.grave = tuple(each.say for each in (*own, *of_all) if each.grave) or house.process.grave
    return [*own, *of_all]


async def _write(house: House, verdicts: Sequence[Verdict], process: str) -> None:
    told = turns(await house.look(partial(_open, process=process)), verdicts)
    if told.there or told.over:
        await house.change(
            SYSTEM, "note_troubles", partial(troubles.write_down, verdicts=verdicts, process=process)
        )


def _open(connection: Connection, *, process: str) -> list[str]:
    return [record[0] for record in Sql(connection).all(_OPEN, {"process": process})]
