"""Makes the copies of sums that are missing: of days that are over, and of months all of whose days have one.

Nothing depends on it but speed: whoever reads a day without a copy works it out. It is made in the lane, under the centre's lock, so that no change of that day slips in
between its reading and its writing; therefore in small portions (`PORTION_SECONDS`, a day or a few), with rests in between (`REST`) that are longer than the work, so that
nobody on the floor waits for it. Ten years that were never summed up, as after an upgrade, so take some ten minutes beside the day's work, and the log tells how far they are.

The newest days come first, being looked at most. A day is only taken when it has been over for `SETTLED`: until then stragglers of a centre open past midnight change it.
Of several servers on one database one does it (`server.live.turns`); were there two for a moment, the second finds a day done.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.domain.spans import ONE_DAY
from server.domain.summing import DayFacts, sum_day
from server.domain.sums import together
from server.edge import House
from server.store.queries import counts, sum_copies, summing
from server.store.sql import Sql, Statement
from server.store.tx import Tx

log = logging.getLogger("foyer.jobs")

EVERY_SECONDS = 60.0
PORTION_SECONDS = 0.008
"""As long as the lane is held at once, or for one day if that takes longer."""
MOST_DAYS = 28
"""Days on which the centre was closed cost next to nothing."""
REST = 4.0
"""So many times as long as a portion took nothing is done."""
SETTLED = timedelta(hours=4)
TELL_SECONDS = 10.0
WORTH_TELLING = 100
"""So many days and more are a backfill, of which the log tells."""

_CENTRES = Statement("SELECT id, slug FROM centre ORDER BY id")


async def keep_summed_up(house: House) -> None:
    """Until cancelled."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        if not await house.turns.mine("sums"):
            house.process.did("sums")
            continue
        try:
            await sum_up(house)
            house.process.did("sums")
        except Exception:
            house.process.failed("sums")
            log.exception("days could not be summed up; it is tried again in a minute")


async def sum_up(house: House, rest: float = REST) -> int:
    """Make every copy that is missing; how many days. What fails for one centre is done for the others all the same."""
    made = 0
    for centre, slug in await house.look(lambda connection: Sql(connection).all(_CENTRES)):
        try:
            made += await _sum_up_centre(house, centre, slug, rest)
        except Refused:
            log.warning("%s could not be summed up just now; it is tried again in a minute", slug)
        except Exception:
            log.exception("%s could not be summed up; the others are", slug)
    return made


async def _sum_up_centre(house: House, centre: int, slug: str, rest: float) -> int:
    missing = await house.look(partial(missing_days, centre=centre, now=house.clock.micros()))
    whole, told = len(missing), time.monotonic()
    if whole >= WORTH_TELLING:
        log.info("%s: %d days are to be summed up; the figures are right meanwhile, and slower", slug, whole)
    while missing:
        taken = await _portion(house, centre, partial(_make_days, days=missing[:MOST_DAYS]), rest)
        missing = missing[taken:]
        if whole >= WORTH_TELLING and time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            log.info("%s: %d of %d days are summed up", slug, whole - len(missing), whole)
    for month in await house.look(partial(missing_months, centre=centre, now=house.clock.micros())):
        await _portion(house, centre, partial(_make_month, month=month), rest)
    if whole >= WORTH_TELLING:
        log.info("%s: all %d days are summed up", slug, whole)
    return whole


async def _portion(house: House, centre: int, action: partial[int], rest: float) -> int:
    begun = time.monotonic()
    done = await house.change(Actor(kind="system", centre=centre), "sum_up", action)
    await asyncio.sleep(rest * (time.monotonic() - begun))
    return done


def missing_days(connection: Connection, *, centre: int, now: int) -> list[date]:
    """The days that are over and have no copy, the newest first."""
    sql = Sql(connection)
    zone = ZoneInfo(counts.zone_name(sql, centre))
    first, last = sum_copies.first_month(sql, centre, zone), _settled(now, zone)
    missing: list[date] = []
    if first is not None and first <= last:
        made = sum_copies.made_days(sql, centre, first, last)
        days = (last - timedelta(days=back) for back in range((last - first).days + 1))
        missing = [on for on in days if on not in made]
    sql.close()
    return missing


def _settled(now: int, zone: ZoneInfo) -> date:
    """The last day that may be taken."""
    return (from_micros(now) - SETTLED).astimezone(zone).date() - ONE_DAY


def _make_days(tx: Tx, *, days: Sequence[date]) -> int:
    """The first of `days`, at least one; how many were done. In the lane."""
    begun, centre, done = time.monotonic(), tx.actor.centre, 0
    sum_copies.hold(tx.sql, centre)
    zone = ZoneInfo(counts.zone_name(tx.sql, centre))
    for on in days:
        if done and time.monotonic() - begun > PORTION_SECONDS:
            break
        if on not in sum_copies.made_days(tx.sql, centre, on, on):
            facts = summing.facts_of(tx.sql, centre, on, on, zone).get(on) or DayFacts(on)
            sum_copies.add_day(tx.sql, centre, on, zone, sum_day(facts, zone), tx.now)
        done += 1
    return done


def missing_months(connection: Connection, *, centre: int, now: int) -> list[date]:
    """The months all of whose days have a copy and that have none themselves, the newest first."""
    sql = Sql(connection)
    zone = ZoneInfo(counts.zone_name(sql, centre))
    first, last = sum_copies.first_month(sql, centre, zone), _settled(now, zone)
    found: list[date] = []
    if first is not None:
        days = sum_copies.made_days(sql, centre, first, last)
        there = sum_copies.months_made(sql, centre)
        for month in sorted({on.replace(day=1) for on in days} - there, reverse=True):
            if all(on in days for on in _days_of(month)):
                found.append(month)
    sql.close()
    return found


def _days_of(month: date) -> list[date]:
    after = (month + timedelta(days=32)).replace(day=1)
    return [month + timedelta(days=number) for number in range((after - month).days)]


def _make_month(tx: Tx, *, month: date) -> int:
    """1 when it was made; 0 when a day of it was let go of meanwhile. In the lane."""
    days = _days_of(month)
    sum_copies.hold(tx.sql, tx.actor.centre)
    made, kept = sum_copies.days_of(tx.sql, tx.actor.centre, days[0], days[-1])
    if len(made) < len(days):
        return 0
    sums = together((*made.values(), *kept.values()))
    sum_copies.add_month(tx.sql, tx.actor.centre, month, sums, tx.now)
    return 1
