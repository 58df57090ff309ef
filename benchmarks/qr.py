"""How well a code held before a camera is read: pictures as a kiosk's camera takes them, zxing-cpp as we use it beside OpenCV's own detector.

The pictures are made, not taken: the code of a real reference, as long as a real address, is printed small, bent, turned, blurred, put
on a phone whose light is too bright or behind a lamp's glare, and seen by a noisy camera of 1280 x 720. Each case is made with
many seeds, so a rate is a rate. `first` is read from the first look; `second` within six, as in the second that everybody holds a code
still for.

    python -m benchmarks.qr
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np
import qrcode
from PIL import Image, ImageDraw, ImageFilter

from hardware.vision.qr import QrReader
from wire.references import new_reference

if TYPE_CHECKING:
    from hardware.devices import Grey

VIEW = (1280, 720)
LOOKS = 6
TRIES = 40


def address(seed: int) -> str:
    choose = random.Random(seed)
    return f"https://appointments.leicester.example.org/check-in/{new_reference(choose.choice)}"


def code(text: str, across: int) -> Image.Image:
    """A square with its quiet zone, `across` pixels wide."""
    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=12)
    made.add_data(text)
    made.make(fit=True)
    return made.make_image().get_image().convert("L").resize((across, across), Image.Resampling.LANCZOS)


def view(held: Image.Image, *, turned: float = 0.0, shift: tuple[int, int] = (0, 0)) -> Image.Image:
    """`held` before a wall of middling grey."""
    room = Image.new("L", VIEW, 120)
    ImageDraw.Draw(room).rectangle((80, 60, 300, 400), fill=170)
    mask = Image.new("L", held.size, 255)
    held, mask = (
        each.rotate(turned, expand=True, resample=Image.Resampling.BICUBIC) for each in (held, mask)
    )
    at = ((room.width - held.width) // 2 + shift[0], (room.height - held.height) // 2 + shift[1])
    room.paste(held, at, mask)
    return room


def noisy(picture: Image.Image, seed: int, sigma: float = 4.0) -> Grey:
    dots = np.asarray(picture, np.float32)
    return np.clip(dots + np.random.default_rng(seed).normal(0, sigma, dots.shape), 0, 255).astype(np.uint8)


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def moved(picture: Image.Image, pixels: int) -> Image.Image:
    """Smeared sideways, as by a hand that moves."""
    kernel = np.zeros((pixels, pixels), np.float32)
    kernel[pixels // 2] = 1 / pixels
    return Image.fromarray(cv2.filter2D(np.asarray(picture), -1, kernel))


def lit(picture: Image.Image, gain: float, offset: float = 0.0) -> Image.Image:
    return picture.point(lambda level: max(0.0, min(255.0, level * gain + offset)))


def leaned(picture: Image.Image, by: float) -> Image.Image:
    """Seen from the side."""
    wide, high = picture.size
    dx, dy = wide * by * 0.5, high * by
    here = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    there = np.array([(dx, dy), (wide - dx, 0), (wide - dx, high), (dx, high - dy)], np.float32)
    turn = cv2.getPerspectiveTransform(here, there)
    return Image.fromarray(cv2.warpPerspective(np.asarray(picture), turn, (wide, high), borderValue=120))


def phone(text: str, across: int, *, glare: bool = False) -> Image.Image:
    """A phone with the code on it: a bright screen in a dark frame, its dots, and perhaps a lamp's reflection over a corner."""
    screen = Image.new("L", (round(across * 1.35), round(across * 2.1)), 245)
    screen.paste(code(text, across), ((screen.width - across) // 2, round(screen.height * 0.25)))
    case = Image.new("L", (screen.width + 24, screen.height + 40), 18)
    case.paste(screen, (12, 20))
    dots = np.asarray(case, np.float32)
    dots[::3] *= 0.93  # the rows of the screen
    if glare:
        high, wide = dots.shape
        down, over = np.mgrid[0:high, 0:wide]
        far = ((over - wide * 0.72) / (wide * 0.3)) ** 2 + ((down - high * 0.36) / (high * 0.17)) ** 2
        dots += 190 * np.exp(-far)
    return Image.fromarray(np.clip(dots, 0, 255).astype(np.uint8))


Case = Callable[[int], "Grey"]
CASES: dict[str, Case] = {
    "on paper, 25 mm, at arm's length": lambda n: noisy(blurred(view(code(address(n), 260)), 0.8), n),
    "turned by any angle": lambda n: noisy(blurred(view(code(address(n), 260), turned=n * 37 % 360), 0.8), n),
    "printed small (2.2 pixels a module)": lambda n: noisy(blurred(view(code(address(n), 90), turned=n % 15), 0.5), n),
    "printed tiny (1.8 pixels a module)": lambda n: noisy(blurred(view(code(address(n), 74), turned=n % 9), 0.4), n),
    "out of focus": lambda n: noisy(blurred(view(code(address(n), 300), turned=n % 25), 3.6), n),
    "moved": lambda n: noisy(moved(view(code(address(n), 320), turned=n % 12), 11), n),
    "dim": lambda n: noisy(lit(blurred(view(code(address(n), 260), turned=n % 30), 0.9), 0.13, 4), n, 3.0),
    "nearly dark, noisy": lambda n: noisy(lit(blurred(view(code(address(n), 280)), 0.9), 0.09, 3), n, 4.0),
    "seen from the side": lambda n: noisy(blurred(leaned(view(code(address(n), 300), turned=n % 40), 0.24), 0.8), n),
    "on a phone": lambda n: noisy(blurred(view(phone(address(n), 230), turned=n % 20 - 10), 0.8), n),
    "on a phone, too bright": lambda n: noisy(lit(blurred(view(phone(address(n), 230)), 2.4), 1.5, 60), n),
    "on a phone, a lamp's glare": lambda n: noisy(blurred(view(phone(address(n), 240, glare=True), turned=n % 16 - 8), 0.8), n),
}  # fmt: skip


def read_ours(pictures: list[Grey], wanted: str) -> int:
    """At which look it was read, from 1; 0: not at all."""
    reader = QrReader()
    return next((at for at, picture in enumerate(pictures, 1) if reader.read(picture).text == wanted), 0)


def read_opencv(pictures: list[Grey], wanted: str) -> int:
    detector = cv2.QRCodeDetector()
    for at, picture in enumerate(pictures, 1):
        try:
            if detector.detectAndDecode(picture)[0] == wanted:
                return at
        except cv2.error:
            continue
    return 0


def rates(case: Case, read: Callable[[list[Grey], str], int], tries: int) -> tuple[float, float, float]:
    """Part read at the first look, part within a second, milliseconds a look."""
    first = second = looks = 0
    spent = 0.0
    for seed in range(tries):
        still = case(seed)
        pictures = [still, *(noisy(Image.fromarray(still), seed * 100 + n, 3.0) for n in range(1, LOOKS))]
        begun = time.perf_counter()
        at = read(pictures, address(seed))
        spent += time.perf_counter() - begun
        first += at == 1
        second += at > 0
        looks += at or LOOKS
    return first / tries, second / tries, spent / looks * 1000


STANDARD = (
    "on paper, 25 mm, at arm's length",
    "turned by any angle",
    "printed small (2.2 pixels a module)",
    "seen from the side",
    "dim",
    "nearly dark, noisy",
)
"""Rotation, perspective, size, noise and low light: what `python -m benchmarks` measures as one figure."""


def codes(tries: int) -> dict[str, float]:
    """Part read within the second that a code is held still, and milliseconds a look: as we use zxing-cpp, and OpenCV's detector beside it."""
    each = max(5, tries // len(STANDARD))
    told: dict[str, float] = {}
    for name, read in (("code", read_ours), ("code_opencv", read_opencv)):
        made = [rates(CASES[case], read, each) for case in STANDARD]
        told[f"{name}_first_percent"] = 100 * sum(first for first, _, _ in made) / len(made)
        told[f"{name}_read_percent"] = 100 * sum(second for _, second, _ in made) / len(made)
        told[f"{name}_look_ms"] = sum(spent for _, _, spent in made) / len(made)
    return told


def main() -> int:
    say = sys.stdout.write
    say(f"{'':38}{'zxing-cpp, as we use it':>32}{'OpenCV':>30}\n")
    say(f"{'':38}" + f"{'first':>10}{'second':>10}{'ms a look':>12}" * 2 + "\n")
    for name, case in CASES.items():
        say(f"{name:38}")
        for read in (read_ours, read_opencv):
            first, second, spent = rates(case, read, TRIES)
            say(f"{first:10.0%}{second:10.0%}{spent:12.1f}")
        say("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
