"""The devices of a centre: paired, how they are, and one device's page with what can be asked of it.

What a device is asked here is written down and done by the device when it looks; so the page says what was asked and what came of it, and
has itself fetched anew while an answer is awaited. A door counter is a device like the others, but it reports when it counts, not every
minute, so it is not called silent for three quiet minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import device_commands, device_history, devices, machines, replacing
from server.actions.layouts import PARTS, set_layout
from server.clock import to_micros
from server.domain import machine_health
from server.domain.concerns import span_of, trouble_of
from server.domain.refusals import Refusal, Refused
from server.store.tables import Centre, Counter, Device, PrintJob, Service, Staff
from server.store.tx import Tx
from server.web import labels
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, identity_of, text_of
from server.web.identity import Caller
from server.web.render import page
from wire.vocabulary import DeviceKind, PaperState, RefusalCode

router = APIRouter()

DOOR_SILENT = timedelta(hours=26)
"""A door counter sends at least once a day."""
ANSWER_WITHIN = timedelta(minutes=2)
"""After that the page says that no answer came instead of looking again."""


@dataclass(frozen=True)
class Paired:
    id: int
    kind: DeviceKind
    name: str
    letter: str
    counter: str
    approved_at: datetime
    heard_at: datetime | None
    app: str
    held: int
    packets: int
    trouble: str
    parts: tuple[tuple[str, str], ...]
    """Its camera and scanner, where it has them, and the machine under it, and how each is."""
    locked: str
    revoked_at: datetime | None

    @property
    def serves(self) -> bool:
        """Visitors touch it, and it has a printer."""
        return self.kind in device_commands.SERVING


def _zone(session: Session, centre: int) -> ZoneInfo:
    return ZoneInfo(session.get_one(Centre, centre).timezone)


def _counters(session: Session, centre: int) -> list[Counter]:
    here = select(Counter).where(Counter.centre_id == centre, col(Counter.retired_at).is_(None))
    return list(session.exec(here.order_by(col(Counter.position), col(Counter.id))).all())


def _devices(session: Session, centre: int, now: datetime) -> dict[str, Any]:
    counters = _counters(session, centre)
    names = {counter.id: counter.name for counter in counters}
    found = session.exec(
        select(Device).where(Device.centre_id == centre).order_by(Device.kind, Device.name, col(Device.id))
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
        kind=DeviceKind(device.kind),
        name=device.name,
        letter=device.letter or "",
        counter=counters.get(device.counter_id, ""),
        approved_at=device.approved_at,
        heard_at=heard_at,
        app=str(device.health.get("app", "")),
        held=int(device.health.get("held", 0)),
        packets=int(device.health.get("packets", 0)),
        trouble=_trouble(device, heard_at or device.approved_at, now),
        parts=_parts(device.health),
        locked=device.locked_say,
        revoked_at=device.revoked_at,
    )


def _parts(health: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Those it has said anything of and is meant to have."""
    said = (
        ("Camera", labels.CAMERA, health.get("camera")),
        ("Scanner", labels.SCANNER, health.get("scanner")),
        ("Page camera", labels.PLATE, health.get("plate")),
    )
    parts = tuple((part, words[state]) for part, words, state in said if state in words)
    parts = (*parts, *machine_health.facts(health.get("machine")))
    packets = int(health.get("packets", 0))
    if not packets:
        return parts
    since = span_of(int(health.get("packets_age_ms", 0)))
    many = "1 hand-in" if packets == 1 else f"{packets} hand-ins"
    return (*parts, ("Still to send", f"{many}, waiting for up to {since}"))


def _trouble(device: Device, heard_at: datetime, now: datetime) -> str:
    if device.kind == DeviceKind.DOOR_COUNTER:
        late = now - heard_at > DOOR_SILENT
        return "No counts for more than a day. Check that it is switched on and connected." if late else ""
    return trouble_of(device.health, to_micros(heard_at), to_micros(now))


# The list --------------------------------------------------------------------------------------------------------


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


@router.post("/admin/devices/{device_id}/replace")
async def replace(request: Request, device_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    code = text_of(form, "code", 20)
    change = partial(replacing.replace, device_id=device_id, typed_code=code)
    try:
        replaced = await house_of(request).change(caller.actor, "replace_device", change)
        if isinstance(replaced, Refusal):
            raise Refused(replaced.code, replaced.say)
    except Refused as refused:
        return await _refused(request, caller, device_id, refused.refusal, typed_code=code)
    identity_of(request).forget()
    return RedirectResponse(f"/admin/devices/{replaced.device}?replaced={device_id}", status_code=303)


# One device ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Print:
    at: datetime
    by: str
    came_of_it: str
    awaited: bool


_PAPER = {
    PaperState.CONFIRMED: "Printed.",
    PaperState.UNKNOWN: "Sent to the printer, which did not say whether it came out. Look at it.",
    PaperState.NOT_PRINTED: "Not printed. Look at the printer.",
}


def _device(session: Session, device_id: int, centre: int, now: datetime) -> dict[str, Any]:
    device = session.get(Device, device_id)
    if device is None or device.centre_id != centre:
        raise Refused(RefusalCode.UNKNOWN, "There is no such device at this centre.")
    counters = _counters(session, centre)
    paired = _paired(device, {counter.id: counter.name for counter in counters}, now)
    prints = _prints(session, device_id, now)
    testing = device.test_job is not None
    return {
        "device": paired,
        "zone": _zone(session, centre),
        "approved_by": _name_of(session, device.approved_by),
        "events": device_history.history(session, device_id),
        "tested": device.tested,
        "tested_at": device.tested_at,
        "testing": testing,
        "prints": prints,
        "awaits": paired.revoked_at is None and (testing or any(each.awaited for each in prints)),
        "silent": paired.trouble.startswith("Not heard"),
        "exit": bool(device.layout.get("exit")),
        "other_at": device.other_at if device.other_machine else None,
        **_laying_out(session, device, counters),
    }


def _name_of(session: Session, staff_id: int | None) -> str:
    person = session.get(Staff, staff_id) if staff_id else None
    return person.name if person else ""


def _prints(session: Session, device_id: int, now: datetime) -> list[Print]:
    """The latest test prints."""
    found = (
        select(PrintJob, Staff.name)
        .join(Staff, col(Staff.id) == col(PrintJob.staff_id), isouter=True)
        .where(PrintJob.device_id == device_id, col(PrintJob.ticket_id).is_(None))
        .order_by(col(PrintJob.at).desc())
        .limit(3)
    )
    return [_print(job, name, now) for job, name in session.exec(found)]


def _print(job: PrintJob, name: str | None, now: datetime) -> Print:
    awaited = job.done_at is None and now - job.at < ANSWER_WITHIN
    say = _PAPER.get(PaperState(job.paper), "Done.") if job.paper else "No answer came."
    return Print(job.at, name or "", "Asked; waiting for its answer." if awaited else say, awaited)


def _laying_out(session: Session, device: Device, counters: list[Counter]) -> dict[str, Any]:
    """What the form for a lobby display offers. Discreet services and private talks have no waits to show."""
    public = (
        select(Service)
        .where(
            Service.centre_id == device.centre_id,
            col(Service.retired_at).is_(None),
            col(Service.discreet).is_(False),
            col(Service.private).is_(False),
        )
        .order_by(col(Service.position), col(Service.id))
    )
    layout = device.layout
    return {
        "shown": list(layout.get("shows") or PARTS),
        "shown_counters": set(layout.get("counters", ())),
        "shown_services": set(layout.get("services", ())),
        "counters": [(counter.slug, counter.name) for counter in counters],
        "services": [(each.slug, each.names["en"]) for each in session.exec(public)],
        "parts": PARTS,
    }


async def _device_page(
    request: Request, caller: Caller, device_id: int, *, said: str = "", status: int = 200, **more: Any
) -> Response:
    house = house_of(request)
    read = partial(_device, device_id=device_id, centre=caller.actor.centre, now=house.clock.now())
    seen = await house.read(read)
    return page(
        request,
        "device.html",
        said=said,
        status=status,
        **{"typed_sentence": None, "typed_code": "", "stands_in_for": None, **seen, **more},
    )


@router.get("/admin/devices/{device_id}")
async def device_page(request: Request, device_id: int, caller: Guarded, replaced: int = 0) -> Response:
    house = house_of(request)
    before = (
        await house.read(partial(_replaced, device_id=replaced, centre=caller.actor.centre))
        if replaced
        else None
    )
    return await _device_page(request, caller, device_id, stands_in_for=before)


def _replaced(session: Session, device_id: int, centre: int) -> dict[str, Any] | None:
    """What must be said of the device that was just replaced."""
    old = session.get(Device, device_id)
    if old is None or old.centre_id != centre or old.revoked_at is None:
        return None
    return {"id": device_id, "letter": old.letter or "", "held": int(old.health.get("held", 0))}


@router.post("/admin/devices/{device_id}/name")
async def rename(request: Request, device_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(device_commands.rename, device_id=device_id, name=text_of(form, "name", 400))
    return await _asked(request, caller, device_id, "rename_device", change)


@router.post("/admin/devices/{device_id}/lock")
async def lock(request: Request, device_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    sentence = text_of(form, "sentence")
    change = partial(device_commands.lock, device_id=device_id, sentence=sentence)
    return await _asked(request, caller, device_id, "lock_device", change, typed_sentence=sentence)


@router.post("/admin/devices/{device_id}/unlock")
async def unlock(request: Request, device_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    change = partial(device_commands.unlock, device_id=device_id)
    return await _asked(request, caller, device_id, "unlock_device", change)


@router.post("/admin/devices/{device_id}/exit")
async def set_exit(request: Request, device_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(device_commands.set_exit, device_id=device_id, exit_=bool(text_of(form, "exit", 3)))
    return await _asked(request, caller, device_id, "set_exit_kiosk", change)


@router.post("/admin/devices/{device_id}/machine")
async def machine(request: Request, device_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    moved = text_of(form, "moved", 3) == "yes"
    change = partial(machines.move if moved else machines.stay, device_id=device_id)
    return await _asked(request, caller, device_id, "settle_machine", change)


@router.post("/admin/devices/{device_id}/print")
async def print_test(request: Request, device_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    change = partial(device_commands.print_test, device_id=device_id)
    return await _asked(request, caller, device_id, "print_test", change)


@router.post("/admin/devices/{device_id}/test")
async def self_test(request: Request, device_id: int, caller: Guarded) -> Response:
    await form_of(request, caller)
    change = partial(device_commands.ask_self_test, device_id=device_id)
    return await _asked(request, caller, device_id, "ask_self_test", change)


@router.post("/admin/devices/{device_id}/layout")
async def layout(request: Request, device_id: int, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    shows, counters, services = _shows(form), _several(form, "counters"), _several(form, "services")
    change = partial(set_layout, device_id=device_id, shows=shows, counters=counters, services=services)
    if not shows:
        say = "Choose at least one thing for the display to show."
        return await _device_page(request, caller, device_id, said=say, status=422)
    return await _asked(request, caller, device_id, "set_layout", change)


def _shows(form: FormData) -> list[str]:
    """The parts chosen, in the order of the three fields `first`, `second`, `third`."""
    chosen = [text_of(form, place, 20) for place in ("first", "second", "third")]
    return list(dict.fromkeys(part for part in chosen if part))


def _several(form: FormData, name: str) -> list[str]:
    return [value[:60] for value in form.getlist(name) if isinstance(value, str) and value]


async def _asked(
    request: Request,
    caller: Caller,
    device_id: int,
    name: str,
    change: Callable[[Tx], Any],
    **typed: Any,
) -> Response:
    try:
        await house_of(request).change(caller.actor, name, change)
    except Refused as refused:
        return await _refused(request, caller, device_id, refused.refusal, **typed)
    return RedirectResponse(f"/admin/devices/{device_id}", status_code=303)


async def _refused(
    request: Request, caller: Caller, device_id: int, refusal: Refusal, **typed: Any
) -> Response:
    """On the device's page with the sentence; on the list when there is no such device here."""
    status = status_of(refusal)
    try:
        return await _device_page(request, caller, device_id, said=refusal.say, status=status, **typed)
    except Refused:
        return await _devices_page(request, caller, said=refusal.say, status=status)
