"""The staff doorbell rings for every change of what a page shows, and a person at a kiosk is never hidden behind papers."""

from server.live.hub import Topic
from tests.support.house import Rehearsal
from wire import asks
from wire.vocabulary import Audience, new_id


async def test_a_note_is_heard(rehearsal: Rehearsal) -> None:
    taken = await rehearsal.issue()
    topic = Topic(rehearsal.kiosk.centre, Audience.STAFF)
    before = await rehearsal.house.hub.glance(topic)
    await rehearsal.ask("greta", asks.AddNote(ticket=taken.ticket, note="Has brought the letter"))
    after = await rehearsal.house.hub.glance(topic)
    assert after["floor"] != before["floor"]


async def test_help_is_coming_though_a_hundred_entries_were_set_aside_before(rehearsal: Rehearsal) -> None:
    for number in range(120):
        await rehearsal.ask(
            rehearsal.kiosk, asks.SetAside(entry=new_id(), code=f"K{number:02d}", why="No such service")
        )
    rehearsal.clock.go(minutes=1)
    request = new_id()
    await rehearsal.ask(rehearsal.kiosk, asks.Help(request=request))
    topic = Topic(rehearsal.kiosk.centre, Audience.KIOSK)
    key = f"device:{rehearsal.kiosk.id}"
    assert (await rehearsal.house.hub.glance(topic))[key]["help"] == "asked"
    await rehearsal.ask("greta", asks.TakeAttention(request=request))
    assert (await rehearsal.house.hub.glance(topic))[key]["help"] == "coming"
