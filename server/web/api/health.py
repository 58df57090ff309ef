"""Two questions that a machine asks of this server: does it live, and may it be sent visitors.

`/health/live` is answered by the event loop alone: a server that does not answer it hangs and is to be started anew. `/health/ready` also asks
the database (`server.live.health`). Anybody may ask both, so they say a word and no reason; the reason is in the log and in `foyer doctor`.

A display's own page, which waits for its server in a file (deploy/raspberrypi/display), must be able to read the word: both say that any page may. They know
no cookie and tell nobody anything.

`/health/house/...` answers a number as only this house can, for the doctor to see whether the public address leads here.
"""

from __future__ import annotations

import logging
import re

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from server.live.nonce import answer_to
from server.web.gate import house_of

router = APIRouter()
log = logging.getLogger("foyer.health")
READABLE = {"access-control-allow-origin": "*"}
_NONCE = re.compile(r"[0-9a-f]{32}")


@router.get("/health/live")
async def live() -> PlainTextResponse:
    return PlainTextResponse("alive\n", headers=READABLE)


@router.get("/health/ready")
async def ready(request: Request) -> PlainTextResponse:
    house = house_of(request)
    why_not = await house.readiness.why_not()
    if why_not != house.process.unready:
        house.process.unready = why_not
        log.warning("not ready: %s", why_not) if why_not else log.info("ready again")
    if why_not:
        return PlainTextResponse("not ready\n", status_code=503, headers={**READABLE, "retry-after": "2"})
    return PlainTextResponse("ready\n", headers=READABLE)


@router.get("/health/house/{nonce}")
async def house(request: Request, nonce: str) -> PlainTextResponse:
    if _NONCE.fullmatch(nonce) is None:
        raise HTTPException(404)
    return PlainTextResponse(answer_to(house_of(request).link_key, nonce) + "\n")
