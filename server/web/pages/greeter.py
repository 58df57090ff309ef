"""The greeter's tablet: the floor at a glance, somebody to arrive, taps to count, something to tell everyone.

One page of four rooms. What changes by itself (who waits, what needs somebody, what is being told) comes as parts of one fragment,
`/greeter/now`, fetched anew when the doorbell rings; what is being filled in is outside of it and is never swapped away. Without script
the rooms stand one below another and every form works.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import announcing
from server.clock import from_micros, to_micros
from server.domain.access import Actor
from server.live.coming import ComingToday, read_coming
from server.live.console_shapes import FloorNow
from server.live.diary_shapes import STANDINGS
from server.live.door import DoorNow, Offered, most_used_first, read_door, read_prints
from server.live.floor import load_set_up
from server.live.hub import Topic
from server.store.tables import Form, Message, Service
from server.web.gate import Guarded, house_of
from server.web.identity import Caller
from server.web.pages.counter import console_context, read_for
from server.web.render import page
from wire.frames import Row
from wire.vocabulary import Audience, Way

router = APIRouter()

AGES = ((0, "just now"), (5, "5 min"), (10, "10 min"), (15, "15 min"), (20, "20 min"), (30, "30 min"), (45, "45 min"),
        (60, "1 hour"), (90, "1 h 30"), (120, "2 hours"), (180, "3 hours"), (240, "4 hours"))  # fmt: skip
"""How long ago somebody with a paper ticket came: near enough for a fair place, quick enough to choose."""
LATELY = timedelta(days=28)
"""Four weeks: every weekday four times."""
TOLD_FOR = ((15, "15 minutes"), (30, "30 minutes"), (60, "1 hour"), (120, "2 hours"), (480, "All day"))


@router.get("/greeter")
async def greeter(request: Request, caller: Guarded) -> Response:
    return await greeter_page(request, caller, "greeter.html")


@router.get("/greeter/now")
async def greeter_now(request: Request, caller: Guarded) -> Response:
    return await greeter_page(request, caller, "greeter_now.html")


async def greeter_page(
    request: Request, caller: Caller, template: str, *, said: str = "", status: int = 200
) -> Response:
    """Also where a form that was refused comes back to, with the reason."""
    house, centre = house_of(request), caller.actor.centre
    floor = await read_for(request, caller)
    door = await house.look(lambda connection: read_door(connection, centre, floor.now))
    if template == "greeter.html":
        door = replace(door, services=await _in_usual_order(request, caller, door, floor))
    offered = await house.hub.glance(Topic(centre, Audience.KIOSK))
    context = console_context(floor, caller) | {
        "back": "greeter",
        "door": door,
        "standings": STANDINGS,
        "coming": await house.read(partial(_coming, actor=caller.actor, now=floor.now)),
        "figures": _figures(door, offered, {each.slug: each.waiting for each in floor.services}),
        "ages": AGES,
        "told_for": TOLD_FOR,
        "forms": await house.read(partial(_has_forms, centre=centre))
        if template == "greeter.html"
        else False,
        "sentences": await _sentences(request, centre) if template == "greeter.html" else (),
    }
    return page(request, template, said=said, status=status, **context)


def _coming(session: Session, actor: Actor, now: int) -> ComingToday | None:
    """None where there are no appointments: the page then says nothing of them."""
    found = read_coming(session, actor, now)
    if found.all:
        return found
    offered = select(Service).where(Service.centre_id == actor.centre, col(Service.retired_at).is_(None))
    return found if any(service.booking for service in session.exec(offered)) else None


def _has_forms(session: Session, *, centre: int) -> bool:
    """Whether somebody may have begun one: also one that is offered no more is finished."""
    return session.exec(select(Form.id).where(Form.centre_id == centre, Form.version > 0)).first() is not None


async def _in_usual_order(
    request: Request, caller: Caller, door: DoorNow, floor: FloorNow
) -> tuple[Offered, ...]:
    """The services as they have been used lately, so that what most come for is at hand; the same all day."""
    day = from_micros(floor.now).astimezone(floor.zone).date()
    begins = datetime.combine(day, time(0), tzinfo=floor.zone)
    since, until = to_micros(begins - LATELY), to_micros(begins)
    order = partial(
        most_used_first, centre=caller.actor.centre, services=door.services, since=since, until=until
    )
    return await house_of(request).look(order)


async def _sentences(request: Request, centre: int) -> list[announcing.Choice]:
    chosen = (
        select(Message).where(Message.centre_id == centre).order_by(col(Message.position), col(Message.id))
    )
    return await house_of(request).read(lambda session: announcing.choices(session.exec(chosen)))


def _figures(door: DoorNow, offered: Any, waiting: dict[str, int]) -> dict[str, str]:
    """By service, what a greeter can tell a visitor before giving a number: how many wait, and for how long."""
    return {each.slug: _figure(each, offered, waiting.get(each.slug, 0)) for each in door.services}


def _figure(service: Offered, offered: dict[str, Row], waiting: int) -> str:
    row: Row = offered.get(f"service:{service.slug}") or {}
    private = offered.get("private") or {}
    if private.get("service") == service.slug:
        row = private
    parts = [] if service.discreet else [f"{waiting} waiting"] if waiting else ["nobody waiting"]
    waits = row.get("waits") or {}
    if row and not row["open"]:
        parts.append("closed now")
    elif waits.get("why") == "no_desk":
        parts.append("no counter now")
    elif waits.get("high") is not None:
        parts.append(_range(waits["low"], waits["high"]))
    return ", ".join(parts)


def _range(low: int, high: int) -> str:
    if high <= 2:
        return "seen at once"
    return f"about {high} min" if low == high else f"{low} to {high} min"


@router.get("/greeter/arrived/{ticket_id}")
async def arrived(request: Request, ticket_id: str, caller: Guarded) -> Response:
    """The code of who was just entered, and what they can take with them: paper, or a square on this screen."""
    house, centre = house_of(request), caller.actor.centre
    floor = await read_for(request, caller, about=ticket_id)
    found = floor.open_ticket(ticket_id)
    if found is None:
        return RedirectResponse("/greeter", status_code=303)
    door = await house.look(lambda connection: read_door(connection, centre, floor.now))
    prints = await house.look(lambda connection: read_prints(connection, ticket_id))
    set_up = await house.read(partial(load_set_up, centre_id=centre))
    context = console_context(floor, caller) | {
        "back": "greeter", "ticket": found, "door": door, "prints": prints, "texts": Way.SMS in house.carriers.ways,
        "closed": set_up.timetable_of(found.service.id).not_open(found.service.name, from_micros(floor.now)),
    }  # fmt: skip
    template = "greeter_arrived_now.html" if "x-foyer-part" in request.headers else "greeter_arrived.html"
    return page(request, template, **context)
