"""Which way up a page is, from its lines of print, and turning it.

Lines of print make a page striped: the way the stripes run says upright or sideways. In Latin print more strokes rise above the small letters (b d f h k l t and
capitals) than hang below them (g j p q y), so each line votes which side is up. Only a plain majority of several lines turns a page: one that is wrongly
turned annoys more than one that is left, and scripts without such strokes, photographs and empty backs give no majority. So they
stay as they lie.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hardware.devices import Colour

READ_AT = 1500
"""Pixels of the longer side: a line of small print on A4 is then a dozen high."""
LEAST_LINES = 4
SURE = 2.6
"""How many times its own uncertainty the vote must be from a draw."""

Ink = NDArray[np.float32]


def turned(page: Colour, degrees: int) -> Colour:
    """Turned clockwise by 0, 90, 180 or 270 degrees."""
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    quarter = degrees % 360
    if quarter == 0:
        return page
    if quarter not in turns:
        raise ValueError(f"pages are turned by quarters, not by {degrees} degrees")
    return cast("Colour", cv2.rotate(page, turns[quarter]))


def upright(page: Colour) -> int:
    """By how many degrees, clockwise, to turn it so that it stands upright: 0, 90, 180, 270; 0 when unsure."""
    ink = _ink(page)
    if ink is None:
        return 0
    level, standing = _stripes(ink), _stripes(np.ascontiguousarray(ink.T))
    if level >= standing * 1.15:
        return 180 if _vote(ink) < -SURE else 0
    if standing < level * 1.3:
        return 0
    quarter = np.ascontiguousarray(np.rot90(ink, -1))  # clockwise
    vote = _vote(quarter)
    if abs(vote) <= SURE:
        return 0
    return 90 if vote > 0 else 270


def _ink(page: Colour) -> Ink | None:
    """1 where there is print, without pictures, frames and long rules; None if there is hardly any."""
    grey: Any = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY) if page.ndim == 3 else page
    factor = READ_AT / max(grey.shape)
    if factor < 1:
        grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(grey, (0, 0), 0.8)
    near = 41
    local = cv2.adaptiveThreshold(soft, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, near, 14)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(local, connectivity=8)
    wide, high, size = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    print_like = (
        (np.maximum(wide, high) < max(grey.shape) // 20) & (np.minimum(wide, high) >= 2) & (size >= 6)
    )
    print_like[0] = False
    if count < 40 or print_like.sum() < 40:
        return None
    return np.asarray(print_like[labels], np.float32)


def _stripes(ink: Ink) -> float:
    """How striped it is across: how much the ink of rows differs from row to row, in narrow columns so that a page a little askew is
    striped too."""
    parts = np.array_split(ink, 6, axis=1)
    total = 0.0
    for part in parts:
        rows = part.mean(axis=1)
        change = np.diff(rows)
        total += float((change * change).sum())
    return total


def _vote(ink: Ink) -> float:
    """For upright (positive) or upside down (negative), in times its uncertainty."""
    votes: list[float] = []
    for part in np.array_split(ink, 5, axis=1):
        votes.extend(_votes_of_lines(part))
    if len(votes) < LEAST_LINES * 2:
        return 0.0
    mean = float(np.mean(votes))
    spread = float(np.std(votes)) + 0.05
    return mean / (spread / math.sqrt(len(votes)))


def _votes_of_lines(part: Ink) -> list[float]:
    """For each line: ink above its small letters less ink below them, by all its ink there."""
    rows = part.sum(axis=1)
    on = rows > max(1.0, 0.008 * part.shape[1])
    edges = np.flatnonzero(np.diff(np.concatenate(((0,), on.astype(np.int8), (0,)))))
    votes = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if not 7 <= end - start <= 70:
            continue
        line = rows[start:end]
        dense = np.flatnonzero(line >= 0.55 * np.percentile(line, 90))
        top, bottom = int(dense[0]), int(dense[-1]) + 1
        if bottom - top < 3 or bottom - top > 0.92 * (end - start):
            continue
        above, below = float(line[:top].sum()), float(line[bottom:].sum())
        if above + below < 6:
            continue
        votes.append((above - below) / (above + below))
    return votes
