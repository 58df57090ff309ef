"""Webhooks on a running house, on both databases: what is told, what is not, and everything that can go wrong between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, col, select
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from server.actions import hooks
from server.actions.booking_events import happened
from server.domain.calling import MOST_TRIES, Outcome
from server.domain.refusals import Refused
from server.edge import House
from server.jobs import calling, sweeping
from server.store.database import open_database
from server.store.tables import Booking, Hook, HookCall, Service
from server.store.tx import Tx
from tests.support.house import Rehearsal
from tests.support.otherside import OtherSide, answer, other_side
from tests.support.waiting import until_async
from wire.vocabulary import BookingEvent, BookingState, RefusalCode, new_id

OK = answer(200)


@pytest.fixture(autouse=True)
def here_may_be_called(rehearsal: Rehearsal) -> None:
    rehearsal.house.settings.hook_private = "127.0.0.0/8"


async def hook_to(rehearsal: Rehearsal, side: OtherSide, *events: str, name: str = "CRM") -> tuple[int, str]:
    make = partial(hooks.add, name=name, url=side.url, events=events)
    return await rehearsal.house.change(rehearsal.people["ada"], "add_hook", make)


async def booked(rehearsal: Rehearsal, service: str = "council-tax", **more: Any) -> Booking:
    """An appointment tomorrow at ten, told of as booked."""

    def make(tx: Tx) -> Booking:
        session = tx.session()
        found = session.exec(
            select(Service).where(Service.slug == service, Service.centre_id == tx.actor.centre)
        ).one()
        starts = rehearsal.clock.now() + timedelta(days=1)
        given = {
            "id": new_id(),
            "centre_id": tx.actor.centre,
            "service_id": found.id,
            "reference": "BCDF3467",
            "state": BookingState.BOOKED,
            "starts_at": starts,
            "ends_at": starts + timedelta(minutes=20),
            "held_from": starts,
            "held_until": starts + timedelta(minutes=20),
            "made_at": rehearsal.clock.now(),
            "place": 0,
            "name": "Meera Patel",
            "phone": "+447700900123",
            "email": "meera@example.org",
            "note": "is afraid of dogs",
        }
        booking = Booking(**{**given, **more})
        session.add(booking)
        session.flush()
        happened(tx, BookingEvent.BOOKED, booking)
        return booking

    return await rehearsal.house.change(rehearsal.people["greta"], "book", make)


async def happens(rehearsal: Rehearsal, event: BookingEvent, booking: Booking, **values: Any) -> None:
    def tell(tx: Tx) -> None:
        here = tx.session().get_one(Booking, booking.id)
        if event is BookingEvent.MOVED:
            here.sequence += 1
        happened(tx, event, here, **values)

    await rehearsal.house.change(rehearsal.people["greta"], "change", tell)


async def calls(rehearsal: Rehearsal) -> list[HookCall]:
    def read(session: Session) -> list[HookCall]:
        return list(session.exec(select(HookCall).order_by(col(HookCall.made_at), col(HookCall.id))).all())

    return await rehearsal.house.read(read)


async def the_hook(rehearsal: Rehearsal) -> Hook:
    return await rehearsal.house.read(lambda session: session.exec(select(Hook)).one())


async def as_ada(rehearsal: Rehearsal, change: Any) -> Any:
    return await rehearsal.house.change(rehearsal.people["ada"], "change_hook", change)


async def test_what_happens_is_told_signed_and_names_nobody(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        _, secret = await hook_to(rehearsal, side)
        booking = await booked(rehearsal)
        rehearsal.clock.go(seconds=1)
        await happens(rehearsal, BookingEvent.MOVED, booking, was=1_764_000_000_000_000)
        await happens(rehearsal, BookingEvent.ARRIVED, booking)
        assert await calling.call_due(rehearsal.house) == 3
    events = [Webhook(secret).verify(each.body, each.headers) for each in side.heard]
    assert [event["type"].removeprefix("foyer.booking.") for event in events] == [
        "booked",
        "moved",
        "arrived",
    ]
    assert events[0] == {
        "specversion": "1.0",
        "id": side.heard[0].headers["webhook-id"],
        "datacontenttype": "application/json",
        "type": "foyer.booking.booked",
        "source": "https://queue.test/centres/york-house",
        "subject": "BCDF-3467",
        "time": "2026-11-24T10:00:00.000+00:00",
        "sequence": events[0]["sequence"],
        "data": {
            "centre": "york-house",
            "reference": "BCDF-3467",
            "service": "council-tax",
            "state": "booked",
            "starts_at": "2026-11-25T10:00:00+00:00",
            "ends_at": "2026-11-25T10:20:00+00:00",
        },
    }
    assert events[1]["data"]["was_starts_at"] == "2025-11-24T16:00:00+00:00"
    assert sorted({event["sequence"] for event in events}) == [event["sequence"] for event in events]
    assert side.heard[0].headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    told = b"".join(each.body for each in side.heard).decode()
    assert not [word for word in ("Meera", "7700900123", "meera@", "dogs") if word in told]
    assert all(call.done_at is not None and call.attempts == 1 for call in await calls(rehearsal))


async def test_a_body_that_was_touched_on_the_way_does_not_verify(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        _, secret = await hook_to(rehearsal, side)
        await booked(rehearsal)
        await calling.call_due(rehearsal.house)
    touched = side.heard[0].body.replace(b"council-tax", b"housing")
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(touched, side.heard[0].headers)


async def test_nothing_is_told_of_a_discreet_appointment(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        await hook_to(rehearsal, side)
        booking = await booked(rehearsal, "private")
        await happens(rehearsal, BookingEvent.ARRIVED, booking)
        assert await calls(rehearsal) == []


async def test_a_change_that_is_refused_tells_nothing(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        await hook_to(rehearsal, side)
        booking = await booked(rehearsal)

        def fails(tx: Tx) -> None:
            happened(tx, BookingEvent.CANCELLED, tx.session().get_one(Booking, booking.id))
            raise Refused(RefusalCode.WRONG_STATE, "No.")

        with pytest.raises(Refused):
            await rehearsal.house.change(rehearsal.people["greta"], "cancel", fails)
        assert [call.event for call in await calls(rehearsal)] == ["booked"]


async def test_the_same_is_told_once_whoever_says_it_again(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        await hook_to(rehearsal, side)
        booking = await booked(rehearsal)
        for _ in range(2):
            await happens(rehearsal, BookingEvent.SERVED, booking)
        assert [call.event for call in await calls(rehearsal)] == ["booked", "served"]
        assert (await calls(rehearsal))[1].body["data"]["state"] == "served"


async def test_only_what_was_chosen_is_told(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        await hook_to(rehearsal, side, "missed", "cancelled")
        booking = await booked(rehearsal)
        await happens(rehearsal, BookingEvent.MISSED, booking)
        assert [call.event for call in await calls(rehearsal)] == ["missed"]


async def test_a_failed_call_comes_again_with_the_same_id_and_body(rehearsal: Rehearsal) -> None:
    async with other_side(answer(500), answer(503), OK) as side:
        await hook_to(rehearsal, side)
        await booked(rehearsal)
        assert await calling.call_due(rehearsal.house) == 1
        assert await calling.call_due(rehearsal.house) == 0, "not before its time"
        [call] = await calls(rehearsal)
        assert (call.attempts, call.why) == (1, "It answered 500.")
        for _ in range(2):
            rehearsal.clock.go(minutes=1)
            assert await calling.call_due(rehearsal.house) == 1
    assert len({(each.headers["webhook-id"], each.body) for each in side.heard}) == 1
    [call] = await calls(rehearsal)
    assert call.done_at is not None
    assert (call.attempts, call.why) == (3, "")


async def test_a_failure_ends_the_turn_and_the_others_are_served(rehearsal: Rehearsal) -> None:
    async with other_side(answer(500)) as bad, other_side() as good:
        await hook_to(rehearsal, bad, name="Bad")
        await hook_to(rehearsal, good, name="Good")
        for number in range(3):
            await booked(rehearsal, reference=f"BCDF346{number}", place=number)
        await calling.call_due(rehearsal.house)
    assert len(bad.heard) == 1
    assert len(good.heard) == 3


async def test_after_three_days_it_is_a_dead_letter_and_can_be_sent_again(rehearsal: Rehearsal) -> None:
    async with other_side(*[answer(500)] * MOST_TRIES, OK) as side:
        hook, _ = await hook_to(rehearsal, side)
        await booked(rehearsal)
        began = rehearsal.clock.now()
        while (call := (await calls(rehearsal))[0]).dead_at is None:
            rehearsal.clock.set(max(call.due_at, rehearsal.clock.now()))
            assert await calling.call_due(rehearsal.house) == 1
        assert timedelta(days=2.5) < call.dead_at - began < timedelta(days=3.5)
        assert (call.attempts, call.why) == (MOST_TRIES, "It answered 500.")
        rehearsal.clock.go(days=1)
        assert await calling.call_due(rehearsal.house) == 0
        assert await as_ada(rehearsal, partial(hooks.send_again, call_id=call.id)) == hook
        assert await calling.call_due(rehearsal.house) == 1
        with pytest.raises(Refused, match="nothing to send again"):
            await as_ada(rehearsal, partial(hooks.send_again, call_id=call.id))
    assert len({each.headers["webhook-id"] for each in side.heard}) == 1
    assert (await calls(rehearsal))[0].done_at is not None


async def test_who_answers_that_it_is_gone_is_paused_and_nothing_is_lost(rehearsal: Rehearsal) -> None:
    async with other_side(answer(410), OK) as side:
        hook, _ = await hook_to(rehearsal, side)
        await booked(rehearsal)
        await calling.call_due(rehearsal.house)
        paused = await the_hook(rehearsal)
        assert paused.paused_at is not None
        assert paused.paused_why == "The other side answered 410: it wants no calls any more."
        rehearsal.clock.go(days=1)
        await booked(rehearsal, reference="BCDF3468", place=1)
        assert await calling.call_due(rehearsal.house) == 0
        await as_ada(rehearsal, partial(hooks.resume, hook_id=hook))
        assert await calling.call_due(rehearsal.house) == 2
    assert (await the_hook(rehearsal)).paused_why == ""
    assert [each.event["subject"] for each in side.heard[1:]] == ["BCDF-3467", "BCDF-3468"]


@asynccontextmanager
async def another_server(rehearsal: Rehearsal) -> AsyncIterator[House]:
    """On the same database; SQLite has one server only, so there it is a second round of the same."""
    ours = rehearsal.house
    if ours.database.is_sqlite:
        yield ours
        return
    database = open_database(ours.settings.database)
    other = House(ours.settings, database, rehearsal.clock)
    await other.start()
    try:
        yield other
    finally:
        await other.stop()
        database.close()


async def test_of_two_servers_each_call_is_made_by_one(rehearsal: Rehearsal) -> None:
    async with another_server(rehearsal) as other, other_side() as one, other_side() as two:
        for side in (one, two):
            await hook_to(rehearsal, side)
        for number in range(4):
            await booked(rehearsal, reference=f"BCDF346{number}", place=number)
        made = await asyncio.gather(*(calling.call_due(house) for house in (rehearsal.house, other) * 2))
        assert sum(made) == 8
        for side in (one, two):
            assert len({each.headers["webhook-id"] for each in side.heard}) == len(side.heard) == 4


async def test_who_is_late_does_not_speak_for_who_has_it_in_hand_now(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        hook, _ = await hook_to(rehearsal, side)
        await booked(rehearsal)
        take = partial(hooks.take, hook_id=hook)
        late = await as_ada(rehearsal, take)
        rehearsal.clock.go(minutes=3)
        await as_ada(rehearsal, take)
        [before] = await calls(rehearsal)
        await as_ada(rehearsal, partial(hooks.note, taken=late, outcome=Outcome(500, "It answered 500.")))
        [after] = await calls(rehearsal)
        assert (after.due_at, after.why) == (before.due_at, "")
        await as_ada(rehearsal, partial(hooks.note, taken=late, outcome=Outcome(200)))
        assert (await calls(rehearsal))[0].done_at is not None, "but the other side has it, and that is so"


async def test_a_server_killed_with_a_call_in_hand_leaves_it_to_be_made_again(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        hook, _ = await hook_to(rehearsal, side)
        await booked(rehearsal)
        dead = await as_ada(rehearsal, partial(hooks.take, hook_id=hook))  # and it is never heard of again
        rehearsal.clock.go(minutes=3)
        assert await calling.call_due(rehearsal.house) == 1
        assert side.heard[0].headers["webhook-id"] == dead.id
        late = Outcome(500, "It answered 500.")  # it was not dead after all
        await as_ada(rehearsal, partial(hooks.note, taken=dead, outcome=late))
    [call] = await calls(rehearsal)
    assert call.done_at is not None
    assert (call.attempts, call.why) == (2, "")


async def test_while_a_secret_is_changed_both_sign(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        hook, old = await hook_to(rehearsal, side)
        new = await as_ada(rehearsal, partial(hooks.rotate, hook_id=hook))
        await booked(rehearsal)
        await calling.call_due(rehearsal.house)
        rehearsal.clock.go(hours=25)
        await booked(rehearsal, reference="BCDF3468", place=1)
        await calling.call_due(rehearsal.house)
    within, after = side.heard
    for secret in (old, new):
        Webhook(secret).verify(within.body, within.headers)
    Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.body, after.headers)


async def test_a_test_says_that_nothing_happened(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        hook, secret = await hook_to(rehearsal, side, "missed")
        await as_ada(rehearsal, partial(hooks.send_test, hook_id=hook))
        await calling.call_due(rehearsal.house)
        event = Webhook(secret).verify(side.heard[0].body, side.heard[0].headers)
        assert (event["type"], event["data"]["centre"]) == ("foyer.test", "york-house")
        await as_ada(rehearsal, partial(hooks.pause, hook_id=hook))
        with pytest.raises(Refused, match="CRM is paused"):
            await as_ada(rehearsal, partial(hooks.send_test, hook_id=hook))


async def test_one_that_was_removed_is_told_nothing_more(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        hook, _ = await hook_to(rehearsal, side)
        booking = await booked(rehearsal)
        await as_ada(rehearsal, partial(hooks.retire, hook_id=hook))
        await happens(rehearsal, BookingEvent.ARRIVED, booking)
        assert await calling.call_due(rehearsal.house) == 0
        [call] = await calls(rehearsal)
        assert call.dead_at is not None
        with pytest.raises(Refused, match="no such call"):
            await as_ada(rehearsal, partial(hooks.send_again, call_id=call.id))
        assert side.heard == []


async def test_calls_are_kept_a_month(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        await hook_to(rehearsal, side)
        await booked(rehearsal)
        rehearsal.clock.go(days=30)
        await sweeping.sweep(rehearsal.house)
        assert len(await calls(rehearsal)) == 1
        rehearsal.clock.go(days=2)
        await sweeping.sweep(rehearsal.house)
        assert await calls(rehearsal) == []


async def test_another_centres_administrator_reaches_none_of_it(rehearsal: Rehearsal) -> None:
    async with other_side() as side:
        hook, _ = await hook_to(rehearsal, side)
        stranger = rehearsal.people["ada"].__class__(
            kind="staff", id=1, centre=rehearsal.people["ada"].centre + 1
        )
        for deed in (
            hooks.rotate,
            hooks.pause,
            hooks.resume,
            hooks.retire,
            hooks.send_test,
            hooks.send_all_again,
        ):
            with pytest.raises(Refused, match="no such webhook"):
                await rehearsal.house.change(stranger, "try", partial(deed, hook_id=hook))


async def test_the_loop_finds_what_is_due_and_stops_when_told(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LOOK_SECONDS", 0.02)

    async with other_side() as side:
        await hook_to(rehearsal, side)
        await booked(rehearsal)
        running = asyncio.create_task(calling.make_calls(rehearsal.house))
        await until_async(lambda: side.heard, seconds=20, what="the call")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert json.loads(side.heard[0].body)["type"] == "foyer.booking.booked"
