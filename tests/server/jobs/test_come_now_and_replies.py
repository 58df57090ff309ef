"""The text that calls a walk-in back, and what visitors text to the house."""

from __future__ import annotations

from functools import partial

import pytest

from server.actions import post_receipts, posting
from server.actions.booking import cancel
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.jobs import sending
from server.jobs.sweeping import sweep
from server.store.tables import Booking, TextWish
from server.store.tx import Tx
from tests.support.booked import now_is
from tests.support.writing import MOBILE, Writing, booked, change
from wire import asks
from wire.vocabulary import PostState

# "Please come now" -------------------------------------------------------------------------------------------------------


async def test_a_walk_in_is_texted_once_when_few_are_before_them(writing: Writing) -> None:
    rehearsal, house = writing.rehearsal, writing.rehearsal.house
    await rehearsal.sit("ann")
    issued = [await rehearsal.issue() for _ in range(4)]
    last = issued[-1]
    await change(writing, partial(posting.wish_text, visit=last.visit, phone=MOBILE))
    assert await sending.say_come_now(house) == 0
    await rehearsal.ask("ann", asks.CallNext())
    assert await sending.say_come_now(house) == 1
    assert await sending.say_come_now(house) == 0
    await writing.send()
    (text,) = writing.notify.messages
    assert (
        text.body == f"York House: it is nearly your turn. Your number is {last.code}. Please come back now."
    )
    await rehearsal.ask("greta", asks.Cancel(ticket=last.ticket))
    await sweep(house)
    assert await house.read(lambda session: session.get(TextWish, last.visit)) is None


async def test_a_text_for_a_visit_that_ended_is_not_sent(writing: Writing) -> None:
    rehearsal = writing.rehearsal
    issued = await rehearsal.issue()
    await rehearsal.sit("ann")
    await change(writing, partial(posting.wish_text, visit=issued.visit, phone=MOBILE))
    assert await sending.say_come_now(rehearsal.house) == 1
    await rehearsal.ask("greta", asks.Cancel(ticket=issued.ticket))
    await writing.send()
    assert (writing.notify.messages, (await writing.post()).state) == ([], PostState.DROPPED)
    with pytest.raises(Refused):
        await change(writing, partial(posting.wish_text, visit=issued.visit, phone=MOBILE))


async def test_a_wish_goes_over_to_the_visit_it_is_merged_into(writing: Writing) -> None:
    rehearsal = writing.rehearsal
    goes, stays = await rehearsal.issue(), await rehearsal.issue("housing")
    await rehearsal.sit("ann", services=("council-tax", "housing"))
    await change(writing, partial(posting.wish_text, visit=goes.visit, phone=MOBILE))
    await rehearsal.ask("greta", asks.Merge(ticket=goes.ticket, into=stays.ticket))
    assert await sending.say_come_now(rehearsal.house) == 1
    await writing.send()
    assert [stays.code in each.body for each in writing.notify.messages] == [True]


# What visitors text back -------------------------------------------------------------------------------------------------


async def hear(writing: Writing, words: str, number: str = "1", source: str = "447700900123") -> str:
    hearing = partial(post_receipts.heard, text_id=number, source=source, words=words)
    did: str = await writing.rehearsal.house.change(SYSTEM, "hear", hearing)
    return did


async def test_cancel_cancels_the_one_appointment_of_that_phone(on_both: Writing) -> None:
    booking = await booked(on_both)
    await booked(on_both, -60, None)
    await booked(on_both, phone="+447700900456")
    assert await hear(on_both, "Cancel please") == "cancelled"
    assert await hear(on_both, "Cancel please") == ""
    assert (await now_is(on_both.rehearsal, booking)).state == "cancelled"
    await on_both.send()
    assert [each.body.partition(":")[0] for each in on_both.notify.messages if each.to == MOBILE] == [
        "Cancelled"
    ]
    (entry,) = await on_both.heard()
    assert (entry.did, entry.words) == ("cancelled", "")


async def test_cancel_with_two_appointments_is_answered_with_how_to_and_once_a_day(writing: Writing) -> None:
    first, second = await booked(writing), await booked(writing)
    await writing.send()
    assert await hear(writing, "CANCEL", "1") == ""
    assert await hear(writing, "CANCEL", "2") == ""
    await writing.send()
    assert [(await now_is(writing.rehearsal, each)).state for each in (first, second)] == ["booked", "booked"]
    answers = [each.body for each in writing.notify.messages if "could not do" in each.body]
    assert len(answers) == 1
    assert [each.words for each in await writing.heard()] == ["CANCEL", "CANCEL"]


async def test_cancel_sent_twice_cancels_one_and_is_no_mystery(writing: Writing) -> None:
    await booked(writing)
    assert [await hear(writing, "CANCEL", number) for number in "12"] == ["cancelled", "cancelled"]
    await writing.send()
    assert not any("could not do" in each.body for each in writing.notify.messages)


async def test_cancel_again_does_not_take_the_other_appointment_along(writing: Writing) -> None:
    """Of two one was cancelled by the link; a late or second text may mean that one."""
    first, second = await booked(writing), await booked(writing)
    await change(writing, partial(cancelling, booking=first.id))
    writing.rehearsal.clock.go(minutes=5)
    assert await hear(writing, "CANCEL") == ""
    assert (await now_is(writing.rehearsal, second)).state == "booked"
    third = await booked(writing, phone="+447700900456")
    await change(writing, partial(cancelling, booking=third.id))
    writing.rehearsal.clock.go(minutes=5)
    anew = await booked(writing, phone="+447700900456")
    assert await hear(writing, "CANCEL", "2", source="447700900456") == "cancelled"
    assert (await now_is(writing.rehearsal, anew)).state == "cancelled"


def cancelling(tx: Tx, booking: str) -> None:
    cancel(tx, tx.session().get_one(Booking, booking))


async def test_stop_takes_back_the_leave_to_text_everywhere(writing: Writing) -> None:
    booking, other = await booked(writing), await booked(writing, phone="+447700900456", event=None)
    issued = await writing.rehearsal.issue()
    await change(writing, partial(posting.wish_text, visit=issued.visit, phone=MOBILE))
    assert await hear(writing, "STOP") == "stopped"
    await writing.send()
    assert writing.notify.messages == []
    assert not (await now_is(writing.rehearsal, booking)).safe_to_text
    assert (await now_is(writing.rehearsal, other)).safe_to_text
    assert await writing.rehearsal.house.read(lambda session: session.get(TextWish, issued.visit)) is None


async def test_other_words_wait_for_a_person_and_go_after_a_week(writing: Writing) -> None:
    await booked(writing)
    assert await hear(writing, "I am on the bus, ten minutes late") == ""
    assert await hear(writing, "cancel", "2", source="447700900999") == ""
    entries = {each.id: each for each in await writing.heard()}
    assert entries["1"].centre_id == writing.rehearsal.kiosk.centre
    assert entries["2"].centre_id is None
    writing.rehearsal.clock.go(days=7, minutes=1)
    await sweep(writing.rehearsal.house)
    assert await writing.heard() == []
