"""Between which numbers a count will lie four times in five, when days differ by more than chance. Pure.

People who come independently of each other would be Poisson; they are not: there is weather, a bus that does not run, a letter that went out. So counts are taken as negative
binomial, `mean + mean² × excess` their variance, with `excess` measured from how far past forecasts were off (`excess_of`). The band is the narrowest run of whole numbers that
holds at least four in five; of small numbers it therefore holds rather more, and says so by being wide.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, exp, floor, lgamma, log, log1p, sqrt

SURE = 0.8
EITHER = 1.2816
"""Standard deviations to either side that hold four in five of a normal distribution."""
BY_NORMAL = 400.0
"""From this mean on the normal distribution is as good, and far quicker."""
USUAL_EXCESS = 0.02
"""Before anything was seen: days differ by 14% beyond chance."""
PRIOR = 8
"""That figure weighs as much as this many days seen."""


def excess_of(
    told: Iterable[tuple[float, float]], prior: float = USUAL_EXCESS, weight: float = PRIOR
) -> float:
    """By how much counts vary beyond chance, from pairs of what was expected and what came (method of moments); never below nought."""
    pairs = [(mean, came) for mean, came in told if mean > 0]
    if not pairs:
        return prior
    mean_square = sum(mean * mean for mean, _ in pairs) / len(pairs)
    over = sum((came - mean) ** 2 - mean for mean, came in pairs)
    return max(0.0, (over + weight * prior * mean_square) / ((len(pairs) + weight) * mean_square))


def band(mean: float, excess: float) -> tuple[int, int]:
    """The least and the most that will come, four times in five."""
    if mean <= 0:
        return 0, 0
    if mean >= BY_NORMAL:
        either = EITHER * sqrt(mean + mean * mean * excess)
        return max(0, floor(mean - either)), ceil(mean + either)
    low = high = _likeliest(mean, excess)
    held = below = above = chance_of(low, mean, excess)
    below = chance_of(low - 1, mean, excess)
    above = chance_of(high + 1, mean, excess)
    while held < SURE:
        if below >= above:
            low -= 1
            held += below
            below = chance_of(low - 1, mean, excess)
        else:
            high += 1
            held += above
            above = chance_of(high + 1, mean, excess)
    return low, high


def chance_of(number: int, mean: float, excess: float) -> float:
    """That exactly `number` come."""
    if number < 0:
        return 0.0
    if excess * mean < 1e-9:
        return exp(number * log(mean) - mean - lgamma(number + 1))
    size = 1 / excess
    return exp(
        lgamma(number + size)
        - lgamma(size)
        - lgamma(number + 1)
        - size * log1p(mean * excess)
        + number * (log(mean * excess) - log1p(mean * excess))
    )


def _likeliest(mean: float, excess: float) -> int:
    return max(0, floor(mean * (1 - excess))) if excess < 1 else 0
