"""The database itself: can it be opened, written, trusted; is it at this release's schema; is there room for us in it."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from server.doctor.ground import Ground
from server.domain.troubles import Verdict, fine, not_looked_at, worth_knowing, wrong
from server.store import schema
from server.store.database import network_folder
from server.store.sql import Sql, Statement

OLDEST_POSTGRESQL = 14
MOST_LOG_MB = 256
LONG_SECONDS = 300
LAG_SECONDS = 60
KEPT_LOG_MB = 4096

_REVISION = Statement("SELECT version_num FROM alembic_version")
_JOURNAL = Statement("PRAGMA journal_mode")
_QUICK = Statement("PRAGMA quick_check(1)")
_VERSION = Statement("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
_STANDING = Statement(
    """SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on',
    has_table_privilege(current_user, 'ticket', 'INSERT, UPDATE, DELETE')"""
)
_ROOM = Statement(
    """SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"""
)
_LONG = Statement(
    """SELECT count(*), coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND xact_start < clock_timestamp() - make_interval(secs => :seconds)"""
)
_LAG = Statement(
    """SELECT count(*), coalesce(extract(epoch FROM max(replay_lag)), 0) FROM pg_stat_replication
    WHERE state IN ('streaming', 'catchup')"""
)
_SLOTS = Statement(
    """SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0) / 1048576.0
    FROM pg_replication_slots WHERE NOT active"""
)


def opens(ground: Ground) -> list[Verdict]:
    """Whether it answers at all. Everything else about it is looked at by itself."""
    if ground.is_sqlite:
        path = ground.sqlite_file
        if path is None or not path.exists():
            return [
                wrong(
                    "database",
                    f"There is no database at {path}.",
                    "See that its disk is there, name the right one in FOYER_DATABASE, or begin a new one with 'foyer centre load FILE'.",
                )
            ]
    began = time.monotonic()
    with ground.looking() as sql:
        if sql.is_postgresql:
            number, name = sql.one(_VERSION) or (0, "?")
            return [postgresql_version(int(number), str(name), time.monotonic() - began)]
        sql.all(Statement("SELECT name FROM sqlite_master LIMIT 1"))
        return [fine("database", f"{ground.sqlite_file} opens (SQLite {sqlite3.sqlite_version}).")]


def postgresql_version(number: int, name: str, seconds: float) -> Verdict:
    if number // 10_000 < OLDEST_POSTGRESQL:
        return worth_knowing(
            "database",
            f"PostgreSQL {name.split()[0]} gets no more corrections from those who make it.",
            "Plan to move to a newer one.",
        )
    return fine("database", f"PostgreSQL {name.split()[0]} answers in {seconds * 1000:.0f} ms.")


def takes_changes(ground: Ground) -> list[Verdict]:
    subject = "database takes changes"
    if ground.is_sqlite:
        path = ground.sqlite_file
        if path is None or not path.exists():
            return []
        return [sqlite_place(path, _may_write(path), network_folder(path))]
    with ground.looking() as sql:
        standby, read_only, granted = sql.one(_STANDING) or (True, True, False)
    if standby:
        return [
            wrong(
                subject,
                "This PostgreSQL is a standby, which takes no changes.",
                "Name the primary in FOYER_DATABASE, or promote this one.",
            )
        ]
    if read_only:
        return [
            wrong(
                subject,
                "PostgreSQL is set to read-only.",
                "Take default_transaction_read_only away, once why it was set is over.",
            )
        ]
    if not granted:
        return [
            wrong(
                subject,
                "Foyer's account may not write its tables.",
                "Make it the owner of its database, or grant it SELECT, INSERT, UPDATE and DELETE on all tables.",
            )
        ]
    return [fine(subject, "It takes changes.")]


def _may_write(path: Path) -> bool:
    beside = (Path(f"{path}-wal"), Path(f"{path}-shm"), Path(f"{path}.lock"))
    return (
        os.access(path, os.W_OK)
        and os.access(path.parent, os.W_OK | os.X_OK)
        and all(os.access(each, os.W_OK) for each in beside if each.exists())
    )


def sqlite_place(path: Path, may_write: bool, network: str) -> Verdict:
    subject = "database takes changes"
    if network:
        return wrong(
            subject,
            f"{path} lies on a network's file system ({network}), where SQLite's locks do not hold: it will be damaged.",
            "Put it on a disk of this machine, or use PostgreSQL.",
        )
    if not may_write:
        return wrong(
            subject,
            f"Whoever runs this may not write {path} or the files beside it.",
            "If you are the server's user, give it the folder (chown); otherwise run the doctor as the server's user.",
        )
    return fine(subject, "It takes changes.")


def at_schema(ground: Ground) -> list[Verdict]:
    with ground.looking() as sql:
        found = sql.one(_REVISION)
    return [schema_stands(str(found[0]) if found else "", schema.head(), running=ground.process is not None)]


def schema_stands(found: str, head: str, *, running: bool) -> Verdict:
    if found == head:
        return fine("schema", f"It is at this release's schema ({head}).")
    if found > head:
        return worth_knowing(
            "schema",
            f"The database was made by a newer Foyer (schema {found}; this one knows {head}).",
            "This release goes on beside it and cannot be started anew: install the newer one here.",
        )
    said = f"The database is at schema {found or 'none'}; this release wants {head}."
    if running:
        return wrong("schema", said, "Start the server anew: it brings the database up to date.")
    return worth_knowing(
        "schema", said, "The server brings it up to date at its next start, or run 'foyer migrate'."
    )


@dataclass(frozen=True)
class Log:
    mode: str
    megabytes: float


def journal(ground: Ground) -> list[Verdict]:
    path = ground.sqlite_file
    if path is None or not path.exists():
        return []
    with ground.looking() as sql:
        mode = str((sql.one(_JOURNAL) or ("?",))[0])
    log = Path(f"{path}-wal")
    return [log_stands(Log(mode, log.stat().st_size / 1e6 if log.exists() else 0.0))]


def log_stands(log: Log) -> Verdict:
    if log.mode != "wal":
        return worth_knowing(
            "write-ahead log",
            f"The database is in journal mode {log.mode}, in which readers make the queue wait.",
            "The server sets it right at its next start.",
        )
    if log.megabytes > MOST_LOG_MB:
        return worth_knowing(
            "write-ahead log",
            f"SQLite's log has grown to {log.megabytes:.0f} MB: somebody has been reading for a long time.",
            "End programs that have the database open beside the server. If it stays, start the server anew.",
        )
    return fine("write-ahead log", f"In use, {log.megabytes:.1f} MB.")


def whole(ground: Ground) -> list[Verdict]:
    """SQLite looks through all its pages; what it cannot finish in the check's time is not said to be whole."""
    path = ground.sqlite_file
    if path is None or not path.exists():
        return []
    until = time.monotonic() + ground.seconds * 0.8
    with ground.looking() as sql:
        driver = sql.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_progress_handler(lambda: int(time.monotonic() > until), 20_000)
        try:
            found = str((sql.one(_QUICK) or ("?",))[0])
        except sqlite3.OperationalError:
            return [
                not_looked_at(
                    "database is whole",
                    "It is too large to be looked through in a moment: 'foyer doctor --thorough' does; a running server does each night.",
                )
            ]
        finally:
            driver.set_progress_handler(None, 0)
    return [is_whole(found)]


def is_whole(found: str) -> Verdict:
    if found == "ok":
        return fine("database is whole", "All its pages were looked through and are in order.")
    return wrong(
        "database is whole",
        "The database is damaged: SQLite's own check finds faults in it.",
        "Stop the server, keep a copy of the file as it is, and restore the last good backup. See that the disk is sound.",
    )


def room(ground: Ground) -> list[Verdict]:
    """Of PostgreSQL: connections, long transactions, standbys."""
    if ground.is_sqlite:
        return []
    with ground.looking() as sql:
        used, most = sql.one(_ROOM) or (0, 100)
        found = [connections(int(used), int(most)), _long(sql)]
        standbys, lag = sql.one(_LAG) or (0, 0)
        (kept,) = sql.one(_SLOTS) or (0,)
    found.extend(replication(int(standbys), float(lag), float(kept)))
    return found


def connections(used: int, most: int) -> Verdict:
    free = most - used
    said = f"{used} of {most} connections are in use"
    act = "Raise max_connections in PostgreSQL, or find out who keeps so many open. A Foyer server wants up to 20."
    if free < 4:
        return wrong("database connections", f"{said}: a server that starts now finds none.", act)
    if free < 20:
        return worth_knowing("database connections", f"{said}.", act)
    return fine("database connections", f"{said}.")


def _long(sql: Sql) -> Verdict:
    count, longest = sql.one(_LONG, {"seconds": LONG_SECONDS}) or (0, 0)
    return long_transactions(int(count), float(longest))


def long_transactions(count: int, seconds: float) -> Verdict:
    if not count:
        return fine("long transactions", "None.")
    return worth_knowing(
        "long transactions",
        f"{count} transaction{'s have' if count > 1 else ' has'} been open in the database for up to {seconds / 60:.0f} minutes."
        " They keep it from tidying up, and may hold the queue.",
        "Find them in pg_stat_activity, and end what was forgotten. A backup that runs may take so long.",
    )


def replication(standbys: int, lag: float, kept_mb: float) -> list[Verdict]:
    found = []
    if standbys and lag > LAG_SECONDS:
        found.append(
            worth_knowing(
                "replication",
                f"A standby is {lag:.0f} seconds behind.",
                "See to its disk and its line: what it has not got would be lost with the primary.",
            )
        )
    elif standbys:
        found.append(
            fine(
                "replication", f"{standbys} standby{'s' if standbys > 1 else ''}, at most {lag:.0f} s behind."
            )
        )
    else:
        found.append(fine("replication", "No standby is connected."))
    found.append(
        worth_knowing(
            "replication slots",
            f"A replication slot that nobody reads keeps {kept_mb:.0f} MB of log on the primary's disk.",
            "Bring its standby back, or drop the slot before the disk is full.",
        )
        if kept_mb > KEPT_LOG_MB
        else fine("replication slots", "None keeps much.")
    )
    return found
