"""A USB camera over a plate (or any other that Linux shows as `/dev/video*`), through OpenCV.

It runs at its full size all the time, because changing the size of a running camera takes it a second or more, and in that second the visitor's hand is
over the page again. Its pictures are kept packed (JPEG) as it sends them: for a look one is unpacked at a half or a quarter of its size, which JPEG
allows at a fraction of the work, and only for a page at all of it. A picture that was cut off on its way (a cheap cable, a hub) is not one; the next is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import cv2

from hardware.cameras.v4l2 import V4l2Line
from hardware.devices import Frame, Missing, Silent
from hardware.plates.framed import framed, shrinking

if TYPE_CHECKING:
    from hardware.devices import Colour

CUT_OFF_MOST = 4
"""Pictures in a row that may be cut off."""
_BEGIN, _END = b"\xff\xd8", b"\xff\xd9"
_SMALL = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


class V4l2Plate:
    live = True
    feeds = False

    def __init__(
        self,
        device: str,
        size: tuple[int, int] = (3264, 2448),
        turn: int = 0,
        *,
        backend: int = cv2.CAP_V4L2,
        opens: Callable[[str, int], Any] = cv2.VideoCapture,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = V4l2Line(device, size, packed=True, backend=backend, opens=opens, steady=steady)
        self._turn = turn
        self._wide = size[0]

    def look(self) -> Frame:
        return self._picture(small=True)

    def still(self) -> Frame:
        return self._picture(small=False)

    def close(self) -> None:
        self._line.close()

    def _picture(self, *, small: bool) -> Frame:
        for _ in range(CUT_OFF_MOST):
            came = self._line.read()
            if isinstance(came, Missing | Silent):
                return Frame(came)
            picture = self._unpacked(came, small) if _is_packed(came) else self._as_it_is(came, small)
            if picture is not None:
                return framed(picture, self._turn)
        return Frame(self._line.fail())

    def _unpacked(self, packed: Any, small: bool) -> Colour | None:
        flat = packed.reshape(-1)
        if not _is_whole(flat):
            return None
        by = shrinking(self._wide) if small else 1
        picture = cv2.imdecode(flat, _SMALL[by] | cv2.IMREAD_IGNORE_ORIENTATION)
        if picture is None:
            return None
        self._wide = picture.shape[1] * by  # what it really gives, which may be less than it was asked for
        return cast("Colour", picture)

    def _as_it_is(self, picture: Any, small: bool) -> Colour:
        colour = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) if picture.ndim == 2 else picture
        by = shrinking(colour.shape[1]) if small else 1
        if by == 1:
            return cast("Colour", colour)
        size = (colour.shape[1] // by, colour.shape[0] // by)
        return cast("Colour", cv2.resize(colour, size, interpolation=cv2.INTER_AREA))


def _is_packed(came: Any) -> bool:
    """One row of bytes; a picture has many."""
    return bool(came.ndim == 1 or came.shape[0] == 1)


def _is_whole(flat: Any) -> bool:
    """Cameras pad behind the end with zeros, and some with a few signs of their own."""
    return bool(flat[:2].tobytes() == _BEGIN) and _END in bytes(flat.tobytes().rstrip(b"\x00")[-64:])
