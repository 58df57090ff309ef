"""What goes of appointments and when: nothing too early, no name a day too late; on both databases."""

from __future__ import annotations

from server.actions import booking
from server.jobs.sweeping import sweep
from tests.server.actions.test_needs import rows
from tests.support.house import Rehearsal
from tests.support.offering import free, offering, visitor
from wire import asks
from wire.vocabulary import new_id

_NAMED = "SELECT name, phone, email, note, CAST(answers AS TEXT), CAST(needs AS TEXT), reference, people FROM booking"


async def test_whom_it_was_for_is_erased_four_weeks_after_and_what_counts_stays(rehearsal: Rehearsal) -> None:
    times = await offering(
        rehearsal, "council-tax", question=[{"slug": "flat", "text": {"en": "Which flat?"}}]
    )
    body = asks.Book(
        booking=new_id(),
        service="council-tax",
        starts_at=times[0],
        name="Amira",
        phone="07700 900123",
        email="amira@example.org",
        note="Knows Ann.",
        needs=("step_free",),
        answers={"flat": "3b"},
        people=2,
    )
    made = await rehearsal.ask("greta", body)
    rehearsal.clock.go(days=28, minutes=-1)
    await sweep(rehearsal.house)
    [before] = await rows(rehearsal, _NAMED)
    assert before == (
        "Amira",
        "+447700900123",
        "amira@example.org",
        "Knows Ann.",
        '{"flat": "3b"}',
        '["step_free"]',
        made["reference"],
        2,
    )
    rehearsal.clock.go(hours=2)
    await sweep(rehearsal.house)
    [after] = await rows(rehearsal, _NAMED)
    assert after == ("", "", "", "", "{}", "[]", made["reference"], 2)
    assert await rows(rehearsal, "SELECT erased_at FROM booking") == [(rehearsal.clock.micros(),)]
    told = await rows(rehearsal, "SELECT centre_id, name, erased, found_after FROM erasure")
    assert told == [(1, "contacts", 1, 0)]
    noted = await rows(rehearsal, "SELECT what, about, CAST(detail AS TEXT) FROM audit")
    assert "booked an appointment" in [what for what, _, _ in noted]
    assert not any("Amira" in str(entry) or "900123" in str(entry) for entry in noted)
    refusal = await rehearsal.refused("greta", asks.AmendBooking(booking=body.booking, name="Amira"))
    assert "erased" in refusal.say


async def test_a_hold_nobody_came_back_to_goes_after_its_form(rehearsal: Rehearsal) -> None:
    await offering(rehearsal, "council-tax")
    slot = (await free(rehearsal, "council-tax", public=True))[0]
    await rehearsal.house.change(
        visitor(rehearsal),
        "hold",
        lambda tx: booking.hold(tx, rehearsal.kiosk.centre, "council-tax", slot.starts_at, new_id()),
    )
    rehearsal.clock.go(minutes=69)
    await sweep(rehearsal.house)
    assert await rows(rehearsal, "SELECT COUNT(*) FROM booking") == [(1,)]
    rehearsal.clock.go(minutes=2)
    await sweep(rehearsal.house)
    assert await rows(rehearsal, "SELECT COUNT(*) FROM booking") == [(0,)]
