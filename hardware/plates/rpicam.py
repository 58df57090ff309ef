"""A Raspberry Pi's own camera (CSI) over a plate, through the program of Raspberry Pi OS, as `hardware.cameras.rpicam` reads it.

At its full size and few pictures a second: they come unpacked, 12 MB each for 8 million dots, and moving them costs the little computer less than
packing and unpacking would. Colour comes at half the size each way, so a look needs nothing but brightness brought down to the same. The program
sends full-range colours as JPEG files have them when it is asked for unpacked pictures, so that is how they are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np

from hardware.cameras.rpicam import RpiLine
from hardware.devices import Frame, Missing, Silent
from hardware.plates.framed import framed, shrinking

if TYPE_CHECKING:
    from hardware.devices import Colour

RATE = 6
STALE_SECONDS = 1.5


class RpiPlate(RpiLine):
    live = True
    feeds = False

    def __init__(
        self,
        number: int = 0,
        size: tuple[int, int] = (3264, 2448),
        turn: int = 0,
        *,
        program: Sequence[str] | None = None,
    ) -> None:
        super().__init__(number, size, rate=RATE, stale=STALE_SECONDS, program=program)
        self._turn = turn

    def look(self) -> Frame:
        return self._picture(shrinking(self.size[0]))

    def still(self) -> Frame:
        return self._picture(1)

    def _picture(self, by: int) -> Frame:
        newest = self.newest()
        if isinstance(newest, Missing | Silent):
            return Frame(newest)
        wide, high = self.size
        return framed(_colour(np.frombuffer(newest, np.uint8), wide, high, by), self._turn)


def _colour(data: Any, wide: int, high: int, by: int) -> Colour:
    whole, part = wide * high, wide * high // 4
    size = (wide // by, high // by)
    brightness = data[:whole].reshape(high, wide)
    blue, red = (
        data[whole + each * part : whole + (each + 1) * part].reshape(high // 2, wide // 2) for each in (0, 1)
    )
    planes = (brightness, red, blue)  # the order OpenCV wants them in
    same = [each if each.shape == size[::-1] else _sized(each, size) for each in planes]
    return cast("Colour", cv2.cvtColor(cv2.merge(same), cv2.COLOR_YCrCb2BGR))


def _sized(plane: Any, size: tuple[int, int]) -> Any:
    way = cv2.INTER_AREA if plane.shape[1] > size[0] else cv2.INTER_LINEAR
    return cv2.resize(plane, size, interpolation=way)
