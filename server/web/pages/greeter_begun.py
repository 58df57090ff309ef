"""A form begun at home, at the door: its visitor tells the greeter the reference, and gets a number with what they filled in.

The greeter sees which form it is, never what was answered: it is opened here only for as long as it takes to hand it in to the team, as a kiosk's would be.
A reference is tried through a slow hash, so tries are counted first, by greeter and by address. It is never part of an address, a log or the
audit. Every page works without script; pressed twice, the button gives the same number.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import ValidationError
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forms import rules
from forms.carrying import Begun, CannotOpen, id_of, secret_of, unseal
from forms.form import Form as Shape
from forms.form import Question, step_at
from forms.versions import form_of
from server.actions import begun_forms, carrying
from server.actions.begun_forms import Given
from server.actions.carrying import Held, Kind
from server.actions.forms import version_text
from server.clock import from_micros
from server.domain.refusals import Refused
from server.edge import House
from server.live.door import DoorNow, read_door
from server.store.tables import Centre, Form
from server.web.api.forms import body_of, is_open
from server.web.errors import status_of
from server.web.gate import Guarded, house_of, text_of
from server.web.gate import form_of as sent_form
from server.web.identity import Caller
from server.web.public.forms.asking import place_of
from server.web.render import clock_time, page
from server.web.taking_in import take_in
from wire.asks import Welcome
from wire.packets import Manifest, Packet, PacketFile, file_of
from wire.references import new_reference, read_reference, show_reference
from wire.vocabulary import Channel, HandedIn, Language, RefusalCode

router = APIRouter()
MOST_TYPED = 120
MOST_SECONDS = 24 * 3600
_TYPES = get_args(PacketFile.model_fields["type"].annotation)

NOT_ONE = "This is no reference. It has eight letters and digits, such as BCDF-3467. Look at it together and type it again."
UNKNOWN = "Nothing is kept under this reference. Type it again; if it stays, give them a number without it. They may have sent the form already, or thrown it away."
OFTEN = "References were tried very often here. Try again in a quarter of an hour, or give them a number without it."
CHOOSE = "Choose what they need."
NOT_WHOLE = "What is kept under this reference cannot be opened. Give them a number without it, and tell your administrator."


@dataclass(frozen=True)
class Found:
    """What is kept under a reference. `service` is empty where the form leads to none that can be chosen here."""

    held: Held
    secret: str
    reference: str
    shape: Shape | None
    service: str
    zone: ZoneInfo

    @property
    def title(self) -> str:
        named = self.shape.title.get("en") if self.shape is not None else None
        return named or self.held.slug.replace("-", " ").capitalize()

    def __repr__(self) -> str:
        return f"Found({self.held.slug})"


@router.get("/greeter/begun")
async def ask_for_it(request: Request, caller: Guarded) -> Response:
    return _asking(request)


@router.post("/greeter/begun")
async def look_up(request: Request, caller: Guarded) -> Response:
    """Which form it is, and what its visitor needs."""
    data = await sent_form(request, caller)
    typed = text_of(data, "reference", MOST_TYPED)
    try:
        found = await _found(request, caller, typed)
        house = house_of(request)
        before = await _given(house, found)
        if before is not None and not before.again:
            await _finish(house, caller, found)
            raise Refused(RefusalCode.WRONG_STATE, _used(found, before))
    except Refused as no:
        return _asking(request, typed, no)
    return await _shown(request, caller, found)


@router.post("/greeter/begun/ticket")
async def give(request: Request, caller: Guarded) -> Response:
    """The number, with what is filled in; then where every number is told."""
    data = await sent_form(request, caller)
    typed, service = text_of(data, "reference", MOST_TYPED), text_of(data, "service")
    try:
        found = await _found(request, caller, typed)
    except Refused as no:
        return _asking(request, typed, no)
    try:
        ask = Welcome(
            visit=text_of(data, "visit"), ticket=text_of(data, "ticket"), service=service, language=Language(found.held.language)
        )  # fmt: skip
    except ValidationError:
        return await _shown(request, caller, found, Refused(RefusalCode.MALFORMED, CHOOSE))
    house = house_of(request)
    before = await _given(house, found)
    if before is not None and not before.again and before.ticket != ask.ticket:
        await _finish(house, caller, found)
        return _asking(request, typed, Refused(RefusalCode.WRONG_STATE, _used(found, before)))
    try:
        begun = await _opened(house, found)
        giving = partial(begun_forms.give_number, carried_id=found.held.id, ask=ask)
        first = await house.change(caller.actor, "begun_form", giving)
    except Refused as no:
        return await _shown(request, caller, found, no)
    where = f"/greeter/arrived/{ask.ticket}"
    try:
        await _hand_in(house, caller, found, begun, first)
    except Refused as no:
        say = f"They have a number, but what they filled in could not go with it. {no.refusal.say} Ask for it at the counter."
        return page(
            request, "greeter_begun.html", said=say, status=409, found=None, number=where, reference=""
        )
    return RedirectResponse(where, status_code=303)


# What is kept -------------------------------------------------------------------------------------------------------------


async def _found(request: Request, caller: Caller, typed: str) -> Found:
    """Raises Refused, with a sentence for the greeter."""
    house, actor = house_of(request), caller.actor
    reference = read_reference(typed)
    if reference is None:
        raise Refused(RefusalCode.MALFORMED, NOT_ONE)
    trying = partial(carrying.may_ask, what="at_door", subject=f"staff {actor.id}")
    if not await house.change(actor, "at_door", trying):
        raise Refused(RefusalCode.TRY_LATER, OFTEN)
    public_url = house.settings.public_url
    secret = await asyncio.to_thread(secret_of, reference, public_url)
    held = await house.read(partial(carrying.held, carried_id=id_of(secret)))
    if held is None or held.kind is not Kind.DAY:
        raise Refused(RefusalCode.UNKNOWN, UNKNOWN)
    found = await house.read(partial(_form, held=held, secret=secret, reference=reference))
    if held.centre_id != actor.centre:
        at = await house.read(lambda session: session.get_one(Centre, held.centre_id).name)
        raise Refused(RefusalCode.UNKNOWN, f"This form is kept for {at} and can be opened only there.")
    if held.became is None and not is_open(held, house.clock.micros()):
        until = from_micros(held.expires_at - 1).astimezone(found.zone)
        raise Refused(
            RefusalCode.CLOSED,
            f"This form was kept until the end of {until:%A} {until.day} {until:%B} and is thrown away. Give them a number without it.",
        )
    return found


def _form(session: Session, *, held: Held, secret: str, reference: str) -> Found:
    row = session.exec(
        select(Form).where(col(Form.centre_id) == held.centre_id, col(Form.slug) == held.slug)
    ).one_or_none()
    text = version_text(session, row.id, held.version) if row is not None and row.id is not None else None
    shape = form_of(text) if text is not None else None
    zone = ZoneInfo(session.get_one(Centre, held.centre_id).timezone)
    return Found(held, secret, reference, shape, row.service if row is not None else "", zone)


async def _given(house: House, found: Found) -> Given | None:
    became = found.held.became
    return await house.read(partial(begun_forms.given, became=became)) if became is not None else None


def _used(found: Found, before: Given) -> str:
    at = found.held.used_at
    when = f" at {clock_time(at, found.zone)}" if at is not None else ""
    return f"This reference was used{when}: they have number {before.code}. What they filled in is with it."


# Handing it in ------------------------------------------------------------------------------------------------------------


async def _opened(house: House, found: Found) -> Begun | None:
    """None where it was handed in already. Raises Refused."""
    body = await body_of(house, found.held)
    if not body and found.held.became is not None:
        return None
    try:
        return await asyncio.to_thread(unseal, body, found.secret)
    except CannotOpen:
        raise Refused(RefusalCode.MALFORMED, NOT_WHOLE) from None


async def _hand_in(house: House, caller: Caller, found: Found, begun: Begun | None, ticket: str) -> None:
    """As a kiosk's begun form is. However often: it is one, because all of it follows from the ticket and what was sealed."""
    if begun is None:
        return
    packet = _packet(found, begun, ticket)
    await take_in(
        house,
        caller.actor,
        packet,
        centre_id=found.held.centre_id,
        device_id=None,
        channel=Channel.WEB,
        made_at=house.clock.micros(),
    )
    await house.change(caller.actor, "begun_over", partial(carrying.empty, carried_id=found.held.id))


async def _finish(house: House, caller: Caller, found: Found) -> None:
    """Where a server stopped between giving the number and handing in, whoever looks again has it done."""
    if found.held.became is not None:
        await _hand_in(house, caller, found, await _opened(house, found), found.held.became)


def _answers(found: Found, begun: Begun) -> Mapping[str, Any]:
    """Also those on pages where they had not pressed "continue" yet, as far as they are right: such as the photograph they added last."""
    answers: Mapping[str, Any] = begun.answers
    if found.shape is None:
        return answers
    on = from_micros(found.held.expires_at - 1).astimezone(found.zone).date()
    for spot, typed in begun.typed.items():
        place = place_of(found.shape, spot)
        step = step_at(found.shape, place) if place is not None else None
        if place is None or not isinstance(step, Question):
            continue
        judged = rules.judge(step, typed, on)
        if not isinstance(judged, rules.Wrong):
            answers = rules.with_answer(found.shape, answers, place, judged)
    return answers


def _packet(found: Found, begun: Begun, ticket: str) -> Packet:
    number = begun_forms.packet_of(ticket)
    # The same each time, and of no use to anybody: what its visitor holds opened the form, so it must not stand in a row.
    reference = new_reference(random.Random(number).choice)
    try:
        files = tuple(
            file_of(name, each.type, each.body)  # type: ignore[arg-type]  # one of the three
            for name, each in sorted(begun.files.items())
            if each.type in _TYPES
        )
        manifest = Manifest(
            id=number, kind=HandedIn.BEGUN, reference=reference, what=found.held.slug, version=found.held.version,
            language=Language(found.held.language), ticket=ticket, answers=_answers(found, begun),
            seconds=max(0, min(MOST_SECONDS, begun.seconds)), files=files,
        )  # fmt: skip
    except ValidationError:
        raise Refused(RefusalCode.MALFORMED, NOT_WHOLE) from None
    return Packet(manifest, {each.name: begun.files[each.name].body for each in files})


# Pages --------------------------------------------------------------------------------------------------------------------


def _asking(request: Request, typed: str = "", no: Refused | None = None) -> Response:
    said, status = (no.refusal.say, status_of(no.refusal)) if no is not None else ("", 200)
    return page(
        request, "greeter_begun.html", said=said, status=status, found=None, number="", reference=typed
    )


async def _shown(request: Request, caller: Caller, found: Found, no: Refused | None = None) -> Response:
    door = await house_of(request).look(
        lambda connection: read_door(connection, caller.actor.centre, house_of(request).clock.micros())
    )
    said, status = (no.refusal.say, status_of(no.refusal)) if no is not None else ("", 200)
    return page(request, "greeter_begun.html", said=said, status=status, **_context(found, door))


def _context(found: Found, door: DoorNow) -> dict[str, Any]:
    own = next((each for each in door.services if each.slug == found.service), None)
    used = found.held.used_at if found.held.became is None else None
    return {
        "found": found,
        "own": own,
        "services": [each for each in door.services if each is not own],
        "reference": show_reference(found.reference),
        "number": "",
        "opened": clock_time(used, found.zone) if used is not None else "",
    }
