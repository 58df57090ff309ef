"""Bringing a database to this release's schema, and refusing one from a newer release.

Migrations run at start, in one transaction, before anything is served. They are also what makes a new database: there is no other way to
create a table, so what is tested is what runs.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from server.store import triggers
from server.store.database import Database, DatabaseUnusable, scratch_engine

_FOLDER = Path(__file__).parent / "migrations"


def head() -> str:
    """The revision this release's code is written for: the newest file's, each named for its own."""
    return max(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def migrate_connection(connection: Connection) -> bool:
    """Upgrade to head inside the caller's transaction; True when something was done. Raises DatabaseUnusable if newer.

    Alembic is loaded only when there is something to do: a server that comes back after a fall has no time for it.
    """
    now = revision_of(connection)
    if now == head():
        return triggers.set_right(connection)
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions()}
    if now is not None and now not in known:
        message = f"This database was made by a newer Foyer (schema {now}; this one knows {head()}). Install that release, or restore a backup."
        raise DatabaseUnusable(message)
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
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
