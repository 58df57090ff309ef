"""What can be booked: the free slots of a service by day, for whoever looks.

The public sees what is offered to the public and keeps the notice; staff see all that is offered, up to the last minute. Both see what could be
booked at this instant, worked out by the very rules that booking asks again, inside its own transaction, when somebody has chosen.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session

from server.domain.offers import Offer
from server.domain.slots import Day, Slot, bounds, days_of, is_morning
from server.store.queries import capacity
from server.store.queries.capacity import MOST_DAYS, Offered
from server.store.sql import Sql
from server.store.tables import Service
from wire.vocabulary import BookableKind

__all__ = ["Day", "Slot", "days", "next_free"]

_DAY = timedelta(days=1)
_STRIDE = 7
"""Days looked at in one go for the next free: most find it in the first week."""


def days(
    session: Session,
    centre_id: int,
    service: Service,
    first_on: date,
    last_on: date,
    now: int,
    *,
    interpreter: str | None = None,
    person: int | None = None,
    room: int | None = None,
    public: bool = True,
    besides: str | None = None,
) -> list[Day]:
    """Each date from first to last (at most 62 of them) with its free slots, and why it has none. `now` in microseconds.

    `person`, `room`: only with this bookable. `besides`: as if this booking were not, because it is being moved.
    """
    sql = Sql(session.connection())
    try:
        return _days(
            sql,
            centre_id,
            service,
            first_on,
            last_on,
            now,
            interpreter=interpreter,
            person=person,
            room=room,
            public=public,
            besides=besides or "",
        )
    finally:
        sql.close()


def _days(
    sql: Sql,
    centre_id: int,
    service: Service,
    first_on: date,
    last_on: date,
    now: int,
    *,
    interpreter: str | None,
    person: int | None,
    room: int | None,
    public: bool,
    besides: str,
) -> list[Day]:
    last_on = min(last_on, first_on + (MOST_DAYS - 1) * _DAY)
    offered = capacity.offered_service(sql, centre_id, service=service.id)
    offer = _offer(offered, public=public)
    if offered is None or offer is None:
        return [Day(first_on + n * _DAY, (), "none") for n in range((last_on - first_on).days + 1)]
    named = {
        kind.value: who
        for kind, who in ((BookableKind.PERSON, person), (BookableKind.ROOM, room))
        if who is not None
    }
    limits = bounds(
        offered.local_date(now),
        now,
        notice_hours=offer.notice_hours if public else 0,
        ahead_days=offer.ahead_days,
    )
    found = capacity.read(
        sql, offered, first_on, last_on, now, interpreter=interpreter, named=named, besides=besides
    )
    return days_of(found.capacity, found.starts, limits)


def _offer(offered: Offered | None, *, public: bool) -> Offer | None:
    if offered is None or offered.retired or offered.offer is None:
        return None
    return offered.offer if offered.offer.public or not public else None


def next_free(
    session: Session,
    centre_id: int,
    service: Service,
    now: int,
    *,
    interpreter: str | None = None,
    mornings_only: bool = False,
    most: int = 3,
    public: bool = True,
) -> list[Slot]:
    """The first free slots from now on."""
    sql = Sql(session.connection())
    try:
        offered = capacity.offered_service(sql, centre_id, service=service.id)
        offer = _offer(offered, public=public)
        if offered is None or offer is None:
            return []
        first_on = offered.local_date(now)
        last_on = first_on + offer.ahead_days * _DAY
        found: list[Slot] = []
        while first_on <= last_on and len(found) < most:
            until = min(first_on + (_STRIDE - 1) * _DAY, last_on)
            some = _days(
                sql,
                centre_id,
                service,
                first_on,
                until,
                now,
                interpreter=interpreter,
                person=None,
                room=None,
                public=public,
                besides="",
            )
            found += [
                slot
                for day in some
                for slot in day.slots
                if not mornings_only or is_morning(slot.starts_at, offered.zone)
            ]
            first_on = until + _DAY
        return found[:most]
    finally:
        sql.close()
