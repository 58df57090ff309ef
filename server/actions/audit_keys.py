"""The keys the audit is sealed with, in a file outside the database: who has only the database, or a backup of it, can make no link of the chain.

One key a line (`FOYER-AUDIT-KEY-` and 64 hex digits, comments behind `#`), readable by the server's user alone. The first seals, all are known; so a
key is changed by putting a new one on top, and a running server takes it up with its next round. The file is made when there is no chain yet. Where
there is one and the file is missing, none is made: a new key would hide that the old one was taken away. The queue goes on all the same, and
the house says that its audit is not sealed (`server.jobs.sealing_audit`). Several servers on one database share one file
(`server.key_file`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server.domain.audit_chain import KEY_BYTES, Key
from server.key_file import KeyFile
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
    file = _file(path)
    if may_make and not file.is_there():
        file.make(_new_line())
    return AuditKeys(_read(file))


def add_audit_key(path: Path) -> AuditKeys:
    """A new key on top of those in the file, which stays whose it was. Raises AuditKeysUnusable."""
    file = _file(path)
    _read(file)
    file.put_on_top(_new_line())
    return AuditKeys(_read(file))


def _file(path: Path) -> KeyFile:
    return KeyFile(
        path,
        COMMENT,
        "FOYER_AUDIT_KEYS",
        AuditKeysUnusable,
        if_open="put a new key on top (foyer audit new-key)",
        if_missing=f"The key file {path} that the audit is sealed with is missing. Put it back from where its copy is kept, or name its place in FOYER_AUDIT_KEYS.",
    )


def _new_line() -> str:
    return f"{_PREFIX}{secrets.token_hex(KEY_BYTES)}"


def _read(file: KeyFile) -> tuple[Key, ...]:
    keys = [line for _, line in file.lines()]
    found = [match for line in keys if (match := _LINE.fullmatch(line)) is not None]
    if not keys or len(found) < len(keys):
        raise AuditKeysUnusable(
            f"The key file {file.path} {'holds a line that is no key' if keys else 'holds no key'} ({_PREFIX}...). Put it back from where its copy is kept."
        )
    return tuple(Key(bytes.fromhex(match[1])) for match in found)
