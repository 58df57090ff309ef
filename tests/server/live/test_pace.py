"""What the estimate goes by, read from a floor on which things happened; and what it makes of breaks, lunch and the roster."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.habits import Ended, Paused, Sat, Seen, habits_from
from server.domain.selection import MINUTE
from server.domain.waiting.roster import LATE_BY
from server.live.floor import Floor
from server.live.pace import PACE_DAYS, PACE_MICROS, read_pace
from server.live.waits import desks, if_you_came_now, outlook, wait_of
from server.store.sql import Sql
from server.store.tables import Shift
from server.store.tx import Tx
from tests.support.booked import appointment
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import BookingState, BreakReason, TicketState


async def floor_of(rehearsal: Rehearsal) -> Floor:
    house, centre, now = rehearsal.house, rehearsal.kiosk.centre, rehearsal.clock.micros()
    return await house.look(lambda _: house.hub.floors.read(centre, now))


async def seen_of(rehearsal: Rehearsal) -> Seen:
    centre, now = rehearsal.kiosk.centre, rehearsal.clock.micros()

    def read(connection: Connection) -> Seen:
        return read_pace(Sql(connection), centre, "Europe/London", (), now).seen

    return await rehearsal.house.look(read)


async def finish(rehearsal: Rehearsal, minutes: int) -> None:
    """Calls the next, who is there after one minute and stays for `minutes`."""
    row = await rehearsal.ask("ann", asks.CallNext())
    rehearsal.clock.go(minutes=1)
    await rehearsal.ask("ann", asks.Arrive(ticket=row["ticket"]))
    rehearsal.clock.go(minutes=minutes)
    await rehearsal.ask("ann", asks.Finish(ticket=row["ticket"], outcome="resolved"))


async def plan(rehearsal: Rehearsal, *shifts: Shift) -> None:
    def add(tx: Tx) -> None:
        tx.session().add_all(shifts)

    await rehearsal.house.change(rehearsal.people["mia"], "plan", add)


def shift(rehearsal: Rehearsal, begins: str, ends: str, staff: int | None = None) -> Shift:
    now = from_micros(rehearsal.clock.micros())
    return Shift(
        centre_id=rehearsal.kiosk.centre,
        held_on=now.date(),
        begins=begins,
        ends=ends,
        staff_id=staff,
        services=["council-tax"],
        entered_at=now,
    )


async def test_what_happened_is_what_is_seen(rehearsal: Rehearsal) -> None:
    """One served, one who did not come, one who left; one entered by mistake is nobody's."""
    begun = rehearsal.clock.micros()
    for kind, minutes in ((BookingState.MISSED, -90), (BookingState.ARRIVED, -60), (BookingState.BOOKED, 60)):
        await appointment(rehearsal, minutes=minutes, state=kind)
    await rehearsal.sit()
    tickets = [await rehearsal.issue() for _ in range(4)]
    rehearsal.clock.go(minutes=5)
    await finish(rehearsal, 9)
    await rehearsal.ask("ann", asks.TakeBreak(reason=BreakReason.LUNCH))
    rehearsal.clock.go(minutes=30)
    await rehearsal.ask("ann", asks.EndBreak())
    await rehearsal.ask("ann", asks.CallNext())
    rehearsal.clock.go(minutes=3)
    await rehearsal.ask("ann", asks.NoShow(ticket=tickets[1].ticket))
    await rehearsal.ask("greta", asks.Cancel(ticket=tickets[2].ticket))
    await rehearsal.ask("greta", asks.Withdraw(ticket=tickets[3].ticket))
    seen = await seen_of(rehearsal)
    ann = rehearsal.people["ann"].id

    def at(minutes: int) -> int:
        return begun + minutes * MINUTE

    ended = {each.state: each for each in seen.tickets}
    assert len(seen.tickets) == 3
    assert ended[TicketState.FINISHED][3:7] == (begun, at(5), at(6), at(15))
    assert ended[TicketState.NO_SHOW][3:7] == (begun, at(45), None, at(48))
    assert ended[TicketState.CANCELLED][3:7] == (begun, None, None, at(48))
    assert not any(each.booked or each.passed_on or each.left_open for each in seen.tickets)
    assert seen.sat == (Sat(begun, at(48), ann),)
    assert seen.paused == (Paused("lunch", at(15), at(45), ann),)
    assert seen.missed == 1
    rehearsal.clock.go(days=PACE_DAYS + 1)
    later = await seen_of(rehearsal)
    assert (later.tickets, later.sat, later.paused, later.missed) == ((), (), (), 0)
    assert Ended._fields[3:7] == ("arrived_at", "called_at", "served_at", "ended_at")


async def test_it_is_looked_up_anew_every_few_minutes_and_not_at_every_reading(rehearsal: Rehearsal) -> None:
    await rehearsal.sit()
    await rehearsal.issue()
    first = await floor_of(rehearsal)
    await finish(rehearsal, 2)
    soon = await floor_of(rehearsal)
    assert soon.pace is first.pace
    rehearsal.clock.go(seconds=PACE_MICROS / 1e6)
    later = await floor_of(rehearsal)
    assert [len(each.pace.seen.tickets) for each in (first, later)] == [0, 1]
    assert habits_from(later.pace.seen).walk_minutes == 1


async def test_a_desk_on_a_break_is_reckoned_with_until_it_comes_back(rehearsal: Rehearsal) -> None:
    await rehearsal.sit()
    issued = await rehearsal.issue()
    assert (await told(rehearsal, issued.ticket))[0] == 0
    await rehearsal.ask("ann", asks.TakeBreak(reason=BreakReason.LUNCH))
    floor = await floor_of(rehearsal)
    [desk] = desks(floor)
    assert (desk.paused_at, desk.had_lunch) == (floor.now, True)
    low, high = await told(rehearsal, issued.ticket)
    assert low is not None
    assert high is not None
    assert 5 <= low < 35 < high
    await rehearsal.ask("ann", asks.EndBreak())
    await rehearsal.ask("ann", asks.GetUp())
    assert wait_of(await floor_of(rehearsal), issued.ticket).get("why") == "no_desk"


async def told(rehearsal: Rehearsal, ticket: str) -> tuple[int | None, int | None]:
    waits = wait_of(await floor_of(rehearsal), ticket)
    return waits["low"], waits["high"]


async def test_the_roster_closes_a_desk_and_opens_another(rehearsal: Rehearsal) -> None:
    """Ann is planned until 10:30, somebody else from 10:20 to 16:00; at five past ten."""
    ann = rehearsal.people["ann"].id
    await plan(rehearsal, shift(rehearsal, "09:30", "10:30", ann), shift(rehearsal, "10:20", "16:00"))
    await rehearsal.sit()
    rehearsal.clock.go(minutes=5)
    floor = await floor_of(rehearsal)
    assert len(floor.pace.planned) == 2
    here, planned = desks(floor)
    assert here.closes_at == floor.now + 25 * MINUTE
    assert (planned.planned, planned.opens_at) == (True, floor.now + 15 * MINUTE + LATE_BY)
    assert planned.closes_at is None, "the last there is"


async def test_everybody_is_told_with_a_middle_and_newcomers_too(rehearsal: Rehearsal) -> None:
    await rehearsal.sit()
    tickets = [(await rehearsal.issue()).ticket for _ in range(6)]
    await rehearsal.ask("ann", asks.CallNext())
    rehearsal.clock.set(from_micros(rehearsal.clock.micros()) + timedelta(minutes=2))
    floor = await floor_of(rehearsal)
    found = outlook(floor)
    middles = [found.tickets[ticket].middle or 0 for ticket in tickets[1:]]
    assert sorted(middles) == middles
    assert middles[-1] > 40
    tax = next(each.id for each in floor.set_up.offered if each.slug == "council-tax")
    came = if_you_came_now(floor, tax or 0)
    assert came["low"] is not None
    assert came["low"] >= (found.tickets[tickets[-1]].low or 0)
