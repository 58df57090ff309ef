"""Whether two pictures show the same page: what keeps a page that was only moved from being taken twice by itself.

Both are flattened, made small and freed of the light that falls on them; what is left is where print stands. The same page laid there again, a little
askew, differs by a small shift; another page of the same letter has its lines elsewhere. A page with nothing on it is like no other: it is
better taken once too often than missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hardware.devices import Colour

SIDE = 224
SHIFT = 5
"""Dots either way that the same page may be shifted."""
ALIKE = 0.86
BLANK = 1.6
"""Levels of print on average; below, there is none."""


@dataclass(frozen=True)
class Likeness:
    print: NDArray[np.float32]

    @property
    def blank(self) -> bool:
        return float(self.print.std()) < BLANK

    def among(self, others: Sequence[Likeness]) -> bool:
        return not self.blank and any(self.of(other) > ALIKE for other in others)

    def of(self, other: Likeness) -> float:
        """1 for the same page, about 0 for another."""
        if self.blank or other.blank:
            return 0.0
        inner = self.print[SHIFT:-SHIFT, SHIFT:-SHIFT]
        return float(cv2.matchTemplate(other.print, inner, cv2.TM_CCOEFF_NORMED).max())


def likeness_of(picture: Colour, corners: NDArray[np.float32]) -> Likeness:
    edge = np.array(((0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)), np.float32)
    turn = cv2.getPerspectiveTransform(np.asarray(corners, np.float32), edge)
    across = float(np.linalg.norm(corners[1] - corners[0]))
    finer = min(4, max(1, round(across / SIDE)))  # made small by averaging: thin print must not come and go
    turn = np.diag((finer, finer, 1.0)) @ turn
    flat = cv2.warpPerspective(picture, turn, (SIDE * finer, SIDE * finer), flags=cv2.INTER_LINEAR)
    grey = cv2.cvtColor(cv2.resize(flat, (SIDE, SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    level = grey.astype(np.float32)
    light = cv2.GaussianBlur(level, (0, 0), 12)
    return Likeness(np.asarray(cv2.GaussianBlur(level - light, (0, 0), 1.2), np.float32))
