"""Checking in for an appointment: at a kiosk, by staff, twice, too late, on a wrong day; and being called for it."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import select

from server.clock import to_micros
from server.domain.selection import HEAD_START, MINUTE
from server.store.tables import Attention, Note, Service, Ticket, Visit
from tests.support.booked import appointment, arriving, at_the_kiosk, now_is, ticket_of
from tests.support.house import Rehearsal, cast_of, fill, running_house
from wire import asks
from wire.vocabulary import (
    AttentionKind,
    BookingState,
    Language,
    Need,
    RefusalCode,
    TicketClass,
    TicketState,
    new_id,
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


HOUR_MS = 3600 * 1000


async def told(rehearsal: Rehearsal) -> list[Attention]:
    return await rehearsal.house.read(lambda session: list(session.exec(select(Attention)).all()))


async def notes(rehearsal: Rehearsal) -> list[str]:
    return await rehearsal.house.read(
        lambda session: [each.text for each in session.exec(select(Note)).all()]
    )


async def offers(rehearsal: Rehearsal, service: str, **document: object) -> None:
    """Give the service an offer of its own."""

    def change(tx):
        found = tx.session().exec(select(Service).where(Service.slug == service)).one()
        found.booking = document

    await rehearsal.house.change(rehearsal.people["ada"], "offer", change)


async def test_one_checked_in_early_has_the_place_of_the_booked_time(on_both: Rehearsal) -> None:
    booking = await appointment(
        on_both, minutes=25, language=Language.PL, needs=["step_free"], people=3, interpreter="pl"
    )
    ask = at_the_kiosk(on_both, booking)
    result = await on_both.ask(on_both.kiosk, ask)
    assert result == {"came": "on_time", "code": ask.code, "ticket": ask.ticket}
    ticket = await ticket_of(on_both, ask.ticket)
    assert ticket.ticket_class == TicketClass.BOOKED
    assert to_micros(ticket.counts_from) == to_micros(booking.starts_at) - HEAD_START
    assert ticket.booking_id == booking.id
    visit = await on_both.house.read(lambda session: session.get_one(Visit, ask.visit))
    assert (visit.language, visit.needs, visit.people) == (
        "pl",
        [Need.STEP_FREE, Need.INTERPRETER],
        3,
    )
    after = await now_is(on_both, booking)
    assert (after.state, after.ticket_id) == (BookingState.ARRIVED, ask.ticket)
    assert not await told(on_both)
    assert not await notes(on_both)


async def test_the_language_chosen_at_the_kiosk_goes_before_the_booked_one(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=5, language=Language.PL)
    ask = at_the_kiosk(rehearsal, booking, language=Language.UR)
    await rehearsal.ask(rehearsal.kiosk, ask)
    visit = await rehearsal.house.read(lambda session: session.get_one(Visit, ask.visit))
    assert visit.language == "ur"


async def test_handed_over_twice_it_is_one_check_in(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=5)
    ask, number = at_the_kiosk(rehearsal, booking), new_id()
    first = await rehearsal.answer(rehearsal.kiosk, ask, number)
    again = ask.model_copy(update={"age_ms": 60_000, "paper": "confirmed"})
    assert (await rehearsal.answer(rehearsal.kiosk, again, number)).result == first.result
    assert not await told(rehearsal)


@pytest.mark.parametrize(("late", "came"), [(10, "late"), (11, "too_late")])
async def test_the_place_is_kept_for_ten_minutes(rehearsal: Rehearsal, late: int, came: str) -> None:
    booking = await appointment(rehearsal, minutes=-late, service="housing")
    result = await rehearsal.ask("greta", body := arriving(booking))
    ticket = await ticket_of(rehearsal, body.ticket)
    assert result["came"] == came
    assert ticket.booking_id == booking.id
    if came == "late":
        assert ticket.ticket_class == TicketClass.BOOKED
    else:  # as anybody who walks in for housing now: of its class, from now
        assert ticket.ticket_class == TicketClass.SOON
        assert to_micros(ticket.counts_from) == rehearsal.clock.micros()


async def test_it_is_kept_longer_by_the_service_and_for_who_rang(rehearsal: Rehearsal) -> None:
    await offers(rehearsal, "council-tax", late_minutes=20)
    booking = await appointment(rehearsal, minutes=-45)
    await rehearsal.ask("greta", asks.MarkBooking(booking=booking.id, mark="late", late_minutes=25))
    result = await rehearsal.ask(rehearsal.kiosk, at_the_kiosk(rehearsal, booking))
    assert result["came"] == "late"


async def test_a_late_one_is_taken_in_where_walk_ins_are_not(rehearsal: Rehearsal) -> None:
    def appointments_only(tx):
        tx.session().exec(select(Service).where(Service.slug == "housing")).one().walk_in = False

    await rehearsal.house.change(rehearsal.people["ada"], "only", appointments_only)
    booking = await appointment(rehearsal, minutes=-50, service="housing")
    body = arriving(booking)
    assert (await rehearsal.ask("greta", body))["came"] == "too_late"
    assert (await ticket_of(rehearsal, body.ticket)).state == TicketState.WAITING


async def test_a_reference_nobody_knows_stands_in_line_and_staff_are_told(on_both: Rehearsal) -> None:
    await appointment(on_both, minutes=5)
    held = await appointment(on_both, minutes=10, state=BookingState.HELD)
    for reference in ("BCDFGHJK", held.reference):
        ask = at_the_kiosk(on_both, reference)
        assert (await on_both.ask(on_both.kiosk, ask))["came"] == "unknown"
        ticket = await ticket_of(on_both, ask.ticket)
        assert (ticket.booking_id, ticket.ticket_class) == (None, TicketClass.SOON)  # of housing, `otherwise`
    rows = await told(on_both)
    assert [row.kind for row in rows] == [AttentionKind.SET_ASIDE] * 2
    assert rows[1].detail == {"code": ask.code, "check_in": "unknown"}
    assert len(await notes(on_both)) == 2


@pytest.mark.parametrize("state", [BookingState.BOOKED, BookingState.ARRIVED])
async def test_another_day_is_told_to_staff_and_left_as_it_is(
    rehearsal: Rehearsal, state: BookingState
) -> None:
    booking = await appointment(rehearsal, minutes=24 * 60)
    came = "other_day"
    if state is BookingState.ARRIVED:  # of yesterday, and seen to then
        booking = await appointment(rehearsal, minutes=-24 * 60, state=state, ticket_id=None)
        came = "arrived"
    ask = at_the_kiosk(rehearsal, booking)
    assert (await rehearsal.ask(rehearsal.kiosk, ask))["came"] == came
    assert (await ticket_of(rehearsal, ask.ticket)).booking_id is None
    assert (await now_is(rehearsal, booking)).state == state


async def test_another_centres_appointment_tells_nothing_here(rehearsal: Rehearsal) -> None:
    await rehearsal.house.change(
        rehearsal.people["ada"], "fill", lambda tx: fill(tx.session(), "other-house", "L")
    )
    _, devices = cast_of(rehearsal.house.database, "other-house")
    booking = await appointment(rehearsal, minutes=5, centre_id=devices["kiosk"].centre, people=4)
    ask = at_the_kiosk(rehearsal, booking)
    assert (await rehearsal.ask(rehearsal.kiosk, ask))["came"] == "other_centre"
    visit = await rehearsal.house.read(lambda session: session.get_one(Visit, ask.visit))
    assert (visit.people, visit.needs) == (1, [])
    assert (await now_is(rehearsal, booking)).state == BookingState.BOOKED
    assert (await rehearsal.refused("greta", arriving(booking))).code == RefusalCode.UNKNOWN


async def test_who_was_cancelled_waits_as_a_walk_in_with_a_word_to_staff(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=5, state=BookingState.CANCELLED)
    ask = at_the_kiosk(rehearsal, booking)
    assert (await rehearsal.ask(rehearsal.kiosk, ask))["came"] == "cancelled"
    ticket = await ticket_of(rehearsal, ask.ticket)
    assert (ticket.ticket_class, ticket.booking_id) == (TicketClass.ORDINARY, None)
    assert (await now_is(rehearsal, booking)).state == BookingState.CANCELLED
    assert await notes(rehearsal) == ["Had an appointment that was cancelled."]
    assert [row.detail["check_in"] for row in await told(rehearsal)] == ["cancelled"]


async def test_two_kiosks_without_a_line_are_one_arrival(on_both: Rehearsal) -> None:
    booking = await appointment(on_both, minutes=5)
    first = at_the_kiosk(on_both, booking, age_ms=600_000)
    second = at_the_kiosk(on_both, booking, code="M01", age_ms=300_000)
    await on_both.ask(on_both.kiosk, first)
    result = await on_both.ask(on_both.spare, second)
    assert result["code"] == first.code
    visit = await on_both.house.read(lambda session: session.get_one(Visit, second.visit))
    assert visit.merged_into == first.visit
    assert not (await ticket_of(on_both, second.ticket)).counted
    assert (await now_is(on_both, booking)).ticket_id == first.ticket
    detail = {"code": "M01", "check_in": "second_paper", "into": first.code}
    assert [row.detail for row in await told(on_both)] == [detail]


async def test_a_second_paper_of_who_was_served_meanwhile_is_nobody(on_both: Rehearsal) -> None:
    booking = await appointment(on_both, minutes=5)
    first = at_the_kiosk(on_both, booking)
    await on_both.ask(on_both.kiosk, first)
    await on_both.sit()
    await on_both.ask("ann", asks.CallNext())
    await on_both.ask("ann", asks.Arrive(ticket=first.ticket))
    await on_both.ask("ann", asks.Finish(ticket=first.ticket, outcome="resolved"))
    on_both.clock.go(minutes=30)
    void = at_the_kiosk(on_both, booking, code="M01", age_ms=31 * 60_000)
    await on_both.ask(on_both.spare, void)
    ticket = await ticket_of(on_both, void.ticket)
    assert (ticket.state, ticket.counted) == (TicketState.CANCELLED, False)
    anew = at_the_kiosk(on_both, booking, code="M02")
    await on_both.ask(on_both.spare, anew)
    ticket = await ticket_of(on_both, anew.ticket)
    assert (ticket.state, ticket.ticket_class, ticket.counted) == (
        TicketState.WAITING,
        TicketClass.ORDINARY,
        True,
    )


async def test_days_late_it_is_entered_and_ended(on_both: Rehearsal) -> None:
    booking = await appointment(on_both, minutes=-3 * 24 * 60, state=BookingState.MISSED)
    ask = at_the_kiosk(on_both, booking, age_ms=3 * 24 * HOUR_MS + 60_000)
    assert (await on_both.ask(on_both.kiosk, ask))["came"] == "on_time"
    assert (await ticket_of(on_both, ask.ticket)).state == TicketState.CANCELLED
    assert (await now_is(on_both, booking)).state == BookingState.ARRIVED  # they did come, that day


async def test_another_kiosks_code_is_refused_and_changes_nothing(on_both: Rehearsal) -> None:
    booking = await appointment(on_both, minutes=5)
    ask = at_the_kiosk(on_both, booking, code="M01")
    assert (await on_both.refused(on_both.kiosk, ask)).code == RefusalCode.CODE_TAKEN
    assert (await now_is(on_both, booking)).state == BookingState.BOOKED


async def test_no_name_is_in_what_staff_are_told_or_the_audit(rehearsal: Rehearsal) -> None:
    from server.store.tables import Audit, Command

    booking = await appointment(rehearsal, minutes=-15, phone="+447700900123", note="Brings her mother.")
    await rehearsal.ask(rehearsal.kiosk, at_the_kiosk(rehearsal, booking))
    await rehearsal.ask(rehearsal.spare, at_the_kiosk(rehearsal, booking, code="M01"))

    def everything(session) -> str:
        rows = [*session.exec(select(Attention)), *session.exec(select(Audit)), *session.exec(select(Note))]
        rows += [*session.exec(select(Command))]
        return json.dumps([row.model_dump(mode="json") for row in rows])

    kept = await rehearsal.house.read(everything)
    assert "second_paper" in kept
    assert "Lovelace" not in kept
    assert "7700900123" not in kept
    assert "mother" not in kept


async def test_a_ticket_of_a_booking_knows_when_it_is_due(rehearsal: Rehearsal) -> None:
    """Two booked for one time and a walk-in who came long before: in the order of the rule."""
    walk_in = await rehearsal.issue()
    rehearsal.clock.go(minutes=20)
    booking = await appointment(rehearsal, minutes=14)
    body = arriving(booking)
    await rehearsal.ask("greta", body)
    await rehearsal.sit()
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == walk_in.ticket
    await rehearsal.ask("ann", asks.Undo(ticket=walk_in.ticket))
    rehearsal.clock.go(minutes=14)
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == body.ticket
    tickets = await rehearsal.house.read(lambda session: session.exec(select(Ticket)).all())
    assert {each.booking_id for each in tickets} == {None, booking.id}
    assert timedelta(microseconds=HEAD_START) == timedelta(microseconds=15 * MINUTE)


async def test_the_floor_says_why_a_booked_visitor_was_not_called(on_both: Rehearsal) -> None:
    from server.live.console import read_floor

    async def told_now() -> list[tuple[str, str]]:
        floor = await on_both.house.look(
            lambda connection: read_floor(
                connection, on_both.kiosk.centre, on_both.people["mia"].id, on_both.clock.micros()
            )
        )
        return [(each.kind, each.say) for each in floor.concerns if each.kind is AttentionKind.BOOKED_WAITING]

    first, second = [await appointment(on_both, minutes=10) for _ in range(2)]
    for each in (first, second):
        await on_both.ask("greta", arriving(each))
    await on_both.sit()
    on_both.clock.go(minutes=12)
    await on_both.ask("ann", asks.ServeBooking(booking=first.id))
    on_both.clock.go(minutes=2, seconds=59)
    assert await told_now() == []
    on_both.clock.go(seconds=1)
    say = (
        "G02 has an appointment at 10:10 and has not been called. The one person who serves it is with a visitor since 10:12."
        " They are among the next to be called. Tell them, or ask for one more counter."
    )
    assert await told_now() == [(AttentionKind.BOOKED_WAITING, say)]
    subject = f"booked:{(await now_is(on_both, second)).ticket_id}"
    await on_both.ask("mia", asks.TakeConcern(subject=subject))
    await on_both.ask("mia", asks.DoneConcern(subject=subject))
    assert await told_now() == []


async def test_their_phone_tells_their_time_while_the_place_is_kept(rehearsal: Rehearsal) -> None:
    from server.live import views
    from server.live.floor import FloorReader
    from wire.vocabulary import Audience

    kept, late = await appointment(rehearsal, minutes=20), await appointment(rehearsal, minutes=-20)
    reader = FloorReader(rehearsal.house.database, "https://queue.test")
    for booking, told in ((kept, to_micros(kept.starts_at) // 1000), (late, None)):
        body = arriving(booking)
        await rehearsal.ask("greta", body)
        floor = reader.read(rehearsal.kiosk.centre, rehearsal.clock.micros())
        assert views.view(floor, Audience.PHONE, body.visit)["place"].get("booked_at") == told


async def test_a_second_paper_waits_for_nothing_that_was_passed_on(rehearsal: Rehearsal) -> None:
    """Booked for council tax, sorted to housing at the door, and then the other kiosk's paper is handed over: still one need."""
    booking = await appointment(rehearsal, minutes=5)
    first = at_the_kiosk(rehearsal, booking)
    await rehearsal.ask(rehearsal.kiosk, first)
    passed = await rehearsal.ask("greta", asks.Transfer(ticket=first.ticket, service="housing"))
    assert (await ticket_of(rehearsal, passed["ticket"])).ticket_class == TicketClass.BOOKED
    await rehearsal.ask(rehearsal.spare, at_the_kiosk(rehearsal, booking, code="M01"))
    tickets = await rehearsal.house.read(lambda session: session.exec(select(Ticket)).all())
    assert [each.id for each in tickets if each.ended_at is None] == [passed["ticket"]]
