"""A simulated camera: a room with nobody in it, before which a dev dock or a test holds things up.

Given a folder, it shows the pictures in it one after another, in the order of their names: photographs of real codes can so be tried on
a whole kiosk. Only `hardware.catalogue` and tests import this.
"""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from PIL import Image

from hardware.cameras.seen import seen
from hardware.devices import Look, Missing

_PICTURES = (".png", ".jpg", ".jpeg", ".webp")


class SimulatedCamera:
    def __init__(
        self, size: tuple[int, int] = (1280, 720), turn: int = 0, folder: Path | None = None
    ) -> None:
        self._size, self._turn = size, turn
        self._folder = folder
        self._at = 0
        self._held: Image.Image | None = None
        self._plugged, self._dark = True, False
        self._lock = threading.Lock()
        self.looks = 0
        """How often it was looked through; for tests of what is on when."""
        self.on = False

    def look(self) -> Look:
        with self._lock:
            if not self._plugged:
                self.on = False
                return Look(Missing("its plug was pulled"))
            self.looks += 1
            self.on = True
            if self._dark:
                return seen(np.zeros((self._size[1], self._size[0]), np.uint8), 0)
            picture = self._held or self._next() or self._room()
            return seen(np.asarray(picture.convert("L")), self._turn)

    def close(self) -> None:
        self.on = False

    def hold(self, picture: Image.Image | None, *, across: float = 0.4, turned: float = 0.0) -> None:
        with self._lock:
            self._held = None if picture is None else self._before_room(picture, across, turned)

    def set_plugged(self, *, plugged: bool) -> None:
        with self._lock:
            self._plugged = plugged

    def set_dark(self, *, dark: bool) -> None:
        with self._lock:
            self._dark = dark

    def _before_room(self, picture: Image.Image, across: float, turned: float) -> Image.Image:
        room = self._room()
        wide = max(8, round(room.width * across))
        held = picture.convert("L").resize((wide, max(8, round(wide * picture.height / picture.width))))
        mask = Image.new("L", held.size, 255)
        held, mask = (
            each.rotate(turned, expand=True, resample=Image.Resampling.BILINEAR) for each in (held, mask)
        )
        room.paste(held, ((room.width - held.width) // 2, (room.height - held.height) // 2), mask)
        return room

    def _room(self) -> Image.Image:
        """Walls and a window, in greys that no code has."""
        wide, high = self._size
        down = np.linspace(150, 90, high, dtype=np.float32)[:, None] + np.zeros((1, wide), np.float32)
        down[high // 6 : high // 2, wide // 12 : wide // 5] += 60
        return Image.fromarray(down.astype(np.uint8))

    def _next(self) -> Image.Image | None:
        if self._folder is None:
            return None
        files = sorted(file for file in self._folder.iterdir() if file.suffix.lower() in _PICTURES)
        if not files:
            return None
        self._at += 1
        with Image.open(files[(self._at - 1) % len(files)]) as picture:
            return picture.convert("L")
