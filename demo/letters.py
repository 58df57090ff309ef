"""Papers for the demonstration's scan station: photographs of a plate with a letter on it, drawn here and like nobody's real ones.

A person trying the demonstration has no camera over a plate, so the papers lie there by themselves or are chosen at the dock. They are made as such a camera
would see them: a little turned, a little askew, brighter under the lamp than at the edges, with paper that is not quite white. The benchmarks have
a generator of their own that is out to make it hard; this one is out to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hardware.devices import Colour, Grey

FONTS = Path(__file__).resolve().parents[1] / "kiosk" / "fonts"
PLATE = (3264, 2448)
DOTS_A_MM = 7.2
"""188 to the inch: what 8 million dots give over a plate a little larger than A4."""
A4 = (210, 297)
SIDE = 14


@dataclass(frozen=True)
class Letter:
    name: str
    head: str
    lines: tuple[str, ...]
    turned: float
    size: tuple[int, int] = A4
    table: tuple[tuple[str, str], ...] = ()


LETTERS = (
    Letter(
        "1-council-tax-bill",
        "Council tax bill",
        (
            "Ms R. Sample", "12 Example Street", "Leicester", "", "Account number 7001234X", "",
            "This is your bill for the year. You pay in ten parts, the first on the 1st of April.",
            "If you live alone you may pay a quarter less. Tell us when somebody moves in or out.",
        ),
        1.2,
        table=(("Band B, for the year", "1,702.40"), ("Less for living alone", "425.60"), ("To pay", "1,276.80")),
    ),
    Letter(
        "2-tenancy-agreement",
        "Tenancy agreement",
        (
            "Between Sample Homes and Ms R. Sample", "", "1. The home is the flat at 12 Example Street, Leicester.",
            "2. The tenancy begins on the 6th of January and runs for twelve months.",
            "3. The rent is 610.00 a month, to be paid on the first day of each month.",
            "4. The tenant keeps the home clean and tells the landlord of any damage within a week.",
            "5. The landlord keeps the roof, the walls, the pipes and the heating in good order.",
            "", "Signed", "", "R. Sample                              A. Landlord",
        ),
        -2.0,
    ),
    Letter(
        "3-bank-statement",
        "Statement of account",
        ("Example Bank", "Ms R. Sample, 12 Example Street, Leicester", "Sort code 00-00-00   Account 00000000", ""),
        0.4,
        table=(
            ("1 Nov   Brought forward", "212.07"), ("3 Nov   Wages, Sample Bakery", "1,104.50"),
            ("4 Nov   Rent", "610.00"), ("9 Nov   Groceries", "43.18"), ("14 Nov  Bus pass", "62.00"),
            ("21 Nov  Groceries", "38.75"), ("28 Nov  Carried forward", "562.64"),
        ),
    ),
    Letter("4-library-card", "Library card", ("R. Sample", "No. 0000 0000 0000"), 4.0, (86, 54)),
)  # fmt: skip


def lay_out(folder: Path) -> list[Path]:
    """The photographs, made where they are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, letter in enumerate(LETTERS):
        file = folder / f"{letter.name}.jpg"
        if not file.exists():
            part = file.with_suffix(".part")
            part.write_bytes(cv2.imencode(".jpg", photograph(letter, number))[1].tobytes())
            part.replace(file)
        files.append(file)
    return files


def photograph(letter: Letter, seed: int = 0) -> Colour:
    """The plate with this letter on it, blue first."""
    chance = np.random.default_rng(seed)
    paper = _draw(letter)
    wide, high = PLATE
    around = np.array([[0, 0], [paper.shape[1], 0], [paper.shape[1], paper.shape[0]], [0, paper.shape[0]]])
    turn = cv2.getRotationMatrix2D((paper.shape[1] / 2, paper.shape[0] / 2), letter.turned, 1.0)
    turn[:, 2] += np.array((wide / 2 - paper.shape[1] / 2, high / 2 - paper.shape[0] / 2))
    corners = cv2.transform(around[None].astype(np.float32), turn)[0]
    corners += (chance.uniform(-0.008, 0.008, (4, 2)) * paper.shape[1]).astype(
        np.float32
    )  # no camera hangs quite straight
    warp = cv2.getPerspectiveTransform(around.astype(np.float32), corners.astype(np.float32))
    mask = cast("Grey", cv2.warpPerspective(np.full(paper.shape[:2], 255, np.uint8), warp, PLATE))
    seen = cv2.warpPerspective(paper, warp, PLATE)
    light = _light(mask, chance)
    seen[mask == 0] = (74, 70, 66)
    return cast("Colour", cv2.multiply(seen, light, scale=1 / 200))


def _light(mask: Grey, chance: np.random.Generator) -> Colour:
    """How bright each dot is, 200 being fully lit: less towards the edges and beside the paper, and never quite even."""
    wide, high = PLATE[0] // 8, PLATE[1] // 8
    across, down = np.meshgrid(np.linspace(-1, 1, wide), np.linspace(-1, 1, high))
    lit = 200 * (1.0 - 0.13 * (across**2 + (down - 0.2) ** 2))
    small = cv2.resize(mask, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    shadow = cv2.GaussianBlur(np.roll(small, (1, 1), (0, 1)), (0, 0), 1.6)
    lit *= 1 - 0.45 * np.where(small < 0.5, shadow, 0)
    grain = chance.normal(0, 1.8, (256, 272)).astype(np.float32)
    grains = np.tile(grain, (PLATE[1] // 256 + 1, PLATE[0] // 272))[: PLATE[1], : PLATE[0]]
    whole = cv2.add(cv2.resize(lit.astype(np.float32), PLATE, interpolation=cv2.INTER_LINEAR), grains)
    even = np.clip(whole, 0, 255).astype(np.uint8)
    return cast("Colour", cv2.merge([even, even, even]))


def _draw(letter: Letter) -> Colour:
    scale = min(1.0, letter.size[0] / 120)
    wide, high = (round(each * DOTS_A_MM) for each in letter.size)
    page = Image.new("RGB", (wide, high), (244, 242, 236))
    pen = ImageDraw.Draw(page)

    def font(bold: bool, millimetres: float) -> ImageFont.FreeTypeFont:
        file = FONTS / ("FoyerSans-Bold.ttf" if bold else "FoyerSans-Regular.ttf")
        return ImageFont.truetype(str(file), round(millimetres * scale * DOTS_A_MM))

    left, y = round(SIDE * scale * DOTS_A_MM), SIDE * scale * DOTS_A_MM
    pen.rectangle((left, y / 2, wide - left, y / 2 + 3 * scale * DOTS_A_MM), fill=(31, 78, 92))
    pen.text((left, y), letter.head, (24, 32, 40), font(True, 8))
    y += 18 * scale * DOTS_A_MM
    plain, most = font(False, 4.2), wide - 2 * left
    for line in letter.lines:
        for part in _wrapped(line, plain, most):
            pen.text((left, y), part, (28, 30, 34), plain)
            y += 6.4 * scale * DOTS_A_MM
    for words, amount in letter.table:
        y += 3.2 * DOTS_A_MM
        pen.line((left, y, wide - left, y), fill=(150, 150, 150), width=2)
        y += 2 * DOTS_A_MM
        pen.text((left, y), words, (28, 30, 34), plain)
        pen.text((wide - left - pen.textlength(amount, plain), y), amount, (28, 30, 34), plain)
        y += 5.4 * DOTS_A_MM
    return cast("Colour", np.asarray(page)[..., ::-1].copy())


def _wrapped(line: str, font: ImageFont.FreeTypeFont, most: float) -> list[str]:
    parts = [""]
    for word in line.split(" "):
        longer = f"{parts[-1]} {word}".strip() if parts[-1] else word
        if font.getlength(longer) <= most:
            parts[-1] = longer
        else:
            parts.append(word)
    return parts
