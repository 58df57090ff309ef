"""What time it is, as far as a kiosk can know.

A kiosk's calendar may be years off: no battery, no time server, put right in mid-morning. Three things are
better than it:

* the **steady** clock since the machine was started, which nobody can set (it counts through suspend),
* the **server's** clock, told with every beat and carried on by the steady one for as long as the machine
  runs: then the time is *sure*,
* after a restart without the server, the own calendar plus how far off it was when last compared: likely,
  not sure.

So ages are steady differences where they can be, dates are sure or said not to be, and nothing is ever
negative.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LONGEST_AGE_MS = 30 * 24 * 3600 * 1000
"""As long as the wire lets a ticket have waited."""

LAST_MS = 253_370_764_800_000
"""The year 9999: no calendar goes further, however far off."""


class Clocks(Protocol):
    @property
    def boot(self) -> str:
        """Names this run of the machine; another after each restart."""

    def steady(self) -> float:
        """Seconds since the machine was started; never set, never back."""

    def wall(self) -> int:
        """The machine's calendar: milliseconds since 1970, right or wrong."""

    def ahead_of(self, now: int) -> int:
        """How many milliseconds that calendar is ahead, when it is truly `now`."""


class MachineClocks:
    """The real ones."""

    def __init__(self) -> None:
        try:
            self._boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:  # not Linux: every start of the kiosk counts as one of the machine
            self._boot = f"process-{time.time_ns()}"

    @property
    def boot(self) -> str:
        return self._boot

    def steady(self) -> float:
        return (
            time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
        )

    def wall(self) -> int:
        return time.time_ns() // 1_000_000

    def ahead_of(self, now: int) -> int:
        return self.wall() - now


class WrongClocks:
    """The real ones with a calendar that is `off_ms` off; for demonstrations and tests.

    A demonstration's server may live on a made-up day, so beside it only what was put wrong on purpose is wrong.
    """

    def __init__(self, clocks: Clocks, off_ms: int = 0) -> None:
        self._clocks = clocks
        self.off_ms = off_ms

    @property
    def boot(self) -> str:
        return self._clocks.boot

    def steady(self) -> float:
        return self._clocks.steady()

    def wall(self) -> int:
        return self._clocks.wall() + self.off_ms

    def ahead_of(self, now: int) -> int:
        return self.off_ms


@dataclass(frozen=True)
class Told:
    """The server's clock as last heard: `now` (ms since 1970) at `steady` of `boot`, and what `wall` said
    then.
    """

    now: int
    steady: float
    boot: str
    wall: int


@dataclass(frozen=True)
class Moment:
    """An instant with all that later tells how long ago it was."""

    now: int
    """Best estimate, milliseconds since 1970."""
    sure: bool
    steady: float
    boot: str
    wall: int


def moment(clocks: Clocks, told: Told | None) -> Moment:
    """Now."""
    steady, wall = clocks.steady(), clocks.wall()
    if told is not None and told.boot == clocks.boot:
        return Moment(told.now + round((steady - told.steady) * 1000), True, steady, clocks.boot, wall)
    offset = told.now - told.wall if told is not None else 0
    return Moment(min(max(0, wall + offset), LAST_MS), False, steady, clocks.boot, wall)


def age_ms(then: Moment, now: Moment) -> int:
    """How long ago `then` was; from 0 to `LONGEST_AGE_MS`.

    In one run of the machine the steady clock knows. Across a restart two sure times are compared, else two
    readings of the calendar; if those cannot be (negative, or older than any ticket), what is left is that
    it was before this run began.
    """
    if then.boot == now.boot:
        return min(max(0, round((now.steady - then.steady) * 1000)), LONGEST_AGE_MS)
    this_run = min(round(now.steady * 1000), LONGEST_AGE_MS)
    guess = now.now - then.now if then.sure and now.sure else now.wall - then.wall
    return guess if this_run <= guess <= LONGEST_AGE_MS else this_run
