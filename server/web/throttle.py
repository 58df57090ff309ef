"""Slows down whoever asks too often: a bucket of permissions for each key, filled at a steady rate.

Kept in this process's memory and bounded: it keeps one caller from taking everybody's time, and is no record of anything. Of several servers each allows its
share where it is told how many there are (`among`), and otherwise the rate.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

MOST_KEYS = 20_000


class Throttle:
    """`burst` at once, and `per_minute` in the long run."""

    def __init__(self, per_minute: float, burst: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = float(burst)
        self._seconds = seconds
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, key: str, among: int = 1) -> int:
        """0 when it may go on, and one permission is used up; otherwise in how many whole seconds it may. `among`: so many servers share the rate."""
        now, rate = self._seconds(), self._rate / among
        burst = max(1.0, self._burst / among)
        left, at = self._buckets.get(key, (burst, now))
        left = min(burst, left + (now - at) * rate)
        if left < 1:
            self._buckets[key] = (left, now)
            return max(1, math.ceil((1 - left) / rate))
        if key not in self._buckets and len(self._buckets) >= MOST_KEYS:
            self._forget(now)
        self._buckets[key] = (left - 1, now)
        return 0

    def _forget(self, now: float) -> None:
        """Let go of the full ones; when there are none, of all: rather a burst too many than a memory without bound."""
        self._buckets = {
            key: (left, at)
            for key, (left, at) in self._buckets.items()
            if left + (now - at) * self._rate < self._burst
        }
        if len(self._buckets) >= MOST_KEYS:
            self._buckets.clear()
