"""What follows from a change of an appointment, in the transaction of the change: who is written to, which systems are told.

Whoever changes a booking says so here, once, and knows nothing of messages and calls; who sends them knows nothing of how bookings change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.actions import hooks, posting, wishes
from server.store.tables import Booking
from server.store.tx import Tx
from wire.vocabulary import BookingEvent


def happened(tx: Tx, event: BookingEvent, booking: Booking, *, tell: bool = True, **values: Any) -> None:
    """`event` happened to `booking`, as it is now. `tell` False: the visitor is not written to. `values` are what can no longer be looked
    up: `was` (the earlier start, microseconds) of a move."""
    for follow in (_refresh, posting.follow, hooks.follow, wishes.follow):
        follow(tx, event, booking, tell, values)


def _refresh(tx: Tx, event: BookingEvent, booking: Booking, tell: bool, values: Mapping[str, Any]) -> None:
    tx.touch(booking.centre_id)
