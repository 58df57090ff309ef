"""People, rooms and interpreters whose time can be booked: who there is, when they are there each week, when they are away.

A change of somebody's times, and taking somebody away, first shows which appointments would not fit any more; it is done when that was
seen. Rooms come and go with the counters of the set-up, and are there whenever the centre is open unless they have times of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import bookables as actions
from server.actions.bookable_rows import rota_of
from server.centrefile import Fault
from server.centrefile.bookables import SPOKEN
from server.clock import from_micros, to_micros
from server.domain.access import ASKS
from server.domain.capacity import Stretch
from server.domain.changes import listed
from server.domain.hours import Usual
from server.domain.refusals import Refused
from server.domain.slots import MINUTE
from server.live.broken import AS_IT_IS, Supposed, misfits, newly_broken
from server.store.queries.bookings import Blocked
from server.store.tables import Block, Bookable, Centre, Service, Staff, StaffRole
from server.store.tx import Tx
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.pages import setup_forms as forms
from server.web.pages import setup_words
from server.web.pages.appointment_asks import instant_of, perform
from server.web.pages.broken import Row, rows_for
from server.web.render import add_filters, page
from wire.vocabulary import BookableKind, RefusalCode, new_id

router = APIRouter()

KINDS = {
    BookableKind.PERSON: "People",
    BookableKind.INTERPRETER: "Interpreters",
    BookableKind.ROOM: "Rooms",
}
AHEAD_DAYS = 90
AWAY_FIELDS = ("first", "last", "starts", "ends", "reason")
DONE = {
    "added": "They are added. Say when they are there.",
    "changed": "It is changed.",
    "retired": "Nobody is booked with them any more.",
    "back": "They can be booked again.",
    "away": "It is noted: nothing is booked in that time.",
}
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True)
class Away:
    id: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class Seen:
    """One of them, in words. `problem`: why nobody can book them."""

    id: int
    kind: BookableKind
    name: str
    retired: bool
    times: tuple[str, ...]
    takes: str
    speaks: str
    away: tuple[Away, ...]
    problem: str
    with_account: bool


@cache
def language_names() -> dict[str, str]:
    """What can be interpreted, by its code, as staff say it; in the order of the alphabet, signing last."""
    known = Locale("en").languages
    names = {code: str(known[code]) for code in SPOKEN if code in known} | {"pa": "Panjabi"}
    return {
        **dict(sorted(names.items(), key=lambda each: each[1])),
        "sign_language": "British Sign Language",
    }


def times_said(usual: Sequence[Usual]) -> list[str]:
    """`Tuesdays and Thursdays 9:30 to 12:30, from 1 July 2026`, those with the same times together."""
    together: dict[tuple[Any, ...], list[int]] = {}
    for each in usual:
        together.setdefault((each.opens, each.closes, each.from_on, each.until_on), []).append(each.weekday)
    return [
        f"{listed(_DAYS[day] for day in sorted(days))} {_clock(opens)} to {_clock(closes)}{_bounds(from_on, until_on)}"
        for (opens, closes, from_on, until_on), days in together.items()
    ]


def _clock(at: Any) -> str:
    return f"{at.hour}:{at.minute:02d}"


def _bounds(from_on: date | None, until_on: date | None) -> str:
    said = [
        f"{word} {on.day} {on:%B %Y}"
        for word, on in (("from", from_on), ("until", until_on))
        if on is not None
    ]
    return f", {' '.join(said)}" if said else ""


# Reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class People:
    """Everybody of the centre, and what their forms offer."""

    seen: list[Seen]
    services: dict[str, str]
    """With appointments, by slug."""
    every_service: tuple[str, ...]
    colleagues: list[tuple[int, str]]
    """Who could be added."""
    broken: int
    zone: ZoneInfo
    now: datetime


def _read(session: Session, actor_centre: int, now: int) -> People:
    at = from_micros(now)
    centre = session.get_one(Centre, actor_centre)
    query = select(Bookable).where(Bookable.centre_id == actor_centre).order_by(Bookable.name)
    rows = list(session.exec(query))
    rotas = rota_of(session, [row.id for row in rows if row.id is not None])
    here = select(Service).where(Service.centre_id == actor_centre, col(Service.retired_at).is_(None))
    services = list(session.exec(here.order_by(col(Service.position))))
    names = {each.slug: each.names["en"] for each in services}
    staff = _staff_here(session, actor_centre)
    away = _away(session, actor_centre, at)
    return People(
        [_seen(row, rotas.get(row.id or 0), names, staff, away.get(row.id or 0, [])) for row in rows],
        {each.slug: names[each.slug] for each in services if each.booking},
        tuple(names),
        _colleagues(staff, rows),
        len(misfits(session, actor_centre, now)),
        ZoneInfo(centre.timezone),
        at,
    )


def _staff_here(session: Session, centre: int) -> dict[int, str]:
    """Names of everybody with an account and a role here."""
    held = select(StaffRole.staff_id).where(StaffRole.centre_id == centre)
    query = select(Staff).where(col(Staff.id).in_(held), col(Staff.disabled_at).is_(None))
    return {each.id or 0: each.name for each in session.exec(query.order_by(Staff.name))}


def _colleagues(staff: Mapping[int, str], rows: Sequence[Bookable]) -> list[tuple[int, str]]:
    there = {row.staff_id for row in rows if row.retired_at is None}
    return [(number, name) for number, name in staff.items() if number not in there]


def _away(session: Session, centre: int, now: datetime) -> dict[int, list[Away]]:
    query = select(Block).where(
        Block.centre_id == centre,
        col(Block.bookable_id).is_not(None),
        col(Block.ends_at) > now,
        col(Block.starts_at) < now + timedelta(days=AHEAD_DAYS),
    )
    found: dict[int, list[Away]] = {}
    for block in session.exec(query.order_by(col(Block.starts_at))):
        away = Away(block.id, block.starts_at, block.ends_at, block.reason)
        found.setdefault(block.bookable_id or 0, []).append(away)
    return found


def _seen(
    row: Bookable,
    rota: tuple[Usual, ...] | None,
    names: Mapping[str, str],
    staff: Mapping[int, str],
    away: Sequence[Away],
) -> Seen:
    kind = BookableKind(row.kind)
    known = language_names()
    takes = listed(names[slug] for slug in row.services if slug in names)
    return Seen(
        row.id or 0,
        kind,
        staff.get(row.staff_id or 0, row.name),
        row.retired_at is not None,
        tuple(times_said(rota or ())),
        takes or _takes_all(kind),
        listed(known.get(each, each) for each in row.languages),
        tuple(away),
        _problem(row, kind, rota, names, staff),
        row.staff_id is not None,
    )


def _takes_all(kind: BookableKind) -> str:
    match kind:
        case BookableKind.PERSON:
            return "what their skills allow"
        case BookableKind.ROOM:
            return "every service that names it"
    return "every service"


def _problem(
    row: Bookable,
    kind: BookableKind,
    rota: tuple[Usual, ...] | None,
    names: Mapping[str, str],
    staff: Mapping[int, str],
) -> str:
    if row.retired_at is not None:
        return ""
    if row.staff_id is not None and row.staff_id not in staff:
        return "Their account was taken away, so nobody can book them."
    if row.services and not any(slug in names for slug in row.services):
        return "None of the services they take is left, so nobody can book them."
    if rota is None and kind is not BookableKind.ROOM:
        return "No times yet, so nobody can book them."
    return ""


# The list -------------------------------------------------------------------------------------------------------


async def _list_page(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, typed: Any = None
) -> Response:
    house = house_of(request)
    people = await house.read(partial(_read, actor_centre=caller.actor.centre, now=house.clock.micros()))
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
    people = _read(session, centre, now)
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
        block = Blocked(number, None, Stretch(starts_at // MINUTE, -(-ends_at // MINUTE)))
        supposed = replace(AS_IT_IS, blocks=(block,))
        breaks = await house.read(partial(_breaks, caller=caller, now=now, supposed=supposed))
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


add_filters(local_date=lambda at, zone: at.astimezone(zone).date(), micros_of=to_micros)
