"""What a target is, and running it: cases until the time or their number is over, each within its deadline."""

from __future__ import annotations

import faulthandler
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fuzz.dice import Dice

SLOW_SECONDS = 2.0
HANGS_SECONDS = 60
Case = Callable[[Dice], None]


@dataclass(frozen=True)
class Target:
    """`case` raises for a fault; whatever a reader may say of a bad input it must have taken as said."""

    name: str
    case: Case


@dataclass
class Outcome:
    target: str
    cases: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_case: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)

    def said(self) -> str:
        speed = self.cases / self.seconds if self.seconds else 0.0
        slow = f", slowest {self.slowest:.2f} s (case {self.slowest_case})" if self.slowest > 0.2 else ""
        return f"{self.target:<12} {self.cases:>8,} cases in {self.seconds:>6.1f} s ({speed:,.0f} a second){slow}; {len(self.faults)} faults"


def run(
    target: Target, seed: int, *, seconds: float = float("inf"), cases: int = 10**9, only: int | None = None, most_faults: int = 5
) -> Outcome:  # fmt: skip
    """Faults are told with the case's number and the end of their trace; a case that hangs ends the whole with the traces of all threads."""
    outcome = Outcome(target.name)
    began = time.monotonic()
    for number in range(cases) if only is None else (only,):
        if time.monotonic() - began > seconds or len(outcome.faults) >= most_faults:
            break
        faulthandler.dump_traceback_later(HANGS_SECONDS, exit=True)
        at = time.monotonic()
        try:
            target.case(Dice(target.name, seed, number))
        except Exception:
            outcome.faults.append((number, "\n".join(traceback.format_exc().splitlines()[-12:])))
        finally:
            faulthandler.cancel_dump_traceback_later()
        took = time.monotonic() - at
        if took > outcome.slowest:
            outcome.slowest, outcome.slowest_case = took, number
        outcome.cases += 1
    outcome.seconds = time.monotonic() - began
    return outcome
