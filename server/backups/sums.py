"""How many rows each table has, and one digest of all of them: what tells a true copy from one that only looks like it.

Rows are read in the order of their primary key, each written as compact JSON (bytes as hex), and hashed together; the names of the columns go first. A
copy in another database of the same kind gives the same digest, however its pages lie. Read straight from the driver, a few hundred rows at a time (one
at a time where a row may be a megabyte), so that memory stays small whatever there is: ten years are some ten million rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, inspect
from sqlalchemy.engine.interfaces import ReflectedColumn

from server.backups.manifest import TableSum

ROWS_AT_ONCE = 500
REVISION = "alembic_version"


def sums_of(connection: Connection) -> dict[str, TableSum]:
    """Of every table, within the caller's transaction."""
    look = inspect(connection)
    columns = {table: told for (_, table), told in look.get_multi_columns().items()}
    keys = {table: told["constrained_columns"] for (_, table), told in look.get_multi_pk_constraint().items()}
    return {table: _sum_of(connection, table, columns[table], keys[table]) for table in sorted(columns)}


def differences(one: dict[str, TableSum], other: dict[str, TableSum]) -> list[str]:
    """The tables that are not the same in both, in words."""
    found = []
    for table in sorted(one.keys() | other.keys()):
        here, there = one.get(table), other.get(table)
        if here is None or there is None:
            found.append(f"{table} is in only one of them")
        elif here.rows != there.rows:
            found.append(f"{table} has {there.rows} rows and not {here.rows}")
        elif here.digest != there.digest:
            found.append(f"{table} has other content")
    return found


def _sum_of(
    connection: Connection, table: str, columns: Sequence[ReflectedColumn], key: Sequence[str]
) -> TableSum:
    names = [column["name"] for column in columns]
    key = key or names
    postgresql = connection.dialect.name == "postgresql"
    texts = (
        {column["name"] for column in columns if column["type"].python_type is str} if postgresql else set()
    )
    quoted = connection.dialect.identifier_preparer.quote
    order = ", ".join(quoted(name) + (' COLLATE "C"' if name in texts else "") for name in key)
    select = f"SELECT {', '.join(map(quoted, names))} FROM {quoted(table)} ORDER BY {order}"
    heavy = any(isinstance(column["type"], LargeBinary) for column in columns)
    digest, rows = hashlib.sha256(orjson.dumps(names)), 0
    cursor = _cursor(connection, postgresql)
    try:
        cursor.execute(select)
        while found := cursor.fetchmany(1 if heavy else ROWS_AT_ONCE):
            rows += len(found)
            digest.update(orjson.dumps([tuple(row) for row in found], default=_plain)[1:-1])
            digest.update(b",")
    finally:
        cursor.close()
    return TableSum(rows, digest.hexdigest())


def _cursor(connection: Connection, postgresql: bool) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor(name="foyer_sums") if postgresql else driver.cursor()


def _plain(value: Any) -> str:
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else str(value)
