"""The migrations make exactly the tables the code is written for, on both databases; and every release's database is brought along."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.schema import CreateIndex, DropIndex
from sqlmodel import SQLModel

import server.store.tables  # noqa: F401 - fills the metadata
from server.store.database import open_database
from server.store.schema import migrate
from server.store.types import tell_conditions
from tests.support.house import running_house
from wire import asks

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql"))


def test_the_migrated_schema_is_the_tables_schema(database_url: str) -> None:
    database = open_database(database_url)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, SQLModel.metadata)
    database.close()
    assert differences == []


def test_the_indexes_of_some_rows_are_the_tables_own(database_url: str) -> None:
    """Whose conditions SQLAlchemy is not told at a start (`server.store.types.only`), and does not compare."""
    tables = SQLModel.metadata.tables.values()
    own = [index for table in tables for index in table.indexes if "only" in index.info]
    database = open_database(database_url)
    with database.writer.connect() as connection, connection.begin() as transaction:
        migrated = _conditions(connection)
        assert own
        tell_conditions(SQLModel.metadata, connection.dialect.name)
        for index in own:  # made anew, so that both are told in the database's words
            connection.execute(DropIndex(index))
            connection.execute(CreateIndex(index))
        assert _conditions(connection) == migrated
        assert migrated.keys() == {index.name for index in own}
        connection.execute(text("DROP INDEX ux_visit_follow"))
        other = "CREATE UNIQUE INDEX ux_visit_follow ON visit (follow_hash) WHERE ended_at IS NOT NULL"
        connection.execute(text(other))
        assert _conditions(connection) != migrated, "another condition is seen"
        transaction.rollback()
    database.close()


def _conditions(connection: Connection) -> dict[str, str]:
    """By the name of each index of some rows, which these are."""
    where, looked = f"{connection.dialect.name}_where", inspect(connection)
    return {
        str(index["name"]): str(index["dialect_options"][where])
        for name in SQLModel.metadata.tables
        for index in looked.get_indexes(name)
        if index.get("dialect_options", {}).get(where) is not None
    }


def _make_old_and_migrate(path: Path, release: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        old.executescript(release.read_text(encoding="utf-8"))
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    database.close()


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
async def test_a_database_of_an_earlier_release_keeps_its_queue(release: Path, tmp_path: Path) -> None:
    """Each file is a dump of that release's database with one visitor, K01, waiting for council tax at York House."""
    path = tmp_path / "foyer.db"
    _make_old_and_migrate(path, release)
    async with running_house(f"sqlite:///{path}", seed=False) as rehearsal:
        await rehearsal.sit()
        called = await rehearsal.ask("ann", asks.CallNext())
        assert called["code"] == "K01"


def test_there_is_a_database_of_a_release_to_bring_along() -> None:
    assert RELEASES
