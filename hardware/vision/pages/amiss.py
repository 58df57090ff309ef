"""What keeps a paper that lies there from being found: it is too small, a hand lies over its edge, or it runs out of the frame.

This is for saying so, never for taking. What is too small has all the marks of a paper but its size. What is covered has most of an outline and something over the rest
(`quality.covered`). What runs out of the frame has one side with its two corners in the frame and the two sides beside it, or three corners; what cannot be seen
is not asked about, and more is asked of the rest, because pens, rulers, shadows and planks run out of the frame too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hardware.vision.pages import shapes
from hardware.vision.pages.candidates import NEAR_PARALLEL, NEAR_SQUARE, apart, supports
from hardware.vision.pages.finding import Found, Search, exactly, found_in, meant, search
from hardware.vision.pages.quality import LEAST_SIDE, PageFault, covered, judge
from hardware.vision.pages.refining import settled
from hardware.vision.pages.scoring import (
    ALONG,
    AWAY,
    FLOOR,
    NARROW,
    Marks,
    across_of,
    colours_at,
    edge_along,
    known,
    looked_up,
    marks_of,
)
from hardware.vision.pages.shapes import AnyArray, Floats
from hardware.vision.pages.views import View

if TYPE_CHECKING:
    from hardware.devices import Colour

COVERED_FLOOR, COVERED_AREA = 0.36, 0.018
COVERED_MOST = 6
"""How many candidates are asked whether something lies over them."""
CUT_FLOOR = 0.86
PART = 0.02
"""Of the frame: what is larger is a paper of its own, and no photograph on one. A card is half as large again."""
UNSURE, SURE = 0.75, 0.9
MARGIN = 4.0
"""Pixels of the view: a corner that is closer to the frame's edge cannot be told from one beyond it."""
CUT_LINES, CUT_TRIED, CUT_MOST = 32, 500, 70
SHOWS = 0.05
"""Of the view's width: how much of a cut side is to be seen at least."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One frame: the paper that is meant, what is wrong with it (also where none can be taken: then `found` is where it seems to be), how sharp it is (0 to 1).
    `taken`: it is a page, and not only a reason to say something."""

    found: Found | None
    fault: PageFault | None
    sharpness: float
    taken: bool


def look(picture: Colour) -> Looked:
    """Finds the page, judges it, or says why there is none."""
    looked = search(picture)
    found = meant(found_in(picture, looked))
    judgement = judge(picture, found) if found is not None else None
    if judgement is None or judgement.fault in (None, PageFault.TOO_SMALL, PageFault.OUTSIDE):
        amiss = _amiss(picture, looked, found)
        if amiss is not None:
            return amiss
    if found is None or judgement is None:
        return Looked(None, None, 0.0, taken=False)
    return Looked(found, judgement.fault, judgement.sharpness, taken=True)


def _amiss(picture: Colour, looked: Search, found: Found | None) -> Looked | None:
    """`found` may be a picture or a table on a paper that is not to be found itself: then that paper lies around it."""
    within = None
    if found is not None:
        within = ((found.corners + 0.5) * looked.view.shrunk - 0.5).astype(np.float32)
    whole = shapes.areas(within) / np.prod(looked.view.size) if within is not None else 0.0
    cut = _cut(picture, looked, within) if found is None or whole < PART or found.score < UNSURE else None
    if cut is not None:
        return Looked(cut, PageFault.OUTSIDE, 0.0, taken=False)
    held = _covered(picture, looked, within)
    if held is not None and (found is None or held.score > _asked_of(found, float(whole)) * found.score):
        return Looked(held, PageFault.COVERED, 0.0, taken=False)
    if found is not None:
        return None
    small = _small(picture, looked)
    if small is not None:
        return Looked(small, PageFault.TOO_SMALL, 0.0, taken=False)
    return None


def _asked_of(found: Found, whole: float) -> float:
    """Which part of the score of what was found a covered page around it must reach."""
    if whole < PART:
        return 0.5
    return 0.7 if found.score < SURE else 0.8


def _around(quads: Floats, within: Floats | None) -> NDArray[np.bool_]:
    """Those that hold `within` and plainly more."""
    if within is None:
        return np.ones(len(quads), bool)
    size = float(shapes.areas(within))
    large = shapes.areas(quads) > 1.08 * size
    return np.array(
        [big and shapes.overlap(quad, within)[1] > 0.95 for quad, big in zip(quads, large, strict=True)], bool
    )


def _small(picture: Colour, looked: Search) -> Found | None:
    marks = looked.marks
    scores = marks.score / np.maximum(marks.sized, 1e-3)
    short = shapes.lengths(looked.quads).min(axis=1) < LEAST_SIDE * min(looked.view.size)
    scores = np.where(short, scores, 0)
    if not len(scores) or scores.max() < FLOOR:
        return None
    best = int(scores.argmax())
    return Found(exactly(picture, looked.view, looked.quads[best]), float(scores[best]))


def _covered(picture: Colour, looked: Search, within: Floats | None) -> Found | None:
    likely = (looked.marks.area > COVERED_AREA) & _around(looked.quads, within)
    scores = np.where(likely, looked.marks.score, 0)
    asked: list[int] = []
    for at in np.argsort(-scores):
        if scores[at] < COVERED_FLOOR or len(asked) == COVERED_MOST:
            break
        if any(shapes.overlap(looked.quads[at], looked.quads[other])[0] > 0.9 for other in asked):
            continue
        asked.append(int(at))
        corners = exactly(picture, looked.view, looked.quads[at])
        if covered(picture, corners):
            return Found(corners, float(scores[at]))
    return None


# What the frame cuts ----------------------------------------------------------------------------------------------


def _cut(picture: Colour, looked: Search, within: Floats | None) -> Found | None:
    view, lines = looked.view, looked.lines[:CUT_LINES]
    quads = _cut_shapes(view, lines)
    if not len(quads):
        return None
    marks = _marks_of_seen(view, quads)
    scores = np.where(_around(quads, within), marks.score, 0)
    best = int(scores.argmax())
    if scores[best] < CUT_FLOOR:
        return None
    high, wide = picture.shape[:2]
    corners = (quads[best] + 0.5) / view.shrunk - 0.5
    held = np.clip(corners, 0, (wide - 1, high - 1)).astype(np.float32)
    return Found(shapes.in_order(held), float(marks.score[best]))


def _cut_shapes(view: View, lines: Floats) -> Floats:
    """Quadrilaterals with one corner or two beyond the frame, the likeliest."""
    if len(lines) < 3:
        return np.zeros((0, 4, 2), np.float32)
    turned = np.abs(lines[:, :2] @ lines[:, :2].T)
    at = shapes.crossing(lines[:, None, :], lines[None, :, :])
    ones, others = np.nonzero(np.triu(turned > NEAR_PARALLEL, 1))
    if not len(ones):
        return np.zeros((0, 4, 2), np.float32)
    support, _ = supports(view, lines, at, ones, others, beyond_frame=1.0)
    square = (turned[:, ones] < NEAR_SQUARE) & (turned[:, others] < NEAR_SQUARE)
    made = [
        *_corners_out(view, at, ones, others, support, square),
        *_end_out(view, lines, at, ones, others, support, square),
    ]
    if not made:
        return np.zeros((0, 4, 2), np.float32)
    quads = shapes.all_in_order(np.concatenate(made))
    quads = quads[shapes.convex(quads) & (shapes.worst_corner(quads) < 0.5)]
    support = _seen_support(view, quads)
    quads, support = quads[support > 0.45], support[support > 0.45]
    shown = shapes.areas(np.clip(quads, 0, np.array(view.size, np.float32))) / np.prod(view.size)
    likely = apart(quads[np.argsort(-support * (0.75 + 0.25 * np.sqrt(np.clip(shown, 0, 1))))], CUT_MOST, 2.5)
    if not likely:
        return np.zeros((0, 4, 2), np.float32)
    quads = np.stack(likely)
    moved = settled(view, quads)
    moved = moved[np.abs(moved - quads).max(axis=(1, 2)) < 12]
    return np.asarray(np.concatenate((quads, moved[shapes.convex(moved)])), np.float32)


def _corners_out(
    view: View,
    at: Floats,
    ones: NDArray[np.intp],
    others: NDArray[np.intp],
    support: Floats,
    square: NDArray[np.bool_],
) -> list[Floats]:
    good = square[ones] & square[others] & (support[ones] > 0.6) & (support[others] > 0.6)
    first, second = np.nonzero(np.triu(good & good.T, 1))
    if not len(first):
        return []
    i, k, j, m = ones[first], others[first], ones[second], others[second]
    quads = np.stack((at[i, j], at[i, m], at[k, m], at[k, j]), axis=1)
    best = np.argsort(-np.minimum(support[ones[first], second], support[ones[second], first]))
    quads = quads[best[:CUT_TRIED]]
    inside = np.isin(known(view, quads, MARGIN).sum(axis=1), (2, 3))
    near = known(view, quads, -0.6 * view.size[0]).all(axis=1)
    return [quads[inside & near]]


def _end_out(
    view: View,
    lines: Floats,
    at: Floats,
    ones: NDArray[np.intp],
    others: NDArray[np.intp],
    support: Floats,
    square: NDArray[np.bool_],
) -> list[Floats]:
    side, pair = np.nonzero((support > 0.7) & square)
    best = np.argsort(-support[side, pair])[: 4 * CUT_TRIED]
    side, pair = side[best], pair[best]
    one, other = ones[pair], others[pair]
    a, b = at[side, one], at[side, other]
    ends = np.stack((a, b), axis=1)
    keep = known(view, ends, MARGIN).all(axis=1) & (np.linalg.norm(a - b, axis=1) > NARROW * min(view.size))
    a, b, side, one, other = a[keep], b[keep], side[keep], one[keep], other[keep]
    if not len(a):
        return []
    made = []
    normal = lines[side, :2]
    for way in (1.0, -1.0):
        ways = []
        for which in (one, other):
            along = np.stack((lines[which, 1], -lines[which, 0]), axis=1)
            facing = np.sign((along * normal).sum(axis=1, keepdims=True)) * way
            ways.append(along * np.where(facing == 0, 1, facing))
        far = [_leaves(view, start, go) for start, go in ((a, ways[0]), (b, ways[1]))]
        reach = _past_the_frame(view, a, b, ways)
        shown = np.minimum(far[0], far[1]) > SHOWS * view.size[0]
        quads = np.stack((a, b, b + ways[1] * reach, a + ways[0] * reach), axis=1)
        made.append(np.asarray(quads[shown][:CUT_TRIED], np.float32))
    return made


def _past_the_frame(view: View, a: Floats, b: Floats, ways: list[AnyArray]) -> Floats:
    """How far both sides must go so that the end between them is not to be seen, nor a corner of the frame beyond it."""
    columns, rows = view.size
    frame = np.array(((0, 0), (columns, 0), (columns, rows), (0, rows)), np.float32)
    far = [
        ((frame - start[:, None]) * way[:, None]).sum(axis=2).max(axis=1)
        for start, way in zip((a, b), ways, strict=True)
    ]
    return np.asarray(np.maximum(far[0], far[1])[:, None] + 8, np.float32)


def _leaves(view: View, start: Floats, way: AnyArray) -> Floats:
    """How far from `start` the frame's edge is."""
    end = np.array(view.size, np.float32) - 1
    safe = np.where(np.abs(way) < 1e-6, 1e-6, way)
    return np.asarray(np.maximum((0 - start) / safe, (end - start) / safe).min(axis=1), np.float32)


def _seen_support(view: View, quads: Floats) -> Floats:
    """The least of the sides that are seen."""
    _, inward = across_of(quads)
    points = quads[:, :, None, :] + shapes.sides(quads)[:, :, None, :] * ALONG[::2, None]
    seen = known(view, points, 2.0)
    return _least(_mean(edge_along(view, points, inward), seen), seen)


def _mean(values: AnyArray, seen: NDArray[np.bool_]) -> Floats:
    return np.asarray((values * seen).sum(axis=-1) / np.maximum(seen.sum(axis=-1), 1), np.float32)


def _least(by_side: Floats, seen: NDArray[np.bool_]) -> Floats:
    return np.asarray(np.where(seen.sum(axis=-1) >= 2, by_side, 1.0).min(axis=-1), np.float32)


def _marks_of_seen(view: View, quads: Floats) -> Marks:
    """`marks_of`, with nothing said of what lies beyond the frame."""
    usual = marks_of(view, quads)
    direction, inward = across_of(quads)
    points = quads[:, :, None, :] + shapes.sides(quads)[:, :, None, :] * ALONG[:, None]
    across = inward[:, :, None, :]
    seen = known(view, points, 2.0)
    both = seen & known(view, points + AWAY * across) & known(view, points - AWAY * across)
    support = edge_along(view, points, inward)
    by_side = _mean(support, seen)
    weights = np.array((1.0, 1.6, 1.6), np.float32)
    within = colours_at(view, points + AWAY * across) * weights
    steps = within - colours_at(view, points - AWAY * across) * weights
    middle = _median(steps.reshape(len(quads), -1, 3), both.reshape(len(quads), -1, 1))
    size = np.linalg.norm(middle, axis=-1)
    slopes = [
        np.abs((looked_up(view, points + aside * across) * across).sum(-1)) for aside in (-1.0, 0.0, 1.0)
    ]
    steep = _median(np.max(slopes, axis=0).reshape(len(quads), -1, 1), seen.reshape(len(quads), -1, 1))[:, 0]
    change = np.linalg.norm(np.diff(within, axis=2), axis=-1)
    pairs = both[:, :, 1:] & both[:, :, :-1]
    motley = _mean(change.reshape(len(quads), -1), pairs.reshape(len(quads), -1)) / (size + 3.0)
    towards = (steps * (middle / np.maximum(size, 1e-3)[:, None])[:, None, None, :]).sum(axis=-1)
    agree = _mean(towards > np.maximum(0.3 * size, 0.6)[:, None, None], both)
    least_agree = _least(agree, both)
    return replace(
        usual,
        least_support=_least(by_side, seen),
        support=_mean(support.reshape(len(quads), -1), seen.reshape(len(quads), -1)),
        cornered=_corners_seen(view, quads, support),
        contrast=np.asarray(size, np.float32),
        alike=np.asarray(0.5 * (least_agree + _mean(agree, both.sum(axis=2) >= 2)), np.float32),
        lighter=np.asarray(middle[:, 0], np.float32),
        overrun=_beyond_seen(view, quads, direction, inward),
        corner=0.4 * usual.corner,
        crisp=np.asarray(steep / (size + 2.0), np.float32),
        motley=np.asarray(motley, np.float32),
    )


def _median(values: AnyArray, seen: NDArray[np.bool_]) -> Floats:
    """Over the second of three dimensions, of those seen; 0 where none is."""
    order = np.sort(np.where(seen, values, np.inf), axis=1)
    middle = np.maximum(seen.sum(axis=1, keepdims=True) - 1, 0) // 2
    taken = np.take_along_axis(order, np.broadcast_to(middle, (len(order), 1, values.shape[2])), axis=1)[:, 0]
    return np.asarray(np.where(np.isfinite(taken), taken, 0), np.float32)


def _corners_seen(view: View, quads: Floats, support: Floats) -> Floats:
    """The worst corner in the frame: do edges go on into it?"""
    end = support.shape[2] // 6
    starts, ends = support[:, :, :end].mean(axis=2), support[:, :, -end:].mean(axis=2)
    both = np.minimum(starts, np.roll(ends, 1, axis=1))
    return np.asarray(np.where(known(view, quads, MARGIN), both, 1.0).min(axis=1), np.float32)


def _beyond_seen(view: View, quads: Floats, direction: Floats, inward: Floats) -> Floats:
    """How much of an edge there is beyond the corners in the frame, at the second worst of the ends: at one of them a pen may lie."""
    reach = np.arange(4.0, 26.0, 2.0, dtype=np.float32)[:, None]
    corner = known(view, quads, MARGIN)
    ends = []
    for start, way, there in (
        (quads, -1.0, corner),
        (np.roll(quads, -1, axis=1), 1.0, np.roll(corner, -1, axis=1)),
    ):
        points = start[:, :, None, :] + way * reach * direction[:, :, None, :]
        seen = known(view, points, 2.0)
        ends.append(np.where(there, _mean(edge_along(view, points, inward), seen), 0.0))
    return np.asarray(np.sort(np.concatenate(ends, axis=1), axis=1)[:, -2], np.float32)
