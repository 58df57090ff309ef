"""What has been taken away, and who may come in, as it is now: what a backup of an hour ago must not bring back.

A restored database would let in a device that was revoked since, a person whose account was disabled or whose recovery code was used; it would have again the
papers that were deleted since, keep them as long as it was set then, and write to visitors a second time. These few tables are small, so they are told whole; of the rest only
the numbers of what went. No visitor's words, names or addresses are among it.
"""

from __future__ import annotations

import json
from typing import Any

from sqlmodel import SQLModel

from server.store.sql import Sql, Statement

TABLES = (
    "staff",
    "staff_role",
    "staff_skill",
    "second_factor",
    "recovery_code",
    "device",
    "api_key",
    "calendar_feed",
    "keeping_rule",
)
"""In the order in which they point at each other."""

_DELETED = Statement("SELECT id, deleted_why FROM submission WHERE deleted_at >= :since")
_SENT = Statement(
    """SELECT id FROM post WHERE made_at < :since AND (state <> 'queued' OR sending_since IS NOT NULL)
    AND (sent_at >= :since OR sending_since >= :since)"""
)


def columns_of(table: str) -> list[str]:
    return [column.name for column in SQLModel.metadata.tables[table].columns]


def since(sql: Sql, known_until: int) -> dict[str, Any]:
    """As JSON values. `known_until`: microseconds; what a backup of that moment does not know."""
    told: dict[str, Any] = {"tables": {}}
    for table in TABLES:
        names = columns_of(table)
        key = ", ".join(column.name for column in SQLModel.metadata.tables[table].primary_key)
        rows = sql.all(Statement(f"SELECT {', '.join(names)} FROM {table} ORDER BY {key}"))
        told["tables"][table] = [[_plain(value) for value in row] for row in rows]
    values = {"since": known_until}
    told["submissions"] = sorted([row[0], row[1]] for row in sql.all(_DELETED, values))
    # Not needed by itself: whatever was sent was due. But that something was sent makes this another, so it is written anew, and says how long the server lived.
    told["posts"] = sorted(row[0] for row in sql.all(_SENT, values))
    return told


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
