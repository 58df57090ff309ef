"""Reading a file of appointments: what is right is read as it is meant, and every fault is told with its line. Nothing is ever raised."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import from_micros
from server.domain.booking_lines import COLUMNS, MOST_LINES, BookingFile, Known, read_bookings

KNOWN = Known(
    ZoneInfo("Europe/London"),
    date(2026, 3, 1),
    {"find-a-home": "find-a-home", "finding a home": "find-a-home", "tax": "tax"},
    {"amina yusuf": 4},
    {"room 1": 7},
    {"en": "en", "english": "en", "pl": "pl", "polish": "pl"},
    {"find-a-home": {"tenure": {"rent": "rent", "i rent": "rent"}, "why": {}}, "tax": {}},
)


def read(text: str) -> BookingFile:
    return read_bookings(text.encode(), KNOWN)


def line(**cells: str) -> BookingFile:
    given_ = {"service": "tax", "date": "2026-06-02", "time": "10:00", **cells}
    quoted = [f'"{each}"' for each in given_.values()]
    return read(",".join(given_) + "\n" + ",".join(quoted) + "\n")


def say(read_: BookingFile) -> str:
    assert not read_.lines
    return " | ".join(f"{each.line}: {each.say}" for each in read_.faults)


def test_a_line_is_read_as_it_is_meant_by_the_centres_own_clock() -> None:
    found = line(
        service="Finding  a home", date="02/06/2026", time="9.30", name=" Siân  O\u2019Neil ", phone="07700 900123", safe_to_text="Yes",
        email="sian@Example.org", language="Polish", needs="step_free; hearing loop", interpreter="pl", people="3", person="amina  YUSUF",
        room="Room 1", note="Brings the letter", **{"answer.tenure": "I rent", "answer.why": "Too small"},
    )  # fmt: skip
    assert found.faults == []
    (read_,) = found.lines
    assert read_.service == "find-a-home"
    assert from_micros(read_.starts_at) == datetime(2026, 6, 2, 8, 30, tzinfo=UTC)  # summer time
    assert (read_.name, read_.phone, read_.email) == ("Siân O\u2019Neil", "+447700900123", "sian@example.org")
    assert (read_.safe_to_text, read_.language, read_.interpreter) == (True, "pl", "pl")
    assert (read_.needs, read_.people, read_.person, read_.room) == (("step_free", "hearing_loop"), 3, 4, 7)
    assert read_.answers == {"tenure": "rent", "why": "Too small"}


def test_columns_may_be_left_out_and_semicolons_and_windows_letters_are_taken() -> None:
    found = read_bookings("service;date;time;name\r\ntax;2026-06-02;10:00;Zoë\r\n".encode("cp1252"), KNOWN)
    assert [each.name for each in found.lines] == ["Zoë"]
    assert "cp1252" in found.notes[0]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"service": "tex"}, "not a service"),
        ({"date": "2026-02-30"}, "no date"),
        ({"date": "02.06.2026"}, "no date"),
        ({"date": "2026-02-28"}, "has passed"),
        ({"time": "25:00"}, "no time"),
        ({"time": "ten"}, "no time"),
        ({"date": "2026-03-29", "time": "01:30"}, "clocks go forward"),
        ({"phone": "7700900"}, "nobody can have"),
        ({"email": "a b@c"}, "no e-mail"),
        ({"safe_to_text": "perhaps"}, "yes or no"),
        ({"safe_to_text": "yes"}, "no phone"),
        ({"language": "Klingon"}, "These are known"),
        ({"needs": "a throne"}, "These are known"),
        ({"people": "0"}, "1 to 20"),
        ({"people": "\u0663"}, "1 to 20"),
        ({"person": "Nobody"}, "called that"),
        ({"name": "=HYPERLINK(1)"}, "formula"),
        ({"name": "x" * 201}, "longer than 200"),
        ({"answer.tenure": "rent"}, "does not ask"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(cells: dict[str, str], said: str) -> None:
    found = say(line(**cells))
    assert said in found
    assert found.startswith("2: ")


def test_every_column_of_a_line_is_judged_not_only_the_first() -> None:
    assert len(line(date="never", time="late", phone="1", people="99").faults) == 4


def test_the_hour_that_comes_twice_means_its_first_showing() -> None:
    (found,) = line(date="2026-10-25", time="01:30").lines
    assert from_micros(found.starts_at) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_slip_in_an_address_is_asked_about_and_not_changed() -> None:
    found = line(email="jo@gmial.com")
    assert found.lines[0].email == "jo@gmial.com"
    assert "gmail.com" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("service,date,time\n", "no lines below"),
        ("service,date\ntax,2026-06-02\n", "no time"),
        ("service,date,time,shoe size\ntax,2026-06-02,10:00,9\n", "not known: shoe_size"),
        ("service,date,time\ntax,2026-06-02\n", "2 columns"),
        ("PK\x03\x04rest", "spreadsheet"),
    ],
)
def test_a_file_that_is_none_is_told_what_it_is(text: str, said: str) -> None:
    assert said in say(read(text))


def test_a_file_with_too_many_lines_is_not_read() -> None:
    rows = "tax,2026-06-02,10:00\n" * (MOST_LINES + 1)
    assert f"{MOST_LINES:,}" in read("service,date,time\n" + rows).faults[-1].say


@given(st.binary(max_size=400), st.lists(st.text(max_size=20), min_size=3, max_size=3))
def test_nothing_is_ever_raised(junk: bytes, cells: list[str]) -> None:
    assert read_bookings(junk, KNOWN).faults
    head = ",".join(COLUMNS[:3])
    row = ",".join(cells).encode("utf-8", "surrogatepass")
    found = read_bookings(head.encode() + b"\n" + row + b"\n", KNOWN)
    assert bool(found.faults) != bool(found.lines)
