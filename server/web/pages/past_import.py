"""Importing a file of past figures: shown before it is done, entered whole, taken back whole.

What was read of a file waits here for the person's word, in memory, for half an hour. When it is gone (the server was started again, or there are
several), the file is asked for once more: nothing was entered, so nothing is lost.
"""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import past
from server.clock import from_micros
from server.domain.past_counts import MOST_BYTES, PastFile, Place, read_file
from server.domain.refusals import Refused
from server.store.sql import Sql
from server.store.tables import Centre, PastImport, Staff, StaffRole
from server.web import labels as words
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.counts import KEEPERS
from server.web.previews import Kept, Previews
from server.web.render import page
from wire.vocabulary import Activity

router = APIRouter()

KEEP_MICROS = 30 * 60 * 1_000_000
SHOWN = 40
CHOOSE = "Choose a file first."
GONE = "What was read of the file is not kept any more. Choose it once more; nothing was entered."

CALLED: dict[str, Activity] = {
    **{each.value.casefold(): each for each in Activity},
    **{name.casefold(): each for each, name in words.ACTIVITIES.items()},
}
"""What an activity may be called in a file, folded."""


_previews = Previews[PastFile]("past", KEEP_MICROS)


@router.get("/counts/import")
async def import_page(request: Request, caller: Guarded) -> Response:
    return await _show(request, caller)


async def _show(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    seen = await house_of(request).read(partial(_imports, centre=caller.actor.centre))
    blank: dict[str, Any] = {"kept": None, "key": "", "most_shown": SHOWN}
    return page(request, "counts_import.html", said=said, status=status, **{**blank, **seen, **more})


def _imports(session: Session, centre: int) -> dict[str, Any]:
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    people = {person.id: person.name for person in session.exec(select(Staff))}
    made = (
        select(PastImport)
        .where(
            PastImport.centre_id == centre, PastImport.kind != "bookings"
        )  # appointments have a page of their own
        .order_by(col(PastImport.id).desc())
        .limit(100)
    )
    return {"imports": list(session.exec(made)), "people": people, "zone": zone}


@router.post("/counts/import")
async def read_upload(request: Request, caller: Guarded) -> Response:
    """Read the file and show what would be entered, or what is wrong with it."""
    form = await form_of(request, caller, files=1)
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return await _show(request, caller, said=CHOOSE, status=422)
    content = await sent.read(MOST_BYTES + 1)
    house, now = house_of(request), house_of(request).clock.micros()
    place = await house.read(partial(_place, caller=caller, now=now))
    read = await asyncio.to_thread(read_file, content, place, CALLED)
    digest = hashlib.sha256(content).hexdigest()

    def compared(connection: Any) -> None:
        sql = Sql(connection)
        past.compare(sql, caller.actor.centre, read, digest, place.zone)
        sql.close()

    await house.look(compared)
    kept = Kept(now, caller.actor.id, caller.actor.centre, sent.filename, digest, read)
    key = "" if read.faults else await _previews.keep(house, kept)
    return await _show(request, caller, kept=kept, key=key, status=422 if read.faults else 200)


def _place(session: Session, caller: Caller, now: int) -> Place:
    here = session.get_one(Centre, caller.actor.centre)
    zone = ZoneInfo(here.timezone)
    may = select(Centre).join(StaffRole, col(StaffRole.centre_id) == col(Centre.id))
    may = may.where(
        StaffRole.staff_id == caller.actor.id, col(StaffRole.role).in_(KEEPERS), Centre.id != here.id
    )
    others = {name.casefold() for each in session.exec(may) for name in (each.name, each.slug)}
    return Place(here.name, here.slug, zone, from_micros(now).astimezone(zone).date(), frozenset(others))


@router.post("/counts/import/enter")
async def enter(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    house = house_of(request)
    kept = await _previews.take(house, text_of(form, "key"), caller)
    if kept is None:
        return await _show(request, caller, said=GONE, status=410)
    zone = (await house.read(partial(_place, caller=caller, now=house.clock.micros()))).zone
    read = PastFile(kept.read.kind, kept.read.lines, kept.read.spans)
    doing = partial(past.enter, read=read, file_name=kept.name, digest=kept.digest, zone=zone)
    try:
        await house.change(caller.actor, "import", doing)
    except Refused as refused:
        return await _show(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    return RedirectResponse("/counts/import", status_code=303)


@router.post("/counts/import/{import_id}/take-back")
async def take_back(request: Request, import_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    await house_of(request).change(caller.actor, "take_back", partial(past.take_back, import_id=import_id))
    return RedirectResponse("/counts/import", status_code=303)
