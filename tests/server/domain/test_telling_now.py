"""The page Now says what is so, at nought, on the first day, when closed, and on a crowded day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from server.domain.figure import Figure, Lines
from server.domain.telling.now import (
    MINUTE,
    Appointments,
    FloorNow,
    ServiceLine,
    booked,
    by_service,
    said,
    tiles,
)
from server.domain.telling.so_far import HALVES, SoFar, today

TUESDAY = date(2026, 11, 24)
EMPTY = FloorNow(0, None, 0, 0, 0, 0, 0, 0, (), "The centre is open until 16:30.")
LINE = ServiceLine("Council tax", 0, None, 0, 1, 5, 10, "")


def day(**at: int) -> tuple[int, ...]:
    """`day(h9=2, h9_30=1)`: two visits from 09:00, one from 09:30."""
    halves = [0] * HALVES
    for name, number in at.items():
        hour, _, minutes = name[1:].partition("_")
        halves[int(hour) * 2 + (minutes == "30")] = number
    return tuple(halves)


def rows_of(figure: Figure) -> list[tuple[object, ...]]:
    return [tuple(row) for row in figure.table.rows]


def test_an_empty_floor_says_so() -> None:
    figure = by_service(EMPTY)
    assert figure.sentence == "Nobody is waiting, and no counter is open."
    assert figure.chart is None
    assert (
        by_service(replace(EMPTY, counters=2, free=2)).sentence == "Nobody is waiting; 2 counters are free."
    )


def test_a_full_floor_in_words() -> None:
    full = replace(EMPTY, waiting=7, longest=31 * MINUTE, counters=3, on_break=1, serving=1, called=1)
    assert by_service(full).sentence == (
        "7 visitors are waiting, the longest for 31 minutes; 2 counters are with visitors and none free."
    )
    assert [tuple(tile) for tile in tiles(full, SoFar(TUESDAY, day(h9=23), 20, (), 18, 33))] == [
        ("7", "waiting", "the longest for 31 min"),
        ("1", "being served", "1 on the way"),
        ("0", "parked", ""),
        ("3", "counters open", "0 free, 2 with visitors, 1 on a break"),
        ("23", "visits today", ""),
    ]


def test_who_waits_beyond_those_listed_is_not_forgotten() -> None:
    crowd = replace(EMPTY, waiting=430, longest=MINUTE, lines=(LINE._replace(waiting=400, longest=MINUTE),))
    assert "Only the first 400 who wait are listed by service." in by_service(crowd).notes


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LINE, "5 to 10 min"),
        (LINE._replace(low=0), "up to 10 min"),
        (LINE._replace(low=10), "10 min"),
        (LINE._replace(low=None, high=None, why="no_desk"), "No counter is open for it"),
        (LINE._replace(low=None, high=None, why="closed"), "Closed"),
        (LINE._replace(low=None, high=None, why="unknown"), "We cannot say"),
        (LINE._replace(low=None, high=None), None),
    ],
)
def test_what_is_told_who_comes_now(line: ServiceLine, words: str | None) -> None:
    assert said(line) == words


def test_what_is_held_back_is_named() -> None:
    held = LINE._replace(low=None, high=None, why="unknown", held=True)
    assert any(
        "No wait is told for Council tax" in note for note in by_service(replace(EMPTY, lines=(held,))).notes
    )


# Today so far ---------------------------------------------------------------------------------------------------------

PAST = tuple(day(h9_30=four, h10=6) for four in (4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 5))


@pytest.mark.parametrize(
    ("came", "sentence"),
    [
        (4, "10 visits had begun by 10:30, as usual: on most Tuesdays there are 9 to 11 by then."),
        (9, "15 visits had begun by 10:30: more than usual, on most Tuesdays there are 9 to 11 by then."),
        (1, "7 visits had begun by 10:30: fewer than usual, on most Tuesdays there are 9 to 11 by then."),
    ],
)
def test_today_is_held_against_its_own_weekdays(came: int, sentence: str) -> None:
    figure = today(SoFar(TUESDAY, day(h9_30=came, h10=6, h10_30=3), 21, PAST, 19, 32))
    assert figure.sentence == sentence
    assert rows_of(figure)[:3] == [
        ("10:00", came, 3, 4, 5, came),
        ("10:30", came + 6, 9, 10, 11, 6),
        ("11:00", None, 9, 10, 11, None),
    ]
    assert isinstance(figure.chart, Lines)
    assert figure.chart.series[0].values[:3] == (came, came + 6, None)
    assert len(figure.chart.labels) == len(figure.table.rows) == 14


def test_the_first_day_of_a_centre_has_nothing_to_be_compared_with() -> None:
    figure = today(SoFar(TUESDAY, day(h9_30=2), 20, (), 19, 32))
    assert figure.sentence == "2 visits had begun by 10:00. What is usual by then is not known yet."
    assert rows_of(figure)[0] == ("10:00", 2, None, None, None, 2)
    assert figure.notes == ("What is usual is told from 6 earlier Tuesdays on; there are none yet.",)
    assert isinstance(figure.chart, Lines)
    assert [series.name for series in figure.chart.series] == ["Today"]


def test_before_the_first_half_hour_is_over() -> None:
    assert today(SoFar(TUESDAY, day(), 19, PAST, 19, 32)).sentence == (
        "Nobody has come yet: the first half hour of today is not over."
    )
    assert today(SoFar(TUESDAY, day(h9_30=1), 19, PAST, 19, 32)).sentence.startswith("1 visit so far:")


def test_a_day_without_opening_says_so_and_is_not_compared() -> None:
    shut = today(SoFar(TUESDAY, day(), 30, (), 18, 33, opens=False))
    assert shut.sentence == "The centre does not open today, and nobody has come."
    assert shut.chart is None
    assert shut.table.rows == ()
    assert shut.notes == ()


def test_after_closing_the_last_half_hour_stands() -> None:
    over = today(SoFar(TUESDAY, day(h9_30=4, h16=1), HALVES, PAST, 19, 32))
    assert over.sentence.startswith("5 visits had begun by 16:30: fewer than usual")


# Appointments ---------------------------------------------------------------------------------------------------------


def test_appointments_in_words() -> None:
    assert booked(Appointments()).sentence == "There are no appointments today."
    some = booked(
        Appointments(
            to_come=5, late=2, waiting=1, at_counter=1, over=4, missed=1, cancelled=1, next_at="11:30"
        )
    )
    assert some.sentence == (
        "14 appointments today: 6 have come, 2 are late, 1 was missed and 5 are still to come. The next is at 11:30."
    )
    assert some.table.total == ("Together", 14)
    assert sum(int(row[1] or 0) for row in some.table.rows if isinstance(row[1], int)) == 14
    assert some.notes == ("One appointment of today was cancelled.",)
