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
from hardware.vision.pages.candidates import LEAST_AREA, candidates, lines_of
from hardware.vision.pages.refining import onto_edges, settled
from hardware.vision.pages.scoring import FLOOR, Marks, edge_bound, marks_of
from hardware.vision.pages.shapes import Floats
from hardware.vision.pages.views import View, view_of

if TYPE_CHECKING:
    from hardware.devices import Colour

MOST = 8
PROMISING, SETTLED = 40, 20
"""How many candidates are judged, and how many of them are moved onto edges and judged again."""
LEAST_EDGE = 0.45
LEAST_PAGE = 0.005
"""Of the frame: a third of a card."""
SAME = 0.9
"""Overlap of two that are one paper, found twice."""
SHADOW = 9.0
"""Pixels of the view: what is no farther out than this is the shadow of a paper's edge, and not a page around it."""
DARKER = 25.0
LEAST_STEP = 4.0
"""Levels by which every side of a page around another must differ from what is outside."""
WORSE = 0.8
"""A page around another must reach this part of its score."""


@dataclass(frozen=True, slots=True)
class Found:
    """`corners`: float32, 4 x 2, top left, top right, bottom right, bottom left. `score`: `FLOOR` to 1."""

    corners: Floats
    score: float


def find(picture: Colour) -> Found | None:
    """The paper that a visitor means: the best of all, with size counting."""
    return meant(find_all(picture))


def find_all(picture: Colour, most: int = MOST) -> list[Found]:
    """Every paper that lies there, from the upper left to the lower right; none lies in another."""
    return found_in(picture, search(picture))[:most]


@dataclass(frozen=True, slots=True)
class Search:
    """What a look at one frame came to: `quads` are all that were judged, with their `marks`."""

    view: View
    lines: Floats
    quads: Floats
    marks: Marks


def search(picture: Colour) -> Search:
    view = view_of(picture)
    lines = lines_of(view)
    quads = _promising(view, sound(view, candidates(view, lines)))
    best = np.argsort(-marks_of(view, quads).score)[:SETTLED]
    quads = np.concatenate((quads[best], sound(view, settled(view, quads[best]))))
    return Search(view, lines, quads, marks_of(view, quads))


def found_in(picture: Colour, looked: Search) -> list[Found]:
    """The papers among what was judged."""
    chosen = _chosen(*_different(looked.quads, looked.marks))
    found = [Found(exactly(picture, looked.view, quad), score) for quad, score in chosen]
    return sorted(found, key=lambda each: float(each.corners[0].sum()))


def meant(found: list[Found]) -> Found | None:
    """The paper that a visitor means: the best of all, with size counting."""
    return max(found, key=lambda each: each.score * float(shapes.areas(each.corners)) ** 0.5, default=None)


def exactly(picture: Colour, view: View, quad: Floats) -> Floats:
    """Corners of the view, in the full picture and on the edges there."""
    return shapes.in_order(onto_edges(picture, (quad + 0.5) / view.shrunk - 0.5, reach=2.5 / view.shrunk))


def _different(quads: Floats, marks: Marks) -> tuple[Floats, Marks]:
    """Those above the floor, the best of those that are nearly the same, the best first."""
    scores = np.where(marks.area > LEAST_PAGE, marks.score, 0)
    kept: list[int] = []
    for at in np.argsort(-(scores + 0.1 * np.clip(marks.steep / 40, 0, 1))):
        if scores[at] >= FLOOR and all(shapes.overlap(quads[at], quads[other])[0] < SAME for other in kept):
            kept.append(int(at))
    return quads[kept], marks.of(kept)


def _promising(view: View, quads: Floats) -> Floats:
    """Without those whose edges alone say that they will not do."""
    bound = edge_bound(view, quads)
    best = np.argsort(-bound)[:PROMISING]
    return quads[best[bound[best] > LEAST_EDGE]]


def sound(view: View, quads: Floats) -> Floats:
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
    return np.asarray(quads[keep], np.float32)


def _chosen(quads: Floats, marks: Marks) -> list[tuple[Floats, float]]:
    """The best of each place, or the larger one around it."""
    sizes, scores = shapes.areas(quads), marks.score
    chosen: list[int] = []
    for at in range(len(quads)):
        if all(shapes.overlap(quads[at], quads[other])[1] <= 0.25 for other in chosen):
            chosen.append(_around(at, quads, marks, scores, sizes))
    return [(quads[at], float(scores[at])) for at in dict.fromkeys(chosen)]


def _around(at: int, quads: Floats, marks: Marks, scores: Floats, sizes: Floats) -> int:
    """The largest that holds this one and is not plainly worse: what reaches far out (a page around a
    picture, or around all but its head) may be hardly lighter than the desk; what reaches little farther must show on every side, or it is a shadow. A dark thing around a light one is what the light one lies on."""
    faintest = marks.least_contrast
    best = at
    for other in range(len(quads)):
        if sizes[other] < 1.03 * sizes[best] or scores[other] < WORSE * scores[at]:
            continue
        if marks.lighter[other] < -DARKER and marks.lighter[at] > 0:
            continue
        out = np.abs(quads[other] - quads[at]).max()
        if out > 2 * SHADOW:
            shows = faintest[other] > LEAST_STEP
        else:
            shows = out > SHADOW and faintest[other] > 0.45 * faintest[at]
        if shows and shapes.overlap(quads[at], quads[other])[1] > 0.96:
            best = other
    return best
