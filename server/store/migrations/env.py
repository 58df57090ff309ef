"""Alembic's entry: runs migrations on the connection it is handed (server.store.schema), or on FOYER_DATABASE from the command line.

SQLite builds a table anew to change it and trips over triggers that speak of it, so they are dropped before and made after. PostgreSQL changes tables in
place while others write: there the triggers stay, so no copy of sums is lost and no busy table is locked for their sake, and are only put right where
this release wants others. A step that drops a column a trigger watches drops that trigger itself.
"""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script.base import Script
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

import server.store.tables  # noqa: F401 - fills the metadata
from server.clock import Clock, to_micros
from server.settings import Settings
from server.store import triggers
from server.store.database import scratch_engine
from server.store.types import tell_conditions

target = SQLModel.metadata

_NOTE = text(
    "INSERT INTO schema_step (revision, compatible_from, applied_at) VALUES (:revision, :oldest, :at)"
)
_FORGET = text("DELETE FROM schema_step WHERE revision = :revision")


def _note_step(
    ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
) -> None:
    """Who may work on the database from now on; in the step's own transaction."""
    connection = ctx.connection
    assert connection is not None
    if not inspect(connection).has_table("schema_step"):
        return
    script = step.up_revision
    assert isinstance(script, Script)
    if not step.is_upgrade:
        connection.execute(_FORGET, {"revision": script.revision})
        return
    values = {
        "revision": script.revision,
        "oldest": script.module.compatible_from,
        "at": to_micros(Clock().wall()),
    }
    connection.execute(_NOTE, values)


def run(connection: Connection) -> None:
    tell_conditions(target, connection.dialect.name)
    context.configure(
        connection=connection,
        target_metadata=target,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
        on_version_apply=_note_step,
    )
    with context.begin_transaction():
        if connection.dialect.name != "postgresql":
            triggers.drop(connection)
        context.run_migrations()
        if connection.dialect.name == "postgresql":
            triggers.set_right(connection)
        else:
            triggers.make(connection)


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with scratch_engine(Settings().database).connect() as connection, connection.begin():
        run(connection)
