"""Is the plate's camera fit to be used? Black, frozen, upside down, or without its lamp.

* **Black**: nothing but the darkest levels: a cap, a dead sensor, a dark room.
* **Frozen**: the same picture again, to the last bit. A living sensor is never twice the same, in its noise if in nothing else. One such pair may be a driver
  that gave a buffer out twice, so `PlateHealth` says it only after `FROZEN_SECONDS`.
* **Lamp off** and **upside down** can only be told against how the empty plate looked when the station was set up (`reference`: any picture of it): much darker
  than then, or more like it when turned round. What lies on the plate hides part of it, so places are compared one by one and the usual one counts.
  A plate that looks the same either way round says nothing; `can_tell_turned` says so at set-up, when a mark can still be put on it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hardware.devices import Colour

BLACK = 14
"""Levels: nearly the brightest dot of a black picture."""
DIM = 0.42
"""Of the reference's brightness: below, the lamp is off."""
DARK_WITHOUT_REFERENCE = 36
FROZEN_SECONDS = 3.0
PLACES = (24, 18)
LEAST_LIKE = 0.35
"""How alike, as a correlation, plate and reference must be before anything is said."""


class PlateFault(StrEnum):
    BLACK = "black"
    FROZEN = "frozen"
    UPSIDE_DOWN = "upside_down"
    LAMP_OFF = "lamp_off"


def plate_fault(picture: Colour, before: Colour | None, reference: Colour | None = None) -> PlateFault | None:
    """What is wrong with this picture. `before`: the one before it. `reference`: the empty plate as it should look."""
    if float(np.percentile(picture[::4, ::4], 99.5)) < BLACK:
        return PlateFault.BLACK
    if before is not None and before.shape == picture.shape and np.array_equal(before, picture):
        return PlateFault.FROZEN
    if _lamp_is_off(picture, reference):
        return PlateFault.LAMP_OFF
    if reference is not None and _is_turned(picture, reference):
        return PlateFault.UPSIDE_DOWN
    return None


def can_tell_turned(reference: Colour) -> bool:
    """Whether this plate looks different upside down."""
    places = _places(reference)
    return _alike(places, places[::-1, ::-1]) < 0.75


class PlateHealth:
    """Asks `plate_fault` of picture after picture. A frozen camera is told when it has been so for a while, the other faults when two looks agree."""

    def __init__(self, reference: Colour | None = None) -> None:
        self._reference = reference
        self._before: Colour | None = None
        self._moved_at: float | None = None
        self._last: PlateFault | None = None

    def see(self, picture: Colour, at: float) -> PlateFault | None:
        """`at`: seconds of a steady clock."""
        fault = plate_fault(picture, self._before, self._reference)
        self._before = picture
        if fault is not PlateFault.FROZEN or self._moved_at is None:
            self._moved_at = at
        told = fault if fault == self._last else None
        self._last = fault
        if fault is PlateFault.FROZEN:
            return fault if at - self._moved_at >= FROZEN_SECONDS else None
        return told


def _lamp_is_off(picture: Colour, reference: Colour | None) -> bool:
    now = _places(picture)
    if reference is None:
        return float(np.percentile(now, 90)) < DARK_WITHOUT_REFERENCE
    return float(np.median(_linear(now) / np.maximum(_linear(_places(reference)), 1e-3))) < DIM


def _is_turned(picture: Colour, reference: Colour) -> bool:
    if not can_tell_turned(reference):
        return False
    now, then = _places(picture), _places(reference)
    straight, turned = _alike(now, then), _alike(now, then[::-1, ::-1])
    return turned > LEAST_LIKE and turned - max(straight, 0.0) > 0.25


def _places(picture: Colour) -> NDArray[np.float32]:
    """The brightness of each place of the plate."""
    small = cv2.resize(picture, PLACES, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.float32)


def _linear(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light, from levels as cameras write them."""
    return np.asarray((levels / 255) ** 2.2, np.float32)


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Correlation of two plates; places that differ most, where something lies, are left out."""
    first, second = ((each - np.median(each)) / (each.std() + 1e-3) for each in (one, other))
    off = np.abs(first - second)
    keep = off <= np.percentile(off, 75)
    a, b = first[keep] - first[keep].mean(), second[keep] - second[keep].mean()
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-6))
