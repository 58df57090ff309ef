"""A page seen from above and aslant becomes a flat page of its true size, and then a JPEG that says how many dots make an inch.

The true proportions of a rectangle follow from its four corners, if the middle of the picture is where the camera looks (Zhang and He, 2006:
whiteboard scanning). With them and with how large the page appears, a paper of a usual size is taken for just that, so that an A4
page has 1654 x 2339 dots at 200 dpi and not one more. How large a dot is: `dpi_of_view`, measured once where the station was set up, or
else that the longer side of the view is `VIEW_MM`. A paper of no usual size keeps its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from hardware.vision.pages import shapes
from hardware.vision.pages.shapes import Floats

if TYPE_CHECKING:
    from hardware.devices import Colour

VIEW_MM = 420.0
"""The longer side of what a plate's camera sees, if nobody has measured it: A3, which holds an A4 page either way."""
MM_PER_INCH = 25.4
MOST_DOTS = 6000
MEASURED, GUESSED = 0.07, 0.28
"""How far the size may be off a usual one, as a logarithm: with the scale measured, and without."""
ASKEW = 0.055
"""How far the proportions may be off, as a logarithm."""


@dataclass(frozen=True, slots=True)
class PaperSize:
    """In millimetres, the longer side first. `word` is empty for a paper of no usual size."""

    word: str
    long: float
    short: float


USUAL = (
    PaperSize("a4", 297, 210),
    PaperSize("a5", 210, 148),
    PaperSize("a6", 148, 105),
    PaperSize("passport_spread", 176, 125),
    PaperSize("passport_page", 125, 88),
    PaperSize("card", 85.6, 53.98),
    PaperSize("letter", 279.4, 215.9),
)
ROLLS = (80.0, 57.5)
"""How wide receipts are."""
LONG = 2.3
"""Longer than this many times its width, it is a receipt."""


def size_of(corners: Floats, frame: tuple[int, int], dpi_of_view: float | None = None) -> PaperSize:
    """What paper this is. `frame`: columns and rows of the picture."""
    across, down = _true_sides(corners, frame)
    per_mm = dpi_of_view / MM_PER_INCH if dpi_of_view else max(frame) / VIEW_MM
    long, short = max(across, down) / per_mm, min(across, down) / per_mm
    slack = MEASURED if dpi_of_view else GUESSED
    if long / short > LONG:
        roll = min(ROLLS, key=lambda each: abs(math.log(short / each)))
        if abs(math.log(short / roll)) < slack:
            return PaperSize("receipt", long * roll / short, roll)
        return PaperSize("", long, short)

    def off(each: PaperSize) -> tuple[float, float]:
        shape = abs(math.log(long / short * each.short / each.long))
        return shape, abs(math.log(math.sqrt(long * short / (each.long * each.short))))

    likely = [each for each in USUAL if off(each)[0] < ASKEW and off(each)[1] < slack]
    if not likely:
        return PaperSize("", long, short)
    return min(likely, key=lambda each: off(each)[0] * 2 + off(each)[1])


def flatten(picture: Colour, corners: Floats, dpi: int = 200, dpi_of_view: float | None = None) -> Colour:
    """The page alone, `dpi` dots an inch, as it lies: `upright` and `turned` come after."""
    frame = (picture.shape[1], picture.shape[0])
    size = size_of(corners, frame, dpi_of_view)
    across, down = _true_sides(corners, frame)
    wide_mm, high_mm = (size.long, size.short) if across > down else (size.short, size.long)
    scale = min(dpi / MM_PER_INCH, MOST_DOTS / max(wide_mm, high_mm))
    wide, high = max(16, round(wide_mm * scale)), max(16, round(high_mm * scale))
    seen = float(shapes.lengths(corners).max()) / max(wide, high)
    # A finer picture than is wanted is flattened as fine as it is and then made smaller, so that no dot of it is lost.
    finer = min(3, max(1, round(seen)))
    edge = np.array(((0, 0), (wide * finer, 0), (wide * finer, high * finer), (0, high * finer)), np.float32)
    turn = cv2.getPerspectiveTransform(np.asarray(corners, np.float32) + 0.5, edge)
    shift = np.array(((1, 0, -0.5), (0, 1, -0.5), (0, 0, 1)), np.float64)
    turn = shift @ turn @ np.linalg.inv(shift)
    flat = cv2.warpPerspective(
        picture, turn, (wide * finer, high * finer), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if finer > 1:
        flat = cv2.resize(flat, (wide, high), interpolation=cv2.INTER_AREA)
    return cast("Colour", flat)


def jpeg(page: Colour, dpi: int = 200, quality: int = 85) -> bytes:
    """A JPEG file whose head (JFIF) says how many dots make an inch, so that whoever prints it prints it in its true size."""
    done, made = cv2.imencode(".jpg", page, (cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1))
    if not done:
        raise ValueError("this is no picture")
    body = made.tobytes()
    assert body[6:11] == b"JFIF\0", "OpenCV begins every JPEG with a JFIF head"
    return body[:13] + b"\x01" + dpi.to_bytes(2, "big") * 2 + body[18:]


def _true_sides(corners: Floats, frame: tuple[int, int]) -> tuple[float, float]:
    """Width and height of the page in pixels of the picture, in its true proportions."""
    top, right, bottom, left = (float(each) for each in shapes.lengths(np.asarray(corners, np.float32)))
    across, down = (top + bottom) / 2, (left + right) / 2
    ratio = _true_ratio(corners, frame)
    if ratio is None or not 0.75 < ratio * down / across < 1.33:
        return across, down
    area = across * down
    return math.sqrt(area * ratio), math.sqrt(area / ratio)


def _true_ratio(corners: Floats, frame: tuple[int, int]) -> float | None:
    """Width by height of the rectangle whose picture this is; None where it is seen so squarely that nothing can be said."""
    middle = np.array((frame[0] / 2, frame[1] / 2, 0.0))
    points = np.concatenate((np.asarray(corners, np.float64), np.ones((4, 1))), axis=1) - middle
    m1, m2, m4, m3 = points  # upper left, upper right, lower right, lower left
    k2 = np.dot(np.cross(m1, m4), m3) / np.dot(np.cross(m2, m4), m3)
    k3 = np.dot(np.cross(m1, m4), m2) / np.dot(np.cross(m3, m4), m2)
    n2, n3 = k2 * m2 - m1, k3 * m3 - m1
    if abs(n2[2]) < 0.02 or abs(n3[2]) < 0.02:
        return None
    focal = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2])
    if focal <= (0.4 * max(frame)) ** 2 or focal > (6.0 * max(frame)) ** 2:
        return None
    lens = np.diag((1 / focal, 1 / focal, 1.0))
    return float(math.sqrt((n2 @ lens @ n2) / (n3 @ lens @ n3)))
