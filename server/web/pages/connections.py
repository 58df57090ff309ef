"""What joins the centre to other systems: addresses of calendars, webhooks with what came of their calls, keys of programs.

A secret (the address of a calendar, what signs a webhook's calls, a program's key) is shown once, on the answer to the form that made it, and is in no
address, log or audit. What another system did wrong is said in words, with what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import api_keys, feeds, hooks
from server.domain.refusals import Refused
from server.live import connections
from server.store.tables import Centre
from server.store.tx import Tx
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, identity_of, text_of
from server.web.identity import Caller
from server.web.render import page
from wire.vocabulary import BookingEvent, RefusalCode

router = APIRouter()

EVENTS = {
    BookingEvent.BOOKED: "Booked",
    BookingEvent.MOVED: "Moved to another time",
    BookingEvent.CANCELLED: "Cancelled",
    BookingEvent.ARRIVED: "The visitor is here",
    BookingEvent.SERVED: "Served",
    BookingEvent.MISSED: "The visitor did not come",
}
RIGHTS = {
    "read": ("Read appointments", "The list of a day, without names"),
    "book": ("Book, move and cancel", "With the same limits as the public"),
    "names": ("See names and contacts", "Only if the program cannot do without them"),
}
KINDS = {"person": "Person", "room": "Room", "interpreter": "Interpreter"}
SAID = {
    "test": "A test is on its way. Load this page again in a few seconds to see what came of it.",
    "pause": "Paused. What happens meanwhile waits here.",
    "resume": "It goes on. What has waited is being sent.",
    "again": "Those that were given up are being sent again.",
    "change": "Saved.",
}


# The page of all ---------------------------------------------------------------------------------------------------


def _read_all(session: Session, centre: int) -> dict[str, Any]:
    return {
        "zone": ZoneInfo(session.get_one(Centre, centre).timezone),
        "feeds": connections.feeds_of(session, centre),
        "bookables": connections.bookables_of(session, centre),
        "hooks": connections.hooks_of(session, centre),
        "keys": connections.keys_of(session, centre),
        "services": connections.services_of(session, centre),
    }


async def _page(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    seen = await house_of(request).read(partial(_read_all, centre=caller.actor.centre))
    defaults: dict[str, Any] = {
        "made": None,
        "typed_hook": {"name": "", "url": "", "events": tuple(EVENTS)},
        "typed_key": {"name": "", "rights": ("read",), "services": ()},
        "all_events": EVENTS,
        "all_rights": RIGHTS,
        "kinds": KINDS,
        "public_url": house_of(request).settings.public_url,
    }
    return page(request, "connections.html", said=said, status=status, **{**defaults, **seen, **more})


@router.get("/admin/connections")
async def connections_page(request: Request, caller: Guarded) -> Response:
    return await _page(request, caller)


async def _tried(
    request: Request, caller: Caller, name: str, change: Callable[[Tx], Any], **typed: Any
) -> tuple[Any, Response | None]:
    """What came of a change; or the page that says why not, with what was typed."""
    try:
        return await house_of(request).change(caller.actor, name, change), None
    except Refused as refused:
        refusal = refused.refusal
        return None, await _page(request, caller, said=refusal.say, status=status_of(refusal), **typed)


@router.post("/admin/connections/calendars")
async def make_feed(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(feeds.make, bookable_id=_number(text_of(form, "bookable", 12)))
    secret, refused = await _tried(request, caller, "make_feed", change)
    if refused is not None:
        return refused
    return await _page(request, caller, made={"what": "feed", "secret": feed_address(request, secret)})


@router.post("/admin/connections/calendars/{feed_id}/revoke")
async def revoke_feed(request: Request, feed_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    _, refused = await _tried(request, caller, "revoke_feed", partial(feeds.revoke, feed_id=feed_id))
    return refused or RedirectResponse("/admin/connections#calendars", status_code=303)


@router.post("/admin/connections/keys")
async def make_key(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    typed: dict[str, Any] = {
        "name": text_of(form, "name", 200),
        "rights": tuple(_several(form, "rights")),
        "services": tuple(_several(form, "services")),
    }
    made, refused = await _tried(
        request, caller, "make_key", partial(api_keys.make, **typed), typed_key=typed
    )
    if refused is not None:
        return refused
    return await _page(request, caller, made={"what": "key", "secret": made[1], "name": typed["name"]})


@router.post("/admin/connections/keys/{key_id}/revoke")
async def revoke_key(request: Request, key_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    _, refused = await _tried(request, caller, "revoke_key", partial(api_keys.revoke, key_id=key_id))
    identity_of(request).forget()
    return refused or RedirectResponse("/admin/connections#keys", status_code=303)


@router.post("/admin/connections/webhooks")
async def add_hook(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    typed: dict[str, Any] = {
        "name": text_of(form, "name", 200),
        "url": text_of(form, "url", 600),
        "events": tuple(_several(form, "events")),
    }
    if not typed["events"]:
        say = "Tick at least one thing that this system shall be told of."
        return await _page(request, caller, said=say, status=422, typed_hook=typed)
    add = partial(hooks.add, **{**typed, "events": _all_or(typed["events"])})
    made, refused = await _tried(request, caller, "add_hook", add, typed_hook=typed)
    if refused is not None:
        return refused
    shown = {"what": "hook", "secret": made[1], "name": typed["name"], "id": made[0]}
    return await _page(request, caller, made=shown)


# One webhook -------------------------------------------------------------------------------------------------------


def _read_hook(session: Session, hook: int, centre: int) -> dict[str, Any]:
    found = connections.hooks_of(session, centre, only=hook)
    if not found:
        raise Refused(RefusalCode.UNKNOWN, "There is no such webhook at this centre.")
    calls, dead = connections.calls_of(session, hook)
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    return {"hook": found[0], "calls": calls, "dead": dead, "zone": zone}


async def _hook_page(
    request: Request, caller: Caller, hook: int, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    house = house_of(request)
    seen = await house.read(partial(_read_hook, hook=hook, centre=caller.actor.centre))
    defaults = {
        "secret": None,
        "told": "",
        "all_events": EVENTS,
        "now": house.clock.now(),
        "typed_url": seen["hook"].url,
        "typed_events": seen["hook"].events or tuple(EVENTS),
    }
    return page(request, "connection_hook.html", said=said, status=status, **{**defaults, **seen, **more})


@router.get("/admin/connections/webhooks/{hook_id}")
async def hook_page(request: Request, hook_id: int, caller: Guarded, done: str = "") -> Response:
    return await _hook_page(request, caller, hook_id, told=SAID.get(done, ""))


@router.post("/admin/connections/webhooks/{hook_id}")
async def change_hook(request: Request, hook_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    url, events = text_of(form, "url", 600), tuple(_several(form, "events"))
    if not events:
        say = "Tick at least one thing that this system shall be told of."
        return await _hook_page(
            request, caller, hook_id, said=say, status=422, typed_url=url, typed_events=()
        )
    change = partial(hooks.change, hook_id=hook_id, url=url, events=_all_or(events))
    return await _hook_done(request, caller, hook_id, "change", change, typed_url=url, typed_events=events)


_DEEDS: Mapping[str, Callable[..., Any]] = {
    "test": hooks.send_test,
    "pause": hooks.pause,
    "resume": hooks.resume,
    "again": hooks.send_all_again,
    "secret": hooks.rotate,
    "remove": hooks.retire,
}


@router.post("/admin/connections/webhooks/{hook_id}/{deed}")
async def do_to_hook(request: Request, hook_id: int, deed: str, caller: Guarded) -> Response:
    await form_of(request, caller)
    if deed not in _DEEDS:
        raise Refused(RefusalCode.UNKNOWN, "That cannot be done with a webhook.")
    change = partial(_DEEDS[deed], hook_id=hook_id)
    if deed == "secret":
        secret = await house_of(request).change(caller.actor, "hook_secret", change)
        return await _hook_page(request, caller, hook_id, secret=secret)
    if deed == "remove":
        await house_of(request).change(caller.actor, "remove_hook", change)
        return RedirectResponse("/admin/connections#webhooks", status_code=303)
    return await _hook_done(request, caller, hook_id, deed, change)


@router.post("/admin/connections/calls/{call_id}/again")
async def call_again(request: Request, call_id: str, caller: Guarded) -> Response:
    await form_of(request, caller)
    again = partial(hooks.send_again, call_id=call_id)
    hook = await house_of(request).change(caller.actor, "send_call_again", again)
    return RedirectResponse(f"/admin/connections/webhooks/{hook}?done=again", status_code=303)


async def _hook_done(
    request: Request, caller: Caller, hook: int, deed: str, change: Callable[[Tx], Any], **typed: Any
) -> Response:
    try:
        await house_of(request).change(caller.actor, f"hook_{deed}", change)
    except Refused as refused:
        if refused.refusal.code is RefusalCode.UNKNOWN:
            raise
        status = status_of(refused.refusal)
        return await _hook_page(request, caller, hook, said=refused.refusal.say, status=status, **typed)
    return RedirectResponse(f"/admin/connections/webhooks/{hook}?done={deed}", status_code=303)


def feed_address(request: Request, secret: str) -> str:
    """The whole address of a calendar, as a calendar program is given it."""
    base = house_of(request).settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return f"{base}/calendar/{secret}.ics"


def _all_or(events: tuple[str, ...]) -> tuple[str, ...]:
    """All ticked means all, also of those to come."""
    return () if set(events) == {event.value for event in EVENTS} else events


def _several(form: FormData, name: str) -> list[str]:
    return [value[:60] for value in form.getlist(name) if isinstance(value, str) and value]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
