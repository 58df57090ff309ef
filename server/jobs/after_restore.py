"""The first start after a restore: before anybody is served, what is too old to be kept goes again.

A backup holds what was erased since it was made. The restore itself deleted again what was taken away by hand (`server.actions.restored`); what goes by its
age goes here, by the same rounds as always, only all at once and before the doors open. That it happened is written down, so a start that was cut off does it again.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from server.actions import lives
from server.domain.access import SYSTEM
from server.edge import House
from server.jobs.deleting import delete_due
from server.jobs.erasing import erase_due
from server.jobs.sweeping import sweep
from server.store.sql import Sql, Statement

log = logging.getLogger("foyer.jobs")

MOST_ROUNDS = 2000
"""Of some thousand rows each; a database that has more to erase than that goes on with it while it serves."""

_UNFINISHED = Statement(f"SELECT COUNT(*) FROM house_life WHERE why = '{lives.RESTORING}'")


async def finish_restore(house: House) -> int:
    """Nothing unless this database was restored and not served from since; how many rows were erased."""
    if not await house.look(_is_unfinished):
        return 0
    gone = 0
    for _ in range(MOST_ROUNDS):
        some = await erase_due(house) + await delete_due(house)
        gone += some
        if not some:
            break
    await sweep(house)
    await house.change(SYSTEM, "restored", lives.finish)
    log.warning(
        "the house was restored from a backup: %d rows were erased again before anybody was served", gone
    )
    return gone


def _is_unfinished(connection: Connection) -> bool:
    row = Sql(connection).one(_UNFINISHED)
    return row is not None and row[0] > 0
