"""Which visits need not have been, why, and where a change would spare most of them; and help at the door. Pure.

Councils found between a fifth and seven tenths of contact avoidable (National Indicator 14), so the figure is for finding the few causes that matter, not for reproach: each pair of a cause
and a service is a line, the largest first, with what would take the cause away. A cause is what whoever served the visitor heard from them, one for each need. What may not be named by
service is never among the pairs.
"""

from __future__ import annotations

from typing import NamedTuple

from server.domain.figure import Bars, Cell, Column, Figure, Measure, Table
from server.domain.sums import Sums
from server.domain.tallies import LEAST_SHOWN
from server.domain.telling import writing
from server.domain.telling.by_service import EVERYBODY, Line, Offered, lines
from server.domain.telling.compared import Compared, floats, need_months, points, share
from server.domain.telling.why import NOBODY, SERVICE, served
from server.domain.telling.words import AVOIDABLE
from wire.vocabulary import Avoidable

MOST_PAIRS = 5
TOO_FEW = "No cause was named by five or more visitors of one service, so nothing stands out to act on."
NONE_NOTED = "No visit was noted as one that need not have been."
REMEDIES = {
    Avoidable.CHASING: "Tell people where their case stands before they ask: a text, or a date by which they hear.",
    Avoidable.UNCLEAR_LETTER: "Read the letters that bring people in together with somebody who did not write them.",
    Avoidable.NOT_OUR_SERVICE: "Say on letters, the website and the kiosk who does this and where.",
    Avoidable.COULD_BE_ONLINE: "Ask what stopped people online; offer to do it with them at a PC or by the scan station.",
    Avoidable.OUR_MISTAKE: "Look at how these came about with those who do the work, and what would have caught them.",
}


def figures(compared: Compared, offered: Offered) -> list[Figure]:
    first = [act_first(compared, offered)] if compared.tells_services else []
    return [*first, causes(compared, offered), at_the_door(compared, offered)]


def avoidable(line: Line, sums: Sums) -> int:
    return sum(line.count(sums, "avoidable", each) for each in Avoidable)


class Pair(NamedTuple):
    """So many needs of one service need not have been, for one cause."""

    number: int
    cause: Avoidable
    line: Line


def pairs(sums: Sums, offered: Offered) -> list[Pair]:
    """The largest first; of services that may be named only, and none so small that it could be told who it was."""
    found = [
        Pair(number, cause, line)
        for line in lines(sums, offered, served)
        if line.service is not None
        for cause in Avoidable
        if (number := line.count(sums, "avoidable", cause)) >= LEAST_SHOWN
    ]
    return sorted(found, key=lambda pair: (-pair.number, pair.line.name, pair.cause))


# What to act on first ----------------------------------------------------------------------------------------------------


def act_first(compared: Compared, offered: Offered) -> Figure:
    told, now = compared.of_services(), compared.now
    found = pairs(now, offered)[:MOST_PAIRS]
    every = served(EVERYBODY, now)
    rows = tuple(
        (
            pair.line.name,
            AVOIDABLE[pair.cause],
            pair.number,
            share(pair.number, every),
            *told.cells_of(lambda sums, pair: pair.line.count(sums, "avoidable", pair.cause), pair),
            REMEDIES[pair.cause],
        )
        for pair in found
    )
    columns = (
        SERVICE,
        Column("cause", "Cause", Measure.TEXT),
        Column("number", "How many"),
        Column("share", "Of all served", Measure.SHARE),
        *told.columns("number"),
        Column("remedy", "What would spare them", Measure.TEXT),
    )
    return Figure(
        slug="act-first",
        title="What to act on first",
        sentence=_act_in_words(found, avoidable(EVERYBODY, now), every),
        table=Table(columns, rows),
        definition="avoidable",
        chart=Bars(
            tuple(f"{pair.line.name}: {AVOIDABLE[pair.cause].lower()}" for pair in found),
            floats([pair.number for pair in found]),
        )
        if found
        else None,
    )


def _act_in_words(found: list[Pair], every: int, needs: int) -> str:
    if not needs:
        return NOBODY
    if not found:
        return TOO_FEW if every else NONE_NOTED
    first = found[0]
    said = f"Begin with “{first.line.name}”: {writing.count(first.number)} came for a reason noted as “{AVOIDABLE[first.cause].lower()}”. {REMEDIES[first.cause]}"
    if len(found) == 1:
        return said
    together = sum(pair.number for pair in found)
    part = share(together, every)
    assert part is not None
    return f"{said} The {writing.small(len(found)).lower()} lines here are {writing.share(part)} of all that need not have been."


# Causes ------------------------------------------------------------------------------------------------------------------


def causes(compared: Compared, offered: Offered) -> Figure:
    """By cause, and by cause and service."""
    now, other = compared.now, compared.first
    every, needs = avoidable(EVERYBODY, now), served(EVERYBODY, now)
    rows: list[tuple[Cell, ...]] = []
    for cause, name in AVOIDABLE.items():
        count = EVERYBODY.count(now, "avoidable", cause)
        others = compared.cells_of(lambda sums, cause: EVERYBODY.count(sums, "avoidable", cause), cause)
        rows.append((name, count, share(count, needs), *others))
    columns = (
        Column("cause", "Cause", Measure.TEXT),
        Column("number", "How many"),
        Column("share", "Of all served", Measure.SHARE),
        *compared.columns("number"),
    )
    total = (
        "Need not have been",
        every,
        share(every, needs),
        *compared.cells(lambda sums: avoidable(EVERYBODY, sums)),
    )
    return Figure(
        slug="avoidable",
        title="Visits that need not have been",
        sentence=_causes_in_words(compared, every, needs),
        table=Table(columns, tuple(rows), total),
        definition="avoidable",
        chart=Bars(
            tuple(str(row[0]) for row in rows),
            floats([row[1] for row in rows]),
            Measure.COUNT,
            floats([row[3] for row in rows]) if other else (),
            ("This time", other.title) if other else ("", ""),
        )
        if every
        else None,
        notes=offered.named.notes(compared.asked.span)
        if compared.tells_services
        else (need_months(compared.asked),),
        also=_causes_by_service(compared.of_services(), offered) if compared.tells_services else (),
    )


def _causes_in_words(compared: Compared, every: int, needs: int) -> str:
    part, other = share(every, needs), compared.first
    if part is None:
        return NOBODY
    if not every:
        return NONE_NOTED
    then = share(avoidable(EVERYBODY, other.sums), served(EVERYBODY, other.sums)) if other else None
    counts = {cause: EVERYBODY.count(compared.now, "avoidable", cause) for cause in AVOIDABLE}
    count = max(counts.values())
    most = [f"“{AVOIDABLE[cause].lower()}”" for cause in AVOIDABLE if counts[cause] == count]
    usual = (
        f"The most usual cause was {most[0]}: {writing.count(count)}."
        if len(most) == 1
        else f"The most usual causes were {writing.together(most)}: {writing.count(count)} each."
    )
    return (
        f"{writing.count(every)} of {writing.of_these(needs, 'need', 'needs')} served need not have brought anybody here ({writing.share(part)}{points(part, then, other)})."
        f" {usual}"
    )


def _causes_by_service(compared: Compared, offered: Offered) -> tuple[Table, ...]:
    now = compared.now
    found = lines(now, offered, served)
    if not found:
        return ()

    def part(line: Line, sums: Sums) -> float | None:
        return share(avoidable(line, sums), served(line, sums))

    def row(line: Line) -> tuple[Cell, ...]:
        counts = (line.count(now, "avoidable", cause) for cause in AVOIDABLE)
        others = compared.cells(lambda sums: part(line, sums))
        return (line.name, served(line, now), *counts, avoidable(line, now), part(line, now), *others)

    columns = (
        SERVICE,
        Column("served", "Served"),
        *(Column(cause.value, name) for cause, name in AVOIDABLE.items()),
        Column("number", "Together"),
        Column("share", "Share", Measure.SHARE),
        *compared.columns("share", "Share", Measure.SHARE),
    )
    return (Table(columns, tuple(row(line) for line in found), row(EVERYBODY) if len(found) > 1 else None),)


# The door ----------------------------------------------------------------------------------------------------------------


def at_the_door(compared: Compared, offered: Offered) -> Figure:
    """Help on the spot, without a ticket. People, as they were tapped."""

    def told(sums: Sums) -> tuple[int, int, int]:
        return EVERYBODY.count(sums, "help"), sums.count("help", "solved"), sums.count("help", "avoidable")

    helped, solved, spared = told(compared.now)
    names = ("Helped at the door", "Solved on the spot", "Need not have come")
    rows = tuple(
        (name, count, share(count, helped), *compared.cells_of(lambda sums, at: told(sums)[at], at))
        for at, (name, count) in enumerate(zip(names, (helped, solved, spared), strict=True))
    )
    columns = (
        Column("what", "Help at the door", Measure.TEXT),
        Column("number", "People"),
        Column("share", "Share", Measure.SHARE),
        *compared.columns("number"),
    )
    sentence = "Nobody was counted as helped at the door in this time."
    if helped:
        sentence = (
            f"{writing.of_these(helped, 'person was', 'people were')} helped at the door, {writing.count(solved)} of them on the spot ({writing.share(solved / helped)}),"
            f" so that they needed no ticket; {writing.count(spared)} need not have come."
        )
    return Figure(
        slug="at-the-door",
        title="Helped at the door",
        sentence=sentence,
        table=Table(columns, rows if helped else ()),
        definition="door-help",
        chart=Bars(names, floats([helped, solved, spared])) if helped else None,
        also=_door_by_service(compared.now, offered) if compared.tells_services and helped else (),
    )


def _door_by_service(now: Sums, offered: Offered) -> tuple[Table, ...]:
    found = lines(now, offered, lambda line, sums: line.count(sums, "help"))
    columns = (SERVICE, Column("people", "People"))
    return (Table(columns, tuple((line.name, line.count(now, "help")) for line in found)),)
