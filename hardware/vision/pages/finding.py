"""Finds papers in a picture of the plate: the corners of each, or that there is none.

Candidates come from outlines and lines of a small copy (`candidates`), are scored (`scoring`), and the best are moved onto the true edges in the
full picture, where a pixel is a third of a millimetre. A paper is everything above `FLOOR`; of two that share a place the larger wins unless it is
plainly worse, because tables, pictures and headings have outlines within pages, and nothing draws a page around a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hardware.vision.pages import shapes
from hardware.vision.pages.candidates import LEAST_AREA, candidates
from hardware.vision.pages.refining import onto_edges, settled
from hardware.vision.pages.scoring import FLOOR, marks_of
from hardware.vision.pages.shapes import Floats
from hardware.vision.pages.views import View, view_of

if TYPE_CHECKING:
    from hardware.devices import Colour

MOST = 8
SETTLED = 40
"""How many candidates are moved onto edges and judged again."""
SAME = 0.9
"""Overlap of two that are one paper, found twice."""
OUTSIDE_ACROSS, RIM = 320, 12
OUTSIDE_FLOOR, LEAST_FAINT = 0.7, 12.0
"""More is asked of what shows no whole outline."""
WORSE = 0.8
"""A page around another must reach this part of its score."""


@dataclass(frozen=True, slots=True)
class Found:
    """`corners`: float32, 4 x 2, top left, top right, bottom right, bottom left. `score`: `FLOOR` to 1."""

    corners: Floats
    score: float


def find(picture: Colour) -> Found | None:
    """The paper that a visitor means: the best of all, with size counting."""
    found = find_all(picture)
    if not found:
        return None
    return max(found, key=lambda each: each.score * float(shapes.areas(each.corners)) ** 0.5)


def find_all(picture: Colour, most: int = MOST) -> list[Found]:
    """Every paper that lies there, from the upper left to the lower right; none lies in another. Where none lies wholly in the frame, one that runs out of
    it is told with corners on the frame's edge."""
    view = view_of(picture)
    found = []
    for quad, score in _chosen(*_scored(view))[:most]:
        corners = onto_edges(picture, (quad + 0.5) / view.shrunk - 0.5, reach=2.5 / view.shrunk)
        found.append(Found(shapes.in_order(corners), score))
    if not found:
        found = _running_out(picture)
    return sorted(found, key=lambda each: float(each.corners[0].sum()))


def _running_out(picture: Colour) -> list[Found]:
    """A paper that the frame cuts, on one side or on two that meet: it must show a corner of its own."""
    view = view_of(picture, across=OUTSIDE_ACROSS, rim=RIM)
    quads, scores, faintest = _scored(view)
    columns, rows = view.size
    near = RIM + 2.5
    x, y = quads[..., 0], quads[..., 1]
    cut = np.stack(
        (x < near, x > columns - 1 - near, y < near, y > rows - 1 - near), axis=-1
    )  # quad, corner, edge
    by_edge = cut.sum(axis=1) >= 2
    own = ~cut.any(axis=2)
    opposite = (by_edge[:, 0] & by_edge[:, 1]) | (by_edge[:, 2] & by_edge[:, 3])
    good = (
        by_edge.any(axis=1)
        & ~opposite
        & own.any(axis=1)
        & (scores > OUTSIDE_FLOOR)
        & (faintest > LEAST_FAINT)
    )
    if not good.any():
        return []
    best = int(np.argmax(np.where(good, scores * np.sqrt(shapes.areas(quads)), 0)))
    high, wide = picture.shape[:2]
    corners = (quads[best] - RIM + 0.5) / view.shrunk - 0.5
    held = np.clip(corners, 0, (wide - 1, high - 1)).astype(np.float32)
    return [Found(shapes.in_order(held), float(scores[best]))]


def _scored(view: View) -> tuple[Floats, Floats, Floats]:
    """Those above the floor, the best of those that are nearly the same, with their scores and
    what their faintest sides differ by; the best first."""
    quads = _sound(view, candidates(view))
    if not len(quads):
        return quads, *(np.zeros(0, np.float32),) * 2
    best = np.argsort(-marks_of(view, quads).score)[:SETTLED]
    quads = np.concatenate((quads[best], _sound(view, settled(view, quads[best]))))
    marks = marks_of(view, quads)
    scores, rank = marks.score, marks.score + 0.1 * np.clip(marks.steep / 40, 0, 1)
    kept: list[int] = []
    for at in np.argsort(-rank):
        if scores[at] >= FLOOR and all(shapes.overlap(quads[at], quads[other])[0] < SAME for other in kept):
            kept.append(int(at))
    return quads[kept], scores[kept], marks.least_contrast[kept]


def _sound(view: View, quads: Floats) -> Floats:
    """Without those that can be no paper: dented, thin, tiny, or askew."""
    if not len(quads):
        return quads
    columns, rows = view.size
    long = shapes.lengths(quads)
    opposite = np.minimum(long, np.roll(long, 2, axis=1)) / np.maximum(
        np.maximum(long, np.roll(long, 2, axis=1)), 1
    )
    keep = (
        shapes.convex(quads)
        & (shapes.worst_corner(quads) < 0.5)
        & (opposite.min(axis=1) > 0.5)
        & (long.min(axis=1) > 0.05 * min(columns, rows))
        & (shapes.areas(quads) > LEAST_AREA * columns * rows)
    )
    return quads[keep]


def _chosen(quads: Floats, scores: Floats, faintest: Floats) -> list[tuple[Floats, float]]:
    """The best of each place, or the larger one around it."""
    sizes = shapes.areas(quads)
    chosen: list[int] = []
    for at in range(len(quads)):
        if all(shapes.overlap(quads[at], quads[other])[1] <= 0.25 for other in chosen):
            chosen.append(_around(at, quads, scores, faintest, sizes))
    return [(quads[at], float(scores[at])) for at in dict.fromkeys(chosen)]


def _around(at: int, quads: Floats, scores: Floats, faintest: Floats, sizes: Floats) -> int:
    """The largest that holds this one and is not plainly worse. Its every side must differ, or it is a page and its shadow."""
    best = at
    for other in range(len(quads)):
        larger = sizes[other] > 1.03 * sizes[best] and scores[other] >= WORSE * scores[at]
        if (
            larger
            and faintest[other] > 0.45 * faintest[at]
            and shapes.overlap(quads[at], quads[other])[1] > 0.96
        ):
            best = other
    return best
