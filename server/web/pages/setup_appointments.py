"""What a service offers by appointment, in the browser, and which times that would come to in the seven days from today.

The form leads to the same page as every other of the set-up: what changes, whom it meets, and when it shall be. The sketch is worked out by
the very rules that offer times to visitors, from the form as it stands, so a rota that does not fit the hours is seen before anybody is sent away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from fastapi import APIRouter
from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import Response

from server.clock import from_micros, to_micros
from server.domain.changes import listed
from server.domain.offers import Offer
from server.domain.slots import Day, bounds, days_of
from server.store.queries import capacity
from server.store.sql import Sql
from server.store.tables import Service
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.pages import setup_offer
from server.web.pages.setup_answers import form_page
from server.web.pages.setup_desk import Desk, desk_of, shown_plan, wanted_part
from server.web.render import page

router = APIRouter()

SKETCHED_DAYS = 7
WHY = {
    "closed": "No times: the service is not open then, or the appointments have other hours.",
    "full": "Everything is booked, or kept for walk-ins.",
    "too_soon": "Too soon: what is left of the day lies within the notice.",
    "too_far": "Further ahead than can be booked.",
    "none": "Nobody is there whom an appointment needs. Look at the times of people and rooms.",
}


@dataclass(frozen=True)
class SketchedDay:
    on: date
    times: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True)
class Sketch:
    """`missing`: why there could be no times at all, as a sentence."""

    days: tuple[SketchedDay, ...] = ()
    missing: str = ""

    @property
    def count(self) -> int:
        return sum(len(day.times) for day in self.days)

    @property
    def without(self) -> list[tuple[str, str]]:
        """Days without times, those with the same reason together."""
        found: dict[str, list[str]] = {}
        for day in self.days:
            if not day.times:
                found.setdefault(day.why, []).append(f"{day.on:%A}")
        return [(listed(days), why) for why, days in found.items()]


@router.get("/setup/services/{name}/appointments")
async def appointments(request: Request, caller: Guarded, name: str) -> Response:
    desk = await desk_of(request, caller)
    return form_page(request, desk, *wanted_part(desk, "services", name), aspect="appointments")


@router.post("/setup/services/{name}/appointments/look")
async def look(request: Request, caller: Guarded, name: str) -> Response:
    """The times that the form as it stands would offer, for the script and for the button without it."""
    form = await form_of(request, caller)
    desk = await desk_of(request, caller)
    part, kept = wanted_part(desk, "services", name)
    table = setup_offer.with_offer(form, kept)
    offer = next(each.appointments for each in shown_plan(desk, part, table).services if each.slug == name)
    found = await house_of(request).read(partial(sketch_of, desk=desk, slug=name, offer=offer))
    if "page" in form:
        mark = text_of(form, "mark", 20)
        return form_page(
            request, desk, part, table, mark=mark, aspect="appointments", shown={"sketch": found}
        )
    return page(request, "setup/_appointments_sketch.html", sketch=found)


def sketch_of(session: Session, desk: Desk, slug: str, offer: Offer | None) -> Sketch:
    """What `offer` would offer in the days from today, with the hours, people and bookings there are."""
    if offer is None:
        return Sketch(missing="Appointments are turned off: nothing is offered.")
    row = session.exec(select(Service).where(Service.centre_id == desk.centre.id, Service.slug == slug)).one()
    sql = Sql(session.connection())
    try:
        stands = capacity.offered_service(sql, desk.centre.id or 0, service=row.id)
        assert stands is not None
        return Sketch(tuple(_day(each, desk) for each in _days(sql, stands, offer, desk)))
    finally:
        sql.close()


def _days(sql: Sql, stands: capacity.Offered, offer: Offer, desk: Desk) -> list[Day]:
    offered = replace(stands, offer=offer, _days={})
    now = to_micros(desk.now)
    limits = bounds(desk.today, now, notice_hours=offer.notice_hours, ahead_days=offer.ahead_days)
    last_on = desk.today + timedelta(days=SKETCHED_DAYS - 1)
    found = capacity.read(sql, offered, desk.today, last_on, now)
    return days_of(found.capacity, found.starts, limits)


def _day(day: Day, desk: Desk) -> SketchedDay:
    times = tuple(f"{from_micros(slot.starts_at).astimezone(desk.zone):%H:%M}" for slot in day.slots)
    return SketchedDay(day.on, times, WHY.get(day.why, ""))
