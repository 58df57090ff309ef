"""A USB camera (or any other that Linux shows as `/dev/video*`), through OpenCV.

Asked for compressed pictures, since 1280 x 720 uncompressed is more than USB 2 carries ten times a second on a hub; and for a queue of
one, since a code that was taken away a second ago must not be read. A camera that gives no picture is let go of and tried
anew with the next look, at most every `AGAIN_SECONDS`, so that a pulled plug costs nothing and a plug put back is enough.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

# Read when OpenCV opens a camera: how long a picture may take. Its default is ten seconds.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")

import cv2

from hardware.cameras.seen import seen
from hardware.devices import Look, Missing, Silent

if TYPE_CHECKING:
    from hardware.devices import Grey

AGAIN_SECONDS = 2.0
JPEGS = cv2.VideoWriter.fourcc(*"MJPG")


class V4l2Line:
    """A camera that is opened when first read, and let go of and tried anew when it gives nothing.

    `packed`: pictures come as the camera packed them (JPEG) where it does, to be unpacked as small as they are needed.
    """

    def __init__(
        self,
        device: str,
        size: tuple[int, int],
        *,
        packed: bool = False,
        backend: int = cv2.CAP_V4L2,
        opens: Callable[[str, int], Any] = cv2.VideoCapture,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.device, self._size, self._packed = device, size, packed
        self._backend, self._opens, self._steady = backend, opens, steady
        self._capture: cv2.VideoCapture | None = None
        self._failed_at = -1e9
        self._failed: Missing | Silent = Missing()

    def read(self) -> Any:
        """A picture as OpenCV gives it, or a `Missing` or `Silent`."""
        if self._capture is None and not self._open():
            return self._failed
        assert self._capture is not None  # opened just now
        try:
            came, picture = self._capture.read()
        except cv2.error:
            came, picture = False, None
        if not came or picture is None:
            return self.fail()
        return picture

    def fail(self) -> Missing | Silent:
        """It gave nothing that is a picture: let go of it, and say how it is."""
        there = Path(self.device).exists()
        self._give_up(
            Silent("it is there and gives no picture")
            if there
            else Missing(f"there is no {self.device} any more")
        )
        return self._failed

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
        self._capture = None
        self._failed_at = -1e9

    def _open(self) -> bool:
        if self._steady() - self._failed_at < AGAIN_SECONDS:
            return False
        if not Path(self.device).exists():
            return self._give_up(Missing(f"there is no {self.device}"))
        try:
            capture = self._opens(os.path.realpath(self.device), self._backend)
        except cv2.error:
            return self._give_up(Silent("it cannot be opened"))
        if not capture.isOpened():
            capture.release()
            return self._give_up(Silent("it cannot be opened; perhaps another program has it"))
        for setting, value in (
            (cv2.CAP_PROP_FOURCC, JPEGS),
            (cv2.CAP_PROP_FRAME_WIDTH, self._size[0]),
            (cv2.CAP_PROP_FRAME_HEIGHT, self._size[1]),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            capture.set(setting, value)
        if self._packed and int(capture.get(cv2.CAP_PROP_FOURCC)) == JPEGS:
            capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        self._capture = capture
        return True

    def _give_up(self, status: Missing | Silent) -> bool:
        self.close()
        self._failed, self._failed_at = status, self._steady()
        return False


class V4l2Camera:
    def __init__(
        self,
        device: str,
        size: tuple[int, int] = (1280, 720),
        turn: int = 0,
        *,
        backend: int = cv2.CAP_V4L2,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = V4l2Line(device, size, backend=backend, steady=steady)
        self._turn = turn

    def look(self) -> Look:
        picture = self._line.read()
        if isinstance(picture, Missing | Silent):
            return Look(picture)
        return seen(_grey(picture), self._turn)

    def close(self) -> None:
        self._line.close()


def _grey(picture: Any) -> Grey:
    return cast("Grey", picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
