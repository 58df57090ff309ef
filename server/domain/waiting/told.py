"""What a visitor is told of a wait: whole minutes rounded kindly, and steady on the screen.

Low goes down and high goes up, to whole minutes as far as ten and to fives above: nobody plans by the minute, and whoever is told ten to twenty and waits twenty-one
has been told wrong. A wait that may last longer than `HONEST_MINUTES`, or that may not end today at all, is not told as a range.
"""

from __future__ import annotations

from math import ceil, inf
from typing import Literal, NamedTuple

HONEST_MINUTES = 240
"""A wait that may be longer than this is not told as a range."""
FEWEST_MINUTES = 2
"""A desk that is free still has to call, and the visitor to get there."""


class Waits(NamedTuple):
    """Whole minutes from `low` to `high`, or neither and `why`.

    `ahead` are called before by desks that serve this, as it looks. `middle` is what the wait is as likely to be under as over, in minutes, not
    rounded, and `exact` the range before it was rounded: what estimates are scored by, and never shown. Both are None where no range is told.
    """

    low: int | None
    high: int | None
    why: Literal["no_desk", "unknown"] | None = None
    ahead: int | None = None
    middle: float | None = None
    exact: tuple[float, float] | None = None


NO_DESK = Waits(None, None, "no_desk")
UNKNOWN = Waits(None, None, "unknown")


def told(low: float, middle: float, high: float, ahead: int | None) -> Waits:
    """The range from `low` to `high` minutes as it is told; infinite where nobody can be called any more."""
    if high == inf or rounded_up(max(high, FEWEST_MINUTES)) > HONEST_MINUTES:
        return Waits(None, None, "unknown", ahead)
    return Waits(
        rounded_down(low), rounded_up(max(high, FEWEST_MINUTES)), None, ahead, round(middle, 3), (low, high)
    )


def rounded_down(minutes: float) -> int:
    if minutes <= 0:
        return 0
    return int(minutes) if minutes < 10 else int(minutes // 5) * 5


def rounded_up(minutes: float) -> int:
    return ceil(minutes) if minutes <= 10 else ceil(minutes / 5) * 5


def settle(previous: Waits | None, fresh: Waits) -> Waits:
    """What to show when `previous` is on the screen: a range does not flicker, and grows only when it must.

    It shortens at once. It lengthens only by more than a step, and its low end alone moves only by more than a step. What is not shown (`ahead`, `middle`, `exact`)
    is always the latest.
    """
    if previous is None or previous.high is None or fresh.high is None:
        return fresh
    if previous.low is None or fresh.low is None:
        return fresh
    step = 1 if previous.high <= 10 else 5
    longer = fresh.high - previous.high
    if longer < 0 or longer > step or (longer == 0 and abs(fresh.low - previous.low) > step):
        return fresh
    return fresh._replace(low=previous.low, high=previous.high)
