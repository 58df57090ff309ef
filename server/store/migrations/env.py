"""Alembic's entry: runs migrations on the connection it is handed (server.store.schema), or on FOYER_DATABASE from the command line."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import server.store.tables  # noqa: F401 - fills the metadata
from server.settings import Settings
from server.store import triggers
from server.store.database import scratch_engine

target = SQLModel.metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        triggers.drop(connection)
        context.run_migrations()
        triggers.make(connection)


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with scratch_engine(Settings().database).connect() as connection, connection.begin():
        run(connection)
