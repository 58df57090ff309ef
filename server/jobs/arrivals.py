"""What the rounds do for those who come to an appointment, and for those who did not.

Kiosks know today's references by slow hashes (`wire.references.arrival_hash`): each takes a twentieth of a second, so they are worked out in a
thread of their own, some at a round, and only written in the lane. One booked a minute ago is known at the kiosks within seconds; a full day is done
some minutes after midnight. A day's hash is salted with the day: one that was moved meanwhile is not written, and is worked out anew.

When a day is over, who was expected on it and did not come has missed it. Should a kiosk that had no line hand over tomorrow that they came, it is put
right then (`server.actions.arriving`).
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.actions import marking
from server.clock import from_micros
from server.domain.access import Actor
from server.edge import House
from server.live.expected import midnights
from server.store.sql import Sql, Statement
from server.store.tables import Booking
from server.store.tx import Tx
from wire.references import arrival_hash, arrival_salt
from wire.vocabulary import BookingState

log = logging.getLogger("foyer.jobs")

PORTION = 20
"""Hashes a round: a second of work."""
LOOK_BACK = round(timedelta(days=60).total_seconds()) * 1_000_000
"""A server that was off for longer leaves what is older as it was."""
_DAY = round(timedelta(days=1).total_seconds()) * 1_000_000

_CENTRES = Statement("SELECT id, slug, timezone FROM centre ORDER BY id")
_UNKNOWN = Statement(
    """SELECT id, reference, starts_at FROM booking WHERE centre_id = :centre AND held_until > :since AND held_until < :ended
    AND state <> 'cancelled' AND state IN ('booked', 'missed') AND starts_at >= :since AND starts_at < :until AND arrival_hash = ''
    ORDER BY starts_at, id LIMIT :most"""
)
_KEEP = Statement("UPDATE booking SET arrival_hash = :hash WHERE id = :id AND starts_at = :starts_at")
_NOT_COME = Statement(
    """SELECT id FROM booking WHERE centre_id = :centre AND held_until > :since AND held_until < :ended AND state <> 'cancelled'
    AND state = 'booked' AND starts_at < :today ORDER BY held_until LIMIT 200"""
)


class _Centre(NamedTuple):
    id: int
    slug: str
    zone: str

    def today(self, now: int) -> tuple[str, int, int]:
        """Its date, and when that begins and ends."""
        on = from_micros(now).astimezone(ZoneInfo(self.zone)).date()
        return on.isoformat(), *midnights(on, self.zone)


async def _centres(house: House) -> list[_Centre]:
    return await house.look(lambda connection: [_Centre(*row) for row in Sql(connection).all(_CENTRES)])


def _system(centre: int) -> Actor:
    return Actor(kind="system", centre=centre)


# Known at the kiosks ------------------------------------------------------------------------------------------------


async def make_known(house: House) -> int:
    """Let kiosks know some more of today's references; how many."""
    made = 0
    for centre in await _centres(house):
        try:
            made += await _make_known(house, centre)
        except Exception:
            log.exception(
                "today's references of centre %d could not be made known; those of others are", centre.id
            )
    return made


async def _make_known(house: House, centre: _Centre) -> int:
    on, since, until = centre.today(house.clock.micros())
    values = {"centre": centre.id, "since": since, "until": until, "ended": until + _DAY, "most": PORTION}

    def unknown(connection: Connection) -> list[tuple[str, str, int]]:
        return [(row[0], row[1], row[2]) for row in Sql(connection).all(_UNKNOWN, values)]

    bookings = await house.look(unknown)
    if not bookings:
        return 0
    salt = arrival_salt(centre.slug, on)
    hashes = await asyncio.to_thread(
        lambda: [
            {"id": booking, "starts_at": starts_at, "hash": arrival_hash(reference, salt)}
            for booking, reference, starts_at in bookings
        ]
    )

    def keep(tx: Tx) -> int:
        tx.touch(centre.id)
        return sum(tx.sql.run(_KEEP, each) for each in hashes)

    return await house.change(_system(centre.id), "make_known", keep)


# Not come -----------------------------------------------------------------------------------------------------------


async def mark_missed(house: House) -> int:
    """Mark those of days that are over who did not come; how many."""
    missed = 0
    for centre in await _centres(house):
        try:
            missed += await _mark_missed(house, centre)
        except Exception:
            log.exception("who missed their day at centre %d could not be marked; at others it is", centre.id)
    return missed


async def _mark_missed(house: House, centre: _Centre) -> int:
    _, today, _ = centre.today(house.clock.micros())
    values = {"centre": centre.id, "since": today - LOOK_BACK, "ended": today + _DAY, "today": today}

    def not_come(connection: Connection) -> list[str]:
        return [row[0] for row in Sql(connection).all(_NOT_COME, values)]

    bookings = await house.look(not_come)
    if not bookings:
        return 0
    return await house.change(
        _system(centre.id), "mark_missed", partial(_miss, bookings=bookings, before=today)
    )


def _miss(tx: Tx, *, bookings: list[str], before: int) -> int:
    """Those of `bookings` that are still expected on a day that is over: somebody may have moved one, or checked it in."""
    found = [tx.session().get(Booking, each) for each in bookings]
    left = [
        each
        for each in found
        if each is not None and each.state == BookingState.BOOKED and each.starts_at < from_micros(before)
    ]
    for each in left:
        marking.miss(tx, each)
    return len(left)
