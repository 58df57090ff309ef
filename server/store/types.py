"""How instants and small documents are kept, the same on both databases.

An instant is a 64-bit count of microseconds since 1970 in UTC: eight bytes, exact, comparable by plain SQL without either
database's ideas of time zones. In Python it is an aware datetime (`_at`), except on the hot path, which works on the count itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from server.clock import from_micros, to_micros

Document = JSON().with_variant(JSON(), "postgresql")


class Instant(TypeDecorator[datetime]):
    """An aware datetime stored as microseconds since 1970. A naive one is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            message = "an instant must say its time zone"
            raise ValueError(message)
        return to_micros(value.astimezone(UTC))

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(int(value))
