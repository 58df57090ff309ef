"""Erases what is due, a little each round, at night and by day: a portion takes some milliseconds, so nobody waits for it.

An old house that sets a shorter time has years to erase; they go over some nights, oldest first, and every round says in the log how far it is. What fails at one centre, for one class or of
one day is tried again with the next round, and the others go all the same.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.actions import erasing, sealing
from server.actions.audit_keys import AuditKeysUnusable, key_file, open_audit_keys
from server.clock import from_micros
from server.domain import retention
from server.domain.access import SYSTEM, Actor
from server.domain.refusals import Refused
from server.domain.retention import Name
from server.edge import House
from server.jobs import erasing_days
from server.store.queries import counts
from server.store.sql import Sql, Statement

log = logging.getLogger("foyer.jobs")

MOST_DAYS = 20
"""A round, of each centre."""
MOST_TRIES = 100
"""Days a round, with those that cannot be erased."""
MOST_PORTIONS = 20
MOST_LINKS = 10
_DAY = round(timedelta(days=1).total_seconds()) * 1_000_000
_CENTRES = Statement("SELECT id FROM centre ORDER BY id")


async def erase_due(house: House) -> int:
    """One round of it; how many rows went."""
    rules = await house.look(_rules)
    erased = 0
    for (centre,) in await house.look(lambda connection: Sql(connection).all(_CENTRES)):
        try:
            for name in erasing.BY_ROWS:
                erased += await _rows(house, centre, name, retention.days_of(name, rules))
            erased += await _days(house, centre, retention.days_of(Name.VISITS, rules))
        except Exception:
            log.exception("what is due at centre %d could not be erased; it is tried again", centre)
    before = house.clock.micros() - retention.days_of(Name.ACCOUNTS, rules) * _DAY
    if await house.look(partial(erasing.former_staff, before=before)):
        erased += await house.change(SYSTEM, "erase", partial(erasing.forget_staff, before=before))
    erased += await _audit(house, house.clock.micros() - retention.days_of(Name.AUDIT, rules) * _DAY)
    if erased:
        house.lane.clean()
        await house.change(SYSTEM, "clean", lambda _tx: None)
    return erased


async def _audit(house: House, before: int) -> int:
    """Whole links of the chain at a time. Without the key nobody could tell it from tampering, so then it waits; that the key is missing is a trouble of its own."""
    if not await house.look(partial(erasing.audit_is_due, before=before)):
        return 0
    try:
        keys = await asyncio.to_thread(open_audit_keys, key_file(house.settings), may_make=False)
    except AuditKeysUnusable:
        log.warning("the audit that is due was not erased: its key file cannot be used")
        return 0
    erased = 0
    for _ in range(MOST_PORTIONS):
        some = await house.change(
            SYSTEM, "erase", partial(sealing.erase_due, keys=keys, before=before, most=MOST_LINKS)
        )
        erased += some
        if not some:
            break
    return erased


def _rules(connection: Connection) -> dict[str, int]:
    return erasing.rules(Sql(connection))


async def _days(house: House, centre: int, kept: int) -> int:
    now = from_micros(house.clock.micros())
    zone = await house.look(lambda connection: counts.zone_name(Sql(connection), centre))
    last = retention.last_due(now.astimezone(ZoneInfo(zone)).date(), kept)
    gone: list[date] = []
    day: date | None = None
    erased = 0
    for _ in range(MOST_TRIES):
        day = await house.look(partial(erasing_days.oldest_day, centre=centre, after=day))
        if day is None or day > last or len(gone) == MOST_DAYS:
            break
        try:
            erased += await house.change(_system(centre), "erase", partial(erasing_days.erase_day, day=day))
        except Refused as refused:
            log.warning("centre %d, %s: %s", centre, day, refused.refusal.say)
        else:
            gone.append(day)
    if gone:
        log.info(
            "centre %d: the detail of the days up to %s was erased; their figures stay", centre, gone[-1]
        )
    return erased


async def _rows(house: House, centre: int, name: Name, kept: int) -> int:
    before = house.clock.micros() - kept * _DAY
    left = await house.look(partial(erasing.due, centre=centre, name=name, before=before))
    erased = 0
    for _ in range(MOST_PORTIONS):
        if erased >= left:
            break
        erased += await house.change(
            _system(centre), "erase", partial(erasing.erase_rows, name=name, before=before)
        )
    return erased


def _system(centre: int) -> Actor:
    return Actor(kind="system", centre=centre)
