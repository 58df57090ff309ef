"""Passed on to a counter where nobody sits: any desk that serves it may call, so the phone and the adviser's page say so too."""

from server.live.console import read_floor
from server.live.hub import Topic
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Audience


async def test_the_phone_and_the_adviser_are_told_what_the_call_will_do(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.Arrive(ticket=taken.ticket))
    passed = await rehearsal.ask("ann", asks.Transfer(ticket=taken.ticket, counter="desk-2"))
    centre, ann = rehearsal.kiosk.centre, rehearsal.people["ann"].id
    place = (await rehearsal.house.hub.glance(Topic(centre, Audience.PHONE, taken.visit)))["place"]
    assert place["ahead"] == 0
    assert place["waits"]["high"] is not None
    now = rehearsal.clock.micros()
    shown = await rehearsal.house.look(lambda connection: read_floor(connection, centre, ann, now))
    assert shown.next_up is not None
    assert shown.next_up.id == passed["ticket"]
    await rehearsal.sit("bob", "desk-2")
    shown = await rehearsal.house.look(lambda connection: read_floor(connection, centre, ann, now))
    assert shown.next_up is None
    await rehearsal.ask("bob", asks.GetUp())
    assert (await rehearsal.ask("ann", asks.CallNext()))["ticket"] == passed["ticket"]
