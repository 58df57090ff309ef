"""How long a service usually takes a counter, from what the centre's file says and from what was seen.

A new centre has seen nothing, so its file's figure stands in for a number of visits and fades as real ones
come. What is not known is said, as spread and doubt, so that a wait told to a visitor can be an honest range.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

PRIOR_VISITS = 8
"""The centre file's figure for a service weighs as much as this many visits seen."""
PRIOR_SPREAD = 0.6
"""Standard deviation of how long one service takes, as a share of the usual time, before any was seen."""
DOUBT = 0.5
"""How far wrong the centre file's figure may be, as a share of it."""


class Usual(NamedTuple):
    """How long a counter is taken by one visitor of a service, from call to end, in minutes.

    `spread` is the standard deviation, `doubt` how far wrong `minutes` may be (standard error), both in
    minutes.
    """

    minutes: float
    spread: float
    doubt: float


def usual_from(file_minutes: float, seen_minutes: Sequence[float] = ()) -> Usual:
    """The usual time of a service from the centre file's figure and recent visits, which outweigh it as they
    grow.

    One visit that lasted for ever (an adviser forgot to finish) must not move it: each counts for at most
    four times the figure so far.
    """
    count = len(seen_minutes)
    seen = [min(each, 4 * file_minutes) for each in seen_minutes]
    minutes = (file_minutes * PRIOR_VISITS + sum(seen)) / (PRIOR_VISITS + count)
    seen = [min(each, 4 * minutes) for each in seen_minutes]
    squares = (PRIOR_SPREAD * file_minutes) ** 2 * PRIOR_VISITS + sum((each - minutes) ** 2 for each in seen)
    spread = sqrt(squares / (PRIOR_VISITS + count))
    share = PRIOR_VISITS / (PRIOR_VISITS + count)
    doubt = sqrt((DOUBT * file_minutes * share) ** 2 + spread**2 * count / (PRIOR_VISITS + count) ** 2)
    return Usual(minutes, spread, doubt)
