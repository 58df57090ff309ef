"""Moves a quadrilateral onto the edges near it: roughly in the small view, then exactly in the full picture.

Along each side the steepest step is looked for across the side, at many places; a line is laid through those that agree (least squares, weights falling
with distance, three rounds), and corners are where lines cross. In the full picture the side may be a slight bow, because papers curl: it is fitted
as one, and the corner is where the bows meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from hardware.vision.pages import shapes
from hardware.vision.pages.scoring import looked_up
from hardware.vision.pages.shapes import AnyArray, Floats
from hardware.vision.pages.views import View

if TYPE_CHECKING:
    from hardware.devices import Colour

NEAR = 6
"""Pixels of the view to either side."""
PLACES = 28
WITHIN = np.linspace(0.04, 0.96, PLACES, dtype=np.float32)


def settled(view: View, quads: Floats) -> Floats:
    """Each of N quadrilaterals, moved onto the edges of the view."""
    along = shapes.sides(quads)
    direction = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-3)
    inward = np.stack((-direction[..., 1], direction[..., 0]), axis=-1)
    points = quads[:, :, None, :] + along[:, :, None, :] * WITHIN[:, None]
    asides = np.arange(-NEAR, NEAR + 1, dtype=np.float32)
    steps = np.stack(
        [
            np.abs((looked_up(view, points + aside * inward[:, :, None, :]) * inward[:, :, None, :]).sum(-1))
            for aside in asides
        ],
        axis=-1,
    )
    best = steps.argmax(axis=-1)
    weight = np.clip(np.take_along_axis(steps, best[..., None], -1)[..., 0] / (2 * view.step), 0, 1) + 1e-3
    base, tilt = _fit(np.broadcast_to(WITHIN, best.shape), asides[best], weight)
    start = quads + inward * base[..., None]
    end = np.roll(quads, -1, axis=1) + inward * (base + tilt)[..., None]
    return _met(start, end)


def _fit(x: AnyArray, y: AnyArray, weight: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Straight lines y = base + tilt x, many at once, led astray by few."""
    trust = np.array(weight)
    middle = _weighted_median(y, weight)
    trust = weight / (1 + ((y - middle[..., None]) / 2.5) ** 2)
    base = tilt = middle
    for _ in range(3):
        total = trust.sum(-1)
        mx, my = (trust * x).sum(-1) / total, (trust * y).sum(-1) / total
        dx = x - mx[..., None]
        tilt = (trust * dx * (y - my[..., None])).sum(-1) / np.maximum((trust * dx * dx).sum(-1), 1e-6)
        base = my - tilt * mx
        away = y - base[..., None] - tilt[..., None] * x
        trust = weight / (1 + (away / 1.2) ** 2)
    return base, tilt


def _weighted_median(y: AnyArray, weight: AnyArray) -> AnyArray:
    order = np.argsort(y, axis=-1)
    values = np.take_along_axis(y, order, -1)
    share = np.cumsum(np.take_along_axis(weight, order, -1), axis=-1)
    at = (share < 0.5 * share[..., -1:]).sum(axis=-1, keepdims=True)
    return np.take_along_axis(values, np.minimum(at, y.shape[-1] - 1), -1)[..., 0]


def _met(start: AnyArray, end: AnyArray) -> Floats:
    """The corners of sides that are lines from `start` to `end`: corner k is where side k - 1 meets side k."""
    way = end - start
    normal = np.stack((-way[..., 1], way[..., 0]), axis=-1)
    normal = normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    lines = np.concatenate((normal, (normal * start).sum(-1, keepdims=True)), axis=-1)
    return shapes.crossing(np.roll(lines, 1, axis=-2), lines)


# In the full picture ------------------------------------------------------------------------------------------


def onto_edges(picture: Colour, corners: Floats, reach: float) -> Floats:
    """The corners to a part of a pixel. `reach`: how far off the sides may be, in pixels. What moved too far is left as it was."""
    moved = corners
    for far in (reach, max(2.0, reach / 2)):
        moved = _closer(picture, moved, far)
    moved_by = np.abs(moved - corners).max()
    if not np.isfinite(moved).all() or moved_by > 4 * reach or not bool(shapes.convex(moved)):
        return corners
    return moved


def _closer(picture: Colour, corners: Floats, reach: float) -> Floats:
    along = shapes.sides(corners)
    length = np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-3)
    inward = np.stack((-along[:, 1], along[:, 0]), axis=-1) / length
    many = 64
    within = np.linspace(0.02, 0.98, many, dtype=np.float32)
    asides = np.arange(-reach - 2, reach + 2.5, 0.5, dtype=np.float32)
    points = corners[:, None, :] + along[:, None, :] * within[:, None]
    at = points[:, :, None, :] + inward[:, None, None, :] * asides[:, None]
    flat = at.reshape(4 * many, len(asides), 2).astype(np.float32)
    strips = cv2.remap(picture, flat[..., 0], flat[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    strips = cv2.blur(
        strips.astype(np.float32).reshape(4, many, len(asides), 3).reshape(4 * many, -1, 3), (3, 1)
    )
    strips = strips.reshape(4, many, len(asides), 3)
    # Along the side neighbours are alike: taking five together calms noise without softening the edge.
    calm = np.stack([cv2.blur(side, (1, 5)) for side in strips])
    steps = np.linalg.norm(calm[:, :, 4:] - calm[:, :, :-4], axis=-1)
    offsets = asides[2:-2]
    best = steps.argmax(axis=-1)
    height = np.take_along_axis(steps, best[..., None], -1)[..., 0]
    weight = np.clip(height / np.maximum(np.median(height, axis=-1, keepdims=True), 4.0), 0.02, 1.0)
    place = offsets[best] + _between(steps, best)
    bows = [_bow(within, place[side], weight[side]) for side in range(4)]
    return _corners_of(corners, along, inward, bows)


def _between(steps: AnyArray, best: AnyArray) -> AnyArray:
    """Where between the samples the step is steepest, by a parabola."""
    inner = np.clip(best, 1, steps.shape[-1] - 2)
    left, here, right = (np.take_along_axis(steps, (inner + d)[..., None], -1)[..., 0] for d in (-1, 0, 1))
    bend = left - 2 * here + right
    part = np.where(np.abs(bend) > 1e-3, 0.5 * (left - right) / np.where(np.abs(bend) > 1e-3, bend, 1), 0)
    return np.where(best == inner, np.clip(part, -0.5, 0.5) * 0.5, 0)


def _bow(within: AnyArray, place: AnyArray, weight: AnyArray) -> AnyArray:
    """Three figures of place = a + b t + c t^2, from those that agree."""
    terms = np.stack((np.ones_like(within), within, within * within), axis=1)
    trust = weight / (1 + ((place - np.median(place)) / 3) ** 2)
    curve = np.zeros(3)
    for _ in range(4):
        scaled = terms * trust[:, None]
        # A bow must be earned: a side is straight until most of it says otherwise.
        curve = np.linalg.solve(terms.T @ scaled + np.diag((1e-3, 1e-3, 0.5)), scaled.T @ place)
        away = place - terms @ curve
        scale = max(0.6, 1.5 * float(np.median(np.abs(away))))
        trust = weight / (1 + (away / scale) ** 2) ** 2
    return curve


def _corners_of(corners: Floats, along: AnyArray, inward: AnyArray, bows: list[AnyArray]) -> Floats:
    """Each corner from the ends of its two sides, as straight lines along the bows' last fifth."""
    starts, ends = [], []
    for side in range(4):
        a, b, c = bows[side]
        here, way, across = corners[side], along[side], inward[side]
        starts.append((here + across * a, here + way * 0.2 + across * (a + b * 0.2 + c * 0.04)))
        ends.append((here + way * 0.8 + across * (a + b * 0.8 + c * 0.64), here + way + across * (a + b + c)))
    before = np.array([ends[(k - 1) % 4] for k in range(4)], np.float32)
    after = np.array(starts, np.float32)
    lines = []
    for pair in (before, after):
        way = pair[:, 1] - pair[:, 0]
        normal = np.stack((-way[:, 1], way[:, 0]), axis=-1)
        normal = normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
        lines.append(np.concatenate((normal, (normal * pair[:, 0]).sum(-1, keepdims=True)), axis=-1))
    return shapes.crossing(lines[0], lines[1])
