"""Addresses at a postcode, for a kiosk on which somebody fills a form in: `GET /api/addresses?postcode=LE1 6RN`, with the device's token.

Answers `{"addresses": [{"uprn", "lines", "postcode"}]}`, empty when there is none; 503 when it cannot be said just now. On either the kiosk lets
them type it.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.web.gate import Guarded, house_of
from server.web.gazetteer import look_up
from server.web.throttle import Throttle

router = APIRouter()

_each_device = Throttle(per_minute=30, burst=60)


@router.get("/api/addresses")
async def at_postcode(request: Request, caller: Guarded, postcode: str = "") -> Response:
    wait = _each_device.wait(str(caller.actor.id))
    if wait:
        return JSONResponse({"addresses": []}, status_code=429, headers={"retry-after": str(wait)})
    found = await look_up(house_of(request), postcode[:20])
    if found is None:
        return JSONResponse({"addresses": []}, status_code=503)
    rows = [{"uprn": each.uprn, "lines": list(each.lines), "postcode": each.postcode} for each in found]
    return JSONResponse({"addresses": rows})
