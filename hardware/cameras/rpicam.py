"""A Raspberry Pi's own camera (CSI), through the program that comes with Raspberry Pi OS: `rpicam-vid`.

libcamera has no Python package that can be installed beside ours, and OpenCV's wheels cannot reach it; the program that the system ships
and keeps in step with its kernel can. It writes raw pictures to a pipe, brightness first, so nothing has to be converted.
A thread keeps only the newest: the pipe would otherwise hold old ones back.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import IO

import numpy as np

from hardware.cameras.seen import seen
from hardware.devices import TIME_OUT_SECONDS, Look, Missing, Silent

PROGRAMS = ("rpicam-vid", "libcamera-vid")
"""By its present name, and the one it had in Debian 11 and early 12."""
AGAIN_SECONDS = 2.0
STALE_SECONDS = 1.0
ALIGNED = 64
"""Rows of the program's pictures are padded to so many bytes; widths that are multiples of it need no padding."""


class RpiLine:
    """The program at work, from the first picture that is asked for."""

    def __init__(
        self,
        number: int,
        size: tuple[int, int],
        *,
        rate: int = 10,
        stale: float = STALE_SECONDS,
        program: Sequence[str] | None = None,
    ) -> None:
        wide = size[0] // ALIGNED * ALIGNED
        self.size = (wide, size[1] // 2 * 2)
        self._number, self._rate, self._stale, self._program = number, rate, stale, program
        self._process: subprocess.Popen[bytes] | None = None
        self._newest: tuple[float, bytes] | None = None
        self._news = threading.Condition()
        self._failed_at = -1e9

    def newest(self) -> bytes | Missing | Silent:
        """The newest picture: brightness, then the two colours at half the size each way."""
        if self._process is None:
            refused = self._start()
            if refused is not None:
                return refused
        begun = time.monotonic()
        with self._news:
            self._news.wait_for(lambda: self._fresh(begun) or self._over(), TIME_OUT_SECONDS)
            newest = self._newest if self._fresh(begun) else None
        if newest is None:
            over = self._over()
            self._fail()
            return (
                Missing("the camera's program ended: is the camera's cable in?")
                if over
                else Silent("it gives no picture")
            )
        return newest[1]

    def close(self) -> None:
        process, self._process = self._process, None
        self._newest = None
        if process is not None:
            process.terminate()
            try:
                process.wait(TIME_OUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _fresh(self, now: float) -> bool:
        return self._newest is not None and now - self._newest[0] < self._stale

    def _over(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _fail(self) -> None:
        self.close()
        self._failed_at = time.monotonic()

    def _start(self) -> Missing | None:
        if time.monotonic() - self._failed_at < AGAIN_SECONDS:
            return Missing("it was not there a moment ago")
        program = self._program or [found for name in PROGRAMS if (found := shutil.which(name))][:1]
        if not program:
            self._failed_at = time.monotonic()
            return Missing("rpicam-vid is not installed (the package rpicam-apps-lite)")
        wide, high = self.size
        command = [
            *program, "--camera", str(self._number), "--timeout", "0", "--nopreview", "--codec", "yuv420", "--flush",
            "--width", str(wide), "--height", str(high), "--framerate", str(self._rate), "--output", "-",
        ]  # fmt: skip
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as fault:
            self._failed_at = time.monotonic()
            return Missing(f"the camera's program cannot be started: {fault.strerror}")
        assert self._process.stdout is not None  # a pipe was asked for
        threading.Thread(
            target=self._keep_newest, args=(self._process.stdout,), name="rpicam", daemon=True
        ).start()
        return None

    def _keep_newest(self, pipe: IO[bytes]) -> None:
        wide, high = self.size
        whole = wide * high * 3 // 2
        with contextlib.suppress(OSError, ValueError):
            while len(data := pipe.read(whole)) == whole:
                with self._news:
                    self._newest = (time.monotonic(), data)
                    self._news.notify_all()
        pipe.close()
        with self._news:
            self._news.notify_all()


class RpiCamera(RpiLine):
    def __init__(
        self,
        number: int = 0,
        size: tuple[int, int] = (1280, 720),
        turn: int = 0,
        *,
        program: Sequence[str] | None = None,
    ) -> None:
        super().__init__(number, size, program=program)
        self._turn = turn

    def look(self) -> Look:
        newest = self.newest()
        if isinstance(newest, Missing | Silent):
            return Look(newest)
        wide, high = self.size
        picture = np.frombuffer(newest, np.uint8, count=wide * high).reshape(high, wide)
        return seen(picture, self._turn)
