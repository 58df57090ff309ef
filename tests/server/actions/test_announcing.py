"""Telling everyone waiting, and that the building must be left: what is told, to whom, how long, and what stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text as sql_text
from sqlmodel import Session, select

from server.actions import announcing
from server.jobs.rounds import end_days, no_shows
from server.live import views
from server.live.floor import FloorReader
from server.live.hub import Topic
from server.store.tables import Announcement, Audit, Message, Step, Ticket
from tests.support.house import Rehearsal, running_house
from wire import asks
from wire.frames import Row
from wire.vocabulary import Audience, Language, Prepared, RefusalCode, new_id
from words import Catalogue

_RAISE_VERSION = sql_text("UPDATE centre SET version = version + 1")
PUBLIC = (Audience.LOBBY, Audience.KIOSK, Audience.PHONE)


def view(rehearsal: Rehearsal, audience: Audience = Audience.LOBBY, subject: str = "") -> dict[str, Row]:
    floor = FloorReader(rehearsal.house.database, "https://queue.test").read(
        rehearsal.kiosk.centre, rehearsal.clock.micros()
    )
    return dict(views.view(floor, audience, subject))


def told(
    rehearsal: Rehearsal, audience: Audience = Audience.LOBBY, subject: str = ""
) -> list[dict[str, str]]:
    return [
        row["text"] for row in view(rehearsal, audience, subject).values() if row["kind"] == "announcement"
    ]


def announce(**given: Any) -> asks.Announce:
    return asks.Announce(announcement=new_id(), **given)


async def keep(rehearsal: Rehearsal, slug: str, text: dict[str, str], *, standing: bool = False) -> None:
    def add(tx: Any) -> None:
        tx.session().add(
            Message(centre_id=rehearsal.kiosk.centre, slug=slug, text=text, position=9, standing=standing)
        )
        tx.session().exec(_RAISE_VERSION)

    await rehearsal.house.change(rehearsal.as_actor("ada"), "keep", add)


async def test_a_prepared_sentence_is_told_in_every_language_for_its_minutes(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("greta", announce(prepared="long_wait", minutes=30))
    catalogue = Catalogue()
    for audience in PUBLIC:
        assert told(rehearsal, audience) == [
            {each: catalogue.say(each, "announce.long_wait") for each in catalogue.languages()}
        ]
    assert len(set(told(rehearsal)[0].values())) == len(Language)
    rehearsal.clock.go(minutes=29, seconds=59)
    assert len(told(rehearsal)) == 1
    rehearsal.clock.go(seconds=1)
    assert told(rehearsal) == []


async def test_a_kept_message_of_the_centre_is_told_only_when_it_is_announced(rehearsal: Rehearsal) -> None:
    await keep(rehearsal, "lift", {"en": "The lift is out of order.", "pl": "Winda nie działa."})
    assert [key for key in view(rehearsal) if key.startswith("message:")] == ["message:welcome"]
    await rehearsal.ask("greta", announce(prepared="lift"))
    assert told(rehearsal) == [{"en": "The lift is out of order.", "pl": "Winda nie działa."}]
    refusal = await rehearsal.refused("greta", announce(prepared="welcome"))
    assert refusal.code is RefusalCode.WRONG_STATE


async def test_typed_words_are_english_only_and_are_not_in_the_audit(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("mia", announce(text="  Mr Jones,\nyour \u202etaxi is here.  "))
    assert told(rehearsal) == [{"en": "Mr Jones, your taxi is here."}]

    def audit(session: Session) -> list[Audit]:
        return list(session.exec(select(Audit)))

    notes = await rehearsal.house.read(audit)
    assert [(note.what, note.about) for note in notes] == [("announced", "typed words")]
    assert "Jones" not in repr(notes)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, RefusalCode.MALFORMED),
        ({"text": " \n\u200e "}, RefusalCode.MALFORMED),
        ({"text": "Hello.", "prepared": "long_wait"}, RefusalCode.MALFORMED),
        ({"prepared": "no-such-sentence"}, RefusalCode.UNKNOWN),
        ({"prepared": "evacuate"}, RefusalCode.MALFORMED),
        ({"prepared": "all_clear"}, RefusalCode.MALFORMED),
    ],
)
async def test_what_cannot_be_told_is_refused_with_a_sentence(
    rehearsal: Rehearsal, given: dict[str, str], code: RefusalCode
) -> None:
    refusal = await rehearsal.refused("greta", announce(**given))
    assert refusal.code is code
    assert refusal.say.endswith(".")
    assert told(rehearsal) == []


@pytest.mark.parametrize("given", [{"text": "x" * 201}, {"minutes": 0}, {"minutes": 481}, {"prepared": "%"}])
def test_words_without_end_are_not_an_ask(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        announce(**{"text": "Hello.", **given})


async def test_five_are_told_at_once_and_no_sentence_twice(rehearsal: Rehearsal) -> None:
    for number in range(announcing.MOST_OPEN):
        await rehearsal.ask("greta", announce(text=f"Announcement {number}.", minutes=number + 1))
    assert (await rehearsal.refused("greta", announce(text="One more."))).code is RefusalCode.BUSY
    assert (
        await rehearsal.refused("greta", announce(text="Announcement 3."))
    ).code is RefusalCode.WRONG_STATE
    rehearsal.clock.go(minutes=1)
    await rehearsal.ask("greta", announce(text="One more."))
    assert len(told(rehearsal)) == announcing.MOST_OPEN


async def test_one_is_ended_by_hand_and_ending_it_again_does_no_harm(rehearsal: Rehearsal) -> None:
    one = announce(prepared="system_slow")
    await rehearsal.ask("greta", one)
    for _ in range(2):
        await rehearsal.ask("mia", asks.EndAnnouncement(announcement=one.announcement))
        assert told(rehearsal) == []
    refusal = await rehearsal.refused("mia", asks.EndAnnouncement(announcement=new_id()))
    assert refusal.code is RefusalCode.UNKNOWN
    assert (await rehearsal.refused("greta", one)).code is RefusalCode.ID_REUSED


async def test_the_same_tap_sent_twenty_times_is_told_once(rehearsal: Rehearsal) -> None:
    one, tap = announce(prepared="closing_soon"), new_id()
    answers = [await rehearsal.answer("greta", one, tap) for _ in range(20)]
    assert all(answer.refusal is None for answer in answers)
    assert len(told(rehearsal)) == 1


async def test_only_who_minds_the_floor_speaks_to_all_but_anybody_may_say_leave(rehearsal: Rehearsal) -> None:
    for who, body in (("ann", announce(prepared="long_wait")), ("ann", asks.Resume())):
        assert (await rehearsal.refused(who, body)).code is RefusalCode.NOT_ALLOWED
    await rehearsal.ask("ann", asks.Evacuate(confirmed=True))
    with pytest.raises(ValidationError):
        asks.Evacuate(confirmed=False)


async def test_what_was_told_in_opening_hours_ends_with_them_and_what_was_told_to_a_closed_house_does_not(
    rehearsal: Rehearsal,
) -> None:
    rehearsal.clock.set(datetime(2026, 11, 24, 16, 0, tzinfo=UTC))
    await rehearsal.ask("greta", announce(prepared="no_more_tickets", minutes=480))
    await end_days(rehearsal.house)
    assert len(told(rehearsal)) == 1
    rehearsal.clock.set(datetime(2026, 11, 24, 16, 31, tzinfo=UTC))
    await rehearsal.ask("greta", announce(text="We open late tomorrow.", minutes=480))
    await end_days(rehearsal.house)
    assert told(rehearsal) == [{"en": "We open late tomorrow."}]

    def ended(session: Session) -> list[bool]:
        return [row.ended_at is not None for row in session.exec(select(Announcement).order_by("at"))]

    assert await rehearsal.house.read(ended) == [True, False]
    rehearsal.clock.go(hours=8)
    await end_days(rehearsal.house)
    assert await rehearsal.house.read(ended) == [True, True]


# Leaving the building -----------------------------------------------------------------------------------------


async def test_everyone_is_told_to_leave_and_twice_is_once(rehearsal: Rehearsal) -> None:
    waiting = await rehearsal.issue()
    at = rehearsal.clock.micros() // 1000
    first = await rehearsal.ask("ann", asks.Evacuate(confirmed=True))
    rehearsal.clock.go(seconds=7)
    second = await rehearsal.ask("greta", asks.Evacuate(confirmed=True))
    assert first == {"evacuated_at": at, "already": False}
    assert second == {"evacuated_at": at, "already": True}
    for audience, subject in (
        *((each, "") for each in (Audience.LOBBY, Audience.KIOSK, Audience.STAFF)),
        (Audience.SIGN, "1"),
        (Audience.PHONE, waiting.visit),
    ):
        assert view(rehearsal, audience, subject)["centre"]["evacuated_at"] == at, audience

    def evacuations(session: Session) -> int:
        return len(session.exec(select(Audit).where(Audit.what == "evacuated")).all())

    assert await rehearsal.house.read(evacuations) == 1


async def test_a_page_that_names_another_building_empties_and_opens_none(rehearsal: Rehearsal) -> None:
    here = rehearsal.kiosk.centre
    for body in (asks.Evacuate(confirmed=True, centre=here + 1), asks.Resume(centre=here + 1)):
        refusal = await rehearsal.refused("greta", body)
        assert refusal.code is RefusalCode.WRONG_CENTRE
        assert "nothing was done" in refusal.say
    await rehearsal.ask("greta", asks.Evacuate(confirmed=True, centre=here))
    assert not (await rehearsal.ask("greta", asks.Resume(centre=here)))["already"]


async def test_a_tap_that_is_sent_again_after_the_building_was_opened_does_not_empty_it_again(
    rehearsal: Rehearsal,
) -> None:
    number, body = new_id(), asks.Evacuate(confirmed=True)
    first = await rehearsal.answer("greta", body, number)
    assert first.result is not None
    assert not first.result["already"]
    assert not (await rehearsal.ask("greta", asks.Resume()))["already"]
    assert await rehearsal.answer("greta", body, number) == first
    assert (await rehearsal.ask("greta", asks.Resume()))["already"]


async def test_the_order_is_kept_and_who_was_being_called_is_called_anew(rehearsal: Rehearsal) -> None:
    called, *others = [await rehearsal.issue() for _ in range(6)]
    await rehearsal.sit("ann")
    await rehearsal.sit("bob", "desk-2")
    await rehearsal.ask("ann", asks.CallNext())
    served = others.pop(0)
    await rehearsal.ask("bob", asks.CallNext())
    await rehearsal.ask("bob", asks.Arrive(ticket=served.ticket))
    before = _waiting(rehearsal)
    assert before == [each.ticket for each in others]
    await rehearsal.ask("ann", asks.Evacuate(confirmed=True))
    rehearsal.clock.go(minutes=40)
    assert await no_shows(rehearsal.house) == 0
    answer = await rehearsal.ask("greta", asks.Resume())
    assert answer == {"renewed": 1, "already": False}
    assert _waiting(rehearsal) == before
    rows = view(rehearsal)
    call = rows[f"call:{called.ticket}"]
    assert (call["live"], call["times"]) == (True, 2)
    assert call["called_at"] == rehearsal.clock.micros() // 1000
    assert rows["centre"]["evacuated_at"] is None
    assert [row["text"]["en"] for row in rows.values() if row["kind"] == "announcement"] == [
        Catalogue().say("en", "announce.all_clear")
    ]
    rehearsal.clock.go(minutes=10)
    assert told(rehearsal) == []
    assert await rehearsal.ask("greta", asks.Resume()) == {"renewed": 0, "already": True}

    def states(session: Session) -> list[tuple[str, str]]:
        ids = (called.ticket, served.ticket)
        return [(row.id, row.state) for row in session.exec(select(Ticket)) if row.id in ids]

    assert dict(await rehearsal.house.read(states)) == {called.ticket: "called", served.ticket: "serving"}

    def recalls(session: Session) -> int:
        return len(session.exec(select(Step).where(Step.action == "recall")).all())

    assert await rehearsal.house.read(recalls) == 1


def _waiting(rehearsal: Rehearsal) -> list[str]:
    floor = FloorReader(rehearsal.house.database, "https://queue.test").read(
        rehearsal.kiosk.centre, rehearsal.clock.micros()
    )
    return [ticket.id for ticket in floor.waiting]


async def test_nobody_is_a_no_show_while_all_must_leave(rehearsal: Rehearsal) -> None:
    one = await rehearsal.issue()
    await rehearsal.sit()
    await rehearsal.ask("ann", asks.CallNext())
    for _ in range(2):
        await rehearsal.ask("ann", asks.Recall(ticket=one.ticket))
    await rehearsal.ask("ann", asks.Evacuate(confirmed=True))
    rehearsal.clock.go(minutes=30)
    assert await no_shows(rehearsal.house) == 0
    await rehearsal.ask("greta", asks.Resume())
    assert await no_shows(rehearsal.house) == 0, "the call was renewed; three minutes begin anew"
    rehearsal.clock.go(minutes=4)
    assert await no_shows(rehearsal.house) == 1


async def test_a_second_evacuation_takes_the_all_clear_of_the_first_away(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("ann", asks.Evacuate(confirmed=True))
    await rehearsal.ask("greta", asks.Resume())
    rehearsal.clock.go(minutes=1)
    await rehearsal.ask("ann", asks.Evacuate(confirmed=True))
    assert told(rehearsal) == []
    assert view(rehearsal)["centre"]["evacuated_at"] == rehearsal.clock.micros() // 1000


async def test_an_evacuation_forgotten_overnight_is_still_one(rehearsal: Rehearsal) -> None:
    await rehearsal.ask("ann", asks.Evacuate(confirmed=True))
    rehearsal.clock.go(hours=24)
    await end_days(rehearsal.house)
    assert view(rehearsal)["centre"]["evacuated_at"] is not None


async def test_other_centres_hear_nothing(rehearsal: Rehearsal) -> None:
    stranger = replace(rehearsal.as_actor("greta"), centre=rehearsal.kiosk.centre + 1000)
    one = announce(prepared="long_wait")
    await rehearsal.ask("greta", one)
    refusal = await rehearsal.refused(stranger, asks.EndAnnouncement(announcement=one.announcement))
    assert refusal.code is RefusalCode.UNKNOWN
    assert len(told(rehearsal)) == 1


async def test_two_servers_on_one_database_both_show_it(postgres_url: str) -> None:
    async with running_house(postgres_url) as one, running_house(postgres_url, seed=False) as other:
        await one.ask("ann", asks.Evacuate(confirmed=True))
        for house in (one, other):
            assert view(house)["centre"]["evacuated_at"] is not None
            assert await _glance(house) is not None
        await other.ask("greta", asks.Resume())
        for house in (one, other):
            assert view(house)["centre"]["evacuated_at"] is None
            assert await _glance(house) is None


async def _glance(house: Rehearsal) -> int | None:
    """Through the server's own hub, which keeps what changes seldom between readings."""
    house.house.hub.ring_all()
    rows = await house.house.hub.glance(Topic(house.kiosk.centre, Audience.LOBBY))
    at: int | None = rows["centre"]["evacuated_at"]
    return at


def test_what_is_offered_is_told_in_every_language_and_has_english_for_staff() -> None:
    kept = Message(centre_id=1, slug="lift", text={"en": "The lift is out of order."}, standing=False)
    standing = Message(centre_id=1, slug="welcome", text={"en": "Welcome."}, standing=True)
    offered = announcing.choices([standing, kept])
    assert [each.key for each in offered] == [
        "long_wait",
        "closing_soon",
        "no_more_tickets",
        "system_slow",
        "lift",
    ]
    assert all(each.say for each in offered)
    assert {each.key for each in offered[:-1]} | {"evacuate", "all_clear"} == set(Prepared)
