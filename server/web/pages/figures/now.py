"""The page Now: the floor in figures, and today so far beside a usual day of its kind.

A frame around one fragment that the page fetches anew whenever the doorbell rings, as the floor overview does. Without script it is loaded
again by hand, and says so.
"""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from server.domain.spans import Kind
from server.domain.telling import now as telling
from server.domain.telling.so_far import SoFar
from server.live.floor import Floor
from server.live.now import appointments_today, floor_now, so_far
from server.web.gate import Guarded, house_of
from server.web.identity import Caller
from server.web.pages.figures.asked import asked_of
from server.web.render import page

router = APIRouter()


@router.get("/figures/now")
async def now_page(request: Request, caller: Guarded) -> Response:
    return await _now(request, caller, "figures/now.html")


@router.get("/figures/now/part")
async def now_part(request: Request, caller: Guarded) -> Response:
    return await _now(request, caller, "figures/now_part.html")


async def _now(request: Request, caller: Caller, template: str) -> Response:
    house = house_of(request)
    asked = await asked_of(request, caller, kind=Kind.DAY)
    floor: Floor = await house.hub.floor_at_a_glance(caller.actor.centre)
    timetable, centre = floor.set_up.timetable, caller.actor.centre

    def read(connection: Connection) -> tuple[telling.Appointments, SoFar]:
        return (
            appointments_today(connection, centre, asked.today, asked.zone, floor.now),
            so_far(connection, centre, timetable, asked.zone, floor.now),
        )

    booked, today = await house.look(read)
    seen = floor_now(floor)
    return page(
        request,
        template,
        asked=asked,
        now=floor.now,
        zone=asked.zone,
        tiles=telling.tiles(seen, today),
        figures=telling.figures(seen, booked, today),
        held=any(line.held for line in seen.lines),
    )
