"""The migrations make exactly the tables the code is written for, on both databases; and every release's database is brought along."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.schema import CreateIndex
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
    """Whose conditions SQLAlchemy is not told at a start (`server.store.types.only`)."""
    tables = SQLModel.metadata.tables
    own = {index.name for table in tables.values() for index in table.indexes if "only" in index.info}
    database = open_database(database_url)
    with database.reading() as connection:
        where = f"{connection.dialect.name}_where"
        looked = inspect(connection)
        found = {
            index["name"]
            for name in tables
            for index in looked.get_indexes(name)
            if index.get("dialect_options", {}).get(where) is not None
        }
        assert found == own
        assert own
        tell_conditions(SQLModel.metadata, connection.dialect.name)
        making = CreateIndex(
            next(index for index in tables["visit"].indexes if index.name == "ux_visit_follow")
        ).compile(dialect=connection.dialect)
    database.close()
    assert str(making).endswith("WHERE ended_at IS NULL")


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
