"""A simulated scanner: reads what a dev dock or a test holds before it. Only `hardware.catalogue` and tests import this."""

from __future__ import annotations

import queue

from hardware.devices import Missing, Ready, ScannerStatus


class SimulatedScanner:
    def __init__(self) -> None:
        self._codes: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._plugged = True

    def scan(self, text: str) -> None:
        """An unplugged one reads nothing."""
        if self._plugged:
            self._codes.put(text)

    def set_plugged(self, *, plugged: bool) -> None:
        self._plugged = plugged

    def status(self) -> ScannerStatus:
        return Ready() if self._plugged else Missing("its plug was pulled")

    def read(self, seconds: float) -> str | None:
        try:
            return self._codes.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._codes.put(None)
