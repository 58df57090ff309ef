"""Databases as earlier releases left them: for each schema, its own migrations and rows in every table, the same on both databases.

The rows of a schema are written down once (`python -m tests.server.store.earlier`, which leaves alone what is there) and never made anew: were they made from today's
tables, a migration that forgets a column would never be found out. Every table has two rows, every column a value, every reference somebody to point at.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    insert,
    select,
    text,
)

from server.store.database import scratch_engine
from server.store.schema import head, migrate_connection

FOLDER = Path(__file__).parent / "schemas"
COPIES = frozenset({"month_sum"})
"""What the database itself lets go of and makes anew."""
OWN = frozenset({"alembic_version", "schema_step"})
ROWS = 2
SOME_DAY = date(2026, 3, 2)
SOME_INSTANT = 1_772_445_600_000_000

Rows = dict[str, list[dict[str, Any]]]


def schemas() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def reflected(connection: Connection) -> MetaData:
    metadata = MetaData()
    metadata.reflect(connection)
    return metadata


def fill(connection: Connection, schema: str) -> Rows:
    """Make an empty database one of this schema with its rows; what was put in."""
    migrate_connection(connection, schema)
    rows: Rows = json.loads((FOLDER / f"{schema}.json").read_text(encoding="utf-8"))
    metadata = reflected(connection)
    for table in _in_order(metadata):
        for row in rows.get(table.name, []):
            connection.execute(insert(table).values(_typed(table, row)))
    if connection.dialect.name == "postgresql":
        _count_on(connection, metadata)
    return rows


def kept(connection: Connection, was: Rows) -> list[str]:
    """What of `was` is not in the database any more as it was, in words."""
    metadata, missing = reflected(connection), []
    for name, rows in was.items():
        if name in COPIES:
            continue
        table = metadata.tables.get(name)
        if table is None:
            missing.append(f"the table {name}")
            continue
        there = [_told(dict(row._mapping)) for row in connection.execute(select(table))]
        for row in rows:
            wanted = {column: value for column, value in row.items() if column in table.columns}
            if len(wanted) < len(row):
                missing.append(f"columns of {name}: {sorted(row.keys() - wanted.keys())}")
            if not any(all(each[column] == value for column, value in wanted.items()) for each in there):
                missing.append(f"a row of {name}")
    return missing


def _in_order(metadata: MetaData) -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name not in OWN]


def _count_on(connection: Connection, metadata: MetaData) -> None:
    """PostgreSQL's sequences know nothing of rows that brought their numbers."""
    for table in _in_order(metadata):
        for column in table.primary_key.columns:
            if isinstance(column.type, Integer) and column.server_default is not None:
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', '{column.name}'), 100)")
                )


def _typed(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for name, value in row.items():
        kind = table.columns[name].type
        if isinstance(value, dict) and "bytes" in value:
            value = base64.b64decode(value["bytes"])
        elif value is not None and isinstance(kind, Date):
            value = date.fromisoformat(value)
        values[name] = value
    return values


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """As it is written down."""
    told = {}
    for name, value in row.items():
        if isinstance(value, bytes | memoryview):
            value = {"bytes": base64.b64encode(bytes(value)).decode()}
        elif isinstance(value, date):
            value = value.isoformat()
        told[name] = value
    return told


def _make(metadata: MetaData) -> Rows:
    rows: Rows = {}
    for table in _in_order(metadata):
        rows[table.name] = [_row(table, number, rows) for number in range(1, ROWS + 1)]
    return rows


def _row(table: Table, number: int, rows: Rows) -> dict[str, Any]:
    row = {}
    for column in table.columns:
        points = next(iter(column.foreign_keys), None)
        if points is not None:
            target = points.column
            known = rows.get(target.table.name, [])
            row[column.name] = known[number - 1][target.name] if len(known) >= number else None
            continue
        row[column.name] = _value(table.name, column.name, column.type, number)
    return _told(row)


def _value(table: str, column: str, kind: Any, number: int) -> Any:
    if isinstance(kind, Boolean):
        return number % 2 == 0
    if isinstance(kind, Date):
        return SOME_DAY.replace(day=number)
    if isinstance(kind, BigInteger):
        return SOME_INSTANT + number * 60_000_000
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, LargeBinary):
        return f"{table}.{column} {number}".encode()
    if "JSON" in type(kind).__name__.upper():
        return {"kept": number}
    return f"{number}-{column}"[: getattr(kind, "length", None) or 40]


def main() -> None:
    earlier = [f"{number:04d}" for number in range(1, int(head()) + 1)]
    for schema in earlier:
        path = FOLDER / f"{schema}.json"
        if path.exists() or (schema == head() and "--head" not in sys.argv):
            continue
        with tempfile.TemporaryDirectory() as folder:
            engine = scratch_engine(f"sqlite:///{folder}/foyer.db")
            with engine.connect() as connection, connection.begin():
                migrate_connection(connection, schema)
                rows = _make(reflected(connection))
            engine.dispose()
        path.write_text(json.dumps(rows, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
