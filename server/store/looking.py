"""A look into the database from outside the server's own connections, which cannot change it and cannot make the writer wait.

SQLite is opened read-only: such a connection never writes the log back into the file, not even as the last to close, which is how a second process
could do damage (releases before 3.51.3). PostgreSQL is told that the transaction only reads.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import quote

from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from server.store.sql import Sql, Statement

_PATIENCE = Statement("SELECT set_config('statement_timeout', :milliseconds, true)")


@contextlib.contextmanager
def looking_at(url: URL, seconds: float) -> Iterator[Sql]:
    """Raises `sqlalchemy.exc.DBAPIError` when the database cannot be opened."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            f"sqlite:///file:{quote(url.database or '')}?mode=ro&uri=true",
            hide_parameters=True,
            poolclass=NullPool,
            connect_args={"timeout": seconds / 2, "check_same_thread": False},
        )
    else:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            poolclass=NullPool,
            connect_args={
                "application_name": "foyer doctor",
                "connect_timeout": max(2, round(seconds)),
                "tcp_user_timeout": round(seconds * 1000),
            },
        ).execution_options(postgresql_readonly=True)
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            sql = Sql(connection)
            if sql.is_postgresql:
                sql.one(_PATIENCE, {"milliseconds": str(round(seconds * 1000))})
            try:
                yield sql
            finally:
                transaction.rollback()
    finally:
        engine.dispose()
