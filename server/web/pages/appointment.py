"""One appointment: what it is, what happened to it, and everything that can be done with it.

It is a page of its own, and, for the script, what a sheet over the calendar shows. What takes one press (checked in, called now, running late, did
not come) is an ask like any of the floor's; what has fields (correct, move, cancel) comes back with what was typed when it is refused. What a
private appointment is about is shown after a look that is written down, and is gone again with the next page.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import diary_looks
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.live.diary import choosable, viewer_of
from server.live.diary_one import OneNow, read_one
from server.live.diary_shapes import STANDINGS, BookableNow
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages.appointment_asks import Done, Problems, instant_of, judge_contact, millis_in, perform
from server.web.pages.appointment_times import times_for, wanted_in
from server.web.pages.appointments import MAY_GO_OVER, SAID, date_in, goes, may
from server.web.render import page
from wire.references import show_reference
from wire.vocabulary import Language, Letter, Need, PostState, RefusalCode, Way, new_id

router = APIRouter()

GONE = "There is no such appointment at this centre, or it is not one of yours."
PRESSED = {
    "arrive_booking": "arrived",
    "serve_booking": "called",
    "mark_booking": "marked",
    "cancel_booking": "cancelled",
}
"""What takes one press, or a reason, and what is said when it is done."""
LETTERS = {
    Letter.CONFIRMED: "Confirmation",
    Letter.REMINDER: "Reminder",
    Letter.MOVED: "New time",
    Letter.CANCELLED: "Cancellation",
    Letter.PLACE_FREE: "A place is free",
    Letter.COME_NOW: "Please come now",
    Letter.TAKE_BACK: "How to reach us",
}
WAYS = {Way.SMS: "text", Way.EMAIL: "e-mail"}
POSTED = {
    PostState.QUEUED: "waits to be sent",
    PostState.SENT: "sent",
    PostState.DELIVERED: "arrived",
    PostState.FAILED: "could not be sent",
    PostState.DROPPED: "not needed any more",
}


async def show(
    request: Request,
    caller: Caller,
    booking_id: str,
    *,
    said: str = "",
    status: int = 200,
    revealed: bool = False,
    **more: Any,
) -> Response:
    """The page of one appointment, or the sheet. `more`: what was typed in a form that was refused, and what is wrong with it."""
    one = await _read(request, caller, booking_id, revealed)
    blank: dict[str, Any] = {"typed": None, "problems": {}, "open": ""}
    context = one_context(one, caller) | {"done": SAID.get(request.query_params.get("done", ""), "")}
    template = "appointment_now.html" if "x-foyer-part" in request.headers else "appointment.html"
    return page(request, template, said=said, status=status, **{**blank, **context, **more})


async def _read(request: Request, caller: Caller, booking_id: str, revealed: bool = False) -> OneNow:
    house = house_of(request)
    reading = partial(
        read_one, actor=caller.actor, booking_id=booking_id, now=house.clock.micros(), revealed=revealed
    )
    one = await house.read(reading)
    if one is None:
        raise Refused(RefusalCode.UNKNOWN, GONE)
    return one


def one_context(one: OneNow, caller: Caller) -> dict[str, Any]:
    return {
        "one": one,
        "booking": one.booking,
        "now": one.now,
        "zone": one.zone,
        "standing": one.booking.standing(one.now),
        "standings": STANDINGS,
        "letters": LETTERS,
        "ways": WAYS,
        "posted": POSTED,
        "may": partial(may, caller),
        "goes": partial(goes, caller),
        "show_reference": show_reference,
    }


@router.get("/appointments/{booking_id}")
async def appointment(request: Request, booking_id: str, caller: Guarded) -> Response:
    return await show(request, caller, booking_id)


@router.post("/appointments/{booking_id}/look")
async def look(request: Request, booking_id: str, caller: Guarded) -> Response:
    """What a private one is about; refused without the right, and either way written down."""
    await form_of(request, caller)
    await house_of(request).change(caller.actor, "look", partial(diary_looks.look, booking_id=booking_id))
    return await show(request, caller, booking_id, revealed=True)


@router.post("/appointments/{booking_id}/do")
async def press(request: Request, booking_id: str, caller: Guarded) -> Response:
    """What takes one press, without script."""
    form = await form_of(request, caller)
    do = text_of(form, "do", 20)
    if do not in PRESSED:
        raise Refused(RefusalCode.MALFORMED, "This cannot be done with an appointment.")
    body: dict[str, Any] = {"do": do, "booking": booking_id}
    for name in ("mark", "late_minutes", "visit", "ticket", "reason"):
        if given := text_of(form, name, 200):
            body[name] = given
    if do == "cancel_booking":
        body["tell"] = text_of(form, "tell") == "true"
        if len(body.get("reason", "")) < 3:
            wrong = {"reason": "Say why in a word or two. The visitor does not read it."}
            return await show(request, caller, booking_id, status=422, problems=wrong, open="cancel")
    return await _after(request, caller, booking_id, await perform(request, caller, form, body), PRESSED[do])


async def _after(
    request: Request, caller: Caller, booking_id: str, done: Done, word: str, **more: Any
) -> Response:
    if done.said:
        return await show(
            request, caller, booking_id, said=done.said, status=done.status, problems=done.problems, **more
        )
    return RedirectResponse(f"/appointments/{booking_id}?done={word}", status_code=303)


@router.post("/appointments/{booking_id}/amend")
async def amend(request: Request, booking_id: str, caller: Guarded) -> Response:
    """Correct whom it is for. Every field of the form is told, so that one can be emptied."""
    form = await form_of(request, caller)
    typed = {
        name: text_of(form, name, 500) for name in ("name", "phone", "email", "language", "people", "note")
    }
    problems: Problems = {}
    judge_contact(typed["phone"], typed["email"], problems)
    needs = [each for each in form.getlist("needs") if each in set(Need)]
    kept: dict[str, Any] = {**typed, "needs": needs, "safe_to_text": text_of(form, "safe_to_text") == "true"}
    if problems:
        return await show(
            request, caller, booking_id, status=422, typed=kept, problems=problems, open="amend"
        )
    body = {"do": "amend_booking", "booking": booking_id, **kept}
    body["language"] = typed["language"] if typed["language"] in set(Language) else Language.EN
    done = await perform(request, caller, form, body)
    return await _after(request, caller, booking_id, done, "amended", typed=kept, open="amend")


# Moving ----------------------------------------------------------------------------------------------------------


@router.get("/appointments/{booking_id}/move")
async def move_page(request: Request, booking_id: str, caller: Guarded) -> Response:
    """Where to move it. An address with a time and a person is where it was dropped in the calendar."""
    query = request.query_params
    names = ("on", "at", "starts_at", "person", "room", "reason")
    typed = {name: query.get(name, "")[:200] for name in names}
    return await _moving(request, caller, booking_id, {**typed, "tell": "true", "over": ""})


async def _moving(
    request: Request,
    caller: Caller,
    booking_id: str,
    typed: dict[str, str],
    problems: Problems | None = None,
    said: str = "",
    status: int = 200,
) -> Response:
    house = house_of(request)
    one = await _read(request, caller, booking_id)
    if one.booking.masked:
        raise Refused(
            RefusalCode.NOT_ALLOWED,
            "Look at this private appointment first: moving it shows what it is about.",
        )
    chosen = millis_in(typed["starts_at"]) or 0
    named = {name: typed[name] for name in ("on", "person", "room")}
    wanted = replace(
        wanted_in(named), service=one.booking.service.slug, interpreter=one.booking.wants, besides=booking_id
    )
    reading = partial(times_for, actor=caller.actor, wanted=wanted, now=one.now, chosen=chosen)
    context = one_context(one, caller) | {
        "times": await house.read(reading),
        "bookables": await house.read(partial(_choosable, actor=caller.actor)),
        "typed": typed,
        "problems": problems or {},
        "wanted": wanted,
        "dropped_at": chosen * 1000,
        "command": new_id(),
        "may_go_over": bool(caller.actor.roles & MAY_GO_OVER),
    }
    template = "appointment_move_now.html" if "x-foyer-part" in request.headers else "appointment_move.html"
    return page(request, template, said=said, status=status, **context)


def _choosable(session: Session, actor: Actor) -> list[BookableNow]:
    return choosable(session, viewer_of(session, actor))


@router.post("/appointments/{booking_id}/move")
async def move(request: Request, booking_id: str, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    names = ("on", "at", "starts_at", "person", "room", "reason", "tell", "over")
    typed = {name: text_of(form, name, 200) for name in names}
    if text_of(form, "show"):
        return await _moving(request, caller, booking_id, typed)
    problems: Problems = {}
    starts = millis_in(typed["starts_at"])
    if typed["at"]:
        one = await _read(request, caller, booking_id)
        on = date_in(typed["on"])
        instant = instant_of(on, typed["at"], one.zone) if on else None
        starts = instant // 1000 if instant is not None else None
        if starts is None:
            problems["at"] = (
                "Write the day and a time such as 10:15. A time the clock skips that night is none."
            )
    elif starts is None:
        problems["starts_at"] = "Choose a time."
    if len(typed["reason"]) < 3:
        problems["reason"] = "Say why in a word or two. The visitor does not read it."
    if problems:
        return await _moving(request, caller, booking_id, typed, problems, status=422)
    body = {
        "do": "move_booking",
        "booking": booking_id,
        "starts_at": starts,
        "person": typed["person"] or None,
        "room": typed["room"] or None,
        "over": typed["over"] == "true",
        "reason": typed["reason"],
        "tell": typed["tell"] == "true",
    }
    done = await perform(request, caller, form, body)
    if done.said:
        return await _moving(request, caller, booking_id, typed, done.problems, done.said, done.status)
    return RedirectResponse(f"/appointments/{booking_id}?done=moved", status_code=303)
