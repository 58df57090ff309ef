"""Bringing a database to this release's schema, and refusing one from a newer release.

Migrations run at start, in one transaction, before anything is served. They are also what makes a new database: there is no other way to
create a table, so what is tested is what runs.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from server.store.database import Database, DatabaseUnusable, scratch_engine

_FOLDER = Path(__file__).parent / "migrations"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision this release's code is written for."""
    revision = ScriptDirectory(str(_FOLDER)).get_current_head()
    assert revision is not None
    return revision


def revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def migrate_connection(connection: Connection) -> bool:
    """Upgrade to head inside the caller's transaction; True when something was done. Raises DatabaseUnusable if newer."""
    now = revision_of(connection)
    if now == head():
        return False
    known = {script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions()}
    if now is not None and now not in known:
        message = f"This database was made by a newer Foyer (schema {now}; this one knows {head()}). Install that release, or restore a backup."
        raise DatabaseUnusable(message)
    command.upgrade(_config(connection), "head")
    return True


def migrate(database: Database) -> bool:
    """Bring an open database to this release; True when something was done."""
    try:
        with database.writer.connect() as connection, connection.begin():
            return migrate_connection(connection)
    except DatabaseError as error:
        message = f"The database could not be brought to this release: {error.orig}. Nothing was changed."
        raise DatabaseUnusable(message) from None


def migrate_address(address: str) -> bool:
    """The same for a database named by address (tests, tools)."""
    engine = scratch_engine(address)
    try:
        with engine.connect() as connection, connection.begin():
            return migrate_connection(connection)
    finally:
        engine.dispose()
