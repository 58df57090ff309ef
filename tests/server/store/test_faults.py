"""What the house says is wrong with its database: by the state an error carries, or by its words where it carries none."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from psycopg import errors

from server.store.faults import Kind, fault_of


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.AdminShutdown(), Kind.GONE),
        (errors.CannotConnectNow(), Kind.GONE),
        (errors.TooManyConnections(), Kind.CROWDED),
        (errors.DiskFull(), Kind.FULL),
        (errors.ReadOnlySqlTransaction(), Kind.READ_ONLY),
        (errors.LockNotAvailable(), Kind.HELD),
        (errors.DeadlockDetected(), Kind.CLASH),
        (errors.SerializationFailure(), Kind.CLASH),
        (errors.InvalidPassword(), Kind.LOCKED_OUT),
        (psycopg.OperationalError("FATAL:  sorry, too many clients already"), Kind.CROWDED),
        (psycopg.OperationalError("session is read-only"), Kind.READ_ONLY),
        (psycopg.OperationalError("server closed the connection unexpectedly"), Kind.GONE),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else str(each),
)
def test_what_postgresql_says_is_understood(error: Exception, kind: Kind) -> None:
    fault = fault_of(error)
    assert fault is not None
    assert fault.kind is kind
    assert fault.say.endswith(".")
    assert fault.act.endswith(".")


@pytest.mark.parametrize(
    "error", [ValueError("x"), errors.UniqueViolation(), errors.UndefinedColumn(), sqlite3.IntegrityError()]
)
def test_a_fault_of_our_own_is_not_blamed_on_the_database(error: Exception) -> None:
    assert fault_of(error) is None


def test_a_full_disk_under_sqlite_is_said() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA max_page_count=3")
    database.execute("CREATE TABLE t (a)")
    with pytest.raises(sqlite3.OperationalError) as full:
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")
    database.close()
    found = fault_of(full.value)
    assert found is not None
    assert found.kind is Kind.FULL
