"""The folder where sealed packets lie until the server has them: `spool/<id>.age` in the state folder, for the kiosk's own account only.

A file gets its name when all of it is on the disk, and the name is on the disk when `keep` returns: whatever is pulled when, a file of the spool is whole or it
is not there. What was cut off has another ending and is thrown away at the next start. Only sealed bytes ever come here, so
throwing away is unlinking; there is nothing to overwrite, and on a memory card overwriting would prove nothing.

A packet may not take the last room on the card: tickets need it too, and they go on for visitors who hand nothing in. So it is refused while it
would leave less than `RESERVE`, before anything is written, and its visitor keeps the pages on the screen.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from kiosk import onto_card
from kiosk.journal import DiskError

RESERVE = 32 * 1024 * 1024
_NAME = re.compile(r"([0-9a-f]{32})\.age")


class Spool:
    def __init__(self, folder: Path, reserve: int = RESERVE) -> None:
        self.folder, self._reserve = folder, reserve

    def keep(self, packet: str, most: int, write: Callable[[BinaryIO], None]) -> None:
        """Have `write` write the packet (`most` bytes or fewer); safe on the disk when this returns. On any exception nothing is left of it.
        Raises `DiskError`, and what `write` raises.
        """
        part = self.folder / f"{packet}.part"
        try:
            self._make_folder()
            self._need(most)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                with os.fdopen(descriptor, "wb", buffering=1024 * 1024) as file:
                    write(file)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(self._file(packet))
            except BaseException:
                with contextlib.suppress(OSError):
                    part.unlink(missing_ok=True)
                raise
            self._sync()
        except OSError as error:
            raise _trouble(error) from error

    def ids(self) -> list[str]:
        """Of all packets that lie here whole, the oldest first."""
        try:
            found = [
                (each.stat().st_mtime_ns, name[1])
                for each in self.folder.iterdir()
                if (name := _NAME.fullmatch(each.name))
            ]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _trouble(error) from error
        return [packet for _, packet in sorted(found)]

    def since(self, packet: str) -> int | None:
        """When its file was written by the machine's calendar, milliseconds since 1970; None when there is none."""
        try:
            return self._file(packet).stat().st_mtime_ns // 1_000_000
        except OSError:
            return None

    def open(self, packet: str) -> BinaryIO | None:
        """To read it; None when it is not there (any more). Raises `DiskError`."""
        try:
            return self._file(packet).open("rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _trouble(error) from error

    def drop(self, packet: str) -> None:
        """Gone from the disk when this returns. Raises `DiskError`."""
        try:
            self._file(packet).unlink(missing_ok=True)
            self._sync()
        except FileNotFoundError:
            return  # no folder: nothing was ever here
        except OSError as error:
            raise _trouble(error) from error

    def tidy(self) -> None:
        """At start: throw away what was cut off while it was written. Raises `DiskError`."""
        try:
            cut_off = list(self.folder.glob("*.part"))
            for each in cut_off:
                each.unlink(missing_ok=True)
            if cut_off:
                self._sync()
        except OSError as error:
            raise _trouble(error) from error

    def _file(self, packet: str) -> Path:
        return self.folder / f"{packet}.age"

    def _make_folder(self) -> None:
        if self.folder.is_dir():
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        onto_card.settle(self.folder.parent)

    def _need(self, most: int) -> None:
        if shutil.disk_usage(self.folder).free < most + self._reserve:
            raise DiskError("the disk is full", full=True)

    def _sync(self) -> None:
        onto_card.settle(self.folder)


def _trouble(error: OSError) -> DiskError:
    if error.errno in (28, 122):  # no room, or no more room for this account
        return DiskError("the disk is full", full=True)
    return DiskError(f"the disk says: {error.strerror or error}"[:200])
