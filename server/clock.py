"""The only reader of the clock.

Everything else is given its instants, so a test or a demonstration can set the time. `Clock(shift, speed)` runs the day at another hour
or faster; the real server uses the plain one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware datetime; exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Clock:
    """Wall time that starts at `start` (None: the machine's own) and runs `speed` times as fast as the machine's."""

    start: datetime | None = None
    speed: float = 1.0
    _origin: float = field(default_factory=time.monotonic)

    def micros(self) -> int:
        """Now, in microseconds since 1970."""
        if self.start is None:
            return time.time_ns() // 1000
        return to_micros(self.start) + round((time.monotonic() - self._origin) * self.speed * 1_000_000)

    def now(self) -> datetime:
        return from_micros(self.micros())

    def wall(self) -> datetime:
        """The machine's own time, whatever this clock pretends: for seals that others judge by their own clocks."""
        return from_micros(time.time_ns() // 1000)
