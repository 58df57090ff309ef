"""What was written to visitors and how it went: for whoever sees that a wrong number gets a call, and for whoever set the lines up.

Above all it shows what failed, with the reason and what to do; the rest is a list of when, what kind and how, with addresses masked and no
words of any message. What visitors texted and nobody could act upon waits here for a person; words from somebody whose appointment is discreet
are shown to those only who may see such visits. The state of each line is worked out from the messages themselves, so that every server
says the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import Connection
from sqlmodel import Session, col, or_, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forms.contact import Email, Phone, read_email, read_phone
from server.actions import post_receipts, post_sending, posting
from server.clock import from_micros
from server.connectors import Carriers
from server.domain.posting import DAY, masked
from server.domain.refusals import Refused
from server.store.queries import posts
from server.store.queries.posts import PostShown
from server.store.tables import Booking, Centre, HeardText, Service
from server.web import labels as words
from server.web.gate import Guarded, form_of, house_of, text_of
from server.web.render import clock_time, page
from wire.references import show_reference
from wire.vocabulary import PostState, RefusalCode, Role, Way

router = APIRouter()

SINCE_DAYS = 14
MOST = 100
SHOWN = (PostState.QUEUED, PostState.SENT, PostState.DELIVERED, PostState.DROPPED)


@dataclass(frozen=True)
class Heard:
    """A text that a person must read. `words` None: the looker may not."""

    id: str
    at: Any
    phone: str
    words: str | None
    reference: str


@router.get("/admin/messages")
async def messages_page(request: Request, caller: Guarded) -> Response:
    return await _page(request, caller)


async def _page(request: Request, caller: Any, said: str = "", told: str = "") -> Response:
    house, centre = house_of(request), caller.actor.centre
    now = house.clock.micros()
    since = now - SINCE_DAYS * DAY
    look = partial(_look, centre=centre, since=since, ways=tuple(Way))
    lists, lines, made = await house.look(look)
    zone, heard = await house.read(
        partial(_heard, centre=centre, may_read=Role.DISCREET in caller.actor.roles)
    )
    context = {
        "dead": lists[PostState.FAILED],
        "lists": [(state, lists[state]) for state in SHOWN],
        "lines": [line_says(way, house.carriers, lines[way], zone) for way in Way],
        "faults": house.carriers.faults,
        "ways": [way for way in Way if way in house.carriers.ways],
        "days": by_day(made, zone),
        "heard": heard,
        "zone": zone,
        "masked": masked,
        "reference_of": lambda post: show_reference(post.reference) if post.reference else "",
        "moment": from_micros,
        "bearer_missing": bool(house.carriers.ways) and not house.settings.notify_bearer.get_secret_value(),
        "told": told,
        "since_days": SINCE_DAYS,
        "most": MOST,
    }
    return page(request, "messages.html", said=said, status=400 if said else 200, **context)


def _look(
    connection: Connection, centre: int, since: int, ways: Sequence[Way]
) -> tuple[dict[PostState, list[PostShown]], dict[Way, posts.LineState], list[tuple[int, str, str]]]:
    lists = {state: posts.in_state(connection, centre, state.value, since, MOST) for state in PostState}
    lines = {way: posts.line_state(connection, centre, way.value, since) for way in ways}
    return lists, lines, posts.made_since(connection, centre, since)


def line_says(way: Way, carriers: Carriers, line: posts.LineState, zone: ZoneInfo) -> str:
    """How sending goes one way, in a sentence."""
    what = words.WAYS[way]
    if way not in carriers.ways:
        return f"{what} are not set up, so none are sent. docs/messages.md says how."
    by = carriers.names[way]
    if line.held_up and line.since is not None:
        many = "1 message waits" if line.held_up == 1 else f"{line.held_up} messages wait"
        return f"{what} by {by}: {many} since {clock_time(line.since, zone)}. {line.why} It is tried again by itself."
    if line.last_sent_at is None:
        return f"{what} go out by {by}. None was sent in the last {SINCE_DAYS} days."
    local = from_micros(line.last_sent_at).astimezone(zone)
    return f"{what} go out by {by}. The last one went on {local.day} {local:%B} at {local:%H:%M}."


def by_day(made: Sequence[tuple[int, str, str]], zone: ZoneInfo) -> list[tuple[date, dict[str, int]]]:
    """How many messages of each local day ended how, the latest day first."""
    days: dict[date, Counter[str]] = {}
    for at, way, state in made:
        counted = days.setdefault(from_micros(at).astimezone(zone).date(), Counter())
        counted[way] += 1
        counted[state] += 1
    return [(on, dict(days[on])) for on in sorted(days, reverse=True)]


def _heard(session: Session, centre: int, may_read: bool) -> tuple[ZoneInfo, list[Heard]]:
    zone = ZoneInfo(session.get_one(Centre, centre).timezone)
    here = or_(col(HeardText.centre_id) == centre, col(HeardText.centre_id).is_(None))
    waiting = (
        select(HeardText).where(here, HeardText.did == "").order_by(col(HeardText.at).desc()).limit(MOST)
    )
    found = []
    for each in session.exec(waiting):
        booking = session.get(Booking, each.booking_id) if each.booking_id else None
        service = session.get(Service, booking.service_id) if booking else None
        hidden = service is not None and (service.discreet or service.private) and not may_read
        reference = show_reference(booking.reference) if booking else ""
        found.append(Heard(each.id, each.at, masked(each.phone), None if hidden else each.words, reference))
    return zone, found


@router.post("/admin/messages/test")
async def test_message(request: Request, caller: Guarded) -> Response:
    """A test message to oneself, by the way its address tells."""
    form = await form_of(request, caller)
    typed = text_of(form, "address", 254)
    read = read_email(typed) if "@" in typed else read_phone(typed)
    try:
        if isinstance(read, Email):
            way, address = Way.EMAIL, read.address
        elif isinstance(read, Phone) and read.textable:
            way, address = Way.SMS, read.e164
        else:
            raise Refused(RefusalCode.MALFORMED, "Type a mobile number or an e-mail address of your own.")
        send = partial(posting.try_out, way=way, address=address)
        await house_of(request).change(caller.actor, "test_message", send)
    except Refused as refused:
        return await _page(request, caller, said=refused.refusal.say)
    return await _page(
        request,
        caller,
        told="It is on its way. Look at your phone or mailbox, and below whether it was delivered.",
    )


@router.post("/admin/messages/{post_id}/again")
async def again(request: Request, post_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, partial(post_sending.try_again, post_id=post_id))


@router.post("/admin/messages/{post_id}/let-go")
async def let_go(request: Request, post_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, partial(post_sending.let_go, post_id=post_id))


@router.post("/admin/messages/heard/{text_id}/seen")
async def seen(request: Request, text_id: str, caller: Guarded) -> Response:
    return await _do(request, caller, partial(post_receipts.seen, text_id=text_id))


async def _do(request: Request, caller: Any, action: Any) -> Response:
    await form_of(request, caller)
    try:
        await house_of(request).change(caller.actor, "messages", action)
    except Refused as refused:
        return await _page(request, caller, said=refused.refusal.say)
    return RedirectResponse("/admin/messages", status_code=303)
