"""How instants and small documents are kept, the same on both databases.

An instant is a 64-bit count of microseconds since 1970 in UTC: eight bytes, exact, comparable by plain SQL without either
database's ideas of time zones. In Python it is an aware datetime (`_at`), except on the hot path, which works on the count itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, MetaData, String, TextClause
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from server.clock import from_micros, to_micros

Document = JSON().with_variant(JSON(), "postgresql")


class Instant(TypeDecorator[datetime]):
    """An aware datetime stored as microseconds since 1970. A naive one is refused."""

    impl = BigInteger
    cache_ok = True

    class comparator_factory(TypeDecorator.Comparator[datetime], Integer.Comparator[Any]):  # noqa: N801 - SQLAlchemy's name for it
        """Without one, SQLAlchemy makes a class for each of 180 columns."""

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            message = "an instant must say its time zone"
            raise ValueError(message)
        return to_micros(value.astimezone(UTC))

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(int(value))


def only(condition: TextClause) -> dict[str, Any]:
    """An index's `info` that says which rows it is of: `Index(..., info=only(text("ended_at IS NULL")))`, alike on both databases.

    SQLAlchemy's own words for it (`sqlite_where`, `postgresql_where`) load both dialects at every start, 2 MB of which one is never used. What makes indexes is told by
    `tell_conditions`."""
    return {"only": condition}


def tell_conditions(tables: MetaData, dialect: str) -> None:
    """Before indexes are made of `tables`, or compared with those of a database."""
    for table in tables.tables.values():
        for index in table.indexes:
            if "only" in index.info:
                index.dialect_options[dialect]["where"] = index.info["only"]


class _TextComparator(TypeDecorator.Comparator[str], String.Comparator[str]):
    """One for all 307 columns of text, as above."""


AutoString.comparator_factory = _TextComparator  # type: ignore[assignment, method-assign] # a class, as its documentation has it
# Pydantic checks no rows, and writes hardly one: it gets ready when it has to, which is 1.3 MB less.
SQLModel.model_config["defer_build"] = True
