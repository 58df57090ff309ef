"""A scanner on a serial line, or on USB that plays one (CDC: `/dev/serial/by-id/...`, `/dev/ttyACM0`).

Better than the keyboard's way where the scanner can be set to it: it is known to be there, nothing of what is read can reach another
program, and no keyboard layout turns signs into others.
"""

from __future__ import annotations

import contextlib
import re
import termios
import threading
import time

import serial

from hardware.devices import Missing, Ready, ScannerStatus

BAUD = 9600
AGAIN_SECONDS = 2.0
PAUSE_SECONDS = 0.1
"""A code without an end is over after so much quiet."""
MOST = 500
_ADDRESS = re.compile(r"^(/dev/[^@,\s]+)(?:@(\d{4,6}))?$")
_FAULTS = (serial.SerialException, OSError, termios.error)


class SerialScanner:
    def __init__(self, device: str, baud: int = BAUD) -> None:
        self.device, self._baud = device, baud
        self._line: serial.Serial | None = None
        self._tried_at = -1e9
        self._closed = threading.Event()
        self._came = b""

    @classmethod
    def at(cls, address: str) -> SerialScanner:
        match = _ADDRESS.match(address)
        if not match or not 1200 <= int(match[2] or BAUD) <= 921_600:
            raise ValueError(f"scanner: a serial address is /dev/name[@baud], not {address!r}")
        return cls(match[1], int(match[2] or BAUD))

    def status(self) -> ScannerStatus:
        return Ready() if self._line is not None else Missing(f"there is no serial line {self.device}")

    def read(self, seconds: float) -> str | None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._closed.is_set():
            if self._line is None and not self._open():
                self._closed.wait(min(left, 0.25))
                continue
            text = self._once(PAUSE_SECONDS if self._came else min(left, 0.5))
            if text:
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
            self._line = serial.Serial(self.device, self._baud, exclusive=True)
        except _FAULTS:
            return False
        return True

    def _once(self, seconds: float) -> str | None:
        assert self._line is not None  # its caller has opened it
        try:
            self._line.timeout = seconds
            first = self._line.read(1)
            data = first + (
                self._line.read(self._line.in_waiting) if first and self._line.in_waiting else b""
            )
        except _FAULTS:
            self._let_go()
            return None
        self._came += data
        lines = re.split(rb"[\r\n\x00\x03]+", self._came.lstrip(b"\r\n\x00\x02\x03"), maxsplit=1)
        if len(lines) == 2:
            self._came = lines[1]
            return _text(lines[0])
        if data and len(self._came) < 4 * MOST:
            return None
        whole, self._came = self._came, b""
        return _text(whole)

    def _let_go(self) -> None:
        if self._line is not None:
            with contextlib.suppress(*_FAULTS):
                self._line.close()
        self._line, self._came = None, b""


def _text(data: bytes) -> str | None:
    return data.decode("utf-8", errors="replace").strip()[:MOST] or None
