"""Photographs and signatures of a form: taken, looked into, kept sealed with the rest, shown again, thrown away.

What is kept of a picture is decided in `pictures`; here it is received, sealed with the visitor's own key and laid down in pieces. Nothing of it touches the
server's disk in clear. Who has no script to draw with types their name, and that is their signature.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from forms.carrying import open_bytes, seal_bytes
from forms.form import Kind, Place, Question
from forms.judging import Typed, most_chosen
from server.actions import carrying
from server.domain.refusals import Refused
from server.web.gate import house_of
from server.web.public.forms.asking import spot_of, text_in
from server.web.public.forms.begun import Begun, actor_of, begun
from server.web.public.forms.pictures import Taken, drawing, prepared, written_signature
from wire.carrying import MOST_BYTES
from wire.vocabulary import RefusalCode

router = APIRouter()

MOST_MEGABYTES = 10
MOST_FILE = MOST_MEGABYTES * 1024 * 1024
MOST_ALTOGETHER = MOST_BYTES - 2 * 1024 * 1024
"""In one form, however many pages of it ask for photographs: with its answers and a signature it can then always be carried to a kiosk."""
MOST_AT_ONCE = 10
MOST_DRAWN = 400 * 1024
MOST_WRITTEN = 100
MOST_UPLOADS = 6
"""Requests with files that are read at the same time; the next is asked to try again."""


@dataclass
class _Room:
    """How many requests with files are being read now."""

    inside: int = 0


_room = _Room()


@asynccontextmanager
async def room(wanted: bool) -> AsyncIterator[None]:
    """Room in memory for the files of one request; Refused (BUSY) when there is none. Nothing is asked of a request without files."""
    if not wanted:
        yield
        return
    if _room.inside >= MOST_UPLOADS:
        raise Refused(RefusalCode.BUSY, "Others are sending photographs. Try again in a moment.")
    _room.inside += 1
    try:
        yield
    finally:
        _room.inside -= 1


def shown(form: Begun, typed: Typed) -> dict[str, Any]:
    """What a page of photographs or of a signature shows of them."""
    pictures = [
        {
            "name": name,
            "pdf": form.files[name]["type"] == "application/pdf",
            "href": f"{form.path}/file/{name}",
        }
        for name in _names(typed)
        if name in form.files
    ]
    return {"pictures": pictures, "most_megabytes": MOST_MEGABYTES}


def _names(typed: Typed) -> list[str]:
    return typed if isinstance(typed, list) else [typed] if isinstance(typed, str) else []


async def received(
    request: Request, form: Begun, place: Place, question: Question, data: FormData
) -> tuple[Begun, Typed]:
    """The form with the files that came, and the names that are its answer now. What is wrong with one of them is kept as a flaw of the page."""
    spot = spot_of(place)
    form = form.with_(flaws={**form.state.get("flaws", {}), spot: ""})
    typed = form.typed_at(place, question)
    names = [each for each in _names(typed) if each in form.files]
    pressed = text_in(data, "do")
    gone = pressed[7:] if pressed.startswith("remove:") else names[0] if pressed == "clear" and names else ""
    if gone in names:
        form, names = await _without(request, form, gone), [each for each in names if each != gone]
    if question.kind is Kind.SIGNATURE:
        return await _signed(request, form, spot, names, data)
    for upload in data.getlist("files"):
        if not isinstance(upload, UploadFile) or not upload.size:
            continue
        if len(names) >= most_chosen(question):
            form = _flawed(form, spot, "too_many")
            break
        taken = await _look_into(request, upload)
        if isinstance(taken, str):
            form = _flawed(form, spot, taken)
            continue
        if sum(int(each["bytes"]) for each in form.files.values()) + len(taken.body) > MOST_ALTOGETHER:
            form = _flawed(form, spot, "too_many")
            break
        form, name = await _kept(request, form, "photo", taken)
        names.append(name)
    return form, names


def _flawed(form: Begun, spot: str, flaw: str) -> Begun:
    return form.with_(flaws={**form.state.get("flaws", {}), spot: flaw})


async def _look_into(request: Request, upload: UploadFile) -> Taken | str:
    """What was sent, made ready to be kept; or which sentence says what is wrong with it (`form_web.upload.<word>`)."""
    if (upload.size or 0) > MOST_FILE:
        return "too_large"
    asking = partial(carrying.may_ask, what="form_file")
    if not await house_of(request).change(actor_of(request, 0), "form_file", asking):
        return "too_often"
    return await asyncio.to_thread(prepared, await upload.read())


async def _kept(request: Request, form: Begun, kind: str, taken: Taken) -> tuple[Begun, str]:
    number = int(form.state.get("next_file", 0))
    name = f"{kind}-{number + 1}.{taken.ending}"
    while name in form.files:  # one that came from a kiosk
        name, number = f"{kind}-{number + 2}.{taken.ending}", number + 1
    return await kept_as(request, form, name, taken), name


async def kept_as(request: Request, form: Begun, name: str, taken: Taken) -> Begun:
    """Sealed and laid down in pieces, each written by itself so that nobody waits for a long one."""
    number = _free(form)
    document = carrying.document_of(form.held.id, number)
    for piece, body in carrying.in_pieces(seal_bytes(taken.body, form.secret, name)):
        adding = partial(carrying.add_piece, document=document, number=piece, body=body)
        await house_of(request).change(actor_of(request, form.at.centre_id), "keep_file", adding)
    files = {**form.files, name: {"type": taken.type, "number": number, "bytes": len(taken.body)}}
    return form.with_(files=files, next_file=int(form.state.get("next_file", 0)) + 1)


def _free(form: Begun) -> int:
    """A number for its pieces. Not the next: who presses "add" twice sends the same twice at once, and neither knows of the other."""
    taken = {int(each["number"]) for each in form.files.values()}
    return next(
        number for number in iter(lambda: secrets.randbelow(carrying.BODY), -1) if number not in taken
    )


async def _without(request: Request, form: Begun, name: str) -> Begun:
    document = carrying.document_of(form.held.id, int(form.files[name]["number"]))
    dropping = partial(carrying.drop_file, document=document)
    await house_of(request).change(actor_of(request, form.at.centre_id), "drop_file", dropping)
    return form.with_(files={each: facts for each, facts in form.files.items() if each != name})


async def file_body(request: Request, form: Begun, name: str) -> bytes:
    """A file of the form in clear; raises CannotOpen when it is not whole."""
    document = carrying.document_of(form.held.id, int(form.files[name]["number"]))
    sealed = await house_of(request).read(partial(carrying.pieces_of, document=document))
    return open_bytes(sealed, form.secret, name)


@router.get("/forms/{slug}/file/{name}")
async def one_file(request: Request, slug: str, name: str) -> Response:
    """To whoever sent it and to nobody else, while the form is open."""
    form = await begun(request, slug)
    if form is None or form.is_sent or name not in form.files:
        raise Refused(RefusalCode.UNKNOWN, "There is no such file.")
    body = await file_body(request, form, name)
    return Response(body, media_type=form.files[name]["type"])


# Signatures -------------------------------------------------------------------------------------------------------------


async def _signed(
    request: Request, form: Begun, spot: str, names: list[str], data: FormData
) -> tuple[Begun, Typed]:
    drawn, written = text_in_long(data, "drawn"), text_in(data, "written")[:MOST_WRITTEN]
    taken: Taken | str | None = None
    if drawn:
        taken = await asyncio.to_thread(drawing, drawn)
    elif written:
        taken = Taken("image/png", "png", await asyncio.to_thread(written_signature, written))
    if taken is None:
        return form, names[0] if names else ""
    if isinstance(taken, str):
        return _flawed(form, spot, taken), names[0] if names else ""
    for name in names:
        form = await _without(request, form, name)
    return await _kept(request, form, "signature", taken)


def text_in_long(data: FormData, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) and len(value) <= MOST_DRAWN else ""
