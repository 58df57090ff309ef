"""Letters from the change that makes them to the visitor's phone, through a stand-in of GOV.UK Notify that can fail in every way."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from demo.notify import StandIn, write_letters
from server.actions import booking_events, post_receipts, post_sending
from server.actions.booking import cancel, move
from server.clock import from_micros
from server.domain.access import SYSTEM
from server.domain.refusals import Refused
from server.edge import House
from server.jobs import sending
from server.jobs.sweeping import sweep
from server.store.database import open_database
from server.store.tables import Booking
from server.store.tx import Tx
from tests.support.booked import now_is
from tests.support.offering import offering
from tests.support.waiting import until_async
from tests.support.writing import DAY, MOBILE, Writing, booked, change, happens, writing_house
from wire.vocabulary import BookingEvent, Language, PostState, RefusalCode, Way

# From the change to the phone --------------------------------------------------------------------------------------------


async def test_a_confirmation_reaches_phone_and_mailbox_once(on_both: Writing) -> None:
    booking = await booked(on_both, email="jane@example.org", language=Language.PL)
    await happens(on_both, BookingEvent.BOOKED, booking)
    assert await on_both.send() == 2
    assert await on_both.send() == 0
    text, mail = sorted(on_both.notify.messages, key=lambda each: each.kind, reverse=True)
    assert (text.to, mail.to) == (MOBILE, "jane@example.org")
    assert text.body.startswith(
        "Wizyta umówiona: council-tax, piątek, 27 listopada, 10:00, York House. Numer "
    )
    assert "https://queue.test/b/" in text.body
    assert mail.subject == "Wizyta jest umówiona"
    assert {each.state for each in await on_both.posts()} == {PostState.SENT}
    assert {each.provider_id for each in await on_both.posts()} == {text.id, mail.id}


async def test_a_discreet_service_is_never_named(writing: Writing) -> None:
    await booked(writing, service="private", email="jane@example.org")
    await writing.send()
    said = " ".join(each.subject + each.body for each in writing.notify.messages)
    assert len(writing.notify.messages) == 2
    assert "private" not in said
    assert said.count("Your appointment, ") + said.count("\nYour appointment\n") == 2


async def test_without_leave_to_text_there_is_no_text(writing: Writing) -> None:
    await booked(writing, safe_to_text=False)
    await booked(writing, phone="+441164541000")
    await booked(writing, safe_to_text=False, email="a@example.org")
    assert [each.way for each in await writing.posts()] == [Way.EMAIL]


async def test_without_a_provider_nothing_piles_up(
    sqlite_url: str, tmp_path: Path, running: tuple[StandIn, str]
) -> None:
    async with writing_house(sqlite_url, tmp_path, running, notify_key="") as writing:
        await booked(writing, email="jane@example.org")
        assert await writing.posts() == []
        assert await sending.remind(writing.rehearsal.house) == 0


async def test_a_language_without_a_template_gets_the_english_one(
    sqlite_url: str, tmp_path: Path, running: tuple[StandIn, str]
) -> None:
    write_letters(tmp_path / "all.toml")
    few = [line for line in (tmp_path / "all.toml").read_text().splitlines() if not line.startswith("pl ")]
    (tmp_path / "few.toml").write_text("\n".join(few))
    async with writing_house(sqlite_url, tmp_path, running, letters=tmp_path / "few.toml") as writing:
        await booked(writing, language=Language.PL)
        await writing.send()
        (text,) = writing.notify.messages
        assert text.body.startswith("Your appointment is booked: council-tax, piątek, 27 listopada")


async def test_a_change_that_is_undone_writes_nothing(writing: Writing) -> None:
    """The letter and the change are one transaction."""
    booking = await booked(writing, event=None)

    def fail(tx: Tx) -> None:
        booking_events.happened(tx, BookingEvent.BOOKED, tx.session().get_one(Booking, booking.id))
        raise Refused(RefusalCode.CLOSED, "No.")

    with pytest.raises(Refused):
        await change(writing, fail)
    assert await writing.posts() == []


async def test_moved_before_the_confirmation_went_out_is_one_letter_with_the_new_time(
    writing: Writing,
) -> None:
    slots = await offering(writing.rehearsal, "council-tax")
    booking = await booked(writing)
    await change(
        writing, lambda tx: move(tx, tx.session().get_one(Booking, booking.id), slots[-1] * 1000) and None
    )
    assert await writing.send() == 1
    moved = await now_is(writing.rehearsal, booking)
    (text,) = writing.notify.messages
    assert text.body.startswith("Your appointment is booked")
    assert f"{moved.starts_at:%H:%M}" in text.body


async def test_a_move_is_told_and_a_second_one_instead_of_the_first(writing: Writing) -> None:
    slots = await offering(writing.rehearsal, "council-tax")
    booking = await booked(writing)
    await writing.send()
    for slot in slots[-1], slots[-3]:
        await change(
            writing,
            lambda tx, to=slot: move(tx, tx.session().get_one(Booking, booking.id), to * 1000) and None,
        )
    await writing.send()
    assert [each.body.partition(":")[0] for each in writing.notify.messages] == [
        "Your appointment is booked",
        "Your appointment has moved. New time",
    ]
    assert [each.state for each in await writing.posts()] == [
        PostState.SENT,
        PostState.DROPPED,
        PostState.SENT,
    ]


async def test_a_cancellation_takes_back_what_has_not_gone_out(writing: Writing) -> None:
    booking = await booked(writing)
    await change(
        writing, lambda tx: cancel(tx, tx.session().get_one(Booking, booking.id), reason="x") and None
    )
    assert [(each.letter, each.state) for each in await writing.posts()] == [
        ("confirmed", PostState.DROPPED),
        ("cancelled", PostState.QUEUED),
    ]
    await writing.send()
    (text,) = writing.notify.messages
    assert text.body.startswith("Cancelled: council-tax, Friday 27 November, 10:00, York House.")
    assert text.body.endswith("https://queue.test/book")


async def test_a_corrected_number_is_used_and_one_no_longer_safe_is_not(writing: Writing) -> None:
    right, unsafe = await booked(writing), await booked(writing)

    def amend(tx: Tx) -> None:
        tx.session().get_one(Booking, right.id).phone = "+447700900456"
        tx.session().get_one(Booking, unsafe.id).safe_to_text = False

    await change(writing, amend)
    await writing.send()
    assert [each.to for each in writing.notify.messages] == ["+447700900456"]
    assert sorted(each.state for each in await writing.posts()) == [PostState.DROPPED, PostState.SENT]


# Reminders and the night -------------------------------------------------------------------------------------------------


async def test_reminders_come_two_days_and_three_hours_before_and_an_old_one_never(on_both: Writing) -> None:
    rehearsal = on_both.rehearsal
    await offering(rehearsal, "council-tax")
    told = rehearsal.clock.now() - timedelta(days=3)
    kept = await booked(on_both, 2 * DAY + 60, None, booked_at=told)
    gone = await booked(on_both, 2 * DAY + 60, None, booked_at=told)
    later = await booked(on_both, 2 * DAY + 60, None, booked_at=told)
    assert await sending.remind(rehearsal.house) == 0
    rehearsal.clock.go(minutes=61)
    assert await sending.remind(rehearsal.house) == 3
    assert await sending.remind(rehearsal.house) == 0

    def alter(tx: Tx) -> None:
        tx.session().get_one(Booking, gone.id).state = "cancelled"
        moved = tx.session().get_one(Booking, later.id)
        moved.starts_at, moved.changed_at = moved.starts_at + timedelta(hours=1), from_micros(tx.now)

    await change(on_both, alter)
    await on_both.send()
    assert len(on_both.notify.messages) == 1
    rehearsal.clock.set(kept.starts_at - timedelta(hours=3))
    assert await sending.remind(rehearsal.house) == 1
    await on_both.send()
    assert [each.body.partition(":")[0] for each in on_both.notify.messages] == ["Reminder", "Reminder"]


async def test_a_text_written_at_night_goes_out_in_the_morning(writing: Writing) -> None:
    writing.rehearsal.clock.set(datetime(2026, 11, 24, 22, 30, tzinfo=UTC))
    await booked(writing, email="jane@example.org")
    await writing.send()
    assert [each.kind for each in writing.notify.messages] == ["email"]
    writing.rehearsal.clock.set(datetime(2026, 11, 25, 7, 59, tzinfo=UTC))
    assert await writing.send() == 0
    writing.rehearsal.clock.go(minutes=1)
    assert await writing.send() == 1


# Faults ------------------------------------------------------------------------------------------------------------------


async def test_notify_down_is_tried_again_until_it_is_back(writing: Writing) -> None:
    await booked(writing)
    writing.notify.faults.status = 500
    await writing.send()
    failed = await writing.post()
    assert (failed.state, failed.why, failed.attempts) == (
        PostState.QUEUED,
        "Notify has a fault of its own.",
        1,
    )
    assert await writing.send() == 0
    writing.notify.faults.status = 0
    writing.rehearsal.clock.go(minutes=2)
    assert await writing.send() == 1
    assert (await writing.post()).state == PostState.SENT
    assert len(writing.notify.messages) == 1


async def test_an_answer_that_was_lost_is_not_a_second_text(writing: Writing) -> None:
    """Notify took it and said nothing: it is asked by reference before anything is sent again."""
    await booked(writing)
    writing.notify.faults.lose_answer = 1
    await writing.send()
    assert (await writing.post()).state == PostState.QUEUED
    writing.rehearsal.clock.go(minutes=2)
    await writing.send()
    assert len(writing.notify.messages) == 1
    post = await writing.post()
    assert (post.state, post.provider_id) == (PostState.SENT, writing.notify.messages[0].id)


async def test_a_slow_notify_is_left_and_asked_later(writing: Writing) -> None:
    carrier: Any = writing.rehearsal.house.carriers.by_way[Way.SMS]
    carrier._seconds = 0.2
    await booked(writing)
    writing.notify.faults.slow_seconds = 0.8
    await writing.send()
    assert (await writing.post()).why == "Notify cannot be reached, or did not answer in time."
    writing.notify.faults.slow_seconds = 0
    writing.rehearsal.clock.go(minutes=2)
    await writing.send()
    assert (len(writing.notify.messages), (await writing.post()).state) == (1, PostState.SENT)


async def test_a_mail_server_that_says_nothing_holds_up_no_text(
    sqlite_url: str, tmp_path: Path, running: tuple[StandIn, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "EVERY_SECONDS", 0.05)
    reached = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read()
        writer.close()

    mail = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = mail.sockets[0].getsockname()[1]
    lines = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": "foyer@example.org"}
    async with mail, writing_house(sqlite_url, tmp_path, running, **lines) as writing:
        carrier: Any = writing.rehearsal.house.carriers.by_way[Way.EMAIL]
        carrier._seconds = 60.0
        going = asyncio.create_task(sending.keep_sending(writing.rehearsal.house))
        await booked(writing, phone="", email="jane@example.org")
        await asyncio.wait_for(reached.wait(), 30)
        await booked(writing)
        await until_async(lambda: bool(writing.notify.messages), 90, "the text")
        in_hand = [each.way for each in await writing.posts() if each.sending_since is not None]
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
    assert Way.EMAIL in in_hand


async def test_a_server_that_died_with_a_text_in_hand_sends_no_second(on_both: Writing) -> None:
    """Between sending and noting: the next one asks, and notes what it learns."""
    house = on_both.rehearsal.house
    await booked(on_both)
    links = post_sending.Links("https://queue.test", house.link_key)
    (parcel,) = await house.change(
        SYSTEM, "take", partial(post_sending.take_due, way=Way.SMS, most=9, links=links)
    )
    await house.carriers.by_way[Way.SMS].send(parcel)  # and now it dies
    assert await on_both.send() == 0
    on_both.rehearsal.clock.go(minutes=6)
    assert await on_both.send() == 1
    assert len(on_both.notify.messages) == 1
    assert (await on_both.post()).state == PostState.SENT


async def test_two_servers_send_each_text_once(
    postgres_url: str, tmp_path: Path, running: tuple[StandIn, str]
) -> None:
    async with writing_house(postgres_url, tmp_path, running) as writing:
        first = writing.rehearsal.house
        database = open_database(postgres_url)
        second = House(first.settings, database, writing.rehearsal.clock)
        await second.start()
        try:
            for _ in range(12):
                await booked(writing)
            sent = await asyncio.gather(*(sending.send_due(each) for each in (first, second)))
        finally:
            await second.stop()
            database.close()
        assert sum(sent) == 12
        assert len(writing.notify.messages) == 12
        assert len({each.reference for each in writing.notify.messages}) == 12
        assert {each.state for each in await writing.posts()} == {PostState.SENT}


async def test_a_wrong_key_holds_everything_and_says_so_to_the_administrator(writing: Writing) -> None:
    await booked(writing)
    writing.notify.faults.status = 403
    await writing.send()
    post = await writing.post()
    assert post.state == PostState.QUEUED
    assert post.why.startswith("Notify does not accept our key. Put the right one into FOYER_NOTIFY_KEY")
    writing.notify.faults.status = 0
    writing.rehearsal.clock.go(minutes=8)
    await writing.send()
    assert (await writing.post()).state == PostState.SENT


async def test_what_notify_refuses_for_good_is_a_dead_letter_at_once(writing: Writing) -> None:
    await booked(writing, phone="+48512345678")
    writing.notify.faults.international = False
    await writing.send()
    post = await writing.post()
    assert (post.state, post.attempts) == (PostState.FAILED, 1)
    assert post.why.startswith("Texts to foreign numbers are turned off")


async def test_after_a_day_it_is_given_up(writing: Writing) -> None:
    await booked(writing)
    writing.notify.faults.status = 500
    for _ in range(10):
        await writing.send()
        writing.rehearsal.clock.go(hours=3)
    post = await writing.post()
    assert post.state == PostState.FAILED
    assert post.why == "It could not be sent in time. Notify has a fault of its own."
    assert post.attempts == 8


async def test_a_dead_letter_tried_again_is_a_message_of_its_own(writing: Writing) -> None:
    booking = await booked(writing, phone="+447700900002")
    await writing.send()
    dead = await writing.post()
    assert await change(writing, lambda tx: post_receipts.receipt(tx, dead.id, "", "permanent-failure"))
    await change(writing, lambda tx: setattr(tx.session().get_one(Booking, booking.id), "phone", MOBILE))
    await change(writing, partial(post_sending.try_again, post_id=dead.id))
    with pytest.raises(Refused):
        await change(writing, partial(post_sending.try_again, post_id=dead.id))
    await writing.send()
    assert [each.to for each in writing.notify.messages] == ["+447700900002", MOBILE]


async def test_a_receipt_before_the_note_settles_it(writing: Writing) -> None:
    await booked(writing)
    writing.notify.faults.lose_answer = 1
    await writing.send()
    post, message = await writing.post(), writing.notify.messages[0]
    assert await change(writing, lambda tx: post_receipts.receipt(tx, post.id, message.id, "delivered"))
    assert not await change(
        writing, lambda tx: post_receipts.receipt(tx, post.id, message.id, "temporary-failure")
    )
    writing.rehearsal.clock.go(minutes=5)
    assert await writing.send() == 0
    assert (await writing.post()).state == PostState.DELIVERED


async def test_nothing_personal_is_logged_whatever_fails(
    writing: Writing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    await booked(writing, email="jane.doe@example.org", name="Jane Doe")
    writing.notify.faults.status = 500
    await writing.send()
    writing.notify.faults.status, writing.notify.faults.trial = 0, True
    writing.rehearsal.clock.go(minutes=3)
    await writing.send()
    assert {each.state for each in await writing.posts()} == {PostState.FAILED}
    assert "7700900" not in caplog.text
    assert "jane" not in caplog.text.casefold()


async def test_addresses_go_a_week_after_the_last_word_of_them(writing: Writing) -> None:
    await booked(writing)
    await writing.send()
    writing.rehearsal.clock.go(days=6)
    await sweep(writing.rehearsal.house)
    assert (await writing.post()).address == MOBILE
    writing.rehearsal.clock.go(days=1, minutes=1)
    await sweep(writing.rehearsal.house)
    assert (await writing.post()).address == ""
    writing.rehearsal.clock.go(days=90)
    await sweep(writing.rehearsal.house)
    assert await writing.posts() == []
