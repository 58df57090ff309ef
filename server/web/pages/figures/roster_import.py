"""A roster from a CSV file: looked at first, then entered whole or not at all; asked twice, it is entered once.

What was read waits in memory for the word to enter it, as with past figures; its key is the import's number, so a second press of the button finds it done.
"""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import rostering
from server.domain.csv_files import MOST_BYTES
from server.domain.refusals import Refused
from server.domain.roster import Fault, Here
from server.domain.roster_lines import Account, RosterFile, read_roster, template
from server.domain.spans import Kind
from server.store.queries.roster import here, people_at, shifts_of
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.figures.asked import asked_of
from server.web.previews import Kept, Previews
from server.web.render import page

router = APIRouter()

KEEP_MICROS = 30 * 60 * 1_000_000
MOST_KEPT = 8
SHOWN = 60
CHOOSE = "Choose a file first."
GONE = "What was read of the file is not kept any more. Choose it once more; nothing was entered."

_previews = Previews[RosterFile](MOST_KEPT, KEEP_MICROS)


@router.get("/figures/staffing/roster/import")
async def import_page(request: Request, caller: Guarded) -> Response:
    return await _show(request, caller)


async def _show(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    asked = await asked_of(request, caller, Kind.DAY, "", "", Kind.DAY)
    place = await house_of(request).read(partial(here, centre=asked.centre, now=asked.now))
    blank: dict[str, Any] = {"kept": None, "key": "", "warnings": (), "replaced": 0}
    shown = {
        **blank,
        **more,
        "asked": asked,
        "place": place,
        "most_shown": SHOWN,
        "sample": template(asked.today, _a_service(place)),
    }
    return page(request, "figures/roster_import.html", said=said, status=status, **shown)


def _a_service(place: Here) -> str:
    return next(iter(place.services.values()), "Council tax")


@router.get("/figures/staffing/roster/import/template.csv")
async def template_file(request: Request, caller: Guarded) -> Response:
    asked = await asked_of(request, caller, Kind.DAY, "", "", Kind.DAY)
    place = await house_of(request).read(partial(here, centre=asked.centre, now=asked.now))
    headers = {"content-disposition": 'attachment; filename="roster.csv"'}
    body = "\ufeff" + template(asked.today, _a_service(place))
    return Response(body.encode(), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/figures/staffing/roster/import")
async def read_upload(request: Request, caller: Guarded) -> Response:
    """Read the file and show what would be entered, or what is wrong with it."""
    form = await form_of(request, caller, files=1)
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return await _show(request, caller, said=CHOOSE, status=422)
    content = await sent.read(MOST_BYTES + 1)
    house, centre = house_of(request), caller.actor.centre
    now = house.clock.micros()

    def known(session: Session) -> tuple[list[Account], Here]:
        return people_at(session, centre), here(session, centre, now)

    people, place = await house.read(known)
    read = await asyncio.to_thread(read_roster, content, people, place.services)
    warnings: list[Fault] = []
    replaced = 0
    if not read.faults:

        def judge(session: Session) -> tuple[list[Fault], list[Fault], int]:
            judged = rostering.judge(session, centre, read.entries, read.days, now)
            there = [each for on in read.days for each in shifts_of(session, centre, on, on)]
            return judged.faults, judged.warnings, len(there)

        faults, warnings, replaced = await house.read(judge)
        read.faults.extend(faults)
    kept = Kept(now, caller.actor.id, centre, sent.filename, hashlib.sha256(content).hexdigest(), read)
    key = "" if read.faults else _previews.keep(kept)
    status = 422 if read.faults else 200
    return await _show(
        request, caller, kept=kept, key=key, warnings=warnings, replaced=replaced, status=status
    )


@router.post("/figures/staffing/roster/import/enter")
async def enter(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    house, key = house_of(request), text_of(form, "key", 40)
    kept = _previews.take(key, caller, house.clock.micros())
    if kept is None:
        return await _show(request, caller, said=GONE, status=410)
    try:
        doing = partial(rostering.enter_file, entries=kept.read.entries, import_id=key)
        await house.change(caller.actor, "roster", doing)
    except Refused as refused:
        return await _show(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    first = kept.read.days[0].isoformat()
    return RedirectResponse(f"/figures/staffing/roster?week={first}", status_code=303)
