"""One frame made ready for looking: small, in several maps, each of which shows the outline of some papers that the others miss.

Brightness with its small dark marks closed shows a page and not its text; plain brightness shows the thin shadow that is all there is of a white
page on a white desk; the two colour channels show a pink licence on a grey plate; the distance to the plate's own colour shows
a page under uneven light. All are made at `ACROSS` pixels, where a look costs a few milliseconds and a page still has sides of hundreds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hardware.devices import Colour, Grey

ACROSS = 448
"""Pixels of the longer side."""
MOST_GAIN = 8.0
STROKE = 7
"""Pixels: what is narrower is print, not paper."""
LEAST_STEP, MOST_STEP = 1.6, 7.0
"""Levels a pixel: what counts as an edge, between a still plate and a rough one."""


@dataclass(frozen=True, slots=True)
class View:
    """`shrunk`: how many pixels here make one of the picture. `slope`: steepest change at each pixel, across and
    down (rows x columns x 2). `lifted`: how many times brighter than the picture it was made."""

    shrunk: float
    lifted: float
    lab: NDArray[np.float32]
    slope: NDArray[np.float32]
    step: float
    drawings: tuple[Grey, ...]
    """For straight lines. Plain brightness is not among them: its lines are those of print, and they are most of the work."""
    masks: tuple[Grey, ...]
    """For outlines."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns, rows."""
        return self.lab.shape[1], self.lab.shape[0]


def view_of(picture: Colour, across: int = ACROSS) -> View:
    high, wide = picture.shape[:2]
    shrunk = min(1.0, across / max(high, wide))
    small: Any = picture
    if shrunk < 1:
        if shrunk < 0.5:  # by a whole step first, which costs a seventh
            small = cv2.resize(picture, (wide // 2, high // 2), interpolation=cv2.INTER_AREA)
        small = cv2.resize(small, (round(wide * shrunk), round(high * shrunk)), interpolation=cv2.INTER_AREA)
    lifted = _lift(small)
    if lifted > 1:
        small = cv2.convertScaleAbs(small, alpha=lifted)
    lab = cv2.medianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), 3)
    light, red, yellow = _split(lab)
    print_kernel = np.ones((STROKE, STROKE), np.uint8)
    closed: Any = cv2.morphologyEx(light, cv2.MORPH_CLOSE, print_kernel)
    red, yellow = (_calm(each) for each in (red, yellow))
    far = _far_from_plate(closed, red, yellow)
    slope = _steepest((light, closed, red, yellow))
    strength = np.asarray(cv2.magnitude(slope[..., 0], slope[..., 1]), np.float32)
    step = float(np.clip(2.5 * np.median(strength[::3, ::3]), LEAST_STEP, MOST_STEP))
    return View(
        shrunk=shrunk,
        lifted=lifted,
        lab=cv2.merge((closed, red, yellow)).astype(np.float32),
        slope=slope,
        step=step,
        drawings=(closed, far),
        masks=_masks(light, closed, far, strength, step),
    )


def _split(lab: Any) -> tuple[Grey, Grey, Grey]:
    light, red, yellow = cv2.split(lab)
    return cast("Grey", light), cast("Grey", red), cast("Grey", yellow)


def _calm(channel: Grey) -> Grey:
    return cast("Grey", cv2.medianBlur(channel, 5))


def _lift(small: Colour) -> float:
    """How many times brighter a dark picture is to be made."""
    bright = float(np.percentile(small[::3, ::3], 99))
    gain = min(200.0 / max(bright, 1.0), MOST_GAIN)
    return gain if gain > 1.3 else 1.0


def _steepest(channels: tuple[Grey, ...]) -> NDArray[np.float32]:
    """Of several channels, at each pixel the one that changes most. Colour counts twice: it changes less, and noise in it is less."""
    best = None
    for number, channel in enumerate(channels):
        soft = cv2.GaussianBlur(channel, (0, 0), 0.9)
        gain = 1 / 8 if number < 2 else 1 / 4
        across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=gain)
        down = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=gain)
        size = across * across + down * down
        if best is None:
            best = (across, down, size)
            continue
        more = size > best[2]
        for have, new in zip(best, (across, down, size), strict=True):
            np.copyto(have, new, where=more)
    assert best is not None
    return np.asarray(cv2.merge(best[:2]), np.float32)


def _far_from_plate(closed: Grey, red: Grey, yellow: Grey) -> Grey:
    """How unlike the plate each pixel is. The plate is what lies along the frame's edges; light may fall off over it, so its brightness is a
    tilted plane and not one level."""
    high, wide = closed.shape
    down, over, rim = _places(high, wide)
    ground = np.stack((np.ones(len(rim[0]), np.float32), over[rim], down[rim]), axis=1)
    total = np.zeros((high, wide), np.float32)
    for channel, weight in ((closed, 1.0), (red, 2.0), (yellow, 2.0)):
        there = channel[rim].astype(np.float32)
        keep = np.abs(there - np.median(there)) < 30
        if keep.sum() < 50:
            keep[:] = True
        plane, *_ = np.linalg.lstsq(ground[keep], there[keep], rcond=None)
        level, across, along = (np.float32(each) for each in plane)
        total += np.float32(weight) * np.abs(channel - (level + across * over[:1] + along * down[:, :1]))
    return np.clip(total * 2, 0, 255).astype(np.uint8)


@cache
def _places(
    high: int, wide: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], tuple[NDArray[np.intp], ...]]:
    """Rows, columns, and some of the places along the edges."""
    down, over = np.mgrid[0:high, 0:wide].astype(np.float32)
    band = max(4, high // 25)
    rim = np.zeros((high, wide), bool)
    rim[:band:3, ::3] = rim[-band::3, ::3] = rim[::3, :band:3] = rim[::3, -band::3] = True
    return down, over, np.nonzero(rim)


def _masks(
    light: Grey, closed: Grey, far: Grey, strength: NDArray[np.float32], step: float
) -> tuple[Grey, ...]:
    """Pictures of black and white whose outlines may be papers'."""
    three = np.ones((3, 3), np.uint8)
    five = np.ones((5, 5), np.uint8)
    edges = cv2.dilate(cv2.Canny(closed, 20, 60), three)
    fine = cv2.dilate(cv2.Canny(cv2.GaussianBlur(light, (0, 0), 1.2), 12, 36), three)
    steep = cv2.dilate((strength > step).astype(np.uint8) * 255, three)
    _, unlike = cv2.threshold(far, 0, 255, cv2.THRESH_OTSU)
    _, bright = cv2.threshold(closed, 0, 255, cv2.THRESH_OTSU)
    local = cv2.adaptiveThreshold(closed, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 151, -6)
    solid = [cv2.morphologyEx(each, cv2.MORPH_OPEN, five) for each in (unlike, bright, local)]
    return cast("tuple[Grey, ...]", (edges, fine, steep, *solid, cv2.bitwise_not(solid[1])))
