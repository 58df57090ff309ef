"""The appointments of today at a centre whose visitors have not come yet: what kiosks know references by, and whom waits must reckon with.

Read once for every look at the floor, by the index of booked times between two midnights, so that months of bookings ahead cost nothing. No name is
read: nothing made of this can tell one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.clock import to_micros
from server.store.sql import Sql, Statement

_DAY = round(timedelta(days=1).total_seconds()) * 1_000_000


class Expected(NamedTuple):
    """`hash` is empty until the rounds have worked it out. `missed`: marked as not come; a kiosk still knows them."""

    id: str
    hash: str
    service: int
    starts_at: int
    late_minutes: int
    room: int | None
    """The counter it is booked for, if it is for one."""
    missed: bool


_EXPECTED = Statement(
    """SELECT b.id, b.arrival_hash, b.service_id, b.starts_at, b.late_minutes, r.counter_id, b.state FROM booking b
    LEFT JOIN bookable r ON r.id = b.room_id WHERE b.centre_id = :centre AND b.held_until > :since AND b.held_until < :ended
    AND b.state <> 'cancelled' AND b.state IN ('booked', 'missed') AND b.starts_at >= :since AND b.starts_at < :until
    ORDER BY b.starts_at, b.id"""
)


def midnights(on: date, zone: str) -> tuple[int, int]:
    """The instants when local date `on` begins and ends; 23 or 25 hours apart where the clock is changed."""
    begins, ends = (
        datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) for day in (on, on + timedelta(days=1))
    )
    return to_micros(begins), to_micros(ends)


def expected_on(sql: Sql, centre: int, on: date, zone: str) -> tuple[Expected, ...]:
    """In the order of their times."""
    since, until = midnights(on, zone)
    values = {"centre": centre, "since": since, "until": until, "ended": until + _DAY}
    return tuple(Expected._make((*row[:6], row[6] == "missed")) for row in sql.all(_EXPECTED, values))
