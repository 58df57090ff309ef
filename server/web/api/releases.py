"""What a device's updater asks, with the device's token: which release it shall have, its file in pieces, and where it tells how that went.

`GET /api/releases/wanted?runs=<version>`   `{"wanted": {"version", "sha256", "size", "again"} or null, "may_switch", "opens_at"}`. `may_switch` says whether it may begin now:
                             its centre is closed and stays so for a while, or an administrator said any time. `opens_at` (UTC) lets it know how long it has.
`GET /api/releases/<version>/signature`, `.../file`   the file takes `Range`, so half a download is gone on with
`POST /api/releases/told`    `{"runs", "version", "state", "say"}`

Only the release that the open rollout is about is given out, and only to devices. They believe the signature, not this server.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from server.actions import releases
from server.clock import from_micros
from server.domain.hours import Open
from server.domain.refusals import Refused
from server.domain.rollout import QUIET, Told
from server.live.floor import load_set_up
from server.store.tables.running import Release
from server.web.gate import Guarded, house_of
from server.web.release_folder import Unusable, file_of, signature_of
from wire.vocabulary import RefusalCode

router = APIRouter()

Version = Annotated[str, StringConstraints(max_length=40)]


class Tells(BaseModel):
    model_config = ConfigDict(extra="forbid")
    runs: Version = ""
    version: Version = ""
    state: Told
    say: str = Field(default="", max_length=1000)


@router.get("/api/releases/wanted")
async def wanted(request: Request, caller: Guarded, runs: str = "") -> Response:
    house = house_of(request)
    return JSONResponse(
        await house.read(
            partial(_wanted, caller.actor.id, caller.actor.centre, runs[:40], house.clock.micros())
        )
    )


def _wanted(device: int, centre: int, runs: str, now: int, session: Session) -> dict[str, Any]:
    found = releases.wanted_by(session, device, runs)
    standing = load_set_up(session, centre_id=centre).timetable.standing(from_micros(now))
    opens_at = None if isinstance(standing, Open) else standing.opens_at
    quiet = not isinstance(standing, Open) and (opens_at is None or opens_at - from_micros(now) >= QUIET)
    told: dict[str, Any] = {
        "wanted": None,
        "may_switch": quiet,
        "opens_at": opens_at.isoformat(timespec="seconds") if opens_at else None,
    }
    if found is not None:
        rollout, release, again = found
        told["wanted"] = {
            "version": release.version,
            "sha256": release.digest,
            "size": release.size,
            "again": again,
        }
        told["may_switch"] = quiet or rollout.any_time
    return told


@router.get("/api/releases/{version}/signature")
async def signature(request: Request, caller: Guarded, version: str) -> Response:
    place = await _place(request, version)
    return FileResponse(place.with_name(f"{place.name}.sig"), media_type="application/json")


@router.get("/api/releases/{version}/file")
async def file(request: Request, caller: Guarded, version: str) -> Response:
    return FileResponse(await _place(request, version), media_type="application/octet-stream")


async def _place(request: Request, version: str) -> Any:
    house = house_of(request)
    folder = house.settings.releases
    given = await house.read(partial(_is_given, version))
    try:
        if folder is not None and given and signature_of(folder, version).is_file():
            place = file_of(folder, version)
            if place.is_file():
                return place
    except Unusable:
        pass
    raise Refused(RefusalCode.UNKNOWN, "There is no such release here.")


def _is_given(version: str, session: Session) -> bool:
    rollout = releases.open_rollout(session)
    if rollout is None or rollout.version != version:
        return False
    release = session.get(Release, version)
    return release is not None and release.withdrawn_at is None


@router.post("/api/releases/told")
async def told(request: Request, caller: Guarded, body: Tells) -> Response:
    tell = partial(releases.told, runs=body.runs, version=body.version, state=body.state, say=body.say)
    await house_of(request).change(caller.actor, "update_told", tell)
    return JSONResponse({})
