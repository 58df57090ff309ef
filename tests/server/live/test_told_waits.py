"""The page Waits and service against figures made by hand, from what really happened on the floor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.asked import Asked, ask
from server.domain.figure import Figure
from server.domain.spans import Kind, Span, span_of
from server.domain.telling.persons import FEW_OTHERS, ONE_MONTH
from server.live.told import persons, waits, why
from tests.support.booked import appointment, arriving
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import BookingState

TODAY = date(2026, 11, 24)
LONDON = ZoneInfo("Europe/London")


def asked(rehearsal: Rehearsal, span: Span) -> Asked:
    now, centre = rehearsal.clock.micros(), rehearsal.kiosk.centre
    return ask(span, from_micros(now).astimezone(LONDON).date(), now, centre, "York House", LONDON)


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


async def test_everybody_else_is_told_beside_one_whole_month_and_no_other_time(rehearsal: Rehearsal) -> None:
    for span, why_none in (
        (Span(date(2026, 10, 1), date(2026, 10, 31)), FEW_OTHERS),
        (span_of(Kind.MONTH, date(2026, 10, 3)), FEW_OTHERS),
        (Span(date(2026, 10, 1), date(2026, 10, 30)), ONE_MONTH),
        (Span(date(2026, 9, 1), date(2026, 10, 31)), ONE_MONTH),
        (span_of(Kind.DAY, TODAY), ONE_MONTH),
        (span_of(Kind.MONTH, TODAY), ONE_MONTH),
    ):
        figures = await of_person(rehearsal, "ann", span)
        assert figures["serving"].notes == (why_none,), span


async def of_person(rehearsal: Rehearsal, who: str, span: Span) -> dict[str, Figure]:
    wanted, person = asked(rehearsal, span), rehearsal.people[who].id

    def read(connection: Connection) -> list[Figure]:
        return persons.read(connection, wanted, person, who)

    return {figure.slug: figure for figure in await rehearsal.house.look(read)}


async def test_the_night_on_which_the_clock_goes_back_takes_no_time_from_anybody(
    rehearsal: Rehearsal,
) -> None:
    """Came at 01:50 summer time, called at 01:10 winter time, twenty minutes later; served until 01:40, on the same local day."""
    night = date(2026, 10, 25)
    rehearsal.clock.set(datetime(2026, 10, 25, 0, 50, tzinfo=UTC))
    ticket = (await rehearsal.issue()).ticket
    await rehearsal.sit()
    rehearsal.clock.go(minutes=20)
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=ticket))
    rehearsal.clock.go(minutes=30)
    await rehearsal.ask("ann", asks.Finish(ticket=ticket, outcome="resolved"))
    await rehearsal.ask("ann", asks.GetUp())
    figures = await told(rehearsal, span_of(Kind.DAY, night))
    assert figures["how-long"].table.rows[0][1:5] == (1, 20, 20.0, 20)
    assert [row[:2] for row in figures["waits-by-hour"].table.rows] == [("01:30", 1)]
    (desk,) = figures["counters"].table.rows
    assert desk[1:3] == (50 / 60, 30 / 60)
    ann = await of_person(rehearsal, "ann", span_of(Kind.DAY, night))
    assert ann["serving"].table.rows == (("ann", 1, 30, 30.0, 30),)
    assert [row[1] for row in ann["time"].table.rows] == [50 / 60, 30 / 60, 0.0]


async def test_past_midnight_a_visit_is_of_its_evening_and_a_persons_end_of_its_morning(
    rehearsal: Rehearsal,
) -> None:
    rehearsal.clock.set(datetime(2026, 11, 24, 23, 50, tzinfo=UTC))
    ticket = (await rehearsal.issue()).ticket
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=ticket))
    rehearsal.clock.go(minutes=5)
    await rehearsal.ask("ann", asks.Park(ticket=ticket))
    rehearsal.clock.go(minutes=2)
    await rehearsal.ask("ann", asks.Undo(ticket=ticket))  # parked by mistake, so it was served all along
    rehearsal.clock.go(minutes=18)
    await rehearsal.ask("ann", asks.Finish(ticket=ticket, outcome="resolved", again=True))
    evening, morning = date(2026, 11, 24), date(2026, 11, 25)
    assert (await told(rehearsal, span_of(Kind.DAY, evening)))["how-long"].table.rows[4][1:3] == (1, 25)
    assert (await told(rehearsal, span_of(Kind.DAY, morning)))["how-long"].table.rows[4][1] == 0
    ann = await of_person(rehearsal, "ann", span_of(Kind.DAY, morning))
    assert ann["serving"].table.rows[0][1:3] == (1, 25)
    assert (
        ann["time"].sentence == "ann sat at no counter in this time."
    )  # the sitting began the evening before


async def test_reasons_are_told_of_the_day_they_were_noted(rehearsal: Rehearsal) -> None:
    """One resolved at once, one resolved after coming again, one that was another's to do; and a fourth still being served."""
    await rehearsal.sit()
    for outcome, again, avoidable in (
        ("resolved", False, None),
        ("resolved", True, "chasing"),
        ("not_ours", False, "not_our_service"),
        (None, False, None),
    ):
        ticket = (await rehearsal.issue()).ticket
        await rehearsal.ask("ann", asks.CallNext())
        await rehearsal.ask("ann", asks.Arrive(ticket=ticket))
        if outcome:
            body = asks.Finish(ticket=ticket, outcome=outcome, again=again, avoidable=avoidable)
            await rehearsal.ask("ann", body)
    wanted = asked(rehearsal, span_of(Kind.DAY, TODAY))
    read = await rehearsal.house.look(lambda connection: why.read(connection, rehearsal.kiosk.centre, wanted))
    figures = {figure.slug: figure for figure in read}
    assert figures["one-visit"].table.rows == (("All needs together", 3, 1, 1, 1, 1 / 3, None, None),)
    assert figures["avoidable"].table.total == ("Need not have been", 2, 2 / 3, None, None)
    assert figures["again"].table.rows[0][1:3] == (3, 1)
