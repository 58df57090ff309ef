"""A team's folder on this machine, or on a share that is mounted here, below the one folder that was named for hand-offs.

Everything is written and renamed in the team's own folder, so always within one file system, and synced: file, then folder. The folder of hand-offs
itself is never made: if it is missing, a mount is, and papers must not be written to the disk underneath.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from server.connectors import dropping
from server.connectors.dropping import Pick
from server.domain.hand_off import Bundle, Laid, Later, Never, Result, folder_parts

T = TypeVar("T")
NOT_SET = "No folder for hand-offs is set. Whoever runs the server names one in FOYER_HANDOFF_FOLDER."
_SAYS = {
    errno.ENOSPC: "The folder for hand-offs is full. Make room there.",
    errno.EDQUOT: "The folder for hand-offs is full (its quota is used up). Make room there.",
    errno.EACCES: "The server may not write to the team's folder. Give its user the right to.",
    errno.EPERM: "The server may not write to the team's folder. Give its user the right to.",
    errno.EROFS: "The folder for hand-offs can only be read. See how it is mounted.",
    errno.ENOENT: "The folder for hand-offs is not there. See whether it is mounted.",
    errno.ENOTDIR: "The team's folder is a file. Move it away.",
    errno.ELOOP: "There is a link in the team's folder where ours should be (.foyer). Take the link away.",
    errno.EIO: "The disk of the folder for hand-offs fails.",
    errno.ESTALE: "The folder for hand-offs was mounted anew. It is tried again.",
}


class Folder:
    """A `Shelf`; its calls run beside the loop, for a share may be slow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def make(self, name: str) -> None:
        await _beside(lambda: _make(self._folder / name))

    async def write(self, name: str, body: bytes) -> None:
        await _beside(lambda: _write(self._folder / name, body))

    async def rename(self, old: str, new: str) -> None:
        await _beside(lambda: _rename(self._folder / old, self._folder / new))

    async def read(self, name: str) -> bytes:
        return await _beside((self._folder / name).read_bytes)

    async def exists(self, name: str) -> bool:
        return await _beside(lambda: _exists(self._folder / name))

    async def remove(self, name: str) -> None:
        await _beside(lambda: (self._folder / name).unlink(missing_ok=True))


async def hand_over(root: Path | None, address: str, bundle: Bundle) -> Result:
    try:
        shelf = await _open(root, address, make=True)
        if isinstance(shelf, str):
            return Later(shelf) if root is None else Never(shelf)
        await dropping.lay_down(shelf, bundle)
    except OSError as error:
        return Later(say(error))
    return Laid()


async def look_for(root: Path | None, address: str, notes: Mapping[str, str]) -> Mapping[str, Pick] | str:
    """What became of each hand-off (`notes`: its note's name), or why that cannot be told now."""
    try:
        shelf = await _open(root, address, make=False)
        return shelf if isinstance(shelf, str) else await dropping.look_for(shelf, notes)
    except OSError as error:
        return say(error)


async def take_back(root: Path | None, address: str, hand_off: str, note: str) -> Pick | str:
    """What it was found as when it was taken back, or why that cannot be done now."""
    try:
        shelf = await _open(root, address, make=False)
        return shelf if isinstance(shelf, str) else await dropping.take_back(shelf, hand_off, note)
    except OSError as error:
        return say(error)


async def clear(root: Path | None, address: str, hand_offs: Iterable[str]) -> None:
    """Raises nothing: a mark that stays does no harm."""
    try:
        shelf = await _open(root, address, make=False)
        if not isinstance(shelf, str):
            await dropping.clear(shelf, hand_offs)
    except OSError:
        return


async def _open(root: Path | None, address: str, *, make: bool) -> Folder | str:
    parts = folder_parts(address)
    if root is None or isinstance(parts, str):
        return NOT_SET if root is None else str(parts)
    return await _beside(lambda: _team_folder(root, parts, make=make))


def _team_folder(root: Path, parts: tuple[str, ...], *, make: bool) -> Folder | str:
    real = root.resolve(strict=True)
    folder = real.joinpath(*parts)
    if make:
        folder.mkdir(parents=True, exist_ok=True)
    if not folder.resolve(strict=True).is_relative_to(real):
        return (
            "The team's folder leads out of the folder for hand-offs. Take the link away that stands there."
        )
    return Folder(folder)


def say(error: OSError) -> str:
    return _SAYS.get(error.errno or 0, "The team's folder cannot be written to. Look at its disk and rights.")


async def _beside(function: Callable[[], T]) -> T:
    return await asyncio.to_thread(function)


def _make(path: Path) -> None:
    path.mkdir(exist_ok=True)
    if path.is_symlink():
        raise OSError(errno.ELOOP, "leads elsewhere")


def _exists(path: Path) -> bool:
    """Unlike `Path.exists`, a folder that cannot be looked into is a fault and not an empty one."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _write(path: Path, body: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o660), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _rename(old: Path, new: Path) -> None:
    old.rename(new)
    for folder in {old.parent, new.parent}:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
