"""Appointments as calendar programs read them: the clock changes, moving, cancelling, and what is not said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from server.live.ics import calendar_of, event_of
from server.store.tables import Booking, Centre, Service
from wire.vocabulary import BookingState, Language

LONDON = ZoneInfo("Europe/London")
LINK = "https://book.example.gov.uk/b/abc.def"
CENTRE = Centre(
    id=1,
    slug="york",
    name="York House",
    languages=["en"],
    wait_here={},
    address="91 Granby Street, Leicester",
)
TAX = Service(id=1, centre_id=1, slug="council-tax", names={"en": "Council tax", "pl": "Podatek lokalny"})
SAFETY = Service(id=2, centre_id=1, slug="safety", names={"en": "Not safe at home"}, discreet=True)
PRIVATE = Service(id=3, centre_id=1, slug="private", names={"en": "Something private"}, private=True)


def booking_at(starts_at: datetime, **more: Any) -> Booking:
    starts = starts_at.astimezone(UTC)
    made = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    given = {
        "id": "0" * 31 + "7",
        "centre_id": 1,
        "service_id": 1,
        "reference": "BCDF3467",
        "state": BookingState.BOOKED,
        "starts_at": starts,
        "ends_at": starts + timedelta(minutes=20),
        "held_from": starts,
        "held_until": starts + timedelta(minutes=20),
        "made_at": made,
        "name": "Meera Patel",
        "phone": "+447700900123",
    }
    return Booking(**{**given, **more})


def read(raw: bytes) -> Any:
    calendar: Any = Calendar.from_ical(raw)
    [event] = calendar.walk("VEVENT")
    return calendar, event


def file_of(booking: Booking, service: Service = TAX, language: str = "en", method: str = "PUBLISH") -> bytes:
    return calendar_of([event_of(booking, CENTRE, service, LINK, language)], name=CENTRE.name, method=method)


@pytest.mark.parametrize(
    ("local", "in_utc"),
    [
        (datetime(2026, 3, 29, 0, 50, tzinfo=LONDON), "20260329T005000Z"),  # the last before the gap
        (datetime(2026, 3, 29, 2, 10, tzinfo=LONDON), "20260329T011000Z"),
        (
            datetime(2026, 10, 25, 1, 30, tzinfo=LONDON),
            "20261025T003000Z",
        ),  # the first half past one of that night
        (datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1), "20261025T013000Z"),  # and the second
        (datetime(2026, 7, 1, 10, 0, tzinfo=LONDON), "20260701T090000Z"),
    ],
)
def test_an_instant_is_the_same_instant_on_both_clock_changes(local: datetime, in_utc: str) -> None:
    raw = file_of(booking_at(local))
    assert f"DTSTART:{in_utc}\r\n".encode() in raw
    _, event = read(raw)
    assert event.decoded("dtstart") == local.astimezone(UTC)
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=20)


def test_a_visitors_file_says_what_where_and_how_to_change_it() -> None:
    calendar, event = read(file_of(booking_at(datetime(2026, 7, 1, 10, 0, tzinfo=LONDON))))
    assert calendar["method"] == "PUBLISH"
    assert event["summary"] == "Appointment: Council tax"
    assert event["location"] == "York House, 91 Granby Street, Leicester"
    assert event["description"] == f"Your reference is BCDF-3467.\nTo change or cancel it: {LINK}"
    assert event["url"] == LINK
    assert event["status"] == "CONFIRMED"


def test_a_move_keeps_the_uid_and_raises_the_sequence() -> None:
    before = booking_at(datetime(2026, 7, 1, 10, 0, tzinfo=LONDON))
    changed = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
    after = booking_at(datetime(2026, 7, 2, 10, 0, tzinfo=LONDON), sequence=1, changed_at=changed)
    (_, first), (_, second) = read(file_of(before)), read(file_of(after))
    assert first["uid"] == second["uid"]
    assert (first["sequence"], second["sequence"]) == (0, 1)
    assert first.decoded("dtstamp") == before.made_at
    assert second.decoded("dtstamp") == changed


def test_a_cancelled_one_frees_the_time_and_says_so() -> None:
    gone = booking_at(
        datetime(2026, 7, 1, 10, 0, tzinfo=LONDON),
        state=BookingState.CANCELLED,
        sequence=2,
        cancelled_at=datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
    )
    calendar, event = read(file_of(gone, method="CANCEL"))
    assert calendar["method"] == "CANCEL"
    assert (event["status"], event["transp"], event["sequence"]) == ("CANCELLED", "TRANSPARENT", 2)
    assert event["description"] == "This appointment has been cancelled."
    assert event["organizer"].params["CN"] == "York House"


@pytest.mark.parametrize("service", [SAFETY, PRIVATE])
@pytest.mark.parametrize("language", list(Language))
def test_a_discreet_service_is_named_in_no_language(service: Service, language: str) -> None:
    raw = file_of(booking_at(datetime(2026, 7, 1, 10, 0, tzinfo=LONDON)), service, language)
    text = raw.decode().replace("\r\n ", "")
    assert "safe" not in text
    assert "rivate" not in text.replace("CLASS:PRIVATE", "")
    _, event = read(raw)
    assert event["class"] == "PRIVATE"


def test_a_name_or_a_number_is_never_in_it() -> None:
    text = file_of(booking_at(datetime(2026, 7, 1, 10, 0, tzinfo=LONDON))).decode()
    assert "Meera" not in text
    assert "7700900123" not in text


def test_a_visitors_language_is_used_where_the_service_has_no_word_in_it() -> None:
    starts = datetime(2026, 7, 1, 10, 0, tzinfo=LONDON)
    _, polish = read(file_of(booking_at(starts), language="pl"))
    _, urdu = read(file_of(booking_at(starts), language="ur"))
    assert polish["summary"] == "Wizyta: Podatek lokalny"
    assert urdu["summary"] == "اپائنٹمنٹ: Council tax"
    assert "\u2066BCDF-3467\u2069" in urdu["description"]
    assert "\u2066" not in polish["description"]


def test_the_same_is_said_in_the_same_bytes() -> None:
    booking = booking_at(datetime(2026, 7, 1, 10, 0, tzinfo=LONDON))
    assert file_of(booking) == file_of(booking)


def test_a_feed_tells_its_reader_how_often_to_look() -> None:
    raw = calendar_of([], name="Room 2", method=None, zone="Europe/London", refresh=timedelta(minutes=15))
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n" in raw
    assert b"X-PUBLISHED-TTL:PT15M\r\n" in raw
    assert b"METHOD" not in raw


def test_signs_that_have_a_meaning_in_the_format_stay_words() -> None:
    tricky = Service(id=4, centre_id=1, slug="x", names={"en": "Bins; bulky, large\nand\r\nEND:VEVENT"})
    _, event = read(file_of(booking_at(datetime(2026, 7, 1, 10, 0, tzinfo=LONDON)), tricky))
    assert event["summary"] == "Appointment: Bins; bulky, large\nand\nEND:VEVENT"
