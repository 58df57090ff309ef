"""The journal's file: how it is opened, and what stands in it.

WAL with `synchronous=FULL`: what `take` answered survives a power cut. `secure_delete` overwrites what is
erased, and the write-ahead log is cut to nothing after erasures, so a stolen disk tells no more than the
journal does. `locking_mode=EXCLUSIVE`: one program, one connection; a second kiosk on the same folder is
told so instead of giving out the same codes.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kiosk.journal import kept
from kiosk.journal.records import DiskError

VERSION = 5

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE numbers (
    letter TEXT PRIMARY KEY, number INTEGER NOT NULL, given_on TEXT NOT NULL, sure INTEGER NOT NULL,
    steady REAL NOT NULL, boot TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE ticket (
    id TEXT PRIMARY KEY, visit TEXT NOT NULL, code TEXT NOT NULL, given_on TEXT NOT NULL,
    service TEXT NOT NULL, language TEXT NOT NULL, discreet INTEGER NOT NULL,
    secret TEXT NOT NULL, follow_hash TEXT NOT NULL,
    taken_at INTEGER NOT NULL, sure INTEGER NOT NULL, steady REAL NOT NULL, boot TEXT NOT NULL,
    wall INTEGER NOT NULL,
    paper TEXT NOT NULL, copies INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'handed', 'aside'))
);
"""
_ENTRY = """
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, ask TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('issue', 'paper', 'set_aside', 'printed', 'use')), ticket TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0, passed INTEGER NOT NULL DEFAULT 0, others INTEGER NOT NULL DEFAULT 0,
    told TEXT NOT NULL DEFAULT ''
);
"""
_JOB = """
CREATE TABLE job (
    id TEXT PRIMARY KEY, paper TEXT NOT NULL, follow_hash TEXT NOT NULL DEFAULT '', begun_at INTEGER NOT NULL
) WITHOUT ROWID;
"""
_APPOINTMENTS = """
ALTER TABLE ticket ADD COLUMN reference TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN standing TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN starts_at INTEGER;
ALTER TABLE ticket ADD COLUMN place TEXT NOT NULL DEFAULT '';
CREATE TABLE arrived (hash TEXT PRIMARY KEY, code TEXT NOT NULL, given_on TEXT NOT NULL) WITHOUT ROWID;
"""
"""A reference stands in its ticket until the server has it. `arrived` keeps, for the day, what it is known by here and the code that was
given for it, so that it is not checked in twice while the line is down.
"""
_HANDING_IN = """
CREATE TABLE packet (
    id TEXT PRIMARY KEY, reference TEXT NOT NULL, what TEXT NOT NULL,
    taken_at INTEGER NOT NULL, sure INTEGER NOT NULL, steady REAL NOT NULL, boot TEXT NOT NULL, wall INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'aside')), why TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0, passed INTEGER NOT NULL DEFAULT 0, others INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE use (
    id TEXT PRIMARY KEY, body TEXT NOT NULL,
    taken_at INTEGER NOT NULL, sure INTEGER NOT NULL, steady REAL NOT NULL, boot TEXT NOT NULL, wall INTEGER NOT NULL
) WITHOUT ROWID;
"""
"""A packet lies sealed in a file of the spool; its row says that it is to be sent, and since when. A use says of nobody who they are."""
_ENTRY_ANEW = f"""
ALTER TABLE entry RENAME TO entry_before;
{_ENTRY}
INSERT INTO entry SELECT * FROM entry_before;
DROP TABLE entry_before;
"""
"""Which kinds of entries there may be is part of the table. What was yet to be handed over goes along."""
_STEPS = {
    0: _TABLES + _ENTRY + _JOB + _APPOINTMENTS + _HANDING_IN + kept.TABLE,
    1: _ENTRY_ANEW + _JOB + _APPOINTMENTS + _HANDING_IN + kept.TABLE,  # knew no papers for staff
    2: _ENTRY_ANEW + _APPOINTMENTS + _HANDING_IN + kept.TABLE,  # knew no appointments
    3: _ENTRY_ANEW + _HANDING_IN + kept.TABLE,  # knew nothing that visitors hand in
    4: kept.TABLE,  # kept nothing that the server has
}
"""From each version there was to the present one."""


def connect(file: Path) -> sqlite3.Connection:
    """The one connection, with its tables. Raises `DiskError` in words for staff."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = sqlite3.connect(file, timeout=2.0, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise trouble(error) from error
    file.chmod(0o600)
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    for pragma in (
        "locking_mode=EXCLUSIVE",
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "temp_store=MEMORY",
        "cache_size=-1024",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        connection.execute("ROLLBACK")
        raise DiskError(
            "The journal was written by a newer version of the kiosk. Install that version again."
        )
    if version < VERSION:
        for statement in filter(str.strip, _STEPS[version].split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")


def trouble(error: sqlite3.Error | OSError) -> DiskError:
    """The same in words for staff, telling a full disk from the rest."""
    text = str(error)
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL") or "full" in text or getattr(error, "errno", None) == 28:
        return DiskError("the disk is full", full=True)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "locked" in text:
        return DiskError("another program has the journal open; is a second kiosk running on this machine?")
    if (
        name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))
        or "malformed" in text
        or "not a database" in text
    ):
        return DiskError("the journal's file is damaged", damaged=True)
    return DiskError(f"the disk says: {text}"[:200])
