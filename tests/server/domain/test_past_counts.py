"""Files of past figures: the quarter that was published, and everything that can be wrong with a file."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.past_counts import MOST_FAULTS, MOST_LINES, PastFile, Place, read_file
from server.domain.past_lines import day_of, span_fault
from server.web.pages.past_import import CALLED
from wire.vocabulary import Activity

LONDON = ZoneInfo("Europe/London")
PLACE = Place("York House", "york-house", LONDON, date(2026, 11, 24), frozenset({"saffron"}))
SAMPLE = Path(__file__).resolve().parents[3] / "docs/samples/york-house-2023-q1.csv"
HEADING = "centre,period_start,period_end,activity,visitors"
GOOD = "York House,2023-04-01,2023-06-30,Scan station,583"


def read(text: str | bytes) -> PastFile:
    return read_file(text.encode() if isinstance(text, str) else text, PLACE, CALLED)


def faults(*lines: str, heading: str = HEADING) -> list[tuple[int, str]]:
    return [tuple(fault) for fault in read("\n".join((heading, *lines)) + "\n").faults]


def test_the_published_quarter_is_read_to_its_figures() -> None:
    found = read(SAMPLE.read_bytes())
    assert found.faults == []
    assert {line.activity: line.visitors for line in found.lines} == {
        Activity.SCAN_STATION: 583,
        Activity.TELEPHONE: 295,
        Activity.SELF_SERVICE_PC: 211,
        Activity.ADVICE: 191,
        Activity.PAYMENT_KIOSK: 122,
        Activity.FORMS: 109,
        Activity.SUPPORT: 74,
        Activity.APPOINTMENT: 17,
    }
    assert found.visitors == 1602
    assert {(line.first, line.last) for line in found.lines} == {(date(2023, 4, 1), date(2023, 6, 30))}


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADING}\r\n{GOOD}\r\n",
        f"{HEADING}\n{GOOD}",
        f'{HEADING}\n\nyork-house , 01/04/2023,30/06/2023,scan_station,"583"\n\n',
        f"{HEADING}\n{GOOD}".replace(",", ";"),
        "Visitors,Centre,Period start,Period end,Activity\n583,York House,2023-04-01,2023-06-30,SCAN  STATION\n",
    ],
    ids=["windows", "plain", "resaved by a spreadsheet", "semicolons", "another order"],
)
def test_spellings_of_one_line_are_read_alike(text: str) -> None:
    found = read(text)
    assert found.faults == []
    (line,) = found.lines
    assert tuple(line)[1:] == (date(2023, 4, 1), date(2023, 6, 30), Activity.SCAN_STATION, 583)


def test_a_number_with_thousands_marked_is_read() -> None:
    (line,) = read(f'{HEADING}\nYork House,2023-01-01,2023-12-31,Forms,"12,345"').lines
    assert line.visitors == 12345


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("York House,2023-04-01,2023-06-30,Scan station,-5", "fewer than nobody"),
        ("York House,2023-04-01,2023-06-30,Scan station,5.5", "whole number"),
        ("York House,2023-04-01,2023-06-30,Scan station,", "whole number"),
        ("York House,2023-04-01,2023-06-30,Scan station,٣", "whole number"),
        ("York House,2023-04-01,2023-06-30,Scan station,many", "whole number"),
        ("York House,2023-04-01,2023-06-30,Scan station,1000001", "more than 1,000,000"),
        ("York House,2023-04-01,2023-06-30,Scan station," + "9" * 5000, "more than 1,000,000"),
        ("York House,2023-04-01,2023-04-01,Scan station,50001", "more than 50,000 a day"),
        ("York House,2023-04-01,2023-06-30,Scan station,=1+1", "as a formula does"),
        ("York House,2023-04-01,2023-06-30,=cmd|' /C calc'!A0,5", "as a formula does"),
        ("@York House,2023-04-01,2023-06-30,Forms,5", "as a formula does"),
        ("York House,2023-04-01,2023-06-30,+Forms,5", "as a formula does"),
        ("\tYork House,2023-04-01,2023-06-30,Forms,5", "as a formula does"),
        ("York House,2023-02-30,2023-06-30,Forms,5", "is no date"),
        ("York House,31/04/2023,2023-06-30,Forms,5", "is no date"),
        ("York House,spring,2023-06-30,Forms,5", "is no date"),
        ("York House,2023-06-30,2023-04-01,Forms,5", "before period_start"),
        ("York House,2023-06-30,2026-11-25,Forms,5", "has not come yet"),
        ("York House,1889-06-30,2023-04-01,Forms,5", "before 1990"),
        ("York House,2023-04-01,2023-06-30,Juggling,5", "is not an activity"),
        ("Saffron,2023-04-01,2023-06-30,Forms,5", "work at that centre first"),
        ("Atlantis,2023-04-01,2023-06-30,Forms,5", "is not the centre you work at"),
        ("York House,2023-04-01,2023-06-30,Forms", "This line has 4 columns"),
        ("York House,2023-04-01,2023-06-30,Forms,1,602", "This line has 6 columns"),
        ('York House,2023-04-01,2023-06-30,"Forms,5', "quotation marks"),
        ("York House,2023-06-30,2023-07-30,Scan station,5", "that line 2 tells of already"),
    ],
)
def test_each_fault_is_told_with_its_line(line: str, says: str) -> None:
    ((number, say),) = faults(GOOD, line)
    assert number == 3
    assert says in say


def test_every_fault_is_told_not_only_the_first() -> None:
    found = faults("York House,soon,later,Nothing,none", "York House,2023-04-01,2023-04-30,Forms,-1")
    assert [number for number, _ in found] == [2, 2, 2, 2, 3]


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("centre,year,visitors,months", "figures by year without an activity"),
        ("centre,period_start,period_end,activity", "has no visitors"),
        (f"{HEADING},notes", "a column more than expected: notes"),
        ("centre,door,from,until,in", "has no out"),
        (GOOD, "not a heading"),
        ("centre,centre,period_start,period_end,activity,visitors", "the same name"),
    ],
)
def test_wrong_columns_are_told_with_the_right_ones(heading: str, says: str) -> None:
    ((number, say),) = faults(GOOD, heading=heading)
    assert number == 1
    assert says in say
    assert "the same name" in says or "centre, period_start, period_end, activity, visitors" in say


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (HEADING.encode(), "no lines below"),
        (f"{HEADING}\n{GOOD}".encode("utf-16"), "UTF-16"),
        (f"{HEADING}\n{GOOD}".encode("utf-16-le"), "bytes that no text has"),
        (f"{HEADING}\n{GOOD}\0".encode(), "bytes that no text has"),
        (b"PK\x03\x04 and so on", "not a CSV file"),
        (f"{HEADING}\n".encode() + b"York \x81House,", "cannot be read"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_text_of_ours_is_refused_with_how_to_save_it(content: bytes, says: str) -> None:
    ((number, say),) = read(content).faults
    assert number == 0
    assert says in say


def test_windows_text_is_read_and_said() -> None:
    place = PLACE._replace(name="Café House")
    text = f"{HEADING}\nCafé House,2023-04-01,2023-06-30,Forms,5"
    found = read_file(text.encode("cp1252"), place, CALLED)
    assert (found.faults, len(found.lines)) == ([], 1)
    assert "cp1252" in found.notes[0]
    assert read_file(text.encode(), place, CALLED).notes == []


def test_a_million_lines_are_refused_quickly() -> None:
    begun = time.perf_counter()
    found = read(f"{HEADING}\n" + "a,b,c,d,1\n" * 400_000)
    assert len(found.faults) <= MOST_FAULTS + 1
    long_file = f"{HEADING}\n" + "".join(
        f"York House,{date.fromordinal(727_300 + day)},{date.fromordinal(727_300 + day)},{activity.value},1\n"
        for activity in Activity
        for day in range(9000)
    )
    found = read(long_file[: 5 * 1024 * 1024])
    assert f"more than {MOST_LINES:,} lines" in found.faults[0].say
    assert time.perf_counter() - begun < 5


@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: f"{HEADING}\n{text}".encode()))
)
def test_nothing_sent_can_break_the_reading(content: bytes) -> None:
    found = read(content)
    assert found.faults or found.lines


# Doors ---------------------------------------------------------------------------------------------------------------

DOOR = "centre,door,from,until,in,out"


def test_a_doors_counts_are_read_in_the_centres_time() -> None:
    found = read(f"{DOOR}\nYork House,Main,2026-07-01 09:00,2026-07-01 10:00,12,9\n")
    (span,) = found.spans
    assert (span.begins, span.went_in, span.went_out) == (datetime(2026, 7, 1, 8, tzinfo=UTC), 12, 9)
    (span,) = read(f"{DOOR}\nYork House,Main,2026-07-01T09:00Z,2026-07-01T10:00Z,12,9\n").spans
    assert span.begins == datetime(2026, 7, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("York House,Main,2026-07-01 09:00,2026-07-01 09:00,1,1", "not after"),
        ("York House,Main,2026-07-01 09:00,2026-07-03 09:00,1,1", "longer than a day"),
        ("York House,Main,2026-07-01 20:00,2026-07-02 08:00,1,1", "over midnight"),
        ("York House,Main,2026-07-01 09:00,2026-07-01 10:00,-1,1", "fewer than nobody"),
        ("York House,Main,2026-07-01 09:00,2026-07-01 10:00,1,50001", "more than 50,000"),
        ("York House,Main,2026-07-01 09:00,2027-07-01 10:00,1,1", "cannot be"),
        ("York House,Main,9 o'clock,2026-07-01 10:00,1,1", "is no time"),
        ("York House,Main,2026-06-30 10:59,2026-06-30 12:00,1,1", "overlaps that of line 2"),
    ],
)
def test_a_wrong_span_is_told_with_its_line(line: str, says: str) -> None:
    ((number, say),) = faults("York House,Main,2026-06-30 10:00,2026-06-30 11:00,1,1", line, heading=DOOR)
    assert number == 3
    assert says in say


SPRING, AUTUMN = "2026-03-29", "2026-10-25"


def hours(day: str, *spans: tuple[str, str], went_in: int = 0) -> str:
    lines = "".join(f"York House,Main,{day} {begins},{day} {ends},{went_in},0\n" for begins, ends in spans)
    return f"{DOOR}\n{lines}"


def clock_hours(*numbers: int) -> list[tuple[str, str]]:
    return [(f"{each:02d}:00", f"{each + 1:02d}:00") for each in numbers]


def in_utc(found: PastFile) -> list[tuple[str, str]]:
    return [(f"{each.begins:%H:%M}", f"{each.ends:%H:%M}") for each in found.spans]


def test_a_counter_that_knows_no_summer_writes_an_hour_that_is_not_there() -> None:
    found = read(hours(SPRING, *clock_hours(0, 1, 2)))
    assert found.faults == []
    assert in_utc(found) == [("00:00", "01:00"), ("01:00", "02:00")]
    (fault,) = read(hours(SPRING, *clock_hours(1), went_in=2)).faults
    assert (fault.line, "this time never was" in fault.say) == (2, True)


QUARTERS = [
    ("00:30", "01:00"),
    ("01:00", "01:30"),
    ("01:30", "02:00"),
    ("01:00", "01:30"),
    ("01:30", "02:00"),
]


@pytest.mark.parametrize(
    ("spans", "wanted"),
    [
        (clock_hours(0, 1, 1, 2), [("23:00", "00:00"), ("00:00", "01:00"), ("01:00", "02:00"), ("02:00", "03:00")]),
        (clock_hours(0, 1, 2), [("23:00", "00:00"), ("00:00", "02:00"), ("02:00", "03:00")]),
        (QUARTERS, [("23:30", "00:00"), ("00:00", "00:30"), ("00:30", "01:00"), ("01:00", "01:30"), ("01:30", "02:00")]),
        ([("01:30", "01:00"), ("01:00", "01:30")], [("00:30", "01:00"), ("01:00", "01:30")]),
    ],
)  # fmt: skip
def test_the_hour_that_comes_twice_is_told_twice(
    spans: list[tuple[str, str]], wanted: list[tuple[str, str]]
) -> None:
    found = read(hours(AUTUMN, *spans))
    assert found.faults == []
    assert in_utc(found) == wanted


def test_a_line_told_three_times_in_that_hour_or_with_its_offset_is_a_fault() -> None:
    assert [each.line for each in read(hours(AUTUMN, *clock_hours(1, 1, 1))).faults] == [4]
    twice = "York House,Main,2026-10-25T01:00+01:00,2026-10-25T01:30+01:00,1,0\n" * 2
    assert [each.line for each in read(f"{DOOR}\n{twice}").faults] == [3]


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize(
    "cell", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01", "9999-12-31"]
)
def test_a_time_at_the_ends_of_the_calendar_is_a_fault_like_any_other(cell: str, zone: str) -> None:
    there = PLACE._replace(zone=ZoneInfo(zone))
    found = read_file(f"{DOOR}\nYork House,Main,{cell},2026-07-01 10:00,1,1\n".encode(), there, {})
    assert "which cannot be" in found.faults[0].say


def test_a_day_of_25_hours_and_a_quarter_of_an_hour_over_midnight_can_be() -> None:
    begins = datetime(2026, 10, 25, tzinfo=LONDON)
    ends = datetime(2026, 10, 26, tzinfo=LONDON)
    assert span_fault(begins.astimezone(UTC), ends.astimezone(UTC), LONDON) == ""
    late = datetime(2026, 7, 1, 22, 50, tzinfo=UTC)  # 23:50 in London
    quarter = late.replace(hour=23, minute=5)
    assert span_fault(late, quarter, LONDON) == ""
    assert day_of(late, quarter, LONDON) == date(2026, 7, 1)
