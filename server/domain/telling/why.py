"""How needs ended, how many were resolved in one visit, and how many came again. Pure.

**Resolved in one visit** is the council's target: 95 of 100. A need counts as such when it was served to an end, its outcome was *resolved today*, and its visitor had not been here about the same
before (`first_time` of `server.domain.sums`). It is held against **every** need with an outcome, those that were not ours, were referred or whose visitor left too: leaving any of them out
would make the figure better whenever somebody is sent away, and the visitor came all the same. Whether somebody had been here before is asked, never followed: nobody's visits are joined over
days, so it is what whoever served them heard. A second need about the same on one day counts as coming again.

Sentences say what would have to be different, in numbers, and never whose fault it is.
"""

from __future__ import annotations

from math import ceil

from server.domain.figure import Bars, Cell, Column, Figure, Measure, Table
from server.domain.sums import Sums
from server.domain.telling import writing
from server.domain.telling.by_service import EVERYBODY, Line, Offered, lines
from server.domain.telling.compared import Compared, floats, need_months, points, share, whole
from server.domain.telling.words import OUTCOMES
from wire.vocabulary import Outcome

TARGET = 0.95
UNTOLD = "none"
"""Of a need that was served to an end and has no outcome: left open overnight, or ended by the house."""
SERVICE = Column("service", "Service", Measure.TEXT)
NOBODY = "Nobody was served to an end in this time."


def figures(compared: Compared, offered: Offered) -> list[Figure]:
    return [one_visit(compared, offered), outcomes(compared, offered), again(compared, offered)]


def with_outcome(line: Line, sums: Sums) -> int:
    return sum(line.count(sums, "outcome", each) for each in Outcome)


def served(line: Line, sums: Sums) -> int:
    return line.count(sums, "served")


def _first_time(line: Line, sums: Sums) -> float | None:
    return share(line.count(sums, "first_time"), with_outcome(line, sums))


# Resolved in one visit ---------------------------------------------------------------------------------------------------


def one_visit(compared: Compared, offered: Offered) -> Figure:
    now = compared.now
    told = compared.of_services() if compared.tells_services else compared
    found = lines(now, offered, with_outcome) if compared.tells_services else []

    def row(line: Line) -> tuple[Cell, ...]:
        ended, first = with_outcome(line, now), line.count(now, "first_time")
        resolved = line.count(now, "outcome", Outcome.RESOLVED)
        others = told.cells(lambda sums: _first_time(line, sums))
        return (line.name, ended, first, resolved - first, ended - resolved, share(first, ended), *others)

    columns = (
        SERVICE,
        Column("with_outcome", "Needs with an outcome"),
        Column("in_one_visit", "Resolved in one visit"),
        Column("resolved_later", "Resolved, not on the first"),
        Column("not_resolved", "Not resolved that day"),
        Column("share_in_one_visit", "In one visit", Measure.SHARE),
        *told.columns("share_in_one_visit", "In one visit", Measure.SHARE),
    )
    total = row(EVERYBODY)
    rows = tuple(row(line) for line in found) or ((total,) if total[1] else ())
    return Figure(
        slug="one-visit",
        title="Resolved in one visit",
        sentence=_one_visit_in_words(compared),
        table=Table(columns, rows, total if len(rows) > 1 else None),
        definition="one-visit",
        chart=Bars(
            tuple(str(each[0]) for each in rows),
            floats([each[5] for each in rows]),
            Measure.SHARE,
            target=TARGET,
        )
        if rows
        else None,
        notes=(*_notes(compared), *(offered.named.notes(compared.asked.span) if found else ())),
    )


def _one_visit_in_words(compared: Compared) -> str:
    ended, first = with_outcome(EVERYBODY, compared.now), EVERYBODY.count(compared.now, "first_time")
    part = share(first, ended)
    if part is None:
        return NOBODY
    other = compared.first
    then = _first_time(EVERYBODY, other.sums) if other else None
    said = f"{writing.count(first)} of {writing.of_these(ended, 'need', 'needs')} {'was' if first == 1 else 'were'} resolved in one visit ({writing.share(part)}{points(part, then, other)})."
    missing = ceil(round(ended * TARGET, 6)) - first
    if missing <= 0:
        return f"{said} The target of 95% is met."
    return f"{said} The target is 95%: {writing.count(missing)} more would have met it."


def _notes(compared: Compared) -> tuple[str, ...]:
    untold = EVERYBODY.count(compared.now, "outcome", UNTOLD)
    notes = []
    if untold:
        notes.append(
            f"{writing.of_these(untold, 'need was', 'needs were')} served without an outcome being noted: how they ended is not known, so they are not in this share."
        )
    if not compared.tells_services:
        notes.append(need_months(compared.asked))
    return tuple(notes)


# Outcomes ----------------------------------------------------------------------------------------------------------------


def outcomes(compared: Compared, offered: Offered) -> Figure:
    now = compared.now
    every = served(EVERYBODY, now)
    names = {**{each.value: name for each, name in OUTCOMES.items()}, UNTOLD: "Not noted"}
    rows: list[tuple[Cell, ...]] = []
    for key, name in names.items():
        count = EVERYBODY.count(now, "outcome", key)
        others = compared.cells_of(lambda sums, key: EVERYBODY.count(sums, "outcome", key), key)
        if key != UNTOLD or count or any(others):
            rows.append((name, count, share(count, every), *others))
    other = compared.first
    most = max(rows, key=lambda row: whole(row[1]))
    part = most[2]
    sentence = NOBODY
    if isinstance(part, float):
        sentence = f"{writing.of_these(every, 'need was', 'needs were')} served to an end. The most usual outcome was “{str(most[0]).lower()}” ({writing.share(part)})."
    columns = (
        Column("outcome", "Outcome", Measure.TEXT),
        Column("number", "How many"),
        Column("share", "Share", Measure.SHARE),
        *compared.columns("number"),
    )
    return Figure(
        slug="outcomes",
        title="How needs ended",
        sentence=sentence,
        table=Table(
            columns,
            tuple(rows),
            ("Served to an end", every, None, *compared.cells(lambda sums: served(EVERYBODY, sums))),
        ),
        definition="outcomes",
        chart=Bars(
            tuple(str(row[0]) for row in rows),
            floats([row[1] for row in rows]),
            Measure.COUNT,
            floats([row[3] for row in rows]) if other else (),
            ("This time", other.title) if other else ("", ""),
        )
        if every
        else None,
        also=_outcomes_by_service(now, offered, names) if compared.tells_services else (),
    )


def _outcomes_by_service(now: Sums, offered: Offered, names: dict[str, str]) -> tuple[Table, ...]:
    found = lines(now, offered, served)
    if not found:
        return ()

    def row(line: Line) -> tuple[Cell, ...]:
        return (line.name, served(line, now), *(line.count(now, "outcome", key) for key in names))

    columns = (
        SERVICE,
        Column("served", "Served to an end"),
        *(Column(key, name) for key, name in names.items()),
    )
    return (Table(columns, tuple(row(line) for line in found), row(EVERYBODY) if len(found) > 1 else None),)


# Again -------------------------------------------------------------------------------------------------------------------


def again(compared: Compared, offered: Offered) -> Figure:
    """Tickets for a need that had brought the same visitor here before."""
    now = compared.now
    told = compared.of_services() if compared.tells_services else compared
    found = lines(now, offered, served) if compared.tells_services else []

    def part(line: Line, sums: Sums) -> float | None:
        return share(line.count(sums, "again"), served(line, sums))

    def row(line: Line) -> tuple[Cell, ...]:
        others = told.cells(lambda sums: part(line, sums))
        return (line.name, served(line, now), line.count(now, "again"), part(line, now), *others)

    columns = (
        SERVICE,
        Column("served", "Served to an end"),
        Column("again", "Had been here before"),
        Column("share_again", "Share", Measure.SHARE),
        *told.columns("share_again", "Share", Measure.SHARE),
    )
    total = row(EVERYBODY)
    rows = tuple(row(line) for line in found) or ((total,) if total[1] else ())
    drawn = [each for each in rows if each[2]]
    return Figure(
        slug="again",
        title="Came again about the same",
        sentence=_again_in_words(compared, rows),
        table=Table(columns, rows, total if len(rows) > 1 else None),
        definition="again",
        chart=Bars(tuple(str(each[0]) for each in drawn), floats([each[2] for each in drawn]))
        if drawn
        else None,
    )


def _again_in_words(compared: Compared, rows: tuple[tuple[Cell, ...], ...]) -> str:
    every, came = served(EVERYBODY, compared.now), EVERYBODY.count(compared.now, "again")
    part, other = share(came, every), compared.first
    if part is None:
        return NOBODY
    if not came:
        return "Nobody who was served was noted as having been here about the same before."
    then = share(EVERYBODY.count(other.sums, "again"), served(EVERYBODY, other.sums)) if other else None
    said = f"{writing.count(came)} of {writing.of_these(every, 'need', 'needs')} had brought the visitor here before ({writing.share(part)}{points(part, then, other)})."
    most, *others = sorted(rows, key=lambda row: -whole(row[2]))
    alone = others and whole(most[2]) > whole(others[0][2])
    if alone and most is not rows[-1]:
        return (
            f"{said} More came about “{most[0]}” than about anything else: {writing.count(whole(most[2]))}."
        )
    return said
