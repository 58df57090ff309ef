"""An appointment that is booked: find it, see it, put it into a calendar, move it, say that one cannot come.

The link is the key, as a ticket's square is. Without it, the reference and a second fact the visitor gave open the same page: the telephone number or
e-mail address, or the last name where neither was given. Whatever is wrong with a guess, the answer is the same and takes the same work, and few guesses are
heard. One may cancel until the appointment begins, however late, because a place given back late is better than nobody in the chair;
moving ends earlier (`cancel_hours`), because it takes a place from others.
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from forms.contact import Email, read_email
from server.actions import booking as bookings
from server.actions import tries
from server.actions.keys import hash_of, link_to
from server.clock import to_micros
from server.domain.access import Actor
from server.domain.refusals import Refused
from server.live.ics import calendar_of, event_of
from server.store.tables import Booking
from server.store.tx import Tx
from server.web.gate import house_of
from server.web.identity import address_of
from server.web.public.drawing import page, square, to
from server.web.public.filling import actor_of, moment_in, public, say, sent, some_place, text_in
from server.web.public.offering import OfferedAt, offered_for
from server.web.public.steps import phone_of
from server.web.public.times import when_page
from server.web.public.voice import Voice, voice_of
from wire.body import clean_text
from wire.references import read_reference, show_reference
from wire.vocabulary import BookingState, RefusalCode

router = APIRouter()
HOUR = 3_600_000_000
Found = tuple[Booking, OfferedAt]


@router.get("/book/find")
@public
async def find_form(request: Request) -> Response:
    return await _find_page(request, "")


async def _find_page(request: Request, wrong: str, reference: str = "", status: int = 200) -> Response:
    voice = voice_of(request)
    return page(
        request,
        "find.html",
        voice,
        title=voice.say("find_title"),
        place=await some_place(request),
        status=status,
        wrong=bool(wrong),
        back="/book",
        wrong_key=wrong,
        reference=reference,
    )


@router.post("/book/find")
@public
async def find(request: Request) -> Response:
    """To the appointment's own page, or one and the same answer for everything that is not it."""
    data = await sent(request)
    typed, second = text_in(data, "reference", 40), clean_text(text_in(data, "second", 254))
    reference = read_reference(typed) or ""
    trying = partial(_try, address=address_of(request), reference=reference or typed.upper())
    if not await house_of(request).change(actor_of(request), "find_booking", trying):
        return await _find_page(request, "find_often", typed, 429)
    booking_id = await house_of(request).read(partial(_found, reference=reference, second=second))
    if booking_id is None:
        return await _find_page(request, "find_none", typed, 404)
    link = link_to(house_of(request).link_key, "booking", booking_id)
    return to(f"/b/{link}")


def _try(tx: Tx, *, address: str, reference: str) -> bool:
    return tries.may_try(tx, "find", address, reference)


def _found(session: Session, *, reference: str, second: str) -> str | None:
    """The booking both belong to. The comparison is made whether or not there is one, on equal work."""
    booking = session.exec(
        select(Booking).where(
            col(Booking.reference) == reference,
            col(Booking.erased_at).is_(None),
            col(Booking.state) != BookingState.HELD,
        )
    ).first()
    known = (booking.phone, booking.email.casefold(), _last(booking.name)) if booking else ("", "", "")
    given = _given(second)
    if known[0] or known[1]:
        known = (known[0], known[1], "")
    fits = [
        bool(own) and secrets.compare_digest(hash_of(own), hash_of(said))
        for own, said in zip(known, given, strict=True)
    ]
    return booking.id if booking is not None and any(fits) else None


def _given(second: str) -> tuple[str, str, str]:
    """What was typed, read as a telephone number, an e-mail address and a last name."""
    phone, email = phone_of(second), read_email(second)
    return (
        phone.e164 if phone else "-",
        email.address.casefold() if isinstance(email, Email) else "-",
        _last(second) or "-",
    )


def _last(name: str) -> str:
    words = unicodedata.normalize("NFKC", name).casefold().split()
    return words[-1] if words else ""


async def _linked(request: Request, link: str) -> Found | None:
    """What a link is to; None for one this house did not make, or whose appointment is gone."""
    booking_id = await house_of(request).linked("booking", link)
    if booking_id is None:
        return None

    def reading(session: Session) -> Found | None:
        booking = session.get(Booking, booking_id)
        if booking is None or booking.erased_at is not None or booking.state == BookingState.HELD:
            return None
        at = offered_for(session, booking)
        return (booking, at) if at is not None else None

    return await house_of(request).read(reading)


async def _gone(request: Request) -> Response:
    return say(request, voice_of(request), "no_booking", status=404, place=await some_place(request))


def may_move(booking: Booking, at: OfferedAt, now: int) -> bool:
    notice = at.offer.cancel_hours * HOUR
    return booking.state == BookingState.BOOKED and to_micros(booking.starts_at) - now >= notice


def may_cancel(booking: Booking, now: int) -> bool:
    return booking.state == BookingState.BOOKED and to_micros(booking.starts_at) > now


@router.get("/b/{link}")
@public
async def booking_page(request: Request, link: str) -> Response:
    found = await _linked(request, link)
    if found is None:
        return await _gone(request)
    booking, at = found
    house, now = house_of(request), house_of(request).clock.micros()
    voice = voice_of(request, booking.language)
    public_url = house.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return page(
        request,
        "booking.html",
        voice,
        title=voice.say("booking_title"),
        place=at.place(voice),
        at=at,
        booking=booking,
        state=_state(booking, now),
        starts_at=to_micros(booking.starts_at),
        reference=show_reference(booking.reference),
        square=square(f"{public_url}/check-in/{booking.reference}"),
        link=f"/b/{link}",
        may_move=may_move(booking, at, now),
        may_cancel=may_cancel(booking, now),
        moved="moved" in request.query_params,
    )


def _state(booking: Booking, now: int) -> str:
    """As the page says it (`book.state.<this>`)."""
    if booking.state == BookingState.BOOKED and to_micros(booking.ends_at) <= now:
        return "over"
    return BookingState(booking.state).value


@router.get("/b/{link}/appointment.ics")
@public
async def calendar(request: Request, link: str) -> Response:
    """For the visitor's own calendar; taken again after a change it replaces what is there."""
    found = await _linked(request, link)
    if found is None:
        return await _gone(request)
    booking, at = found
    voice = voice_of(request, booking.language)
    public_url = house_of(request).settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    event = event_of(booking, at.centre, at.service, f"{public_url}/b/{link}", voice.language)
    method = "CANCEL" if booking.state == BookingState.CANCELLED else "PUBLISH"
    return Response(
        calendar_of([event], name=at.centre.name, method=method, zone=at.centre.timezone),
        media_type=f"text/calendar; charset=utf-8; method={method}",
        headers={
            "content-disposition": 'attachment; filename="appointment.ics"',
            "x-robots-tag": "noindex",
        },
    )


@router.get("/b/{link}/move")
@public
async def move_form(request: Request, link: str) -> Response:
    found = await _linked(request, link)
    if found is None:
        return await _gone(request)
    booking, at = found
    voice = voice_of(request, booking.language)
    if not may_move(booking, at, house_of(request).clock.micros()):
        return to(f"/b/{link}")
    asked = request.query_params
    lost = asked.get("lost", "")
    return await when_page(
        request,
        voice,
        at,
        action=f"/b/{link}/move",
        token="",
        back=f"/b/{link}",
        interpreter=booking.interpreter,
        mornings_only=asked.get("mornings") == "yes",
        lost=int(lost) if lost.isascii() and lost.isdigit() and len(lost) < 18 else None,
        moving=booking,
    )


@router.post("/b/{link}/move")
@public
async def move(request: Request, link: str) -> Response:
    found = await _linked(request, link)
    if found is None:
        return await _gone(request)
    booking, at = found
    data = await sent(request)
    here = f"/b/{link}/move"
    if "show" in data:
        return to(f"{here}?{urlencode({'mornings': text_in(data, 'mornings')})}")
    starts_at = moment_in(data, "at")
    if starts_at is None:
        return to(here)
    if to_micros(booking.starts_at) == starts_at:
        return to(f"/b/{link}?moved=1")
    moving = partial(
        _move,
        booking_id=booking.id,
        starts_at=starts_at,
        notice=at.offer.cancel_hours * HOUR,
        address=address_of(request),
    )
    try:
        moved = await house_of(request).change(actor_of(request, at.centre_id), "move_booking", moving)
    except Refused as error:
        if error.refusal.code in (RefusalCode.TRY_LATER, RefusalCode.UNKNOWN):
            raise
        return to(f"{here}?lost={starts_at}")
    if not moved:
        voice = voice_of(request, booking.language)
        return say(request, voice, "moved_often", status=429, place=at.place(voice), again=f"/b/{link}")
    return to(f"/b/{link}?moved=1")


def _move(tx: Tx, *, booking_id: str, starts_at: int, notice: int, address: str) -> bool:
    """False when it was moved too often of late: each move is a text somebody pays for, and a time taken from others."""
    booking = tx.session().get(Booking, booking_id)
    if booking is None or booking.state != BookingState.BOOKED:
        raise Refused(RefusalCode.WRONG_STATE, "This appointment can no longer be moved.")
    if to_micros(booking.starts_at) - tx.now < notice:
        raise Refused(RefusalCode.WRONG_STATE, "It is too near to be moved. Ring us.")
    if not tries.may_try(tx, "move", address, booking_id):
        return False
    bookings.move(tx, booking, starts_at)
    return True


@router.get("/b/{link}/cancel")
@public
async def cancel_form(request: Request, link: str) -> Response:
    found = await _linked(request, link)
    if found is None:
        return await _gone(request)
    booking, at = found
    voice, now = voice_of(request, booking.language), house_of(request).clock.micros()
    if not may_cancel(booking, now):
        return to(f"/b/{link}")
    return page(
        request,
        "cancel.html",
        voice,
        title=voice.say("cancel_title"),
        place=at.place(voice),
        back=f"/b/{link}",
        at=at,
        starts_at=to_micros(booking.starts_at),
        link=f"/b/{link}",
        may_move=may_move(booking, at, now),
    )


@router.post("/b/{link}/cancel")
@public
async def cancel(request: Request, link: str) -> Response:
    """Twice is once: what is cancelled stays so."""
    found = await _linked(request, link)
    if found is None:
        return await _gone(request)
    booking, at = found
    await sent(request)
    cancelling = partial(_cancel, booking_id=booking.id)
    await house_of(request).change(_at_any_time(request, at), "cancel_booking", cancelling)
    return to(f"/b/{link}")


def _at_any_time(request: Request, at: OfferedAt) -> Actor:
    """Who cancels however late it is: visitors by themselves could do so only within the offer's hours, and would then simply not come."""
    return Actor(kind="system", centre=at.centre_id, address=address_of(request))


def _cancel(tx: Tx, *, booking_id: str) -> None:
    booking = tx.session().get(Booking, booking_id)
    if booking is not None and may_cancel(booking, tx.now):
        bookings.cancel(tx, booking)


@router.get("/check-in/{reference}")
@public
async def check_in(request: Request, reference: str) -> Response:
    """Where the square leads on a phone: to the kiosk. The same for every reference, and nothing is looked up."""
    voice: Voice = voice_of(request)
    return say(request, voice, "check_in", place=await some_place(request), again="/book/find")
