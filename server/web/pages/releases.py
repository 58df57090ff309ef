"""Releases of the fleet: which there are, how the one on its way stands in each ring, and what an administrator can do about it.

Devices of every centre are here, because a release concerns the house and not one centre. What a stage waits for is said in a sentence beside the
button that would go on, and each device has its line with what it said itself.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.actions import releases
from server.clock import from_micros
from server.domain import rollout as rule
from server.domain.refusals import Refused
from server.domain.rollout import RINGS, Stands
from server.live.process import version as own_version
from server.store.tables import Centre, Device
from server.store.tables.running import Rollout
from server.store.tx import Tx
from server.web.errors import status_of
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.identity import Caller
from server.web.release_folder import Unusable, look_at, versions_in
from server.web.render import page
from wire.vocabulary import RefusalCode

router = APIRouter()

EARLIER = 10
FEW = 30
"""So many devices are shown without opening anything."""


@dataclass(frozen=True)
class Row:
    machine: rule.Machine
    centre: str
    here: bool
    """Of the centre the reader is at: only those have a page of their own."""
    stands: Stands | None


@dataclass(frozen=True)
class Group:
    centre: str
    """Empty: those that wait for a person, wherever they are."""
    rows: list[Row]

    @property
    def tally(self) -> Counter[Stands]:
        return Counter(row.stands for row in self.rows if row.stands)


def _grouped(rows: list[Row]) -> list[Group]:
    """Who needs somebody comes first, then centre by centre: in a fleet of hundreds nobody reads every line."""
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.centre.casefold(), _by_number(row.machine.name))):
        wrong = row.stands in (Stands.FAILED, Stands.SILENT)
        groups.setdefault("" if wrong else row.centre, []).append(row)
    return [Group(centre, groups[centre]) for centre in sorted(groups, key=str.casefold)]


def _by_number(name: str) -> list[tuple[int, str]]:
    """“Kiosk 2” before “Kiosk 10”."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part)
        for part in re.split(r"(\d{1,9})", name.casefold())
    ]


def _seen(session: Session, now: int, centre: int) -> dict[str, Any]:
    at = from_micros(now)
    fleet = releases.machines(session)
    rollout = releases.open_rollout(session)
    course = releases.course_of(rollout) if rollout else None
    names = dict(session.exec(select(Centre.id, Centre.name)).all())
    centres = dict(session.exec(select(Device.id, Device.centre_id)).all())
    rows = [
        Row(
            machine,
            names.get(centres.get(machine.id), ""),
            centres.get(machine.id) == centre,
            rule.stands(course, machine, at) if course else None,
        )
        for machine in fleet
    ]
    earlier = (
        select(Rollout).where(col(Rollout.open).is_(False)).order_by(col(Rollout.id).desc()).limit(EARLIER)
    )
    counted = rule.tally(course, fleet, at) if course else {}
    return {
        "known": releases.releases(session),
        "rollout": rollout,
        "tally": counted,
        "everywhere": rule.everywhere(counted),
        "ready": sum(ring[Stands.READY] for ring in counted.values()),
        "next": rule.next_stage(course) if course else None,
        "not_yet": rule.not_yet(course, fleet, at) if course else "",
        "groups": _grouped(rows),
        "open": len(rows) <= FEW,
        "earlier": list(session.exec(earlier)),
        "zone": session.get_one(Centre, centre).timezone,
    }


async def _page(request: Request, caller: Caller, said: str = "", status: int = 200) -> Response:
    house = house_of(request)
    seen = await house.read(partial(_seen, now=house.clock.micros(), centre=caller.actor.centre))
    folder = house.settings.releases
    known = {release.version for release in seen["known"]}
    lying = [one for one in await asyncio.to_thread(versions_in, folder) if one not in known]
    return page(
        request,
        "releases.html",
        said=said,
        status=status,
        **{**seen, "zone": ZoneInfo(seen["zone"])},
        folder=folder,
        lying=lying,
        rings=RINGS,
        own=own_version(),
        stand=Stands,
    )


async def _change(request: Request, caller: Caller, name: str, change: Callable[[Tx], Any]) -> Response:
    try:
        await house_of(request).change(caller.actor, name, change)
    except Refused as refused:
        return await _page(request, caller, refused.refusal.say, status_of(refused.refusal))
    return RedirectResponse("/admin/releases", status_code=303)


@router.get("/admin/releases")
async def releases_page(request: Request, caller: Guarded) -> Response:
    return await _page(request, caller)


@router.post("/admin/releases/add")
async def add(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    version, notes = text_of(form, "version", 40), text_of(form, "notes", 2000)
    folder = house_of(request).settings.releases
    if folder is None:
        return await _page(request, caller, "No folder of releases is set (FOYER_RELEASES).", 422)
    try:
        found = await asyncio.to_thread(look_at, folder, version)
    except Unusable as unusable:
        return await _page(request, caller, str(unusable), 422)
    change = partial(releases.add, version=version, digest=found.digest, size=found.size, notes=notes)
    return await _change(request, caller, "add_release", change)


@router.post("/admin/releases/start")
async def start(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(releases.start, version=text_of(form, "version", 40), own=own_version())
    return await _change(request, caller, "start_rollout", change)


@router.post("/admin/releases/withdraw")
async def withdraw(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    change = partial(releases.withdraw, version=text_of(form, "version", 40))
    return await _change(request, caller, "withdraw_release", change)


@router.post("/admin/releases/rollout/{deed}")
async def rollout_deed(request: Request, caller: Guarded, deed: str) -> Response:
    form = await form_of(request, caller)
    deeds: dict[str, Callable[[Tx], None]] = {
        "send-on": releases.send_on,
        "pause": releases.pause,
        "go-on": releases.go_on,
        "end": releases.end,
        "any-time": partial(releases.set_any_time, any_time=bool(text_of(form, "any_time", 3))),
    }
    if deed not in deeds:
        raise Refused(RefusalCode.UNKNOWN, "There is no such page.")
    return await _change(request, caller, f"rollout_{deed}", deeds[deed])


@router.post("/admin/releases/rings")
async def rings(request: Request, caller: Guarded) -> Response:
    form = await form_of(request, caller)
    wished = [
        (int(name.removeprefix("ring-")), value)
        for name, value in form.items()
        if isinstance(value, str) and name.startswith("ring-") and name[5:].isdecimal() and len(name) < 15
    ]
    return await _change(request, caller, "set_rings", partial(releases.set_rings, rings=wished))
