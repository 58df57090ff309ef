"""Today so far beside usual days of its kind: visits added up by half hour, and the band in which the last days of the same weekday lay. Pure.

Only half hours that are over are told of today, so that a half hour that has just begun is not taken for a quiet one; what is usual is told for the whole day, so that one sees what is
still to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from server.domain.figure import Cell, Column, Figure, Lines, Measure, Series, Table
from server.domain.telling import writing
from server.domain.usual_days import LEAST_DAYS, MOST_DAYS, Band, usual_band

HALVES = 48


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


def _running(halves: Sequence[int]) -> list[int]:
    return list(accumulate(halves))


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
    usual = f"on most {so_far.on:%A}s there are {_between(band)} by then"
    if came < band.low:
        return f"{first}: fewer than usual, {usual}."
    if came > band.high:
        return f"{first}: more than usual, {usual}."
    return f"{first}, as usual: {usual}."


def _between(band: Band) -> str:
    return f"{band.low} to {band.high}" if band.low != band.high else f"{band.low}"


def _visits(number: int) -> str:
    return writing.of_these(number, "visit", "visits") if number else "No visit"
