"""An attacker who knows everything published, and can add and subtract without end, learns of no small number.

The attacker here is written apart from the rules: month by month it walks through every world of whole numbers that agrees with what was published, and notes what each number could be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import publishing
from server.domain.publishing import Counted, Decided, Level
from server.domain.spans import Kind, Span, span_of

SMALL = (1, 2, 3, 4)


def table(*months: Mapping[str, int], hush: bool = False) -> Counted:
    return Counted(tuple(months[0]), tuple(months), hush)


# The attacker ----------------------------------------------------------------------------------------------------------

Known = Callable[[str, Level, int], int | None]
WIDTH = 128
"""Worlds of a time are a set of pairs (what the first key had, what the second had), kept as the bits of one number; the third key had the rest."""


def pairs(total: int, fixed: Sequence[int | None]) -> int:
    """Every way to split a total over two or three cells of which some are known, as bits."""
    first = range(total + 1) if fixed[0] is None else (fixed[0],)
    second = range(total + 1) if fixed[1] is None else (fixed[1],)
    found = 0
    for a in first:
        for b in second:
            rest = total - a - b
            if rest >= 0 and (rest == 0 if len(fixed) == 2 else fixed[2] in (None, rest)):
                found |= 1 << (a * WIDTH + b)
    return found


def added(one: int, other: int) -> int:
    """Every sum of a world of one and a world of the other."""
    found = 0
    few, many = sorted((one, other), key=int.bit_count)
    while few:
        low = few & -few
        found |= many << (low.bit_length() - 1)
        few ^= low
    return found


def possible(decided: Decided, known: Known) -> bool:
    """Whether any world of whole numbers agrees with what is known, and with the total of each month."""
    keys = decided.counted.keys + ((publishing.HUSHED,) if decided.counted.hush else ())
    totals = [sum(month.values()) for month in decided.counted.months]

    def agreeing(level: Level, number: int, total: int) -> int:
        return pairs(total, [known(key, level, number) for key in keys])

    year, quarter, came = 1, 1, 0
    for month, total in enumerate(totals):
        quarter, came = added(quarter, agreeing(Level.MONTH, month, total)), came + total
        if (month + 1) % 3 == 0:
            year, quarter, came = added(year, quarter & agreeing(Level.QUARTER, month // 3, came)), 1, 0
    if len(totals) == 12:
        year &= agreeing(Level.YEAR, 0, sum(totals))
    return bool(quarter and year)


def values_of(decided: Decided, key: str, level: Level, number: int, among: Iterable[int]) -> list[int]:
    """Which of these values a number could have, for all the attacker can tell."""

    def known(value: int, each: str, at: Level, which: int) -> int | None:
        if (each, at, which) == (key, level, number):
            return value
        return None if each == publishing.HUSHED else decided.shown(each, at, which)

    return [value for value in among if possible(decided, partial(known, value))]


def assert_safe(decided: Decided, among: Sequence[int] = range(6)) -> None:
    counted = decided.counted
    for level, number in counted.over():
        if not decided.may_be_told(level, number):
            continue
        for key in counted.keys:
            true = counted.value(key, level, number)
            shown = decided.shown(key, level, number)
            assert shown in (None, true)
            assert true not in SMALL or shown is None
            if true in SMALL:
                could = values_of(decided, key, level, number, among)
                assert could == list(among), (level, number, key, true, could)
        if counted.hush:
            could = values_of(decided, publishing.HUSHED, level, number, among)
            assert could == list(among), ("hushed", level, number, could)


FEW = st.sampled_from((0, 0, 1, 2, 3, 4, 5, 6, 9))


def months(keys: str, many: int) -> st.SearchStrategy[list[dict[str, int]]]:
    return st.lists(st.fixed_dictionaries(dict.fromkeys(keys, FEW)), min_size=many, max_size=many)


@settings(max_examples=150, deadline=None)
@given(st.one_of(months("ab", 3), months("abc", 3)), st.booleans())
def test_no_small_number_of_a_quarter_can_be_worked_out(found: list[dict[str, int]], hush: bool) -> None:
    assert_safe(publishing.decide(table(*found, hush=hush and len(found[0]) < 3)))


@settings(max_examples=30, deadline=None)
@given(st.one_of(months("ab", 12), months("abc", 12)))
def test_no_small_number_of_a_year_can_be_worked_out(found: list[dict[str, int]]) -> None:
    """What can be 0 and can be 5 can be all between: whole numbers that add up have no gaps, which the quarters above show one by one."""
    assert_safe(publishing.decide(table(*found)), among=(0, 5))


@settings(max_examples=60, deadline=None)
@given(months("abcde", 12), st.integers(0, 11), st.booleans())
def test_what_was_published_is_not_taken_back_by_what_comes_later(
    found: list[dict[str, int]], until: int, hush: bool
) -> None:
    then, now = (
        publishing.decide(table(*found[: until + 1], hush=hush)),
        publishing.decide(table(*found, hush=hush)),
    )
    for level, number in then.counted.over():
        assert then.may_be_told(level, number) == now.may_be_told(level, number)
        for key in "abcde":
            assert then.shown(key, level, number) == now.shown(key, level, number)


# What one sees ---------------------------------------------------------------------------------------------------------


def test_one_small_number_takes_another_with_it() -> None:
    decided = publishing.decide(table({"advice": 191, "forms": 109, "support": 3}))
    assert [decided.shown(key, Level.MONTH, 0) for key in ("advice", "forms", "support")] == [191, None, None]


def test_two_small_numbers_that_are_too_few_together_take_a_third() -> None:
    decided = publishing.decide(table({"a": 100, "b": 40, "c": 1, "d": 2}))
    assert [decided.shown(key, Level.MONTH, 0) for key in "abcd"] == [100, None, None, None]


def test_numbers_large_enough_are_all_shown_and_zero_is_zero() -> None:
    decided = publishing.decide(table({"a": 100, "b": 5, "c": 0}))
    assert [decided.shown(key, Level.MONTH, 0) for key in "abc"] == [100, 5, 0]


def test_a_quarter_does_not_give_away_its_month() -> None:
    """b: 3 in one month, 20 in the others. With 43 for the quarter, 43 - 20 - 20 would tell."""
    decided = publishing.decide(table({"a": 90, "b": 3}, {"a": 90, "b": 20}, {"a": 90, "b": 20}))
    assert decided.shown("b", Level.MONTH, 1) == 20
    assert decided.shown("b", Level.QUARTER, 0) is None


def test_a_year_shows_what_no_month_could() -> None:
    """Small in every month, and large enough together."""
    decided = publishing.decide(table(*({"a": 60, "b": 3, "c": 4} for _ in range(12))))
    assert decided.shown("b", Level.MONTH, 3) is None
    assert decided.shown("a", Level.YEAR, 0) == 720
    assert decided.shown("b", Level.YEAR, 0) == 36


@pytest.mark.parametrize("few", SMALL)
def test_a_month_of_very_few_visitors_is_withheld_with_all_that_holds_it(few: int) -> None:
    decided = publishing.decide(table(*({"a": few if n == 1 else 50, "b": 0} for n in range(12))))
    told = {time: decided.may_be_told(*time) for time in decided.counted.over()}
    assert [time for time, may in told.items() if not may] == [
        (Level.MONTH, 1),
        (Level.QUARTER, 0),
        (Level.YEAR, 0),
    ]


def test_a_month_nobody_came_in_is_published_as_such() -> None:
    assert publishing.decide(table({"a": 0, "b": 0})).shown("a", Level.MONTH, 0) == 0


def test_discreet_visits_in_a_total_are_not_its_difference() -> None:
    """The total holds three that no line names: with all lines shown, they would be what is missing."""
    decided = publishing.decide(table({"a": 90, "b": 30, "c": 20}, hush=True))
    assert [decided.shown(key, Level.MONTH, 0) for key in "abc"] == [90, 30, None]


def test_where_only_discreet_visits_could_be_told_nothing_is() -> None:
    assert not publishing.decide(table({"a": 0}, hush=True)).may_be_told(Level.MONTH, 0)


def test_tables_of_the_same_people_are_withheld_together() -> None:
    one = table({"a": 60, "b": 3})
    other = table({"x": 63, "y": 0}, hush=True)
    alone = table({"z": 3})
    decided = publishing.decide_together([one, other, alone])
    assert [each.may_be_told(Level.MONTH, 0) for each in decided] == [False, False, False]


def test_only_whole_times_of_the_councils_year_that_are_over() -> None:
    today = date(2023, 7, 1)
    assert publishing.why_not(span_of(Kind.QUARTER, date(2023, 4, 1)), today) == ""
    assert publishing.why_not(span_of(Kind.MONTH, date(2023, 6, 9)), today) == ""
    assert publishing.why_not(span_of(Kind.COUNCIL_YEAR, date(2022, 4, 1)), today) == ""
    assert publishing.why_not(span_of(Kind.MONTH, today), today) == publishing.NOT_OVER
    assert publishing.why_not(span_of(Kind.COUNCIL_YEAR, today), today) == publishing.NOT_OVER
    for kind in (Kind.DAY, Kind.WEEK, Kind.YEAR):
        assert publishing.why_not(span_of(kind, date(2022, 6, 1)), today) == publishing.WHOLE_ONLY
    assert publishing.why_not(Span(date(2023, 4, 1), date(2023, 6, 30)), today) == publishing.WHOLE_ONLY


def test_where_a_time_lies_in_its_year() -> None:
    assert publishing.time_of(span_of(Kind.MONTH, date(2023, 4, 5))) == (Level.MONTH, 0)
    assert publishing.time_of(span_of(Kind.MONTH, date(2023, 3, 5))) == (Level.MONTH, 11)
    assert publishing.time_of(span_of(Kind.QUARTER, date(2023, 2, 5))) == (Level.QUARTER, 3)
    assert [
        each.first
        for each in publishing.months_over(span_of(Kind.QUARTER, date(2023, 4, 1)), date(2023, 7, 2))
    ] == [
        date(2023, 4, 1),
        date(2023, 5, 1),
        date(2023, 6, 1),
    ]
