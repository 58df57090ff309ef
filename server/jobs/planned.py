"""Planned changes of the set-up, done when their moment has come, one after the other and each by itself."""

from __future__ import annotations

import logging
from functools import partial

from sqlalchemy import Connection

from server.actions.changes import do_due
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.edge import House
from server.store.sql import Sql, Statement

log = logging.getLogger("foyer.jobs")

_DUE = Statement(
    """SELECT id, centre_id FROM change WHERE done_at IS NULL AND cancelled_at IS NULL AND failed = ''
    AND effective_at <= :now ORDER BY effective_at, id LIMIT 100"""
)


async def do_due_changes(house: House) -> int:
    """Do what is due, the earliest first; how many were done. One that fails does not hold up the others."""

    def due(connection: Connection) -> list[tuple[int, int]]:
        return [(r[0], r[1]) for r in Sql(connection).all(_DUE, {"now": house.clock.micros()})]

    done = 0
    for number, centre in await house.look(due):
        try:
            done += await house.change(
                Actor(kind="system", centre=centre), "do_due_change", partial(do_due, number=number)
            )
        except Refused:
            continue  # another server, or an administrator, was quicker
        except Exception:
            log.exception("planned change %d could not be done; the others are", number)
    return done
