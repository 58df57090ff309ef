"""Where a kiosk hands in what a visitor scanned or filled in: `PUT /api/packets/<id>`, its token as Bearer, the sealed packet as body.

200 with `{"reference", "received_at"}` says that it is in the database for good, and the kiosk may forget it. Sent again it gets the same answer. What is
said about the device, the key or the house (401, 403, 404, 429) may be right tomorrow, so the kiosk keeps its packet; what is said about the
packet itself (409, 413, 422) will not. Few are held in memory at once, and of long ones two: who finds no room is told to come again. Who sends a few
bytes now and then holds no room for long, and whoever was cut off while they sent is asked again who they are.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from server.domain.access import Actor
from server.domain.refusals import Refused
from server.edge import House
from server.web.gate import Guarded, house_of, identity_of
from server.web.identity import Caller
from server.web.taking_in import Origin, take_sealed
from wire.packets import MOST_BYTES
from wire.vocabulary import Channel, RefusalCode

router = APIRouter()

MOST_SEALED = MOST_BYTES + 2 * 1024 * 1024
"""A packet with its manifest, and age's 16 bytes for every 64 KiB."""
SHORT = 16 * 1024 * 1024
"""Some thirty pages."""
ROOM_SECONDS = 20.0
PART_SECONDS = 30.0
"""So long may a part of it take to come; a hundred pages over a slow line come in many parts."""
SLOWEST = 32 * 1024
"""Bytes a second, on the whole. Three pages at that pace take 40 seconds."""
OLDEST_MS = 30 * 24 * 3600 * 1000
_ID_SIGNS = frozenset("0123456789abcdef")


@router.put("/api/packets/{packet_id}")
async def hand_in(packet_id: str, request: Request, caller: Guarded) -> Response:
    house = house_of(request)
    if len(packet_id) != 32 or not set(packet_id) <= _ID_SIGNS:
        raise Refused(RefusalCode.MALFORMED, "A packet's number is 32 hex digits.")
    age_ms = _age(request.headers.get("foyer-age-ms", "0"))
    length = _length(request.headers.get("content-length", ""))
    _refuse_long(length)
    async with _room(house, length):
        sealed = await _body(request, length)
        made_at = house.clock.micros() - age_ms * 1000
        actor = await _still(request, caller)
        origin = Origin(actor, actor.centre, actor.id, Channel.KIOSK, made_at)
        taken = await take_sealed(house, packet_id, sealed, origin)
    return JSONResponse({"reference": taken.reference, "received_at": taken.received_at // 1000})


async def _still(request: Request, caller: Caller) -> Actor:
    """Who sends it, as they are now that it is here: a hundred pages over a slow line take minutes."""
    now = await identity_of(request).anew(caller)
    if now is None:
        raise Refused(RefusalCode.NOT_SIGNED_IN, "This device was signed off while it sent.")
    return now.actor


def _age(told: str) -> int:
    if not told.isdecimal() or len(told) > 15:
        raise Refused(RefusalCode.MALFORMED, "Foyer-Age-Ms is how many milliseconds ago it was sent.")
    return min(int(told), OLDEST_MS)


def _length(told: str) -> int:
    if not told.isdecimal() or len(told) > 15:
        raise Refused(RefusalCode.MALFORMED, "Say how long it is (Content-Length).")
    return int(told)


def _refuse_long(length: int) -> None:
    if length > MOST_SEALED:
        raise Refused(
            RefusalCode.TOO_LARGE,
            f"A packet is at most {MOST_BYTES // 2**20} MiB. Hand in fewer pages at once.",
        )


@contextlib.asynccontextmanager
async def _room(house: House, length: int) -> AsyncIterator[None]:
    """Of what is long, two at once; of a few pages many, but not as many as there are who send."""
    room = house.room_for_packets if length > SHORT else house.room_for_short_ones
    try:
        async with asyncio.timeout(ROOM_SECONDS):
            await room.acquire()
    except TimeoutError:
        raise Refused(
            RefusalCode.TRY_LATER, "Several submissions are being taken in. Send it again in a moment."
        ) from None
    try:
        yield
    finally:
        room.release()


async def _body(request: Request, declared: int) -> bytes:
    """All of it, bounded in length, in how long each part may take and in how long all of it may."""
    parts: list[bytes] = []
    length, stream = 0, request.stream()
    until = asyncio.get_running_loop().time() + PART_SECONDS + declared / SLOWEST
    while True:
        try:
            async with asyncio.timeout_at(min(until, asyncio.get_running_loop().time() + PART_SECONDS)):
                part = await anext(stream, None)
        except (TimeoutError, ClientDisconnect):
            raise Refused(
                RefusalCode.TRY_LATER, "The line broke off before the packet was here. Send it again."
            ) from None
        if part is None:
            return b"".join(parts)
        length += len(part)
        _refuse_long(length)
        if length > declared:
            raise Refused(RefusalCode.MALFORMED, "It is longer than its Content-Length says.")
        parts.append(part)
