"""What the rounds watch of what needs a person: papers nobody heard of any more, and causes that have gone.

A paper sent to a printer is given up after two minutes: whoever wanted it stands there, and is told to print it elsewhere. What became of
it stays open, for a kiosk that was cut off may yet say so. A cause that has gone closes the entry of whoever took it and is remembered as
gone, so that the same paper running out again within the quarter of an hour is told again, though somebody said done the first time. Help that
was asked for and never done is closed when a night has passed: whoever asked has gone home, and an old alarm must not hide a new one.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from server.domain.access import Actor
from server.domain.tickets import NIGHT
from server.edge import House
from server.store.queries import concerns
from server.store.sql import Sql, Statement
from server.store.tx import Tx

log = logging.getLogger("foyer.jobs")

PRINT = round(timedelta(minutes=2).total_seconds()) * 1_000_000

_CENTRES = Statement("SELECT id FROM centre")
_OLD_JOBS = Statement(
    "SELECT COUNT(*) FROM print_job WHERE centre_id = :centre AND done_at IS NULL AND at <= :before"
)
_GIVE_UP = Statement(
    "UPDATE print_job SET done_at = :now WHERE centre_id = :centre AND done_at IS NULL AND at <= :before"
)
_OLD_ASKED = Statement(
    """SELECT COUNT(*) FROM attention WHERE centre_id = :centre AND done_at IS NULL AND kind IN ('help', 'alarm', 'safe_room') AND at <= :before"""
)
_CLOSE = Statement(
    """UPDATE attention SET done_at = :now WHERE centre_id = :centre AND done_at IS NULL AND kind IN ('help', 'alarm', 'safe_room')
    AND at <= :before"""
)
_GONE = Statement(
    """UPDATE attention SET done_at = COALESCE(done_at, :now), detail = '{"gone": true}' WHERE id = :id"""
)


async def watch(house: House) -> int:
    """One round at every centre; how many papers were given up, requests closed and causes found gone."""
    seen = 0
    for (centre,) in await house.look(lambda connection: Sql(connection).all(_CENTRES)):
        try:
            seen += await _watch_centre(house, centre)
        except Exception:
            log.exception("what needs a person at centre %d could not be watched; the others are", centre)
    return seen


async def _watch_centre(house: House, centre: int) -> int:
    """Looks first: most rounds find nothing, and then nothing is written."""
    now = house.clock.micros()
    jobs = {"centre": centre, "before": now - PRINT}
    old = await house.look(lambda connection: (Sql(connection).one(_OLD_JOBS, jobs) or (0,))[0])
    gone = await house.look(
        lambda connection: concerns.vanished(Sql(connection), centre, house.clock.micros())
    )
    night = {"centre": centre, "before": now - NIGHT}
    asked = await house.look(lambda connection: (Sql(connection).one(_OLD_ASKED, night) or (0,))[0])
    if not old and not gone and not asked:
        return 0
    return await house.change(Actor(kind="system", centre=centre), "watch", partial(_settle, centre=centre))


def _settle(tx: Tx, *, centre: int) -> int:
    given_up = tx.sql.run(_GIVE_UP, {"centre": centre, "before": tx.now - PRINT, "now": tx.now})
    closed = tx.sql.run(_CLOSE, {"centre": centre, "before": tx.now - NIGHT, "now": tx.now})
    gone = concerns.vanished(tx.sql, centre, tx.now)
    for entry in gone:
        tx.sql.run(_GONE, {"now": tx.now, "id": entry})
    if given_up or closed or gone:
        tx.touch(centre)
    return given_up + closed + len(gone)
