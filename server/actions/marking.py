"""What staff know of somebody with an appointment who is not here: they rang and come later, they did not come, or they are expected as any other.

A mark says what is so now and replaces the one before, so marking is its own way back. Who has arrived is not marked; who is marked as missed and comes
all the same is checked in. When a day is over, the rounds mark those who did not come.
"""

from __future__ import annotations

from typing import Any

from server.actions import booking_events
from server.actions.bookings_of import booking_here, refuse_if_not_theirs, when
from server.clock import from_micros, to_micros
from server.domain.refusals import Refused
from server.store.queries import tickets
from server.store.tables import Booking, Centre
from server.store.tx import Tx
from wire import asks
from wire.vocabulary import BookingEvent, BookingState, RefusalCode

Result = dict[str, Any]

_MARKED = frozenset({BookingState.BOOKED, BookingState.MISSED})


def mark_booking(tx: Tx, ask: asks.MarkBooking) -> Result:
    """`{"state", "late_minutes", "was"}`; `was` is what it was marked before, as this ask would set it."""
    booking = booking_here(tx, ask.booking)
    refuse_if_not_theirs(tx, booking)
    _refuse_if_not_to_be_marked(tx, booking)
    was = {"mark": _mark_of(booking), "late_minutes": booking.late_minutes}
    if ask.mark == "missed":
        if to_micros(booking.starts_at) > tx.now:
            centre = tx.session().get_one(Centre, booking.centre_id)
            raise Refused(
                RefusalCode.WRONG_STATE,
                f"Their time, {when(booking, centre)}, has not come yet. Cancel the appointment if they told you that they do not come.",
            )
        if booking.state != BookingState.MISSED:
            miss(tx, booking)
    else:
        if ask.mark == "late" and ask.late_minutes < 1:
            raise Refused(RefusalCode.MALFORMED, "Say by how many minutes they will be late.")
        booking.state = BookingState.BOOKED
        booking.missed_at = None
        booking.late_minutes = ask.late_minutes if ask.mark == "late" else 0
        tx.session().flush()
    tx.audit("marked an appointment", booking.reference, mark=ask.mark, booking=booking.id)
    tx.touch(booking.centre_id)
    return {"state": booking.state, "late_minutes": booking.late_minutes, "was": was}


def miss(tx: Tx, booking: Booking) -> None:
    """They did not come."""
    booking.state = BookingState.MISSED
    booking.missed_at = from_micros(tx.now)
    tx.session().flush()
    booking_events.happened(tx, BookingEvent.MISSED, booking)


def _mark_of(booking: Booking) -> str:
    if booking.state == BookingState.MISSED:
        return "missed"
    return "late" if booking.late_minutes else "expected"


def _refuse_if_not_to_be_marked(tx: Tx, booking: Booking) -> None:
    if booking.state in _MARKED:
        return
    if booking.state == BookingState.ARRIVED:
        there = tickets.ticket(tx.sql, booking.centre_id, booking.ticket_id or "")
        code = f" as {there.code}" if there else ""
        say = (
            f"They are checked in{code}. If that was a mistake, withdraw the ticket; then this can be marked."
        )
    elif booking.state == BookingState.CANCELLED:
        say = "This appointment was cancelled, so there is nothing to mark."
    else:
        say = "This appointment was never confirmed, so there is nothing to mark."
    raise Refused(RefusalCode.WRONG_STATE, say)
