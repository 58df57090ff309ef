"""A roster from a CSV file: looked at first, then entered whole or not at all; asked twice, it is entered once.

What was read waits in memory for the word to enter it, as with past figures; its key is the import's number, so a second press of the button finds it done. For as long as it waits
there it can also be taken back, from the week's page: what the days had before is kept with it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date
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
from server.domain.roster import Entry, Fault, Here
from server.domain.roster_lines import Account, RosterFile, read_roster, template
from server.domain.spans import Kind
from server.edge import House
from server.store.queries.roster import here, mark_of, people_at, shifts_on
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.figures.asked import asked_of
from server.web.previews import Kept, Previews
from server.web.render import page

router = APIRouter()

KEEP_MICROS = 30 * 60 * 1_000_000
SHOWN = 60
CHOOSE = "Choose a file first."
GONE = "What was read of the file is not kept any more. Choose it once more; nothing was entered."


@dataclass(frozen=True)
class Looked:
    """A file, and what was down for its days when it was looked at: what entering it replaces, and taking it back restores."""

    file: RosterFile
    there: tuple[Entry, ...] = ()

    @property
    def replaced(self) -> list[tuple[date, int, int]]:
        """Days that have a roster: how many shifts now, and in the file."""
        now, then = (Counter(each.on for each in entries) for entries in (self.there, self.file.entries))
        return [(on, now[on], then[on]) for on in self.file.days if now[on]]


_previews = Previews[Looked]("roster", KEEP_MICROS)


async def entered_lately(house: House, key: str, caller: Caller) -> Looked | None:
    """The file they looked at by this key, for as long as it is kept."""
    kept = await _previews.take(house, key, caller)
    return None if kept is None else kept.read


@router.get("/figures/staffing/roster/import")
async def import_page(request: Request, caller: Guarded) -> Response:
    return await _show(request, caller)


async def _show(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    asked = await asked_of(request, caller, Kind.DAY, "", "", Kind.DAY)
    place = await house_of(request).read(partial(here, centre=asked.centre, now=asked.now))
    blank: dict[str, Any] = {"kept": None, "file": None, "key": "", "warnings": (), "replaced": []}
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
    there: list[Entry] = []
    if not read.faults:

        def judge(session: Session) -> tuple[list[Fault], list[Fault], list[Entry]]:
            judged = rostering.judge(session, centre, read.entries, read.days, now)
            return judged.faults, judged.warnings, shifts_on(session, centre, read.days)

        faults, warnings, there = await house.read(judge)
        read.faults.extend(faults)
    looked = Looked(read, tuple(there))
    kept = Kept(now, caller.actor.id, centre, sent.filename, hashlib.sha256(content).hexdigest(), looked)
    key = "" if read.faults else await _previews.keep(house, kept)
    status = 422 if read.faults else 200
    return await _show(
        request,
        caller,
        kept=kept,
        file=read,
        key=key,
        warnings=warnings,
        replaced=looked.replaced,
        status=status,
    )


@router.post("/figures/staffing/roster/import/enter")
async def enter(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    house, key = house_of(request), text_of(form, "key", 40)
    kept = await _previews.take(house, key, caller)
    if kept is None:
        return await _show(request, caller, said=GONE, status=410)
    try:
        doing = partial(
            rostering.enter_file,
            entries=kept.read.file.entries,
            import_id=key,
            mark=mark_of(kept.read.there),
        )
        await house.change(caller.actor, "roster", doing)
    except Refused as refused:
        return await _show(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    first = kept.read.file.days[0].isoformat()
    return RedirectResponse(f"/figures/staffing/roster?week={first}&entered={key}", status_code=303)
