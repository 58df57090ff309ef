"""How much a quadrilateral looks like a paper's outline, as one figure between 0 and 1.

Five things are asked, and a candidate is as good as their product, so that none can make up for another: each side must lie on an edge along
nearly its whole length; what is inside must differ from what is outside, in the same way all round; an edge must end where the paper ends (the lines of
a tiled desk, of wood and of cloth go on); corners must be nearly right; and it must not be small, nor a long dark thing, which is a telephone.
`FLOOR` is where a paper begins. It stands above everything that plates without papers have reached in `benchmarks.pages`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.vision.pages import shapes
from hardware.vision.pages.shapes import AnyArray, Floats
from hardware.vision.pages.views import View

FLOOR = 0.45
SAMPLES = 40
ALONG = np.linspace(0.03, 0.97, SAMPLES, dtype=np.float32)
BEYOND = np.linspace(0.02, 0.12, 8, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is asked of N candidates; each an array of N."""

    least_support: Floats
    support: Floats
    contrast: Floats
    alike: Floats
    overrun: Floats
    corner: Floats
    area: Floats
    dark_long: NDArray[np.bool_]

    @property
    def score(self) -> Floats:
        edge = 0.55 * self.least_support + 0.45 * self.support
        step = np.clip(self.contrast / 5.0, 0.0, 1.0) * 0.35 + 0.65
        same = 0.35 + 0.65 * self.alike
        ends = 1.0 - 0.9 * np.clip(self.overrun - 0.15, 0.0, 1.0)
        right = 1.0 - np.clip(self.corner - 0.08, 0.0, 1.0) * 1.2
        size = np.clip(self.area / 0.02, 0.0, 1.0) ** 0.25
        total = edge * step * same * ends * np.clip(right, 0.0, 1.0) * size
        return np.where(self.dark_long, 0.0, total).astype(np.float32)


def marks_of(view: View, quads: Floats) -> Marks:
    """Judges N x 4 x 2 corners, clockwise, in the view's pixels."""
    along = shapes.sides(quads)
    length = np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-3)
    direction = along / length
    inward = np.stack((-direction[..., 1], direction[..., 0]), axis=-1)
    points = quads[:, :, None, :] + along[:, :, None, :] * ALONG[:, None]
    support = edge_along(view, points, inward)
    by_side = support.mean(axis=2)
    contrast, alike, dark = _differs(view, points, inward)
    wide, wide_after = np.linalg.norm(along[:, ::2], axis=-1), np.linalg.norm(along[:, 1::2], axis=-1)
    ratio = wide.mean(axis=1) / np.maximum(wide_after.mean(axis=1), 1e-3)
    long = np.maximum(ratio, 1 / np.maximum(ratio, 1e-3))
    columns, rows = view.size
    return Marks(
        least_support=by_side.min(axis=1),
        support=by_side.mean(axis=1),
        contrast=contrast,
        alike=alike,
        overrun=_overrun(view, quads, along, inward),
        corner=shapes.worst_corner(quads),
        area=shapes.areas(quads) / (columns * rows),
        dark_long=(long > 1.75) & dark,
    )


def edge_along(view: View, points: AnyArray, normals: AnyArray) -> Floats:
    """0 to 1: is there an edge at these points (N x sides x M x 2), running across the normal (N x sides x 2)? A pixel aside will do."""
    best = np.zeros(points.shape[:-1], np.float32)
    across = normals[:, :, None, :]
    for aside in (-1.2, 0.0, 1.2):
        slope = looked_up(view, points + aside * across)
        np.maximum(best, np.abs((slope * across).sum(axis=-1)), out=best)
    return np.clip((best - 0.5 * view.step) / view.step, 0.0, 1.0).astype(np.float32)


def looked_up(view: View, points: AnyArray) -> Floats:
    """The slope at points; none outside the picture."""
    x, y, inside = _nearest(view, points)
    return np.where(inside[..., None], np.stack((view.slope[0][y, x], view.slope[1][y, x]), axis=-1), 0.0)


def _nearest(view: View, points: AnyArray) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    columns, rows = view.size
    x, y = np.rint(points[..., 0]).astype(np.intp), np.rint(points[..., 1]).astype(np.intp)
    inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    return np.clip(x, 0, columns - 1), np.clip(y, 0, rows - 1), inside


def _differs(view: View, points: AnyArray, inward: AnyArray) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """How much the inside differs from the outside in its colour; which part of the outline agrees in that; whether the inside is dark."""
    across = inward[:, :, None, :]
    weights = np.array((1.0, 1.6, 1.6), np.float32)
    x, y, _ = _nearest(view, points + 5.0 * across)
    within = view.lab[y, x]
    x, y, known = _nearest(view, points - 5.0 * across)
    steps = (within - view.lab[y, x]) * weights
    many = steps.reshape(len(steps), -1, 3)
    known = known.reshape(len(steps), -1)
    middle = np.median(many, axis=1)
    contrast = np.linalg.norm(middle, axis=-1)
    unit = middle / np.maximum(contrast, 1e-3)[:, None]
    towards = (many * unit[:, None, :]).sum(axis=-1)
    agree = (towards > np.maximum(0.3 * contrast, 0.6)[:, None]) | ~known
    alike = agree.reshape(len(steps), 4, -1).mean(axis=2)
    dark = (np.median(within[..., 0].reshape(len(steps), -1), axis=1) < 75) & (middle[:, 0] < 0)
    return contrast, 0.5 * (alike.min(axis=1) + alike.mean(axis=1)), dark


def _overrun(view: View, quads: AnyArray, along: AnyArray, inward: AnyArray) -> Floats:
    """How much of an edge there is beyond the corners, at the worse ends: the mean of the four worst of eight."""
    ends = []
    for start, way in ((quads, -1.0), (np.roll(quads, -1, axis=1), 1.0)):
        direction = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-3)
        reach = BEYOND[:, None] * along[:, :, None, :] + 4.0 * direction[:, :, None, :]
        ends.append(edge_along(view, start[:, :, None, :] + way * reach, inward).mean(axis=2))
    every = np.sort(np.concatenate(ends, axis=1), axis=1)
    return np.asarray(every[:, 4:].mean(axis=1), np.float32)
