"""What was last copied to another machine, noted beside the backups: so that it can be told how old the newest copy is, also after a restart and at the command line.

The note says nothing that the names of the files do not, and is of no use to a restore: it is a memory of ours, and not of the other machine's.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from server.backups import shelf

_NOTE = "foyer-copied.json"


@dataclass(frozen=True)
class Copied:
    host: str
    made_at: int
    """When the newest of the copies was made: microseconds."""


def note(folder: Path, copied: Copied) -> None:
    """Raises OSError."""
    if read(folder) != copied:
        shelf.write_whole(folder / _NOTE, json.dumps(asdict(copied)).encode())


def read(folder: Path) -> Copied | None:
    """None when nothing is known of a copy."""
    try:
        told = json.loads((folder / _NOTE).read_bytes())
        return Copied(str(told["host"]), int(told["made_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
