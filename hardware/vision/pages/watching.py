"""Watches the plate and says when the page on it can be taken: found, without fault, and lying still long enough.

Still means that the corners stay where they are for `STILL_SECONDS` while nothing moves within them. The sharpest of the frames in which it lay
there is kept, because a camera's focus and a lamp's flicker make neighbours differ. It remembers pictures in memory only, and `reset` lets go of them.
A picture in which nothing changed is not searched again for a while, which is most of the pictures of a station's day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.vision.pages.amiss import Looked, look
from hardware.vision.pages.finding import Found
from hardware.vision.pages.quality import PageFault, judge

if TYPE_CHECKING:
    from hardware.devices import Colour

STILL_SECONDS = 0.7
STEADY = 0.008
"""Of the frame's longer side: how far a corner may wander and still be said to stay."""
CHANGED = 9.0
"""Levels: how much the picture within the page may change, on average of its most changed part."""
LEAST_LOOKS = 3
SAME_LEVELS, SAME_SECONDS = 4.0, 0.6
"""Nowhere has the picture changed by more, and not longer ago: then what was found there is not looked for again."""
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
        self._looked: tuple[Looked, NDArray[np.float32], float] | None = None

    def best(self) -> Colour | None:
        """The sharpest picture of the page that lies there now, without fault; None if there is none yet."""
        return self._best

    def see(self, picture: Colour, at: float) -> Seen:
        """`at`: seconds of a steady clock."""
        small = _small(picture)
        looked = self._look(picture, small, at)
        found = looked.found
        if found is None:
            return self._nothing(at)
        if not looked.taken:
            return self._untaken(found, looked)
        self._lost_at = None
        if self._moved(found, small, max(picture.shape)):
            self._begin(at)
        self._found, self._small = found, small
        if looked.fault is not None:
            self._begin(at)
            return Seen(found, looked.fault, 0.0, ready=False, empty=False)
        self._looks += 1
        if looked.sharpness > self._best_sharpness:
            self._best, self._best_sharpness = picture, looked.sharpness
        assert self._since is not None
        still = min(1.0, (at - self._since) / STILL_SECONDS)
        return Seen(found, None, still, ready=still >= 1.0 and self._looks >= LEAST_LOOKS, empty=False)

    def _look(self, picture: Colour, small: NDArray[np.float32], at: float) -> Looked:
        """What is looked for costs most of a look; on a plate where nothing changes it is still where it was, and is only judged anew."""
        if self._looked is not None:
            last, then, when = self._looked
            same = small.shape == then.shape and float(np.abs(small - then).max()) < SAME_LEVELS
            if same and 0 <= at - when < SAME_SECONDS:
                if last.found is None or not last.taken:
                    return last
                judgement = judge(picture, last.found)
                return Looked(last.found, judgement.fault, judgement.sharpness, taken=True)
        looked = look(picture)
        self._looked = looked, small, at
        return looked

    def _untaken(self, found: Found, looked: Looked) -> Seen:
        kept = self._looked
        self.reset()
        self._looked = kept
        return Seen(found, looked.fault, 0.0, ready=False, empty=False)

    def _nothing(self, at: float) -> Seen:
        self._lost_at = at if self._lost_at is None else self._lost_at
        gone = at - self._lost_at >= BLINK_SECONDS
        if gone or self._found is None:
            lost_at, kept = self._lost_at, self._looked
            self.reset()
            self._lost_at, self._looked = lost_at, kept
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
