"""What a change of an appointment must not do: to one that is over, to another centre's, to what nobody asked about. On both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlmodel import select

from server.actions import booking
from server.clock import from_micros
from server.store.tables import Booking, Centre
from server.store.tx import Tx
from tests.server.actions.test_booking import MINUTE, TAX, confirm, do, hold, no
from tests.server.actions.test_needs import rows
from tests.support.house import Rehearsal, fill
from tests.support.offering import free, offer, offering, people
from wire.vocabulary import BookingState, RefusalCode

WEDNESDAY = date(2026, 11, 25)


async def become(rehearsal: Rehearsal, one: str, **values: Any) -> None:
    def change(tx: Tx) -> None:
        found = tx.session().get_one(Booking, one)
        for name, value in values.items():
            setattr(found, name, value)

    await do(rehearsal, change)


async def test_what_is_over_or_here_is_neither_moved_nor_cancelled_nor_let_go(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, TAX)
    first, second = [slot.starts_at for slot in await free(rehearsal, TAX, WEDNESDAY)][:3:2]
    made = await confirm(rehearsal, (await hold(rehearsal, first)).id)
    greta = rehearsal.people["greta"]
    for state, words in (
        (BookingState.ARRIVED, "checked in"),
        (BookingState.MISSED, "was missed"),
        (BookingState.CANCELLED, "cancelled already"),
        (BookingState.HELD, "filling in"),
    ):
        await become(rehearsal, made.id, state=state, expires_at=None)
        moving = do(rehearsal, lambda tx: booking.move(tx, made, second), greta)
        assert words in await no(moving, RefusalCode.WRONG_STATE)
        if state in (BookingState.ARRIVED, BookingState.MISSED):
            cancelling = do(rehearsal, lambda tx: booking.cancel(tx, made), greta)
            assert words in await no(cancelling, RefusalCode.WRONG_STATE)
        if state != BookingState.HELD:
            await do(rehearsal, lambda tx: booking.release(tx, made.id))
    assert await rows(rehearsal, "SELECT starts_at FROM booking") == [(first,)]
    # One that is only held is let go: nothing of it stays, and no cancellation is told.
    await do(rehearsal, lambda tx: booking.cancel(tx, made), greta)
    assert await rows(rehearsal, "SELECT state FROM booking") == []


async def test_a_form_has_what_it_asked_for_and_only_that(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, TAX)
    at = (await free(rehearsal, TAX, WEDNESDAY))[0].starts_at
    held = await hold(rehearsal, at, minutes=10**6)
    assert held.expires_at == from_micros(rehearsal.clock.micros() + 48 * 60 * MINUTE)
    await no(
        hold(rehearsal, at, held.id, interpreter="pl")
    )  # there is nobody who speaks it: not the same hold
    rehearsal.clock.go(hours=49)
    later = (await free(rehearsal, TAX, date(2026, 11, 27)))[0].starts_at
    held = await hold(rehearsal, later, minutes=10)
    rehearsal.clock.go(minutes=11)
    again = await hold(rehearsal, later, held.id)  # expired, and asked for anew: kept for ten minutes more
    assert again.expires_at == from_micros(rehearsal.clock.micros() + 10 * MINUTE)

    def elsewhere(tx: Tx) -> int:
        fill(tx.session(), "other-house", "L")
        there = cast_of_other(tx)
        offer(tx.session(), there, TAX)
        return there

    there = await do(rehearsal, elsewhere)
    taking = do(rehearsal, lambda tx: booking.hold(tx, there, TAX, later, held.id))
    await no(taking, RefusalCode.ID_REUSED)


def cast_of_other(tx: Tx) -> int:
    return tx.session().exec(select(Centre).where(Centre.slug == "other-house")).one().id or 0


async def test_who_is_moved_keeps_whom_they_had_and_is_told_if_they_shall_be(rehearsal: Rehearsal) -> None:
    numbers = await people(rehearsal)
    await offering(rehearsal, TAX, by_people=True, at_once=5)
    times = [slot.starts_at for slot in await free(rehearsal, TAX, WEDNESDAY)]
    first = await confirm(rehearsal, (await hold(rehearsal, times[0])).id)
    made = await confirm(rehearsal, (await hold(rehearsal, times[0])).id)
    assert (first.person_id, made.person_id) == (numbers["ann"], numbers["bob"])
    await become(rehearsal, made.id, late_minutes=20, arrival_hash="known")
    greta = rehearsal.people["greta"]
    moved = await do(rehearsal, lambda tx: booking.move(tx, made, times[4]), greta)
    assert (moved.person_id, moved.late_minutes, moved.arrival_hash) == (numbers["bob"], 0, "")
    # To the same time and another person: that is a move too.
    moved = await do(rehearsal, lambda tx: booking.move(tx, made, times[4], person=numbers["ann"]), greta)
    assert (moved.person_id, moved.sequence) == (numbers["ann"], 2)
    await become(rehearsal, made.id, arrival_hash="known")
    gone = await do(rehearsal, lambda tx: booking.cancel(tx, made, tell=False), greta)
    assert gone.arrival_hash == ""
    # One who comes back to a hold that has expired gets the very person it had, also where another is next.
    slow = await hold(rehearsal, times[8])
    assert slow.person_id == numbers["bob"]
    await become(rehearsal, first.id, starts_at=from_micros(times[0] + 24 * 60 * MINUTE))
    rehearsal.clock.go(minutes=11)
    assert (await confirm(rehearsal, slow.id)).person_id == numbers["bob"]
