"""What is wrong with the picture of a page, as one word that a visitor can act on, and how sharp it is.

The order is that of the remedies: light first (nothing else can be told in the dark), then where the page lies, then what hides it, then whether it lies
still. Sharpness is the width of the sharpest edges and not their number, so a page with two lines is as sharp as one full of print;
it is asked along and across, because a page that is moved stays sharp along its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.vision.pages import shapes
from hardware.vision.pages.finding import Found
from hardware.vision.pages.shapes import Floats

if TYPE_CHECKING:
    from hardware.devices import Colour, Grey

DARK = 84
"""Level of the page's bright part below which print drowns in noise."""
CLIPPED, BURNT_OUT = 250, 254
LEAST_GLARE = 0.004
"""Of the page."""
RIM = 0.004
"""Of the frame: a corner closer to its edge may lie outside."""
LEAST_SIDE = 0.085
"""Of the frame's shorter side: a page's shorter one."""
LEAST_COVER = 0.014
"""Of the frame's longer side: half a finger."""
PLACES = 120
"""Along a side."""
ACROSS = 350


class PageFault(StrEnum):
    TOO_DARK = "too_dark"
    SHINY = "shiny"
    OUTSIDE = "outside"
    BLURRED = "blurred"
    TOO_SMALL = "too_small"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`sharpness`: 0 to 1; a page is `BLURRED` below a half."""

    fault: PageFault | None
    sharpness: float


def judge(picture: Colour, found: Found) -> Judgement:
    high, wide = picture.shape[:2]
    corners = found.corners
    page = _page(picture, corners)
    sharp = _sharpness(picture, corners)
    fault: PageFault | None = None
    if _bright_part(page) < DARK:
        fault = PageFault.TOO_DARK
    elif _touches_rim(corners, wide, high):
        fault = PageFault.OUTSIDE
    elif float(shapes.lengths(corners).min()) < LEAST_SIDE * min(high, wide):
        fault = PageFault.TOO_SMALL
    elif covered(picture, corners):
        fault = PageFault.COVERED
    elif _glare(page) > LEAST_GLARE:
        fault = PageFault.SHINY
    elif sharp < 0.5:
        fault = PageFault.BLURRED
    return Judgement(fault, sharp)


def _page(picture: Colour, corners: Floats) -> Colour:
    """The page alone, no finer than `ACROSS`: for light, not for reading."""
    top, right, bottom, left = shapes.lengths(corners)
    wide, high = max(top, bottom), max(left, right)
    shrunk = min(1.0, ACROSS / max(wide, high))
    size = (max(8, int(wide * shrunk)), max(8, int(high * shrunk)))
    edge = np.array(((0, 0), (size[0], 0), size, (0, size[1])), np.float32)
    turn = cv2.getPerspectiveTransform(corners, edge)
    return np.asarray(cv2.warpPerspective(picture, turn, size, flags=cv2.INTER_AREA))


def _bright_part(page: Colour) -> float:
    return float(np.percentile(page.max(axis=2), 96))


def _touches_rim(corners: Floats, wide: int, high: int) -> bool:
    rim = RIM * max(wide, high)
    x, y = corners[:, 0], corners[:, 1]
    return bool(x.min() < rim or y.min() < rim or x.max() > wide - 1 - rim or y.max() > high - 1 - rim)


def _glare(page: Colour) -> float:
    """Which part of the page is a lamp's reflection: burnt out, and plainly brighter than the page around it."""
    least = page.min(axis=2)
    burnt = (least >= CLIPPED).astype(np.uint8)
    if not burnt.any():
        return 0.0
    usual = float(np.median(least))
    if usual >= BURNT_OUT:  # there is nothing left that it could be brighter than
        return float(burnt.mean())
    if usual > CLIPPED - 12:  # paper that is brightly lit, and no reflection
        return 0.0
    solid = cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return float(solid.mean())


def covered(picture: Colour, corners: Floats) -> bool:
    """Does something lie over the page's edge? There the edge is gone: what lies there is no part of the page and goes on from without to within, and
    from there on farther in. A page's own dark head, on a desk as dark, does so too, but along the whole side, and the plate beside it is the plate."""
    along = shapes.sides(corners)
    length = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-3)
    inward = np.stack((-along[:, 1], along[:, 0]), axis=1) / length
    depth = max(4.0, 0.018 * float(length.max()))
    within = np.linspace(0.015, 0.985, PLACES, dtype=np.float32)
    points = corners[:, None, :] + along[:, None, :] * within[:, None]
    half = cv2.resize(picture, (picture.shape[1] // 2, picture.shape[0] // 2), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(cv2.blur(half, (3, 3)), cv2.COLOR_BGR2LAB)

    def colours(aside: float) -> NDArray[np.float32]:
        at = ((points + aside * inward[:, None, :] - 0.5) / 2).astype(np.float32)
        taken = cv2.remap(lab, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(taken, np.float32)

    outside, inside, farther = colours(-depth), colours(depth), colours(2.5 * depth)
    page = np.median(inside.reshape(-1, 3), axis=0)
    usual_step = float(np.median(np.linalg.norm(inside - outside, axis=2)))
    same = np.linalg.norm(inside - outside, axis=2) < max(0.1 * usual_step, 12.0)
    strange = _unlike(inside, page) > 24
    goes_on = (_unlike(farther, inside) < 20) & (_unlike(farther, page) > 24)
    plate, beside = np.median(outside.reshape(-1, 3), axis=0), np.median(outside, axis=1, keepdims=True)
    no_plate, no_head = _unlike(outside, plate) > 18, strange.mean(axis=1, keepdims=True) < 0.9
    over = strange & same & ((_unlike(outside, beside) > 12) | (goes_on & (no_plate | no_head)))
    least = LEAST_COVER * max(picture.shape)
    return any(
        _in_runs(row) * float(far) > least * PLACES for row, far in zip(over, length[:, 0], strict=True)
    )


def _unlike(colours: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """By how many levels; colour counts more than light, which shadows change."""
    return np.asarray(np.linalg.norm((colours - others) * np.array((0.6, 2.0, 2.0), np.float32), axis=-1))


def _in_runs(row: NDArray[np.bool_]) -> int:
    """How many places are in runs of three and more."""
    edges = np.flatnonzero(np.diff(np.concatenate(((0,), row.astype(np.int8), (0,)))))
    long = edges[1::2] - edges[::2]
    return int(long[long >= 3].sum())


# Sharpness ----------------------------------------------------------------------------------------------------


def _sharpness(picture: Colour, corners: Floats) -> float:
    """1 for edges as sharp as a camera can draw, 0.5 where small print begins to run together, 0 for fog."""
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 6, 0)
    top = np.ceil(corners.max(axis=0)).astype(int) + 6
    cut = picture[low[1] : top[1], low[0] : top[0]]
    if cut.size == 0:
        return 0.0
    long = float(shapes.lengths(corners).max())
    widths = edge_widths(cast("Grey", cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY)))
    if widths is None:
        return 0.0
    limit = max(1.9, 0.0015 * long)
    return float(1 / (1 + (widths / limit) ** 2))


def edge_widths(grey: Grey) -> float | None:
    """How wide the sharpest edges are, as the sigma of the blur in pixels: the worse of along and across. None where there is no edge."""
    soft = cv2.GaussianBlur(grey, (0, 0), 0.7)
    widths = []
    for dx, dy in ((1, 0), (0, 1)):  # in whole numbers: eight times what a slope is, and four times as fast
        slope = np.abs(cv2.Sobel(soft, cv2.CV_16S, dx, dy, ksize=3))
        shape = np.ones((1, 13), np.uint8) if dx else np.ones((13, 1), np.uint8)
        rise = cv2.subtract(cv2.dilate(soft, shape), cv2.erode(soft, shape))
        strong = rise > max(24.0, 0.5 * float(np.percentile(rise[::2, ::2], 99)))
        if np.count_nonzero(strong) < 40:
            continue
        peak = np.nonzero(strong & (slope >= cv2.dilate(slope, shape)))
        if len(peak[0]) < 12:
            continue
        width = rise[peak] / (np.maximum(slope[peak] / 8, 0.1) * np.sqrt(2 * np.pi))
        widths.append(float(np.sqrt(max(float(np.percentile(width, 20)) ** 2 - 0.7**2, 0.01))))
    return max(widths) if widths else None
