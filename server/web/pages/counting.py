"""The counting panel of the greeter's tablet: the page, what it shows, and where its taps arrive.

The panel keeps taps on the tablet and hands them over when it can, so three things are different from other pages. Its shell holds nobody's data
and may be kept by the browser (a service worker shows it when the server is out of reach). A tap says at which centre it was made, and
none is taken for another centre, whoever is signed in by now. Each is answered by itself: one that is refused must not hold up the rest.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.clock import from_micros, to_micros
from server.domain.access import NOBODY
from server.domain.refusals import Refused
from server.store.queries import counts
from server.store.sql import Sql
from server.web.gate import Guarded, form_of, house_of
from server.web.identity import Caller
from server.web.render import page
from wire.asks import Count, DoorHelp, Id, Uncount
from wire.vocabulary import Activity, RefusalCode

router = APIRouter()

MOST_AT_ONCE = 40
MOST_ABOUT = 60
USED_DAYS = 28
"""How far back it is looked which services are helped with most at the door."""
_WORKER = Path(__file__).resolve().parents[1] / "static" / "counting-worker.js"

ANOTHER_CENTRE = "These taps were made at another centre. They are counted when somebody signs in there."
NOT_A_TAP = "This tap cannot be read. It may have been made before Foyer was updated. Count it again if you still know of it."

TapBody = Annotated[Count | DoorHelp | Uncount, Field(discriminator="do")]
_tap: TypeAdapter[Count | DoorHelp | Uncount] = TypeAdapter(TapBody)


class Handed(BaseModel):
    """One tap as the tablet hands it over; what it asks is read by itself, so that one unreadable tap is not all."""

    model_config = ConfigDict(extra="forbid")
    id: Id
    body: dict[str, Any]


class Taps(BaseModel):
    model_config = ConfigDict(extra="forbid")
    centre: int
    asks: list[Handed] = Field(min_length=1, max_length=MOST_AT_ONCE)


@router.get("/greeter/count")
async def counting(request: Request, caller: Guarded) -> Response:
    return page(request, "counting.html")


@router.get("/greeter/count/shell")
async def shell(request: Request, caller: Guarded) -> Response:
    """The same page with nobody's data, for the browser to keep."""
    return page(request, "counting.html", caller=None, actor=NOBODY, csrf="")


@router.get("/greeter/worker.js")
async def worker(request: Request, caller: Guarded) -> Response:
    """The service worker; from here it may look after the greeter's pages."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/greeter"}
    return Response(_WORKER.read_bytes(), media_type="text/javascript; charset=utf-8", headers=headers)


@router.get("/greeter/count/now")
async def counting_now(
    request: Request, caller: Guarded, about: str = "", services: bool = False
) -> Response:
    """Today's figures, who is signed in where, and which of the taps in `about` are counted."""
    house = house_of(request)
    asked = [each for each in about.split(",") if len(each) == 32][:MOST_ABOUT]
    read = partial(_read_now, caller=caller, now=house.clock.micros(), about=asked, with_services=services)
    return JSONResponse(await house.look(read))


def _read_now(
    connection: Connection, caller: Caller, now: int, about: list[str], with_services: bool
) -> dict[str, Any]:
    sql, centre = Sql(connection), caller.actor.centre
    zone = ZoneInfo(counts.zone_name(sql, centre))
    today = from_micros(now).astimezone(zone).date()
    figures = dict.fromkeys((each.value for each in Activity), 0)
    for each in counts.tally_sums(sql, centre, today, today):
        figures[each.activity] = figures.get(each.activity, 0) + each.people
    seen: dict[str, Any] = {
        "now": now // 1000,
        "on": today.isoformat(),
        "begins": to_micros(datetime.combine(today, time(0), tzinfo=zone)) // 1000,
        "ends": to_micros(datetime.combine(today + timedelta(days=1), time(0), tzinfo=zone)) // 1000,
        "centre": centre,
        "centre_name": caller.centre_name,
        "staff": caller.actor.id,
        "csrf": caller.csrf,
        "figures": figures,
        "taps": [each.value for each in counts.tapped_at(sql, centre)],
        "counted": counts.still_counted(sql, centre, about),
    }
    if with_services:
        helps = counts.door_helps(sql, centre, today - timedelta(days=USED_DAYS), today)
        used = {each.service: each.people for each in helps}
        offered = [
            each
            for each in counts.services_of(sql, centre).values()
            if not each.discreet and not each.retired
        ]
        offered.sort(key=lambda each: -used.get(each.id, 0))  # stable: otherwise as the centre has them
        seen["services"] = [{"slug": each.slug, "name": each.name} for each in offered]
    sql.close()
    return seen


@router.post("/greeter/count")
async def take(request: Request, caller: Guarded) -> Response:
    """Count what the tablet hands over, in its order; one answer for each. All are refused when they were made at another centre."""
    body = (
        await request.body()
    )  # before the form is looked for: what is no JSON would be read as one, and be gone
    await form_of(request, caller)
    try:
        taps = Taps.model_validate_json(body)
    except ValidationError:
        raise Refused(RefusalCode.MALFORMED, NOT_A_TAP) from None
    if taps.centre != caller.actor.centre:
        raise Refused(RefusalCode.WRONG_CENTRE, ANOTHER_CENTRE)
    return JSONResponse({"answers": [await _perform(request, caller, each) for each in taps.asks]})


async def _perform(request: Request, caller: Caller, handed: Handed) -> dict[str, Any]:
    try:
        body = _tap.validate_python(handed.body)
    except ValidationError:
        return {"id": handed.id, "refusal": {"code": RefusalCode.MALFORMED.value, "say": NOT_A_TAP}}
    answer = await house_of(request).perform(caller.actor, handed.id, body)
    return answer.model_dump(mode="json", exclude_none=True)
