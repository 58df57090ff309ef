"""The rounds of the waiting list: a place not taken in time goes to the next, and whatever came free otherwise is offered.

A cancelled or moved appointment is offered in its own transaction (`server.actions.wishes.follow`). Here is found what nobody announced: a block lifted,
hours added, a hold let go, a place that came free at night. Each wish is looked at with the same reading that shows times to everybody, so nobody
is told of a time that cannot be booked.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.actions import wishes
from server.clock import from_micros
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.edge import House
from server.live import offered
from server.store.sql import Sql, Statement
from server.store.tables import Centre, Service, Wish
from server.store.tx import Tx

log = logging.getLogger("foyer.jobs")

MOST_LOOKED_AT = 40
"""Wishes of one service that a round looks at: there are never more free times than that between two rounds."""

_RUN_OUT = Statement("SELECT id, centre_id FROM wish WHERE ended_at IS NULL AND kept_until <= :now")
_WAITING = Statement(
    "SELECT DISTINCT centre_id, service_id FROM wish WHERE ended_at IS NULL AND told_at IS NULL"
)


@dataclass(frozen=True)
class Fit:
    """A free time for a wish."""

    wish: str
    starts_at: int


async def offer_places(house: House) -> int:
    """One round of it; how many were told of a place."""
    now = house.clock.micros()
    for wish, centre in await house.look(lambda connection: Sql(connection).all(_RUN_OUT, {"now": now})):
        await house.change(_system(centre), "pass_on", partial(wishes.pass_on, wish_id=wish))
    told = 0
    for centre, service in await house.look(lambda connection: Sql(connection).all(_WAITING)):
        try:
            fits = await house.read(partial(_fits, centre_id=centre, service_id=service, now=now))
            for fit in fits:
                asking = partial(_ask, fit=fit)
                told += await house.change(_system(centre), "ask", asking)
        except Refused:
            continue  # somebody was quicker
        except Exception:
            log.exception("the waiting list of service %d could not be served; the others are", service)
    return told


def _system(centre: int) -> Actor:
    return Actor(kind="system", centre=centre)


def _ask(tx: Tx, *, fit: Fit) -> int:
    return 0 if wishes.ask(tx, wish_id=fit.wish, starts_at=fit.starts_at) is None else 1


def _fits(session: Session, *, centre_id: int, service_id: int, now: int) -> list[Fit]:
    """For each wish, who came first before others, the first free time in its days that none before it gets."""
    centre, service = session.get(Centre, centre_id), session.get(Service, service_id)
    if centre is None or service is None or not wishes.may_ask(now, centre.timezone):
        return []
    zone = ZoneInfo(centre.timezone)
    today = from_micros(now).astimezone(zone).date()
    waiting = session.exec(
        select(Wish)
        .where(
            col(Wish.centre_id) == centre_id,
            col(Wish.service_id) == service_id,
            col(Wish.ended_at).is_(None),
            col(Wish.told_at).is_(None),
            col(Wish.last_on) >= today,
        )
        .order_by(col(Wish.made_at), col(Wish.id))
        .limit(MOST_LOOKED_AT)
    ).all()
    if not waiting:
        return []
    first = max(today, min(wish.first_on for wish in waiting))
    last = max(wish.last_on for wish in waiting)
    free = {
        interpreter: [
            slot.starts_at
            for day in offered.days(session, centre_id, service, first, last, now, interpreter=interpreter)
            for slot in day.slots
        ]
        for interpreter in {wish.interpreter for wish in waiting}
    }
    return _given_out(waiting, free, zone)


def _given_out(
    waiting: Sequence[Wish], free: Mapping[str | None, Sequence[int]], zone: ZoneInfo
) -> list[Fit]:
    """`free`: the times by the interpreter who must be there."""
    gone: set[int] = set()
    fits = []
    for wish in waiting:
        left = (at for at in free[wish.interpreter] if at not in gone)
        found = next((at for at in left if _suits(wish, at, zone)), None)
        if found is not None:
            gone.add(found)
            fits.append(Fit(wish.id, found))
    return fits


def _suits(wish: Wish, at: int, zone: ZoneInfo) -> bool:
    local = from_micros(at).astimezone(zone)
    on: date = local.date()
    return wish.first_on <= on <= wish.last_on and (not wish.mornings_only or local.hour < wishes.NOON)
