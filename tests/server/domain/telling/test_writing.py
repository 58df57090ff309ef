"""Numbers and comparisons as people read them."""

from __future__ import annotations

from datetime import date

import pytest

from server.domain.figure import Cell, Measure
from server.domain.telling.writing import compared, minutes, part, share, times, together, written


@pytest.mark.parametrize(
    ("cell", "measure", "said"),
    [
        (None, Measure.COUNT, "–"),
        (0, Measure.COUNT, "0"),
        (100_000, Measure.COUNT, "100,000"),
        (-3, Measure.COUNT, "−3"),
        (2.5, Measure.NUMBER, "2.5"),
        (3.0, Measure.NUMBER, "3"),
        (6.42, Measure.MINUTES, "6.4 min"),
        (12.6, Measure.MINUTES, "13 min"),
        (0.04, Measure.CHANGE, "+4%"),
        (-0.12, Measure.CHANGE, "−12%"),
        (0.001, Measure.CHANGE, "0%"),
        (3.39, Measure.CHANGE, "+339%"),
        (date(2026, 11, 4), Measure.DATE, "4 November 2026"),
        ("09:30", Measure.TIME, "09:30"),
        ("Advice", Measure.TEXT, "Advice"),
    ],
)
def test_a_cell_as_a_reader_sees_it(cell: Cell, measure: Measure, said: str) -> None:
    assert written(cell, measure) == said


def test_what_is_neither_nothing_nor_all_is_never_written_as_such() -> None:
    values = (0, 0.001, 0.0049, 0.364, 0.994, 0.996, 1)
    said = ["0%", "under 1%", "under 1%", "36%", "99%", "over 99%", "100%"]
    assert [share(value) for value in values] == said


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        (104, 100, "4% more than before"),
        (88, 100, "12% fewer than before"),
        (1001, 1000, "as many as before"),
        (200, 100, "twice as many as before"),
        (430, 100, "4 times as many as before"),
        (0, 10, "100% fewer than before"),
        (5, 0, ""),
        (5, None, ""),
    ],
)
def test_compared_in_words(now: int, then: int | None, said: str) -> None:
    assert compared(now, then, "before") == said


def test_shares_as_people_say_them_and_in_percent_where_no_plain_word_fits() -> None:
    said = {
        583 / 1602: "more than a third",
        0.5: "about half",
        0.25: "about a quarter",
        1 / 3: "a third",
        2 / 3: "two thirds",
        0.58: "more than half",
        1.0: "all",
        0.45: "45%",
    }
    assert {value: part(value) for value in said} == said


def test_small_words() -> None:
    lists: list[list[str]] = [[], ["a"], ["a", "b"], ["a", "b", "c"]]
    assert [together(each) for each in lists] == ["", "a", "a and b", "a, b and c"]
    assert [times(0), times(19), times(47)] == ["00:00", "09:30", "23:30"]
    assert [minutes(0), minutes(0.4), minutes(59.6)] == ["0", "0.4", "60"]
