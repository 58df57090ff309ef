"""The chances that the futures are played with: drawn once from a seed and used again at every look.

The same ticket meets the same chances each time the floor is looked at, so an estimate moves because the floor moved and not because dice were thrown anew; and two
floors that differ in one desk differ by that desk alone. Each row holds one draw from each of `FUTURES` equal slices of its distribution, in random order: so few
futures tell as much as several times as many drawn freely (McKay, Beckman and Conover, "A comparison of three methods for selecting values of input variables", 1979).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import log, log1p, sqrt
from statistics import NormalDist
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from server.domain.selection import MINUTE
from server.domain.usual import Usual

FUTURES = 256
"""So many futures of a floor are played side by side."""
ROWS = 512
"""So many tickets, desks and comers have chances of their own; beyond, they share."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Chances(NamedTuple):
    """`ROWS` by `FUTURES`: standard normal, and twice uniform between nought and one, independent of each other."""

    normal: NDArray[np.float32]
    even: NDArray[np.float32]
    other: NDArray[np.float32]


@lru_cache(maxsize=2)
def chances(seed: int) -> Chances:
    slices = (np.arange(FUTURES) + 0.5) / FUTURES
    normal = np.array([NormalDist().inv_cdf(each) for each in slices])
    normal /= normal.std()
    kinds = enumerate((normal, slices, slices))
    return Chances(*(values.astype(np.float32)[_orders(seed, kind)] for kind, values in kinds))


def _orders(seed: int, kind: int) -> NDArray[np.intp]:
    """`ROWS` random orders of the futures: of numbers by SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). NumPy's own dice are 7 MB."""
    number = np.arange(ROWS * FUTURES, dtype=np.uint64) + (((seed << 8) + kind) << 32) + 1
    mixed: NDArray[Any] = number * 0x9E3779B97F4A7C15
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB
    return np.argsort((mixed ^ mixed >> 31).reshape(ROWS, FUTURES), axis=1)


class Rows:
    """Gives everything that needs chances a row of its own, the same at every look as far as can be."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def of(self, name: str) -> int:
        row = crc32(name.encode()) % ROWS
        if len(self._taken) < ROWS:
            while row in self._taken:
                row = (row + 1) % ROWS
            self._taken.add(row)
        return row


class Shape(NamedTuple):
    """A log-normal time in minutes: the logarithm's mean, its spread, and how far its mean may be wrong."""

    mean: float
    spread: float
    doubt: float


def shape_of(usual: Usual) -> Shape:
    minutes = max(usual.minutes, 1e-3)
    spread = log1p((usual.spread / minutes) ** 2)
    return Shape(log(minutes) - spread / 2, sqrt(spread), sqrt(log1p((usual.doubt / minutes) ** 2)))


LONGEST = 4.0
"""A visit is reckoned as lasting no longer than so many times the usual: one that has is taken as having lasted so long."""
_TAIL = np.linspace(-8.0, 8.0, 1601)


@lru_cache(maxsize=1)
def _survival() -> Floats:
    """Minus the logarithm of the share of a standard normal above each of `_TAIL`: grows with it."""
    normal = NormalDist()
    return np.array([-log(normal.cdf(-each)) for each in _TAIL])


def lasts(usuals: Sequence[Usual], rows: Ints, services: Sequence[int], drawn: Chances) -> Ints:
    """How long each of several things takes, in each future, in microseconds: (things, `FUTURES`). Where a usual time may be wrong it is wrong alike for all of one service in one future."""
    shapes = np.array([shape_of(each) for each in usuals]).reshape(-1, 3)
    mean, spread, doubt = (shapes[:, part, None] for part in range(3))
    minutes = mean + spread * drawn.normal[rows]
    if doubt.any():
        wrong = np.array([crc32(f"usual {service}".encode()) % ROWS for service in services], np.int64)
        minutes += doubt * drawn.normal[wrong] - doubt**2 / 2
    return micros(np.exp(minutes))


def left_of(usual: Usual, elapsed: int, row: int, drawn: Chances) -> Ints:
    """How much longer something lasts that has lasted `elapsed` microseconds, in each future: one that is over its usual time is not about to end."""
    minutes = min(max(elapsed, 0) / MINUTE, LONGEST * usual.minutes)
    shape = shape_of(usual)
    spread = sqrt(shape.spread**2 + shape.doubt**2)
    even = drawn.even[row].astype(np.float64)
    if spread < 1e-9:
        return micros(np.full(FUTURES, max(0.0, usual.minutes - minutes)))
    past = (log(minutes) - shape.mean) / spread if minutes > 0 else -8.0
    gone = float(np.interp(past, _TAIL, _survival()))
    ends = np.exp(shape.mean + spread * np.interp(gone - np.log1p(-even), _survival(), _TAIL))
    return micros(np.maximum(ends - minutes, 0.0))


def micros(minutes: Floats) -> Ints:
    return np.rint(minutes * MINUTE).astype(np.int64)
