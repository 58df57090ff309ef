"""What every camera does with a picture before anybody sees it: turned as mounted, and judged for darkness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hardware.devices import Dark, Look, Ready

if TYPE_CHECKING:
    from hardware.devices import Grey

DARK_MEAN, DARK_SPREAD = 14.0, 6.0
"""Of 255. A covered lens gives nearly black without detail; a dim room has lamps, faces and edges in it."""


def seen(picture: Grey, turn: int) -> Look:
    """`turn`: how many degrees clockwise the picture must be turned to stand upright (0, 90, 180, 270)."""
    upright = np.ascontiguousarray(np.rot90(picture, -turn // 90)) if turn else picture
    few = upright[::8, ::8]
    dark = float(few.mean()) < DARK_MEAN and float(few.std()) < DARK_SPREAD
    return Look(Dark() if dark else Ready(), upright)
