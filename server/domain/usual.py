"""How long a service usually takes a counter, from what the centre's file says and from what was seen.

A new centre has seen nothing, so its file's figure stands in for a number of visits and fades as real ones
come. What was seen lately weighs more: a service that takes longer since its new form came in is soon told so. What is not known is said, as spread and doubt, so that a wait told
to a visitor can be an honest range.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1, log, log1p, sqrt
from typing import NamedTuple

PRIOR_VISITS = 8
"""The centre file's figure for a service weighs as much as this many visits seen."""
PRIOR_SPREAD = 0.6
"""Standard deviation of how long one service takes, as a share of the usual time, before any was seen."""
DOUBT = 0.5
"""How far wrong the centre file's figure may be, as a share of it."""
DAYS_DIFFER = 0.1
"""So far, as a share of it, the usual time of one day lies from that of others: people and matters differ."""
MOST_TIMES = 5
"""One visit counts for at most so many times the usual: an adviser forgot to finish."""
HALF_LIFE_DAYS = 10.0
"""What was seen so long ago weighs half as much as what is seen now."""
DAY = 86_400_000_000


class Usual(NamedTuple):
    """How long a counter is taken by one visitor of a service, from call to end, in minutes.

    `spread` is the standard deviation, `doubt` how far wrong `minutes` may be (standard error), both in
    minutes.
    """

    minutes: float
    spread: float
    doubt: float


def weight_of(at: int, now: int) -> float:
    """What something seen at an instant weighs now; one in the future as much as one now."""
    return float(0.5 ** (max(0, now - at) / DAY / HALF_LIFE_DAYS))


def usual_from(
    file_minutes: float, seen_minutes: Sequence[float] = (), weights: Sequence[float] | None = None
) -> Usual:
    """The usual time of a service from the centre file's figure and recent visits, which outweigh it as they
    grow.

    `weights` say what each of them counts for, one without. One visit that lasted for ever must not move it: each counts for at most
    `MOST_TIMES` the figure so far, and for at least a tenth. How unevenly they last is taken from their logarithms, for that is how visits differ: by a factor (Brown et al.,
    "Statistical analysis of a telephone call center", 2005).
    """
    weigh = [1.0] * len(seen_minutes) if weights is None else weights
    count = sum(weigh)
    seen = [min(each, MOST_TIMES * file_minutes) for each in seen_minutes]
    total = sum(each * weight for each, weight in zip(seen, weigh, strict=True))
    minutes = (file_minutes * PRIOR_VISITS + total) / (PRIOR_VISITS + count)
    logs = [log(min(max(each / minutes, 0.1), MOST_TIMES)) for each in seen_minutes]
    middle = sum(each * weight for each, weight in zip(logs, weigh, strict=True)) / count if count else 0.0
    squares = log1p(PRIOR_SPREAD**2) * PRIOR_VISITS
    squares += sum((each - middle) ** 2 * weight for each, weight in zip(logs, weigh, strict=True))
    spread = minutes * sqrt(expm1(squares / (PRIOR_VISITS + count)))
    share = PRIOR_VISITS / (PRIOR_VISITS + count)
    doubt = sqrt(
        (DOUBT * file_minutes * share) ** 2
        + spread**2 * count / (PRIOR_VISITS + count) ** 2
        + (DAYS_DIFFER * minutes) ** 2
    )
    return Usual(minutes, spread, doubt)
