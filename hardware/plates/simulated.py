"""A simulated plate: pictures and films from a folder lie under the camera, as a dev dock, a test or the time chooses.

A recorded film is what proves a whole scan station without a camera, so it plays by the clock from the moment it is laid there, and its last
picture stays. A still picture never comes twice alike: each look carries a grain of its own, as every sensor does, for a camera that gives the same
picture again and again is a frozen one, and must be told apart. Only `hardware.catalogue` and tests import this.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from hardware.devices import Frame, Missing
from hardware.plates.framed import framed, shrinking

if TYPE_CHECKING:
    from hardware.devices import Colour

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
FILMS = frozenset({".mp4", ".avi", ".mkv", ".mov"})
BETWEEN_SECONDS = 1.5
"""The plate is empty for so long between two pictures that time lays there."""
GRAIN = 3
USUAL_RATE = 25.0


class SimulatedPlate:
    live = True
    feeds = False

    def __init__(
        self,
        size: tuple[int, int] = (3264, 2448),
        turn: int = 0,
        source: Path | None = None,
        *,
        every: float = 0,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._size, self._turn, self._source, self._every = size, turn, source, every
        self._steady = steady
        self._lock = threading.RLock()
        self._begun: float | None = None
        self._name = ""
        self._picture: Colour | None = None
        self._film: _Film | None = None
        self._last: Colour | None = None
        self._timed: tuple[str, Colour] | None = None
        self._plugged, self._frozen, self._black, self._upside_down = True, False, False, False
        self._grain = np.random.default_rng(5).integers(0, GRAIN + 1, (2048, 2048, 1), np.uint8)
        self._looks = 0
        self.on = False
        if source is not None and source.is_file():
            self.lay(source.name)

    # As a page camera -----------------------------------------------------------------------------------------

    def look(self) -> Frame:
        return self._frame(small=True)

    def still(self) -> Frame:
        return self._frame(small=False)

    def close(self) -> None:
        self.on = False
        self._begun = None  # what time lays there begins anew with an empty plate

    def _frame(self, *, small: bool) -> Frame:
        with self._lock:
            if not self._plugged:
                self.on = False
                return Frame(Missing("its plug was pulled"))
            self.on = True
            if self._black:
                return framed(np.zeros((self._size[1] // 4, self._size[0] // 4, 3), np.uint8), 0)
            if not self._frozen or self._last is None:
                self._last = self._now()
            picture = self._last
            by = shrinking(picture.shape[1]) if small else 1
            if by > 1:
                wide, high = picture.shape[1] // by, picture.shape[0] // by
                picture = cast("Colour", cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA))
            if not self._frozen:
                picture = self._grained(picture)
            if self._upside_down:
                picture = cast("Colour", np.ascontiguousarray(picture[::-1, ::-1]))
            return framed(picture, self._turn)

    def _now(self) -> Colour:
        if self._every and not self._name and self._picture is None:
            return self._by_time()
        if self._film is not None:
            return self._film.at(self._steady())
        return self._picture if self._picture is not None else self._empty()

    def _by_time(self) -> Colour:
        names = self.pictures()
        if self._begun is None:
            self._begun = self._steady()
        turn, into = divmod(self._steady() - self._begun, self._every + BETWEEN_SECONDS)
        if not names or into < BETWEEN_SECONDS:
            return self._empty()
        name = names[int(turn) % len(names)]
        if self._timed is None or self._timed[0] != name:
            try:
                self._timed = (name, _first(self._file(name)))
            except ValueError:  # a file that is no picture: nothing lies there for so long
                self._timed = (name, self._empty())
        return self._timed[1]

    # At the plate ---------------------------------------------------------------------------------------------

    def pictures(self) -> list[str]:
        if self._source is None:
            return []
        if self._source.is_file():
            return [self._source.name]
        if not self._source.is_dir():
            return []
        return sorted(each.name for each in self._source.iterdir() if each.suffix.lower() in PICTURES | FILMS)

    def lies(self) -> str:
        with self._lock:
            return self._name

    def lay(self, name: str) -> None:
        if name and name not in self.pictures():
            raise ValueError(f"There is no picture called {name!r} to lay on the plate.")
        with self._lock:
            self._clear()
            if not name:
                return
            file = self._file(name)
            if file.suffix.lower() in FILMS:
                self._film = _Film(file, self._steady)
            else:
                self._picture = _first(file)
            self._name = name

    def lay_next(self) -> str:
        names = self.pictures()
        if not names:
            return ""
        with self._lock:
            name = names[(names.index(self._name) + 1) % len(names)] if self._name in names else names[0]
            self.lay(name)
        return name

    def put(self, picture: Colour | None) -> None:
        with self._lock:
            self._clear()
            self._picture = picture

    def set_plugged(self, *, plugged: bool) -> None:
        with self._lock:
            self._plugged = plugged

    def set_frozen(self, *, frozen: bool) -> None:
        with self._lock:
            self._frozen = frozen

    def set_black(self, *, black: bool) -> None:
        with self._lock:
            self._black = black

    def set_upside_down(self, *, upside_down: bool) -> None:
        with self._lock:
            self._upside_down = upside_down

    def _clear(self) -> None:
        if self._film is not None:
            self._film.close()
        self._film, self._picture, self._name = None, None, ""

    def _file(self, name: str) -> Path:
        assert self._source is not None  # it has pictures
        return self._source if self._source.is_file() else self._source / name

    def _empty(self) -> Colour:
        """A plate of matt grey, a little brighter under the lamp."""
        wide, high = (each // 2 for each in self._size)
        across = np.linspace(-1, 1, wide, dtype=np.float32)[None, :]
        down = np.linspace(-1, 1, high, dtype=np.float32)[:, None]
        light = 92 - 22 * (across**2 + down**2)
        return cast("Colour", np.repeat(light.astype(np.uint8)[:, :, None], 3, axis=2))

    def _grained(self, picture: Colour) -> Colour:
        self._looks += 1
        high, wide = picture.shape[:2]
        step = self._looks * 97
        rows = (np.arange(high) + step) % self._grain.shape[0]
        columns = (np.arange(wide) + step * 3) % self._grain.shape[1]
        return cast("Colour", cv2.add(picture, np.repeat(self._grain[rows][:, columns], 3, axis=2)))


def _first(file: Path) -> Colour:
    """The picture in a file, or a film's first."""
    if file.suffix.lower() in FILMS:
        film = _Film(file, time.monotonic)
        film.close()
        return film.newest
    try:
        picture = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error):
        picture = None
    if picture is None:
        raise ValueError(f"{file.name} cannot be read as a picture.")
    return cast("Colour", picture)


class _Film:
    """Plays by the clock from when it is laid down; its last picture stays."""

    def __init__(self, file: Path, steady: Callable[[], float]) -> None:
        self._capture = cv2.VideoCapture(str(file))
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self._rate = rate if 1 <= rate <= 240 else USUAL_RATE
        self._steady = steady
        self._begun: float | None = None
        self._shown = -1
        came, first = self._capture.read()
        if not came:
            self._capture.release()
            raise ValueError(f"{file.name} cannot be read as a film.")
        self.newest = cast("Colour", first)
        self._shown = 0

    def at(self, now: float) -> Colour:
        """The picture of this instant; it begins with the first look."""
        if self._begun is None:
            self._begun = now
        due = int((now - self._begun) * self._rate)
        while self._shown < due:
            came, picture = self._capture.read()
            if not came:
                self._shown = due  # over
                break
            self._shown += 1
            self.newest = cast("Colour", picture)
        return self.newest

    def close(self) -> None:
        self._capture.release()
