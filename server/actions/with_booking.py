"""What becomes of an appointment as the ticket its visitor holds goes on.

A booking that arrived names one ticket (`Booking.ticket_id`), and that ticket names it. Whatever ends the one and starts another in its place takes
the booking along; a ticket taken back because nobody stands behind it gives the appointment back, so that they can still be checked in. Each
function is asked only for a ticket that has a booking, so every other ticket costs nothing here.
"""

from __future__ import annotations

from server.actions import booking_events
from server.clock import from_micros, to_micros
from server.domain.refusals import Refused
from server.store.queries.tickets import TicketNow
from server.store.tables import Booking
from server.store.tx import Tx
from wire.vocabulary import BookingEvent, BookingState, RefusalCode, TicketAction


def follow(tx: Tx, found: TicketNow, action: TicketAction) -> None:
    """`action` was done to `found`, which has a booking."""
    if action is TicketAction.WITHDRAW:
        _give_back(tx, found)
    elif action is TicketAction.FINISH:
        _tell_served(tx, found)


def _of(tx: Tx, found: TicketNow) -> Booking | None:
    """The booking of `found` while this is its ticket; one that was checked in anew has another."""
    booking = tx.session().get(Booking, found.booking)
    return booking if booking is not None and booking.ticket_id == found.id else None


def _give_back(tx: Tx, found: TicketNow) -> None:
    booking = _of(tx, found)
    if booking is not None:
        booking.state = BookingState.BOOKED
        booking.arrived_at = booking.ticket_id = None
        tx.session().flush()


def arrives_again(tx: Tx, found: TicketNow) -> None:
    """A withdrawal was taken back: its visitor is there after all. Refused when they were checked in anew, or it was cancelled or moved: the
    ticket's place is that of the old time, and today's visitor would use up an appointment of next week."""
    booking = tx.session().get(Booking, found.booking)
    if booking is None or booking.ticket_id == found.id:
        return
    moved = booking.changed_at is not None and to_micros(booking.changed_at) > found.arrived_at
    if moved or booking.state not in (BookingState.BOOKED, BookingState.MISSED):
        raise Refused(
            RefusalCode.NOTHING_TO_UNDO,
            f"The appointment that {found.code} was for has been moved, cancelled or checked in anew since. Leave this as it is.",
        )
    booking.state = BookingState.ARRIVED
    booking.arrived_at = from_micros(found.arrived_at)
    booking.ticket_id = found.id
    tx.session().flush()


def carry(tx: Tx, booking_id: str, ticket: str) -> None:
    """From now on `ticket` is the one the appointment's visitor holds."""
    booking = tx.session().get(Booking, booking_id)
    if booking is not None:
        booking.ticket_id = ticket
        tx.session().flush()


def passed_on(tx: Tx, found: TicketNow, successor: str, *, to_same_service: bool) -> str | None:
    """`found` was transferred: the booking that goes along to `successor`, or None where the appointment is over and what follows is another need."""
    assert found.booking is not None, "asked for a ticket with a booking only"
    if found.served_at is not None and not to_same_service:
        _tell_served(tx, found)
        return None
    carry(tx, found.booking, successor)
    return found.booking


def _tell_served(tx: Tx, found: TicketNow) -> None:
    booking = _of(tx, found)
    if booking is not None:
        booking_events.happened(tx, BookingEvent.SERVED, booking)
