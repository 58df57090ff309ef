"""The figures of one person, beside everybody else's together. Pure.

There is no figure here that ranks: one person at a time, and beside them only the sum of the others, and that only where at least three others served at least five needs each, and of one whole month that is over: months have no
day in common, so nobody else is singled out by taking one such sum from another. Nothing is called good or bad: needs differ, and who takes the long ones has the longer median, which is why the table by service stands
beside it. A person sees the same of themselves, word for word.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.figure import Cell, Column, Figure, Measure, Ranges, Table
from server.domain.person_work import Work
from server.domain.sums import Spread, Sums, together
from server.domain.tallies import LEAST_SHOWN
from server.domain.telling import writing
from server.domain.telling.by_service import EVERYBODY, Line, Offered, lines, spreads_of
from server.domain.telling.compared import TIMES, floats, in_all, times, within

LEAST_OTHERS = 3
EVERYBODY_ELSE = "Everybody else together"
FEW_OTHERS = (
    f"Fewer than {LEAST_OTHERS} others served at least {LEAST_SHOWN} needs each in this time, so nothing is told of them: one could be"
    " worked out from the other."
)
ONE_MONTH = "Everybody else is told beside one whole month that is over: by comparing other times one could work out what somebody did on a day."
_HOUR = 3_600_000_000


def figures(
    name: str, own: Work, others: Sequence[Work] | None, offered: Offered, *, by_service: bool
) -> list[Figure]:
    """`others`: everybody else who worked at the centre in this time; None where they may not be told beside it. `by_service`: whether this time may be told by service at all."""
    shown = [each.sums for each in others] if others and enough(others) else []
    told = [needs(name, own), serving(name, own.sums, shown, ONE_MONTH if others is None else FEW_OTHERS)]
    if by_service:
        told.append(serving_by_service(name, own.sums, others or (), offered))
    return [*told, time_spent(name, own)]


def enough(others: Sequence[Work], line: Line = EVERYBODY) -> bool:
    """Whether so many others served what `line` holds that their sum singles nobody out."""
    return sum(line.spread(each.sums, "serve").number >= LEAST_SHOWN for each in others) >= LEAST_OTHERS


def needs(name: str, own: Work) -> Figure:
    rows: tuple[tuple[Cell, ...], ...] = (
        ("Served to an end", own.served),
        ("Passed on while being served", own.passed_on),
        ("Ends taken back", own.taken_back),
    )
    sentence = f"{name}: {writing.of_these(own.served, 'need', 'needs')} served to an end, {writing.count(own.passed_on)} passed on."
    if not own.served and not own.passed_on:
        sentence = f"{name}: no need was served in this time."
    columns = (Column("what", "Needs", Measure.TEXT), Column("number", "How many"))
    return Figure("needs", "Needs", sentence, Table(columns, rows), "person")


def serving(name: str, own: Sums, others: Sequence[Sums], why_none: str) -> Figure:
    mine = _serve(own)
    rows: list[tuple[Cell, ...]] = [(name, *times(mine))]
    if others:
        rows.append((EVERYBODY_ELSE, *times(_serve(together(others)))))
    drawn = [row for row in rows if row[1]]
    return Figure(
        slug="serving",
        title="How long serving took",
        sentence=_serving_in_words(name, mine, _serve(together(others)) if others else None),
        table=Table((Column("who", "Who", Measure.TEXT), *TIMES), tuple(rows)),
        definition="person",
        chart=Ranges(
            tuple(str(row[0]) for row in drawn),
            floats([row[2] for row in drawn]),
            floats([row[4] for row in drawn]),
            floats([row[3] for row in drawn]),
        )
        if drawn
        else None,
        notes=() if others else (why_none,),
    )


def _serve(sums: Sums) -> Spread:
    return in_all(spreads_of(sums, "serve").values())


def _serving_in_words(name: str, mine: Spread, theirs: Spread | None) -> str:
    if mine.median is None or mine.ninth is None:
        return f"{name}: nothing was served from beginning to end in this time."
    said = f"{name}: half of what they served took at most {writing.minutes(mine.median)} minutes, nine in ten at most {writing.minutes(mine.ninth)}"
    if mine.number == 1:
        said = f"{name}: the one need they served took {writing.minutes(mine.median)} minutes"
    if theirs is None or theirs.median is None:
        return f"{said}."
    return f"{said}; everybody else together: half {within(theirs.median)}. What one serves differs, so neither is better."


def serving_by_service(name: str, own: Sums, others: Sequence[Work], offered: Offered) -> Figure:
    """Beside each service everybody else's at that service, where enough others served it. Like is held against like."""
    found = lines(own, offered, lambda line, sums: line.spread(sums, "serve").number)
    rows: list[tuple[Cell, ...]] = []
    for line in found:
        theirs: tuple[Cell, ...] = (None, None)
        if enough(others, line):
            spread = line.spread(together(each.sums for each in others), "serve")
            theirs = (spread.median, spread.ninth)
        rows.append((line.name, *times(line.spread(own, "serve")), *theirs))
    columns = (
        Column("service", "Service", Measure.TEXT),
        *TIMES,
        Column("median_others", "Everybody else, median", Measure.MINUTES),
        Column("ninth_others", "Everybody else, 9 in 10 within", Measure.MINUTES),
    )
    named = [line for line in found if line.service is not None]
    sentence = f"{name}: no service was served so often that it can be named."
    if named:
        number = named[0].spread(own, "serve").number
        sentence = f"{name} served “{named[0].name}” most often: {writing.of_these(number, 'time', 'times')}."
    return Figure("serving-by-service", "By service", sentence, Table(columns, tuple(rows)), "person")


def time_spent(name: str, own: Work) -> Figure:
    busy = _serve(own.sums).seconds / 3600
    open_, pause = own.at_counters / _HOUR, own.on_breaks / _HOUR
    rows: tuple[tuple[Cell, ...], ...] = (
        ("At counters", open_),
        ("Serving, from beginning to end", busy),
        ("On breaks", pause),
    )
    sentence = f"{name}: {writing.number(open_)} hours at counters in {writing.of_these(own.sittings, 'sitting', 'sittings')}, {writing.number(pause)} of them on breaks."
    if not own.sittings:
        sentence = f"{name} sat at no counter in this time."
    left = f"{writing.of_these(own.left_open, 'sitting was', 'sittings were')} left open and ended by the house: how long is not known, so it is not in these hours."
    columns = (Column("what", "Time", Measure.TEXT), Column("hours", "Hours", Measure.NUMBER))
    return Figure(
        "time",
        "Time at counters and on breaks",
        sentence,
        Table(columns, rows),
        "person",
        notes=(left,) if own.left_open else (),
    )
