"""Getting somebody up from a counter who may no longer sit there: the account was disabled, or the adviser's role taken away.

Without the role no ask of theirs passes, so they cannot finish whom they serve; a counter that waits for them would hold its visitor for ever.
So they are got up at once. A visitor who was only called waits again, with the same number, from the same arrival; one who was being served
is parked there, and any colleague takes them up. Nothing is lost and nobody queues anew.
"""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import col, select

from server.actions.handing_over import free_visitor
from server.clock import from_micros
from server.store.queries import tickets
from server.store.tables import Centre, Pause, Seat
from server.store.tx import Tx


def leave_seat(tx: Tx, staff_id: int, centre_id: int | None = None) -> None:
    """Free the counter where this person sits; at `centre_id` only, if one is named."""
    session = tx.session()
    open_ones = select(Seat).where(Seat.staff_id == staff_id, col(Seat.until_at).is_(None))
    for seat in session.exec(open_ones).all():
        if centre_id not in (None, seat.centre_id):
            continue
        if seat.centre_id != tx.actor.centre:
            session.exec(
                select(Centre.id).where(Centre.id == seat.centre_id).with_for_update(key_share=True)
            ).one()
        _let_go(tx, seat)
        for pause in session.exec(
            select(Pause).where(Pause.seat_id == seat.id, col(Pause.until_at).is_(None))
        ):
            pause.until_at = from_micros(tx.now)
        seat.until_at = from_micros(tx.now)
        tx.touch(seat.centre_id)


def _let_go(tx: Tx, seat: Seat) -> None:
    """The visitor at this counter, if there is one; at the centre where that is."""
    there = tickets.at_counter(tx.sql, seat.counter_id)
    if there is None:
        return
    asking, tx.actor = tx.actor, replace(tx.actor, centre=seat.centre_id)
    try:
        free_visitor(tx, there[0], seat.counter_id)
    finally:
        tx.actor = asking
