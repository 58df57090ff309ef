"""How much a quadrilateral looks like a paper's outline, as one figure between 0 and 1.

Five things are asked, and a candidate is as good as their product, so that none can make up for another: each side must lie on an edge along
nearly its whole length; what is inside must differ from what is outside, in the same way all round; an edge must end where the paper ends (the lines of
a tiled desk, of wood and of cloth go on); corners must be nearly right; and it must not be small, nor a long dark thing, which is a telephone.
`FLOOR` is where a paper begins. It stands above everything that plates without papers have reached in `benchmarks.pages`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.vision.pages import shapes
from hardware.vision.pages.shapes import AnyArray, Floats
from hardware.vision.pages.views import View

FLOOR = 0.66
DARK = 60
NIGHT = 3.0
"""A picture that must be made so many times brighter."""
NARROW, SLIM = 0.13, 0.115
"""Of the frame's shorter side: a long thing narrower than a till roll is a ruler; one narrower still, and longer than a card, is a piece of one."""
SAMPLES = 40
ALONG = np.linspace(0.03, 0.97, SAMPLES, dtype=np.float32)
BEYOND = np.linspace(0.005, 0.10, 10, dtype=np.float32)
AWAY = 5.0
"""Pixels from the outline: where inside and outside are compared."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is asked of N candidates; each an array of N."""

    least_support: Floats
    support: Floats
    cornered: Floats
    contrast: Floats
    alike: Floats
    motley: Floats
    ground: Floats
    least_contrast: Floats
    lighter: Floats
    crisp: Floats
    steep: Floats
    overrun: Floats
    corner: Floats
    area: Floats
    dark: NDArray[np.bool_]
    no_paper: NDArray[np.bool_]

    def of(self, which: list[int]) -> Marks:
        """Those of some of them."""
        return Marks(**{each.name: getattr(self, each.name)[which] for each in fields(self)})

    @property
    def sized(self) -> Floats:
        """What the score loses by being small."""
        return np.asarray(np.clip(self.area / 0.02, 0.0, 1.0) ** 0.25, np.float32)

    @property
    def score(self) -> Floats:
        edge = (0.6 * self.least_support + 0.4 * self.support) * (
            0.25 + 0.75 * np.clip(self.cornered / 0.8, 0, 1)
        )
        step = np.clip(self.contrast / 5.0, 0.0, 1.0) * 0.35 + 0.65
        # A plain thing on a motley ground: the ground's own lines and colours are no evidence against it.
        apart = (
            np.clip((self.ground - 0.04) / 0.08, 0.0, 1.0)
            * np.clip((0.10 - self.motley) / 0.05, 0.0, 1.0)
            * np.clip((self.contrast - 12.0) / 12.0, 0.0, 1.0)
        )
        same = np.maximum(0.35 + 0.65 * self.alike, 0.92 * apart)
        plain = 1.0 - 2.5 * np.clip(self.motley - 0.15, 0.0, 0.3)
        crisp = 0.3 + 0.7 * np.clip((self.crisp - 0.10) / 0.08, 0.0, 1.0)
        ends = 1.0 - 0.9 * np.clip(self.overrun - 0.15, 0.0, 1.0) * (1.0 - 0.8 * apart)
        right = 1.0 - np.clip(self.corner - 0.08, 0.0, 1.0) * 1.2
        total = edge * step * same * plain * crisp * ends * np.clip(right, 0.0, 1.0) * self.sized
        total = np.where(
            self.dark, 0.8 * total, total
        )  # a part of a telephone, or hardly to be seen: more is asked
        return np.where(self.no_paper, 0.0, total).astype(np.float32)


def marks_of(view: View, quads: Floats) -> Marks:
    """Judges N x 4 x 2 corners, clockwise, in the view's pixels."""
    along = shapes.sides(quads)
    _, inward = across_of(quads)
    points = quads[:, :, None, :] + along[:, :, None, :] * ALONG[:, None]
    support = edge_along(view, points, inward)
    by_side = support.mean(axis=2)
    near = _steep(view, points, inward, (-1.0, 0.0, 1.0))
    differs = _differs(view, points, inward)
    wide, wide_after = np.linalg.norm(along[:, ::2], axis=-1), np.linalg.norm(along[:, 1::2], axis=-1)
    ratio = wide.mean(axis=1) / np.maximum(wide_after.mean(axis=1), 1e-3)
    long = np.maximum(ratio, 1 / np.maximum(ratio, 1e-3))
    short = np.minimum(wide.mean(axis=1), wide_after.mean(axis=1))
    columns, rows = view.size
    frame = min(columns, rows)
    dark, glass = _dark(view, quads, long, differs.level)
    return Marks(
        least_support=by_side.min(axis=1),
        support=by_side.mean(axis=1),
        cornered=_cornered(support),
        contrast=differs.contrast,
        alike=differs.alike,
        motley=differs.within,
        ground=differs.without,
        least_contrast=differs.least,
        lighter=differs.lighter,
        crisp=np.median(near, axis=1) / (differs.contrast + 2.0),
        steep=np.median(_steep(view, points, inward, (0.0,)), axis=1),
        overrun=_overrun(view, quads, along, inward, near),
        corner=shapes.worst_corner(quads),
        area=np.asarray(shapes.areas(quads) / (columns * rows), np.float32),
        dark=dark,
        no_paper=glass | ((long > 3) & (short < NARROW * frame)) | ((long > 1.75) & (short < SLIM * frame)),
    )


def edge_bound(view: View, quads: Floats) -> Floats:
    """What the edges alone allow a score to be, asked of every third place."""
    _, inward = across_of(quads)
    points = quads[:, :, None, :] + shapes.sides(quads)[:, :, None, :] * ALONG[1::3, None]
    by_side = edge_along(view, points, inward).mean(axis=2)
    return np.asarray(0.6 * by_side.min(axis=1) + 0.4 * by_side.mean(axis=1), np.float32)


def across_of(quads: Floats) -> tuple[Floats, Floats]:
    """Of each side its direction, and the one inward."""
    along = shapes.sides(quads)
    direction = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-3)
    return direction, np.stack((-direction[..., 1], direction[..., 0]), axis=-1)


def _dark(
    view: View, quads: AnyArray, long: Floats, ground: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Dark and no lighter than what it lies on; and long besides, or with nothing on it: glass. A dark card has print on it, and other proportions."""
    part = np.linspace(0.12, 0.88, 9, dtype=np.float32)
    u, v = (each.reshape(1, -1, 1) for each in np.meshgrid(part, part))
    a, b, c, d = (quads[:, None, k, :] for k in range(4))
    light = colours_at(view, (a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v)[..., 0]
    low, middle, high = np.sort(light, axis=1)[:, (4, 40, 76)].T
    dark = (middle / view.lifted < DARK) & (middle - ground < 30)
    glass = dark & ((long > 1.68) | (long < 1.38) | (high - low < 22 * min(view.lifted, 2.0)))
    return np.asarray(dark | (view.lifted > NIGHT)), np.asarray(glass)


def _cornered(support: AnyArray) -> Floats:
    """Whether edges go on into the corners, as a cup's do not. One corner may be hidden: the second worst of four counts."""
    end = SAMPLES // 6
    starts, ends = support[:, :, :end].mean(axis=2), support[:, :, -end:].mean(axis=2)
    corners = np.minimum(starts, np.roll(ends, 1, axis=1))
    return np.asarray(np.sort(corners, axis=1)[:, 1], np.float32)


def edge_along(view: View, points: AnyArray, normals: AnyArray, own: AnyArray | None = None) -> Floats:
    """0 to 1: is there an edge at these points (N x sides x M x 2), running across the normal (N x sides x 2)? A pixel aside will do, an edge that
    runs another way will not. `own` (N x sides): how steep the paper's edge is; what is much less so is no part of it."""
    best = np.zeros(points.shape[:-1], np.float32)
    across = normals[:, :, None, :]
    for aside in (-1.2, 0.0, 1.2):
        slope = looked_up(view, points + aside * across)
        steep = np.abs((slope * across).sum(axis=-1))
        cosine = steep / np.maximum(np.sqrt((slope * slope).sum(axis=-1)), 1e-3)
        there = np.clip((steep - 0.5 * view.step) / view.step, 0.0, 1.0)
        if own is not None:
            there = there * np.clip((steep / np.maximum(own, 1e-3)[:, :, None] - 0.25) / 0.3, 0.0, 1.0)
        np.maximum(best, there * np.clip((cosine - 0.72) / 0.2, 0.0, 1.0), out=best)
    return best


def _steep(view: View, points: AnyArray, normals: AnyArray, asides: tuple[float, ...]) -> Floats:
    """How steep the step is along each side, as a rule (N x sides)."""
    across = normals[:, :, None, :]
    steep = [np.abs((looked_up(view, points + aside * across) * across).sum(axis=-1)) for aside in asides]
    return np.asarray(np.median(np.max(steep, axis=0), axis=2), np.float32)


def looked_up(view: View, points: AnyArray) -> Floats:
    """The slope at points; none outside the picture."""
    return _nearest(view.slope, points, cv2.BORDER_CONSTANT)


def colours_at(view: View, points: AnyArray) -> Floats:
    """The colour at points; the nearest one outside the picture."""
    return _nearest(view.lab, points, cv2.BORDER_REPLICATE)


def _nearest(image: Floats, points: AnyArray, border: int) -> Floats:
    """OpenCV looks up ten times as fast as an index does."""
    if not points.size:
        return np.zeros((*points.shape[:-1], image.shape[2]), np.float32)
    rows = points.reshape(-1, points.shape[-2], 2).astype(np.float32, copy=False)
    x, y = (np.ascontiguousarray(rows[..., each]) for each in (0, 1))
    taken = cv2.remap(image, x, y, cv2.INTER_NEAREST, borderMode=border)
    return np.asarray(taken, np.float32).reshape(*points.shape[:-1], -1)


def known(view: View, points: AnyArray, margin: float = 0.0) -> NDArray[np.bool_]:
    """Which points lie in the picture, `margin` away from its edge."""
    low, high = margin - 0.5, np.array(view.size, np.float32) - 0.5 - margin
    return np.asarray(((points > low) & (points < high)).all(axis=-1))


@dataclass(frozen=True, slots=True)
class _Differs:
    """`contrast`: how the inside differs from the outside, as a rule; `least`: on the worst side. `alike`: which part of the outline agrees in
    that. `within`, `without`: how the colour changes along the outline just inside and outside, in parts of the contrast. `level`: how light it is
    outside; `lighter`: how much lighter inside."""

    contrast: Floats
    least: Floats
    alike: Floats
    within: Floats
    without: Floats
    level: Floats
    lighter: Floats


def _differs(view: View, points: AnyArray, inward: AnyArray) -> _Differs:
    across = inward[:, :, None, :]
    weights = np.array((1.0, 1.6, 1.6), np.float32)
    within = colours_at(view, points + AWAY * across) * weights
    without = colours_at(view, points - AWAY * across) * weights
    inside = known(view, points - AWAY * across)
    steps = within - without
    middle = np.median(steps.reshape(len(steps), 4 * SAMPLES, 3), axis=1)
    by_side = np.median(steps, axis=2)
    contrast = np.linalg.norm(middle, axis=-1)
    alike = _agree(steps, middle[:, None, :], inside)
    # A side may differ in a way of its own: a page whose head is a dark field, on a light desk.
    best = np.maximum(alike, 0.8 * _agree(steps, by_side, inside))
    changes = [
        np.linalg.norm(np.diff(each, axis=2), axis=-1).reshape(len(steps), 4 * (SAMPLES - 1)).mean(axis=1)
        / (contrast + 3.0)
        for each in (within, without)
    ]
    return _Differs(
        contrast,
        np.linalg.norm(by_side, axis=-1).min(axis=1),
        0.5 * (best.min(axis=1) + best.mean(axis=1)),
        changes[0],
        changes[1],
        np.median(without[..., 0].reshape(len(steps), 4 * SAMPLES), axis=1),
        middle[:, 0],
    )


def _agree(steps: AnyArray, middle: AnyArray, seen: AnyArray) -> Floats:
    """For each side, which part of its steps goes the way of `middle` (N x 1 or 4 x 3)."""
    size = np.linalg.norm(middle, axis=-1)
    unit = middle / np.maximum(size, 1e-3)[..., None]
    towards = (steps * unit[:, :, None, :]).sum(axis=-1)
    agree = (towards > np.maximum(0.3 * size, 0.6)[..., None]) | ~seen
    return np.asarray(agree.mean(axis=2), np.float32)


def _overrun(view: View, quads: AnyArray, along: AnyArray, inward: AnyArray, own: AnyArray) -> Floats:
    """How much of an edge there is beyond the corners, at the worse ends: the mean of the four worst of eight. What lies beyond the frame is half an edge."""
    ends = []
    direction = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-3)
    for start, way in ((quads, -1.0), (np.roll(quads, -1, axis=1), 1.0)):
        reach = BEYOND[:, None] * along[:, :, None, :] + 4.0 * direction[:, :, None, :]
        points = start[:, :, None, :] + way * reach
        inside = known(view, points)
        edge = edge_along(view, points, inward, own) * inside
        seen = inside.sum(axis=2)
        ends.append(np.where(seen > 1, edge.sum(axis=2) / np.maximum(seen, 1), 0.5))
    every = np.sort(np.concatenate(ends, axis=1), axis=1)
    return np.asarray(every[:, 4:].mean(axis=1), np.float32)
