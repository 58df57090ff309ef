"""A backup restored somewhere else and compared: the only proof that it is one.

What was sealed is read back from the disk, opened, unpacked, and made into a database of its own, a file or a database beside the real one that nobody else
knows; there every table is counted and hashed again. For this a key is needed, and the private one is not on the server, nor should another be that
opens old backups: they hold what has been erased since. So each backup is sealed to one more key, made for it alone, that lives in the memory of the
process that made the backup until it is compared, and is never written down (docs/decisions/0018).
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url

from server.backups.manifest import Manifest
from server.backups.snapshot import postgresql_reading, program_for, run, sqlite_reading
from server.backups.sums import differences, sums_of
from server.backups.unusable import BackupUnusable

if TYPE_CHECKING:
    import psycopg  # 8 MB that only PostgreSQL needs

CHECK, RESTORING = "foyer_check_", "foyer_restoring_"
_OURS = f"^({CHECK}|{RESTORING})[0-9a-f_]+$"


class CannotCompare(BackupUnusable):
    """There is nowhere to restore it to; the backup itself may be well."""


def compare(manifest: Manifest, folder: Path, address: str) -> None:
    """Restore what lies unpacked in `folder` somewhere else and hold it against the manifest. `address`: a database of the same kind, beside which
    PostgreSQL's is made. Raises BackupUnusable."""
    if manifest.kind == "sqlite":
        with sqlite_reading(folder / manifest.database.name) as connection:
            hold_against(manifest, connection)
        return
    url = make_url(address)
    if url.get_backend_name() != "postgresql":
        raise CannotCompare(
            "This is a backup of PostgreSQL: name a PostgreSQL server to compare it on with --on."
        )
    with beside(url) as other:
        load(other, folder / manifest.database.name)
        with postgresql_reading(other) as connection:
            hold_against(manifest, connection)


def hold_against(manifest: Manifest, connection: Connection) -> None:
    """Every table's rows and content. Raises BackupUnusable."""
    different = differences(dict(manifest.tables), sums_of(connection))
    if different:
        raise BackupUnusable(
            f"What came out of backup {manifest.id[:8]} is not what went in: {'; '.join(different[:3])}."
        )


def load(url: URL, dump: Path) -> None:
    """Into an empty PostgreSQL database, wholly or not at all."""
    with postgresql_reading(url) as connection:
        program = program_for(connection, "pg_restore")
    run(
        [
            str(program),
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--dbname={url.database}",
            str(dump),
        ],
        url,
    )


@contextmanager
def beside(url: URL, prefix: str = CHECK) -> Iterator[URL]:
    """An empty database on the same PostgreSQL, gone afterwards unless it has another name by then. While it is used a lock says so, which PostgreSQL
    lets go of however we end. Raises CannotCompare when it may not be made."""
    import psycopg

    name = f"{prefix}{secrets.token_hex(8)}"
    with maintaining(url) as holding:
        holding.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (name,))
        make(url, name)
        try:
            yield url.set(database=name)
        finally:
            with contextlib.suppress(psycopg.Error):  # what is left is swept away
                drop(url, name)


def sweep(address: str) -> None:
    """What those that were killed have left on PostgreSQL: each is a whole copy of the house."""
    url = make_url(address)
    if url.get_backend_name() != "postgresql":
        return
    import psycopg

    with contextlib.suppress(psycopg.Error), maintaining(url) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s AND pg_has_role(datdba, 'USAGE')", (_OURS,)
        ).fetchall()
        for (name,) in found:
            row = connection.execute(
                "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)
            ).fetchone()
            if row is not None and row[0]:
                drop(url, str(name))


def make(url: URL, name: str) -> None:
    from psycopg import errors, sql

    try:
        with maintaining(url) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except errors.InsufficientPrivilege:
        raise CannotCompare(
            f"{url.username or 'The server'} may not make databases, so the backup was not restored elsewhere and compared."
            f" Let it: ALTER ROLE {url.username or 'foyer'} CREATEDB."
        ) from None


def drop(url: URL, name: str) -> None:
    from psycopg import sql

    with maintaining(url) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def maintaining(url: URL) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection that can make and rename databases: to another than the one concerned."""
    import psycopg

    other = url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(
        other.render_as_string(hide_password=False), autocommit=True, connect_timeout=5
    ) as connection:
        yield connection
