"""Footfall over time: by days with what is usual for such days, or by weeks, months and longer beside the year before. Pure.

A day on which nothing was counted is a quiet day where the centre is usually open on that weekday, and no figure at all where it is not. Days to come are shown with what is usual
for them, so that a week that has just begun looks like a week.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from server.domain import spans
from server.domain.figure import Cell, Chart, Column, Columns, Figure, Lines, Measure, Series, Table
from server.domain.spans import Kind, Span
from server.domain.telling.compared import floats
from server.domain.telling.footfall import Counted, Footfall
from server.domain.telling.writing import count, of_these
from server.domain.usual_days import Band

DAYS_SHOWN = 45
"""A longer time is told by weeks, months ... and by lines instead of columns."""

_UNITS = {
    Kind.DAY: ("day", "days"),
    Kind.WEEK: ("week", "weeks"),
    Kind.MONTH: ("month", "months"),
    Kind.QUARTER: ("quarter", "quarters"),
    Kind.YEAR: ("year", "years"),
}


def over_time(told: Footfall) -> Figure | None:
    """By days with what is usual, or by weeks and longer beside the year before. None of a single part."""
    by = spans.fitting(told.asked.span)
    if by is Kind.DAY:
        return _by_day(told) if told.asked.span.days > 1 else None
    if len(told.parts) < 2:
        return None
    values = [each.total for each in told.parts]
    earlier = [each.total or None for each in told.year_parts][: len(values)]
    earlier += [None] * (len(values) - len(earlier))
    has_earlier = any(earlier) and by is not Kind.YEAR
    unit, units = _UNITS[by]
    labels = tuple(label(each.span, by) for each in told.parts)
    columns: tuple[Column, ...] = (
        Column("first", unit.capitalize(), Measure.TEXT),
        Column("visitors", "People"),
    )
    series: tuple[Series, ...] = (Series("This time", floats(values)),)
    if has_earlier:
        columns += (Column("visitors_year_before", "Year before"),)
        series += (Series("Year before", floats(earlier)),)
    chart: Chart = Lines(labels, series)
    inside = [each.brought for each in told.parts]
    missing = told.now.brought - sum(inside)
    return Figure(
        slug="over-time",
        title=f"By {unit}",
        sentence=_busiest(told.parts, by, units),
        table=Table(
            columns,
            tuple(
                (spans.say(each.span), number, *((then,) if has_earlier else ()))
                for each, number, then in zip(told.parts, values, earlier, strict=True)
            ),
        ),
        definition="activities",
        chart=chart if any(values) else None,
        notes=(*_undivided(missing, units), *cut_note(told.parts, by)),
    )


def cut_note(parts: Sequence[Counted], by: Kind) -> tuple[str, ...]:
    """A week that began before the time looks like a quiet one."""
    cut = [
        each for each in (parts[0], parts[-1]) if spans.span_of(by, each.span.first).days != each.span.days
    ]
    return (
        (f"The first or the last {by.value} is not whole: only its days within this time are counted.",)
        if cut
        else ()
    )


def _by_day(told: Footfall) -> Figure:
    by_date = {each.span.first: each for each in told.days}
    rows: list[tuple[Cell, ...]] = []
    values: list[float | None] = []
    for on in told.asked.span.each_day():
        known, band = by_date.get(on), told.bands.get(on)
        number = known.total if known else None
        if number == 0 and on.weekday() not in told.open_weekdays:
            number = None
        values.append(number)
        rows.append((on, f"{on:%A}", number, band.low if band else None, band.high if band else None))
    bands = [told.bands.get(on) for on in told.asked.span.each_day()]
    has_bands = any(bands)
    series = Series(
        "People",
        tuple(values),
        floats([each.low if each else None for each in bands]) if has_bands else (),
        floats([each.high if each else None for each in bands]) if has_bands else (),
    )
    columns = (
        Column("day", "Day", Measure.DATE),
        Column("weekday", "Weekday", Measure.TEXT),
        Column("visitors", "People"),
        Column("usually_from", "Usually from"),
        Column("usually_to", "to"),
    )
    width = 5 if has_bands else 3
    labels = tuple(_day_label(on, told.asked.span.days) for on in told.asked.span.each_day())
    missing = told.now.brought - sum(each.brought for each in told.days)
    return Figure(
        slug="over-time",
        title="By day",
        sentence=_busiest(told.days, Kind.DAY, "days") + _against_usual(told, values, bands),
        table=Table(columns[:width], tuple(row[:width] for row in rows)),
        definition="usual" if has_bands else "activities",
        chart=Columns(labels, (series,)) if any(values) or has_bands else None,
        notes=_undivided(missing, "days"),
    )


def _day_label(on: date, days: int) -> str:
    return f"{on:%a} {on.day}" if days <= 10 else f"{on.day} {on:%b}"


def label(span: Span, by: Kind) -> str:
    """Short, for a chart: `6 Mar`, `Mar 23`, `Q1 23`, `2023`."""
    first = span.first
    match by:
        case Kind.WEEK | Kind.DAY:
            return f"{first.day} {first:%b}"
        case Kind.MONTH:
            return f"{first:%b %y}"
        case Kind.QUARTER:
            return f"Q{(first.month + 2) // 3} {first:%y}"
        case _:
            return f"{first.year}"


def _busiest(parts: Sequence[Counted], by: Kind, units: str) -> str:
    some = [each for each in parts if each.total]
    if not some:
        return f"Nothing is known by {units}."
    most = max(some, key=lambda each: each.total)
    name = spans.say(Span(most.span.first, most.span.last, by))
    if len(some) == 1:
        when = f"on {name}" if by is Kind.DAY else f"in the {name}" if by is Kind.WEEK else f"in {name}"
        return f"All {count(most.total)} came {when}." if most.total > 1 else f"One came, {when}."
    the = "the " if by is Kind.WEEK else ""
    return f"The busiest {_UNITS[by][0]} was {the}{name}, with {count(most.total)}."


def _against_usual(told: Footfall, values: Sequence[float | None], bands: Sequence[Band | None]) -> str:
    """Of the days that are over, which lay outside their band."""
    judged = [
        (value or 0, band)
        for on, value, band in zip(told.asked.span.each_day(), values, bands, strict=True)
        if band is not None and value is not None and on < told.asked.today
    ]
    if not judged:
        return ""
    more = sum(value > band.high for value, band in judged)
    fewer = sum(value < band.low for value, band in judged)
    if not more and not fewer:
        return " Every day was as busy as usual." if len(judged) > 1 else " It was as busy as usual."
    said = [f"on {count(more)} more"] if more else []
    said += [f"on {count(fewer)} fewer"] if fewer else []
    return f" Of {of_these(len(judged), 'day', 'days')} that can be compared, {' and '.join(said)} came than usual."


def _undivided(missing: int, units: str) -> tuple[str, ...]:
    if missing <= 0:
        return ()
    return (f"{count(missing)} of the imported are of longer periods and cannot be told by {units}.",)
