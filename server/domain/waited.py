"""How long each kind of visitor waited: those with an appointment from its time, those without from when they came. Pure: facts in, figures out.

Two clocks, because two things were promised. Who booked was promised a time: their wait is from the booked time to the call, or from their arrival
if that was later, and nought for those called before it. Who walked in was promised a place in the line: their wait is from arrival to call. Who came
too late to keep the place was put in as a walk-in and waited as one, but stands in a row of their own, so that neither of the others is blurred.

Means hide what matters, so a figure is the median and the 90th percentile by the nearest rank: a wait somebody really had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

MINUTE = 60_000_000
SOON = 5 * MINUTE
"""Who is called within this was called as promised."""


class Kind(StrEnum):
    BOOKED = "booked"
    LATE = "late"
    """Came too late to keep the place, and was put in as a walk-in."""
    WALK_IN = "walk_in"


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
