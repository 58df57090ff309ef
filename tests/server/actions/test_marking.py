"""Marked as late, missed or expected; and what a kiosk may tell of an appointment that is not among today's."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from server.clock import to_micros
from server.store.tables import Centre
from tests.support.booked import appointment, arriving, now_is
from tests.support.house import Rehearsal, cast_of, fill, running_house
from wire import asks
from wire.vocabulary import (
    BookingState,
    RefusalCode,
)


@pytest.fixture
async def rehearsal(sqlite_url: str) -> AsyncIterator[Rehearsal]:
    """Rules are the same on both databases; what writes in a way of its own is tried `on_both`, and all of it by the model of the floor."""
    async with running_house(sqlite_url) as found:
        yield found


@pytest.fixture
async def on_both(database_url: str) -> AsyncIterator[Rehearsal]:
    async with running_house(database_url) as found:
        yield found


# Marks --------------------------------------------------------------------------------------------------------------


async def test_marked_as_missed_and_here_after_all(on_both: Rehearsal) -> None:
    booking = await appointment(on_both, minutes=-12)
    mark = asks.MarkBooking(booking=booking.id, mark="missed")
    assert (await on_both.ask("mia", mark))["was"] == {"mark": "expected", "late_minutes": 0}
    assert (await now_is(on_both, booking)).missed_at is not None
    body = arriving(booking)
    assert (await on_both.ask("greta", body))["came"] == "too_late"
    after = await now_is(on_both, booking)
    assert (after.state, after.missed_at) == (BookingState.ARRIVED, None)
    assert (await on_both.refused("mia", mark)).say.startswith("They are checked in as G01.")


async def test_a_mark_is_taken_back_by_the_one_before(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=-1)
    late = asks.MarkBooking(booking=booking.id, mark="late", late_minutes=20)
    await rehearsal.ask("ann", late)
    result = await rehearsal.ask("ann", asks.MarkBooking(booking=booking.id, mark="missed"))
    assert result["was"] == {"mark": "late", "late_minutes": 20}
    await rehearsal.ask("ann", asks.MarkBooking(booking=booking.id, **result["was"]))
    after = await now_is(rehearsal, booking)
    assert (after.state, after.late_minutes, after.missed_at) == (BookingState.BOOKED, 20, None)
    await rehearsal.ask("ann", asks.MarkBooking(booking=booking.id, mark="expected"))
    assert (await now_is(rehearsal, booking)).late_minutes == 0


async def test_nobody_is_missed_before_their_time(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=1)
    refusal = await rehearsal.refused("mia", asks.MarkBooking(booking=booking.id, mark="missed"))
    assert refusal.say.startswith("Their time, Tuesday 24 November at 10:01, has not come yet.")
    cancelled = await appointment(rehearsal, minutes=-5, state=BookingState.CANCELLED)
    refusal = await rehearsal.refused("mia", asks.MarkBooking(booking=cancelled.id, mark="missed"))
    assert refusal.code == RefusalCode.WRONG_STATE


# What a kiosk is told -----------------------------------------------------------------------------------------------


async def look_up(rehearsal: Rehearsal, reference: str):
    return await rehearsal.ask(rehearsal.kiosk, asks.LookUpBooking(reference=reference))


async def test_a_kiosk_is_told_of_the_holders_own_appointment_only(on_both: Rehearsal) -> None:
    today = await appointment(on_both, minutes=60, late_minutes=5, service="private")
    starts_at = to_micros(today.starts_at) // 1000
    assert await look_up(on_both, today.reference) == {
        "found": "today",
        "starts_at": starts_at,
        "from_at": starts_at - 30 * 60_000,
        "kept_until_at": starts_at + 15 * 60_000,
        "where": "",
    }
    later = await appointment(on_both, minutes=3 * 24 * 60, sequence=1)
    assert await look_up(on_both, later.reference) == {
        "found": "other_day",
        "starts_at": to_micros(later.starts_at) // 1000,
        "moved": True,
    }
    gone = await appointment(on_both, minutes=30, state=BookingState.CANCELLED)
    assert (await look_up(on_both, gone.reference))["found"] == "cancelled"
    body = arriving(today)
    await on_both.ask("greta", body)
    assert (await look_up(on_both, today.reference))["code"] == "G01"


async def test_what_is_not_or_is_long_over_is_unknown(rehearsal: Rehearsal) -> None:
    held = await appointment(rehearsal, minutes=60, state=BookingState.HELD)
    old = await appointment(rehearsal, minutes=-29 * 24 * 60)
    for reference in ("BCDFGHJK", held.reference, old.reference):
        assert await look_up(rehearsal, reference) == {"found": "unknown"}


async def test_another_centre_is_named_with_its_clock(rehearsal: Rehearsal) -> None:
    def add(tx):
        fill(tx.session(), "other-house", "L")
        tx.session().exec(select(Centre).where(Centre.slug == "other-house")).one().timezone = "Europe/Warsaw"

    await rehearsal.house.change(rehearsal.people["ada"], "fill", add)
    _, devices = cast_of(rehearsal.house.database, "other-house")
    booking = await appointment(rehearsal, minutes=60, centre_id=devices["kiosk"].centre)
    found = await look_up(rehearsal, booking.reference)
    assert (found["found"], found["centre"], found["timezone"]) == (
        "other_centre",
        "Other House",
        "Europe/Warsaw",
    )


async def test_a_device_that_guesses_is_made_to_wait(on_both: Rehearsal) -> None:
    booking = await appointment(on_both, minutes=60)
    for _ in range(30):
        await look_up(on_both, "BCDFGHJK")
    guess = asks.LookUpBooking(reference=booking.reference)
    assert (await on_both.refused(on_both.kiosk, guess)).code == RefusalCode.TRY_LATER
    assert (await on_both.ask(on_both.spare, guess))["found"] == "today"
    on_both.clock.go(minutes=10, seconds=1)
    assert (await look_up(on_both, booking.reference))["found"] == "today"
