"""What administrators do: accounts and roles of their centre, devices of their centre.

Everything is for the centre they are signed in to. A one-time password is shown once, on the answer to the form that made it, and
nowhere else; it is not in the address, the log or the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import devices, staff
from server.clock import to_micros
from server.domain.refusals import Refused
from server.live.console import trouble_of
from server.store.tables import Centre, Counter, Device, Staff, StaffRole
from server.web import passwords
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, identity_of, text_of
from server.web.identity import Caller
from server.web.render import page
from wire.vocabulary import Role

router = APIRouter()


# Staff -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    id: int
    username: str
    name: str
    roles: frozenset[str]
    disabled: bool
    must_change: bool
    seen_at: datetime | None


def _people(session: Session, centre: int) -> list[Person]:
    roles: dict[int, set[str]] = {}
    for held in session.exec(select(StaffRole).where(StaffRole.centre_id == centre)):
        roles.setdefault(held.staff_id, set()).add(held.role)
    found = session.exec(select(Staff).where(col(Staff.id).in_(roles)).order_by(Staff.name, Staff.username))
    return [
        Person(
            id=each.id or 0,
            username=each.username,
            name=each.name,
            roles=frozenset(roles[each.id or 0]),
            disabled=each.disabled_at is not None,
            must_change=each.must_change,
            seen_at=each.seen_at,
        )
        for each in found
    ]


def _zone(session: Session, centre: int) -> ZoneInfo:
    return ZoneInfo(session.get_one(Centre, centre).timezone)


async def _staff_page(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    def read(session: Session) -> dict[str, Any]:
        return {"people": _people(session, caller.actor.centre), "zone": _zone(session, caller.actor.centre)}

    seen = await house_of(request).read(read)
    defaults: dict[str, Any] = {"told": None, "typed": {"username": "", "name": "", "roles": frozenset()}}
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


def _roles_in(form: FormData) -> frozenset[Role]:
    known = {role.value for role in Role}
    return frozenset(
        Role(value) for value in form.getlist("roles") if isinstance(value, str) and value in known
    )


@router.post("/admin/staff/{staff_id}/roles")
async def set_roles(request: Request, staff_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(staff.set_roles, staff_id=staff_id, centre_id=caller.actor.centre, roles=_roles_in(form))
    return await _changed_staff(request, caller, "set_roles", change)


@router.post("/admin/staff/{staff_id}/disable")
async def disable(request: Request, staff_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    change = partial(staff.disable, staff_id=staff_id, centre_id=caller.actor.centre)
    return await _changed_staff(request, caller, "disable", change)


@router.post("/admin/staff/{staff_id}/enable")
async def enable(request: Request, staff_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    change = partial(staff.enable, staff_id=staff_id, centre_id=caller.actor.centre)
    return await _changed_staff(request, caller, "enable", change)


async def _changed_staff(request: Request, caller: Caller, name: str, change: Any) -> Response:
    try:
        await house_of(request).change(caller.actor, name, change)
    except Refused as refused:
        return await _staff_page(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    identity_of(request).forget()
    return RedirectResponse("/admin/staff", status_code=303)


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
        return await _staff_page(request, caller, said=refused.refusal.say, status=status_of(refused.refusal))
    identity_of(request).forget()
    return await _staff_page(request, caller, told={"username": username, "password": password})


# Devices ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paired:
    id: int
    kind: str
    name: str
    letter: str
    counter: str
    approved_at: datetime
    heard_at: datetime | None
    app: str
    held: int
    trouble: str
    revoked_at: datetime | None


def _devices(session: Session, centre: int, now: datetime) -> dict[str, Any]:
    counters = session.exec(
        select(Counter)
        .where(Counter.centre_id == centre, col(Counter.retired_at).is_(None))
        .order_by(col(Counter.position), col(Counter.id))
    ).all()
    names = {counter.id: counter.name for counter in counters}
    found = session.exec(
        select(Device).where(Device.centre_id == centre).order_by(Device.kind, Device.name)
    ).all()
    paired = [_paired(each, names, now) for each in found]
    return {
        "devices": [each for each in paired if each.revoked_at is None],
        "revoked": sorted((each for each in paired if each.revoked_at), key=_revoked_at, reverse=True),
        "counters": [(counter.slug, counter.name) for counter in counters],
        "zone": _zone(session, centre),
    }


def _revoked_at(device: Paired) -> datetime:
    assert device.revoked_at is not None
    return device.revoked_at


def _paired(device: Device, counters: Mapping[int | None, str], now: datetime) -> Paired:
    heard_at = max((at for at in (device.seen_at, device.health_at) if at is not None), default=None)
    return Paired(
        id=device.id or 0,
        kind=device.kind,
        name=device.name,
        letter=device.letter or "",
        counter=counters.get(device.counter_id, ""),
        approved_at=device.approved_at,
        heard_at=heard_at,
        app=str(device.health.get("app", "")),
        held=int(device.health.get("held", 0)),
        trouble=trouble_of(device.health, to_micros(heard_at or device.approved_at), to_micros(now)),
        revoked_at=device.revoked_at,
    )


async def _devices_page(
    request: Request, caller: Caller, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    house = house_of(request)
    seen = await house.read(partial(_devices, centre=caller.actor.centre, now=house.clock.now()))
    defaults: dict[str, Any] = {"paired_now": None, "typed": {"code": "", "name": "", "counter": ""}}
    return page(request, "devices.html", said=said, status=status, **{**defaults, **seen, **more})


@router.get("/admin/devices")
async def devices_page(request: Request, caller: Guarded, paired: int = 0) -> Response:
    return await _devices_page(request, caller, paired_now=paired or None)


@router.post("/admin/devices/approve")
async def approve(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    code, name = text_of(form, "code", 20), text_of(form, "name", 200)
    counter = text_of(form, "counter", 60)
    change = partial(
        devices.approve,
        typed_code=code,
        centre_id=caller.actor.centre,
        name=name,
        counter_slug=counter or None,
    )
    try:
        device = await house_of(request).change(caller.actor, "approve_device", change)
    except Refused as refused:
        typed = {"code": code, "name": name, "counter": counter}
        return await _devices_page(
            request, caller, said=refused.refusal.say, status=status_of(refused.refusal), typed=typed
        )
    return RedirectResponse(f"/admin/devices?paired={device}", status_code=303)


@router.post("/admin/devices/{device_id}/revoke")
async def revoke(request: Request, device_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    change = partial(devices.revoke, device_id=device_id, centre_id=caller.actor.centre)
    try:
        await house_of(request).change(caller.actor, "revoke_device", change)
    except Refused as refused:
        return await _devices_page(
            request, caller, said=refused.refusal.say, status=status_of(refused.refusal)
        )
    identity_of(request).forget()
    return RedirectResponse("/admin/devices", status_code=303)
