"""The counter console and the floor overview: read the floor, render it, and take asks from forms.

Both pages are a frame around one fragment (`/counter/now`, `/floor/now`) that the page fetches anew whenever the doorbell's mark changes,
so every look passes the access check. With script, asks go over the socket; these forms are the same asks without it, and the way out
when the socket is down. Either way the ask's id makes it happen once.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from server.domain import tickets as rules
from server.domain.access import ASKS
from server.domain.refusals import Refused
from server.live.console import read_floor
from server.live.console_shapes import FloorNow
from server.web.errors import is_program, status_of
from server.web.gate import TOKEN_FIELD, Guarded, form_of, house_of
from server.web.identity import Caller
from server.web.render import page
from wire.asks import AnyAsk, AskBody
from wire.vocabulary import RefusalCode, TicketAction, TicketState, new_id

router = APIRouter()

MOST_SHOWN = 60
"""Waiting visitors listed; the rest are counted. Nobody reads further, and a flood must not slow the page."""
_NOT_BODY = frozenset({TOKEN_FIELD, "command", "back"})
_MANY = frozenset({"services"})
_asks: TypeAdapter[AnyAsk] = TypeAdapter(AskBody)

INCOMPLETE = "Something is missing. Fill in what the form asks for and press again."


@router.get("/counter")
async def counter(request: Request, caller: Guarded) -> Response:
    return await _console(request, caller, "counter.html")


@router.get("/counter/now")
async def counter_now(request: Request, caller: Guarded) -> Response:
    return await _console(request, caller, "counter_now.html")


@router.get("/floor")
async def floor(request: Request, caller: Guarded) -> Response:
    return await _console(request, caller, "floor.html")


@router.get("/floor/now")
async def floor_now(request: Request, caller: Guarded) -> Response:
    return await _console(request, caller, "floor_now.html")


@router.get("/floor/ticket/{ticket_id}")
async def ticket(request: Request, ticket_id: str, caller: Guarded, back: str = "floor") -> Response:
    """What can be done to one waiting or parked ticket: a page of its own, or, for the script, what a dialogue shows."""
    floor = await _read(request, caller, about=ticket_id)
    found = next((each for each in (*floor.waiting, *floor.parked) if each.id == ticket_id), None)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "This ticket is not waiting any more.")
    context = _context(floor, caller)
    context |= {
        "ticket": found,
        "can": frozenset(rules.actions_from(found.state)),
        "back": "counter" if back == "counter" else "floor",
    }
    template = "ticket_now.html" if "x-foyer-part" in request.headers else "ticket.html"
    return page(request, template, **context)


async def _read(request: Request, caller: Caller, about: str = "") -> FloorNow:
    house = house_of(request)
    now = house.clock.micros()
    read = partial(read_floor, centre=caller.actor.centre, staff=caller.actor.id, now=now, about=about)
    return await house.look(read)


async def _console(
    request: Request, caller: Caller, template: str, *, said: str = "", status: int = 200
) -> Response:
    seen = await _read(request, caller)
    return page(request, template, said=said, status=status, **_context(seen, caller))


def _context(floor: FloorNow, caller: Caller) -> dict[str, Any]:
    current = floor.current

    def may(ask: str) -> bool:
        return ASKS[ask].lets_in(caller.actor)

    return {
        "floor": floor,
        "now": floor.now,
        "zone": floor.zone,
        "may": may,
        "can": frozenset(rules.actions_from(current.state)) if current else frozenset(),
        "A": TicketAction,
        "shown": floor.waiting[:MOST_SHOWN],
        "unlisted": max(0, len(floor.waiting) - MOST_SHOWN),
        "parked_can": frozenset(rules.actions_from(TicketState.PARKED)),
    }


@router.post("/counter/ask")
async def ask(request: Request, caller: Guarded) -> Response:
    """Perform the ask a form holds; then back to the page it came from, with the refusal if there is one."""
    form = await form_of(request, caller)
    back = "floor" if form.get("back") == "floor" else "counter"
    body = read_ask(form)
    if body is None:
        return await _refused(request, caller, back, RefusalCode.MALFORMED, INCOMPLETE, 422)
    given = form.get("command")
    ask_id = given if isinstance(given, str) and _is_id(given) else new_id()
    answer = await house_of(request).perform(caller.actor, ask_id, body)
    if answer.refusal is not None:
        code, say = answer.refusal.code, answer.refusal.say
        return await _refused(request, caller, back, code, say, status_of(answer.refusal))
    if is_program(request):
        return JSONResponse(answer.model_dump(mode="json", exclude_none=True))
    return RedirectResponse(f"/{back}", status_code=303)


async def _refused(
    request: Request, caller: Caller, back: str, code: RefusalCode, say: str, status: int
) -> Response:
    if is_program(request):
        return JSONResponse({"refusal": {"code": code.value, "say": say}}, status_code=status)
    return await _console(request, caller, f"{back}.html", said=say, status=status)


def read_ask(form: FormData) -> AnyAsk | None:
    """The ask in a form, or None when it is not one. Empty fields are fields not filled in."""
    body: dict[str, Any] = {}
    for name, value in form.multi_items():
        if name in _NOT_BODY or not isinstance(value, str) or value == "":
            continue
        if name in _MANY:
            body.setdefault(name, []).append(value)
        else:
            body[name] = value
    try:
        return _asks.validate_python(body)
    except ValidationError:
        return None


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(sign in "0123456789abcdef" for sign in text)
