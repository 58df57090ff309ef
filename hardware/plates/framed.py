"""What every camera over a plate does with a picture before anybody sees it: made small enough to look at, turned as mounted, judged for
darkness.

Turning comes last and costs little on a small picture. Darkness is judged on few dots: a plate in the dark has neither light nor detail,
while a black folder on a lit plate leaves light around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from hardware.devices import Dark, Frame, Ready

if TYPE_CHECKING:
    from hardware.devices import Colour

DARK_MEAN, DARK_SPREAD = 14.0, 6.0
"""Of 255, as for the camera visitors hold a code up to."""
LOOK_WIDE = 2000
"""A look is at most this wide, and more than half as wide when the picture is."""


def shrinking(wide: int) -> int:
    """By how much a picture this wide is divided for a look: 1, 2, 4 or 8."""
    by = 1
    while wide // by > LOOK_WIDE and by < 8:
        by *= 2
    return by


def framed(picture: Colour, turn: int) -> Frame:
    """`turn`: how many degrees clockwise the picture must be turned to stand upright (0, 90, 180, 270)."""
    upright = cast("Colour", np.ascontiguousarray(np.rot90(picture, -turn // 90)) if turn else picture)
    few = upright[::16, ::16]
    dark = float(few.mean()) < DARK_MEAN and float(few.std()) < DARK_SPREAD
    return Frame(Dark() if dark else Ready(), upright)
