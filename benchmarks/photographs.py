"""Photographs of papers on a plate, made and not taken, so that where each corner really is can be known to a hundredth of a pixel.

A desk with things on it, papers on the desk (bent, turned, with the shadow that their edge throws), the light over both (a lamp's pool, a shadow across, a tint), a
camera above that leans a little, has a lens and a noisy sensor, and writes JPEG. Every length is in millimetres on the plate until the camera sees
it. The same seed makes the same picture; seeds of the report (`benchmarks.pages`) are never used while the finder is being changed.

`photograph(seed)` is a good picture: what a station would be right to take. `wrong=` makes one with the named fault, `empty(seed)` a plate without a paper.

    python -m benchmarks.photographs 24 build/pictures    # to look at
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import papers, sensing
from benchmarks.desks import ACROSS, DESKS, FINE, Chance, desk_of
from benchmarks.papers import Paper
from hardware.devices import Colour

LIVE = (1280, 960)
STILL = (3264, 2448)
Floats = NDArray[np.float32]
WRONG = ("too_dark", "shiny", "outside", "blurred", "too_small", "covered")
USUAL_DESKS = (
    ("white", "grey", "dark", "mat", "wood", "checks", "tiles", "stripes", "speckled", "flowers"),
    (5, 4, 4, 3, 6, 1, 1, 1, 2, 1),
)


@dataclass(frozen=True, slots=True)
class Photograph:
    """`corners`: one 4 x 2 for each of `papers`, upper left of the upright paper first. `desk`: what it lies on."""

    picture: Colour
    corners: tuple[Floats, ...]
    papers: tuple[Paper, ...]
    desk: str
    dots_per_mm: float


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks down on the plate's middle. `turn`: from millimetres to pixels (3 x 3), before the lens; `height` in millimetres."""

    size: tuple[int, int]
    turn: NDArray[np.float64]
    bend: float
    height: float

    def sees(self, points: Floats) -> Floats:
        """Where points of the plate are in the picture."""
        flat = cv2.perspectiveTransform(points.reshape(1, -1, 2).astype(np.float64), self.turn)[0]
        middle, far = np.array(self.size) / 2, max(self.size) / 2
        bent = flat
        for _ in range(8):
            away = (bent - middle) / far
            bent = middle + (flat - middle) / (1 + self.bend * (away**2).sum(axis=1, keepdims=True))
        return np.asarray(bent, np.float32)

    def places(self) -> tuple[Floats, Floats]:
        """For each pixel where on the plate it looks."""
        wide, high = self.size
        x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
        far = max(self.size) / 2
        dx, dy = x - np.float32(wide / 2), y - np.float32(high / 2)
        grow = 1 + np.float32(self.bend / far**2) * (dx * dx + dy * dy)
        x, y = dx * grow + np.float32(wide / 2), dy * grow + np.float32(high / 2)
        back = np.linalg.inv(self.turn).astype(np.float32)
        below = back[2, 0] * x + back[2, 1] * y + back[2, 2]
        return (back[0, 0] * x + back[0, 1] * y + back[0, 2]) / below, (
            back[1, 0] * x + back[1, 1] * y + back[1, 2]
        ) / below


@dataclass(frozen=True, slots=True)
class Laid:
    """A paper at its place. `turn`: radians. `lift`: how high its curl stands, in millimetres, along `across` from `begins` (0 to 1)."""

    paper: Paper
    at: tuple[float, float]
    turn: float
    lift: float
    across: tuple[float, float]
    begins: float
    fold: float

    def height_at(self, u: Floats, v: Floats) -> Floats:
        """`u`, `v`: 0 to 1 over the paper."""
        way = self.across[0] * (u - 0.5) + self.across[1] * (v - 0.5) + 0.5
        risen = np.clip((way - self.begins) / (1 - self.begins), 0, 1.2)
        return np.asarray(
            self.lift * risen**2 + self.fold * np.abs(((v * 3) % 1) - 0.5) * 2 * (self.fold > 0), np.float32
        )

    def flat_to_plate(self, points: Floats) -> Floats:
        c, s = np.cos(self.turn), np.sin(self.turn)
        x, y = points[:, 0] - self.paper.wide / 2, points[:, 1] - self.paper.high / 2
        return np.stack((c * x - s * y + self.at[0], s * x + c * y + self.at[1]), axis=1).astype(np.float32)

    def corners(self, camera: Camera) -> Floats:
        wide, high = self.paper.wide, self.paper.high
        own = np.array(((0, 0), (wide, 0), (wide, high), (0, high)), np.float32)
        rise = self.height_at(own[:, 0] / wide, own[:, 1] / high)[:, None]
        there = self.flat_to_plate(own)
        return camera.sees(there * (1 + rise / (camera.height - rise)))

    def own_places(self, x: Floats, y: Floats, height: float) -> tuple[Floats, Floats]:
        """Where on the paper, in millimetres, each place of the plate is, seen past its curl."""
        c, s = np.float32(np.cos(self.turn)), np.float32(np.sin(self.turn))
        wide, high = np.float32(self.paper.wide), np.float32(self.paper.high)
        seen_x, seen_y = x, y
        for _ in range(3 if self.lift or self.fold else 1):
            dx, dy = seen_x - np.float32(self.at[0]), seen_y - np.float32(self.at[1])
            u, v = c * dx + s * dy + wide / 2, -s * dx + c * dy + high / 2
            rise = self.height_at(u / wide, v / high) / np.float32(height)
            seen_x, seen_y = x * (1 - rise), y * (1 - rise)
        return u, v


# Putting it together --------------------------------------------------------------------------------------------


def photograph(
    seed: int,
    *,
    kind: str | None = None,
    desk: str | None = None,
    count: int = 1,
    wrong: str = "",
    size: tuple[int, int] = LIVE,
    straight: bool = False,
) -> Photograph:
    """Papers on a plate. `count`: more than one are small papers beside each other. `straight`: upright, within a few degrees."""
    choose, chance = random.Random(seed), np.random.default_rng(seed)
    camera = _camera(chance, size)
    name = desk or choose.choices(*USUAL_DESKS)[0]
    ground = desk_of(chance, name, choose.choice((0, 0, 1, 2, 3)))
    laid = _lay(choose, camera, ground, kind, count, wrong, straight=straight)
    picture = _seen(chance, camera, ground, laid, wrong)
    dots = size[0] / float(np.ptp(camera.places()[0][size[1] // 2]))
    return Photograph(
        picture, tuple(each.corners(camera) for each in laid), tuple(each.paper for each in laid), name, dots
    )


def empty(seed: int, size: tuple[int, int] = LIVE) -> Colour:
    """A plate without a paper, with things, shadows and patterns on it; every kind of desk equally often."""
    choose, chance = random.Random(seed), np.random.default_rng(seed)
    ground = desk_of(chance, choose.choice(tuple(DESKS)), choose.choice((0, 1, 2, 4, 6)))
    wrong = choose.choice(("", "", "", "", "covered", "too_dark"))
    return _seen(chance, _camera(chance, size), ground, [], wrong)


def _camera(chance: Chance, size: tuple[int, int]) -> Camera:
    view = chance.uniform(415, 470)
    focal = chance.uniform(0.9, 1.35) * size[0]
    height = focal * view / size[0]
    lean, side, roll = (np.radians(chance.normal(0, each)) for each in (5.0, 4.0, 2.0))
    turn = cv2.Rodrigues(np.array((lean, side, 0.0)))[0] @ cv2.Rodrigues(np.array((0.0, 0.0, roll)))[0]
    lens = np.array(((focal, 0, size[0] / 2), (0, focal, size[1] / 2), (0, 0, 1.0)))
    turn = lens @ np.column_stack((turn[:, 0], turn[:, 1], (0.0, 0.0, height)))
    return Camera(size, turn, float(chance.uniform(-0.012, 0.02)), float(height))


def _lay(
    choose: random.Random,
    camera: Camera,
    ground: Colour,
    kind: str | None,
    count: int,
    wrong: str,
    *,
    straight: bool,
) -> list[Laid]:
    laid: list[Laid] = []
    outlines: list[Floats] = []
    for number in range(count):
        for attempt in range(300):
            if attempt % 40 == 0:
                paper = _chosen(choose, kind, count, wrong)
            one = _placed(choose, paper, number, wrong, straight=straight)
            corners = one.corners(camera)
            shows = _shows(paper, one, ground)
            if shows and _fits(corners, camera, outlines, outside=wrong == "outside"):
                laid.append(one)
                outlines.append(corners)
                break
    return laid


def _chosen(choose: random.Random, kind: str | None, count: int, wrong: str) -> Paper:
    if wrong == "too_small":
        card = papers.paper(choose.randrange(2**31), "card")
        return replace(card, wide=card.wide * 0.42, high=card.high * 0.42, rounded=card.rounded * 0.42)
    return papers.paper(choose.randrange(2**31), kind or (choose.choice(papers.SMALL) if count > 1 else None))


def _placed(choose: random.Random, paper: Paper, number: int, wrong: str, *, straight: bool) -> Laid:
    lie = 90 if paper.high > 230 and not straight and choose.random() < 0.6 else 0
    tilt = choose.gauss(0, 5 if paper.high > 230 else 9)
    if not straight and choose.random() < 0.25:
        tilt = choose.uniform(-180, 180)
    if straight:
        lie, tilt = (90 if paper.high > 285 else 0), choose.gauss(0, 2)
    reach = 40 if number == 0 and wrong != "outside" else 150
    at = choose.gauss(0, reach), choose.gauss(0, reach * 0.7)
    thin = paper.kind not in ("card", "passport")
    curls = thin and choose.random() < 0.5
    angle = choose.uniform(0, 6.28)
    return Laid(
        paper,
        at,
        float(np.radians(lie + tilt)),
        choose.uniform(1, 7) if curls else 0.0,
        (float(np.cos(angle)), float(np.sin(angle))),
        choose.uniform(0.2, 0.6),
        choose.uniform(1, 4) if paper.kind == "letter" and choose.random() < 0.3 else 0.0,
    )


def _shows(paper: Paper, laid: Laid, ground: Colour) -> bool:
    """Whether anybody could see it there: its rim is not just the desk's colour."""
    rim = np.concatenate((paper.flat[4], paper.flat[-5], paper.flat[:, 4], paper.flat[:, -5]))
    at = [min(max(int(each * FINE + ACROSS / 2), 40), ACROSS - 40) for each in laid.at]
    reach = int(max(paper.wide, paper.high) * FINE / 2)
    near = ground[max(0, at[1] - reach) : at[1] + reach, max(0, at[0] - reach) : at[0] + reach]
    colours = [
        cv2.cvtColor(
            np.median(each.reshape(-1, 3), axis=0).astype(np.uint8).reshape(1, 1, 3), cv2.COLOR_BGR2LAB
        )
        for each in (rim, near)
    ]
    return float(np.linalg.norm(colours[0].astype(float) - colours[1].astype(float))) > 12


def _fits(corners: Floats, camera: Camera, others: list[Floats], *, outside: bool) -> bool:
    wide, high = camera.size
    margin = 0.012 * wide
    x, y = corners[:, 0], corners[:, 1]
    within = (x > margin) & (x < wide - margin) & (y > margin) & (y < high - margin)
    if outside:
        over = (x < -0.03 * wide) | (x > 1.03 * wide) | (y < -0.03 * wide) | (y > high + 0.03 * wide)
        return 1 <= int(over.sum()) <= 2 and int(within.sum()) >= 2
    gap = 0.012 * wide
    return bool(within.all()) and all(_apart(corners, other, gap) for other in others)


def _apart(one: Floats, other: Floats, gap: float) -> bool:
    middle = one.mean(axis=0)
    away = one - middle
    grown = middle + away * (1 + gap * 2 / np.linalg.norm(away, axis=1, keepdims=True))
    return bool(cv2.intersectConvexConvex(grown.astype(np.float32), other)[0] <= 0)


def _seen(chance: Chance, camera: Camera, ground: Colour, laid: list[Laid], wrong: str) -> Colour:
    """What the sensor writes."""
    x, y = camera.places()
    dots = camera.size[0] / float(np.ptp(x[camera.size[1] // 2]))
    turned = np.float32(np.radians(chance.normal(0, 8)))
    over = ((np.cos(turned) * x - np.sin(turned) * y) * FINE + ACROSS / 2).astype(np.float32)
    down = ((np.sin(turned) * x + np.cos(turned) * y) * FINE + ACROSS / 2).astype(np.float32)
    fine = ground if dots > FINE * 0.7 else cv2.GaussianBlur(ground, (0, 0), 0.8)
    frame = cv2.remap(fine, over, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT).astype(np.float32)
    lamp = np.radians(chance.uniform(0, 360)), chance.uniform(0.15, 0.42)
    for each in laid:
        _lay_on(frame, x, y, each, camera, dots, lamp, chance)
    if wrong == "covered":
        sensing.hands(frame, chance, laid[0].corners(camera) if laid else None)
    frame *= sensing.light(chance, x, y)[..., None]
    frame *= chance.uniform(0.93, 1.07, 3).astype(np.float32)
    if laid:  # a camera exposes so that hardly anything burns out
        frame *= chance.uniform(205, 250) / max(
            float(np.percentile(frame[::8, ::8].max(axis=2), 99.5)), 120.0
        )
    if wrong == "shiny":
        sensing.glare(frame, chance, laid[0].corners(camera))
    return sensing.sensed(chance, frame, wrong)


def _lay_on(
    frame: Floats,
    x: Floats,
    y: Floats,
    laid: Laid,
    camera: Camera,
    dots: float,
    lamp: tuple[float, float],
    chance: Chance,
) -> None:
    paper = laid.paper
    u, v = laid.own_places(x, y, camera.height)
    inside = _depth(u, v, paper)
    side, deep = lamp
    wide = chance.uniform(0.8, 2.2) + laid.lift * 0.4
    shade = _depth(
        u - np.float32(wide * 0.7 * np.cos(side - laid.turn)),
        v - np.float32(wide * 0.7 * np.sin(side - laid.turn)),
        paper,
    )
    frame *= (1 - deep * np.exp(-np.square(np.minimum(shade, 0) / wide)) * (shade > -6 * wide))[..., None]
    # As fine as the camera sees it, or print would turn to moire.
    shrunk = min(1.0, dots * 1.15 / papers.MM)
    flat = (
        cv2.resize(paper.flat, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
        if shrunk < 1
        else paper.flat
    )
    across, down = (
        u * np.float32(flat.shape[1] / paper.wide) - 0.5,
        v * np.float32(flat.shape[0] / paper.high) - 0.5,
    )
    seen = cv2.remap(flat, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    if laid.lift or laid.fold:
        rise = laid.height_at(u / np.float32(paper.wide), v / np.float32(paper.high))
        slant = cv2.Sobel(rise, cv2.CV_32F, 1, 0, scale=dots / 8) * np.cos(side) + cv2.Sobel(
            rise, cv2.CV_32F, 0, 1, scale=dots / 8
        ) * np.sin(side)
        seen *= np.clip(1 - 1.1 * slant, 0.7, 1.12)[..., None]
    part = np.clip(inside * np.float32(dots) + 0.5, 0, 1)[..., None]
    frame += (seen - frame) * part


def _depth(u: Floats, v: Floats, paper: Paper) -> Floats:
    """Millimetres from the paper's edge: positive within."""
    half_u, half_v, r = np.float32(paper.wide / 2), np.float32(paper.high / 2), np.float32(paper.rounded)
    qx, qy = np.abs(u - half_u) - half_u + r, np.abs(v - half_v) - half_v + r
    return np.asarray(
        r - np.hypot(np.maximum(qx, 0), np.maximum(qy, 0)) - np.minimum(np.maximum(qx, qy), 0), np.float32
    )


def main() -> int:
    many, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(many):
        cv2.imwrite(str(folder / f"page-{seed}.jpg"), photograph(seed).picture)
        cv2.imwrite(str(folder / f"empty-{seed}.jpg"), empty(seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
