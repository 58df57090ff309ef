"""Pages with print on them, and pictures of a plate on which they lie: for tests that scan."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIZE = (1632, 1224)
"""Of the plate's picture. An A4 page fills most of its height."""
FONT = Path(__file__).parents[2] / "kiosk" / "fonts" / "FoyerSans-Regular.ttf"
WORDS = [
    "the",
    "of",
    "council",
    "rent",
    "letter",
    "house",
    "money",
    "paid",
    "week",
    "since",
    "name",
    "street",
    "date",
    "child",
    "work",
    "bank",
    "form",
    "sent",
    "your",
]


@cache
def page(number: int, mark: str = "") -> Any:
    """An A4 page, 1240 x 1754, with text like no other page's; `mark` stands in large letters at its head."""
    chance = random.Random(number)
    sheet = Image.new("RGB", (1240, 1754), (246, 246, 243))
    draw = ImageDraw.Draw(sheet)
    draw.text(
        (110, 90), mark or f"Letter {number}", font=ImageFont.truetype(str(FONT), 58), fill=(20, 20, 30)
    )
    body, down = ImageFont.truetype(str(FONT), 30), 230
    while down < 1640:
        line = " ".join(chance.choice(WORDS) for _ in range(chance.randint(6, 12)))
        draw.text((110, down), line, font=body, fill=(25, 25, 35))
        down += 46 if chance.random() < 0.85 else 96
    return np.asarray(sheet)[:, :, ::-1].copy()


@cache
def empty(size: tuple[int, int] = SIZE) -> Any:
    wide, high = size
    across = np.linspace(-1, 1, wide, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
    light = 86 - 14 * (across**2 + down**2) + 6 * down
    return np.repeat(light.astype(np.uint8)[:, :, None], 3, axis=2)


def laid(
    *papers: Any,
    at: tuple[tuple[float, float], ...] = ((0.5, 0.5),),
    askew: float = 2.0,
    high: float = 0.84,
    turn: float = 0.0,
) -> Any:
    """A plate with these papers on it, each with its middle `at` (parts of the picture), `high` parts of its height high."""
    ground = empty().copy()
    for number, (paper, (x, y)) in enumerate(zip(papers, at, strict=True)):
        rows, columns = paper.shape[:2]
        scale = SIZE[1] * high / rows
        angle = np.deg2rad(askew + turn + 1.3 * number)
        around = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        half = np.array([columns, rows]) * scale / 2
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half @ around.T + np.array([x, y]) * SIZE
        edge = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
        move = cv2.getPerspectiveTransform(edge, corners.astype(np.float32))
        flat = cv2.warpPerspective(paper, move, SIZE, flags=cv2.INTER_AREA)
        where = cv2.warpPerspective(np.full((rows, columns), 255, np.uint8), move, SIZE)
        ground[where > 127] = flat[where > 127]
    return ground
