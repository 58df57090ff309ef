"""Importing a file of appointments: tried out and shown before it is done, booked whole, taken back whole.

What was read of a file waits here for the person's word, in memory, for half an hour, as with past figures. The preview is a trial on the real diary
that is let go again, so what it says would happen is what will, unless somebody books meanwhile; then nothing is booked and it says so.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from collections.abc import Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import booking_import
from server.clock import from_micros
from server.domain.access import Actor
from server.domain.booking_lines import COLUMNS, BookingFile, Known, folded, read_bookings
from server.domain.csv_files import MOST_BYTES
from server.domain.refusals import Refused
from server.live.diary import bookables_of, services_of
from server.live.diary_shapes import ServiceInDiary
from server.live.floor import load_set_up
from server.store.tables import PastImport, Staff
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.labels import LANGUAGES
from server.web.previews import Kept, Previews
from server.web.render import page
from wire.vocabulary import BookableKind

router = APIRouter()

KEEP_MICROS = 30 * 60 * 1_000_000
SHOWN = 40
CHOOSE = "Choose a file first."
GONE = "What was read of the file is not kept any more. Choose it once more; nothing was booked."
SAMPLE = {
    "service": "find-a-home", "date": "2026-12-03", "time": "10:00", "name": "Jane Example", "phone": "07700 900123", "safe_to_text": "yes",
    "email": "jane@example.org", "language": "English", "people": "2", "note": "Brings her letter",
}  # fmt: skip


_previews = Previews[BookingFile]("bookings", KEEP_MICROS)
"""They hold visitors' names: never in clear anywhere but in memory."""


@router.get("/appointments/import")
async def import_page(request: Request, caller: Guarded) -> Response:
    return await _show(request, caller)


async def _show(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    seen = await house_of(request).read(partial(_seen, centre=caller.actor.centre))
    blank: dict[str, Any] = {
        "kept": None,
        "key": "",
        "news": "",
        "most_shown": SHOWN,
        "columns": COLUMNS,
        "sample": _csv(SAMPLE),
    }
    return page(request, "appointments_import.html", said=said, status=status, **{**blank, **seen, **more})


def _seen(session: Session, centre: int) -> dict[str, Any]:
    set_up = load_set_up(session, centre)
    made = select(PastImport).where(PastImport.centre_id == centre, PastImport.kind == booking_import.KIND)
    return {
        "imports": list(session.exec(made.order_by(col(PastImport.id).desc()).limit(50))),
        "people": {person.id: person.name for person in session.exec(select(Staff))},
        "zone": ZoneInfo(set_up.centre.timezone),
        "services": {each.slug: each for each in services_of(set_up).values() if each.offer},
    }


def _csv(cells: Mapping[str, str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerow([cells.get(name, "") for name in COLUMNS])
    return text.getvalue()


@router.get("/appointments/import/template.csv")
async def template(request: Request, caller: Guarded) -> Response:
    """The heading and one line to write over, as spreadsheets read it."""
    headers = {"content-disposition": 'attachment; filename="appointments.csv"'}
    return Response("\ufeff" + _csv(SAMPLE), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/appointments/import")
async def read_upload(request: Request, caller: Guarded) -> Response:
    """Read the file, try it out, and show what would be booked or what is wrong."""
    form = await form_of(request, caller, files=1)
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return await _show(request, caller, said=CHOOSE, status=422)
    content = await sent.read(MOST_BYTES + 1)
    house, now = house_of(request), house_of(request).clock.micros()
    known = await house.read(partial(_known, actor=caller.actor, now=now))
    read = await asyncio.to_thread(read_bookings, content, known)
    digest = hashlib.sha256(content).hexdigest()
    if not read.faults:
        try:
            trial = partial(booking_import.try_out, read=read, digest=digest)
            await house.change(caller.actor, "import_trial", trial)
        except Refused as refused:
            if refused.refusal != booking_import.TRIED:
                return await _show(
                    request, caller, said=refused.refusal.say, status=status_of(refused.refusal)
                )
    kept = Kept(now, caller.actor.id, caller.actor.centre, sent.filename, digest, read)
    key = "" if read.faults else await _previews.keep(house, kept)
    return await _show(request, caller, kept=kept, key=key, status=422 if read.faults else 200)


def _known(session: Session, actor: Actor, now: int) -> Known:
    set_up = load_set_up(session, actor.centre)
    zone = ZoneInfo(set_up.centre.timezone)
    offered = [each for each in services_of(set_up).values() if each.offer]
    bookables = [each for each in bookables_of(session, actor.centre).values() if not each.retired]
    tongues = {code.value: code.value for code in LANGUAGES} | {
        name.casefold(): code.value for code, name in LANGUAGES.items()
    }
    return Known(
        zone,
        from_micros(now).astimezone(zone).date(),
        {folded(word): each.slug for each in offered for word in (each.slug, each.name)},
        {folded(each.name): each.id for each in bookables if each.kind is BookableKind.PERSON},
        {folded(each.name): each.id for each in bookables if each.kind is BookableKind.ROOM},
        tongues,
        {each.slug: _questions(each) for each in offered},
    )


def _questions(service: ServiceInDiary) -> dict[str, dict[str, str]]:
    assert service.offer is not None, "only those with an offer are asked"
    return {
        each.slug: {
            folded(word): value
            for value, names in each.choices.items()
            for word in (value, names.get("en", value))
        }
        for each in service.offer.questions
    }


@router.post("/appointments/import/enter")
async def enter(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    house = house_of(request)
    key = text_of(form, "key")
    kept = await _previews.take(house, key, caller)
    if kept is None:
        return await _show(request, caller, said=GONE, status=410)
    doing = partial(
        booking_import.enter,
        read=kept.read,
        file_name=kept.name,
        digest=kept.digest,
        tell=text_of(form, "tell") == "true",
    )
    try:
        await house.change(caller.actor, "import_bookings", doing)
    except Refused as refused:
        return await _show(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    await _previews.drop(house, key)
    return RedirectResponse("/appointments/import", status_code=303)


@router.post("/appointments/import/{import_id}/take-back")
async def take_back(request: Request, import_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    doing = partial(booking_import.take_back, import_id=import_id, tell=text_of(form, "tell") == "true")
    done = await house_of(request).change(caller.actor, "take_back_bookings", doing)
    kept = f" {done['kept']} stay: their visitors have come, or they were missed." if done["kept"] else ""
    return await _show(request, caller, news=f"{done['cancelled']} appointments were cancelled.{kept}")
