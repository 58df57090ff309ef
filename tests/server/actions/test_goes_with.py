"""Papers and tickets come by different roads: whichever is first, the adviser of the visit sees what was handed in."""

from functools import partial

import pytest

from server.actions import submissions
from server.actions.submissions import Coming
from server.live.console import read_floor
from server.store.sql import Sql, Statement
from server.store.tables import Booking
from tests.support.booked import appointment, at_the_kiosk
from tests.support.house import Rehearsal, cast_of, fill
from tests.support.packets import packet_of, picture
from wire import asks
from wire.packets import Packet
from wire.vocabulary import Channel, HandedIn, UseEnd, UseKind, new_id


async def take_in(rehearsal: Rehearsal, packet: Packet, case: str = "") -> str:
    """The last step of taking in, which is where a visit becomes known."""
    coming = Coming(
        packet.manifest,
        "h" * 64,
        rehearsal.kiosk.centre,
        None,
        Channel.KIOSK,
        rehearsal.clock.micros(),
        [],
        b"k",
        b"f",
        case=case,
    )
    await rehearsal.house.change(rehearsal.kiosk, "submission", partial(submissions.add, coming=coming))
    return packet.manifest.id


async def visit_of(rehearsal: Rehearsal, submission: str) -> str | None:
    wanted = Statement("SELECT visit_id FROM submission WHERE id = :id")
    found = await rehearsal.house.look(lambda connection: Sql(connection).one(wanted, {"id": submission}))
    assert found is not None
    return found[0]


async def seen(rehearsal: Rehearsal, visit: str) -> list[str]:
    """What an adviser sees of it."""
    centre, now, ann = rehearsal.kiosk.centre, rehearsal.clock.micros(), rehearsal.people["ann"].id
    floor = await rehearsal.house.look(lambda connection: read_floor(connection, centre, ann, now))
    return sorted({found.id for each in floor.waiting if each.visit == visit for found in each.handed_in})


@pytest.mark.parametrize("use_first", [True, False])
async def test_a_packet_that_was_quicker_than_its_ticket_goes_with_it_all_the_same(
    rehearsal: Rehearsal, use_first: bool
) -> None:
    packet = packet_of(kind=HandedIn.BEGUN, what="bulky-waste", ticket=new_id())
    use = asks.Use(use=packet.manifest.id, kind=UseKind.FORM, slug="bulky-waste", ended=UseEnd.DONE)
    if use_first:
        await rehearsal.ask(rehearsal.kiosk, use)
    number = await take_in(rehearsal, packet)
    assert await visit_of(rehearsal, number) is None
    assert packet.manifest.ticket is not None
    issue = rehearsal.issue_ask().model_copy(update={"ticket": packet.manifest.ticket})
    await rehearsal.ask(rehearsal.kiosk, issue)
    if not use_first:
        await rehearsal.ask(rehearsal.kiosk, use)
    assert await visit_of(rehearsal, number) == issue.visit
    assert await seen(rehearsal, issue.visit) == [number]
    counted = Statement("SELECT visit_id FROM tally WHERE id = :id")
    found = await rehearsal.house.look(lambda connection: Sql(connection).one(counted, {"id": number}))
    assert found is not None
    assert found[0] == issue.visit


async def test_another_centres_ticket_of_that_name_takes_nobodys_papers(rehearsal: Rehearsal) -> None:
    packet = packet_of(kind=HandedIn.BEGUN, what="bulky-waste", ticket=new_id())
    number = await take_in(rehearsal, packet)
    await rehearsal.house.change(
        rehearsal.people["ada"], "fill", lambda tx: fill(tx.session(), "other-house", "L")
    )
    _, devices = cast_of(rehearsal.house.database, "other-house")
    move = Statement("UPDATE submission SET centre_id = :centre WHERE id = :id")
    there = {"centre": devices["kiosk"].centre, "id": number}
    await rehearsal.house.change(rehearsal.kiosk, "move", lambda tx: tx.sql.run(move, there))
    assert packet.manifest.ticket is not None
    issue = rehearsal.issue_ask().model_copy(update={"ticket": packet.manifest.ticket})
    await rehearsal.ask(rehearsal.kiosk, issue)
    assert await visit_of(rehearsal, number) is None


async def test_papers_for_an_appointment_wait_for_its_visitor(rehearsal: Rehearsal) -> None:
    booking: Booking = await appointment(rehearsal)
    number = await take_in(rehearsal, packet_of([picture()]), case=booking.reference)
    assert await visit_of(rehearsal, number) is None
    ask = at_the_kiosk(rehearsal, booking)
    await rehearsal.ask(rehearsal.kiosk, ask)
    assert await visit_of(rehearsal, number) == ask.visit
    assert await seen(rehearsal, ask.visit) == [number]


async def test_they_go_along_when_two_tickets_are_one_persons_and_come_back(rehearsal: Rehearsal) -> None:
    goes, stays = await rehearsal.issue("housing"), await rehearsal.issue("council-tax")
    own = await take_in(rehearsal, packet_of([picture()], ticket=stays.ticket))
    other = await take_in(rehearsal, packet_of([picture()], ticket=goes.ticket))
    await rehearsal.ask("greta", asks.Merge(ticket=goes.ticket, into=stays.ticket))
    assert await seen(rehearsal, stays.visit) == sorted([own, other])
    late = await take_in(rehearsal, packet_of([picture()], ticket=goes.ticket))
    assert await visit_of(rehearsal, late) == stays.visit
    await rehearsal.answer("greta", asks.Undo(ticket=goes.ticket))
    assert await visit_of(rehearsal, other) == goes.visit
    assert await visit_of(rehearsal, own) == stays.visit
