"""The floor in figures at one moment, and today so far beside usual days of its kind. Pure.

It says what a manager looks up for: is it busy, for how long does somebody wait, who could call the next, what do we tell visitors, are the appointments coming, and is this a day like
others. Nothing here is of a person: counters are counted, not watched. Visits that are private are counted in one line that names no need, as on the floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from server.domain.figure import Bars, Cell, Column, Figure, Lines, Measure, Series, Table
from server.domain.telling import writing
from server.domain.usual_days import LEAST_DAYS, MOST_DAYS, Band, usual_band

MINUTE = 60_000_000
HALVES = 48
PRIVATE = "Private visits"
_WHY = {"no_desk": "No counter is open for it", "closed": "Closed", "unknown": "We cannot say"}


class ServiceLine(NamedTuple):
    """One service now. `low` and `high` minutes are what somebody is told who comes now, or `why` nothing is; of private visits nothing is told here (`why` empty)."""

    name: str
    waiting: int
    longest: int | None
    """Microseconds."""
    over: int
    """How many of them have waited longer than the target."""
    counters: int
    """That serve it now, breaks not counted."""
    low: int | None
    high: int | None
    why: str
    held: bool = False
    """It could be said, but has been wrong too often (`server.domain.scoring`)."""


@dataclass(frozen=True)
class FloorNow:
    """`waiting` counts everybody, also where the lines list only the first of very many."""

    waiting: int
    longest: int | None
    called: int
    serving: int
    parked: int
    counters: int
    free: int
    on_break: int
    lines: tuple[ServiceLine, ...]
    open: bool
    hours: str
    """When it closes, or opens next: one sentence."""

    @property
    def busy(self) -> int:
        return self.counters - self.free - self.on_break


@dataclass(frozen=True)
class Appointments:
    """Today's, by how far they have come; `next_at` the local time of the next that is to come."""

    to_come: int = 0
    late: int = 0
    waiting: int = 0
    at_counter: int = 0
    over: int = 0
    """Served, passed on, or left after they had come."""
    missed: int = 0
    cancelled: int = 0
    next_at: str = ""

    @property
    def come(self) -> int:
        return self.waiting + self.at_counter + self.over

    @property
    def number(self) -> int:
        return self.to_come + self.late + self.come + self.missed


@dataclass(frozen=True)
class SoFar:
    """Visits by half hour. `done`: so many half hours of today are over. `past`: days of the same weekday. `first` to `last`: the half hours in which the house is open or anybody came."""

    on: date
    halves: tuple[int, ...]
    done: int
    past: tuple[tuple[int, ...], ...]
    first: int
    last: int
    opens: bool = True
    """Whether it opens at all today."""
    other_hours: str = ""
    """Why today cannot quite be compared."""

    @property
    def total(self) -> int:
        return sum(self.halves)

    def bands(self) -> list[Band | None]:
        """What is usual by the end of each half hour."""
        return [usual_band(column) for column in zip(*map(_running, self.past), strict=True)] or [
            None
        ] * HALVES


class Tile(NamedTuple):
    """One large number with its word, and what belongs to it."""

    number: str
    what: str
    more: str = ""


def _running(halves: Sequence[int]) -> list[int]:
    return list(accumulate(halves))


def tiles(floor: FloorNow, so_far: SoFar) -> list[Tile]:
    standing = [f"{floor.free} free", f"{floor.busy} with visitors"] if floor.counters else []
    if floor.on_break:
        standing.append(f"{floor.on_break} on a break")
    return [
        Tile(
            writing.count(floor.waiting),
            "waiting",
            _longest(floor.waiting, floor.longest) if floor.longest is not None else "",
        ),
        Tile(
            writing.count(floor.serving), "being served", f"{floor.called} on the way" if floor.called else ""
        ),
        Tile(writing.count(floor.parked), "parked"),
        Tile(
            writing.count(floor.counters),
            "counter open" if floor.counters == 1 else "counters open",
            ", ".join(standing),
        ),
        Tile(writing.count(so_far.total), "visit today" if so_far.total == 1 else "visits today"),
    ]


def _longest(waiting: int, micros: int) -> str:
    """One who waits alone is not the longest of several."""
    since = f"{micros // MINUTE} min" if micros >= MINUTE else "less than a minute"
    return f"for {since}" if waiting == 1 else f"the longest for {since}"


def figures(floor: FloorNow, appointments: Appointments, so_far: SoFar) -> list[Figure]:
    return [by_service(floor), today(so_far), booked(appointments)]


# By service ------------------------------------------------------------------------------------------------------------


def by_service(floor: FloorNow) -> Figure:
    rows = tuple(
        (
            line.name,
            said(line),
            line.waiting,
            line.over,
            None if line.longest is None else line.longest // MINUTE,
            line.counters,
        )
        for line in floor.lines
    )
    columns = (
        Column("service", "Service", Measure.TEXT),
        Column("expected", "If you came now", Measure.TEXT),
        Column("waiting", "Waiting"),
        Column("over", "Over target"),
        Column("longest", "Longest wait", Measure.MINUTES),
        Column("counters", "Counters serving it", Measure.NUMBER),
    )
    waited = [line for line in floor.lines if line.waiting]
    held = [line.name for line in floor.lines if line.held]
    listed = sum(line.waiting for line in floor.lines)
    notes = [floor.hours]
    if held:
        notes.append(
            f"No wait is told for {writing.together(held)}: what was told lately has been wrong too often."
        )
    if listed < floor.waiting:
        notes.append(f"Only the first {writing.count(listed)} who wait are listed by service.")
    return Figure(
        slug="services",
        title="Waiting, by service",
        sentence=_floor_in_words(floor),
        table=Table(columns, rows),
        definition="now",
        chart=Bars(tuple(line.name for line in waited), tuple(float(line.waiting) for line in waited))
        if waited
        else None,
        notes=tuple(notes),
    )


def said(line: ServiceLine) -> str | None:
    """What somebody is told who comes now; None for what nobody is told of."""
    if line.high is not None and line.low is not None:
        if line.high == line.low:
            return f"{line.high} min"
        return f"{line.low} to {line.high} min" if line.low else f"up to {line.high} min"
    return _WHY.get(line.why)


def _floor_in_words(floor: FloorNow) -> str:
    if not floor.waiting:
        nobody = "Nobody is waiting"
        if not floor.counters:
            return f"{nobody}, and no counter is open."
        free = writing.of_these(floor.free, "counter is free", "counters are free")
        return (
            f"{nobody}; {free}."
            if floor.free
            else f"{nobody}; every counter that is open is busy or on a break."
        )
    assert floor.longest is not None
    who = writing.of_these(floor.waiting, "visitor is waiting", "visitors are waiting")
    longest = f"{who}, {'' if floor.waiting == 1 else 'the longest '}for {_whole(floor.longest // MINUTE)}"
    if not floor.counters:
        return f"{longest}, and no counter is open."
    return f"{longest}; {writing.of_these(floor.busy, 'counter is', 'counters are')} with visitors and {floor.free or 'none'} free."


def _whole(minutes: int) -> str:
    return writing.of_these(minutes, "minute", "minutes") if minutes else "less than a minute"


# Today so far ----------------------------------------------------------------------------------------------------------


def today(so_far: SoFar) -> Figure:
    bands, running = so_far.bands(), _running(so_far.halves)
    nothing = not so_far.opens and not so_far.total
    shown = range(0) if nothing else range(so_far.first, so_far.last + 1)
    rows: list[tuple[Cell, ...]] = []
    for half in shown:
        band = bands[half]
        over = half < so_far.done
        rows.append(
            (
                writing.times(half + 1),
                running[half] if over else None,
                *((band.low, band.middle, band.high) if band else (None, None, None)),
                so_far.halves[half] if over else None,
            )
        )
    columns = (
        Column("by", "By", Measure.TIME),
        Column("today", "Today"),
        Column("usual_low", "Usually from"),
        Column("usual_middle", "Middle", Measure.NUMBER),
        Column("usual_high", "Usually to"),
        Column("in_half_hour", "In the half hour before"),
    )
    chart = Lines(
        tuple(writing.times(half + 1) for half in shown),
        (
            Series("Today", tuple(float(running[half]) if half < so_far.done else None for half in shown)),
            *_usual_series(so_far, [bands[half] for half in shown]),
        ),
    )
    return Figure(
        slug="so-far",
        title="Today so far",
        sentence=_so_far_in_words(so_far, bands),
        table=Table(columns, tuple(rows)),
        definition="so-far",
        chart=chart if so_far.total or so_far.past else None,
        notes=tuple(filter(None, (so_far.other_hours, _few_days(so_far)))),
    )


def _usual_series(so_far: SoFar, bands: Sequence[Band | None]) -> tuple[Series, ...]:
    if not any(bands):
        return ()
    return (
        Series(
            f"Usual {so_far.on:%A}",
            tuple(float(band.middle) if band else None for band in bands),
            tuple(float(band.low) if band else None for band in bands),
            tuple(float(band.high) if band else None for band in bands),
        ),
    )


def _few_days(so_far: SoFar) -> str:
    if not so_far.opens:
        return ""
    number = len(so_far.past)
    if number < LEAST_DAYS:
        have = (
            writing.of_these(number, f"earlier {so_far.on:%A}", f"earlier {so_far.on:%A}s")
            if number
            else "none yet"
        )
        return f"What is usual is told from {LEAST_DAYS} earlier {so_far.on:%A}s on; there {'is' if number == 1 else 'are'} {have}."
    if number < MOST_DAYS:
        return f"Usual is what {number} earlier {so_far.on:%A}s were like; later it will be the last {MOST_DAYS}."
    return f"Usual is what the last {MOST_DAYS} {so_far.on:%A}s were like on which the centre was open."


def _so_far_in_words(so_far: SoFar, bands: Sequence[Band | None]) -> str:
    if not so_far.opens and not so_far.total:
        return "The centre does not open today, and nobody has come."
    last = min(so_far.done, so_far.last + 1) - 1
    if last < so_far.first:
        have = f"{_visits(so_far.total)} so far" if so_far.total else "Nobody has come yet"
        return f"{have}: the first half hour of today is not over."
    by, came, band = writing.times(last + 1), _running(so_far.halves)[last], bands[last]
    first = f"{_visits(came)} had begun by {by}"
    if band is None:
        return f"{first}. What is usual by then is not known yet."
    usual = f"usually it is {_between(band)} by then"
    if came < band.low:
        return f"{first}: fewer than usual, {usual}."
    if came > band.high:
        return f"{first}: more than usual, {usual}."
    return f"{first}, as usual: {usual}."


def _between(band: Band) -> str:
    return f"{band.low} to {band.high}" if band.low != band.high else f"{band.low}"


def _visits(number: int) -> str:
    return writing.of_these(number, "visit", "visits") if number else "No visit"


# Appointments ----------------------------------------------------------------------------------------------------------


def booked(of: Appointments) -> Figure:
    named = (
        ("Still to come", of.to_come),
        ("Late, not here yet", of.late),
        ("Here, waiting", of.waiting),
        ("Called or being served", of.at_counter),
        ("Over", of.over),
        ("Missed", of.missed),
    )
    columns = (Column("standing", "How far", Measure.TEXT), Column("appointments", "Appointments"))
    return Figure(
        slug="appointments",
        title="Appointments today",
        sentence=_booked_in_words(of),
        table=Table(columns, tuple(named), ("Together", of.number)) if of.number else Table(columns, ()),
        definition="now",
        chart=Bars(tuple(name for name, _ in named), tuple(float(number) for _, number in named))
        if of.number
        else None,
        notes=(
            f"{_small(of.cancelled, 'appointment')} of today {'was' if of.cancelled == 1 else 'were'} cancelled.",
        )
        if of.cancelled
        else (),
    )


def _small(number: int, what: str) -> str:
    return f"{writing.small(number)} {what}{'' if number == 1 else 's'}"


def _booked_in_words(of: Appointments) -> str:
    if not of.number:
        return "There are no appointments today."
    said = [f"{of.come} {'has' if of.come == 1 else 'have'} come"]
    if of.late:
        said.append(f"{of.late} {'is' if of.late == 1 else 'are'} late")
    if of.missed:
        said.append(f"{of.missed} {'was' if of.missed == 1 else 'were'} missed")
    if of.to_come:
        said.append(f"{of.to_come} {'is' if of.to_come == 1 else 'are'} still to come")
    following = f" The next is at {of.next_at}." if of.next_at else ""
    return f"Of {writing.of_these(of.number, 'appointment', 'appointments')} today {writing.together(said)}.{following}"
