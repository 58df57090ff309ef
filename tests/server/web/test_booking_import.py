"""A file of appointments over real HTTP, on both databases: tried out, booked whole or not at all, known again, taken back whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import col, select

from server.store.tables import Booking
from tests.server.web.diary import Diary, diary
from tests.server.web.rehearsal import serving, token_of
from wire.vocabulary import BookingState

HEAD = "service,date,time,name,phone,safe_to_text,answer.tenure\n"
TWO = (
    HEAD
    + 'council-tax,2026-11-26,10:00,Ada,07700 900123,yes,\nSomewhere to live,26/11/2026,10:30,Siân,,,"Yes, I rent"\n'
)


@pytest.fixture
def house(database_url: str) -> Iterator[Diary]:
    with serving(database_url) as running:
        yield diary(running)


def send(client: httpx.Client, text: str, name: str = "old.csv") -> httpx.Response:
    return client.post(
        "/appointments/import",
        data={"csrf": token_of(client)},
        files={"file": (name, text.encode(), "text/csv")},
    )


def enter(client: httpx.Client, preview: httpx.Response, **fields: str) -> httpx.Response:
    key = re.search(r'name="key" value="([0-9a-f]{32})"', preview.text)
    assert key is not None, preview.text
    return client.post("/appointments/import/enter", data={"csrf": token_of(client), "key": key[1], **fields})


def bookings(house: Diary, *states: BookingState) -> list[Booking]:
    rows = (
        select(Booking)
        .where(col(Booking.state).in_(states or list(BookingState)))
        .order_by(col(Booking.starts_at))
    )
    return house.read(lambda session: list(session.exec(rows)))


def test_a_file_is_tried_out_booked_known_again_and_taken_back(house: Diary) -> None:
    client = house.served.signed_in("max")
    preview = send(client, TWO)
    assert preview.status_code == 200, preview.text
    assert "<b>2</b> appointments" in preview.text
    assert bookings(house) == []  # a trial lets nothing stand
    assert enter(client, preview, tell="true").status_code == 303
    ada, sian = bookings(house, BookingState.BOOKED)
    assert (ada.name, ada.phone, ada.channel, ada.safe_to_text) == ("Ada", "+447700900123", "import", True)
    assert (sian.name, sian.answers, sian.person_id in house.persons.values()) == (
        "Siân",
        {"tenure": "yes"},
        True,
    )
    assert ada.starts_at == datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    # The very file again, and another file with one line of it, are known.
    assert "This very file was imported already" in send(client, TWO).text
    other = send(client, HEAD + "council-tax,2026-11-26,10:00,ADA,,,\n")
    assert other.status_code == 422
    assert "has this appointment already" in other.text
    # Taken back: what is ahead is cancelled, who has come stays; and the file may come again.
    house.change(lambda tx: setattr(tx.session().get_one(Booking, ada.id), "state", BookingState.ARRIVED))
    number = re.search(r"/appointments/import/(\d+)/take-back", client.get("/appointments/import").text)
    assert number is not None
    taken = client.post(f"/appointments/import/{number[1]}/take-back", data={"csrf": token_of(client)})
    assert "1 appointments were cancelled. 1 stay" in taken.text
    assert [each.name for each in bookings(house, BookingState.CANCELLED)] == ["Siân"]
    assert "has this appointment already" in send(client, TWO).text
    house.change(lambda tx: setattr(tx.session().get_one(Booking, ada.id), "state", BookingState.CANCELLED))
    assert enter(client, send(client, TWO)).status_code == 303
    assert len(bookings(house, BookingState.BOOKED)) == 2
    assert "Ada" not in house.everything_audited()


def test_each_line_is_judged_by_the_diary_as_the_lines_before_it_left_it_and_one_that_does_not_fit_stops_all(
    house: Diary,
) -> None:
    client = house.served.signed_in("max")
    rows = "".join(f"council-tax,2026-11-26,11:00,Visitor {n},,,\n" for n in range(3))  # two places
    answer = send(client, HEAD + rows + "council-tax,2026-11-26,11:10,Off the grid,,,\n")
    assert answer.status_code == 422
    assert "<b>Line 4</b>" in answer.text
    assert "<b>Line 5</b>" in answer.text
    assert "<b>Line 2</b>" not in answer.text
    assert "<b>Line 3</b>" not in answer.text
    assert 'name="key"' not in answer.text
    assert bookings(house) == []


def test_when_the_diary_changes_after_the_preview_nothing_is_booked(house: Diary) -> None:
    client = house.served.signed_in("max")
    preview = send(
        client, HEAD + "council-tax,2026-11-26,12:00,First,,,\ncouncil-tax,2026-11-26,12:30,Second,,,\n"
    )
    for name in ("Quicker", "And another"):
        house.book("council-tax", datetime(2026, 11, 26, 12, 30, tzinfo=UTC), name)
    answer = enter(client, preview)
    assert answer.status_code == 409
    assert "nothing was booked" in answer.text
    assert {each.name for each in bookings(house)} == {"Quicker", "And another"}


def test_a_preview_is_the_senders_and_not_kept_for_long(house: Diary) -> None:
    max_ = house.served.signed_in("max")
    preview = send(max_, TWO)
    house.clock.turn(timedelta(minutes=31))
    assert enter(max_, preview).status_code == 410
    assert bookings(house) == []


def test_a_private_service_is_not_imported_without_the_right(house: Diary) -> None:
    answer = send(house.served.signed_in("max"), HEAD + "private,2026-11-26,12:00,Rosa,,,\n")
    assert answer.status_code == 422
    assert "private" in answer.text


def test_the_template_is_a_file_that_this_reads(house: Diary) -> None:
    client = house.served.signed_in("max")
    template = client.get("/appointments/import/template.csv")
    assert template.headers["content-disposition"] == 'attachment; filename="appointments.csv"'
    text = template.text.replace("find-a-home", "council-tax").lstrip("\ufeff")
    assert send(client, text).status_code == 200, send(client, text).text


def test_no_file_and_somebody_without_the_right(house: Diary) -> None:
    client = house.served.signed_in("max")
    assert client.post("/appointments/import", data={"csrf": token_of(client)}).status_code == 422
    assert house.served.signed_in("grace").get("/appointments/import").status_code == 403
    assert (
        "Choose it once more"
        in client.post("/appointments/import/enter", data={"csrf": token_of(client), "key": "x"}).text
    )
