"""Bringing a database to this release's schema while servers of the release before still run, and refusing one that this release cannot work on.

Migrations run at start, in one transaction, before anything is served. They are also what makes a new database: there is no other way to
create a table, so what is tested is what runs.

From 0006 on a schema changes in two steps, in two releases: first what is new is added beside what was (old programs do not see it), later, when no
old program is left, what nobody uses any more goes. Each migration says `compatible_from`: the oldest schema whose program still works on it. It is kept
in the database (`schema_step`), so a program that is older than its database knows whether it may go on. A step that takes something away is marked
`contract = True` and is not made while a server runs that is older than its `compatible_from`.

On PostgreSQL several servers may start at once: one migrates, the others wait for it. Nobody on the floor waits longer than `LOCK_WAIT`: a table that
is not to be had by then is asked for again a moment later, from the beginning, for everything is one transaction.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from server.clock import Clock, to_micros
from server.store import heard, triggers
from server.store.database import (
    Database,
    DatabaseUnusable,
    known_address,
    open_database,
    scratch_engine,
)
from server.store.sql import Sql

log = logging.getLogger("foyer.schema")

_FOLDER = Path(__file__).parent / "migrations"
_ADVISORY = 0x466F796572
"""One number for everybody who migrates a Foyer database."""
LOCK_WAIT = "1500ms"
TRIES = 20
PAUSE_SECONDS = 1.0
_TRY_AGAIN = ("55P03", "40P01", "40001")
"""A lock not to be had, a deadlock, two that cannot both be first: nothing was done, and it may be tried again."""


def head() -> str:
    """The revision this release's code is written for: the newest file's, each named for its own."""
    return max(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def open_present(address: str, *, alone: bool = True) -> Database:
    """For commands about what a house has: one that is there and was brought to this release, rather than a new empty one where the address is wrong. Raises
    DatabaseUnusable."""
    database = None
    url = known_address(address)
    if url.get_backend_name() != "sqlite" or Path(str(url.database)).is_file():
        database = open_database(address, alone=alone)
        with database.reading() as connection:
            found = revision_of(connection)
        if found is not None and found >= head():
            return database
        database.close()
        if found is not None:
            raise DatabaseUnusable(
                f"The database is of an older release (schema {found}). Bring it to this one with 'foyer migrate'."
            )
    raise DatabaseUnusable(
        f"There is no database of Foyer at {url.render_as_string(hide_password=True)}. Name the right one in FOYER_DATABASE."
    )


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def compatible_from(connection: Connection, revision: str) -> str:
    """The oldest schema whose program works on this database; what says nothing works for its own only."""
    if not inspect(connection).has_table("schema_step"):
        return revision
    statement = text("SELECT compatible_from FROM schema_step WHERE revision = :revision")
    found = connection.execute(statement, {"revision": revision}).scalar()
    return revision if found is None else str(found)


def migrate_connection(connection: Connection, to: str = "head") -> bool:
    """Upgrade to head (or, for tests, to an earlier schema) inside the caller's transaction; True when something was done. Raises DatabaseUnusable if newer and not for this program.

    Alembic is loaded only when there is something to do: a server that comes back after a fall has no time for it.
    """
    if connection.dialect.name == "postgresql":
        _be_the_only_one(connection)
    now = revision_of(connection)
    if now == head():
        return triggers.set_right(connection)
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    scripts = list(ScriptDirectory(str(_FOLDER)).walk_revisions())
    known = {script.revision for script in scripts}
    if now is not None and now not in known:
        _refuse_unless_compatible(connection, now)
        return False  # its triggers are the newer program's too
    _refuse_beside_older(
        connection, [script.module for script in scripts if now is None or script.revision > now]
    )
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    return True


def _be_the_only_one(connection: Connection) -> None:
    """Others who start now wait here until this one is done, and find it done."""
    for setting in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {setting} = 0"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY})"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))


def _refuse_unless_compatible(connection: Connection, now: str) -> None:
    oldest = compatible_from(connection, now)
    if oldest <= head():
        log.warning(
            "the database is at schema %s, newer than this release's %s, which may go on", now, head()
        )
        return
    message = (
        f"This database was made by a newer Foyer (schema {now}, for programs from {oldest} on; this one knows {head()})."
        " Install that release, or restore a backup."
    )
    raise DatabaseUnusable(message)


def _refuse_beside_older(connection: Connection, pending: list[Any]) -> None:
    """A step that takes something away waits until no server is left that needs it."""
    oldest = max((each.compatible_from for each in pending if getattr(each, "contract", False)), default="")
    if not oldest or not inspect(connection).has_table("server_process"):
        return
    seen = text("SELECT host, pid, told FROM server_process WHERE seen_at >= :since")
    since = heard.now_by(Sql(connection), to_micros(Clock().wall())) - heard.GONE
    running = [
        (host, pid, _schema_of(told)) for host, pid, told in connection.execute(seen, {"since": since})
    ]
    older = [f"{host} (process {pid}, schema {schema})" for host, pid, schema in running if schema < oldest]
    if older:
        message = (
            f"Servers of an older release still run: {', '.join(sorted(older))}. This release takes away what they need;"
            " bring them to the release before this one, or stop them, and start again in a minute."
        )
        raise DatabaseUnusable(message)


def _schema_of(told: Any) -> str:
    document = json.loads(told) if isinstance(told, str) else told
    return str(document.get("schema", "0006"))


def migrate(database: Database) -> bool:
    """Bring an open database to this release; True when something was done."""
    try:
        if database.is_sqlite:
            with database.writer.connect() as connection, connection.begin():
                return migrate_connection(connection)
        return migrate_address(database.url.render_as_string(hide_password=False))
    except DatabaseError as error:
        message = f"The database could not be brought to this release: {str(error.orig).splitlines()[0]}. Nothing was changed."
        if getattr(error.orig, "sqlstate", None) in _TRY_AGAIN:
            message += (
                " Somebody holds one of its tables for long: see who (pg_stat_activity), and start again."
            )
        raise DatabaseUnusable(message) from None


def migrate_address(address: str, to: str = "head") -> bool:
    """The same for a database named by address. On a connection of its own: a migration may take longer than anything a server waits for."""
    engine = scratch_engine(address)
    try:
        for left in reversed(range(TRIES)):
            try:
                with engine.connect() as connection, connection.begin():
                    return migrate_connection(connection, to)
            except DatabaseError as error:
                if left == 0 or getattr(error.orig, "sqlstate", None) not in _TRY_AGAIN:
                    raise
                log.warning("a table is in use; the migration is tried again in a moment")
                time.sleep(PAUSE_SECONDS)
        raise AssertionError("the last try returned or raised")
    finally:
        engine.dispose()
