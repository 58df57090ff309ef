"""Where GOV.UK Notify tells what became of a message, and what visitors texted back (docs/messages.md says how to set it up there).

Notify shows the bearer token it was given; without one set here both doors are closed. Whatever is told is answered with 200 when it is well-formed,
known or not: another answer makes Notify tell it again for a day, and a message of another system at the same service is no fault of
anybody. What was told is nowhere written into a log.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.actions import post_receipts
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.web.gate import house_of
from wire.vocabulary import RefusalCode

router = APIRouter()
LARGEST = 16_384


@router.post("/api/notify/receipt")
async def receipt(request: Request) -> Response:
    told = await _told(request)
    note = partial(
        post_receipts.receipt,
        reference=_text(told, "reference", 32),
        provider_id=_text(told, "id", 80),
        status=_text(told, "status", 30),
    )
    await house_of(request).change(SYSTEM, "receipt", note)
    return JSONResponse({})


@router.post("/api/notify/text")
async def text(request: Request) -> Response:
    told = await _told(request)
    number, source = _text(told, "id", 80), _text(told, "source_number", 20)
    if not number or not source:
        raise Refused(RefusalCode.MALFORMED, "A received text needs id and source_number.")
    hear = partial(post_receipts.heard, text_id=number, source=source, words=_text(told, "message", 500))
    await house_of(request).change(SYSTEM, "received_text", hear)
    return JSONResponse({})


async def _told(request: Request) -> Mapping[str, Any]:
    """The document Notify sent, once its token was found right."""
    wanted = house_of(request).settings.notify_bearer.get_secret_value()
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = secrets.compare_digest(given.strip().encode(), wanted.encode())
    if not wanted or scheme.casefold() != "bearer" or not right:
        raise Refused(
            RefusalCode.NOT_ALLOWED, "This is not the token that was agreed with the message provider."
        )
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise Refused(RefusalCode.TOO_LARGE, "That is more than one message can be.")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Refused(RefusalCode.MALFORMED, "Send one JSON object.")
    return told


def _text(told: Mapping[str, Any], name: str, most: int) -> str:
    """A value as text the database can keep; empty when it is missing or is something else."""
    value = told.get(name)
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:most]
