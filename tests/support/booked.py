"""Appointments in a rehearsal's house, put straight into its database as if they had been booked some days ago."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from sqlmodel import select

from server.clock import from_micros
from server.store.tables import Booking, Service, Ticket
from server.store.tx import Tx
from tests.support.house import Rehearsal, hash_of
from wire import asks
from wire.references import new_reference
from wire.vocabulary import BookingState, new_id

_chosen = random.Random(4)


def book_in(
    tx: Tx, centre: int, *, minutes: float = 0, service: str = "council-tax", **fields: Any
) -> Booking:
    """One `minutes` from now (before now: less than nought), booked and confirmed unless `fields` say otherwise."""
    starts_at = from_micros(tx.now) + timedelta(minutes=minutes)
    at = fields.get("centre_id", centre)
    found = select(Service).where(Service.slug == service, Service.centre_id == at)
    taken = select(Booking.place).where(Booking.starts_at == starts_at)
    booking = Booking(
        **{
            "id": new_id(),
            "centre_id": at,
            "service_id": tx.session().exec(found).one().id,
            "reference": new_reference(_chosen.choice),
            "state": BookingState.BOOKED,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=20),
            "held_from": starts_at,
            "held_until": starts_at + timedelta(minutes=20),
            "made_at": starts_at - timedelta(days=3),
            "place": len(tx.session().exec(taken).all()),
            "name": "Ada Lovelace",
            **fields,
        }
    )
    tx.session().add(booking)
    tx.session().flush()
    return booking


async def appointment(rehearsal: Rehearsal, **fields: Any) -> Booking:
    """`book_in`, in a rehearsal's house."""
    centre = rehearsal.kiosk.centre
    return await rehearsal.house.change(
        rehearsal.people["ada"], "book", lambda tx: book_in(tx, centre, **fields)
    )


async def now_is(rehearsal: Rehearsal, booking: Booking) -> Booking:
    """The booking as it stands."""
    return await rehearsal.house.read(lambda session: session.get_one(Booking, booking.id))


async def ticket_of(rehearsal: Rehearsal, ticket: str) -> Ticket:
    return await rehearsal.house.read(lambda session: session.get_one(Ticket, ticket))


def arriving(booking: Booking) -> asks.ArriveBooking:
    """Staff check it in."""
    return asks.ArriveBooking(booking=booking.id, visit=new_id(), ticket=new_id())


def at_the_kiosk(rehearsal: Rehearsal, booking: Booking | str, **fields: Any) -> asks.CheckIn:
    """A kiosk has given a ticket to whoever holds this reference."""
    taken = rehearsal.issue_ask()
    reference = booking if isinstance(booking, str) else booking.reference
    values = {"otherwise": "housing", **fields}
    return asks.CheckIn(
        visit=taken.visit,
        ticket=taken.ticket,
        code=values.pop("code", taken.code),
        reference=reference,
        follow_hash=hash_of(f"paper {taken.ticket}"),
        **values,
    )
