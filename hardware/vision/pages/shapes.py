"""Quadrilaterals: four corners in a fixed order, and what can be asked of one or of many at once.

Everything that is asked of candidates takes an array of N x 4 x 2, because a finder asks it of hundreds in each frame.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
"""Corners: 4 x 2, or many: N x 4 x 2."""
AnyArray = NDArray[Any]


def in_order(corners: AnyArray) -> Floats:
    """The same corners clockwise on the screen, beginning with the upper left."""
    return np.ascontiguousarray(all_in_order(np.asarray(corners, np.float32).reshape(1, 4, 2))[0])


def all_in_order(quads: AnyArray) -> Floats:
    """`in_order` of N x 4 x 2."""
    away = quads - quads.mean(axis=1, keepdims=True)
    turn = np.argsort(np.arctan2(away[..., 1], away[..., 0]), axis=1)
    round_it = np.take_along_axis(quads, turn[..., None], axis=1)
    first = round_it.sum(axis=2).argmin(axis=1)
    order = (first[:, None] + np.arange(4)) % 4
    return np.asarray(np.take_along_axis(round_it, order[..., None], axis=1), np.float32)


def areas(quads: AnyArray) -> Floats:
    """Signed: positive when clockwise on the screen."""
    x, y = quads[..., 0], quads[..., 1]
    return np.asarray(
        0.5 * (x * np.roll(y, -1, axis=-1) - y * np.roll(x, -1, axis=-1)).sum(axis=-1), np.float32
    )


def sides(quads: AnyArray) -> Floats:
    """From each corner to the next."""
    return np.asarray(np.roll(quads, -1, axis=-2) - quads, np.float32)


def lengths(quads: AnyArray) -> Floats:
    """Top, right, bottom, left."""
    return np.asarray(np.linalg.norm(sides(quads), axis=-1), np.float32)


def worst_corner(quads: AnyArray) -> Floats:
    """The largest cosine of an angle, as a size: 0 for a rectangle, 1 for a corner that is none."""
    along = sides(quads)
    along = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
    cosines = np.abs((along * np.roll(along, 1, axis=-2)).sum(axis=-1))
    return np.asarray(cosines.max(axis=-1), np.float32)


def convex(quads: AnyArray) -> NDArray[np.bool_]:
    """Convex, and clockwise on the screen."""
    along = sides(quads)
    following = np.roll(along, -1, axis=-2)
    turns = along[..., 0] * following[..., 1] - along[..., 1] * following[..., 0]
    return np.asarray((turns > 0).all(axis=-1))


def overlap(one: AnyArray, other: AnyArray) -> tuple[float, float]:
    """Intersection over union, and the part of the smaller that lies in the larger."""
    first, second = (np.asarray(each, np.float32) for each in (one, other))
    shared, _ = cv2.intersectConvexConvex(first, second)
    sizes = abs(float(areas(first))), abs(float(areas(second)))
    union = sizes[0] + sizes[1] - shared
    return shared / max(union, 1e-6), shared / max(min(sizes), 1e-6)


def crossing(lines: AnyArray, others: AnyArray) -> Floats:
    """Where lines cross; each is (a, b, c) with a x + b y = c. Parallel ones cross far away."""
    a, b, c = lines[..., 0], lines[..., 1], lines[..., 2]
    d, e, f = others[..., 0], others[..., 1], others[..., 2]
    by = a * e - b * d
    by = np.where(np.abs(by) < 1e-6, 1e-6, by)
    return np.stack(((c * e - b * f) / by, (a * f - c * d) / by), axis=-1).astype(np.float32)
