"""Times to choose from: the next free ones first, then any day.

Shared by booking for a visitor and by moving. The fragment `/appointments/times` is what the page puts in place when the service, person, room or
day changes; without script the same form comes back with it, and nothing that was typed is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import Response

from server.clock import from_micros
from server.domain.access import Actor
from server.domain.offers import Offer, read_offer
from server.domain.slots import Day, Slot
from server.live import offered
from server.live.diary import viewer_of
from server.store.tables import Centre, Service
from server.web.gate import Guarded, house_of
from server.web.pages.appointments import date_in
from server.web.render import page
from wire.vocabulary import Role

router = APIRouter()

NEXT = 6
SHOWN_DAYS = 10
"""Days with free time that can be chosen with one press; any other by its date."""
WHY = {
    "closed": "No appointments are offered on this day: the service or the centre is closed.",
    "full": "This day is full.",
    "too_soon": "It is too late to book for this day.",
    "too_far": "This day is further ahead than this service can be booked.",
    "none": "Nobody who takes these appointments is there on this day.",
}


@dataclass(frozen=True)
class Wanted:
    """For what, and with whom or where if that matters."""

    service: str
    on: date | None = None
    person: int | None = None
    room: int | None = None
    interpreter: str | None = None
    besides: str | None = None
    """An appointment that is being moved: its own time is free for it."""


@dataclass(frozen=True)
class Times:
    """What may be chosen. `day` None: there is nothing to offer at all."""

    service: str
    offer: Offer
    next: tuple[Slot, ...]
    free_days: tuple[Day, ...]
    day: Day | None
    why: str
    zone: ZoneInfo
    today: date
    last_on: date
    chosen: int = 0
    """The start, in milliseconds, of the one that is chosen now."""

    @property
    def early(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.day.slots if not self._late(slot)) if self.day else ()

    @property
    def later(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.day.slots if self._late(slot)) if self.day else ()

    def _late(self, slot: Slot) -> bool:
        return from_micros(slot.starts_at).astimezone(self.zone).hour >= 12


def times_for(session: Session, actor: Actor, wanted: Wanted, now: int, chosen: int = 0) -> Times | None:
    """None when there is no such service with appointments for who asks."""
    service = session.exec(
        select(Service).where(Service.centre_id == actor.centre, Service.slug == wanted.service)
    ).first()
    if service is None or service.id is None or service.retired_at is not None:
        return None
    offer = read_offer(service.booking)
    secret = (service.discreet or service.private) and Role.DISCREET not in actor.roles
    if offer is None or secret or not viewer_of(session, actor).sees(service.id):
        return None
    zone = ZoneInfo(session.get_one(Centre, actor.centre).timezone)
    today = from_micros(now).astimezone(zone).date()
    last_on = today + timedelta(days=offer.ahead_days)
    read = partial(
        offered.days,
        session,
        actor.centre,
        service,
        now=now,
        interpreter=wanted.interpreter,
        person=wanted.person,
        room=wanted.room,
        public=False,
        besides=wanted.besides,
    )
    every = read(first_on=today, last_on=last_on)
    free = [day for day in every if day.slots]
    on = wanted.on or (free[0].on if free else today)
    day = next((each for each in every if each.on == on), None)
    if day is None and today <= on <= last_on:
        day = next(iter(read(first_on=on, last_on=on)), None)
    if day is None:
        day = Day(on, (), "too_far") if on > last_on else Day(on, (), "too_soon")
    soonest = [slot for each in free[:NEXT] for slot in each.slots][:NEXT]
    return Times(
        service.names["en"],
        offer,
        tuple(soonest),
        tuple(free[:SHOWN_DAYS]),
        day,
        WHY.get(day.why, ""),
        zone,
        today,
        last_on,
        chosen,
    )


def wanted_in(given: Any) -> Wanted:
    """From a form's fields or an address's; nonsense is nothing wanted."""

    def number(name: str) -> int | None:
        text = str(given.get(name) or "")
        return int(text) if text.isdecimal() and len(text) < 10 else None

    return Wanted(
        str(given.get("service") or "")[:40],
        date_in(str(given.get("on") or "")),
        number("person"),
        number("room"),
        str(given.get("interpreter") or "")[:13] or None,
        str(given.get("besides") or "")[:32] or None,
    )


@router.get("/appointments/times")
async def times(request: Request, caller: Guarded) -> Response:
    house = house_of(request)
    query = request.query_params
    chosen = query.get("starts_at", "")
    found = await house.read(
        partial(
            times_for,
            actor=caller.actor,
            wanted=wanted_in(query),
            now=house.clock.micros(),
            chosen=int(chosen) if chosen.isdecimal() and len(chosen) < 16 else 0,
        )
    )
    return page(request, "appointments_times.html", times=found, problems={})
