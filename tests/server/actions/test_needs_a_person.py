"""What needs a person: alarms, and what the house notices by itself, taken and done; on both databases."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from server.jobs.watching import watch
from server.live import views
from server.live.concerns import AttentionNow, attention_now
from server.live.floor import FloorReader
from server.store.sql import Sql
from server.store.tables import Attention, Audit
from tests.server.actions.test_welcome import all_of, welcome
from tests.support.house import Rehearsal, cast_of, fill
from wire import asks
from wire.vocabulary import AttentionKind, Audience, RefusalCode, new_id


async def told(rehearsal: Rehearsal) -> tuple[AttentionNow, ...]:
    def read(connection: Any) -> tuple[AttentionNow, ...]:
        return attention_now(Sql(connection), rehearsal.kiosk.centre, rehearsal.clock.micros())

    return await rehearsal.house.look(read)


async def subjects(rehearsal: Rehearsal) -> list[str]:
    return [each.subject for each in await told(rehearsal) if each.subject]


def shown(rehearsal: Rehearsal, audience: Audience, subject: str = "") -> str:
    reader = FloorReader(rehearsal.house.database, "https://queue.test")
    floor = reader.read(rehearsal.kiosk.centre, rehearsal.clock.micros())
    return json.dumps(views.view(floor, audience, subject), sort_keys=True)


def in_public(rehearsal: Rehearsal, *visits: str) -> str:
    public = [(Audience.LOBBY, ""), (Audience.KIOSK, ""), (Audience.SIGN, "1"), (Audience.SIGN, "3")]
    return "".join(
        shown(rehearsal, *each) for each in (*public, *((Audience.PHONE, visit) for visit in visits))
    )


# Alarm ----------------------------------------------------------------------------------------------------------


async def test_an_alarm_says_who_and_where_and_comes_before_everything(rehearsal: Rehearsal) -> None:
    await rehearsal.ask(rehearsal.kiosk, asks.Help(request=new_id()))
    await rehearsal.ask("greta", asks.SafeRoom(request=new_id(), where="By the lift"))
    rehearsal.clock.go(minutes=1)
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.Alarm(request=new_id()))
    await rehearsal.ask("greta", asks.Alarm(request=new_id()))
    await rehearsal.ask("bob", asks.Alarm(request=new_id(), where="Corridor upstairs"))
    everything = await told(rehearsal)
    assert [each.kind for each in everything] == [
        *[AttentionKind.ALARM] * 3,
        AttentionKind.SAFE_ROOM,
        AttentionKind.HELP,
    ]
    says = {each.staff: each.say for each in everything if each.kind is AttentionKind.ALARM}
    assert says == {
        "Ann": "Ann needs help now. Where: Desk 1.",
        "Greta": "Greta needs help now. Where: the front.",
        "Bob": "Bob needs help now. Where: Corridor upstairs.",
    }


async def test_an_alarm_pressed_twenty_times_is_one_until_it_is_done(rehearsal: Rehearsal) -> None:
    presses = [asks.Alarm(request=new_id()) for _ in range(20)]
    answers = await asyncio.gather(*(rehearsal.ask("greta", press) for press in presses))
    assert len({each["request"] for each in answers}) == 1
    (alarm,) = await told(rehearsal)
    assert alarm.request is not None
    await rehearsal.ask("mia", asks.TakeAttention(request=alarm.request))
    taken = await rehearsal.refused("ann", asks.TakeAttention(request=alarm.request))
    assert taken.say == "A colleague is already seeing to this."
    assert (await told(rehearsal))[0].taken_by == "Mia"
    await rehearsal.ask("mia", asks.DoneAttention(request=alarm.request))
    assert await told(rehearsal) == ()
    again = asks.Alarm(request=new_id())
    assert (await rehearsal.ask("greta", again))["request"] == again.request


async def test_an_alarm_pressed_again_after_a_minute_tells_everybody_anew_from_where_it_is(
    rehearsal: Rehearsal,
) -> None:
    first = await rehearsal.ask("ann", asks.Alarm(request=new_id()))
    await rehearsal.ask("greta", asks.TakeAttention(request=first["request"]))
    mark = shown(rehearsal, Audience.STAFF)
    rehearsal.clock.go(seconds=59)
    await rehearsal.ask("ann", asks.Alarm(request=new_id()))
    assert shown(rehearsal, Audience.STAFF) == mark
    await rehearsal.sit()
    rehearsal.clock.go(seconds=1)
    assert await rehearsal.ask("ann", asks.Alarm(request=new_id())) == first
    (alarm,) = await told(rehearsal)
    assert (alarm.say, alarm.taken_by) == ("Ann needs help now. Where: Desk 1.", "")
    assert alarm.since_at == rehearsal.clock.micros()


async def test_an_alarm_of_yesterday_does_not_hide_todays(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("ann", asks.Alarm(request=new_id()))
    await rehearsal.ask("greta", asks.SafeRoom(request=new_id()))
    await rehearsal.ask(rehearsal.kiosk, asks.Help(request=new_id()))
    await rehearsal.ask(rehearsal.kiosk, asks.SetAside(entry=new_id(), code="K99", why="Not known."))
    rehearsal.clock.go(hours=11, minutes=59)
    await watch(rehearsal.house)
    assert len([each for each in await told(rehearsal) if each.request]) == 4
    rehearsal.clock.go(minutes=1)
    assert await watch(rehearsal.house) == 3
    assert [each.kind for each in await told(rehearsal) if each.request] == [AttentionKind.SET_ASIDE]


async def test_an_alarm_is_written_down_without_the_typed_words(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("greta", asks.Alarm(request=new_id(), where="Mr Smith at the door"))
    written = [(each.what, each.about) for each in await all_of(rehearsal, Audit)]
    assert written == [("alarm", "the front")]


async def test_an_alarm_and_a_safe_room_show_on_no_public_screen_and_in_no_log(
    rehearsal: Rehearsal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    visitor = await rehearsal.issue()
    before = in_public(rehearsal, visitor.visit)
    staff = shown(rehearsal, Audience.STAFF)
    await rehearsal.ask("greta", asks.Alarm(request=new_id(), where="Lift Seven"))
    with_alarm = shown(rehearsal, Audience.STAFF)
    await rehearsal.ask("greta", asks.SafeRoom(request=new_id(), ticket=visitor.ticket, where="Lift Seven"))
    assert len({staff, with_alarm, shown(rehearsal, Audience.STAFF)}) == 3
    assert in_public(rehearsal, visitor.visit) == before
    assert "Lift Seven" not in caplog.text


async def test_everybody_on_the_staff_may_raise_an_alarm_and_no_device(rehearsal: Rehearsal) -> None:
    for who in ("ann", "greta", "mia", "ada"):
        await rehearsal.ask(who, asks.Alarm(request=new_id()))
    refused = await rehearsal.refused(rehearsal.kiosk, asks.Alarm(request=new_id()))
    assert refused.code is RefusalCode.NOT_ALLOWED


# A safe room ----------------------------------------------------------------------------------------------------


async def test_a_safe_room_is_answered_with_the_rooms_where_nobody_is(rehearsal: Rehearsal) -> None:
    visitor = await rehearsal.issue()
    ask = asks.SafeRoom(request=new_id(), ticket=visitor.ticket)
    answer = await rehearsal.ask("greta", ask)
    assert answer["free"] == [{"counter": "room-1", "name": "Room 1", "kind": "room"}]
    await rehearsal.sit("ann", "room-1", ("housing",))
    again = await rehearsal.ask("ann", asks.SafeRoom(request=new_id(), ticket=visitor.ticket))
    assert again == {"request": ask.request, "free": []}
    (wanted,) = [each for each in await told(rehearsal) if each.kind is AttentionKind.SAFE_ROOM]
    assert wanted.say.startswith(f"A safe room is wanted for {visitor.code}.")


# Noticed --------------------------------------------------------------------------------------------------------


async def test_a_concern_is_taken_by_one_and_done_by_any(rehearsal: Rehearsal) -> None:
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="out"))
    (subject,) = await subjects(rehearsal)
    takes = await asyncio.gather(
        *(
            rehearsal.answer(who, asks.TakeConcern(subject=subject))
            for who in ("greta", "ann", "greta", "bob")
        )
    )
    assert [each.refusal is None for each in takes] == [True, False, True, False]
    assert takes[1].refusal is not None
    assert takes[1].refusal.say == "A colleague is already seeing to this."
    assert [(each.subject, each.taken_by) for each in await told(rehearsal)] == [(subject, "Greta")]
    await rehearsal.ask("ann", asks.DoneConcern(subject=subject))
    await rehearsal.ask("ann", asks.DoneConcern(subject=subject))
    assert await subjects(rehearsal) == []
    assert len(await all_of(rehearsal, Attention)) == 1


async def test_done_keeps_a_subject_quiet_for_fifteen_minutes_though_it_lasts(rehearsal: Rehearsal) -> None:
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="out"))
    (subject,) = await subjects(rehearsal)
    await rehearsal.ask("greta", asks.DoneConcern(subject=subject))
    for minutes, quiet in ((14, True), (1, False)):
        rehearsal.clock.go(minutes=minutes)
        for device in (rehearsal.kiosk, rehearsal.spare, rehearsal.display):
            await rehearsal.ask(device, asks.Health(printer="out" if device is rehearsal.kiosk else "none"))
        await watch(rehearsal.house)
        assert (subject not in await subjects(rehearsal)) is quiet


async def test_what_went_away_and_came_back_is_told_though_somebody_said_done(rehearsal: Rehearsal) -> None:
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="out"))
    (subject,) = await subjects(rehearsal)
    await rehearsal.ask("greta", asks.DoneConcern(subject=subject))
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="ready"))
    assert await watch(rehearsal.house) == 1
    assert await watch(rehearsal.house) == 0
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="out"))
    assert await subjects(rehearsal) == [subject]


async def test_an_entry_closes_when_its_cause_has_gone(rehearsal: Rehearsal) -> None:
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="out"))
    (subject,) = await subjects(rehearsal)
    await rehearsal.ask("greta", asks.TakeConcern(subject=subject))
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="ready"))
    assert await told(rehearsal) == ()
    await watch(rehearsal.house)
    (entry,) = await all_of(rehearsal, Attention)
    assert entry.done_at is not None
    gone = await rehearsal.refused("ann", asks.TakeConcern(subject=subject))
    assert gone.code is RefusalCode.WRONG_STATE
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="out"))
    await rehearsal.ask("ann", asks.TakeConcern(subject=subject))
    assert [each.taken_by for each in await told(rehearsal)] == ["Ann"]


async def test_a_wish_to_talk_in_private_stands_until_called_and_not_again_after_done(
    rehearsal: Rehearsal,
) -> None:
    seen_to = await rehearsal.issue("private")
    called = await rehearsal.issue("private")
    wishes = [each for each in await told(rehearsal) if each.kind is AttentionKind.PRIVATE]
    assert [each.code for each in wishes] == [seen_to.code, called.code]
    assert wishes[0].say == f"{seen_to.code} asked to talk in private and waits near kiosk. Go to them."
    await rehearsal.ask("greta", asks.DoneConcern(subject=f"private:{seen_to.ticket}"))
    rehearsal.clock.go(minutes=40)
    await watch(rehearsal.house)
    left = [each.code for each in await told(rehearsal) if each.kind is AttentionKind.PRIVATE]
    assert left == [called.code]
    await rehearsal.ask("greta", asks.Cancel(ticket=called.ticket))
    assert [each for each in await told(rehearsal) if each.kind is AttentionKind.PRIVATE] == []


async def test_the_staff_screens_mark_changes_when_a_wait_grows_too_long_by_itself(
    rehearsal: Rehearsal,
) -> None:
    visitor = await rehearsal.issue()
    public = in_public(rehearsal)
    rehearsal.clock.go(minutes=20)
    devices = (rehearsal.kiosk, rehearsal.spare, rehearsal.display)
    await asyncio.gather(*(rehearsal.ask(device, asks.Health()) for device in devices))
    marks = []
    for _ in range(3):
        floor = FloorReader(rehearsal.house.database, "").read(
            rehearsal.kiosk.centre, rehearsal.clock.micros()
        )
        marks.append(views.view(floor, Audience.STAFF)["attention"]["mark"])
        rehearsal.clock.go(seconds=30)
    assert marks[0] == marks[1] != marks[2]
    assert await subjects(rehearsal) == [f"long_wait:{visitor.ticket}"]
    assert "long_wait" not in public + in_public(rehearsal)


async def test_a_no_show_is_to_be_looked_for_until_it_is_taken_back(rehearsal: Rehearsal) -> None:
    visitor = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    await rehearsal.ask("ann", asks.NoShow(ticket=visitor.ticket))
    assert await subjects(rehearsal) == [f"no_show:{visitor.ticket}"]
    await rehearsal.ask("ann", asks.Undo(ticket=visitor.ticket))
    assert await subjects(rehearsal) == []


async def test_two_visits_of_one_case_are_told_until_one_ends(rehearsal: Rehearsal) -> None:
    one = await rehearsal.ask("greta", welcome(apart="HG-12"))
    two = await rehearsal.ask("greta", welcome())
    assert await subjects(rehearsal) == []
    answer = await rehearsal.ask("ann", asks.KeepApart(ticket=two["ticket"], reference="hg-12"))
    assert answer == {"apart": ["G01"]}
    (concern,) = await told(rehearsal)
    assert concern.kind is AttentionKind.APART
    assert concern.say.startswith("G01 and G02 must not meet (HG-12)")
    assert "HG-12" not in in_public(rehearsal, one["visit"], two["visit"])
    await rehearsal.ask("greta", asks.DoneConcern(subject=concern.subject or ""))
    assert await told(rehearsal) == ()
    await rehearsal.ask("greta", welcome(apart="HG-12"))
    assert (await told(rehearsal))[0].say.startswith("G01, G02 and G03 must not meet")
    await rehearsal.ask("greta", asks.Cancel(ticket=one["ticket"]))
    await rehearsal.ask("greta", asks.Cancel(ticket=two["ticket"]))
    assert await told(rehearsal) == ()


async def test_another_centre_hears_nothing_and_settles_nothing_here(rehearsal: Rehearsal) -> None:
    await rehearsal.house.change(
        rehearsal.people["ada"], "fill", lambda tx: fill(tx.session(), "other-house", "L")
    )
    people, _ = cast_of(rehearsal.house.database, "other-house")
    await rehearsal.ask(rehearsal.kiosk, asks.Health(printer="out"))
    await rehearsal.ask("greta", welcome(apart="HG-12"))
    await rehearsal.ask(people["greta"], welcome(apart="HG-12"))
    await rehearsal.ask("greta", asks.Alarm(request=new_id()))
    everything = await told(rehearsal)
    assert [each.kind for each in everything] == [AttentionKind.ALARM, AttentionKind.PAPER]

    def over_there(connection: Any) -> tuple[AttentionNow, ...]:
        return attention_now(Sql(connection), people["greta"].centre, rehearsal.clock.micros())

    assert await rehearsal.house.look(over_there) == ()
    alarm, paper = everything
    strange = await rehearsal.refused(people["greta"], asks.TakeAttention(request=alarm.request or ""))
    assert strange.code is RefusalCode.UNKNOWN
    strange = await rehearsal.refused(people["greta"], asks.TakeConcern(subject=paper.subject or ""))
    assert strange.code is RefusalCode.WRONG_STATE
    await rehearsal.ask(people["greta"], asks.DoneConcern(subject=paper.subject or ""))
    assert await told(rehearsal) == everything


async def test_a_hundred_entries_set_aside_do_not_hide_an_alarm(rehearsal: Rehearsal) -> None:
    for _ in range(250):
        await rehearsal.ask(rehearsal.kiosk, asks.SetAside(entry=new_id(), code="K99", why="Not known."))
    rehearsal.clock.go(seconds=1)
    await rehearsal.ask("greta", asks.Alarm(request=new_id()))
    everything = await told(rehearsal)
    assert everything[0].kind is AttentionKind.ALARM
    assert len(everything) == 200


async def test_done_of_one_thing_is_written_down_by_its_kind_only(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("greta", welcome(apart="HG-12"))
    await rehearsal.ask("greta", welcome(apart="HG-12"))
    (concern,) = await told(rehearsal)
    rehearsal.clock.set(rehearsal.clock.now() + timedelta(seconds=1))
    await rehearsal.ask("greta", asks.DoneConcern(subject=concern.subject or ""))
    written = await all_of(rehearsal, Audit)
    assert [(each.what, each.about, each.detail) for each in written] == [("seen to", "apart", {})]
