"""Does it grow? Judged so that neither quiet days nor chance can hide it, and so that too few measurements are no answer.

What a server holds jumps by megabytes from night to night, so a first and a last figure say little. Of all pairs of measurements the slope between them is taken; their median is what
is added each time (Theil 1950, Sen 1968), and how far chance can have moved it follows from their ranks (Kendall's statistic), with no word about how the figures scatter. Only nights
after open days count: over a week-end nothing is added to anything, and two flat nights in seven would make a leak look smaller than it is. The first half is left out, in which what is
kept up to a bound is filled.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

LEAST = 8
"""Measurements; with fewer, chance alone can move the slope as far as anything that is looked for."""
_CERTAIN = 1.96


@dataclass(frozen=True)
class Growth:
    """What is added from one measurement to the next, and between which two figures that lies with 95% certainty."""

    slope: float
    low: float
    high: float
    of: int

    def judged(self, most: float) -> str:
        """`flat`: surely less than `most` is added each time. `grows`: surely more. Otherwise nobody can say."""
        if self.of < LEAST:
            return "not told by so few"
        if self.high < most:
            return "flat"
        return "grows" if self.low > most else "not told: a longer run would"


def growth(values: Sequence[float]) -> Growth:
    """Of the second half of `values`."""
    later = values[len(values) // 2 :]
    slopes = sorted((b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(later), 2))
    if not slopes:
        return Growth(0.0, -math.inf, math.inf, len(later))
    count = len(later)
    wide = _CERTAIN * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    high = math.ceil((len(slopes) + wide) / 2)
    low = len(slopes) - 1 - high  # as far from the other end
    return Growth(
        statistics.median(slopes),
        slopes[low] if low >= 0 else -math.inf,
        slopes[high] if high < len(slopes) else math.inf,
        count,
    )
