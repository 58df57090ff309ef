"""People, rooms and interpreters whose time can be booked: who there is, when they are there each week, when they are away.

A change of somebody's times, and taking somebody away, first shows which appointments would not fit any more; it is done when that was
seen. Rooms come and go with the counters of the set-up, and are there whenever the centre is open unless they have times of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import bookables as actions
from server.centrefile import Fault
from server.domain.access import ASKS
from server.domain.refusals import Refused
from server.live.broken import Supposed, newly_broken
from server.store.tx import Tx
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages import setup_forms as forms
from server.web.pages import setup_words
from server.web.pages.appointment_asks import instant_of, perform
from server.web.pages.bookable_seen import People, Seen, language_names, read_people
from server.web.pages.broken import Row, rows_for, rows_of_block
from server.web.render import page
from wire.vocabulary import BookableKind, RefusalCode, new_id

router = APIRouter()

KINDS = {
    BookableKind.PERSON: "People",
    BookableKind.INTERPRETER: "Interpreters",
    BookableKind.ROOM: "Rooms",
}
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
AWAY_FIELDS = ("first", "last", "starts", "ends", "reason")
DONE = {
    "added": "They are added. Say when they are there.",
    "changed": "It is changed.",
    "retired": "Nobody can be booked with them any more. What is booked already stays until it is moved or cancelled.",
    "back": "They can be booked again.",
    "away": "It is noted: nothing is booked in that time.",
}

# The list -------------------------------------------------------------------------------------------------------


async def _list_page(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, typed: Any = None
) -> Response:
    house = house_of(request)
    people = await house.read(partial(read_people, centre_id=caller.actor.centre, now=house.clock.micros()))
    return page(
        request,
        "appointments_people.html",
        said=said,
        status=status,
        people=people,
        kinds=KINDS,
        spoken=language_names(),
        typed=typed or {"kind": "", "name": "", "languages": ()},
        done=DONE.get(request.query_params.get("done", ""), ""),
    )


@router.get("/appointments/people")
async def list_page(request: Request, caller: Guarded) -> Response:
    return await _list_page(request, caller)


@router.post("/appointments/people")
async def add(request: Request, caller: Guarded) -> Response:
    """A colleague, an interpreter, or somebody who comes from elsewhere."""
    form = await form_of(request, caller)
    kind = text_of(form, "kind", 20)
    try:
        if kind == "colleague":
            number = text_of(form, "staff", 12)
            adding: Callable[[Tx], int] = partial(
                actions.add_colleague, staff_id=int(number) if number.isdecimal() else 0
            )
        else:
            adding = partial(actions.add, table=_new_table(form, kind), services=())
        found = await house_of(request).change(caller.actor, "add_bookable", adding)
    except Refused as refused:
        typed = {"kind": kind, "name": text_of(form, "name", 200), "languages": form.getlist("languages")}
        return await _list_page(
            request, caller, said=refused.refusal.say, status=status_of(refused.refusal), typed=typed
        )
    return RedirectResponse(f"/appointments/people/{found}?done=added", status_code=303)


def _new_table(form: FormData, kind: str) -> dict[str, Any]:
    wanted = BookableKind.INTERPRETER if kind == BookableKind.INTERPRETER else BookableKind.PERSON
    table: dict[str, Any] = {"kind": wanted.value, "name": forms.typed_text(form, "name")}
    languages = [each for each in form.getlist("languages") if isinstance(each, str)]
    return {**table, "languages": languages} if wanted is BookableKind.INTERPRETER and languages else table


# One of them ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class One:
    people: People
    seen: Seen
    table: dict[str, Any]
    mark: str


def _one(session: Session, centre: int, now: int, number: int) -> One:
    row = actions.own(session, centre, number)
    people = read_people(session, centre, now)
    seen = next(each for each in people.seen if each.id == number)
    return One(people, seen, actions.table_of(session, row), actions.mark_for(session, row))


async def _one_page(
    request: Request,
    caller: Caller,
    number: int,
    *,
    said: str = "",
    status: int = 200,
    table: Mapping[str, Any] | None = None,
    faults: Sequence[Fault] = (),
    mark: str = "",
    breaks: Sequence[Row] = (),
    meant: str = "",
    more: bool = False,
    typed: Mapping[str, str] | None = None,
) -> Response:
    house = house_of(request)
    one = await house.read(partial(_one, centre=caller.actor.centre, now=house.clock.micros(), number=number))
    filled = dict(table or one.table)
    filled["rota"] = [_opening(each) for each in filled.get("rota", ())]
    return page(
        request,
        "appointments_person.html",
        said=said,
        status=status,
        one=one,
        form=forms.filled("bookable", filled, [_shown_fault(each) for each in faults]),
        words_of=setup_words,
        mark=mark or one.mark,
        breaks=breaks,
        meant=meant,
        more=more,
        spoken=language_names(),
        may_block=ASKS["block_time"].lets_in(caller.actor),
        typed=typed or dict.fromkeys(AWAY_FIELDS, ""),
        command=new_id(),
        done=DONE.get(request.query_params.get("done", ""), ""),
    )


def _opening(span: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the rota as the form's fields call it: they are those of opening hours."""
    named = {"starts": "opens", "ends": "closes"}
    return {named.get(key, key): value for key, value in span.items()}


def _shown_fault(fault: Fault) -> Fault:
    named = {"starts": "opens", "ends": "closes"}
    return Fault(
        tuple(named.get(step, step) if isinstance(step, str) else step for step in fault.path), fault.say
    )


@router.get("/appointments/people/{number}")
async def one_page(request: Request, caller: Guarded, number: int) -> Response:
    return await _one_page(request, caller, number)


@router.post("/appointments/people/{number}")
async def change(request: Request, caller: Guarded, number: int) -> Response:
    """Write it; but when appointments would not fit any more, show them first."""
    form = await form_of(request, caller)
    house, centre = house_of(request), caller.actor.centre
    now = house.clock.micros()
    one = await house.read(partial(_one, centre=centre, now=now, number=number))
    table, mark = _table_in(form, one), text_of(form, "mark", 20)
    if "more" in form:
        return await _one_page(request, caller, number, table=table, mark=mark, more=True)
    told, faults = actions.judged(table, one.people.every_service)
    if faults:
        return await _one_page(request, caller, number, table=table, mark=mark, faults=faults, status=422)
    supposed = Supposed(
        rota={number: told.rota} if told.rota else {},
        bare=frozenset() if told.rota else frozenset({number}),
        services={number: told.services},
        languages={number: told.languages},
    )
    if "anyway" not in form and one.table["retired"] is False:
        breaks = await house.read(partial(_breaks, caller=caller, now=now, supposed=supposed))
        if breaks:
            return await _one_page(
                request, caller, number, table=table, mark=mark, breaks=breaks, meant="change", status=409
            )
    write = partial(actions.write, number=number, table=table, services=one.people.every_service, mark=mark)
    try:
        await house.change(caller.actor, "write_bookable", write)
    except Refused as refused:
        return await _one_page(
            request, caller, number, said=refused.refusal.say, status=status_of(refused.refusal), table=table
        )
    return RedirectResponse(f"/appointments/people/{number}?done=changed", status_code=303)


def _breaks(session: Session, *, caller: Caller, now: int, supposed: Supposed) -> list[Row]:
    return rows_for(session, newly_broken(session, caller.actor.centre, now, supposed), caller.actor)


def _table_in(form: FormData, one: One) -> dict[str, Any]:
    """The bookable as its form says it. What is the account's or the counter's stays theirs."""
    seen = one.seen
    table: dict[str, Any] = {"kind": seen.kind.value, "name": seen.name}
    if seen.kind is not BookableKind.ROOM and not seen.with_account:
        table["name"] = forms.typed_text(form, "name")
    offered = [each for each in form.getlist("services") if isinstance(each, str)]
    kept = [each for each in one.table.get("services", ()) if each not in one.people.services]
    services = [each for each in (*offered, *kept) if each in one.people.every_service]
    if services:
        table["services"] = services
    if seen.kind is BookableKind.INTERPRETER:
        languages = [each for each in form.getlist("languages") if isinstance(each, str)]
        if languages:
            table["languages"] = languages
    rota = [
        {{"opens": "starts", "closes": "ends"}.get(key, key): value for key, value in row.items()}
        for row in forms.hours_rows(form, "rota")
    ]
    return {**table, "rota": rota} if rota else table


@router.post("/appointments/people/{number}/retire")
async def retire(request: Request, caller: Guarded, number: int) -> Response:
    form = await form_of(request, caller)
    house = house_of(request)
    if "anyway" not in form:
        supposed = Supposed(gone=frozenset({number}))
        now = house.clock.micros()
        breaks = await house.read(partial(_breaks, caller=caller, now=now, supposed=supposed))
        if breaks:
            return await _one_page(request, caller, number, breaks=breaks, meant="retire", status=409)
    return await _do(request, caller, number, partial(actions.retire, number=number), "retired")


@router.post("/appointments/people/{number}/take-up")
async def take_up(request: Request, caller: Guarded, number: int) -> Response:
    await form_of(request, caller)
    return await _do(request, caller, number, partial(actions.take_up, number=number), "back")


async def _do(
    request: Request, caller: Caller, number: int, deed: Callable[[Tx], None], done: str
) -> Response:
    try:
        await house_of(request).change(caller.actor, "change_bookable", deed)
    except Refused as refused:
        if refused.refusal.code is RefusalCode.UNKNOWN:
            raise
        return await _one_page(
            request, caller, number, said=refused.refusal.say, status=status_of(refused.refusal)
        )
    return RedirectResponse(f"/appointments/people/{number}?done={done}", status_code=303)


@router.post("/appointments/people/{number}/away")
async def away(request: Request, caller: Guarded, number: int) -> Response:
    """Nothing is booked with them from one day until another, or between two times of one day."""
    form = await form_of(request, caller)
    house = house_of(request)
    now = house.clock.micros()
    one = await house.read(partial(_one, centre=caller.actor.centre, now=now, number=number))
    typed = {key: text_of(form, f"away.{key}", 200).strip() for key in AWAY_FIELDS}
    span = _span(typed, one.people.zone)
    if isinstance(span, str):
        return await _one_page(request, caller, number, said=span, status=422, typed=typed)
    starts_at, ends_at = span
    if "anyway" not in form:
        about = f"bookable:{number}"
        breaks = await house.read(
            partial(
                rows_of_block, actor=caller.actor, now=now, starts_at=starts_at, ends_at=ends_at, about=about
            )
        )
        if breaks:
            return await _one_page(
                request, caller, number, breaks=breaks, meant="away", status=409, typed=typed
            )
    body = {
        "do": "block_time",
        "block": new_id(),
        "bookable": number,
        "starts_at": starts_at // 1000,
        "ends_at": ends_at // 1000,
        "reason": typed["reason"],
    }
    done = await perform(request, caller, form, body)
    if done.said:
        return await _one_page(request, caller, number, said=done.said, status=done.status, typed=typed)
    return RedirectResponse(f"/appointments/people/{number}?done=away", status_code=303)


def _span(typed: Mapping[str, str], zone: ZoneInfo) -> tuple[int, int] | str:
    """From when to when, in microseconds; or what is wrong with it."""
    try:
        first = date.fromisoformat(typed["first"])
        last = date.fromisoformat(typed["last"] or typed["first"])
    except ValueError:
        return "Say from which day they are away."
    if first < EARLIEST or last > LATEST:
        return "This day is too far from today. Look at the year."
    if not typed["reason"]:
        return "Say why: whoever plans with them will ask."
    if bool(typed["starts"]) != bool(typed["ends"]):
        return "Say both times, or leave both empty for whole days."
    begin = instant_of(first, typed["starts"] or "00:00", zone)
    if typed["ends"]:
        end = instant_of(last, typed["ends"], zone)
    else:
        end = instant_of(last + timedelta(days=1), "00:00", zone)
    if begin is None or end is None:
        return "The clock does not show this time that day. Choose another."
    return (begin, end) if begin < end else "It ends before it begins. Choose a later end."
