"""The floor in figures at one moment, and today so far beside usual days of its kind. Pure.

It says what a manager looks up for: is it busy, for how long does somebody wait, who could call the next, what do we tell visitors, are the appointments coming, and is this a day like
others. Nothing here is of a person: counters are counted, not watched. Visits that are private are counted in one line that names no need, as on the floor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from server.domain.figure import Bars, Column, Figure, Measure, Table
from server.domain.telling import writing
from server.domain.telling.so_far import SoFar, today

MINUTE = 60_000_000
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
    counters: int | None
    """That serve it now, breaks not counted. Of private visits none are told: with each that comes the number would tell what it is about."""
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


class Tile(NamedTuple):
    """One large number with its word, and what belongs to it."""

    number: str
    what: str
    more: str = ""


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
    return f"{writing.of_these(of.number, 'appointment', 'appointments')} today: {writing.together(said)}.{following}"
