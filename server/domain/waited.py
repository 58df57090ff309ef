"""How long each kind of visitor waited: those with an appointment from its time, those without from when they came. Pure: facts in, figures out.

Two clocks, because two things were promised. Who booked was promised a time: their wait is from the booked time to the call, or from their arrival
if that was later, and nought for those called before it. Who walked in was promised a place in the line: their wait is from arrival to call. Who came
too late to keep the place was put in as a walk-in and waited as one, but stands in a row of their own, so that neither of the others is blurred.

Means hide what matters, so a figure is the median and the 90th percentile by the nearest rank: a wait somebody really had. By service nothing is told that
singles somebody out: what may not be named and every service with fewer than `LEAST_SHOWN` waits are one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from server.domain.tallies import LEAST_SHOWN, OTHER

MINUTE = 60_000_000
SOON = 5 * MINUTE
"""Who is called within this was called as promised."""


class Kind(StrEnum):
    BOOKED = "booked"
    LATE = "late"
    """Came too late to keep the place, and was put in as a walk-in."""
    WALK_IN = "walk_in"


class Wait(NamedTuple):
    """One visitor's wait until the first call. `service` None: it may not be named."""

    kind: Kind
    on: date
    service: int | None
    micros: int


class Booked(NamedTuple):
    """One appointment whose time has come, and whether its visitor missed it."""

    on: date
    service: int | None
    missed: bool


@dataclass(frozen=True)
class Figure:
    """Minutes, rounded up to whole ones as a visitor feels them. `soon` were called within five minutes. None: nobody."""

    number: int
    median: int | None
    ninth: int | None
    """The 90th percentile."""
    soon: int

    @property
    def share(self) -> int | None:
        """Called within five minutes, in percent."""
        return round(100 * self.soon / self.number) if self.number else None


@dataclass(frozen=True)
class Row:
    """`name` of a service, or the day `on`; a figure a kind, and of how many appointments how many were missed."""

    name: str
    booked: Figure
    late: Figure
    walk_in: Figure
    appointments: int
    missed: int
    on: date | None = None

    @property
    def missed_share(self) -> int | None:
        return round(100 * self.missed / self.appointments) if self.appointments else None


def wait_of(arrived_at: int, called_at: int, booked_at: int | None) -> int:
    """Of somebody with an appointment at `booked_at`, or without (None)."""
    return max(0, called_at - (arrived_at if booked_at is None else max(arrived_at, booked_at)))


def percentile(sorted_waits: Sequence[int], share: int) -> int | None:
    """The wait that `share` percent had at most, by the nearest rank."""
    if not sorted_waits:
        return None
    return sorted_waits[max(0, ceil(len(sorted_waits) * share / 100) - 1)]


def figure(waits: Iterable[int]) -> Figure:
    ranked = sorted(waits)
    median, ninth = (percentile(ranked, share) for share in (50, 90))
    return Figure(
        len(ranked),
        None if median is None else ceil(median / MINUTE),
        None if ninth is None else ceil(ninth / MINUTE),
        sum(each <= SOON for each in ranked),
    )


def row(name: str, waits: Sequence[Wait], booked: Sequence[Booked], on: date | None = None) -> Row:
    of = {kind: figure(each.micros for each in waits if each.kind is kind) for kind in Kind}
    missed = sum(each.missed for each in booked)
    return Row(name, of[Kind.BOOKED], of[Kind.LATE], of[Kind.WALK_IN], len(booked), missed, on)


def by_day(waits: Sequence[Wait], booked: Sequence[Booked]) -> list[Row]:
    """One row a day on which there was anything, the earliest first."""
    days = sorted({each.on for each in waits} | {each.on for each in booked})
    return [
        row("", [each for each in waits if each.on == on], [each for each in booked if each.on == on], on)
        for on in days
    ]


def by_service(waits: Sequence[Wait], booked: Sequence[Booked], names: dict[int, str]) -> list[Row]:
    """One row a service, that with most waits first, and one for all that may not be named or are too few.

    Should that one hold fewer than `LEAST_SHOWN` waits itself, the smallest of the rest goes into it: being there it tells nothing. Appointments
    do not count towards it: whoever came for one has a wait, and would count twice.
    """
    sizes = {service: sum(each.service == service for each in waits) for service in names}
    shown = sorted(
        (service for service in names if sizes[service] >= LEAST_SHOWN),
        key=lambda each: (-sizes[each], names[each]),
    )

    def left() -> tuple[list[Wait], list[Booked]]:
        return (
            [each for each in waits if each.service not in shown],
            [each for each in booked if each.service not in shown],
        )

    while shown and any(left()) and len(left()[0]) < LEAST_SHOWN:
        shown.pop()
    rows = [
        row(
            names[service],
            [each for each in waits if each.service == service],
            [each for each in booked if each.service == service],
        )
        for service in shown
    ]
    rest = row(OTHER if shown else "All needs together", *left())
    return [*rows, rest] if any(left()) else rows
