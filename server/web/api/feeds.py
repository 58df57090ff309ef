"""Calendars for calendar programs: one address, one person's or room's appointments (`server.live.own_calendar`).

The secret in the address is the key; it is not logged, and an address that was never made and one that was revoked are answered alike. Programs ask
every few minutes for ever, mostly for nothing new: the answer carries a tag, and who shows it again gets 304 and no body. Who asks much more often
than a calendar does is asked to wait.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from server.actions import feeds
from server.actions.keys import hash_of
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.live.own_calendar import OwnCalendar, read_calendar
from server.web.gate import Guarded, house_of
from server.web.throttle import Throttle
from wire.vocabulary import RefusalCode

router = APIRouter()

READ_EVERY = timedelta(minutes=10)
"""Being read is written down no more often."""
_each_feed = Throttle(per_minute=6, burst=30)
_strangers = Throttle(per_minute=6, burst=30)


@router.api_route("/calendar/{secret}.ics", methods=["GET", "HEAD"])
async def calendar(request: Request, secret: str, caller: Guarded) -> Response:
    house, secret_hash = house_of(request), hash_of(secret)
    if wait := _each_feed.wait(secret_hash):
        return _too_often(wait)
    now = house.clock.now()
    found = await house.read(partial(read_calendar, secret_hash=secret_hash, now=now))
    if found is None:
        if wait := _strangers.wait(caller.actor.address):
            return _too_often(wait)
        raise Refused(RefusalCode.UNKNOWN, "There is no calendar at this address (any more).")
    if found.read_at is None or now - found.read_at > READ_EVERY:
        reader = Actor(kind="system", centre=found.centre)
        await house.change(reader, "note_feed_read", partial(feeds.note_read, feed_id=found.feed))
    return _answer(request, found)


def _answer(request: Request, found: OwnCalendar) -> Response:
    tag = f'"{hashlib.sha256(found.text).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    shown = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if tag in shown or "*" in shown:
        return Response(status_code=304, headers=headers)
    headers["content-disposition"] = 'inline; filename="appointments.ics"'
    return Response(found.text, headers=headers, media_type="text/calendar; charset=utf-8")


def _too_often(wait: int) -> Response:
    say = f"This address is read too often. Come again in {wait} seconds.\n"
    return Response(say, 429, {"retry-after": str(wait)}, "text/plain; charset=utf-8")
