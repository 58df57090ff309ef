"""The pictures a screen shows of a visitor's papers, by name: in memory, and nowhere else.

The scan station puts them here and the window takes them from here; neither knows the other. A name is a page's id and version, so a picture that
was changed is another picture. `forget` lets go of everything at once, and whoever asks afterwards is answered with nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import dtype, ndarray, uint8

    Rgb = ndarray[tuple[int, int, int], dtype[uint8]]
    """Rows of red, green and blue, the upper left first."""
else:
    Rgb = Any

Name = tuple[str, int, str]
"""Of a page: its id, its version, and `small`, `page` or `photograph`."""


class Album:
    def __init__(self) -> None:
        self._makes: dict[Name, Callable[[], Rgb]] = {}
        self._lock = threading.Lock()

    def put(self, name: Name, make: Callable[[], Rgb]) -> None:
        """`make` is called when it is looked at: a large picture lies here as the file it is, and is opened for the screen alone."""
        with self._lock:
            self._makes[name] = make

    def drop(self, page: str) -> None:
        """Every picture of a page."""
        with self._lock:
            for name in [each for each in self._makes if each[0] == page]:
                del self._makes[name]

    def get(self, name: Name) -> Rgb | None:
        with self._lock:
            make = self._makes.get(name)
        return None if make is None else make()

    def forget(self) -> None:
        with self._lock:
            self._makes.clear()

    def __len__(self) -> int:
        return len(self._makes)


ALBUM = Album()
"""Of this kiosk: it has one window and one plate."""
