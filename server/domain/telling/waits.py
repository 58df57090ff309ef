"""How long visitors waited, walked, were served and were parked: in all, by service, by the hour they came, and over time. Pure.

Two clocks, because two things were promised (`server.domain.waited` argues it): who booked was promised a time, and is within target when called within five minutes of it, as the floor
has it; who walked in was promised a place in the line, and each service has its own target. So kinds stand in rows of their own and are never blurred into one median. The share within
target of several services is of all their waits together, each judged by its own service's target, never a mean of shares. Targets are those of today: a target that was changed judges the
past by what is wanted now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from server.domain import waited
from server.domain.figure import Cell, Column, Figure, Lines, Measure, Ranges, Series, Table
from server.domain.spans import Kind, Span
from server.domain.sums import Spread, Sums
from server.domain.telling import writing
from server.domain.telling.by_service import EVERYBODY, Line, Offered, ids_of, lines, spreads_of
from server.domain.telling.compared import (
    SERVICES_NEED_MONTHS,
    TIMES,
    Compared,
    floats,
    in_all,
    points,
    share,
    times,
    within,
)
from server.domain.waited import Kind as Came

PROMPT = waited.SOON // waited.MINUTE
"""The target of an appointment: called within so many minutes of its time."""
HALVES = 48
NOBODY = "Nobody was called in this time."
WITHIN = Column("share_within", "Within target", Measure.SHARE)
_KINDS = {
    Came.WALK_IN: "Waiting, without an appointment",
    Came.BOOKED: "Waiting, with an appointment",
    Came.LATE: "Waiting, too late for the appointment",
}
_STAGES = {"walk": "Walking to the counter", "serve": "Being served", "park": "Parked"}
_LONG = {
    Kind.DAY: "Day",
    Kind.WEEK: "Week from",
    Kind.MONTH: "Month from",
    Kind.QUARTER: "Quarter from",
    Kind.YEAR: "Year from",
}


def figures(compared: Compared, series: Sequence[tuple[Span, Sums]], offered: Offered) -> list[Figure]:
    """`series`: the parts of the time, in their order, as `spans.fitting` divides it; empty of a single day."""
    by_service = [*services(compared, offered)] if compared.tells_services else []
    return [
        how_long(compared, offered),
        *by_service,
        by_hour(compared.now, offered),
        *([over_time(series, offered)] if len(series) > 1 else []),
    ]


# In all ------------------------------------------------------------------------------------------------------------------


def how_long(compared: Compared, offered: Offered) -> Figure:
    rows: list[tuple[Cell, ...]] = []
    for kind, name in _KINDS.items():
        spread = _of_kind(compared.now, kind)
        medians = compared.cells(lambda sums, kind=kind: _of_kind(sums, kind).median)  # type: ignore[misc]
        rows.append((name, *times(spread), share_within(compared.now, kind, offered), *medians))
    for key, name in _STAGES.items():
        medians = compared.cells(lambda sums, key=key: _all(sums, key).median)  # type: ignore[misc]
        rows.append((name, *times(_all(compared.now, key)), None, *medians))
    columns = (
        Column("what", "Time", Measure.TEXT),
        *TIMES,
        WITHIN,
        *compared.columns("median", "Median", Measure.MINUTES),
    )
    return Figure(
        slug="how-long",
        title="How long it took",
        sentence=_how_long_in_words(compared, offered),
        table=Table(columns, tuple(rows)),
        definition="waits",
        chart=_ranges([row for row in rows if row[1]]),
        notes=_notes(compared),
    )


def share_within(sums: Sums, kind: Came, offered: Offered, only: Line = EVERYBODY) -> float | None:
    """Of the waits of one kind, those within target: a booked one by its time, any other by its service."""
    spreads = {each: spread for each, spread in spreads_of(sums, f"wait/{kind}").items() if only.holds(each)}
    met = sum(
        spread.within(PROMPT if kind is Came.BOOKED else offered.target(each))
        for each, spread in spreads.items()
    )
    return share(met, sum(spread.number for spread in spreads.values()))


def _how_long_in_words(compared: Compared, offered: Offered) -> str:
    walked, booked = _of_kind(compared.now, Came.WALK_IN), _of_kind(compared.now, Came.BOOKED)
    if not walked.number and not booked.number:
        late = _of_kind(compared.now, Came.LATE).number
        return (
            NOBODY
            if not late
            else "Only visitors who came too late for their appointment were called in this time."
        )
    said = []
    if walked.number:
        met = share_within(compared.now, Came.WALK_IN, offered)
        other = compared.first
        then = share_within(other.sums, Came.WALK_IN, offered) if other else None
        assert met is not None
        said.append(
            f"{_called('without an appointment', walked)} {writing.share(met)} of these calls came within the target of the"
            f" service{points(met, then, other)}."
        )
    if booked.number:
        said.append(_called("with an appointment", booked))
    return " ".join(said)


def _called(who: str, spread: Spread) -> str:
    median, ninth = spread.median, spread.ninth
    assert median is not None
    assert ninth is not None
    if spread.number == 1:
        after = f"after {median} minute{'' if median == 1 else 's'}" if median else "at once"
        return f"One visitor {who} was called, {after}."
    return f"Visitors {who} were called {writing.count(spread.number)} times: half {within(median)}, nine in ten {within(ninth)}."


def _notes(compared: Compared) -> tuple[str, ...]:
    left_open = sum(ids_of(compared.now, "inaccurate").values())
    notes = []
    if left_open:
        notes.append(
            f"{writing.of_these(left_open, 'ticket was', 'tickets were')} left open when the centre closed and ended by the house: how"
            " long serving took is not known, so it is in no median and no mean."
        )
    if not compared.tells_services:
        notes.append(SERVICES_NEED_MONTHS)
    return tuple(notes)


# By service --------------------------------------------------------------------------------------------------------------


def services(compared: Compared, offered: Offered) -> list[Figure]:
    """How long each service was waited for, and took; one fold for both, so that they can be read beside each other."""
    paths = [f"wait/{kind}" for kind in Came]
    found = lines(compared.now, offered, lambda line, sums: line.spread(sums, *paths).number)
    return [
        _waits_by_service(compared.of_services(), found, offered),
        _serving_by_service(compared.of_services(), found),
    ]


def _waits_by_service(compared: Compared, found: Sequence[Line], offered: Offered) -> Figure:
    tables = {
        kind: _service_waits(
            compared,
            [each for each in found if each.spread(compared.now, f"wait/{kind}").number],
            kind,
            offered,
        )
        for kind in Came
    }
    walked = tables[Came.WALK_IN]
    met = [(row[6], row[0]) for row in walked.rows if isinstance(row[6], float) and row[0] != found[-1].name]
    sentence = "Nobody without an appointment was called in this time."
    if walked.rows:
        sentence = "Each service is held against its own target."
        worst, best = (min(met), max(met)) if met else (None, None)
        if worst and best and worst != best:
            sentence = f"{best[1]} met its target most often ({writing.share(best[0])} of calls), {worst[1]} least often ({writing.share(worst[0])})."
        elif worst:
            sentence = f"{worst[1]}: {writing.share(worst[0])} of calls within target."
    return Figure(
        slug="waits-by-service",
        title="Waiting, by service",
        sentence=sentence,
        table=walked,
        definition="waits",
        chart=_ranges(walked.rows, target=5),
        also=tuple(tables[kind] for kind in (Came.BOOKED, Came.LATE) if tables[kind].rows),
    )


_HEADINGS = {
    Came.WALK_IN: "Without an appointment",
    Came.BOOKED: "With an appointment",
    Came.LATE: "Too late for the appointment",
}


def _service_waits(compared: Compared, found: Sequence[Line], kind: Came, offered: Offered) -> Table:
    def row(line: Line) -> tuple[Cell, ...]:
        target = (
            PROMPT if kind is Came.BOOKED else None if line.service is None else offered.target(line.service)
        )
        others = compared.cells(lambda sums: share_within(sums, kind, offered, line))
        now = line.spread(compared.now, f"wait/{kind}")
        return (line.name, *times(now), target, share_within(compared.now, kind, offered, line), *others)

    columns = (
        Column("service", _HEADINGS[kind], Measure.TEXT),
        *TIMES,
        Column("target", "Target", Measure.MINUTES),
        WITHIN,
        *compared.columns("share_within", "Within target", Measure.SHARE),
    )
    return Table(columns, tuple(row(line) for line in found), row(EVERYBODY) if len(found) > 1 else None)


def _serving_by_service(compared: Compared, found: Sequence[Line]) -> Figure:
    served = [line for line in found if line.spread(compared.now, "serve").number]
    named = [line for line in served if line.service is not None]
    longest = max(named, key=lambda line: line.spread(compared.now, "serve").mean or 0, default=None)
    sentence = (
        "Nobody was served in this time."
        if not served
        else "Half were served, and nine in ten, within the times shown."
    )
    if longest is not None:
        median = longest.spread(compared.now, "serve").median
        assert median is not None
        took = "took longest" if len(named) > 1 else "is the one service that can be named"
        sentence = f"{longest.name} {took}: half were served {within(median)}."
    table = _stage_table(compared, served, "serve")
    return Figure(
        slug="serving-by-service",
        title="Being served, by service",
        sentence=sentence,
        table=table,
        definition="serving",
        chart=_ranges(table.rows),
        also=tuple(
            _stage_table(compared, some, key)
            for key in ("walk", "park")
            if (some := [line for line in found if line.spread(compared.now, key).number])
        ),
    )


def _stage_table(compared: Compared, found: Sequence[Line], key: str) -> Table:
    def row(line: Line) -> tuple[Cell, ...]:
        return (
            line.name,
            *times(line.spread(compared.now, key)),
            *compared.cells(lambda sums: line.spread(sums, key).median),
        )

    columns = (
        Column("service", _STAGES[key], Measure.TEXT),
        *TIMES,
        *compared.columns("median", "Median", Measure.MINUTES),
    )
    return Table(columns, tuple(row(line) for line in found), row(EVERYBODY) if len(found) > 1 else None)


# By the hour, and over time ------------------------------------------------------------------------------------------------


def by_hour(sums: Sums, offered: Offered) -> Figure:
    """Of walk-ins, by when they came. A half hour has visitors of many services, so it is held against one number: the target of most of them."""
    of = {half: spread for half, spread in spreads_of(sums, "wait/half").items() if spread.number}
    target = usual_target(sums, offered)
    rows = []
    for half in halves(of):
        spread = of.get(half, Spread())
        rows.append((writing.times(half), *times(spread), share(spread.within(target), spread.number)))
    longest = max(of.items(), key=lambda each: (each[1].median or 0, each[1].number), default=None)
    sentence = "Nobody without an appointment was called in this time."
    if longest is not None:
        half, spread = longest
        assert spread.median is not None
        until = writing.times((half + 1) % HALVES)
        sentence = f"Who came between {writing.times(half)} and {until} waited longest: half were called {within(spread.median)}."
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
        chart=_ranges(rows) if rows else None,
    )


def usual_target(sums: Sums, offered: Offered) -> int:
    """The target of most walk-ins."""
    of: Counter[int] = Counter()
    for each, spread in spreads_of(sums, f"wait/{Came.WALK_IN}").items():
        of[offered.target(each)] += spread.number
    return min(of, key=lambda minutes: (-of[minutes], minutes)) if of else offered.private_minutes


def halves(of: Sequence[int] | dict[int, Spread]) -> list[int]:
    """The half hours from the first to the last that anybody came in, in the order of the day. The day begins after its longest time without anybody, so that a
    centre open past midnight is not cut in two."""
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
        (span.first, *times(_of_kind(sums, Came.WALK_IN)), share_within(sums, Came.WALK_IN, offered))
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
        (span.first, *times(_of_kind(sums, Came.BOOKED)), share_within(sums, Came.BOOKED, offered))
        for span, sums in shown
    )
    return Table(columns, rows)


def _over_time_in_words(kind: Kind, rows: Sequence[tuple[Cell, ...]]) -> str:
    told = [(row[2], row[0]) for row in rows if isinstance(row[2], int) and isinstance(row[0], date)]
    if not told:
        return "Nobody without an appointment was called in this time."
    (high, worst), (low, best) = max(told, key=lambda each: each[0]), min(told, key=lambda each: each[0])
    if low == high:
        return f"All along half were called {within(low)}."
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


# Parts -------------------------------------------------------------------------------------------------------------------


def _all(sums: Sums, key: str) -> Spread:
    return in_all(sums.spreads_by(key).values())


def _of_kind(sums: Sums, kind: Came) -> Spread:
    return _all(sums, f"wait/{kind}")


def _ranges(rows: Sequence[tuple[Cell, ...]], target: int | None = None) -> Ranges | None:
    """Of rows that begin with a name and `TIMES`; `target` is the column that holds one."""
    if not rows:
        return None
    return Ranges(
        tuple(str(row[0]) for row in rows),
        floats([row[2] for row in rows]),
        floats([row[4] for row in rows]),
        floats([row[3] for row in rows]),
        floats([row[target] for row in rows]) if target is not None else (),
    )
