"""What became of what somebody told the council: its state and its dates, for whoever has the reference, and not a word of what it says.

The reference is typed and sent in a form's body, so it stands in no address, no history and no log. Whoever tries many is stopped for a while: seven signs out of
twenty-four with one to check them are not to be guessed, and nobody may try for long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from server.domain import said as rules
from server.store.tables import Centre, Said
from server.web.gate import house_of, text_of
from server.web.identity import address_of
from server.web.public import drawing
from server.web.public.drawing import Place
from server.web.public.forms.drawing import some_place
from server.web.public.rating import limits_of, mark_of
from server.web.public.voice import Voice, voice_of
from wire.references import read_reference, show_reference
from wire.vocabulary import SaidKind, SaidState

router = APIRouter()
EXAMPLE = "BCDF\u20113467"
"""With a hyphen at which no line breaks."""


@dataclass(frozen=True)
class Standing:
    """What its visitor is told, in their language, line by line."""

    kind: SaidKind
    state: SaidState
    lines: tuple[str, ...]
    late: bool
    place: Place


@router.get("/what-became-of-it")
async def ask(request: Request) -> Response:
    return await _page(request, voice_of(request))


@router.post("/what-became-of-it")
async def tell(request: Request) -> Response:
    form = await request.form(max_files=0, max_fields=5)
    asked = text_of(form, "lang", 2)
    voice = Voice(asked) if asked in {code for code, _, _ in voice_of(request).others} else voice_of(request)
    typed = text_of(form, "reference", 40)
    if text_of(form, "to", 2):
        return await _page(request, Voice(text_of(form, "to", 2)), typed)
    reference = read_reference(typed)
    if reference is None:
        return await _page(request, voice, typed, fault=voice.word("said.wrong"), status=422)
    if limits_of(request).references.wait(mark_of(address_of(request))):
        return await _say(request, voice, "too_often", 429)
    house = house_of(request)
    now = house.clock.now()
    found = await house.read(partial(_standing, reference=reference, now=now, voice=voice))
    if found is None:
        return await _say(request, voice, "unknown", 404)
    return drawing.page(
        request,
        "standing.html",
        voice,
        title=voice.word("said.title"),
        place=found.place,
        folder="heard",
        found=found,
        reference=show_reference(reference),
    )


async def _page(
    request: Request, voice: Voice, typed: str = "", *, fault: str = "", status: int = 200
) -> Response:
    return drawing.page(
        request,
        "ask.html",
        voice,
        title=voice.word("said.title"),
        status=status,
        wrong=bool(fault),
        place=await some_place(request),
        folder="heard",
        typed=typed,
        fault=fault,
        example=voice.ltr(EXAMPLE),
    )


async def _say(request: Request, voice: Voice, key: str, status: int) -> Response:
    return drawing.page(
        request,
        "say.html",
        voice,
        title=voice.word(f"said.{key}_title"),
        status=status,
        place=await some_place(request),
        folder="heard",
        text=voice.word(f"said.{key}"),
    )


def _standing(session: Session, *, reference: str, now: datetime, voice: Voice) -> Standing | None:
    row = session.exec(select(Said).where(col(Said.reference) == reference)).one_or_none()
    if row is None:
        return None
    centre = session.get_one(Centre, row.centre_id)
    today = now.astimezone(ZoneInfo(centre.timezone)).date()
    state = SaidState(row.state)
    return Standing(
        kind=SaidKind(row.kind),
        state=state,
        lines=(voice.word("said.received_on", day=voice.day(row.received_on)), *promises(row, voice)),
        late=rules.is_late(state, row.acknowledge_due_on, row.answer_due_on, today),
        place=Place(centre.name),
    )


def promises(row: Said, voice: Voice) -> tuple[str, ...]:
    """By when what happens next, of what has not happened yet."""
    coming = rules.still_to_come(
        SaidKind(row.kind), SaidState(row.state), row.acknowledge_due_on, row.answer_due_on
    )
    return tuple(voice.word(f"said.{what.value}", day=voice.day(on)) for what, on in coming)
