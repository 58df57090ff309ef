"""For every action and every audience: what a follower has after the changes equals a fresh view of the database.

One story visits every ask there is; a list in the test is held against the access table, so a new ask without a scene fails here.
"""

import asyncio
import json

from server.clock import from_micros
from server.domain.access import ASKS, Actor
from server.live import views
from server.live.floor import FloorReader
from server.live.hub import Topic
from server.store.tables import PrintJob
from server.store.tx import Tx
from server.web.socket import Outbox
from tests.support.booked import appointment, arriving, at_the_kiosk
from tests.support.house import Rehearsal
from tests.support.offering import offering
from tests.support.pcs import pc_beside
from wire import asks
from wire.follow import Change, Follower
from wire.frames import Answer, Row, read_server_frame
from wire.vocabulary import Audience, Outcome, new_id


async def wanted(rehearsal: Rehearsal) -> str:
    """A test print, as an administrator asks for it: its id."""
    job = new_id()
    row = PrintJob(
        id=job,
        centre_id=rehearsal.kiosk.centre,
        device_id=rehearsal.kiosk.id,
        at=from_micros(rehearsal.clock.micros()),
    )
    await rehearsal.house.change(rehearsal.people["ada"], "want", lambda tx: tx.session().add(row))
    return job


def counted(one: str, two: str, three: str) -> list[tuple[str | Actor, asks.AnyAsk]]:
    """What is counted without a ticket; the ids are any."""
    return [
        ("greta", asks.Count(tally=one, activity="telephone")),
        ("greta", asks.DoorHelp(tally=two, service="housing", solved=True)),
        ("greta", asks.Uncount(tally=two)),
        ("mia", asks.Recount(tally=one, new=three, reason="It was a PC.", activity="forms")),
    ]


def put_right(four: str, five: str, need: str) -> list[tuple[str | Actor, asks.AnyAsk]]:
    """Two tickets, of one person as it seems and then not, and what else is learned of them."""
    return [
        ("greta", asks.Amend(ticket=four, quick=True, wants="pl")),
        ("greta", asks.Prioritise(ticket=four, ticket_class="soon", reason="Has a train to catch.")),
        ("greta", asks.AddNeed(ticket=four, new=need, service="housing")),
        ("greta", asks.Merge(ticket=five, into=four)),
        ("greta", asks.Undo(ticket=five)),
        ("greta", asks.Withdraw(ticket=five)),
    ]


def by_themselves(rehearsal: Rehearsal, pc: Actor, sighting: str) -> list[tuple[str | Actor, asks.AnyAsk]]:
    """What visitors do by themselves, and a paper that was seen and not kept; the id is any."""
    return [
        (pc, asks.PcIs(rests=True)),
        (rehearsal.kiosk, asks.Use(use=new_id(), kind="scan", ended="done", slug="housing")),
        (rehearsal.kiosk, asks.Rate(rating=new_id(), score=4, reason="wait", language="gu")),
        (rehearsal.kiosk, asks.OpenOnPc(pc=str(pc.id), portal="vote")),
        ("ann", asks.SeePaper(sighting=sighting, seen="passport", case="HB 12345")),
        ("ann", asks.UnseePaper(sighting=sighting, reason="It was another case.")),
    ]


def cared_for(rehearsal: Rehearsal) -> list[tuple[str | Actor, asks.AnyAsk]]:
    """Somebody entered by hand who needs care, and what the house notices by itself: the kiosk's paper is out."""
    by_hand = asks.Welcome(visit=new_id(), ticket=new_id(), service="council-tax")
    paper = f"paper:device:{rehearsal.kiosk.id}:out"
    return [
        ("greta", by_hand),
        ("greta", asks.PrintTicket(job=new_id(), ticket=by_hand.ticket, device=rehearsal.spare.id)),
        ("greta", asks.KeepApart(ticket=by_hand.ticket, reference="HG-12")),
        ("greta", asks.MakeDiscreet(ticket=by_hand.ticket)),
        ("greta", asks.SafeRoom(request=new_id(), ticket=by_hand.ticket)),
        ("ada", asks.Alarm(request=new_id())),
        ("ann", asks.TakeConcern(subject=paper)),
        ("mia", asks.DoneConcern(subject=paper)),
    ]


async def with_appointments(rehearsal: Rehearsal) -> list[tuple[str | Actor, asks.AnyAsk]]:
    """Somebody comes to the kiosk for theirs, somebody to the greeter, and somebody rings that they will be late."""
    first, second, third = [
        await appointment(rehearsal, minutes=minutes, service="housing") for minutes in (20, 25, 40)
    ]
    return [
        (rehearsal.kiosk, asks.LookUpBooking(reference=first.reference)),
        (rehearsal.kiosk, at_the_kiosk(rehearsal, first)),
        ("greta", arriving(second)),
        ("greta", asks.MarkBooking(booking=third.id, mark="late", late_minutes=15)),
        ("ann", asks.ServeBooking(booking=second.id)),
    ]


async def booked_by_staff(rehearsal: Rehearsal) -> list[tuple[str | Actor, asks.AnyAsk]]:
    """The greeter books somebody in, corrects the name, moves and cancels it; the manager keeps a time free and gives it back."""
    times = await offering(rehearsal, "council-tax")
    made, block = new_id(), new_id()
    return [
        ("greta", asks.Book(booking=made, service="council-tax", starts_at=times[0], name="Jo")),
        ("greta", asks.AmendBooking(booking=made, name="Joe")),
        ("greta", asks.MoveBooking(booking=made, starts_at=times[1], reason="rang us")),
        ("greta", asks.CancelBooking(booking=made, reason="rang us")),
        ("mia", asks.BlockTime(block=block, starts_at=times[0], ends_at=times[1], reason="a drill")),
        ("mia", asks.UnblockTime(block=block)),
    ]


class Watcher:
    """A screen: a follower fed from an outbox."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.outbox = Outbox()
        self.follower = Follower()

    async def read_all(self) -> None:
        while True:
            try:
                message = await asyncio.wait_for(self.outbox.take(), 0.001)
            except TimeoutError:
                return
            assert message is not None, "the watcher was dropped"
            frame = read_server_frame(message)
            assert not isinstance(frame, Answer)
            assert isinstance(self.follower.take(frame, 0.0), Change)


def without_waits(rows: dict[str, Row]) -> dict[str, Row]:
    """What was told last about waits may stay on purpose (it must not flicker), so it is compared elsewhere."""
    told = {
        key: {name: value for name, value in row.items() if name not in ("waits", "ahead")}
        for key, row in rows.items()
    }
    as_sent: dict[str, Row] = json.loads(json.dumps(told))
    return as_sent


async def agree(rehearsal: Rehearsal, watchers: list[Watcher], scene: str) -> None:
    centre = watchers[0].topic.centre
    deadline = asyncio.get_running_loop().time() + 5
    while True:
        for watcher in watchers:
            await watcher.read_all()
        floor = FloorReader(rehearsal.house.database, "https://queue.test").read(
            centre, rehearsal.clock.micros()
        )
        differing = [
            watcher.topic.audience
            for watcher in watchers
            if without_waits(watcher.follower.rows)
            != without_waits(dict(views.view(floor, watcher.topic.audience, watcher.topic.subject)))
        ]
        if not differing:
            return
        assert asyncio.get_running_loop().time() < deadline, f"after {scene}: {differing} differ"
        await asyncio.sleep(0.01)


async def test_follower_plus_changes_equals_fresh_view_for_every_action(rehearsal: Rehearsal) -> None:
    one, two, three = (rehearsal.issue_ask() for _ in range(3))
    secret = rehearsal.issue_ask(discreet=True)
    four, five, need = rehearsal.issue_ask(), rehearsal.issue_ask(), new_id()
    centre = rehearsal.kiosk.centre
    phone = Actor(kind="visitor", centre=centre, visit=three.visit)
    pc = await pc_beside(rehearsal)
    topics = [
        Topic(centre, Audience.LOBBY),
        Topic(centre, Audience.PC, str(pc.id)),
        Topic(centre, Audience.KIOSK),
        Topic(centre, Audience.STAFF),
        Topic(centre, Audience.SIGN, "1"),
        Topic(centre, Audience.PHONE, one.visit),
        Topic(centre, Audience.PHONE, secret.visit),
    ]
    watchers = [Watcher(topic) for topic in topics]
    for watcher in watchers:
        await rehearsal.house.hub.follow(watcher.topic, watcher.outbox, None)
    help_request, entry, told = new_id(), new_id(), new_id()
    every_service = ("council-tax", "housing", "private")
    story: list[tuple[str | Actor, asks.AnyAsk]] = [
        *((rehearsal.kiosk, each) for each in (one, two, three, secret)),
        (rehearsal.kiosk, asks.Paper(ticket=one.ticket, paper="confirmed")),
        (rehearsal.kiosk, asks.Help(request=help_request)),
        (rehearsal.kiosk, asks.SetAside(entry=entry, code="K99", why="The service was not known.")),
        (rehearsal.kiosk, asks.Health(printer="out")),
        (rehearsal.kiosk, asks.Printed(job=await wanted(rehearsal), paper="confirmed")),
        (rehearsal.kiosk, asks.SelfTest(findings=(asks.Finding(part="printer", fine=True),))),
        ("greta", asks.TakeAttention(request=help_request)),
        ("greta", asks.DoneAttention(request=help_request)),
        ("ann", asks.SitDown(counter="desk-1", services=every_service)),
        ("ann", asks.TakeBreak(reason="lunch")),
        ("ann", asks.EndBreak()),
        ("greta", asks.Announce(announcement=told, prepared="long_wait")),
        ("ann", asks.CallNext()),
        ("ann", asks.Evacuate(confirmed=True)),
        ("greta", asks.Resume()),
        ("greta", asks.EndAnnouncement(announcement=told)),
        ("ann", asks.Recall(ticket=one.ticket)),
        ("ann", asks.Arrive(ticket=one.ticket)),
        ("ann", asks.AddNote(ticket=one.ticket, note="Brings the letter.")),
        ("ann", asks.Park(ticket=one.ticket)),
        ("ann", asks.Unpark(ticket=one.ticket)),
        ("ann", asks.Finish(ticket=one.ticket, outcome=Outcome.RESOLVED)),
        ("ann", asks.Undo(ticket=one.ticket)),
        ("ann", asks.Transfer(ticket=one.ticket, service="housing")),
        ("ann", asks.CallNext()),
        ("greta", asks.Undo(ticket=one.ticket)),
        ("mia", asks.SitDown(counter="desk-2", services=every_service)),
        ("mia", asks.CallTicket(ticket=secret.ticket)),
        ("mia", asks.NoShow(ticket=secret.ticket)),
        ("greta", asks.Cancel(ticket=two.ticket)),
        *counted(one.ticket, two.ticket, three.ticket),
        (rehearsal.kiosk, four),
        (rehearsal.kiosk, five),
        *put_right(four.ticket, five.ticket, need),
        ("mia", asks.CallTicket(ticket=four.ticket)),
        ("mia", asks.Arrive(ticket=four.ticket)),
        ("mia", asks.Finish(ticket=four.ticket, outcome=Outcome.RESOLVED)),
        ("mia", asks.GoOn(ticket=four.ticket)),
        ("mia", asks.HandOver(to=rehearsal.people["bob"].id)),
        ("greta", asks.FreeCounter(counter="desk-2")),
        *await with_appointments(rehearsal),
        *await booked_by_staff(rehearsal),
        *cared_for(rehearsal),
        *by_themselves(rehearsal, pc, one.visit),
        (phone, asks.Leave()),
        ("ann", asks.GetUp()),
    ]
    assert {body.do for _, body in story} == set(ASKS)
    for who, body in story:
        await rehearsal.answer(who, body)
        rehearsal.clock.go(seconds=20)
        rehearsal.house.hub.ring([centre])
        await agree(rehearsal, watchers, body.do)
    for watcher in watchers:
        rehearsal.house.hub.unfollow(watcher.topic, watcher.outbox)


async def test_a_discreet_visit_is_nowhere_in_public_at_any_step(rehearsal: Rehearsal) -> None:
    secret = await rehearsal.issue("private")
    await rehearsal.sit(services=("private",))
    reader = FloorReader(rehearsal.house.database, "https://queue.test")

    def shown(audience: Audience, subject: str = "") -> str:
        floor = reader.read(rehearsal.kiosk.centre, rehearsal.clock.micros())
        return repr(views.view(floor, audience, subject))

    steps: list[asks.AnyAsk] = [
        asks.CallNext(),
        asks.Recall(ticket=secret.ticket),
        asks.Arrive(ticket=secret.ticket),
        asks.Park(ticket=secret.ticket),
        asks.Unpark(ticket=secret.ticket),
        asks.Finish(ticket=secret.ticket, outcome=Outcome.RESOLVED),
    ]
    for step in steps:
        await rehearsal.ask("ann", step)
        for audience, subject in ((Audience.LOBBY, ""), (Audience.SIGN, "1")):
            seen = shown(audience, subject)
            assert secret.code not in seen, (step.do, audience)
            assert secret.ticket not in seen, (step.do, audience)
        phone = shown(Audience.PHONE, secret.visit)
        assert "Desk 1" not in phone, step.do
        assert "'private'" not in phone, step.do


async def test_an_ordinary_call_is_shown_so_the_test_above_could_fail(rehearsal: Rehearsal) -> None:
    plain = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    reader = FloorReader(rehearsal.house.database, "https://queue.test")
    floor = reader.read(rehearsal.kiosk.centre, rehearsal.clock.micros())
    for audience, subject in ((Audience.LOBBY, ""), (Audience.SIGN, "1")):
        assert plain.code in repr(views.view(floor, audience, subject))
    assert "Desk 1" in repr(views.view(floor, Audience.PHONE, plain.visit))


async def test_two_hundred_screens_coming_back_in_one_second_all_hear_the_next_call(
    rehearsal: Rehearsal,
) -> None:
    topic = Topic(rehearsal.kiosk.centre, Audience.LOBBY)
    watchers = [Watcher(topic) for _ in range(200)]
    await asyncio.gather(*(rehearsal.house.hub.follow(topic, watcher.outbox, None) for watcher in watchers))
    plain = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    await agree(rehearsal, watchers, "a call")
    assert all(f"call:{plain.ticket}" in watcher.follower.rows for watcher in watchers)


async def test_a_device_of_another_centre_follows_only_its_own(rehearsal: Rehearsal) -> None:
    from tests.support.house import cast_of, fill

    def add(tx: Tx) -> None:
        fill(tx.session(), "other-house", "L")

    await rehearsal.house.change(rehearsal.people["ada"], "fill", add)
    _, devices = cast_of(rehearsal.house.database, "other-house")
    watcher = Watcher(Topic(devices["display"].centre, Audience.LOBBY))
    await rehearsal.house.hub.follow(watcher.topic, watcher.outbox, None)
    await rehearsal.issue()
    other = rehearsal.issue_ask().model_copy(update={"code": "L01"})
    await rehearsal.ask(devices["kiosk"], other)
    await agree(rehearsal, [watcher], "issues at both centres")
    assert watcher.follower.rows["line:council-tax"]["waiting"] == 1
