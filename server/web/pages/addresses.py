"""The council's list of addresses: what it is, trying it out, and loading another, which replaces it whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forms.references import read_postcode
from server.domain.gazetteer import MOST_BYTES, read_gazetteer
from server.domain.refusals import Refused
from server.store.tables import AddressList, Centre, Staff
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.gazetteer import look_up, replace_list
from server.web.identity import Caller
from server.web.render import page

router = APIRouter()

CHOOSE = "Choose a file first."
NO_POSTCODE = "This is no whole postcode. It looks like LE1 6RN."
NOT_NOW = "Ordnance Survey could not be asked just now."


@router.get("/admin/addresses")
async def addresses_page(request: Request, caller: Guarded, postcode: str = "") -> Response:
    tried = postcode.strip()[:20]
    if not tried:
        return await _show(request, caller)
    if read_postcode(tried) is None:
        return await _show(request, caller, tried=tried, try_said=NO_POSTCODE)
    found = await look_up(house_of(request), tried)
    return await _show(request, caller, tried=tried, found=found, try_said=NOT_NOW if found is None else "")


async def _show(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    house = house_of(request)
    seen = await house.read(lambda session: _current(session, caller.actor.centre))
    blank = {"tried": "", "found": None, "try_said": "", "fault": ""}
    asks_os = bool(house.settings.os_places_key.get_secret_value())
    return page(
        request, "addresses.html", said=said, status=status, **{**blank, **seen, "asks_os": asks_os, **more}
    )


def _current(session: Session, centre: int) -> dict[str, Any]:
    current = session.exec(select(AddressList).where(col(AddressList.current))).first()
    by = session.get(Staff, current.made_by) if current is not None and current.made_by else None
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    return {"current": current, "by": by.name if by else "", "zone": zone}


@router.post("/admin/addresses")
async def load(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller, files=1)
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return await _show(request, caller, said=CHOOSE, status=422)
    content = await sent.read(MOST_BYTES + 1)
    read = await asyncio.to_thread(read_gazetteer, content)
    if read.fault:
        return await _show(request, caller, said=read.fault, status=422)
    digest = hashlib.sha256(content).hexdigest()
    shorter = text_of(form, "shorter") == "yes"
    try:
        await replace_list(
            house_of(request),
            caller.actor,
            read,
            file_name=sent.filename,
            digest=digest,
            much_shorter=shorter,
        )
    except Refused as refused:
        return await _show(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    return RedirectResponse("/admin/addresses", status_code=303)
