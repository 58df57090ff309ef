"""What papers lie on, and what lies about: plates and desks of many kinds, and the things people put down.

A desk is a picture of `SIDE` millimetres square, `FINE` dots a millimetre, its middle under the camera. Things are drawn on it with a shadow of their own:
telephones, pens, keys, cups, coins, glasses, rulers, cables. None of them is a paper, and several have straight edges and right angles, as in life.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.devices import Colour

SIDE = 720
FINE = 2.0
ACROSS = int(SIDE * FINE)
Chance = np.random.Generator
Floats = NDArray[np.float32]


def clouds(chance: Chance, rough: int, stretch: float = 1.0) -> Floats:
    """Soft noise of about -1 to 1; `rough` blots across, `stretch` times as long as wide."""
    rows = max(2, int(rough / stretch))
    few = chance.normal(0, 0.5, (rows, rough)).astype(np.float32)
    return np.asarray(cv2.resize(few, (ACROSS, ACROSS), interpolation=cv2.INTER_CUBIC), np.float32)


def plain(ground: tuple[float, float, float]) -> Floats:
    return np.full((ACROSS, ACROSS, 3), ground, np.float32)


def white(chance: Chance) -> Floats:
    level = chance.uniform(178, 222)
    desk = plain((level + chance.uniform(-8, 4), level, level + chance.uniform(-4, 8)))
    return np.asarray(desk + 1.6 * clouds(chance, 90)[..., None], np.float32)


def grey(chance: Chance) -> Floats:
    level = chance.uniform(75, 165)
    desk = plain((level + chance.uniform(-12, 12), level, level + chance.uniform(-12, 12)))
    return np.asarray(desk + 2.5 * clouds(chance, 300)[..., None], np.float32)


def dark(chance: Chance) -> Floats:
    level = chance.uniform(18, 55)
    return np.asarray(plain((level + 3, level, level)) + 2.0 * clouds(chance, 400)[..., None], np.float32)


def mat(chance: Chance) -> Floats:
    """Felt or rubber of a plain colour."""
    ground = ((70, 110, 40), (120, 60, 40), (50, 40, 120), (110, 100, 60))[chance.integers(4)]
    return np.asarray(plain(ground) + 5.0 * clouds(chance, 600)[..., None], np.float32)


def wood(chance: Chance) -> Floats:
    """Planks with grain; the joints are long straight lines."""
    ground = ((90, 130, 175), (60, 90, 135), (130, 165, 200), (40, 55, 80))[chance.integers(4)]
    grain = clouds(chance, 260, 18.0) + 0.6 * clouds(chance, 700, 50.0) + 0.5 * clouds(chance, 6)
    grain = np.ascontiguousarray(grain.T)
    desk = plain(ground) * (1 + 0.10 * grain[..., None])
    width = int(chance.uniform(70, 160) * FINE)
    for at in range(int(chance.integers(0, width)), ACROSS, width):
        desk[at:] *= 1 + chance.uniform(-0.10, 0.10)
        desk[at : at + 2] *= 0.55
    return np.asarray(desk, np.float32)


def checks(chance: Chance) -> Floats:
    """A cloth of squares."""
    cell = chance.uniform(12, 45) * FINE
    line = (np.arange(ACROSS) // cell % 2).astype(np.float32)
    both = (line[:, None] + line[None, :]) / 2
    one, other = np.array((235, 235, 235), np.float32), chance.uniform(30, 190, 3).astype(np.float32)
    return np.asarray(one + (other - one) * both[..., None] + 3 * clouds(chance, 500)[..., None], np.float32)


def tiles(chance: Chance) -> Floats:
    desk = plain(tuple(chance.uniform(120, 215, 3)))
    cell = int(chance.uniform(60, 200) * FINE)
    first = int(chance.integers(0, cell))
    for at in range(first - cell, ACROSS, cell):
        for over in range(first - cell, ACROSS, cell):
            desk[max(0, at) : at + cell, max(0, over) : over + cell] *= 1 + chance.uniform(-0.05, 0.05)
    for at in range(first, ACROSS, cell):
        desk[at : at + 6] *= 0.7
        desk[:, at : at + 6] *= 0.7
    return np.asarray(desk + 3 * clouds(chance, 200)[..., None], np.float32)


def stripes(chance: Chance) -> Floats:
    wide = chance.uniform(10, 50) * FINE
    line = (np.arange(ACROSS) // wide % 2).astype(np.float32)[:, None, None]
    one, other = chance.uniform(60, 230, 3), chance.uniform(60, 230, 3)
    return np.asarray(one + (other - one) * line + 3 * clouds(chance, 400)[..., None], np.float32)


def speckled(chance: Chance) -> Floats:
    """Laminate or stone."""
    desk = plain(tuple(chance.uniform(70, 200, 1)) * 3)
    return np.asarray(desk + (16 * clouds(chance, 700) + 10 * clouds(chance, 60))[..., None], np.float32)


def flowers(chance: Chance) -> Floats:
    desk = plain(tuple(chance.uniform(100, 230, 3))).copy()
    for _ in range(140):
        at = tuple(int(each) for each in chance.integers(0, ACROSS, 2))
        shade = tuple(float(each) for each in chance.uniform(20, 240, 3))
        cv2.circle(desk, at, int(chance.uniform(6, 26) * FINE / 2), shade, -1, cv2.LINE_AA)
    return np.asarray(desk, np.float32)


DESKS: Mapping[str, Callable[[Chance], Floats]] = {
    "white": white,
    "grey": grey,
    "dark": dark,
    "mat": mat,
    "wood": wood,
    "checks": checks,
    "tiles": tiles,
    "stripes": stripes,
    "speckled": speckled,
    "flowers": flowers,
}


# Things -------------------------------------------------------------------------------------------------------


def _put(
    desk: Floats, shape: NDArray[np.uint8], colour: NDArray[np.float32] | tuple[float, ...], high: float
) -> None:
    """Lays a thing of this shape on the desk, with the shadow that its height gives."""
    shade = cv2.GaussianBlur(shape, (0, 0), 2 + high).astype(np.float32) / 255
    shade = np.roll(shade, (int(2 + high), int(1 + high)), (0, 1))
    desk *= (1 - 0.35 * shade)[..., None]
    part = (shape.astype(np.float32) / 255)[..., None]
    desk += (np.asarray(colour, np.float32) - desk) * part


def _bar(
    middle: NDArray[np.float64], long: float, wide: float, turn: float, rounded: float = 0.0
) -> NDArray[np.uint8]:
    shape = np.zeros((ACROSS, ACROSS), np.uint8)
    inner = ((long - 2 * rounded) * FINE, (wide - 2 * rounded) * FINE)
    corners = cv2.boxPoints((tuple(float(each) for each in middle), inner, turn)).astype(np.int32)
    cv2.fillConvexPoly(shape, corners, 255, cv2.LINE_AA)
    if rounded:
        cv2.polylines(shape, [corners], True, 255, max(1, round(2 * rounded * FINE)), cv2.LINE_AA)
    return shape


def telephone(desk: Floats, chance: Chance, at: NDArray[np.float64]) -> None:
    turn = chance.uniform(0, 180)
    _put(
        desk,
        _bar(at, chance.uniform(138, 164), chance.uniform(66, 78), turn, 9),
        tuple(chance.uniform(15, 60, 1)) * 3,
        6,
    )
    _put(desk, _bar(at, 130, 62, turn, 5), (22, 20, 20), 0)


def pen(desk: Floats, chance: Chance, at: NDArray[np.float64]) -> None:
    _put(
        desk,
        _bar(at, 140, chance.uniform(7, 11), chance.uniform(0, 180), 3),
        tuple(chance.uniform(10, 230, 3)),
        5,
    )


def cup(desk: Floats, chance: Chance, at: NDArray[np.float64]) -> None:
    for radius, shade in ((40, chance.uniform(60, 245, 3)), (35, np.array((30, 50, 80.0)))):
        shape = np.zeros((ACROSS, ACROSS), np.uint8)
        cv2.circle(shape, (int(at[0]), int(at[1])), int(radius * FINE), 255, -1, cv2.LINE_AA)
        _put(desk, shape, tuple(shade), 10 if radius == 40 else 0)


def keys(desk: Floats, chance: Chance, at: NDArray[np.float64]) -> None:
    shape = np.zeros((ACROSS, ACROSS), np.uint8)
    for _ in range(4):
        tip = at + chance.normal(0, 45, 2)
        cv2.line(shape, (int(at[0]), int(at[1])), (int(tip[0]), int(tip[1])), 255, 12, cv2.LINE_AA)
        cv2.circle(shape, (int(tip[0]), int(tip[1])), 20, 255, -1, cv2.LINE_AA)
    _put(desk, shape, (140, 165, 175), 3)


def coins(desk: Floats, chance: Chance, at: NDArray[np.float64]) -> None:
    for _ in range(int(chance.integers(2, 6))):
        shape = np.zeros((ACROSS, ACROSS), np.uint8)
        place = at + chance.normal(0, 60, 2)
        cv2.circle(
            shape, (int(place[0]), int(place[1])), int(chance.uniform(9, 14) * FINE), 255, -1, cv2.LINE_AA
        )
        _put(desk, shape, ((90, 140, 180), (150, 160, 165))[chance.integers(2)], 1)


def glasses(desk: Floats, chance: Chance, at: NDArray[np.float64]) -> None:
    shape = np.zeros((ACROSS, ACROSS), np.uint8)
    for aside in (-34, 34):
        cv2.ellipse(
            shape,
            (int(at[0] + aside * FINE), int(at[1])),
            (int(26 * FINE), int(20 * FINE)),
            0,
            0,
            360,
            255,
            6,
            cv2.LINE_AA,
        )
    cv2.line(
        shape,
        (int(at[0] - 60 * FINE), int(at[1])),
        (int(at[0] - 90 * FINE), int(at[1] - 120 * FINE)),
        255,
        6,
        cv2.LINE_AA,
    )
    _put(desk, shape, (25, 25, 35), 4)


def ruler(desk: Floats, chance: Chance, at: NDArray[np.float64]) -> None:
    _put(desk, _bar(at, 310, 30, chance.uniform(0, 180)), tuple(chance.uniform(120, 230, 3)), 1)


def cable(desk: Floats, chance: Chance, at: NDArray[np.float64]) -> None:
    shape = np.zeros((ACROSS, ACROSS), np.uint8)
    way = np.cumsum(np.concatenate((at[None], chance.normal(0, 70, (9, 2)))), axis=0)
    t = np.linspace(0, 9, 150)
    smooth = np.stack(
        [
            np.interp(t, np.arange(10), cv2.GaussianBlur(way[:, k].reshape(-1, 1), (1, 5), 1.2).ravel())
            for k in (0, 1)
        ],
        axis=1,
    )
    cv2.polylines(shape, [smooth.astype(np.int32)], False, 255, int(5 * FINE), cv2.LINE_AA)
    _put(desk, shape, tuple(chance.uniform(15, 70, 1)) * 3, 3)


THINGS = (telephone, pen, pen, cup, keys, coins, glasses, ruler, cable)


def strew(desk: Floats, chance: Chance, count: int) -> None:
    """Puts things down anywhere under the camera."""
    for _ in range(count):
        at = ACROSS / 2 + chance.uniform(-230, 230, 2) * np.array((1.0, 0.75)) * FINE
        THINGS[chance.integers(len(THINGS))](desk, chance, at)


def desk_of(chance: Chance, kind: str, things: int) -> Colour:
    desk = DESKS[kind](chance)
    strew(desk, chance, things)
    return np.clip(desk, 0, 255).astype(np.uint8)
