"""A copy of the running database as of one instant, with its sums, in a folder of the server's own.

SQLite: its own online copy, a few megabytes at a time, each on the disk before the next, so that no commit waits behind it. By itself such a copy would begin
anew at every commit and on a busy day never end; so it is made within one reading transaction, which holds its place in the log while the writer goes on. The source is opened read-only: a second process must neither write nor start the log anew (`docs/
decisions/0001`). PostgreSQL: `pg_dump -Fc` of an exported snapshot, within which the sums are read too, so both are of one instant. Its password goes by the
environment of the child, which no other user sees, and never by the command line.

A damaged database would make damaged backups that look well, so SQLite's copy is looked through before it is called one.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from server.backups.gently import STEP, Steps
from server.backups.manifest import TableSum
from server.backups.sums import sums_of
from server.backups.unusable import BackupUnusable
from server.store.queries.audit_chain import head
from server.store.schema import revision_of

SQLITE_FILE, POSTGRESQL_FILE = "foyer.db", "foyer.dump"
PAGES = STEP // 4096
_SSL = ("sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding", "gssencmode")


@dataclass(frozen=True)
class Snapshot:
    kind: str
    file: Path
    schema: str
    life: str
    tables: Mapping[str, TableSum]
    audit: str
    """The newest link of the audit's chain (`NUMBER HASH`): an anchor, for who holds the backup may not hold the database."""


def kind_of(address: str) -> str:
    return make_url(address).get_backend_name()


def take(address: str, folder: Path) -> Snapshot:
    """Raises BackupUnusable."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        try:
            return _of_sqlite(url, folder)
        except sqlite3.Error as error:
            raise BackupUnusable(
                f"The database could not be copied: {error}. Nothing was kept of it. See that the disk it is copied to has room and works."
            ) from None
    import psycopg  # 8 MB that only PostgreSQL needs

    try:
        return _of_postgresql(url, folder)
    except psycopg.Error as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BackupUnusable(f"PostgreSQL could not be copied: {why}.") from None


def size_of(address: str) -> int:
    """About how many bytes the database takes."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return sum(
            Path(f"{url.database}{end}").stat().st_size
            for end in ("", "-wal")
            if Path(f"{url.database}{end}").exists()
        )
    with postgresql_reading(url) as connection:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def _snapshot(kind: str, copy: Path, connection: Connection) -> Snapshot:
    tables = sums_of(connection)
    newest = head(connection) if "audit_seal" in tables else None
    return Snapshot(kind, copy, *_told(connection), tables, str(newest or ""))


# SQLite ---------------------------------------------------------------------------------------------------------


def _of_sqlite(url: URL, folder: Path) -> Snapshot:
    path, copy = Path(str(url.database)), folder / SQLITE_FILE
    if not path.is_file():
        raise BackupUnusable(f"There is no database at {path}. Name the right one in FOYER_DATABASE.")
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    number = os.open(copy, os.O_RDONLY)
    try:
        copy_sqlite(path, copy, Steps(number).take)
    finally:
        os.close(number)
    with closing(sqlite3.connect(copy)) as target:
        target.execute("PRAGMA journal_mode=DELETE").fetchall()  # one file, not three
        found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise BackupUnusable(
                f"The database is damaged ({found}). Restore the last good backup; this one was not kept."
            )
    with sqlite_reading(copy) as connection:
        return _snapshot("sqlite", copy, connection)


def copy_sqlite(path: Path, copy: Path, between: Callable[[], None], pages: int = PAGES) -> None:
    """As of one instant, whatever is committed `between` the steps."""
    with (
        closing(
            sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=10, isolation_level=None)
        ) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        target.execute("PRAGMA synchronous=OFF")
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()  # the instant
        source.backup(target, pages=pages, progress=lambda *_: between())


@contextmanager
def sqlite_reading(file: Path) -> Iterator[Connection]:
    """Of a copy that nobody else has open."""
    engine = create_engine(f"sqlite:///{file}", hide_parameters=True, poolclass=NullPool)
    with _reading(engine) as connection:
        yield connection


# PostgreSQL -----------------------------------------------------------------------------------------------------


def _of_postgresql(url: URL, folder: Path) -> Snapshot:
    copy = folder / POSTGRESQL_FILE
    with postgresql_reading(url) as connection:
        program = program_for(connection, "pg_dump")
        snapshot = str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())
        run(
            [
                str(program),
                "--format=custom",
                "--compress=0",
                "--no-owner",
                "--no-privileges",
                f"--snapshot={snapshot}",
                f"--file={copy}",
            ],
            url,
        )
        copy.chmod(0o600)
        return _snapshot("postgresql", copy, connection)


@contextmanager
def postgresql_reading(url: URL) -> Iterator[Connection]:
    """One instant, for as long as it takes: the server's own connections are cut after a minute."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        poolclass=NullPool,
        isolation_level="REPEATABLE READ",
        connect_args={"application_name": "foyer backup", "connect_timeout": 5},
    )
    with _reading(engine) as connection:
        yield connection


def program_for(connection: Connection, name: str) -> Path:
    """PostgreSQL's own program, not older than the server it speaks to. Raises BackupUnusable."""
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which(name)
    for program in [*reversed(found), *([Path(on_path)] if on_path else [])]:
        told = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False, timeout=10
        ).stdout
        major = re.search(r"(\d+)", told)
        if major is not None and int(major[1]) >= number:
            return program
    raise BackupUnusable(
        f"There is no {name} for PostgreSQL {number} here. Install postgresql-client-{number} on the server's machine."
    )


def run(command: list[str], url: URL) -> None:
    """A program of PostgreSQL's on the database of `url`. Raises BackupUnusable."""
    done = subprocess.run(command, env=_environment(url), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "it said nothing")
        raise BackupUnusable(f"{Path(command[0]).name} failed: {last[:200]}")


def _environment(url: URL) -> dict[str, str]:
    told = {
        "PGHOST": url.host or str(url.query.get("host", "")),
        "PGPORT": str(url.port or url.query.get("port", "")),
        "PGUSER": url.username or "",
        "PGDATABASE": url.database or "",
        "PGPASSWORD": str(url.password or ""),
        "PGAPPNAME": "foyer backup",
        **{f"PG{name.upper().replace('_', '')}": str(url.query[name]) for name in _SSL if name in url.query},
    }
    return {
        "PATH": os.environ.get("PATH", ""),
        "LC_ALL": "C.UTF-8",
        **{name: value for name, value in told.items() if value},
    }


# Both -----------------------------------------------------------------------------------------------------------


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            try:
                yield connection
            finally:
                transaction.rollback()
    finally:
        engine.dispose()


def _told(connection: Connection) -> tuple[str, str]:
    """Its schema and life."""
    schema = revision_of(connection)
    if schema is None:
        raise BackupUnusable(
            "The database is empty: there is nothing to back up. Name the right one in FOYER_DATABASE."
        )
    try:
        row = connection.execute(
            text("SELECT number, secret FROM house_life ORDER BY number DESC LIMIT 1")
        ).first()
    except Exception as error:
        raise BackupUnusable(
            f"The database is of an older release ({schema}). Bring it to this one with 'foyer migrate'."
        ) from error
    return schema, f"{row[0]}-{row[1]}" if row is not None else ""
