"""Puts a small file onto the card so that a power cut finds the old one or the new one, whole, under its name.

The bytes are on the card when the file is flushed, its name only when the folder is: a token that was flushed and renamed is still gone after a cut
if nobody flushed the folder, and the server gives it out once.
"""

from __future__ import annotations

import os
from pathlib import Path


def put(file: Path, text: str) -> None:
    """To be read by our own account alone. Raises `OSError`."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    settle(file.parent)


def drop(file: Path) -> None:
    """Whether or not it is there. Raises `OSError`."""
    file.unlink(missing_ok=True)
    settle(file.parent)


def settle(folder: Path) -> None:
    """A name is on the disk when its folder is. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
