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
from server.domain.access import ASKS, ROUTES
from server.domain.refusals import Refused
from server.live.console import read_floor
from server.live.console_shapes import FloorNow
from server.live.diary_shapes import STANDINGS
from server.live.diary_today import read_today
from server.live.door import read_door, read_prints
from server.web.errors import is_program, status_of
from server.web.gate import TOKEN_FIELD, Guarded, form_of, house_of, identity_of
from server.web.identity import Caller
from server.web.render import page
from wire.asks import AnyAsk, ArriveBooking, AskBody, Evacuate, Resume, Welcome
from wire.vocabulary import RefusalCode, TicketAction, TicketState, new_id

router = APIRouter()

MOST_SHOWN = 60
"""Waiting visitors listed; the rest are counted. Nobody reads further, and a flood must not slow the page."""
BACK = frozenset({"counter", "floor", "greeter"})
HOME = "home"
"""Pages that show no floor: back to wherever this person starts."""
_NOT_BODY = frozenset({TOKEN_FIELD, "command", "back", "told"})
_MANY = frozenset({"services", "needs"})
_TRUTHS = frozenset({"discreet", "quick", "confirmed", "solved", "again"})
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
    """What can be done to one open ticket: a page of its own, or, for the script, what a dialogue shows."""
    return await ticket_sheet(request, ticket_id, caller, back)


async def ticket_sheet(
    request: Request, ticket_id: str, caller: Caller, back: str, *, revealed: str = ""
) -> Response:
    """The sheet of one ticket. `revealed` names a ticket whose need may be read: only after its look was checked and logged."""
    house = house_of(request)
    floor = await read_for(request, caller, about=ticket_id, revealed=revealed)
    found = floor.open_ticket(ticket_id)
    if found is None:
        raise Refused(RefusalCode.UNKNOWN, "This visit has ended. There is nothing left to change.")
    prints = await house.look(lambda connection: read_prints(connection, ticket_id))
    door = await house.look(lambda connection: read_door(connection, caller.actor.centre, floor.now))
    context = console_context(floor, caller) | {
        "ticket": found,
        "can": frozenset(rules.actions_from(found.state)),
        "back": back if back in BACK else "floor",
        "door": door,
        "prints": prints,
    }
    template = "ticket_now.html" if "x-foyer-part" in request.headers else "ticket.html"
    return page(request, template, **context)


async def read_for(request: Request, caller: Caller, about: str = "", revealed: str = "") -> FloorNow:
    """The floor as `caller` sees it now."""
    house = house_of(request)
    now = house.clock.micros()
    actor = caller.actor
    read = partial(read_floor, centre=actor.centre, staff=actor.id, now=now, about=about, revealed=revealed)
    return await house.look(read)


async def _console(
    request: Request, caller: Caller, template: str, *, said: str = "", status: int = 200
) -> Response:
    seen = await read_for(request, caller)
    context = console_context(seen, caller) | {"today": None, "standings": STANDINGS}
    if template.startswith("counter") and seen.mine is not None:
        reading = partial(read_today, actor=caller.actor, services=seen.mine.services, now=seen.now)
        context["today"] = await house_of(request).read(reading)
    return page(request, template, said=said, status=status, **context)


def console_context(floor: FloorNow, caller: Caller) -> dict[str, Any]:
    """What every template of the floor takes."""
    current = floor.current

    def may(ask: str) -> bool:
        rule = ASKS.get(ask)
        return rule is not None and rule.lets_in(caller.actor)

    def goes(method: str, path: str) -> bool:
        rule = ROUTES.get((method, path))
        return rule is not None and rule.lets_in(caller.actor)

    return {
        "floor": floor,
        "now": floor.now,
        "zone": floor.zone,
        "may": may,
        "goes": goes,
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
    named = form.get("back")
    back = named if isinstance(named, str) and named in BACK | {HOME} else "counter"
    body = read_ask(form)
    if body is None:
        return await _refused(request, caller, back, RefusalCode.MALFORMED, INCOMPLETE, 422)
    given = form.get("command")
    ask_id = given if isinstance(given, str) and _is_id(given) else new_id()
    answer = await house_of(request).perform(caller.actor, ask_id, body)
    if answer.refusal is not None:
        code, say = answer.refusal.code, answer.refusal.say
        return await _refused(request, caller, back, code, say, status_of(answer.refusal))
    if isinstance(body, Evacuate | Resume):
        identity_of(request).forget()  # the next page shall say it, not one some seconds later
    if is_program(request):
        return JSONResponse(answer.model_dump(mode="json", exclude_none=True))
    to = "/" if back == HOME else f"/{back}"
    if isinstance(body, Welcome) or (isinstance(body, ArriveBooking) and back == "greeter"):
        to = f"/greeter/arrived/{body.ticket}"
    return RedirectResponse(to, status_code=303)


async def _refused(
    request: Request, caller: Caller, back: str, code: RefusalCode, say: str, status: int
) -> Response:
    if is_program(request):
        return JSONResponse({"refusal": {"code": code.value, "say": say}}, status_code=status)
    if back == HOME:
        raise Refused(code, say)
    if back == "greeter":
        from server.web.pages.greeter import greeter_page  # which is made of parts of this page

        return await greeter_page(request, caller, "greeter.html", said=say, status=status)
    return await _console(request, caller, f"{back}.html", said=say, status=status)


def read_ask(form: FormData) -> AnyAsk | None:
    """The ask in a form, or None when it is not one.

    Empty fields are fields not filled in. A field `told` names a list that is told even when nothing of it is ticked.
    """
    body: dict[str, Any] = {
        name: [] for name in form.getlist("told") if isinstance(name, str) and name in _MANY
    }
    for name, value in form.multi_items():
        if name in _NOT_BODY or not isinstance(value, str) or value == "":
            continue
        if name in _MANY:
            body.setdefault(name, []).append(value)
        elif name in _TRUTHS:
            body[name] = value == "true"
        else:
            body[name] = value.strip().upper() if name == "code" else value
    try:
        return _asks.validate_python(body)
    except ValidationError:
        return None


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(sign in "0123456789abcdef" for sign in text)
