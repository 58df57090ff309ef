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
    """Every paper that lies there, from the upper left to the lower right; none lies in another."""
    view = view_of(picture)
    chosen = _chosen(*_scored(view))[:most]
    found = []
    for quad, score in chosen:
        corners = onto_edges(picture, quad / view.shrunk, reach=2.5 / view.shrunk)
        found.append(Found(shapes.in_order(corners), score))
    return sorted(found, key=lambda each: float(each.corners[0].sum()))


def _scored(view: View) -> tuple[Floats, Floats]:
    """Those above the floor, the best of those that are nearly the same, with their scores; the best first."""
    quads = _sound(view, candidates(view))
    if not len(quads):
        return quads, np.zeros(0, np.float32)
    best = np.argsort(-marks_of(view, quads).score)[:SETTLED]
    quads = np.concatenate((quads[best], _sound(view, settled(view, quads[best]))))
    marks = marks_of(view, quads)
    scores, rank = marks.score, marks.score + 0.1 * np.clip(marks.steep / 40, 0, 1)
    kept: list[int] = []
    for at in np.argsort(-rank):
        if scores[at] >= FLOOR and all(shapes.overlap(quads[at], quads[other])[0] < SAME for other in kept):
            kept.append(int(at))
    return quads[kept], scores[kept]


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


def _chosen(quads: Floats, scores: Floats) -> list[tuple[Floats, float]]:
    """The best of each place, or the larger one around it."""
    sizes = shapes.areas(quads)
    chosen: list[int] = []
    for at in range(len(quads)):
        if all(shapes.overlap(quads[at], quads[other])[1] <= 0.25 for other in chosen):
            chosen.append(_around(at, quads, scores, sizes))
    return [(quads[at], float(scores[at])) for at in dict.fromkeys(chosen)]


def _around(at: int, quads: Floats, scores: Floats, sizes: Floats) -> int:
    """The largest that holds this one and is not plainly worse."""
    best = at
    for other in range(len(quads)):
        larger = sizes[other] > 1.03 * sizes[best] and scores[other] >= WORSE * scores[at]
        if larger and shapes.overlap(quads[at], quads[other])[1] > 0.96:
            best = other
    return best
