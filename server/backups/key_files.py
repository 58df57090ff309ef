"""Copies of the key files that are in no backup, and whether one was ever made of what is in them now.

Who has a backup and its key must not read papers, so `papers.key` and `audit.key` stay out of it; and because they do, they are what is missing on the worst day.
`foyer backup keys` writes them into one small file, sealed to the same public keys, for whoever restores to carry somewhere else than the backups. That this was done is noted beside the
data, by a digest of the files, so that a key that was changed since is told.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyrage

from server.backups import shelf
from server.backups.sealed import recipients_of
from server.backups.unusable import BackupUnusable
from server.domain.troubles import Verdict, fine, worth_knowing

SUBJECT = "copies of keys"
_NOTE = "keys-copied.json"


def digest_of(files: Sequence[Path]) -> str:
    """Of what is in those that are there; empty when none is."""
    bodies = [file.read_bytes() for file in files if file.is_file()]
    return _digest(bodies) if bodies else ""


def _digest(bodies: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for body in bodies:
        digest.update(hashlib.sha256(body).digest())
    return digest.hexdigest()


def copy(files: Sequence[Path], target: Path, keys: Sequence[str], data: Path, now: datetime) -> list[str]:
    """Seal those that are there into `target`, and note it; their names. Raises BackupUnusable."""
    there = {file.name: file.read_bytes() for file in files if file.is_file()}
    if not there:
        raise BackupUnusable("There are no key files yet. The server makes them at its first start.")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, body in there.items():
            told = tarfile.TarInfo(name)
            told.size, told.mode = len(body), 0o600
            tar.addfile(told, io.BytesIO(body))
    sealed = pyrage.encrypt(packed.getvalue(), recipients_of(keys))
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(sealed)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise BackupUnusable(
            f"{target} could not be written: {error.strerror}. A copy is never written over."
        ) from None
    sealed_are = _digest(list(there.values()))  # and not what is in them by now
    note = {"digest": sealed_are, "at": now.isoformat(), "files": list(there)}
    shelf.write_whole(data / _NOTE, json.dumps(note).encode())
    return list(there)


def verdict(files: Sequence[Path], data: Path) -> Verdict:
    """Whether what is in the key files now was ever copied."""
    now = digest_of(files)
    try:
        noted = str(json.loads((data / _NOTE).read_bytes())["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        noted = ""
    if not now or noted == now:
        return fine(SUBJECT, "The keys that are in no backup were copied.")
    return worth_knowing(
        SUBJECT,
        "The keys of papers and of the audit are in no backup, on purpose, and "
        + ("were changed since they were copied." if noted else "were never copied.")
        + " Were this machine lost, nobody could open what visitors handed in.",
        "Run 'foyer backup keys FILE' and carry the file somewhere else than the backups (docs/backups.md).",
    )
