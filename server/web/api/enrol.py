"""How a device gets paired: it asks, shows a code, waits for a person to approve it, and collects its token once.

A kiosk keeps the token itself. A display or sign is a browser page, whose scripts should not hold a key: it gets a cookie that only
goes back to this server and that no script can read, and is told the token in no other way. That it is a page that asks, it cannot hide:
browsers say the origin of whatever a script posts. A display's machine, which is told releases by a token of its own, says none.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.actions import devices
from server.domain.access import NOBODY
from server.web.gate import house_of, identity_of
from server.web.identity import address_of
from wire.asks import Id
from wire.vocabulary import DeviceKind

router = APIRouter()

COOKIE_SECONDS = 400 * 24 * 3600
"""The longest a browser keeps a cookie; it is set anew whenever the display page is loaded."""
BROWSER_KINDS = frozenset({DeviceKind.DISPLAY, DeviceKind.SIGN, DeviceKind.PC})


class AskToEnrol(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: DeviceKind
    name: str = Field(default="", max_length=200)


class Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")
    enrolment: Id
    secret: Annotated[str, StringConstraints(min_length=20, max_length=100)]


@router.post("/api/enrol", status_code=201)
async def enrol(request: Request, body: AskToEnrol) -> Response:
    """Begin: answers `enrolment` and `secret` (for the device to keep) and `code` (for its screen)."""
    address = address_of(request)
    ask = partial(devices.ask_to_enrol, kind=body.kind, name=body.name, address=address)
    asked = await house_of(request).change(replace(NOBODY, address=address), "enrol", ask)
    seconds = int(devices.ENROLMENT_LIFE.total_seconds())
    return JSONResponse({**asked._asdict(), "expires_seconds": seconds}, status_code=201)


@router.post("/api/enrol/claim")
async def claim(request: Request, body: Claim) -> Response:
    """202 while nobody has approved it; then 200 with `token` (but for a page), `device`, `centre`, once."""
    address = address_of(request)
    ask = partial(devices.claim, enrolment_id=body.enrolment, secret=body.secret, address=address)
    claimed = await house_of(request).change(replace(NOBODY, address=address), "claim", ask)
    if claimed is None:
        return JSONResponse({"waiting": True}, status_code=202)
    assert isinstance(claimed, devices.Claimed)  # the edge raises Refusals
    told = {"device": claimed.device, "centre": claimed.centre}
    by_a_page = claimed.kind in BROWSER_KINDS and "origin" in request.headers
    answer = JSONResponse(told if by_a_page else {"token": claimed.token, **told})
    if claimed.kind in BROWSER_KINDS:
        set_device_cookie(request, answer, claimed.token)
    return answer


def set_device_cookie(request: Request, answer: Response, token: str) -> None:
    """Keep a display's token where only this server gets it back."""
    answer.set_cookie(
        identity_of(request).device_cookie,
        token,
        max_age=COOKIE_SECONDS,
        path="/",
        secure=house_of(request).settings.secure_cookies,
        httponly=True,
        samesite="strict",
    )
