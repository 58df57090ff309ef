"""The page Waits: how long visitors with and without an appointment waited, for managers.

Every figure is worked out when somebody looks. The dates are chosen as on the page Counts.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.live.figures import today_of
from server.live.waits_by_kind import read_waits
from server.web.gate import Guarded, house_of
from server.web.pages.counts import span_of
from server.web.render import page

router = APIRouter()


@router.get("/appointments/waits")
async def waits(request: Request, caller: Guarded, first: str = "", last: str = "") -> Response:
    house, centre = house_of(request), caller.actor.centre
    now = house.clock.micros()
    today = await house.look(partial(today_of, centre=centre, now=now))
    begins, ends, said = span_of(first, last, today)
    read = partial(read_waits, centre=centre, name=caller.centre_name, first=begins, last=ends, now=now)
    return page(request, "waits.html", said=said, waits=await house.look(read), one_day=timedelta(days=1))
