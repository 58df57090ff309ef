"""What a running server counts of itself: plain numbers, added to where the work is done and read when somebody asks (`server.web.api.metrics`).

Adding costs a fraction of a microsecond and takes no lock: each number has one writer (the event loop, or the lane's thread), and a reading that comes
between two additions is a reading of that moment. Labels come from lists of our own (an ask's kind, a route's template), never from what somebody
sent, so there are only so many of them, and none is personal.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


class Spread:
    """How often a value was up to each bound, and what all of them come to."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def number(self) -> int:
        return sum(self.counts)

    def up_to(self) -> list[tuple[str, float]]:
        """As Prometheus has them: each bound with how many were not above it, the last without a bound."""
        found, so_far = [], 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            so_far += count
            found.append((bound, float(so_far)))
        return found


@dataclass
class Measures:
    lane: Spread = field(default_factory=Spread)
    """From when a change was asked for until its commit was known."""
    batches: Spread = field(default_factory=lambda: Spread(SIZES))
    """Commands in one commit."""
    failed_commits: int = 0
    asks: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind and outcome: `done`, or the refusal's code."""
    readings: Spread = field(default_factory=Spread)
    """How long a centre's screens took to be read anew."""
    lags: Spread = field(default_factory=Spread)
    """From a commit until its centre's screens were told."""
    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """By method, route's template and status."""
    request_seconds: dict[str, Spread] = field(default_factory=dict)
    """By the part of the house: the first word of the route."""
