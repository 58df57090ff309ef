"""A file system that forgets: what was written but not synced may be gone after a power cut, wholly, in part, or in another order.

It is a VFS of SQLite in memory. Between two syncs of a file each write stands in a list; at a cut every one of them survives or not by itself,
and one may be torn at a sector of 512 bytes. That is harsher than most disks, and as harsh as what SQLite promises to live through.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import apsw

SECTOR = 512
POWERSAFE_OVERWRITE = 0x1000
"""As SQLite's own VFS says of every disk: a write does not harm the bytes beside it."""


class PowerCut(apsw.IOError):
    """The machine is off; nothing works any more."""


@dataclass
class Stored:
    """One file: what is on the disk for sure, what a program sees, and the writes between the two."""

    durable: bytearray = field(default_factory=bytearray)
    seen: bytearray = field(default_factory=bytearray)
    unsynced: list[tuple[int, bytes | None]] = field(default_factory=list)
    """(offset, bytes), or (size, None) for a cut to that size."""

    def write(self, offset: int, data: bytes) -> None:
        _put(self.seen, offset, data)
        self.unsynced.append((offset, bytes(data)))

    def truncate(self, size: int) -> None:
        del self.seen[size:]
        self.unsynced.append((size, None))

    def sync(self) -> None:
        self.durable = bytearray(self.seen)
        self.unsynced.clear()

    def after_a_cut(self, chance: random.Random) -> bytearray:
        kept = bytearray(self.durable)
        share = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        for offset, data in self.unsynced:
            if chance.random() >= share:
                continue
            if data is None:
                del kept[offset:]
            elif len(data) > SECTOR and chance.random() < 0.2:
                _put(kept, offset, data[: SECTOR * chance.randrange(1, -(-len(data) // SECTOR))])
            else:
                _put(kept, offset, data)
        return kept


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class Disk(apsw.VFS):
    """The file system; `cut_after` is how many more writes and syncs the power lasts (None: for ever)."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        self.vfs_name = name
        self.files: dict[str, Stored] = {}
        self.cut_after: int | None = None
        self.off = False
        self.burying = False
        self.steps = 0

    def step(self) -> None:
        """Each write and sync passes here; the cut comes before it is done."""
        self.steps += 1
        if self.cut_after is not None:
            self.cut_after -= 1
            if self.cut_after < 0:
                self.off = True
        if self.off:
            raise PowerCut

    def power_cut(self, chance: random.Random) -> None:
        """Off and on again: every file becomes what survived."""
        for name, stored in list(self.files.items()):
            kept = stored.after_a_cut(chance)
            self.files[name] = Stored(bytearray(kept), bytearray(kept))
        self.off, self.cut_after = False, None

    def bury(self, connection: apsw.Connection) -> None:
        """Let go of a connection of before the cut. What it does at its end reaches no file of after."""
        self.burying = True
        try:
            connection.close(True)
        finally:
            self.burying = False

    # What SQLite asks of a file system ----------------------------------------------------------------------------

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802 - SQLite's own name
        named = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        flags[1] = flags[0]
        return _File(self, self.files.setdefault(named, Stored()))

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802 - SQLite's own name
        self.step()
        if not self.burying:
            self.files.pop(name, None)

    def xAccess(self, name: str, flags: int) -> bool:  # noqa: N802 - SQLite's own name
        return name in self.files

    def xFullPathname(self, name: str) -> str:  # noqa: N802 - SQLite's own name
        return name


class _File:
    def __init__(self, disk: Disk, stored: Stored) -> None:
        self._disk = disk
        self._stored = stored

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - SQLite's own name
        return bytes(self._stored.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's own name
        self._disk.step()
        self._stored.write(offset, data)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - SQLite's own name
        self._disk.step()
        self._stored.truncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's own name
        self._disk.step()
        self._stored.sync()

    def xFileSize(self) -> int:  # noqa: N802 - SQLite's own name
        return len(self._stored.seen)

    def xLock(self, level: int) -> None:  # noqa: N802 - SQLite's own name
        """One program, one connection: nobody to lock out."""

    def xUnlock(self, level: int) -> None:  # noqa: N802 - SQLite's own name
        """See `xLock`."""

    def xCheckReservedLock(self) -> bool:  # noqa: N802 - SQLite's own name
        return False

    def xClose(self) -> None:  # noqa: N802 - SQLite's own name
        """Closing syncs nothing."""

    def xFileControl(self, op: int, pointer: int) -> bool:  # noqa: N802 - SQLite's own name
        return False

    def xSectorSize(self) -> int:  # noqa: N802 - SQLite's own name
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802 - SQLite's own name
        return POWERSAFE_OVERWRITE
