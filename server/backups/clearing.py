"""Folders in which the house lies in the clear for some minutes, and which outlive nobody: no kill, no power cut.

A backup, a restore and a comparison all need the database as a plain file. It may hold what is erased from the real one next week, so it must not be forgotten on
a disk. Three see to that: whoever made the folder, at the end; a watcher, a shell that waits for a pipe to close, which the kernel does however its maker ends,
`kill -9` too; and where both ended at once (a power cut, a whole unit killed) whoever comes next: each start of a server, and each backup and restore, sweeps away
the folders that nobody holds a lock on.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

BACKING_UP, RESTORING, CHECKING = "backing-up", "restoring", "foyer-check"
_WATCHER = 'cat >/dev/null; rm -rf -- "$1"'


@contextmanager
def in_the_clear(where: Path, what: str) -> Iterator[Path]:
    """A new folder below `where` that only this user can look into. Raises OSError."""
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder, held = _held(where, what)
    try:
        watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCHER, "sh", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # what ends us by the keyboard, or as a group, leaves it
        )
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            watcher.communicate()
    finally:
        os.close(held)


def _held(where: Path, what: str) -> tuple[Path, int]:
    """Made, and locked before a sweep could take it for one that was left."""
    while True:
        folder = where / f"{what}-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            with contextlib.suppress(OSError):  # no locks are known here
                fcntl.flock(number, fcntl.LOCK_EX)  # once a sweep is over that was at it just now
            if folder.is_dir():
                return folder, number
            os.close(number)


def sweep(places: Iterable[Path]) -> list[Path]:
    """Away with what is left, and nobody holds; which that was. Each is held meanwhile, or one that was made just now would go as well."""
    gone = []
    for folder in _there(places):
        with _free(folder) as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)
                gone.append(folder)
    return gone


def _there(places: Iterable[Path]) -> Iterator[Path]:
    for where in dict.fromkeys(places):
        for what in (BACKING_UP, RESTORING, CHECKING):
            yield from (each for each in sorted(where.glob(f"{what}-????????")) if each.is_dir())


@contextmanager
def _free(folder: Path) -> Iterator[bool]:
    try:
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # gone meanwhile, or another user's
        yield False
        return
    try:
        yield _locks(number)
    finally:
        os.close(number)


def _locks(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
