"""One's own appointments in one's own calendar: anybody on the staff makes the addresses for theirs, and revokes them.

The address is shown once, on the answer to the form that made it. Who takes no appointments is told so, and whom to ask.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import feeds
from server.domain.refusals import Refused
from server.live import connections
from server.store.tables import Centre
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.connections import feed_address
from server.web.render import page

router = APIRouter()


def _read(session: Session, centre: int, staff: int) -> dict[str, Any]:
    return {
        "zone": ZoneInfo(session.get_one(Centre, centre).timezone),
        "feeds": connections.feeds_of(session, centre, staff),
        "bookables": connections.bookables_of(session, centre, staff),
    }


async def _page(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, address: str = ""
) -> Response:
    actor = caller.actor
    seen = await house_of(request).read(partial(_read, centre=actor.centre, staff=actor.id))
    return page(request, "calendars.html", said=said, status=status, address=address, **seen)


@router.get("/calendars")
async def calendars_page(request: Request, caller: Guarded) -> Response:
    return await _page(request, caller)


@router.post("/calendars")
async def make_own(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    typed = text_of(form, "bookable", 9)
    make = partial(feeds.make, bookable_id=int(typed) if typed.isascii() and typed.isdigit() else 0)
    try:
        secret = await house_of(request).change(caller.actor, "make_feed", make)
    except Refused as refused:
        return await _page(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    return await _page(request, caller, address=feed_address(request, secret))


@router.post("/calendars/{feed_id}/revoke")
async def revoke_own(request: Request, feed_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    try:
        await house_of(request).change(caller.actor, "revoke_feed", partial(feeds.revoke, feed_id=feed_id))
    except Refused as refused:
        return await _page(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    return RedirectResponse("/calendars", status_code=303)
