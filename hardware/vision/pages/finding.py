"""Finds papers in a picture of the plate: the corners of each, or that there is none.

Candidates come from outlines and lines of a small copy (`candidates`), are scored (`scoring`), and the best are moved onto the true edges in the
full picture, where a pixel is a third of a millimetre. A paper is everything above `FLOOR`; of two that share a place the larger wins unless it is
plainly worse, because tables, pictures and headings have outlines within pages, and nothing draws a page around a page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hardware.vision.pages import shapes
from hardware.vision.pages.candidates import LEAST_AREA, candidates
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
SAME = 0.9
"""Overlap of two that are one paper, found twice."""
OUTSIDE_ACROSS, RIM = 320, 12
OUTSIDE_FLOOR, LIGHTER = 0.68, 10.0
"""More is asked of what shows no whole outline."""
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
    found = find_all(picture)
    if not found:
        return None
    return max(found, key=lambda each: each.score * float(shapes.areas(each.corners)) ** 0.5)


def find_all(picture: Colour, most: int = MOST) -> list[Found]:
    """Every paper that lies there, from the upper left to the lower right; none lies in another."""
    view = view_of(picture)
    found = []
    for quad, score in _chosen(*_scored(view))[:most]:
        corners = onto_edges(picture, (quad + 0.5) / view.shrunk - 0.5, reach=2.5 / view.shrunk)
        found.append(Found(shapes.in_order(corners), score))
    return sorted(found, key=lambda each: float(each.corners[0].sum()))


def running_out(picture: Colour) -> Found | None:
    """A paper that the frame cuts, on one side or on two that meet; its corners are held at the frame's edge. For saying so, never for taking: what shows no
    whole outline may be many things, so it must be light and plain besides."""
    view = view_of(picture, across=OUTSIDE_ACROSS, rim=RIM)
    quads, marks = _scored(view, cut=True)
    if not len(quads):
        return None
    columns, rows = view.size
    near = RIM + 2.5
    x, y = quads[..., 0], quads[..., 1]
    cut = np.stack(
        (x < near, x > columns - 1 - near, y < near, y > rows - 1 - near), axis=-1
    )  # quad, corner, edge
    by_edge: NDArray[np.bool_] = np.asarray(cut.sum(axis=1) >= 2)
    own: NDArray[np.bool_] = np.asarray(~cut.any(axis=2))
    opposite = (by_edge[:, 0] & by_edge[:, 1]) | (by_edge[:, 2] & by_edge[:, 3])
    like_paper = (marks.lighter > LIGHTER) & (marks.motley < 0.08) & (marks.area > 0.03)
    good = (
        (by_edge.sum(axis=1) > 0) & ~opposite & own.any(axis=1) & like_paper & (marks.score > OUTSIDE_FLOOR)
    )
    if not good.any():
        return None
    best = int(np.argmax(np.where(good, marks.score * np.sqrt(shapes.areas(quads)), 0)))
    high, wide = picture.shape[:2]
    corners = (quads[best] - RIM + 0.5) / view.shrunk - 0.5
    held = np.clip(corners, 0, (wide - 1, high - 1)).astype(np.float32)
    return Found(shapes.in_order(held), float(marks.score[best]))


def _scored(view: View, *, cut: bool = False) -> tuple[Floats, Marks]:
    """Those above the floor, the best of those that are nearly the same, the best first."""
    quads = _promising(view, _sound(view, candidates(view)))
    best = np.argsort(-marks_of(view, quads).score)[:SETTLED]
    quads = np.concatenate((quads[best], _sound(view, settled(view, quads[best]))))
    marks = marks_of(view, quads)
    if cut:  # where the frame cuts it, its corners are not its own, nor are the lines beyond them
        marks = replace(marks, overrun=np.maximum(marks.overrun - 0.3, 0), corner=0.4 * marks.corner)
    scores = marks.score
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
