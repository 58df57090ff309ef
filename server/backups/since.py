"""A small sealed file beside the newest backup: what was taken away since it was made (`server.store.queries.since`), written anew each minute.

Without it a restore would undo the revoking of a stolen tablet and the deletion of papers. With it the stated loss is an hour of visits, and a minute of
these. It is sealed as the backup is, so the server cannot read it again either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyrage
from pyrage import x25519

from server.backups import shelf
from server.backups.sealed import DAMAGED, recipients_of
from server.backups.unusable import BackupUnusable


def file_of(folder: Path, backup: str) -> Path:
    """`backup` is the id of the backup it goes with."""
    return folder / f"foyer-since-{backup[:8]}.age"


def fingerprint(told: Mapping[str, Any]) -> str:
    """The same while nothing was taken away: then it need not be written again."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def write(folder: Path, backup: str, told: Mapping[str, Any], at: int, keys: Sequence[str]) -> Path:
    """`at`: the moment (microseconds) as of which it is. Raises BackupUnusable and OSError."""
    text = json.dumps({"backup": backup, "at": at, **told}, separators=(",", ":")).encode()
    file = file_of(folder, backup)
    shelf.write_whole(file, pyrage.encrypt(text, recipients_of(keys)))
    return file


def read(file: Path, backup: str, identities: Sequence[x25519.Identity]) -> dict[str, Any] | None:
    """None when there is none. Raises BackupUnusable."""
    if not file.is_file():
        return None
    try:
        told: dict[str, Any] = json.loads(pyrage.decrypt(file.read_bytes(), list(identities)))
    except (pyrage.DecryptError, OSError, ValueError) as error:
        if "No matching keys" in str(error):
            raise BackupUnusable(
                f"{file.name} was sealed to another key than the backup it lies beside: FOYER_BACKUP_KEYS was changed since. Put both private keys into one file, one a line. It says what"
                " was taken away since the backup; to restore without it, say --without-since."
            ) from None
        raise BackupUnusable(
            f"{file.name} {DAMAGED} It says what was taken away since the backup: take the copy of it on the other machine, or say --without-since."
        ) from None
    return told if told.get("backup") == backup else None
