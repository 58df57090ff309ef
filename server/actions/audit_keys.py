"""The keys the audit is sealed with, in a file outside the database: who has only the database, or a backup of it, can make no link of the chain.

One key a line (`FOYER-AUDIT-KEY-` and 64 hex digits, comments behind `#`), readable by the server's user alone. The first seals, all are known; so a
key is changed by putting a new one on top, and a running server takes it up with its next round. The file is made when there is no chain yet. Where
there is one and the file is missing, none is made: a new key would hide that the old one was taken away. The queue goes on all the same, and
the house says that its audit is not sealed (`server.jobs.sealing_audit`). Several servers on one database share one file.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.credentials import is_handed_over
from server.domain.audit_chain import KEY_BYTES, Key
from server.settings import Settings
from server.store.database import DatabaseUnusable

COMMENT = (
    "# Seals the audit of Foyer. Keep a copy apart from the backups of the database (docs/audit.md).\n"
    "# The first key seals, all of them check.\n"
)
_PREFIX = "FOYER-AUDIT-KEY-"
_LINE = re.compile(re.escape(_PREFIX) + "([0-9a-f]{64})")


class AuditKeysUnusable(DatabaseUnusable):
    """The key file cannot be used; `str()` is a sentence that says why and what to do."""


@dataclass(frozen=True)
class AuditKeys:
    """All that are known, the one that seals first."""

    keys: tuple[Key, ...]

    @property
    def sealing(self) -> Key:
        return self.keys[0]

    @property
    def known(self) -> Mapping[str, Key]:
        return {key.name: key for key in self.keys}


def key_file(settings: Settings) -> Path:
    return settings.audit_keys or settings.data / "keys" / "audit.key"


def open_audit_keys(path: Path, *, may_make: bool) -> AuditKeys:
    """The keys in `path`, made when there is no file and it may be. Raises AuditKeysUnusable."""
    if may_make and not path.exists():
        _write(path, _line(), _unless_there)
    return AuditKeys(_read(path))


def add_audit_key(path: Path) -> AuditKeys:
    """A new key on top of those in the file, which stays whose it was. Raises AuditKeysUnusable."""
    _read(path)
    text = path.read_text(encoding="ascii").removeprefix(COMMENT)
    owner = path.stat()

    def put(beside: Path, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(beside, owner.st_uid, owner.st_gid)
        beside.replace(path)

    _write(path, _line() + text, put)
    return AuditKeys(_read(path))


def _line() -> str:
    return f"{_PREFIX}{secrets.token_hex(KEY_BYTES)}\n"


def _read(path: Path) -> tuple[Key, ...]:
    others = 0o007 if is_handed_over(path) else 0o077
    try:
        if path.stat().st_mode & others:
            raise AuditKeysUnusable(
                f"The key file {path} may be read by others than the server's user. Take that away (chmod 600 {path}), and put a new key on top (foyer audit new-key)."
            )
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise AuditKeysUnusable(
            f"The key file {path} that the audit is sealed with is missing. Put it back from where its copy is kept, or name its place in FOYER_AUDIT_KEYS."
        ) from None
    except OSError as error:
        raise AuditKeysUnusable(
            f"The key file {path} cannot be read ({error.strerror}). Give it to the server's user, who alone may read it (chmod 600)."
        ) from None
    lines = [line.strip() for line in text.splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    found = [match for line in keys if (match := _LINE.fullmatch(line)) is not None]
    if not keys or len(found) < len(keys):
        raise AuditKeysUnusable(
            f"The key file {path} {'holds a line that is no key' if keys else 'holds no key'} ({_PREFIX}...). Put it back from where its copy is kept."
        )
    return tuple(Key(bytes.fromhex(match[1])) for match in found)


def _unless_there(beside: Path, path: Path) -> None:
    """Whoever of two starts makes it first has made it for both."""
    with contextlib.suppress(FileExistsError):
        os.link(beside, path)
    beside.unlink()


def _write(path: Path, text: str, put: Callable[[Path, Path], None]) -> None:
    """Written whole, synced, and only then there."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(COMMENT + text)
            file.flush()
            os.fsync(file.fileno())
        put(beside, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise AuditKeysUnusable(
            f"The key file {path} could not be made ({error.strerror}). Give its folder to the server's user, or name another place in FOYER_AUDIT_KEYS."
        ) from None
