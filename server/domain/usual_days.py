"""What is usual for days of one kind: the band in which about eight in ten of them lie, from a handful of such days. Pure.

The days are of one weekday and open (whoever calls sees to that: a day on which the centre was closed is no quiet day). The band goes from the 10th to the 90th percentile
by the rank p(n+1): of that rule alone it holds that a new day of the same kind falls within it about as often as it says, however the days are distributed; the wider it is
rounded, to whole visitors. With fewer than `LEAST_DAYS` even the smallest and the largest day hold only two thirds between them, and no band is told.

One day on which everybody had to leave the building must not make every later quiet day usual: a day so far from the median that neither the other days' scatter nor chance
explains it is left out first. Counts scatter by about the square root of what is expected by chance alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, sqrt
from statistics import median
from typing import NamedTuple

LEAST_DAYS = 6
MOST_DAYS = 12
"""So many of the same weekday are looked at: a quarter of a year, near enough to know the season, enough to know the scatter."""
SHARE_BELOW, SHARE_ABOVE = 0.1, 0.9
FAR = 5 * 1.4826
"""Of the median absolute deviation: five standard deviations, were the days normally distributed."""
FAR_BY_CHANCE = 3.0


class Band(NamedTuple):
    """Usually between `low` and `high`; as many days lie above `middle` as below."""

    low: int
    middle: float
    high: int


def usual_band(values: Sequence[int]) -> Band | None:
    """The band of these days, in any order; None where they are too few."""
    if len(values) < LEAST_DAYS:
        return None
    middle = median(values)
    scatter = median(abs(value - middle) for value in values)
    far = max(FAR * scatter, FAR_BY_CHANCE * sqrt(middle + 1))
    usual = sorted(value for value in values if abs(value - middle) <= far)
    if len(usual) < LEAST_DAYS:
        return None
    return Band(floor(_at(usual, SHARE_BELOW)), median(usual), ceil(_at(usual, SHARE_ABOVE)))


def _at(ranked: Sequence[int], share: float) -> float:
    """Between the two values around the rank `share` (n + 1)."""
    rank = share * (len(ranked) + 1) - 1
    if rank <= 0:
        return ranked[0]
    if rank >= len(ranked) - 1:
        return ranked[-1]
    below = floor(rank)
    return ranked[below] + (rank - below) * (ranked[below + 1] - ranked[below])
