"""Complaints, compliments and suggestions: the list with what is due, one with its words, and writing one down for somebody.

Everybody on the floor may write one down, because a visitor tells whoever stands before them; what was written is sealed at once and read by managers
alone, each look written down. Whoever writes it down tells the visitor the reference and by when they hear.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import said
from server.domain.refusals import Refused
from server.domain.said import WORDS_CHARACTERS, Deed, Promise
from server.live.said import read_list, read_said
from server.papers.written import seal_words
from server.store.tables import Centre, Service
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.render import page
from wire.body import clean_text
from wire.references import show_reference
from wire.vocabulary import RefusalCode, Role, SaidKind, SaidState, new_id

router = APIRouter()
WHICH = {"": "Open", "late": "Late", "ended": "Ended", "all": "All"}
KINDS = {
    SaidKind.COMPLAINT: "Complaint",
    SaidKind.COMPLIMENT: "Compliment",
    SaidKind.SUGGESTION: "Suggestion",
}
STATES = {
    SaidState.RECEIVED: "Received",
    SaidState.ACKNOWLEDGED: "Acknowledged",
    SaidState.ANSWERED: "Answered",
    SaidState.PASSED_ON: "Passed on",
    SaidState.WITHDRAWN: "Withdrawn",
}
DEEDS = {
    Deed.ACKNOWLEDGE: "Acknowledged: they know who looks into it",
    Deed.ANSWER: "Answered",
    Deed.PASS_ON: "Passed on",
    Deed.WITHDRAW: "Withdrawn by whoever said it",
    Deed.REOPEN: "Take it up again",
}


def promise_of(request: Request) -> Promise:
    settings = house_of(request).settings
    return Promise(settings.acknowledge_days, settings.answer_days)


@router.get("/said")
async def list_page(request: Request, caller: Guarded, which: str = "", kind: str = "") -> Response:
    house = house_of(request)
    which = which if which in WHICH else ""
    kind = kind if kind in set(SaidKind) else ""
    read = partial(read_list, centre=caller.actor.centre, now=house.clock.now(), which=which, kind=kind)
    lines, late = await house.read(read)
    return page(
        request, "said.html", lines=lines, late=late, which=which, kind=kind, whiches=WHICH, **_words()
    )


# Writing one down --------------------------------------------------------------------------------------------------------


@router.get("/said/new")
async def new_page(request: Request, caller: Guarded) -> Response:
    return await _new(request, caller, new_id(), {})


async def _new(
    request: Request, caller: Caller, number: str, typed: dict[str, str], *, said: str = "", status: int = 200
) -> Response:
    house = house_of(request)
    seen = await house.read(partial(_offered, centre=caller.actor.centre, now=house.clock.now()))
    empty = {"kind": "", "service": "", "received_on": seen["today"].isoformat(), "words": ""}
    return page(
        request,
        "said_new.html",
        said=said,
        status=status,
        number=number,
        typed=empty | typed,
        most=WORDS_CHARACTERS,
        promise=promise_of(request),
        **seen,
        **_words(),
    )


def _offered(session: Session, *, centre: int, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    chosen = select(Service).where(
        col(Service.centre_id) == centre,
        col(Service.retired_at).is_(None),
        col(Service.discreet).is_(False),
        col(Service.private).is_(False),
    )
    services = session.exec(chosen.order_by(col(Service.position), col(Service.id)))
    return {
        "services": [(each.slug, each.names["en"]) for each in services],
        "today": now.astimezone(zone).date(),
    }


@router.post("/said/new")
async def write_down(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    house = house_of(request)
    number = text_of(form, "number", 32)
    typed = {
        name: text_of(form, name, 4 * WORDS_CHARACTERS)
        for name in ("kind", "service", "received_on", "words")
    }
    words = clean_lines(typed["words"])
    fault = _fault(typed, words, number)
    if fault:
        return await _new(request, caller, number or new_id(), typed, said=fault, status=422)
    change = partial(
        said.write_down,
        said_id=number,
        kind=SaidKind(typed["kind"]),
        received_on=date.fromisoformat(typed["received_on"]),
        sealed=seal_words(house.keyring, words),
        service=typed["service"],
        promise=promise_of(request),
    )
    try:
        told = await house.change(caller.actor, "said", change)
    except Refused as refused:
        status = status_of(refused.refusal)
        return await _new(request, caller, number, typed, said=refused.refusal.say, status=status)
    return page(
        request,
        "said_told.html",
        told=told,
        reference=show_reference(told.reference),
        kind=SaidKind(typed["kind"]),
        **_words(),
    )


def clean_lines(text: str) -> str:
    """Each line cleaned as every text is; lines stay."""
    return "\n".join(clean_text(line) for line in text.splitlines()).strip()


def _fault(typed: dict[str, str], words: str, number: str) -> str:
    if typed["kind"] not in set(SaidKind):
        return "Choose whether it is a complaint, a compliment or a suggestion."
    if len(words) < 3:
        return "Write down what was said."
    if len(words) > WORDS_CHARACTERS:
        return f"This has {len(words):,} characters and at most {WORDS_CHARACTERS:,} fit. Shorten it."
    try:
        date.fromisoformat(typed["received_on"])
    except ValueError:
        return "Choose the day on which it was said."
    return "" if len(number) == 32 and number.isalnum() else "Load the page again: the form was not whole."


# One ---------------------------------------------------------------------------------------------------------------------


@router.get("/said/{said_id}")
async def one_page(request: Request, said_id: str, caller: Guarded) -> Response:
    return await _one(request, said_id, caller)


async def _one(
    request: Request, said_id: str, caller: Caller, *, problem: str = "", status: int = 200
) -> Response:
    house = house_of(request)
    await house.change(caller.actor, "look", partial(said.look, said_id=said_id))
    read = partial(
        read_said,
        keyring=house.keyring,
        row_id=said_id,
        now=house.clock.now(),
        private=Role.DISCREET in caller.actor.roles,
    )
    one = await house.read(read)
    seen = await house.read(partial(_offered, centre=caller.actor.centre, now=house.clock.now()))
    services = seen["services"]
    if one.service and one.service not in dict(services):  # not offered any more, and still what it is about
        services = [(one.service, one.line.service), *services]
    return page(
        request,
        "said_one.html",
        said=problem,
        status=status,
        one=one,
        reference=show_reference(one.line.reference),
        deeds=DEEDS,
        services=services,
        **_words(),
    )


@router.post("/said/{said_id}/about")
async def about(request: Request, said_id: str, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(said.name_service, said_id=said_id, service=text_of(form, "service", 60))
    await house_of(request).change(caller.actor, "said", change)
    return RedirectResponse(f"/said/{said_id}", status_code=303)


@router.post("/said/{said_id}/{deed}")
async def do(request: Request, said_id: str, deed: str, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    if deed not in set(Deed):
        raise Refused(RefusalCode.UNKNOWN, "Nothing like this can be done with it. Go back to the list.")
    change = partial(
        said.do,
        said_id=said_id,
        deed=Deed(deed),
        promise=promise_of(request),
        passed_to=clean_text(_to(form)),
        service=text_of(form, "service", 60) if "service" in form else None,
    )
    try:
        await house_of(request).change(caller.actor, "said", change)
    except Refused as refused:
        if refused.refusal.code is RefusalCode.UNKNOWN:
            raise
        return await _one(
            request, said_id, caller, problem=refused.refusal.say, status=status_of(refused.refusal)
        )
    return RedirectResponse(f"/said/{said_id}", status_code=303)


def _to(form: FormData) -> str:
    return text_of(form, "passed_to", 80)


def _words() -> dict[str, Any]:
    return {"kinds": KINDS, "states": STATES, "Kind": SaidKind, "shown": show_reference}
