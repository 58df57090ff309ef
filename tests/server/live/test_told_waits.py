"""The page Waits and service against figures made by hand, from what really happened on the floor."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.asked import Asked, ask
from server.domain.figure import Figure
from server.domain.spans import Kind, Span, span_of
from server.live.told import waits
from tests.support.booked import appointment, arriving
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import BookingState

TODAY = date(2026, 11, 24)


def asked(rehearsal: Rehearsal, span: Span) -> Asked:
    now, centre = rehearsal.clock.micros(), rehearsal.kiosk.centre
    return ask(span, TODAY, now, centre, "York House", ZoneInfo("Europe/London"))


async def told(rehearsal: Rehearsal, span: Span | None = None) -> dict[str, Figure]:
    wanted = asked(rehearsal, span or span_of(Kind.DAY, TODAY))

    def read(connection: Connection) -> list[Figure]:
        return waits.read(connection, rehearsal.kiosk.centre, wanted)

    return {figure.slug: figure for figure in await rehearsal.house.look(read)}


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
    before = from_micros(rehearsal.clock.micros()) - timedelta(days=3)
    await appointment(rehearsal, minutes=7, state=BookingState.CANCELLED, booked_at=before)
    await appointment(rehearsal, minutes=9, state=BookingState.CANCELLED)  # never booked: a time let go of
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
    rehearsal.clock.go(minutes=12)
    await rehearsal.ask("ann", asks.Finish(ticket=passed["ticket"], outcome="resolved"))
    figures = await told(rehearsal)
    rows = {row[0]: row[1:6] for row in figures["how-long"].table.rows}
    assert rows == {
        # how many, median, mean, 9 in 10 within, within target (20 minutes; of appointments 5)
        "Waiting, without an appointment": (1, 10, 10.0, 10, 1.0),
        "Waiting, with an appointment": (1, 3, 3.0, 3, 1.0),
        "Waiting, too late for the appointment": (1, 4, 4.0, 4, 1.0),
        "Walking to the counter": (3, 0, 0.0, 0, None),
        "Being served": (3, 0, 4.0, 12, None),
        "Parked": (0, None, None, None, None),
    }
    booked_rows = {row[0]: row[1] for row in figures["appointments"].table.rows}
    assert booked_rows == {"Kept": 1, "Came too late": 2, "Missed": 1, "Cancelled before": 1}
    assert "1 of 4 appointments was missed (25%)" in figures["appointments"].sentence
    (row,) = figures["waits-by-service"].table.rows
    assert row[0] == "All needs together"  # too few of any one: nobody is singled out
    (desk,) = figures["counters"].table.rows
    assert desk[:2] == ("Desk 1", 69 / 60)
    assert desk[2] == 12 / 60


async def test_nothing_by_service_of_a_span_that_could_be_compared(rehearsal: Rehearsal) -> None:
    figures = await told(rehearsal, Span(date(2026, 10, 3), TODAY))
    assert "waits-by-service" not in figures
    assert not figures["what-became"].also
    assert any("whole months" in note for note in figures["how-long"].notes)
    assert "waits-by-service" in await told(rehearsal, span_of(Kind.MONTH, date(2026, 10, 3)))


async def test_of_the_future_and_of_a_time_without_anybody_it_says_so(rehearsal: Rehearsal) -> None:
    for span in (span_of(Kind.MONTH, date(2027, 3, 1)), span_of(Kind.YEAR, date(2001, 1, 1))):
        figures = await told(rehearsal, span)
        assert figures["how-long"].sentence == "Nobody was called in this time."
        assert figures["counters"].sentence == "No counter was open in this time."
        assert not [each.slug for each in figures.values() if each.chart]
