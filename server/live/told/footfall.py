"""What the page Footfall tells.

Read once each: the days of the time where they are few enough to be read one by one, its parts where they are not, the times compared with, and for a time told by days the
twelve weeks before it, from which what is usual comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from server.domain import spans
from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.spans import Kind, Span
from server.domain.sums import Sums, together
from server.domain.telling import footfall_when, footfall_who
from server.domain.telling.compared import compared
from server.domain.telling.footfall import (
    Counted,
    Footfall,
    Imported,
    by_activity,
    counted,
    in_short,
)
from server.domain.telling.footfall_over_time import DAYS_SHOWN, over_time
from server.domain.usual_days import MOST_DAYS, Band, usual_band
from server.live.sums import read_series
from server.live.told.reading import offered_at
from server.store.queries import counts
from server.store.sql import Sql

ONE_BY_ONE = 400
"""A time of more days is read by its parts; weekdays are then told of its last year."""
WEEKS_BACK = timedelta(weeks=MOST_DAYS)
YEAR = timedelta(days=364)


def read(connection: Connection, centre: int, asked: Asked) -> list[Figure]:
    if asked.passed is None:
        return []
    told = read_footfall(connection, centre, asked, asked.passed)
    found = (
        by_activity(told),
        over_time(told),
        in_short(told),
        footfall_who.by_service(told),
        footfall_when.by_hour(told),
        footfall_when.by_weekday(told),
        footfall_when.weekday_by_hour(told),
        footfall_who.by_channel(told),
        footfall_who.by_language(told),
        footfall_who.by_need(told),
    )
    return [each for each in found if each is not None]


def read_footfall(connection: Connection, centre: int, asked: Asked, passed: Span) -> Footfall:
    by = spans.fitting(passed)
    days_of = passed if passed.days <= ONE_BY_ONE else Span(passed.last - YEAR + spans.ONE_DAY, passed.last)
    wanted = {
        "days": _each_day(days_of),
        "parts": spans.parts(passed, by) if days_of != passed else [],
        "year": spans.parts(asked.year_before, by),
        "before": [asked.before],
        "usual": _each_day(_history(asked.span)) if asked.span.days <= DAYS_SHOWN else [],
    }
    every = [span for some in wanted.values() for span in some]
    series = iter(read_series(connection, centre, every, asked.now, counts_only=True))
    sums = {name: [next(series) for _ in some] for name, some in wanted.items()}
    imports = imports_of(
        connection, centre, min(span.first for span in every), max(span.last for span in every)
    )
    found = {
        name: [counted(span, each, imports) for span, each in zip(some, sums[name], strict=True)]
        for name, some in wanted.items()
    }
    parts = found["parts"] or _gathered(found["days"], passed, by, imports)
    total = together(each.sums for each in parts)
    year = together(sums["year"])
    sql = Sql(connection)
    doors = counts.door_sums(sql, centre, passed.first, passed.last)
    sql.close()
    return Footfall(
        asked=asked,
        now=counted(asked.span, total, imports),
        before=found["before"][0],
        year=counted(asked.year_before, year, imports),
        parts=tuple(parts),
        year_parts=tuple(found["year"]),
        days=tuple(found["days"]),
        days_of=days_of,
        bands=_bands(asked.span, found["usual"]),
        open_weekdays=frozenset(
            each.span.first.weekday() for each in (*found["usual"], *found["days"]) if each.total
        ),
        imports=tuple(imports),
        offered=offered_at(connection, centre),
        compared=compared(asked, total, sums["before"][0], year),
        went_in=sum(each.went_in for each in doors) if doors else None,
    )


def _each_day(span: Span) -> list[Span]:
    return [Span(on, on, Kind.DAY) for on in span.each_day()]


def _history(span: Span) -> Span:
    """The weeks before a time: so many of each weekday as `usual_band` looks at."""
    return Span(max(spans.EARLIEST, span.first - WEEKS_BACK), span.first - spans.ONE_DAY)


def _bands(span: Span, history: Sequence[Counted]) -> dict[date, Band | None]:
    """For each day of the time the band of the days of its weekday on which anything was counted."""
    if not history:
        return {}
    of_weekday = [
        usual_band([each.total for each in history if each.span.first.weekday() == weekday and each.total])
        for weekday in range(7)
    ]
    return {on: of_weekday[on.weekday()] for on in span.each_day()}


def _gathered(days: Sequence[Counted], passed: Span, by: Kind, imports: Sequence[Imported]) -> list[Counted]:
    parts = spans.parts(passed, by)
    sums: list[list[Sums]] = [[] for _ in parts]
    number = 0
    for each in days:
        while each.span.first > parts[number].last:
            number += 1
        sums[number].append(each.sums)
    return [counted(span, together(some), imports) for span, some in zip(parts, sums, strict=True)]


def imports_of(connection: Connection, centre: int, first: date, last: date) -> list[Imported]:
    """Imported figures whose period touches these days."""
    sql = Sql(connection)
    found = counts.past_figures(sql, centre, first, last)
    sql.close()
    return [Imported(each.first, each.last, each.activity, each.visitors) for each in found]
