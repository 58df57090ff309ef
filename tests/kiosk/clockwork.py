"""Clocks that a test turns by hand."""

from __future__ import annotations

from dataclasses import dataclass

TUESDAY_TEN = 1_795_514_400_000
"""Tuesday 24 November 2026, 10:00 UTC."""
HOUR = 3_600_000
DAY = 24 * HOUR


@dataclass
class HandClocks:
    """`true` is what time it really is; the calendar is `off` from it, and a reboot starts the steady clock
    anew.
    """

    true: int = TUESDAY_TEN
    off: int = 0
    booted: int = TUESDAY_TEN - HOUR
    boots: int = 1

    @property
    def boot(self) -> str:
        return f"boot-{self.boots}"

    def steady(self) -> float:
        return (self.true - self.booted) / 1000

    def wall(self) -> int:
        return self.true + self.off

    def ahead_of(self, now: int) -> int:
        return self.wall() - now

    def go(self, milliseconds: int) -> None:
        self.true += milliseconds

    def reboot(self, *, took: int = 60_000, off: int | None = None) -> None:
        self.true += took
        self.booted = self.true - 5_000
        self.boots += 1
        self.off = self.off if off is None else off
