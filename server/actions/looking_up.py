"""What a kiosk may tell somebody whose reference is not among today's: when and where their own appointment is, and nothing else.

Nothing is changed and nothing is kept, but for tries that found nothing: references are long enough that nobody meets one by chance
(`wire.references`), and a device that keeps asking for what does not exist is made to wait. What an appointment is for is never said, nor a name.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from server.actions.bookings_of import offer_of
from server.actions.issuing import local_date
from server.clock import from_micros, to_micros
from server.domain import arriving
from server.domain.offers import Offer
from server.domain.refusals import Refused
from server.store.queries import tickets
from server.store.sql import Statement
from server.store.tables import Bookable, Booking, Centre, Counter, Service
from server.store.tx import Tx
from wire import asks
from wire.rows import LookedUp
from wire.vocabulary import BookingState, RefusalCode

MOST_MISSES = 30
"""So many references in a row that nobody knows is no visitor mistyping theirs ..."""
WITHIN = round(timedelta(minutes=10).total_seconds()) * 1_000_000
"""... within so long."""
TOLD_FOR = timedelta(days=28)
"""So long after it an appointment is still told of; then its visitor's name is erased, too."""

_MISSES = Statement(
    "SELECT COUNT(*) FROM booking_try WHERE what = 'look_up' AND address = :device AND at >= :since"
)
_MISSED = Statement(
    "INSERT INTO booking_try (what, address, subject, at) VALUES ('look_up', :device, '', :at)"
)


def look_up_booking(tx: Tx, ask: asks.LookUpBooking) -> dict[str, Any]:
    """A `wire.rows.LookedUp`. Refused to a device that has asked for what nobody knows too often."""
    device = f"device:{tx.actor.id}"
    missed = tx.sql.one(_MISSES, {"device": device, "since": tx.now - WITHIN})
    if missed is not None and missed[0] >= MOST_MISSES:
        raise Refused(RefusalCode.TRY_LATER, "Please ask a member of staff.")
    found = tx.session().exec(select(Booking).where(Booking.reference == ask.reference)).first()
    if found is None or found.state == BookingState.HELD or from_micros(tx.now) > found.ends_at + TOLD_FOR:
        tx.sql.run(_MISSED, {"device": device, "at": tx.now})
        return dict(LookedUp(found="unknown"))
    return dict(_told(tx, found))


def _told(tx: Tx, booking: Booking) -> LookedUp:
    centre = tx.session().get_one(Centre, booking.centre_id)
    starts_at = to_micros(booking.starts_at)
    answer = LookedUp(found="today", starts_at=starts_at // 1000)
    if booking.sequence and booking.state != BookingState.CANCELLED:  # cancelling counts as a change, too
        answer["moved"] = True
    if booking.state == BookingState.CANCELLED:
        answer["found"] = "cancelled"
    elif booking.centre_id != tx.actor.centre:
        answer["found"] = "other_centre"
        answer["centre"] = centre.name
        answer["timezone"] = centre.timezone
    elif booking.state == BookingState.ARRIVED:
        answer["found"] = "arrived"
        there = tickets.ticket(tx.sql, booking.centre_id, booking.ticket_id or "")
        if there is not None:
            answer["code"] = there.code
    elif local_date(starts_at, centre.timezone) != local_date(tx.now, centre.timezone):
        answer["found"] = "other_day"
    else:
        offer = offer_of(tx, booking)
        window = arriving.kept(starts_at, booking.late_minutes, offer)
        answer["from_at"], answer["kept_until_at"] = window.from_at // 1000, window.until_at // 1000
        answer["where"] = _where(tx, booking, centre, offer)
    return answer


def _where(tx: Tx, booking: Booking, centre: Centre, offer: Offer) -> str:
    session = tx.session()
    if session.get_one(Service, booking.service_id).discreet:
        return ""
    every = session.exec(
        select(Counter).where(Counter.centre_id == centre.id).order_by(col(Counter.position), col(Counter.id))
    ).all()
    rooms = offer.rooms
    if booking.room_id is not None:
        room = session.get_one(Bookable, booking.room_id).counter_id
        rooms = tuple(each.slug for each in every if each.id == room)
    return arriving.where_to_wait(centre.extra, [each.slug for each in every], rooms)
