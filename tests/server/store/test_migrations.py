"""The migrations make exactly the tables the code is written for, on both databases; and every release's database is brought along."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import server.store.tables  # noqa: F401 - fills the metadata
from server.store.database import open_database
from server.store.schema import migrate
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
