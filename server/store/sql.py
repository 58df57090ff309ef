"""Plain SQL on either database, for the hot path and the floor's reading.

Objects cost more than the statements they stand for: a lane of ORM objects issues a sixth of what plain statements do. So the few
statements that run for every ticket are written out, once, with `:name` parameters, and `Sql` runs them through the driver itself. What
the two databases return differently for the same column (documents, dates) is made equal by `document` and `iso_date`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

Values = Mapping[str, Any]
Record = Sequence[Any]
_NAMED = re.compile(r"(?<![:\w]):([a-z_]\w*)")


class Statement:
    """One statement, kept in the spelling of both drivers."""

    __slots__ = ("postgresql", "sqlite")

    def __init__(self, text: str) -> None:
        folded = " ".join(text.split())
        self.sqlite = folded
        self.postgresql = _NAMED.sub(r"%(\1)s", folded.replace("%", "%%"))


class Sql:
    """Runs statements on the driver's own cursor inside whatever transaction `connection` is in."""

    __slots__ = ("_cursor", "_postgresql", "connection")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._postgresql = connection.dialect.name == "postgresql"
        self._cursor: Any = connection.connection.cursor()

    @property
    def is_postgresql(self) -> bool:
        return self._postgresql

    def run(self, statement: Statement, values: Values | None = None) -> int:
        """Execute; the number of rows it changed."""
        self._cursor.execute(statement.postgresql if self._postgresql else statement.sqlite, values or {})
        return int(self._cursor.rowcount)

    def one(self, statement: Statement, values: Values | None = None) -> Record | None:
        self._cursor.execute(statement.postgresql if self._postgresql else statement.sqlite, values or {})
        record: Record | None = self._cursor.fetchone()
        return record

    def all(self, statement: Statement, values: Values | None = None) -> list[Record]:
        self._cursor.execute(statement.postgresql if self._postgresql else statement.sqlite, values or {})
        records: list[Record] = self._cursor.fetchall()
        return records

    def close(self) -> None:
        self._cursor.close()


def document(value: Any) -> Any:
    """A JSON column: SQLite's driver gives text, PostgreSQL's gives it parsed."""
    return json.loads(value) if isinstance(value, str) else value


def iso_date(value: Any) -> str:
    """A date column: SQLite's driver gives ISO text, PostgreSQL's a date."""
    return value if isinstance(value, str) else str(value.isoformat())
