"""How long visitors waited, walked, were served and were parked: in all and by service. Pure.

Two clocks, because two things were promised (`server.domain.waited` argues it): who booked was promised a time, and is within target when called within five minutes of it, as the floor
has it; who walked in was promised a place in the line, and each service has its own target. So kinds stand in rows of their own and are never blurred into one median. The share within
target of several services is of all their waits together, each judged by its own service's target, never a mean of shares. Targets are those of today: a target that was changed judges the
past by what is wanted now.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.domain import waited
from server.domain.figure import Cell, Column, Figure, Measure, Ranges, Table
from server.domain.sums import Spread, Sums
from server.domain.telling import writing
from server.domain.telling.by_service import EVERYBODY, Line, Offered, ids_of, lines, spreads_of
from server.domain.telling.compared import (
    TIMES,
    Compared,
    floats,
    in_all,
    need_months,
    points,
    share,
    times,
    within,
)
from server.domain.waited import Kind as Came

PROMPT = waited.SOON // waited.MINUTE
"""The target of an appointment: called within so many minutes of its time."""
NOBODY = "Nobody was called in this time."
NONE_NAMED = "No service was asked for often enough in this time to be named here."
WITHIN = Column("share_within", "Within target", Measure.SHARE)
_KINDS = {
    Came.WALK_IN: "Waiting, without an appointment",
    Came.BOOKED: "Waiting, with an appointment",
    Came.LATE: "Waiting, too late for the appointment",
}
_STAGES = {"walk": "Walking to the counter", "serve": "Being served", "park": "Parked"}


def figures(compared: Compared, offered: Offered) -> list[Figure]:
    return [how_long(compared, offered), *(services(compared, offered) if compared.tells_services else ())]


# In all ------------------------------------------------------------------------------------------------------------------


def how_long(compared: Compared, offered: Offered) -> Figure:
    """Each kind of time in a row of its own."""
    rows: list[tuple[Cell, ...]] = []
    for kind, name in _KINDS.items():
        spread = of_kind(compared.now, kind)
        medians = compared.cells_of(lambda sums, kind: of_kind(sums, kind).median, kind)
        rows.append((name, *times(spread), share_within(compared.now, kind, offered), *medians))
    for key, name in _STAGES.items():
        medians = compared.cells_of(lambda sums, key: all_of(sums, key).median, key)
        rows.append((name, *times(all_of(compared.now, key)), None, *medians))
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
        chart=ranges([row for row in rows if row[1]]),
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
    walked, booked = of_kind(compared.now, Came.WALK_IN), of_kind(compared.now, Came.BOOKED)
    if not walked.number and not booked.number:
        late = of_kind(compared.now, Came.LATE).number
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
        said.append(_called("with an appointment", booked, " of their time"))
    return " ".join(said)


def _called(who: str, spread: Spread, since: str = "") -> str:
    """`since`: from when it is reckoned, where that is not when they came."""
    median, ninth = spread.median, spread.ninth
    assert median is not None
    assert ninth is not None
    if spread.number == 1:
        after = f"after {median} minute{'' if median == 1 else 's'}" if median else "at once"
        return f"One visitor {who} was called, {after}."
    return f"Visitors {who} were called {writing.count(spread.number)} times: half {within(median)}{since if median else ''}, nine in ten {within(ninth)}."


def _notes(compared: Compared) -> tuple[str, ...]:
    left_open = sum(ids_of(compared.now, "inaccurate").values())
    notes = []
    if left_open:
        notes.append(
            f"{writing.of_these(left_open, 'ticket was', 'tickets were')} left open when the centre closed and ended by the house: how"
            " long serving took is not known, so it is in no median and no mean."
        )
    if not compared.tells_services:
        notes.append(need_months(compared.asked))
    return tuple(notes)


# By service --------------------------------------------------------------------------------------------------------------


def services(compared: Compared, offered: Offered) -> list[Figure]:
    """How long each service was waited for, and took; one fold for both, so that they can be read beside each other."""
    paths = [f"wait/{kind}" for kind in Came]
    found = lines(compared.now, offered, lambda line, sums: line.spread(sums, *paths).number)
    return [
        _waits_by_service(compared.of_services(), found, offered),
        _serving_by_service(compared.of_services(), found, offered),
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
            sentence = f"“{best[1]}” met its target most often ({writing.share(best[0])} of calls), “{worst[1]}” least often ({writing.share(worst[0])})."
        elif worst:
            sentence = f"“{worst[1]}”: {writing.share(worst[0])} of calls within target."
    return Figure(
        slug="waits-by-service",
        title="Waiting, by service",
        sentence=sentence,
        table=walked,
        definition="waits",
        chart=ranges(walked.rows, target=5),
        notes=offered.named.notes(compared.asked.span),
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


def _serving_by_service(compared: Compared, found: Sequence[Line], offered: Offered) -> Figure:
    served = [line for line in found if line.spread(compared.now, "serve").number]
    named = [line for line in served if line.service is not None]
    longest = max(named, key=lambda line: _half_and_mean(line.spread(compared.now, "serve")), default=None)
    sentence = "Nobody was served in this time." if not served else NONE_NAMED
    if longest is not None:
        median = longest.spread(compared.now, "serve").median
        assert median is not None
        took = "took longest" if len(named) > 1 else "is the one service that can be named"
        sentence = f"“{longest.name}” {took}: half were served {within(median)}."
    table = _stage_table(compared, served, "serve")
    return Figure(
        slug="serving-by-service",
        title="Being served, by service",
        sentence=sentence,
        table=table,
        definition="serving",
        chart=ranges(table.rows),
        notes=offered.named.notes(compared.asked.span),
        also=tuple(
            _stage_table(compared, some, key)
            for key in ("walk", "park")
            if (some := [line for line in found if line.spread(compared.now, key).number])
        ),
    )


def _half_and_mean(spread: Spread) -> tuple[float, float]:
    """What is compared is what the sentence then says: the median; the mean where two are alike."""
    return (spread.median or 0, spread.mean or 0)


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


# Parts -------------------------------------------------------------------------------------------------------------------


def all_of(sums: Sums, key: str) -> Spread:
    return in_all(sums.spreads_by(key).values())


def of_kind(sums: Sums, kind: Came) -> Spread:
    return all_of(sums, f"wait/{kind}")


def ranges(rows: Sequence[tuple[Cell, ...]], target: int | None = None) -> Ranges | None:
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
