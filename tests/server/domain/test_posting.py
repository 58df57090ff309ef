"""What is written to whom and when, by example."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from server.domain import posting as rules
from server.domain.posting import DAY, HOUR, MINUTE, SECOND, Wanted
from wire.vocabulary import BookingState, Letter, PostState, Way

LONDON = ZoneInfo("Europe/London")
MOBILE, LANDLINE = "+447700900123", "+441164541000"
BOTH = frozenset(Way)


def at(text: str) -> int:
    local = datetime.fromisoformat(text)
    aware = local if local.tzinfo else local.replace(tzinfo=LONDON)
    return round(aware.timestamp() * SECOND)


# By which way ----------------------------------------------------------------------------------------------------


def test_nothing_is_texted_that_is_not_said_to_be_safe() -> None:
    assert rules.ways(Letter.CONFIRMED, MOBILE, "", False, BOTH) == []
    assert rules.ways(Letter.CONFIRMED, MOBILE, "a@example.org", False, BOTH) == [
        (Way.EMAIL, "a@example.org")
    ]


def test_a_confirmation_goes_both_ways_and_a_reminder_one() -> None:
    both = [(Way.SMS, MOBILE), (Way.EMAIL, "a@example.org")]
    assert rules.ways(Letter.CONFIRMED, MOBILE, "a@example.org", True, BOTH) == both
    assert rules.ways(Letter.REMINDER, MOBILE, "a@example.org", True, BOTH) == both[:1]


def test_a_landline_and_a_way_that_is_not_set_up_get_nothing() -> None:
    assert rules.ways(Letter.CONFIRMED, LANDLINE, "", True, BOTH) == []
    assert rules.ways(Letter.CONFIRMED, MOBILE, "a@example.org", True, {Way.EMAIL}) == [
        (Way.EMAIL, "a@example.org")
    ]
    assert rules.ways(Letter.CONFIRMED, MOBILE, "a@example.org", True, ()) == []


# When ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-24 07:59:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 20:59:59", "2026-11-24 20:59:59"),
        ("2026-11-24 21:00", "2026-11-25 08:00"),
        ("2026-11-25 00:10", "2026-11-25 08:00"),
        (
            "2026-03-28 23:00",
            "2026-03-29 08:00",
        ),  # the night the clock goes on: nine hours later by a watch, ten by the wall
        ("2026-10-24 23:00", "2026-10-25 08:00"),
    ],
)
def test_a_text_at_night_waits_until_eight_by_the_clock_on_the_wall(now: str, due: str) -> None:
    assert rules.due_at(Letter.CONFIRMED, Way.SMS, at(now), LONDON, at("2026-12-24 12:00")) == at(due)


def test_the_nights_of_the_clock_changes_are_an_hour_shorter_and_longer() -> None:
    spring = rules.due_at(Letter.CONFIRMED, Way.SMS, at("2026-03-28 23:00"), LONDON, None)
    autumn = rules.due_at(Letter.CONFIRMED, Way.SMS, at("2026-10-24 23:00"), LONDON, None)
    assert (spring - at("2026-03-28 23:00"), autumn - at("2026-10-24 23:00")) == (8 * HOUR, 10 * HOUR)


def test_what_cannot_wait_for_the_morning_does_not() -> None:
    now = at("2026-11-24 23:00")
    assert rules.due_at(Letter.COME_NOW, Way.SMS, now, LONDON, None) == now
    assert rules.due_at(Letter.TAKE_BACK, Way.SMS, now, LONDON, None) == now
    assert rules.due_at(Letter.MOVED, Way.SMS, now, LONDON, at("2026-11-25 07:30")) == now
    assert rules.due_at(Letter.MOVED, Way.SMS, now, LONDON, at("2026-11-25 09:00")) > now
    assert rules.due_at(Letter.MOVED, Way.EMAIL, now, LONDON, at("2026-11-25 09:00")) == now


def test_each_message_ends_when_it_would_only_confuse() -> None:
    due = at("2026-11-24 10:00")
    assert rules.expires_at(Letter.CONFIRMED, due, due + 5 * DAY) == due + DAY
    assert rules.expires_at(Letter.REMINDER, due, due + 3 * HOUR) == due + 3 * HOUR
    assert rules.expires_at(Letter.CANCELLED, due, due + 3 * HOUR) == due + DAY
    assert rules.expires_at(Letter.COME_NOW, due, None) == due + 20 * MINUTE


def test_reminders_come_when_due_and_each_once() -> None:
    starts, told = at("2026-11-24 10:00"), at("2026-11-01 10:00")

    def due(now: int) -> int | None:
        return rules.reminder_due(starts, (48, 3), told, now)

    assert due(starts - 48 * HOUR - 1) is None
    assert due(starts - 48 * HOUR) == 48
    assert due(starts - 3 * HOUR - 1) == 48
    assert due(starts - 3 * HOUR) == 3
    assert due(starts) is None


def test_who_was_just_told_is_not_reminded() -> None:
    starts = at("2026-11-24 10:00")
    assert rules.reminder_due(starts, (48, 3), starts - 20 * HOUR, starts - 19 * HOUR) is None
    assert rules.reminder_due(starts, (48, 3), starts - 20 * HOUR, starts - 3 * HOUR) == 3
    assert rules.reminder_due(starts, (3,), starts - 3 * HOUR - 50 * MINUTE, starts - 2 * HOUR) is None
    assert rules.reminder_due(starts, (), 0, starts - HOUR) is None


def test_attempts_come_later_and_later_and_never_in_step() -> None:
    waits = [rules.back_off(attempt, 0.5) // SECOND for attempt in range(1, 10)]
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert rules.back_off(1, 0.0) == 24 * SECOND
    assert rules.back_off(1, 1.0) == 36 * SECOND
    assert rules.back_off(1, 0.0, 60 * SECOND) >= 60 * SECOND
    assert rules.back_off(500, 1.0) <= 36 * MINUTE


@pytest.mark.parametrize(
    ("state", "ahead", "high", "near"),
    [
        ("waiting", 0, 30, True),
        ("waiting", 2, 30, True),
        ("waiting", 3, 30, False),
        ("waiting", 9, 8, True),
        ("waiting", 9, 9, False),
        ("waiting", 9, None, False),
        ("waiting", None, None, False),
        ("called", None, None, True),
        ("serving", None, None, False),
        ("parked", 0, 1, False),
    ],
)
def test_a_turn_is_near_when_few_are_before_or_it_is_called(
    state: str, ahead: int | None, high: int | None, near: bool
) -> None:
    assert rules.is_near(state, ahead, high) is near


# Whether still -----------------------------------------------------------------------------------------------------


def test_a_letter_is_held_against_what_is_so_now() -> None:
    def why(
        letter: Letter,
        state: str = BookingState.BOOKED,
        starts: int = 100,
        sequence: int = 1,
        now: int = 0,
        **values: int,
    ) -> str:
        return rules.not_needed(letter, state, starts, sequence, dict(values), now)

    assert why(Letter.CONFIRMED) == ""
    assert why(Letter.CONFIRMED, BookingState.CANCELLED)
    assert why(Letter.CONFIRMED, BookingState.ARRIVED)
    assert why(Letter.CONFIRMED, now=100)
    assert why(Letter.REMINDER, starts_at=100) == ""
    assert why(Letter.REMINDER, starts_at=90) == "The appointment was moved."
    assert why(Letter.MOVED, sequence=1) == "The appointment was moved again."
    assert rules.not_needed(Letter.MOVED, BookingState.BOOKED, 100, 2, {"sequence": 2}, 0) == ""
    assert why(Letter.CANCELLED, BookingState.CANCELLED) == ""
    assert why(Letter.CANCELLED, now=200) == "The appointment stands after all."


# Receipts --------------------------------------------------------------------------------------------------------------


def test_receipts_in_any_order_end_the_same() -> None:
    told = ("sending", "pending", "temporary-failure", "permanent-failure", "delivered")
    for order in permutations(told):
        known, state = "", PostState.SENT
        for status in order:
            found = rules.after_receipt(Way.SMS, known, status)
            if found is not None:
                known, state = status, found[0]
        assert (known, state) == ("delivered", PostState.DELIVERED)


def test_a_receipt_told_twice_or_unknown_changes_nothing() -> None:
    assert rules.after_receipt(Way.SMS, "delivered", "delivered") is None
    assert rules.after_receipt(Way.SMS, "", "teleported") is None
    failed = rules.after_receipt(Way.EMAIL, "", "permanent-failure")
    assert failed == (PostState.FAILED, "There is no such mailbox. Ring them or ask for another address.")


# What visitors text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "CANCEL", "cancel", " Cancel. ", "Please cancel my appointment, thank you!", "Anuluj", "proszę odwołać wizytę",
        "રદ કરો", "ਰੱਦ ਕਰੋ ਧੰਨਵਾਦ", "منسوخ کریں", "إلغاء الموعد من فضلك", "\u200fالغاء",
    ],
)  # fmt: skip
def test_a_plain_cancel_is_understood_in_every_language(words: str) -> None:
    assert rules.heard(words) is Wanted.CANCEL


@pytest.mark.parametrize("words", ["STOP", "stop texting", "Koniec", "બંધ", "ਬੰਦ ਕਰੋ", "بند کریں", "إيقاف"])
def test_a_plain_stop_is_understood_in_every_language(words: str) -> None:
    assert rules.heard(words) is Wanted.STOP


@pytest.mark.parametrize(
    "words",
    [
        "Don't cancel!",
        "cancel or move?",
        "stop by at ten",
        "cancel stop",
        "",
        "please",
        "thanks",
        "my mum is ill can I come later",
        "🙂",
    ],
)
def test_whatever_says_more_is_for_a_person(words: str) -> None:
    assert rules.heard(words) is None


# For the screens -------------------------------------------------------------------------------------------------------


def test_an_address_is_masked_and_what_a_provider_said_holds_none() -> None:
    assert rules.masked(MOBILE) == "…123"
    assert rules.masked("jane@example.org") == "j…@example.org"
    assert rules.masked("") == ""
    said = rules.without_addresses("phone_number 07700 900 123 and jane.doe@example.org refused (400)")
    assert "900" not in said
    assert "jane" not in said
    assert "400" in said


def test_how_long_a_text_is() -> None:
    assert rules.parts("a" * 160) == ("GSM-7", 160, 1)
    assert rules.parts("a" * 161) == ("GSM-7", 161, 2)
    assert rules.parts("€" * 80) == ("GSM-7", 160, 1)
    assert rules.parts("ł" * 70) == ("UCS-2", 70, 1)
    assert rules.parts("🙂" * 36) == ("UCS-2", 72, 2)
