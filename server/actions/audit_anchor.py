"""Anchors: the newest link of the audit's chain, written down where who holds the database does not reach.

A chain shows what was changed in it, and not that all of it was put back to an older copy, for that was whole once. A link that was written down
elsewhere shows that: it must still be there, as it was. The file is only ever added to (`chattr +a` it, or keep it on another machine), a line for
each: when, the link's number, its hash. The same two are in the server's log and in the manifest of each backup.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.audit_chain import Head
from server.store.queries.audit_chain import head_of, link_at
from server.store.sql import Sql, Statement

_LINK = re.compile(r"\b([1-9][0-9]{0,9}) ([0-9a-f]{64})\b")
_TAIL_BYTES = 4096
ACCEPTED = "audit gap accepted"
_GAP = Statement("SELECT at FROM audit WHERE what = :what AND about = :about ORDER BY id DESC LIMIT 1")
_RESTORE = Statement(
    """SELECT l.began_at, l.known_until FROM house_life l WHERE l.known_until IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.made_at < l.began_at AND s.id >= :number) ORDER BY l.number DESC LIMIT 1"""
)
"""The latest restore of a backup in which the chain had not come as far as that link."""


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


@dataclass(frozen=True)
class Missing:
    """An anchored link that the chain does not hold."""

    say: str
    restored: bool = False
    """A restore of the house explains it, if that restore was the house's own: only a person knows."""
    known: bool = False
    """A person has said that they know (`foyer audit accept-gap`)."""


def missing(connection: Connection, anchor: Head) -> Missing | None:
    """None when the chain holds the anchored link."""
    sql = Sql(connection)
    try:
        found = link_at(sql, anchor.number)
        if found is not None and found.hash == anchor.hash:
            return None
        if (accepted := sql.one(_GAP, {"what": ACCEPTED, "about": f"seal:{anchor.number}"})) is not None:
            return Missing(
                f"Link {anchor.number} was written down elsewhere and is gone; on {_when(accepted[0])} somebody said that they know why.",
                known=True,
            )
        restore = sql.one(_RESTORE, {"number": anchor.number})
        newest = head_of(sql)
    finally:
        sql.close()
    if restore is not None:
        return Missing(
            f"Link {anchor.number} was written down elsewhere and is not in this chain, which fits: on {_when(restore[0])} the house was restored from a backup that knows"
            f" everything until {_when(restore[1])}, and what was sealed in between went. If that restore was yours, all is as it should be.",
            restored=True,
        )
    return Missing(_why(anchor, found, newest))


def _why(anchor: Head, found: Head | None, newest: Head | None) -> str:
    if newest is None or newest.number < anchor.number:
        ends = f"ends with link {newest.number}" if newest else "has no link at all"
        return (
            f"Link {anchor.number} was written down elsewhere, but the chain {ends}: an older copy of the database was put back,"
            " or the end of the chain was taken out."
        )
    if found is None:
        return f"Link {anchor.number} was written down elsewhere and is missing in the chain."
    return f"Link {anchor.number} is not the one that was written down elsewhere: the chain was made anew from there or earlier, or is another house's."


def _when(micros: int) -> str:
    return f"{from_micros(micros):%Y-%m-%d %H:%M:%S} UTC"
