"""Watches the plate and says when the page on it can be taken: found, without fault, and lying still long enough.

Still means that the corners stay where they are for `STILL_SECONDS` while nothing moves within them. The sharpest of the frames in which it lay
there is kept, because a camera's focus and a lamp's flicker make neighbours differ. It remembers pictures in memory only, and `reset` lets go of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.vision.pages.finding import Found, find, running_out
from hardware.vision.pages.quality import PageFault, judge

if TYPE_CHECKING:
    from hardware.devices import Colour

STILL_SECONDS = 0.7
STEADY = 0.008
"""Of the frame's longer side: how far a corner may wander and still be said to stay."""
CHANGED = 9.0
"""Levels: how much the picture within the page may change, on average of its most changed part."""
LEAST_LOOKS = 3
BLINK_SECONDS = 0.25
"""For so long a page may be lost to the finder before it is gone."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. `still`: how much of the time that it must lie still is over, 0 to 1. `empty`: nothing lies on the plate."""

    found: Found | None
    fault: PageFault | None
    still: float
    ready: bool
    empty: bool


class PlateWatch:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets everything, the pictures too."""
        self._found: Found | None = None
        self._since: float | None = None
        self._lost_at: float | None = None
        self._looks = 0
        self._small: NDArray[np.float32] | None = None
        self._best: Colour | None = None
        self._best_sharpness = -1.0

    def best(self) -> Colour | None:
        """The sharpest picture of the page that lies there now, without fault; None if there is none yet."""
        return self._best

    def see(self, picture: Colour, at: float) -> Seen:
        """`at`: seconds of a steady clock."""
        found = find(picture)
        if found is None:
            cut = running_out(picture)
            return self._nothing(at) if cut is None else self._cut(cut)
        self._lost_at = None
        judgement = judge(picture, found)
        small = _small(picture)
        if self._moved(found, small, max(picture.shape)):
            self._begin(at)
        self._found, self._small = found, small
        if judgement.fault is not None:
            self._begin(at)
            return Seen(found, judgement.fault, 0.0, ready=False, empty=False)
        self._looks += 1
        if judgement.sharpness > self._best_sharpness:
            self._best, self._best_sharpness = picture, judgement.sharpness
        assert self._since is not None
        still = min(1.0, (at - self._since) / STILL_SECONDS)
        return Seen(found, None, still, ready=still >= 1.0 and self._looks >= LEAST_LOOKS, empty=False)

    def _cut(self, found: Found) -> Seen:
        self.reset()
        return Seen(found, PageFault.OUTSIDE, 0.0, ready=False, empty=False)

    def _nothing(self, at: float) -> Seen:
        self._lost_at = at if self._lost_at is None else self._lost_at
        gone = at - self._lost_at >= BLINK_SECONDS
        if gone or self._found is None:
            lost_at = self._lost_at
            self.reset()
            self._lost_at = lost_at
            return Seen(None, None, 0.0, ready=False, empty=gone)
        return Seen(None, None, 0.0, ready=False, empty=False)

    def _begin(self, at: float) -> None:
        self._since = at
        self._looks = 0
        self._best, self._best_sharpness = None, -1.0

    def _moved(self, found: Found, small: NDArray[np.float32], across: int) -> bool:
        if self._found is None or self._since is None or self._small is None:
            return True
        if float(np.abs(found.corners - self._found.corners).max()) > STEADY * across:
            return True
        if small.shape != self._small.shape:
            return True
        change = np.abs(small - self._small)
        return float(np.percentile(change, 98)) > CHANGED


def _small(picture: Colour) -> NDArray[np.float32]:
    grey = cv2.cvtColor(cv2.resize(picture, (96, 72), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, np.float32)
