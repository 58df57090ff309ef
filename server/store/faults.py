"""What is wrong with the database when it will not do as it is told, in words for whoever runs it.

Judged by the state that PostgreSQL gives with an error (SQLSTATE), by SQLite's code, and by the error's class where the line itself is gone. Pure: it looks
at an exception and at nothing else. The sentences name no table, no value and no visitor.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import DBAPIError


class Kind(StrEnum):
    GONE = "gone"
    CROWDED = "crowded"
    READ_ONLY = "read_only"
    FULL = "full"
    HELD = "held"
    CLASH = "clash"
    """Two that cannot both be first: it may simply be done again."""
    LOCKED_OUT = "locked_out"
    OTHER = "other"


@dataclass(frozen=True)
class DatabaseFault:
    kind: Kind
    say: str
    act: str


GONE = DatabaseFault(
    Kind.GONE,
    "The database does not answer, or broke off the line.",
    "See that PostgreSQL runs and can be reached from this server. Kiosks go on issuing meanwhile; nothing that was answered is lost.",
)
_BY_KIND = {
    fault.kind: fault
    for fault in (
        GONE,
        DatabaseFault(
            Kind.CROWDED,
            "The database has no connection left for this server.",
            "Raise max_connections of PostgreSQL, or see who holds so many (pg_stat_activity). A server needs ten.",
        ),
        DatabaseFault(
            Kind.READ_ONLY,
            "The database takes no changes: it is a standby, or was set to read only.",
            "Promote it, or let FOYER_DATABASE name the one that takes changes (target_session_attrs=read-write finds it among several).",
        ),
        DatabaseFault(
            Kind.FULL,
            "The database's disk is full.",
            "Make room on it. Kiosks go on issuing meanwhile; nothing that was answered is lost.",
        ),
        DatabaseFault(
            Kind.HELD,
            "Somebody else holds a row or a table of the database for long.",
            "See who (pg_stat_activity, state 'idle in transaction') and end it. Other centres are served meanwhile.",
        ),
        DatabaseFault(
            Kind.CLASH,
            "Two changes got into each other's way again and again.",
            "It settles by itself. If it stays, see who else writes to this database.",
        ),
        DatabaseFault(
            Kind.LOCKED_OUT,
            "The database does not let this server in.",
            "See the account, its password and pg_hba.conf.",
        ),
        DatabaseFault(
            Kind.OTHER, "The database could not do what was asked.", "Its own log says why; look there first."
        ),
    )
}

_STATES = {
    "53300": Kind.CROWDED,
    "53100": Kind.FULL,
    "53200": Kind.FULL,
    "25006": Kind.READ_ONLY,
    "55P03": Kind.HELD,
    "57014": Kind.HELD,
    "40001": Kind.CLASH,
    "40P01": Kind.CLASH,
    "57P05": Kind.GONE,
    "25P03": Kind.GONE,
    "3D000": Kind.LOCKED_OUT,
}
_CLASSES = {"08": Kind.GONE, "57": Kind.GONE, "28": Kind.LOCKED_OUT, "53": Kind.CROWDED, "58": Kind.GONE}
_SQLITE = {
    sqlite3.SQLITE_FULL: Kind.FULL,
    sqlite3.SQLITE_READONLY: Kind.READ_ONLY,
    sqlite3.SQLITE_BUSY: Kind.HELD,
    sqlite3.SQLITE_LOCKED: Kind.HELD,
    sqlite3.SQLITE_IOERR: Kind.GONE,
    sqlite3.SQLITE_CANTOPEN: Kind.GONE,
}
_WORDS = (
    ("too many clients", Kind.CROWDED),
    ("too many connections", Kind.CROWDED),
    ("connection slots are reserved", Kind.CROWDED),
    ("remaining connection slots", Kind.CROWDED),
    ("session is read-only", Kind.READ_ONLY),
    ("server is in hot standby", Kind.READ_ONLY),
    ("password authentication", Kind.LOCKED_OUT),
    ("pg_hba", Kind.LOCKED_OUT),
    ("no space left", Kind.FULL),
)
"""An error met while connecting has no state, only the server's (untranslated) words."""


def database_troubles(address: str) -> tuple[type[Exception], ...]:
    """The classes of all errors of the database at this address, as the driver and as SQLAlchemy raise them."""
    if address.startswith("sqlite"):
        return DBAPIError, sqlite3.Error
    import psycopg  # needed with PostgreSQL only

    return DBAPIError, psycopg.Error


def fault_of(error: BaseException) -> DatabaseFault | None:
    """None for an error that is not the database's trouble: a constraint met, a value refused, a fault of our own."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        kind = _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
        return None if kind is None else _BY_KIND[kind]
    if not any(each.__module__.partition(".")[0] == "psycopg" for each in type(cause).__mro__):
        return None
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        kind = _STATES.get(state) or _CLASSES.get(state[:2])
        return None if kind is None else _BY_KIND[kind]
    if not {each.__name__ for each in type(cause).__mro__} & {"OperationalError", "InterfaceError"}:
        return None
    said = str(cause).casefold()
    return _BY_KIND[next((kind for word, kind in _WORDS if word in said), Kind.GONE)]
