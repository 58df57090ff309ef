"""When visitors waited long: by the half hour they came, and over the days, weeks or months. Of those without an appointment, who wait in the line. Pure.

A half hour has visitors of many services, each with a target of its own, so it is held against one number that its column names: the target of most of them. The day begins after its longest
time without anybody, so that a centre open past midnight is not cut in two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from server.domain.figure import Cell, Column, Figure, Lines, Measure, Series, Table
from server.domain.spans import Kind, Span
from server.domain.sums import Spread, Sums
from server.domain.telling import writing
from server.domain.telling.by_service import Offered, spreads_of
from server.domain.telling.compared import TIMES, Compared, floats, share, times, within
from server.domain.telling.waits import WITHIN, of_kind, ranges, share_within
from server.domain.waited import Kind as Came

HALVES = 48
NOBODY = "Nobody without an appointment was called in this time."
_LONG = {
    Kind.DAY: "Day",
    Kind.WEEK: "Week from",
    Kind.MONTH: "Month from",
    Kind.QUARTER: "Quarter from",
    Kind.YEAR: "Year from",
}


def figures(compared: Compared, series: Sequence[tuple[Span, Sums]], offered: Offered) -> list[Figure]:
    """`series`: the parts of the time, in their order, as `spans.fitting` divides it."""
    told = [by_hour(compared.now, offered)]
    return [*told, over_time(series, offered)] if len(series) > 1 else told


def by_hour(sums: Sums, offered: Offered) -> Figure:
    of = {half: spread for half, spread in spreads_of(sums, "wait/half").items() if spread.number}
    target = usual_target(sums, offered)
    rows = []
    for half in halves(of):
        spread = of.get(half, Spread())
        rows.append((writing.times(half), *times(spread), share(spread.within(target), spread.number)))
    longest = max(of.items(), key=lambda each: (each[1].median or 0, each[1].number), default=None)
    sentence = NOBODY
    if longest is not None:
        half, spread = longest
        assert spread.median is not None
        until = writing.times((half + 1) % HALVES)
        sentence = f"Visitors who came between {writing.times(half)} and {until} waited longest: half of them were called {within(spread.median)}."
        if len(of) == 1:
            sentence = f"All who were called came between {writing.times(half)} and {until}: half were called {within(spread.median)}."
    columns = (
        Column("half_hour", "Came from", Measure.TIME),
        *TIMES,
        Column("share_within", f"Within {target} min", Measure.SHARE),
    )
    return Figure(
        slug="waits-by-hour",
        title="Waiting, by when they came",
        sentence=sentence,
        table=Table(columns, tuple(rows)),
        definition="waits-by-hour",
        chart=ranges(rows) if rows else None,
    )


def usual_target(sums: Sums, offered: Offered) -> int:
    """The target of most walk-ins."""
    of: Counter[int] = Counter()
    for each, spread in spreads_of(sums, f"wait/{Came.WALK_IN}").items():
        of[offered.target(each)] += spread.number
    return min(of, key=lambda minutes: (-of[minutes], minutes)) if of else offered.private_minutes


def halves(of: Iterable[int]) -> list[int]:
    """The half hours from the first to the last that anybody came in, in the order of the day."""
    came = sorted(of)
    if not came:
        return []
    gaps = [
        ((later - earlier) % HALVES or HALVES, later)
        for earlier, later in zip([came[-1], *came], came, strict=False)
    ]
    _, first = max(gaps, key=lambda gap: (gap[0], -gap[1]))
    last = came[came.index(first) - 1]
    return [(first + step) % HALVES for step in range((last - first) % HALVES + 1)]


def over_time(series: Sequence[tuple[Span, Sums]], offered: Offered) -> Figure:
    """Days on which nothing at all was counted are left out: a centre that is closed at weekends has no gaps every week."""
    kind = series[0][0].kind
    shown = [(span, sums) for span, sums in series if sums.counts or kind is not Kind.DAY]
    rows: list[tuple[Cell, ...]] = [
        (span.first, *times(of_kind(sums, Came.WALK_IN)), share_within(sums, Came.WALK_IN, offered))
        for span, sums in shown
    ]
    columns = (Column("from", _LONG.get(kind, "From"), Measure.DATE), *TIMES, WITHIN)
    halves_ = Series("Half within", floats([row[2] for row in rows]))
    ninths = Series("Nine in ten within", floats([row[4] for row in rows]))
    notes = ["The chart and the first table are of visitors without an appointment."]
    if len(shown) < len(series):
        notes.append("Days on which nothing was counted are left out.")
    called = any(row[1] for row in rows)
    booked = _booked_over_time(kind, shown, offered)
    return Figure(
        slug="waits-over-time",
        title="Waiting, over time",
        sentence=_over_time_in_words(kind, rows),
        table=Table(columns, tuple(rows)),
        definition="waits",
        chart=Lines(tuple(label(span) for span, _ in shown), (halves_, ninths), Measure.MINUTES)
        if called
        else None,
        notes=tuple(notes),
        also=(booked,) if any(row[1] for row in booked.rows) else (),
    )


def _booked_over_time(kind: Kind, shown: Sequence[tuple[Span, Sums]], offered: Offered) -> Table:
    columns = (
        Column("from", f"{_LONG.get(kind, 'From')}, with an appointment", Measure.DATE),
        *TIMES,
        WITHIN,
    )
    rows = tuple(
        (span.first, *times(of_kind(sums, Came.BOOKED)), share_within(sums, Came.BOOKED, offered))
        for span, sums in shown
    )
    return Table(columns, rows)


def _over_time_in_words(kind: Kind, rows: Sequence[tuple[Cell, ...]]) -> str:
    told = [(row[2], row[0]) for row in rows if isinstance(row[2], int) and isinstance(row[0], date)]
    if not told:
        return NOBODY
    (high, worst), (low, best) = max(told, key=lambda each: each[0]), min(told, key=lambda each: each[0])
    if low == high:
        return f"All along half of the visitors were called {within(low)}."
    of = {Kind.DAY: "on", Kind.WEEK: "in the week of", Kind.YEAR: "in the year from"}.get(
        kind, "in the time from"
    )

    def when(on: date) -> str:
        return f"in {on:%B %Y}" if kind is Kind.MONTH and on.day == 1 else f"{of} {writing.day(on)}"

    return f"Waits were longest {when(worst)}, when half were called {within(high)}, and shortest {when(best)} ({within(low)})."


def label(span: Span) -> str:
    """Short enough to stand under a chart."""
    on = span.first
    match span.kind:
        case Kind.MONTH | Kind.QUARTER:
            return f"{on:%b %Y}"
        case Kind.YEAR | Kind.COUNCIL_YEAR:
            return f"{on.year}"
        case _:
            return f"{on.day} {on:%b}"
