"""Where papers may lie: quadrilaterals worth scoring, from outlines and from straight lines.

An outline finds a whole page at once and fails where a hand lies over its edge or where it touches another page; four lines find it
whatever covers a corner, and are many. So both are asked. For lines, how well each is supported between any two others is worked out once
in a table, so that hundreds of thousands of combinations cost a few look-ups each.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.vision.pages import shapes
from hardware.vision.pages.scoring import edge_along, known
from hardware.vision.pages.shapes import AnyArray, Floats
from hardware.vision.pages.views import View

LEAST_AREA = 0.004
"""Of the frame: less than a passport photograph, so that what is too small is found, and said."""
MOST_LINES = 40
MOST, MOST_FROM_LINES = 110, 50
NEAR_PARALLEL = np.cos(np.radians(22))
NEAR_SQUARE = np.sin(np.radians(27))
_detector = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE, scale=0.6)
"""At six tenths: what it costs goes by the dots, and lines are moved onto edges afterwards."""


def candidates(view: View, lines: Floats) -> Floats:
    """N x 4 x 2, clockwise, in the view's pixels. `lines`: `lines_of` the view."""
    found = [*_from_outlines(view), *_from_lines(view, lines)]
    if not found:
        return np.zeros((0, 4, 2), np.float32)
    return np.stack(apart(shapes.all_in_order(np.stack(found)), MOST, 1.5))


def apart(quads: Floats, most: int, near: float) -> list[Floats]:
    """The first of those that are the same within `near` pixels."""
    free = np.ones(len(quads), bool)
    kept: list[Floats] = []
    for at in range(len(quads)):
        if free[at] and len(kept) < most:
            kept.append(quads[at])
            free &= np.abs(quads - quads[at]).max(axis=(1, 2)) > near
    return kept


# Outlines -----------------------------------------------------------------------------------------------------


def _from_outlines(view: View) -> list[Floats]:
    columns, rows = view.size
    least, most = LEAST_AREA * columns * rows, 0.97 * columns * rows
    found: list[Floats] = []
    for mask in view.masks:
        outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        large = [
            each for each in outlines if len(each) >= 4 and cv2.contourArea(cv2.convexHull(each)) > least
        ]
        large.sort(key=cv2.contourArea, reverse=True)
        for outline in large[:12]:
            hull = cv2.convexHull(outline)
            if cv2.contourArea(hull) > most:
                continue
            corners = _four_of(hull)
            if corners is not None:
                found.append(corners)
    return found


def _four_of(hull: AnyArray) -> Floats | None:
    around = cv2.arcLength(hull, True)
    for part in (0.015, 0.025, 0.04, 0.06):
        fewer = cv2.approxPolyDP(hull, part * around, True)
        if len(fewer) == 4:
            return np.asarray(fewer, np.float32).reshape(4, 2)
        if len(fewer) < 4:
            break
    return np.asarray(cv2.boxPoints(cv2.minAreaRect(hull)), np.float32)


# Lines --------------------------------------------------------------------------------------------------------


def _from_lines(view: View, lines: Floats) -> list[Floats]:
    if len(lines) < 4:
        return []
    turned = np.abs(lines[:, :2] @ lines[:, :2].T)
    at = shapes.crossing(lines[:, None, :], lines[None, :, :])
    ones, others = np.nonzero(np.triu(turned > NEAR_PARALLEL, 1))
    if len(ones) < 2:
        return []
    support, overrun = supports(view, lines, at, ones, others)
    # Pairs of pairs: (i, i') are two opposite sides, (j, j') the other two.
    square = turned[ones][:, ones] < NEAR_SQUARE
    first, second = np.nonzero(np.triu(square, 1))
    by = np.stack(
        (
            support[ones[first], second],
            support[others[first], second],
            support[ones[second], first],
            support[others[second], first],
        )
    )
    least = by.min(axis=0)
    beyond = 0.25 * (
        overrun[ones[first], second]
        + overrun[others[first], second]
        + overrun[ones[second], first]
        + overrun[others[second], first]
    )
    good = least > 0.4
    first, second, least, mean, beyond = (
        first[good],
        second[good],
        least[good],
        by.mean(axis=0)[good],
        beyond[good],
    )
    i, k, j, m = ones[first], others[first], ones[second], others[second]
    quads = np.stack((at[i, j], at[i, m], at[k, m], at[k, j]), axis=1)
    size = np.abs(shapes.areas(quads))
    columns, rows = view.size
    worth = (
        (least + mean) * (1 - 0.6 * beyond) * (0.7 + 0.3 * np.sqrt(np.clip(size / (columns * rows), 0, 1)))
    )
    slack = 0.02 * columns
    inside = (
        (quads > -slack).all(axis=(1, 2))
        & (quads[..., 0] < columns + slack).all(axis=1)
        & (quads[..., 1] < rows + slack).all(axis=1)
    )
    worth = np.where(inside & (size > LEAST_AREA * columns * rows), worth, 0)
    return _distinct(quads, worth)


def _distinct(quads: AnyArray, worth: AnyArray) -> list[Floats]:
    """The worthiest, without those that are another within a few pixels."""
    best = np.argsort(-worth)[:400]
    best = best[worth[best] > 0]
    if not len(best):
        return []
    ordered = shapes.all_in_order(quads[best])
    return apart(ordered[shapes.convex(ordered)], MOST_FROM_LINES, 4)


def lines_of(view: View) -> Floats:
    """The longest straight lines, each (a, b, c) with a x + b y = c and (a, b) of length 1. Pieces in one line are taken together."""
    pieces = [
        each[0].reshape(-1, 4)
        for each in (_detector.detect(one) for one in view.drawings)
        if each[0] is not None
    ]
    if not pieces:
        return np.zeros((0, 3), np.float32)
    every = np.concatenate(pieces).astype(np.float32)
    far = np.hypot(every[:, 2] - every[:, 0], every[:, 3] - every[:, 1])
    order = np.argsort(-far)
    every, far = every[order][far[order] > 14][:260], far[order][far[order] > 14][:260]
    normals = np.stack((every[:, 1] - every[:, 3], every[:, 2] - every[:, 0]), axis=1) / far[:, None]
    offset = (normals * 0.5 * (every[:, :2] + every[:, 2:])).sum(axis=1)
    free = np.ones(len(every), bool)
    lines: list[tuple[float, Floats]] = []
    for at in range(len(every)):
        if not free[at]:
            continue
        normal = normals[at]
        near = (np.abs(every[:, :2] @ normal - offset[at]) < 2.2) & (
            np.abs(every[:, 2:] @ normal - offset[at]) < 2.2
        )
        near &= free
        near[at] = True
        free &= ~near
        lines.append((float(far[near].sum()), _through(every[near], far[near], normal)))
    lines.sort(key=lambda each: -each[0])
    if not lines:
        return np.zeros((0, 3), np.float32)
    return np.stack([line for _, line in lines[:MOST_LINES]])


def _through(pieces: AnyArray, far: AnyArray, normal: AnyArray) -> Floats:
    """The line through pieces that lie in one."""
    points = np.concatenate((pieces[:, :2], pieces[:, 2:]))
    weight = np.concatenate((far, far))
    middle = (points * weight[:, None]).sum(axis=0) / weight.sum()
    away = (points - middle) * np.sqrt(weight)[:, None]
    _, vectors = np.linalg.eigh(away.T @ away)
    across = vectors[:, 0] if vectors[:, 0] @ normal >= 0 else -vectors[:, 0]
    return np.array((*across, across @ middle), np.float32)


def supports(
    view: View,
    lines: Floats,
    at: Floats,
    ones: NDArray[np.intp],
    others: NDArray[np.intp],
    *,
    beyond_frame: float = 0.0,
) -> tuple[Floats, Floats]:
    """For each line and each pair of others: how much of it is an edge between them, and just beyond them. `beyond_frame`: what counts there, where nothing is seen."""
    columns, rows = view.size
    reach = int(np.hypot(columns, rows)) + 40
    normal = lines[:, :2]
    direction = np.stack((normal[:, 1], -normal[:, 0]), axis=1)
    foot = normal * lines[:, 2:] - direction * (direction @ np.array((columns / 2, rows / 2)))[:, None] * -1
    steps = np.arange(-reach, reach + 1, 2, dtype=np.float32)
    points = foot[:, None, None, :] + direction[:, None, None, :] * steps[None, None, :, None]
    edge = edge_along(view, points, normal[:, None, :])[:, 0, :]
    if beyond_frame:
        edge = np.where(known(view, points[:, 0], 2.0), edge, np.float32(beyond_frame))
    total = np.concatenate((np.zeros((len(lines), 1), np.float32), np.cumsum(edge, axis=1)), axis=1)
    place = ((at - foot[:, None, :]) * direction[:, None, :]).sum(axis=-1)
    index = (place + reach) / 2
    low = np.minimum(index[:, ones], index[:, others])
    high = np.maximum(index[:, ones], index[:, others])
    last = total.shape[1] - 1

    def between(start: AnyArray, end: AnyArray) -> Floats:
        begin, stop = np.clip(np.rint(start), 0, last).astype(int), np.clip(np.rint(end), 0, last).astype(int)
        row = np.arange(len(lines))[:, None]
        return np.asarray((total[row, stop] - total[row, begin]) / np.maximum(end - start, 1.0), np.float32)

    longer = 0.12 * (high - low)
    support = np.where(high - low > 8, between(low + 1, high - 1), 0)
    beyond = 0.5 * (between(low - 2 - longer, low - 2) + between(high + 2, high + 2 + longer))
    return support.astype(np.float32), beyond.astype(np.float32)
