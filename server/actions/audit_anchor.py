"""Anchors: the newest link of the audit's chain, written down where who holds the database does not reach.

A chain shows what was changed in it, and not that all of it was put back to an older copy, for that was whole once. A link that was written down
elsewhere shows that: it must still be there, as it was. The file is only ever added to (`chattr +a` it, or keep it on another machine), a line for
each: when, the link's number, its hash. The same two are in the server's log and in the manifest of each backup.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.audit_chain import Head
from server.store.queries.audit_chain import head_of, link_at
from server.store.sql import Sql

_LINK = re.compile(r"\b([1-9][0-9]{0,9}) ([0-9a-f]{64})\b")
_TAIL_BYTES = 4096


def add_anchor(path: Path, head: Head) -> None:
    """A line at the end of the file, on the disk when this returns. Raises OSError."""
    line = f"{from_micros(head.made_at).strftime('%Y-%m-%dT%H:%M:%SZ')} {head}\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), "a") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def last_anchor(path: Path | None) -> Head | None:
    """The newest line that is whole; None where there is none, or no such file."""
    try:
        if path is None:
            return None
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode("ascii", "replace").splitlines()
    except OSError:
        return None
    return next((found for line in reversed(lines) if (found := read_anchor(line))), None)


def read_anchor(text: str) -> Head | None:
    """`NUMBER HASH` with whatever around it: a line of the file, of the log, of what lies beside a backup, or what a person typed. None when it is none."""
    match = _LINK.search(text)
    return Head(int(match[1]), match[2], 0) if match else None


def why_not_there(connection: Connection, anchor: Head) -> str | None:
    """A sentence when the chain does not hold the anchored link."""
    sql = Sql(connection)
    found, newest = link_at(sql, anchor.number), head_of(sql)
    sql.close()
    if found is not None and found.hash == anchor.hash:
        return None
    if newest is None or newest.number < anchor.number:
        ends = f"ends with link {newest.number}" if newest else "has no link at all"
        return (
            f"Link {anchor.number} was written down elsewhere, but the chain {ends}: an older copy of the database was put back,"
            " or the end of the chain was taken out."
        )
    if found is None:
        return f"Link {anchor.number} was written down elsewhere and is missing in the chain."
    return f"Link {anchor.number} is not the one that was written down elsewhere: the chain was made anew from there or earlier, or is another house's."
