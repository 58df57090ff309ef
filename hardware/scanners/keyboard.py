"""A scanner that acts as a keyboard (most do, out of the box).

Two ways to hear it. Through the window: whoever has the window gives each key to `WindowScanner.key`; nothing has to be configured, and
whether a scanner is there cannot be known. Or from its own event device (`/dev/input/by-id/...-event-kbd`): then it is
known to be there, and it is grabbed, so that what is scanned appears nowhere else on the machine.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import queue
import select
import struct
import threading
import time
from pathlib import Path

from hardware.devices import Missing, Ready, ScannerStatus, Silent
from hardware.scanners.strokes import Strokes

EVENT = struct.Struct("@llHHi")
"""`struct input_event`: seconds, microseconds, type, code, value."""
EV_KEY, DOWN = 1, 1
EVIOCGRAB = 0x40044590
SHIFTS = (42, 54)
AGAIN_SECONDS = 2.0

_ROWS = {2: ("1234567890-=", "!@#$%^&*()_+"), 16: ("qwertyuiop[]", "QWERTYUIOP{}"), 30: ("asdfghjkl;'`", 'ASDFGHJKL:"~'),
         43: ("\\zxcvbnm,./", "|ZXCVBNM<>?")}  # fmt: skip
KEYS = {first + at: pair for first, rows in _ROWS.items() for at, pair in enumerate(zip(*rows, strict=True))}
KEYS |= {
    57: (" ", " "),
    28: ("\n", "\n"),
    96: ("\n", "\n"),
    15: ("\t", "\t"),
    98: ("/", "/"),
    74: ("-", "-"),
    83: (".", "."),
}
KEYS |= {
    code: (digit, digit)
    for code, digit in zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True)
}
"""Linux key codes to signs, without and with shift: the US layout, which scanners send unless they were told otherwise."""


class WindowScanner:
    """`key` is called on the window's thread, `read` on another."""

    def __init__(self) -> None:
        self._strokes = Strokes()
        self._lock = threading.Lock()
        self._read: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._heard = self._closed = False

    def key(self, sign: str, at: float) -> bool:
        with self._lock:
            text, ours = self._strokes.key(sign, at)
            if text is None and len(sign) == 1 and self._strokes.under_way:
                self._read.put(None)  # wake the reader, which ends a code that nothing ends
        if text is not None:
            self._heard = True
            self._read.put(text)
        return ours

    def status(self) -> ScannerStatus:
        return (
            Ready()
            if self._heard
            else Silent("a scanner that acts as a keyboard says nothing until it reads a code")
        )

    def read(self, seconds: float) -> str | None:
        until = time.monotonic() + seconds
        while True:
            with self._lock:
                text = self._strokes.paused(time.monotonic())
                waits = 0.05 if self._strokes.under_way else seconds
            if text is not None:
                self._heard = True
                return text
            left = until - time.monotonic()
            if left <= 0:
                return None
            with contextlib.suppress(queue.Empty):
                text = self._read.get(timeout=min(left, waits))
                if text is not None or self._closed:
                    return text

    def close(self) -> None:
        self._closed = True
        self._read.put(None)


class EventScanner:
    """The scanner at an event device, grabbed."""

    def __init__(self, device: str) -> None:
        self.device = device
        self._strokes = Strokes(gap=0.05, least=1)
        self._behind = 0.0
        """How much later it is here than by the kernel's clock, which says when each key was pressed."""
        self._shifted = False
        self._file: int | None = None
        self._bytes = b""
        self._tried_at = -1e9
        self._closed = threading.Event()

    def status(self) -> ScannerStatus:
        if self._file is not None:
            return Ready()
        return (
            Silent("it is there and cannot be read")
            if Path(self.device).exists()
            else Missing(f"there is no {self.device}")
        )

    def read(self, seconds: float) -> str | None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._closed.is_set():
            if self._file is None and not self._open():
                self._closed.wait(min(left, 0.25))
                continue
            text = self._once(min(left, 0.1 if self._strokes.under_way else 0.5))
            if text is not None:
                return text
        return None

    def close(self) -> None:
        self._closed.set()

    def _open(self) -> bool:
        now = time.monotonic()
        if now - self._tried_at < AGAIN_SECONDS:
            return False
        self._tried_at = now
        try:
            self._file = os.open(self.device, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            return False
        with contextlib.suppress(OSError):  # a pipe in a test, or somebody who already has it: read on
            fcntl.ioctl(self._file, EVIOCGRAB, 1)
        return True

    def _once(self, seconds: float) -> str | None:
        assert self._file is not None  # its caller has opened it
        try:
            ready, _, _ = select.select([self._file], [], [], seconds)
            data = os.read(self._file, 64 * EVENT.size) if ready else None
        except OSError as fault:
            if fault.errno not in (errno.EAGAIN, errno.EINTR):
                self._let_go()
            return None
        if data is None:
            return self._strokes.paused(time.monotonic() - self._behind)
        if not data:
            self._let_go()
            return None
        self._bytes += data
        return self._events()

    def _events(self) -> str | None:
        """Works off what came, up to the end of a code; the rest waits."""
        while len(self._bytes) >= EVENT.size:
            seconds, micros, kind, code, value = EVENT.unpack_from(self._bytes)
            self._bytes = self._bytes[EVENT.size :]
            if kind != EV_KEY:
                continue
            if code in SHIFTS:
                self._shifted = bool(value)
            elif value == DOWN and code in KEYS:
                at = seconds + micros / 1e6
                self._behind = time.monotonic() - at
                text, _ = self._strokes.key(KEYS[code][self._shifted], at)
                if text is not None:
                    return text
        return None

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file, self._bytes, self._shifted = None, b"", False
