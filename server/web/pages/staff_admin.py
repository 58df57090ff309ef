"""The staff of a centre: who works here as what, what they can do, where they sit now; and one person's page.

Everything is for the centre the administrator is signed in to. A one-time password is shown once, on the answer to the form that made it, and
nowhere else; it is not in the address, the log or the audit. Of a person's other centres only those are named that the one who looks
administers too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, func, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import staff
from server.actions.sessions import centres_of
from server.actions.skills import Skills, skills_here
from server.domain.refusals import Refusal, Refused
from server.settings import Settings
from server.store.tables import (
    BrowserSession,
    Centre,
    Counter,
    Seat,
    SecondFactor,
    Service,
    Staff,
    StaffRole,
)
from server.store.tx import Tx
from server.web import labels as words
from server.web import passwords
from server.web.errors import status_of
from server.web.gate import OLD_FORM, Guarded, form_of, house_of, identity_of, text_of
from server.web.identity import Caller
from server.web.pages.own_account import began_in, places_of
from server.web.pages.staff_breaking import Breaks, breaks_of, sent_again
from server.web.render import page
from wire.vocabulary import Language, RefusalCode, Role

router = APIRouter()

SPOKEN = {language: name for language, name in words.LANGUAGES.items() if language is not Language.EN}
"""What a visitor may ask for; English everybody here speaks."""


@dataclass(frozen=True)
class Person:
    id: int
    username: str
    name: str
    roles: frozenset[str]
    disabled: bool
    must_change: bool
    no_password: bool
    seen_at: datetime | None
    sits: str
    skills: Skills
    emergency: bool = False
    object_id: str | None = None
    factor: bool = False
    """Whether they use an authenticator app."""


def _people(session: Session, centre: int, only: int | None = None) -> list[Person]:
    """Everybody with a role here, by name; or one of them."""
    roles: dict[int, set[str]] = {}
    held = select(StaffRole).where(StaffRole.centre_id == centre)
    for each in session.exec(held if only is None else held.where(StaffRole.staff_id == only)):
        roles.setdefault(each.staff_id, set()).add(each.role)
    skills, sits, used = skills_here(session, centre), _sitting(session, centre), _used(session, list(roles))
    found = session.exec(select(Staff).where(col(Staff.id).in_(roles)).order_by(Staff.name, Staff.username))
    in_use = select(SecondFactor.staff_id).where(col(SecondFactor.confirmed_at).is_not(None))
    factors = set(session.exec(in_use))
    return [
        Person(
            id=number,
            username=each.username,
            name=each.name,
            roles=frozenset(roles[number]),
            disabled=each.disabled_at is not None,
            must_change=each.must_change,
            no_password=not each.password_hash,
            seen_at=max((at for at in (each.seen_at, used.get(number)) if at is not None), default=None),
            sits=sits.get(number, ""),
            skills=skills.get(number, Skills()),
            emergency=each.emergency,
            object_id=each.object_id,
            factor=number in factors,
        )
        for each in found
        for number in (each.id or 0,)
    ]


def _sitting(session: Session, centre: int) -> dict[int, str]:
    """Who sits where now, by the counter's name."""
    found = (
        select(Seat.staff_id, Counter.name)
        .join(Counter, col(Counter.id) == col(Seat.counter_id))
        .where(Seat.centre_id == centre, col(Seat.until_at).is_(None))
    )
    return dict(session.exec(found).all())


def _used(session: Session, people: list[int]) -> dict[int, datetime]:
    """When each was last at work in a browser; sessions are kept for two days."""
    found = (
        select(BrowserSession.staff_id, func.max(BrowserSession.used_at))
        .where(col(BrowserSession.staff_id).in_(people))
        .group_by(col(BrowserSession.staff_id))
    )
    return dict(session.exec(found).all())


def _zone(session: Session, centre: int) -> ZoneInfo:
    return ZoneInfo(session.get_one(Centre, centre).timezone)


# The list --------------------------------------------------------------------------------------------------------


async def _staff_page(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    def read(session: Session) -> dict[str, Any]:
        return {"people": _people(session, caller.actor.centre), "zone": _zone(session, caller.actor.centre)}

    seen = await house_of(request).read(read)
    nothing: dict[str, Any] = {"username": "", "name": "", "roles": frozenset()}
    defaults: dict[str, Any] = {"told": None, "typed": nothing, "joining": nothing}
    return page(request, "staff.html", said=said, status=status, **{**defaults, **seen, **more})


@router.get("/admin/staff")
async def staff_page(request: Request, caller: Guarded) -> Response:
    return await _staff_page(request, caller)


@router.post("/admin/staff")
async def add_staff(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    username, name = text_of(form, "username", 200), text_of(form, "name", 200)
    password = passwords.one_time_password()
    hashed = await passwords.hash_password(password)
    add = partial(
        staff.add_staff,
        username=username,
        name=name,
        centre_id=caller.actor.centre,
        roles=_roles_in(form),
        password_hash=hashed,
    )
    try:
        await house_of(request).change(caller.actor, "add_staff", add)
    except Refused as refused:
        typed = {"username": username, "name": name, "roles": _roles_in(form)}
        return await _staff_page(
            request, caller, said=refused.refusal.say, status=status_of(refused.refusal), typed=typed
        )
    return await _staff_page(
        request, caller, told={"username": staff.fold_username(username), "password": password}
    )


@router.post("/admin/staff/join")
async def join(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    username, roles = text_of(form, "username", 200), _roles_in(form)
    change = partial(staff.join, username=username, centre_id=caller.actor.centre, roles=roles)
    try:
        joined = await house_of(request).change(caller.actor, "join", change)
    except Refused as refused:
        typed = {"username": username, "roles": roles}
        return await _staff_page(
            request, caller, said=refused.refusal.say, status=status_of(refused.refusal), joining=typed
        )
    identity_of(request).forget()
    return RedirectResponse(f"/admin/staff/{joined}", status_code=303)


def _roles_in(form: FormData) -> frozenset[Role]:
    known = {role.value for role in Role}
    return frozenset(
        Role(value) for value in form.getlist("roles") if isinstance(value, str) and value in known
    )


# One person ------------------------------------------------------------------------------------------------------


def _person(
    session: Session, centre: int, staff_id: int, looker: int, now: datetime, settings: Settings
) -> dict[str, Any]:
    found = _people(session, centre, staff_id)
    if not found:
        raise Refused(staff.UNKNOWN_ACCOUNT.code, staff.UNKNOWN_ACCOUNT.say)
    others = set(centres_of(session, staff_id)) - {centre}
    administered = set(
        session.exec(
            select(StaffRole.centre_id).where(
                StaffRole.staff_id == looker, StaffRole.role == Role.ADMINISTRATOR
            )
        )
    )
    named = session.exec(
        select(Centre.name).where(col(Centre.id).in_(others & administered)).order_by(Centre.name)
    ).all()
    offered = session.exec(
        select(Service)
        .where(Service.centre_id == centre, col(Service.retired_at).is_(None))
        .order_by(col(Service.position), col(Service.id))
    ).all()
    return {
        "person": found[0],
        "zone": _zone(session, centre),
        "services": [(each.slug, each.names["en"]) for each in offered],
        "also_at": named,
        "beyond": bool(others - administered),
        "places": [] if others - administered else places_of(session, staff_id, now, settings),
        "spoken": SPOKEN,
        "is_self": staff_id == looker,
    }


async def _person_page(
    request: Request, caller: Caller, staff_id: int, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    house = house_of(request)
    read = partial(
        _person,
        centre=caller.actor.centre,
        staff_id=staff_id,
        looker=caller.actor.id,
        now=house.clock.now(),
        settings=house.settings,
    )
    seen = await house.read(read)
    return page(
        request,
        "staff_person.html",
        said=said,
        status=status,
        **{"told": None, "breaks": None, **seen, **more},
    )


@router.get("/admin/staff/{staff_id}")
async def person_page(request: Request, staff_id: int, caller: Guarded) -> Response:
    return await _person_page(request, caller, staff_id)


@router.post("/admin/staff/{staff_id}/name")
async def rename(request: Request, staff_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(
        staff.rename, staff_id=staff_id, centre_id=caller.actor.centre, name=text_of(form, "name", 400)
    )
    return await _changed(request, caller, staff_id, "rename", change)


@router.post("/admin/staff/{staff_id}/roles")
async def set_roles(request: Request, staff_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    roles = _roles_in(form)
    change = partial(staff.set_roles, staff_id=staff_id, centre_id=caller.actor.centre, roles=roles)
    if (shown := await _breaks_first(request, caller, staff_id, form, roles=roles)) is not None:
        return shown
    return await _changed(request, caller, staff_id, "set_roles", change, gone=not roles)


@router.post("/admin/staff/{staff_id}/skills")
async def set_skills(request: Request, staff_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    skills = Skills(_texts(form, "services"), _texts(form, "languages"), bool(text_of(form, "signs")))
    change = partial(staff.set_skills, staff_id=staff_id, centre_id=caller.actor.centre, skills=skills)
    if (shown := await _breaks_first(request, caller, staff_id, form, skills=skills)) is not None:
        return shown
    return await _changed(request, caller, staff_id, "set_skills", change)


def _texts(form: FormData, name: str) -> frozenset[str]:
    return frozenset(value[:60] for value in form.getlist(name) if isinstance(value, str) and value)


@router.post("/admin/staff/{staff_id}/disable")
async def disable(request: Request, staff_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(staff.disable, staff_id=staff_id, centre_id=caller.actor.centre)
    if (shown := await _breaks_first(request, caller, staff_id, form, disabled=True)) is not None:
        return shown
    return await _changed(request, caller, staff_id, "disable", change)


@router.post("/admin/staff/{staff_id}/sign-out")
async def sign_out(request: Request, staff_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    began = began_in(form)
    if "began" in form and began is None:
        raise Refused(RefusalCode.MALFORMED, OLD_FORM)
    change = partial(staff.end_sessions, staff_id=staff_id, centre_id=caller.actor.centre, began=began)
    return await _changed(request, caller, staff_id, "sign_out", change)


@router.post("/admin/staff/{staff_id}/enable")
async def enable(request: Request, staff_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    change = partial(staff.enable, staff_id=staff_id, centre_id=caller.actor.centre)
    return await _changed(request, caller, staff_id, "enable", change)


async def _breaks_first(
    request: Request, caller: Caller, staff_id: int, form: FormData, **change: Any
) -> Response | None:
    """The person's page with the appointments the change would break; None when there are none, or they were seen."""
    if "anyway" in form:
        return None
    house = house_of(request)
    look = partial(breaks_of, actor=caller.actor, now=house.clock.micros(), staff_id=staff_id, **change)
    found = await house.read(look)
    if not found:
        return None
    breaks = Breaks(request.url.path, found, sent_again(form))
    return await _person_page(request, caller, staff_id, status=409, breaks=breaks)


async def _changed(
    request: Request,
    caller: Caller,
    staff_id: int,
    name: str,
    change: Callable[[Tx], None],
    *,
    gone: bool = False,
) -> Response:
    try:
        await house_of(request).change(caller.actor, name, change)
    except Refused as refused:
        return await _refused(request, caller, staff_id, refused.refusal)
    identity_of(request).forget()
    return RedirectResponse("/admin/staff" if gone else f"/admin/staff/{staff_id}", status_code=303)


async def _refused(request: Request, caller: Caller, staff_id: int, refusal: Refusal) -> Response:
    """On the person's page with the sentence; on the list when there is no such person here."""
    status = status_of(refusal)
    if refusal.code is RefusalCode.UNKNOWN and refusal.say == staff.UNKNOWN_ACCOUNT.say:
        return await _staff_page(request, caller, said=refusal.say, status=status)
    return await _person_page(request, caller, staff_id, said=refusal.say, status=status)


@router.post("/admin/staff/{staff_id}/reset")
async def reset_password(request: Request, staff_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    password = passwords.one_time_password()
    hashed = await passwords.hash_password(password)
    change = partial(
        staff.reset_password, staff_id=staff_id, centre_id=caller.actor.centre, password_hash=hashed
    )
    try:
        username = await house_of(request).change(caller.actor, "reset_password", change)
    except Refused as refused:
        return await _refused(request, caller, staff_id, refused.refusal)
    identity_of(request).forget()
    return await _person_page(request, caller, staff_id, told={"username": username, "password": password})
