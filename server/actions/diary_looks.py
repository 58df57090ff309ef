"""Looks at appointments that are written down: at a private one, and a search by what a visitor is called or reached by.

The audit says that somebody looked or searched, when and from where. What they typed is a visitor's name or number and is not in it.
"""

from __future__ import annotations

from server.domain.refusals import Refusal
from server.store.tables import Bookable, Booking, Service
from server.store.tx import Tx
from wire.vocabulary import RefusalCode, Role

LOOKED = "looked at private booking"
REFUSED = "was refused a look"
SEARCHED = "searched appointments"


def look(tx: Tx, booking_id: str) -> Refusal | None:
    """May who asks see what this appointment is about? A refusal is answered, not raised, so that its entry stands."""
    session = tx.session()
    booking = session.get(Booking, booking_id)
    if booking is None or booking.centre_id != tx.actor.centre:
        return Refusal(RefusalCode.UNKNOWN, "There is no such appointment at this centre.")
    service = session.get_one(Service, booking.service_id)
    if not (service.discreet or service.private):
        return None
    person = session.get(Bookable, booking.person_id) if booking.person_id is not None else None
    allowed = Role.DISCREET in tx.actor.roles or (person is not None and person.staff_id == tx.actor.id)
    tx.audit(LOOKED if allowed else REFUSED, f"booking:{booking_id}")
    if allowed:
        return None
    return Refusal(
        RefusalCode.NOT_ALLOWED,
        "This appointment is private: what it is about is shown to whom it is with and to those with the right. Your try was noted.",
    )


def searched(tx: Tx, found: int) -> None:
    """Somebody searched, and found so many."""
    tx.audit(SEARCHED, found=found)
