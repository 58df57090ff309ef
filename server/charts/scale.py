"""The axis: from values to a few round ticks, and where a value lies between them.

An axis begins at nothing, always: a column cut at its foot shows a difference that is not there. Below zero it goes only where values do. Minutes go
in steps that a clock has, people in whole ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from math import ceil, floor

from server.domain.figure import Measure

CLOCK_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440)
ROUND = (1.0, 2.0, 2.5, 5.0)
LEAST_TOP = {Measure.SHARE: 0.1, Measure.CHANGE: 0.1, Measure.MINUTES: 5.0, Measure.COUNT: 2.0}
"""How far an axis reaches at least: one of nothing but zeros is an axis too."""
TINY = 1e-9


@dataclass(frozen=True)
class Scale:
    """`ticks` are in order, the first is the lowest and the last the highest value of the axis; 0 is among them."""

    ticks: tuple[float, ...]

    @property
    def low(self) -> float:
        return self.ticks[0]

    @property
    def high(self) -> float:
        return self.ticks[-1]

    def part(self, value: float) -> float:
        """Where `value` lies: 0 at the low end, 1 at the high one."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)


def scale_of(values: Iterable[float | None], measure: Measure, most: int = 5) -> Scale:
    """An axis that holds all `values`, with about `most` ticks."""
    known = [value for value in values if value is not None]
    high, low = max([0.0, *known]), min([0.0, *known])
    if high - low < LEAST_TOP.get(measure, 1.0):
        high = low + LEAST_TOP.get(measure, 1.0)
    if measure is Measure.SHARE and low == 0 and 0.5 < high <= 1:
        return Scale((0.0, 0.25, 0.5, 0.75, 1.0) if most >= 4 else (0.0, 0.5, 1.0))
    step = _step(high - low, measure, most)
    first, last = floor(low / step + TINY), ceil(high / step - TINY)
    return Scale(tuple(round(number * step, 10) for number in range(first, last + 1)))


def _step(reach: float, measure: Measure, most: int) -> float:
    least = reach / max(1, most)
    if measure is Measure.MINUTES and least <= CLOCK_STEPS[-1]:
        return next(step for step in CLOCK_STEPS if step >= least - TINY)
    power = -4 if measure is not Measure.COUNT else 0
    for exponent in count(power):
        for each in ROUND:
            step = each * 10.0**exponent
            if step >= least - TINY and (measure is not Measure.COUNT or step == round(step)):
                return step
    raise AssertionError("there is always a larger step")
