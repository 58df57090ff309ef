"""From every earlier schema, with rows in every table, on both databases: migrated, every row is still there; killed in the middle, it is one schema or the other.

The suite tries the first schema, whose way is all steps, and the last; `FOYER_EVERY_STEP=1` all of them, killed at every tenth statement.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from server.store.database import scratch_engine
from server.store.schema import head, migrate_address, migrate_connection, revision_of
from tests.server.store import earlier

EVERY = "FOYER_EVERY_STEP" in os.environ
TRIED = earlier.schemas() if EVERY else [earlier.schemas()[0], earlier.schemas()[-1]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'foyer.db'}"
    else:
        yield request.getfixturevalue("empty_postgres_url")


def filled(url: str, schema: str) -> earlier.Rows:
    engine = scratch_engine(url)
    with engine.connect() as connection, connection.begin():
        rows = earlier.fill(connection, schema)
    engine.dispose()
    return rows


def standing(url: str, rows: earlier.Rows) -> tuple[str | None, list[str]]:
    """Its schema, and what of the rows is missing."""
    engine = scratch_engine(url)
    with engine.connect() as connection:
        found = revision_of(connection), earlier.kept(connection, rows)
    engine.dispose()
    return found


def test_every_schema_before_this_one_is_tried() -> None:
    assert earlier.schemas() == [f"{number:04d}" for number in range(1, int(head()))]


@pytest.mark.parametrize("schema", TRIED)
def test_every_row_of_an_earlier_schema_is_kept(schema: str, empty_url: str) -> None:
    rows = filled(empty_url, schema)
    assert all(len(each) == earlier.ROWS for each in rows.values())
    assert migrate_address(empty_url)
    assert standing(empty_url, rows) == (head(), [])
    assert not migrate_address(empty_url)


def killed_at(url: str, statement: int) -> bool:
    """Migrate in a process of its own that is killed without a word before its so-many-eth statement; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            engine = scratch_engine(url)
            left = statement

            def count(*_: object) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(engine, "before_cursor_execute", count)
            with engine.connect() as connection, connection.begin():
                migrate_connection(connection)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.parametrize("schema", earlier.schemas() if EVERY else earlier.schemas()[-1:])
def test_a_migration_killed_in_the_middle_leaves_the_schema_it_found(schema: str, empty_url: str) -> None:
    rows = filled(empty_url, schema)
    whole = statements_of(empty_url)
    for at in range(1, whole + 1, 10) if EVERY else [round(whole * 0.9)]:
        assert killed_at(empty_url, at)
        assert revision_at(empty_url) == schema
    assert standing(empty_url, rows) == (schema, [])
    migrate_address(empty_url)
    assert standing(empty_url, rows) == (head(), [])


def revision_at(url: str) -> str | None:
    engine = scratch_engine(url)
    with engine.connect() as connection:
        found = revision_of(connection)
    engine.dispose()
    return found


def statements_of(url: str) -> int:
    """How many a migration takes; it is taken back."""
    engine = scratch_engine(url)
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: seen.append(statement))
    connection: Connection
    with engine.connect() as connection, connection.begin() as transaction:
        migrate_connection(connection)
        transaction.rollback()
    engine.dispose()
    return len(seen)
