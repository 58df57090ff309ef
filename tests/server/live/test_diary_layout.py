"""Laying appointments out: nothing covers anything else, free time is what is left, and the clocks may change meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import to_micros
from server.domain.hours import Span, midnight
from server.live.diary_layout import MOST_LANES, belongs, day_sheet, lay, week_sheet, without
from server.live.diary_shapes import (
    BlockNow,
    BookableNow,
    BookingNow,
    DayNow,
    DiaryNow,
    ServiceInDiary,
    TicketOf,
)
from wire.vocabulary import BookableKind, BookingState

LONDON = ZoneInfo("Europe/London")
MINUTE = 60_000_000
TAX = ServiceInDiary(1, "tax", "Council tax", discreet=False)
AMINA = BookableNow(1, BookableKind.PERSON, "Amina", 5, None)
DAY = date(2026, 11, 24)


def booking(
    at: datetime, minutes: int = 20, tail: int = 0, person: BookableNow | None = AMINA, name: str = ""
) -> BookingNow:
    starts = to_micros(at)
    ends = starts + minutes * MINUTE
    return BookingNow(
        f"{starts}{name}", "BCDF3467", TAX, BookingState.BOOKED, starts, ends, starts, ends + tail * MINUTE, person=person, name=name
    )  # fmt: skip


def day_of(on: date, opens: datetime | None = None, closes: datetime | None = None) -> DayNow:
    spans = (Span(opens, closes),) if opens and closes else ()
    return DayNow(
        on, to_micros(midnight(on, LONDON)), to_micros(midnight(on + timedelta(days=1), LONDON)), spans
    )


def diary(
    days: tuple[DayNow, ...], bookings: tuple[BookingNow, ...], now: datetime, **more: object
) -> DiaryNow:
    return DiaryNow("York House", LONDON, to_micros(now), days, bookings, (), (), (AMINA,), (TAX,), **more)  # type: ignore[arg-type]  # optional ones


def local(hour: int, minute: int = 0, on: date = DAY, fold: int = 0) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=LONDON, fold=fold).astimezone(UTC)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(5, 90), st.integers(0, 20)), max_size=40))
def test_no_two_stand_on_each_other_and_no_lane_is_wasted(times: list[tuple[int, int, int]]) -> None:
    top = to_micros(local(0))
    every = [booking(local(0) + timedelta(minutes=a), b, c, name=str(n)) for n, (a, b, c) in enumerate(times)]
    pieces, most = lay(every, top)
    assert {piece.booking.id for piece in pieces} == {each.id for each in every}
    assert all(0 <= piece.lane < piece.lanes <= most <= MOST_LANES for piece in pieces)
    for one in pieces:
        at_once = [
            other
            for other in pieces
            if other.booking.held_from < one.booking.held_until
            and one.booking.held_from < other.booking.held_until
        ]
        if one.lanes < MOST_LANES:
            assert sum(1 for other in at_once if other.lane == one.lane) == 1
    if not any(a < c + d and c < a + b for n, (a, b, _) in enumerate(times) for m, (c, d, _) in enumerate(times) if n != m) and all(t == 0 for *_, t in times):  # fmt: skip
        assert most == 1


def test_an_appointment_booked_over_another_stands_beside_it() -> None:
    pieces, most = lay([booking(local(10), name="a"), booking(local(10), name="b")], to_micros(local(9)))
    assert most == 2
    assert [(piece.lane, piece.lanes, piece.top) for piece in pieces] == [(0, 2, 60), (1, 2, 60)]


def test_free_time_is_what_is_left_of_working_time_from_now_on() -> None:
    day = day_of(DAY, local(9, 30), local(16, 30))
    block = BlockNow("x", to_micros(local(14)), to_micros(local(15)), "Training", 1, None, "Amina")
    seen = diary(
        (day,),
        (booking(local(11), 25, 5),),
        local(10, 7),
        working={(1, DAY): ((to_micros(local(9, 30)), to_micros(local(16))),)},
    )
    (column,) = day_sheet(replace(seen, blocks=(block,)), "person").columns
    ground = {
        kind: [(each.top, each.length) for each in column.ground if each.kind == kind]
        for kind in ("free", "off", "block")
    }
    assert ground["free"] == [(70, 50), (150, 150), (360, 60)]  # from 10:10; from 11:30; from 15:00
    assert ground["off"] == [(0, 30), (420, 60)]
    assert ground["block"] == [(300, 60)]
    assert column.now_at == 67


@pytest.mark.parametrize(
    ("on", "labels"),
    [
        (date(2026, 10, 25), ["00:00", "01:00", "01:00", "02:00"]),
        (date(2026, 3, 29), ["00:00", "02:00", "03:00", "04:00"]),
    ],
)
def test_on_the_nights_the_clocks_change_hours_are_as_long_as_they_are(on: date, labels: list[str]) -> None:
    day = day_of(on, midnight(on, LONDON), midnight(on + timedelta(days=1), LONDON))
    first, second = booking(local(1, 30, on), name="a"), booking(local(1, 30, on, fold=1), name="b")
    seen = diary((day,), (first, second) if labels[1] == labels[2] else (first,), local(12, on=on))
    sheet = day_sheet(seen, "person")
    assert list(sheet.axis.labels[:4]) == labels
    assert sheet.axis.hours == (25 if labels[1] == labels[2] else 23)
    if labels[1] == labels[2]:
        assert [(piece.top, piece.lane) for piece in sheet.columns[0].pieces] == [(90, 0), (150, 0)]


def test_a_hundred_appointments_of_twenty_people_are_all_there() -> None:
    people = tuple(BookableNow(n, BookableKind.PERSON, f"Person {n}", n, None) for n in range(20))
    every = tuple(booking(local(9 + n % 5, 30), person=people[n // 5], name=str(n)) for n in range(100))
    day = day_of(DAY, local(9, 30), local(16, 30))
    sheet = day_sheet(replace(diary((day,), every, local(10)), bookables=people), "person")
    assert len(sheet.columns) == 20
    assert sum(len(column.pieces) for column in sheet.columns) == 100
    assert {column.lanes for column in sheet.columns} == {1}


def test_a_day_that_is_closed_and_empty_has_hours_and_who_is_not_there_no_column() -> None:
    sheet = day_sheet(diary((day_of(DAY),), (), local(10)), "person")
    assert (sheet.axis.first, sheet.axis.hours) == (9, 8)
    assert sheet.columns == ()
    assert sheet.absent == ("Amina",)
    assert week_sheet(diary((day_of(DAY),), (), local(10))).columns == ()


def test_what_nobody_is_named_for_stands_in_a_column_of_its_own_and_private_ones_in_another() -> None:
    hidden = replace(
        booking(local(10), person=None, name=""),
        masked=True,
        service=ServiceInDiary(0, "", "Private appointment", discreet=True),
    )
    seen = diary(
        (day_of(DAY, local(9), local(17)),), (booking(local(9), person=None, name="x"), hidden), local(8)
    )
    assert [column.title for column in day_sheet(seen, "person").columns] == ["Whoever is free"]
    by_service = day_sheet(seen, "service").columns
    assert [(column.title, len(column.pieces)) for column in by_service] == [
        ("Council tax", 1),
        ("Private appointments", 1),
    ]
    assert not belongs(hidden, "service:0")


@pytest.mark.parametrize(
    ("state", "late", "ticket", "minutes", "standing"),
    [
        (BookingState.BOOKED, 0, None, -1, "booked"),
        (BookingState.BOOKED, 0, None, 0, "late"),
        (BookingState.BOOKED, 20, None, -30, "expected"),
        (BookingState.BOOKED, 20, None, 19, "expected"),
        (BookingState.BOOKED, 20, None, 20, "late"),
        (BookingState.ARRIVED, 0, "waiting", 5, "here"),
        (BookingState.ARRIVED, 0, None, 5, "here"),
        (BookingState.ARRIVED, 0, "called", 5, "called"),
        (BookingState.ARRIVED, 0, "serving", 5, "serving"),
        (BookingState.ARRIVED, 0, "finished", 5, "served"),
        (BookingState.ARRIVED, 0, "no_show", 5, "left"),
        (BookingState.MISSED, 0, None, 60, "missed"),
        (BookingState.HELD, 0, None, -60, "held"),
    ],
)
def test_how_an_appointment_stands(
    state: BookingState, late: int, ticket: str | None, minutes: int, standing: str
) -> None:
    made = TicketOf("t", "K01", ticket, "", None, None, None) if ticket else None
    one = replace(booking(local(10)), state=state, late_minutes=late, ticket=made)
    assert one.standing(to_micros(local(10)) + minutes * MINUTE) == standing


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=8),
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=8),
)
def test_what_is_left_is_exactly_what_is_in_none_of_the_others(
    ours: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> None:
    first = [(a, a + b) for a, b in ours if b]
    second = [(a, a + b) for a, b in theirs if b]
    left = without(first[:1], second)
    minutes = {minute for a, b in first[:1] for minute in range(a, b)} - {
        minute for a, b in second for minute in range(a, b)
    }
    assert {minute for a, b in left for minute in range(a, b)} == minutes
