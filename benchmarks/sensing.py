"""What light, hands and a sensor make of a frame: the second half of `benchmarks.photographs`.

Light falls off over the plate, an arm's shadow or the sun lies across it, a lamp is reflected; a hand holds the paper; the lens is never quite sharp, the
sensor never quiet, in each of its colours for itself, and the picture comes as JPEG, as plate cameras send it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.desks import Chance
from hardware.devices import Colour

USUAL = 1280
"""Columns of the picture that blur is told for."""
Floats = NDArray[np.float32]


def light(chance: Chance, x: Floats, y: Floats) -> Floats:
    angle = chance.uniform(0, 6.28)
    fall = chance.uniform(0, 0.0011)
    made = 1 - np.float32(fall) * (np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y)
    made -= np.float32(chance.uniform(0, 2.2e-6)) * (x * x + y * y)
    if chance.random() < 0.45:  # somebody leans over it, or an arm's shadow lies across
        angle, offset, soft = chance.uniform(0, 6.28), chance.uniform(-120, 120), chance.uniform(6, 40)
        way = np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y - np.float32(offset)
        wide = chance.uniform(40, 220)
        shade = (
            1
            / (1 + np.exp(-np.clip(way / soft, -30, 30)))
            * 1
            / (1 + np.exp(np.clip((way - wide) / soft, -30, 30)))
        )
        made *= 1 - np.float32(chance.uniform(0.12, 0.42)) * shade
    if chance.random() < 0.12:  # the sun through a window: its edges are as soft as the sun is wide
        angle, soft = chance.uniform(0, 6.28), chance.uniform(3, 8)
        c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        a = np.abs(c * x + s * y - np.float32(chance.uniform(-80, 80))) - np.float32(chance.uniform(40, 110))
        b = np.abs(-s * x + c * y - np.float32(chance.uniform(-80, 80))) - np.float32(chance.uniform(50, 140))
        patch = 1 / (1 + np.exp(np.clip(np.maximum(a, b) / soft, -30, 30)))
        made *= 0.86 + np.float32(chance.uniform(0.1, 0.3)) * patch
    return np.asarray(np.clip(made, 0.2, 1.3), np.float32)


def hands(frame: Floats, chance: Chance, corners: Floats | None) -> None:
    """A hand that holds the paper down at one of its sides, or lies on the plate."""
    high, wide = frame.shape[:2]
    mm = wide / 440
    if corners is not None:
        side = int(chance.integers(4))
        tip = corners[side] + (corners[(side + 1) % 4] - corners[side]) * chance.uniform(0.25, 0.75)
        tip = tip + (corners.mean(axis=0) - tip) * chance.uniform(0.15, 0.3)
        away = tip - corners.mean(axis=0)
    else:
        tip = np.array((wide, high)) * chance.uniform(0.3, 0.7, 2)
        away = chance.normal(0, 1, 2)
    away = away / max(float(np.linalg.norm(away)), 1e-3)
    shape = np.zeros((high, wide), np.uint8)
    palm = tip + away * 95 * mm
    aside = np.array((-away[1], away[0]))
    for finger in (-1.5, -0.5, 0.5, 1.5):
        end = tip + aside * finger * 19 * mm + away * abs(finger) * 9 * mm
        root = palm + aside * finger * 17 * mm
        cv2.line(
            shape, tuple(int(n) for n in end), tuple(int(n) for n in root), 255, int(15 * mm), cv2.LINE_AA
        )
    cv2.line(
        shape,
        tuple(int(n) for n in palm),
        tuple(int(n) for n in palm + away * 400 * mm),
        255,
        int(72 * mm),
        cv2.LINE_AA,
    )
    skin = np.array(
        ((140, 170, 220), (95, 125, 180), (60, 80, 125), (40, 55, 85))[chance.integers(4)], np.float32
    )
    shade = cv2.GaussianBlur(shape, (0, 0), 7 * mm).astype(np.float32) / 255
    frame *= (1 - 0.4 * np.roll(shade, int(6 * mm), 0))[..., None]
    part = (cv2.GaussianBlur(shape, (0, 0), 0.4 * mm).astype(np.float32) / 255)[..., None]
    round_it = 0.75 + 0.25 * np.clip(cv2.GaussianBlur(shape, (0, 0), 5 * mm).astype(np.float32) / 200, 0, 1)
    frame += (skin * round_it[..., None] - frame) * part


def glare(frame: Floats, chance: Chance, corners: Floats) -> None:
    high, wide = frame.shape[:2]
    share = chance.uniform(0.3, 0.7, 2)
    at = (corners[0] * (1 - share[0]) + corners[1] * share[0]) * (1 - share[1]) + (
        corners[3] * (1 - share[0]) + corners[2] * share[0]
    ) * share[1]
    across = float(np.sqrt(abs(cv2.contourArea(corners)))) * chance.uniform(0.1, 0.2)
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    far = np.square((x - at[0]) / across) + np.square((y - at[1]) / (across * chance.uniform(0.5, 1.0)))
    frame *= 0.88
    frame += (230 * np.exp(-far))[..., None]


def sensed(chance: Chance, frame: Floats, wrong: str) -> Colour:
    scale = frame.shape[1] / USUAL
    dim = chance.uniform(0.10, 0.24) if wrong == "too_dark" else 1.0
    frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), chance.uniform(0.45, 0.95) * scale**0.5), np.float32)
    if wrong == "blurred":
        if chance.random() < 0.5:
            frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), chance.uniform(3.2, 5.0) * scale), np.float32)
        else:
            frame = _smeared(frame, chance.uniform(11, 20) * scale, chance.uniform(0, 180))
    noise = np.empty_like(frame)
    cv2.setRNGSeed(int(chance.integers(1, 2**31 - 1)))
    cv2.randn(noise, np.zeros(3), np.ones(3))
    frame = np.clip(frame, 0, 290) * np.float32(dim)
    frame += noise * np.sqrt(
        np.float32(chance.uniform(0.6, 4.5)) + np.float32(chance.uniform(0.01, 0.05)) * frame
    )
    written = np.clip(frame, 0, 255).astype(np.uint8)
    done, packed = cv2.imencode(".jpg", written, (cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(82, 96))))
    assert done
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))


def _smeared(frame: Floats, pixels: float, degrees: float) -> Floats:
    across = int(pixels) | 1
    kernel = np.zeros((across, across), np.float32)
    kernel[across // 2] = 1
    turn = cv2.getRotationMatrix2D((across // 2, across // 2), degrees, 1)
    kernel = np.asarray(cv2.warpAffine(kernel, turn, (across, across)), np.float32)
    return np.asarray(cv2.filter2D(frame, -1, kernel / kernel.sum()), np.float32)
