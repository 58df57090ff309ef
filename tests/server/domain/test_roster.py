"""A roster that contradicts itself or the opening hours, and files of rosters good and bad."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from server.domain.hours import Closure, Hours, Special, Timetable, Usual
from server.domain.roster import Entry, Here, Judged, judge, read_time
from server.domain.roster_lines import Account, read_roster, template

TUESDAY, THURSDAY, CLOSED = date(2026, 12, 1), date(2026, 12, 3), date(2026, 12, 8)
LATE = date(2026, 12, 15)
"""Open from 20:00 to 02:00."""
FORWARD, BACK = date(2027, 3, 27), date(2026, 10, 24)
"""Nights after which the clock is changed."""
HOURS = Hours(
    tuple(Usual(weekday, time(9, 30), time(16, 30)) for weekday in (1, 3)),
    tuple(Special(on, time(20), time(6)) for on in (LATE, FORWARD, BACK)),
    (Closure(CLOSED, CLOSED, {"en": "Repairs"}),),
)
PLACE = Here(
    ZoneInfo("Europe/London"),
    date(2026, 11, 24),
    Timetable("Europe/London", HOURS),
    {"council-tax": "Council tax", "housing": "Somewhere to live"},
    {1: "Ann Other", 2: "Bob"},
    2,
)
PEOPLE = [
    Account(1, "Ann Other", "ann"),
    Account(2, "Bob", "bob"),
    Account(3, "Chris", "chris.a"),
    Account(4, "Chris", "chris.b"),
]


def shift(
    line: int, begins: str, ends: str, on: date = TUESDAY, staff: int | None = None, *services: str
) -> Entry:
    return Entry(line, on, begins, ends, staff, "", services)


def lines(judged: Judged) -> tuple[list[int], list[int]]:
    return [each.line for each in judged.faults], [each.line for each in judged.warnings]


def test_a_roster_as_it_should_be_says_nothing() -> None:
    entries = [
        shift(1, "09:00", "13:00", TUESDAY, 1),
        shift(2, "13:00", "17:00", TUESDAY, 1),
        shift(3, "09:30", "16:30", THURSDAY, 2, "housing"),
    ]
    assert lines(judge(entries, [], PLACE)) == ([], [])


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (shift(1, "09:30", "09:30"), "begins and ends at 09:30"),
        (shift(1, "09:30", "09:00"), "longer than 16 hours"),
        (shift(1, "09:30", "12:00", CLOSED), "The centre is closed that day"),
        (shift(1, "17:00", "19:00"), "open from 09:30 to 16:30"),
        (shift(1, "09:30", "12:00", date(2026, 12, 2)), "closed"),
        (shift(1, "09:30", "12:00", TUESDAY, None, "parking"), "no service 'parking'"),
        (shift(1, "09:30", "12:00", TUESDAY, 99), "no role at this centre"),
        (shift(1, "09:30", "12:00", date(2062, 12, 5)), "Look at the year again"),
        (shift(1, "01:10", "01:50", date(2027, 3, 28)), "skips this shift"),
    ],
)
def test_what_cannot_be_meant_is_refused(entry: Entry, said: str) -> None:
    judged = judge([entry], [], PLACE)
    assert [each.line for each in judged.faults] == [1]
    assert said in judged.faults[0].say


def test_nobody_is_in_two_places_at_once() -> None:
    entries = [
        shift(1, "09:30", "13:00", TUESDAY, 1),
        shift(2, "12:59", "16:00", TUESDAY, 1),
        shift(3, "12:00", "16:00", TUESDAY, 2),
    ]
    judged = judge(entries, [], PLACE)
    assert lines(judged)[0] == [2]
    assert "Ann Other is already down for 09:30 to 13:00 on Tuesday 1 December" in judged.faults[0].say
    unnamed = [shift(1, "09:30", "13:00"), shift(2, "09:30", "13:00")]
    assert lines(judge(unnamed, [], PLACE)) == ([], [])


def test_a_night_shift_overlaps_the_morning_after_also_one_that_stays() -> None:
    night = shift(1, "20:00", "06:00", LATE, 2)
    morning = shift(2, "05:00", "06:00", date(2026, 12, 16), 2)
    assert lines(judge([night, morning], [], PLACE))[0] == [2]
    assert lines(judge([night], [morning], PLACE))[0] == [1]
    assert lines(judge([], [night, morning], PLACE))[0] == []  # not asked about
    assert lines(judge([night], [shift(9, "06:00", "06:30", date(2026, 12, 16), 2)], PLACE))[0] == []


def test_what_may_be_meant_is_said_and_let_through() -> None:
    early = judge([shift(1, "07:00", "12:00"), shift(2, "12:00", "18:00")], [], PLACE)
    assert lines(early) == ([], [1, 2])
    assert "the doors open at 09:30" in early.warnings[0].say
    crowd = judge([shift(number, "09:30", "12:00") for number in range(1, 4)], [], PLACE)
    assert lines(crowd) == ([], [0])
    assert "3 are down at 09:30, and there are 2 counters" in crowd.warnings[0].say


@pytest.mark.parametrize(("on", "length"), [(FORWARD, "9 hours"), (BACK, "11 hours")])
def test_a_night_on_which_the_clock_is_changed_is_said(on: date, length: str) -> None:
    judged = judge([shift(1, "20:00", "06:00", on)], [], PLACE)
    assert lines(judged) == ([], [1])
    assert f"this shift is {length} long" in judged.warnings[0].say


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("9:30", "09:30"),
        ("0930", "09:30"),
        ("9.05", "09:05"),
        ("9", "09:00"),
        ("24:00", "00:00"),
        ("24:01", None),
        ("25", None),
        ("9:60", None),
        ("", None),
        ("noon", None),
        ("-1", None),
    ],
)
def test_times_as_people_write_them(text: str, time: str | None) -> None:
    assert read_time(text) == time


def read(text: str) -> tuple[list[Entry], list[tuple[int, str]], list[str]]:
    found = read_roster(text.encode(), PEOPLE, PLACE.services)
    return found.entries, [(each.line, each.say) for each in found.faults], found.strangers


def test_a_file_as_spreadsheets_write_it() -> None:
    text = "\ufeffDate;From;To;Name;Services\r\n01/12/2026;9:30;13:00;ANN  other;Council tax|housing\r\n2026-12-01;13.00;1630;;\r\n\r\n2026-12-03;09:30;16:30;Agency Sam;\r\n2026-12-03;09:30;16:30;chris.b;\r\n"
    entries, faults, strangers = read(text)
    assert faults == []
    assert entries == [
        Entry(2, TUESDAY, "09:30", "13:00", 1, "", ("council-tax", "housing")),
        Entry(3, TUESDAY, "13:00", "16:30"),
        Entry(5, THURSDAY, "09:30", "16:30", None, "Agency Sam"),
        Entry(6, THURSDAY, "09:30", "16:30", 4),
    ]
    assert strangers == ["Agency Sam"]


def test_the_file_to_begin_with_can_be_read() -> None:
    entries, faults, _ = read(template(TUESDAY, "Somewhere to live"))
    assert (len(entries), faults) == (2, [])


def test_each_bad_line_is_named_with_what_is_wrong() -> None:
    text = (
        "date,begins,ends,who,services\n"
        "2026-13-01,09:30,13:00,,\n"
        "2026-12-01,half nine,13:00,,\n"
        "2026-12-01,09:30,13:00,Chris,\n"
        "2026-12-01,09:30,13:00,,Parking\n"
        "2026-12-01,09:30,13:00,=cmd(),\n"
        "2026-12-01,09:30\n"
        "2026-12-01,09:30,13:00,Bob,\n"
    )
    entries, faults, _ = read(text)
    assert [line for line, _ in faults] == [2, 3, 4, 5, 6, 7]
    for (_, say), part in zip(
        faults,
        (
            "no date",
            "no time",
            "2 people here are called Chris",
            "no service 'Parking'",
            "as a formula does",
            "has 2 columns",
        ),
        strict=True,
    ):
        assert part in say
    assert [each.line for each in entries] == [8]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04zip", "a spreadsheet, not a CSV file"),
        (b"date,begins\n2026-12-01,9\n", "lacks ends"),
        (b"date,begins,ends,pay\n", "'pay' is not known"),
        (b"date,begins,ends\n", "no shift in this file"),
        (b'date,begins,ends\n"2026', "quotation marks"),
        (b"date,begins,ends\n" + b"2026-12-01,9,10\n" * 5_001, "more than 5,000 lines"),
    ],
)
def test_what_is_no_roster_is_said_to_be_none(content: bytes, said: str) -> None:
    found = read_roster(content, PEOPLE, PLACE.services)
    assert any(said in each.say for each in found.faults)
