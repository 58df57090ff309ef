"""What secrets the house lives by, how old they are, and how each is renewed; none is shown. The key of visitors' links is renewed here."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions.keys import renew_links
from server.actions.secrets_kept import OLD_DAYS, Secret, known_secrets
from server.store.tables import Centre
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.render import page

router = APIRouter()


@router.get("/admin/secrets")
async def secrets_page(request: Request, caller: Guarded) -> Response:
    house = house_of(request)

    def read(session: Session) -> tuple[list[Secret], ZoneInfo]:
        zone = ZoneInfo(session.get_one(Centre, caller.actor.centre).timezone)
        return known_secrets(session, house.settings), zone

    found, zone = await house.read(read)
    now = house.clock.now()
    rows = [(each, each.days(now), (each.days(now) or 0) > OLD_DAYS) for each in found]
    return page(request, "secrets.html", rows=rows, zone=zone)


@router.post("/admin/secrets/links")
async def renew(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(renew_links, at_once=text_of(form, "at_once") == "yes")
    await house_of(request).change(caller.actor, "renew_links", change)
    await house_of(request).know_links()
    return RedirectResponse("/admin/secrets", status_code=303)
