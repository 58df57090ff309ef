"""Reading the audit's chain: its head, its links with their rows, and what is not sealed yet.

Values come as they lie on the disk: on SQLite a column holds whatever somebody put there, and text that is no UTF-8 would end the reading. Whoever
checks for tampering must get past both.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection

from server.domain.audit_chain import MOST_ROWS, Head, Link, Row
from server.store.sql import Record, Sql, Statement

LINKS_AT_ONCE = 40
"""Read in one look, with their rows: 10,000 of them at most."""
_MOST = LINKS_AT_ONCE * MOST_ROWS * 2

_WHOLE = "CASE typeof({0}) WHEN 'integer' THEN {0} WHEN 'null' THEN NULL ELSE CAST({0} AS BLOB) END"
_NUMBERS = ("centre_id", "at", "staff_id")
_TEXTS = ("what", "about", "address", "detail")
COLUMNS_SQLITE = ", ".join(
    ("id", *(_WHOLE.format(name) for name in _NUMBERS), *(f"CAST({name} AS BLOB)" for name in _TEXTS))
)
COLUMNS_POSTGRESQL = "id, centre_id, at, staff_id, what, about, address, CAST(detail AS TEXT)"
_OF_LINKS = "FROM audit WHERE seal >= :first AND seal <= :last ORDER BY seal, id LIMIT :most"
_ROWS_SQLITE = Statement(f"SELECT seal, {COLUMNS_SQLITE} {_OF_LINKS}")
_ROWS_POSTGRESQL = Statement(f"SELECT seal, {COLUMNS_POSTGRESQL} {_OF_LINKS}")
_LINK = (
    "id, key, first_id, last_id, rows, newest_at, made_at, previous, content, hash, marks, erased_at, erased"
)
_LINKS = Statement(f"SELECT {_LINK} FROM audit_seal WHERE id > :after ORDER BY id LIMIT :most")
_HEAD = Statement("SELECT id, hash, made_at FROM audit_seal ORDER BY id DESC LIMIT 1")
_AT = Statement("SELECT id, hash, made_at FROM audit_seal WHERE id = :id")
_CHECKED = Statement(
    "SELECT id, made_at, checked_at FROM audit_seal WHERE checked_at IS NOT NULL ORDER BY id DESC LIMIT 1"
)
_UNSEALED = Statement("SELECT COUNT(*), MIN(at) FROM audit WHERE seal IS NULL")
_ANY_UNSEALED = Statement("SELECT 1 FROM audit WHERE seal IS NULL LIMIT 1")
_ASTRAY = Statement("SELECT COUNT(*), MIN(id) FROM audit WHERE seal > :last OR seal < 1")


def head(connection: Connection) -> Head | None:
    """The newest link; None while there is none. Written into the manifest of a backup, it is an anchor."""
    sql = Sql(connection)
    found = head_of(sql)
    sql.close()
    return found


def head_of(sql: Sql) -> Head | None:
    return _head(sql.one(_HEAD))


def link_at(sql: Sql, number: int) -> Head | None:
    """A link by its number, for holding an anchor against it."""
    return _head(sql.one(_AT, {"id": number}))


def _head(record: Record | None) -> Head | None:
    return Head(_int(record[0]), str(record[1]), _int(record[2])) if record else None


def checked(sql: Sql) -> tuple[int, int, int] | None:
    """Up to which link the house last found that the chain holds: its number, when it was made, when that was."""
    record = sql.one(_CHECKED)
    return (int(record[0]), _int(record[1]), _int(record[2])) if record else None


def unsealed(sql: Sql) -> tuple[int, int | None]:
    """How many rows no link holds yet, and the instant of the oldest."""
    count, oldest = sql.one(_UNSEALED) or (0, None)
    return int(count), oldest if isinstance(oldest, int) else None


def any_unsealed(connection: Connection) -> bool:
    sql = Sql(connection)
    found = sql.one(_ANY_UNSEALED) is not None
    sql.close()
    return found


def astray(sql: Sql, last: int) -> tuple[int, int | None]:
    """Rows that name a link there is none of: how many, and the first."""
    count, first = sql.one(_ASTRAY, {"last": last}) or (0, None)
    return int(count), first


def some_links(connection: Connection, after: int, most: int = LINKS_AT_ONCE) -> list[tuple[Link, list[Row]]]:
    """The next links after a number, each with its rows in order of their ids."""
    sql = Sql(connection)
    links = [_link(record) for record in sql.all(_LINKS, {"after": after, "most": most})]
    rows: dict[int, list[Row]] = defaultdict(list)
    if links:
        values = {"first": after + 1, "last": links[-1].id, "most": _MOST}
        for record in sql.all(_ROWS_POSTGRESQL if sql.is_postgresql else _ROWS_SQLITE, values):
            rows[record[0]].append(Row(*record[1:]))
    sql.close()
    return [(link, rows[link.id]) for link in links]


def _link(record: Record) -> Link:
    identity, key, first, last, rows, newest, made, previous, content, hashed, marks, erased_at, erased = (
        record
    )
    return Link(
        id=int(identity),
        key=str(key),
        first_id=_int(first),
        last_id=_int(last),
        rows=_int(rows),
        newest_at=_int(newest),
        made_at=_int(made),
        previous=str(previous),
        content=str(content),
        hash=str(hashed),
        marks=str(marks),
        erased_at=None if erased_at is None else _int(erased_at),
        erased=str(erased),
    )


def _int(value: Any) -> int:
    """What is no number was never written by the house, and fits no seal."""
    return value if isinstance(value, int) else -1
