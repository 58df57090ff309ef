"""Staff check a visitor in, call them for their appointment, pass them on, merge, and take back what was a mistake."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlmodel import select

from server.clock import to_micros
from server.domain.selection import HEAD_START
from server.store.tables import Booking, Visit
from server.store.tx import Tx
from tests.support.booked import appointment, arriving, now_is, ticket_of
from tests.support.house import Rehearsal, running_house
from wire import asks
from wire.vocabulary import (
    BookingState,
    RefusalCode,
    Role,
    TicketClass,
    TicketState,
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


# By staff -----------------------------------------------------------------------------------------------------------


async def test_staff_check_in_with_the_houses_code(on_both: Rehearsal) -> None:
    booking = await appointment(on_both, minutes=90)
    body = arriving(booking)
    result = await on_both.ask("greta", body)
    assert result == {"ticket": body.ticket, "visit": body.visit, "code": "G01", "came": "early"}
    assert (await on_both.refused("ann", arriving(booking))).say == "They are checked in already, as G01."


@pytest.mark.parametrize(
    ("minutes", "state", "said"),
    [
        (24 * 60, BookingState.BOOKED, "This appointment is on Wednesday 25 November at 10:00."),
        (5, BookingState.CANCELLED, "This appointment was cancelled."),
        (5, BookingState.HELD, "This appointment was never confirmed."),
    ],
)
async def test_staff_are_told_why_it_cannot_be_checked_in(
    rehearsal: Rehearsal, minutes: int, state: BookingState, said: str
) -> None:
    booking = await appointment(rehearsal, minutes=minutes, state=state)
    assert (await rehearsal.refused("greta", arriving(booking))).say.startswith(said)


async def test_nobody_is_checked_in_while_everyone_leaves(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=5)
    await rehearsal.ask("greta", asks.Evacuate(confirmed=True))
    assert (await rehearsal.refused("greta", arriving(booking))).code == RefusalCode.CLOSED


async def test_partners_check_in_for_their_own_surgery_only(rehearsal: Rehearsal) -> None:
    partner = rehearsal.people["bob"]
    partner = type(partner)(**{**partner.__dict__, "roles": frozenset({Role.PARTNER})})
    booking = await appointment(rehearsal, minutes=5)
    assert (await rehearsal.refused(partner, arriving(booking))).code == RefusalCode.UNKNOWN

    def give_skill(tx):
        from server.store.tables import StaffSkill

        skill = StaffSkill(staff_id=partner.id, centre_id=partner.centre, kind="service", value="council-tax")
        tx.session().add(skill)

    await rehearsal.house.change(rehearsal.people["ada"], "skill", give_skill)
    assert (await rehearsal.ask(partner, arriving(booking)))["came"] == "on_time"


@pytest.mark.parametrize("way", ["undo", "withdraw"])
async def test_an_arrival_by_mistake_is_taken_back(on_both: Rehearsal, way: str) -> None:
    booking = await appointment(on_both, minutes=5)
    body = arriving(booking)
    await on_both.ask("greta", body)
    back = asks.Undo(ticket=body.ticket) if way == "undo" else asks.Withdraw(ticket=body.ticket)
    await on_both.ask("greta", back)
    after = await now_is(on_both, booking)
    assert (after.state, after.ticket_id, after.arrived_at) == (BookingState.BOOKED, None, None)
    if way == "withdraw":  # which can be taken back itself: they were there after all
        await on_both.ask("greta", asks.Undo(ticket=body.ticket))
        assert (await now_is(on_both, booking)).ticket_id == body.ticket
    else:
        assert (await on_both.ask("greta", arriving(booking)))["code"] == "G02"


async def test_a_withdrawal_is_not_taken_back_once_they_were_checked_in_anew(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=5)
    body = arriving(booking)
    await rehearsal.ask("greta", body)
    await rehearsal.ask("greta", asks.Withdraw(ticket=body.ticket))
    await rehearsal.ask("greta", arriving(booking))
    assert (await rehearsal.refused("greta", asks.Undo(ticket=body.ticket))).code == (
        RefusalCode.NOTHING_TO_UNDO
    )


async def test_a_withdrawal_is_not_taken_back_once_it_was_moved_to_another_day(on_both: Rehearsal) -> None:
    booking = await appointment(on_both, minutes=5)
    body = arriving(booking)
    await on_both.ask("greta", body)
    await on_both.ask("greta", asks.Withdraw(ticket=body.ticket))
    on_both.clock.go(minutes=1)

    def move_on(tx: Tx) -> None:
        moved = tx.session().get_one(Booking, booking.id)
        moved.starts_at += timedelta(days=7)
        moved.ends_at += timedelta(days=7)
        moved.changed_at = on_both.clock.now()

    await on_both.house.change(on_both.people["ada"], "move", move_on)
    refusal = await on_both.refused("greta", asks.Undo(ticket=body.ticket))
    assert refusal.code == RefusalCode.NOTHING_TO_UNDO
    after = await now_is(on_both, booking)
    assert (after.state, after.ticket_id) == (BookingState.BOOKED, None)
    assert (await ticket_of(on_both, body.ticket)).state == TicketState.CANCELLED


# At the counter -----------------------------------------------------------------------------------------------------


async def test_an_adviser_calls_a_booked_visitor_before_others(on_both: Rehearsal) -> None:
    await on_both.issue()
    on_both.clock.go(minutes=40)
    booking = await appointment(on_both, minutes=25)
    await on_both.sit()
    early = await on_both.refused("ann", asks.ServeBooking(booking=booking.id))
    assert early.say == "They are not checked in. Check them in first, then call them."
    body = arriving(booking)
    await on_both.ask("greta", body)
    result = await on_both.ask("ann", asks.ServeBooking(booking=booking.id))
    assert result["ticket"] == body.ticket
    assert result["why"] == "Has an appointment at 11:05, and was called before others."
    assert (await ticket_of(on_both, body.ticket)).state == TicketState.CALLED
    await on_both.ask("ann", asks.Undo(ticket=body.ticket))
    assert (await ticket_of(on_both, body.ticket)).state == TicketState.WAITING


async def test_not_at_a_counter_that_does_not_serve_it_nor_twice(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=5)
    await rehearsal.ask("greta", arriving(booking))
    await rehearsal.sit("bob", "desk-2", ("housing",))
    refusal = await rehearsal.refused("bob", asks.ServeBooking(booking=booking.id))
    assert refusal.code == RefusalCode.NOT_ALLOWED
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.ServeBooking(booking=booking.id))
    await rehearsal.sit("mia", "room-1")
    refusal = await rehearsal.refused("mia", asks.ServeBooking(booking=booking.id))
    assert refusal.code == RefusalCode.WRONG_STATE


async def test_a_discreet_appointment_is_called_by_those_who_may_know(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=5, service="private")
    body = arriving(booking)
    await rehearsal.ask("greta", body)
    visit = await rehearsal.house.read(lambda session: session.get_one(Visit, body.visit))
    assert visit.discreet
    unknowing = rehearsal.people["ann"]
    unknowing = type(unknowing)(**{**unknowing.__dict__, "roles": frozenset({Role.ADVISER})})
    await rehearsal.sit(services=("council-tax", "private"))
    refusal = await rehearsal.refused(unknowing, asks.ServeBooking(booking=booking.id))
    assert refusal.code == RefusalCode.NOT_ALLOWED
    assert (await rehearsal.ask("ann", asks.ServeBooking(booking=booking.id)))["discreet"] is True


# As the ticket goes on ----------------------------------------------------------------------------------------------


async def called(rehearsal: Rehearsal, booking) -> str:
    """Checked in and being served by ann; the ticket."""
    body = arriving(booking)
    await rehearsal.ask("greta", body)
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.ServeBooking(booking=booking.id))
    await rehearsal.ask("ann", asks.Arrive(ticket=body.ticket))
    return body.ticket


async def test_passed_on_for_the_same_the_appointment_goes_along(on_both: Rehearsal) -> None:
    booking = await appointment(on_both, minutes=5)
    ticket = await called(on_both, booking)
    passed = await on_both.ask("ann", asks.Transfer(ticket=ticket, counter="desk-2"))
    successor = await ticket_of(on_both, passed["ticket"])
    assert (successor.booking_id, successor.ticket_class) == (booking.id, TicketClass.BOOKED)
    assert (await now_is(on_both, booking)).ticket_id == successor.id
    await on_both.ask("ann", asks.Undo(ticket=ticket))
    assert (await now_is(on_both, booking)).ticket_id == ticket


async def test_passed_on_after_it_was_served_the_other_need_is_no_appointment(rehearsal: Rehearsal) -> None:
    booking = await appointment(rehearsal, minutes=14)
    ticket = await called(rehearsal, booking)
    passed = await rehearsal.ask("ann", asks.Transfer(ticket=ticket, service="housing"))
    successor = await ticket_of(rehearsal, passed["ticket"])
    assert (successor.booking_id, successor.ticket_class) == (None, TicketClass.SOON)
    assert successor.counts_from == successor.arrived_at
    assert (await now_is(rehearsal, booking)).ticket_id == ticket


async def test_merged_into_a_walk_ins_ticket_the_appointment_brings_its_place(on_both: Rehearsal) -> None:
    walk_in = await on_both.issue()
    on_both.clock.go(minutes=2)
    booking = await appointment(on_both, minutes=5)
    body = arriving(booking)
    await on_both.ask("greta", body)
    await on_both.ask("greta", asks.Merge(ticket=body.ticket, into=walk_in.ticket))
    stayed = await ticket_of(on_both, walk_in.ticket)
    assert (stayed.booking_id, stayed.ticket_class) == (booking.id, TicketClass.BOOKED)
    assert to_micros(stayed.counts_from) == to_micros(booking.starts_at) - HEAD_START
    assert (await now_is(on_both, booking)).ticket_id == walk_in.ticket
    await on_both.ask("greta", asks.Undo(ticket=body.ticket))
    back = await ticket_of(on_both, walk_in.ticket)
    assert (back.booking_id, back.ticket_class) == (None, TicketClass.ORDINARY)
    assert (await now_is(on_both, booking)).ticket_id == body.ticket


async def test_other_systems_learn_that_they_came_and_were_served(on_both: Rehearsal) -> None:
    """Once each, also when it was taken back in between and done anew; a ticket without an appointment tells nobody."""
    from server.clock import from_micros
    from server.store.tables import Hook, HookCall

    def add(tx):
        hook = Hook(
            centre_id=on_both.kiosk.centre,
            name="Case system",
            url="https://cases.test/hook",
            secret="whsec_x",
            made_at=from_micros(tx.now),
        )
        tx.session().add(hook)

    await on_both.house.change(on_both.people["ada"], "hook", add)
    walk_in = await on_both.issue()
    booking = await appointment(on_both, minutes=5)
    body = arriving(booking)
    await on_both.ask("greta", body)
    await on_both.ask("greta", asks.Withdraw(ticket=body.ticket))
    on_both.clock.go(minutes=1)
    ticket = await called(on_both, booking)
    finish = asks.Finish(ticket=ticket, outcome="resolved")
    await on_both.ask("ann", finish)
    await on_both.ask("ann", asks.Undo(ticket=ticket))
    on_both.clock.go(minutes=1)
    await on_both.ask("ann", finish)
    await on_both.ask("ann", asks.CallNext())
    await on_both.ask("ann", asks.Arrive(ticket=walk_in.ticket))
    await on_both.ask("ann", asks.Finish(ticket=walk_in.ticket, outcome="resolved"))
    calls = await on_both.house.read(lambda session: session.exec(select(HookCall)).all())
    events = [each.event for each in sorted(calls, key=lambda each: (each.made_at, each.id))]
    assert events == ["arrived", "served"]  # each once
    assert {each.booking_id for each in calls} == {booking.id}
