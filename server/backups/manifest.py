"""What a backup says of itself: which house, as of when, which parts with which digests, how many rows in each table.

It stands twice: whole, as the first thing inside the sealed file, where it cannot be changed without it being noticed; and what is in no way secret of it
beside the file (`Label`), so that a list of backups needs no key. Only the sealed one is believed in a restore.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from server.backups.unusable import BackupUnusable

FORMAT = 1
MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One file within: the database's copy, or a recorded clip (`clips/...`)."""

    name: str
    size: int
    digest: str
    """SHA-256 in hex."""


@dataclass(frozen=True)
class TableSum:
    rows: int
    digest: str
    """SHA-256 over the rows as JSON, in the order of the primary key (`server.backups.sums`)."""


@dataclass(frozen=True)
class Manifest:
    id: str
    kind: str
    """`sqlite` or `postgresql`."""
    version: str
    """Of Foyer."""
    schema: str
    life: str
    made_at: int
    known_until: int
    """Microseconds since 1970: everything acknowledged before is in it."""
    parts: tuple[Part, ...]
    tables: Mapping[str, TableSum]
    audit: str = ""
    """The newest link of the audit's chain then, as `foyer audit verify --anchor` takes it (docs/audit.md)."""

    @property
    def database(self) -> Part:
        return self.parts[0]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def encode(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, separators=(",", ":"), sort_keys=True).encode()


NOT_OURS = "This is not a backup of Foyer, or one of a much newer release."


def read_manifest(text: bytes) -> Manifest:
    """Raises BackupUnusable."""
    try:
        told = json.loads(text)
        if told.pop("format") != FORMAT:
            raise BackupUnusable(NOT_OURS)
        parts = tuple(
            Part(str(each["name"]), int(each["size"]), str(each["digest"])) for each in told.pop("parts")
        )
        tables = {
            str(name): TableSum(int(each["rows"]), str(each["digest"]))
            for name, each in told.pop("tables").items()
        }
        read = Manifest(**told, parts=parts, tables=tables)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupUnusable(NOT_OURS) from None
    if not parts or any(not _is_plain(part.name) for part in parts):
        raise BackupUnusable(NOT_OURS)
    return read


def _is_plain(name: str) -> bool:
    """Stays in the folder it is unpacked into."""
    return bool(name) and not name.startswith("/") and ".." not in name.split("/") and "\\" not in name


@dataclass(frozen=True)
class Label:
    """What lies beside a backup for all to read."""

    id: str
    made_at: int
    known_until: int
    size: int
    digest: str
    """SHA-256 of the sealed file."""
    version: str
    schema: str
    kind: str
    checked_at: int | None = None
    """When it was restored elsewhere and compared."""
    say: str = ""
    """Why it was not compared."""
    audit: str = ""
    """The newest link of the audit's chain, to be read without a key."""

    def encode(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode() + b"\n"


def read_label(text: bytes) -> Label | None:
    """None when it is none."""
    try:
        return Label(**json.loads(text))
    except (ValueError, TypeError):
        return None
