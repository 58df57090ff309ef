"""Makes a page's light even: white paper white from corner to corner, whatever shadow lay over it; and, where wanted, black on white.

The light is read off the paper itself: where a place is as bright as paper around it and has no colour of its own, it is paper, and what it lacks in
white is shadow. Photographs and coloured fields are not paper, so the light over them is taken from the paper around; a page with hardly any bare paper (a
photograph, a passport's page) is left as it is, but for its brightness. Colours stay what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hardware.devices import Colour

WHITE = 246.0
"""Not quite 255, so that faint print and the paper's own marks stay."""
SMALL = 200
"""Pixels of the longer side of the copy that light is read from."""
LEAST_BARE = 0.12
"""Of the page: less bare paper, and its light is not known."""
MOST_GAIN = 3.2


def even(page: Colour) -> Colour:
    light = _light(page)
    if light is None:
        return page
    high, wide = page.shape[:2]
    gain = np.clip(WHITE / np.maximum(light, 8.0), 0.8, MOST_GAIN).astype(np.float32)
    full = cv2.resize(gain, (wide, high), interpolation=cv2.INTER_CUBIC)
    made = page.astype(np.float32)
    made *= full
    return cast("Colour", np.clip(made, 0, 255).astype(np.uint8))


def black_and_white(page: Colour) -> Colour:
    """Print black, paper white, with edges a dot soft, which is easier to read and smaller as a JPEG than hard ones."""
    grey = cv2.cvtColor(even(page), cv2.COLOR_BGR2GRAY).astype(np.float32)
    near = max(15, (min(grey.shape) // 24) | 1)
    mean = cv2.blur(grey, (near, near))
    spread = np.sqrt(np.maximum(cv2.blur(grey * grey, (near, near)) - mean * mean, 0))
    # Sauvola and Pietikainen (2000): where nothing is printed the spread is small and the threshold falls away from the paper.
    threshold = mean * (1 + 0.22 * (spread / 128 - 1))
    soft = np.clip((grey - threshold) * 6 + 128, 0, 255).astype(np.uint8)
    return cast("Colour", cv2.cvtColor(soft, cv2.COLOR_GRAY2BGR))


def _light(page: Colour) -> NDArray[np.float32] | None:
    """How bright white paper is at each place, by colour, on a small copy; None where too little paper is bare."""
    high, wide = page.shape[:2]
    shrunk = min(1.0, SMALL / max(high, wide))
    small = cv2.resize(page, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
    bare = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)).astype(np.float32)
    bright = bare.max(axis=2)
    around = cv2.GaussianBlur(cv2.dilate(bright, np.ones((31, 31), np.uint8)), (0, 0), 15)
    usual = np.median(bare[bright >= np.percentile(bright, 70)], axis=0)
    tint = np.abs(bare / np.maximum(bright, 1)[..., None] - usual / max(float(usual.max()), 1)).max(axis=2)
    is_paper = ((bright > 0.72 * around) & (tint < 0.09)).astype(np.float32)
    is_paper = np.asarray(cv2.erode(is_paper, np.ones((3, 3), np.uint8)), np.float32)
    if is_paper.mean() < LEAST_BARE:
        return None
    return _spread(bare, is_paper)


def _spread(bare: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """The light where it is known, carried smoothly over where it is not: near first, then from ever farther."""
    light = np.zeros_like(bare)
    weight = np.zeros_like(known)
    for sigma in (4.0, 12.0, 40.0, 120.0):
        here = cv2.GaussianBlur(known, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        value = cv2.GaussianBlur(bare * known[..., None], (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        trust = np.clip(here * 2.5, 0, 1) * (1 - weight)
        light += trust[..., None] * value / np.maximum(here, 1e-4)[..., None]
        weight += trust
    missing = 1 - weight
    overall = (bare * known[..., None]).sum(axis=(0, 1)) / known.sum()
    light += missing[..., None] * overall
    return cv2.GaussianBlur(light, (0, 0), 2.0).astype(np.float32)
