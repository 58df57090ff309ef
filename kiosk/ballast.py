"""Room kept on the card for the day when it is full: a file of nothing, thrown overboard so that tickets go on while somebody frees space.

A full card would stop a kiosk at once, in the middle of a morning, for what is seldom its own doing (a log, a picture, another program). The room is for some
ten thousand tickets. It is laid out without being written (the file system only reserves it), given up at the first write that
finds no space, and laid out again when there is plenty. Staff are told all the while by the machine's health.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

log = logging.getLogger("foyer.kiosk.ballast")

NAME = "room"
SIZE = 8 * 2**20
PLENTY = 8
"""Laid out again only where this many times as much is free."""


class Ballast:
    def __init__(self, folder: Path, size: int | None = None) -> None:
        self._file, self._size = folder / NAME, SIZE if size is None else size

    def keep(self) -> bool:
        """Have the room; whether it is there now."""
        try:
            if self._file.exists() and self._file.stat().st_size == self._size:
                return True
            if shutil.disk_usage(self._file.parent).free < PLENTY * self._size:
                return False
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            finally:
                os.close(descriptor)
        except OSError as error:
            log.info("no room could be kept on the card: %s", error)
            return False
        return True

    def drop(self) -> bool:
        """Give it up; whether there was any."""
        try:
            self._file.unlink()
        except OSError:
            return False
        log.error("the card is full; the room kept for this was given up, so that tickets go on")
        return True
