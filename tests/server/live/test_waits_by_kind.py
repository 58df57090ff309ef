"""The page Waits against sums made by hand, from what really happened on the floor."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from server.live.waits_by_kind import WaitsByKind, read_waits
from tests.support.booked import appointment, arriving
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import BookingState

TODAY = date(2026, 11, 24)


async def figures(rehearsal: Rehearsal, first: date = TODAY, last: date = TODAY) -> WaitsByKind:
    def read(connection: Connection) -> WaitsByKind:
        now = rehearsal.clock.micros()
        return read_waits(connection, rehearsal.kiosk.centre, "York House", first, last, now)

    return await rehearsal.house.look(read)


async def served(rehearsal: Rehearsal, ticket: str) -> None:
    await rehearsal.ask("ann", asks.Arrive(ticket=ticket))
    await rehearsal.ask("ann", asks.Finish(ticket=ticket, outcome="resolved"))


async def test_what_happened_is_what_is_told(rehearsal: Rehearsal) -> None:
    """Walk-in 10 min; booked at :20, here at :10, called at :23; too late, called after 4; one missed, one to come, one discreet."""
    await rehearsal.sit(services=("council-tax", "private"))
    walk_in = await rehearsal.issue()
    booked = await appointment(rehearsal, minutes=20)
    late = await appointment(rehearsal, minutes=5)
    await appointment(rehearsal, minutes=6, state=BookingState.MISSED)
    await appointment(rehearsal, minutes=300)
    await appointment(rehearsal, minutes=7, state=BookingState.CANCELLED)
    discreet = await appointment(rehearsal, minutes=8, service="private")
    rehearsal.clock.go(minutes=10)
    here = arriving(booked)
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == walk_in.ticket  # 10:10
    await served(rehearsal, walk_in.ticket)
    await rehearsal.ask("greta", here)
    rehearsal.clock.go(minutes=13)
    await rehearsal.ask("ann", asks.ServeBooking(booking=booked.id))  # 10:23
    await served(rehearsal, here.ticket)
    too_late, private = arriving(late), arriving(discreet)
    await rehearsal.ask("greta", too_late)
    await rehearsal.ask("greta", private)
    rehearsal.clock.go(minutes=4)
    await rehearsal.ask("ann", asks.ServeBooking(booking=late.id))
    passed = await rehearsal.ask("ann", asks.Transfer(ticket=too_late.ticket, counter="desk-1"))
    rehearsal.clock.go(minutes=30)
    called = await rehearsal.ask("ann", asks.CallNext())
    assert (
        called["ticket"] == passed["ticket"]
    )  # for this counter, so first: its second call is no second wait
    await rehearsal.ask("ann", asks.Arrive(ticket=passed["ticket"]))
    await rehearsal.ask("ann", asks.Finish(ticket=passed["ticket"], outcome="resolved"))
    seen = await figures(rehearsal)
    told = {
        "booked": (seen.all.booked.number, seen.all.booked.median, seen.all.booked.soon),
        "late": (seen.all.late.number, seen.all.late.median, seen.all.late.soon),
        "walk_in": (seen.all.walk_in.number, seen.all.walk_in.median, seen.all.walk_in.soon),
    }
    assert told == {"booked": (1, 3, 1), "late": (1, 4, 1), "walk_in": (1, 10, 0)}
    assert (seen.all.missed, seen.all.appointments) == (1, 4)  # of those whose time has come; not cancelled
    (row,) = seen.services or ()
    assert row.name == "All needs together"  # too few of any one: nobody is singled out


async def test_nothing_by_service_of_a_span_that_could_be_compared(rehearsal: Rehearsal) -> None:
    seen = await figures(rehearsal, date(2026, 10, 3), TODAY)
    assert seen.services is None
    assert seen.months == (date(2026, 10, 1), date(2026, 10, 31))
    assert (await figures(rehearsal, date(2026, 10, 1), date(2026, 10, 31))).services == ()
