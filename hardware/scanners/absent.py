"""A kiosk that is meant to have no scanner."""

from __future__ import annotations

import threading

from hardware.devices import NoDevice, ScannerStatus


class AbsentScanner:
    def __init__(self) -> None:
        self._closed = threading.Event()

    def status(self) -> ScannerStatus:
        return NoDevice()

    def read(self, seconds: float) -> str | None:
        self._closed.wait(seconds)
        return None

    def close(self) -> None:
        self._closed.set()
