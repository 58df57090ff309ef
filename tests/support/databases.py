"""An empty, migrated database for each test, on both kinds; what passes on one must pass on the other.

Both are copies of a template that is migrated once for each test process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.postgres import Cluster

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


def _migrate(url: str) -> None:
    from server.store.schema import (
        migrate_address,
    )  # here, so that tests of other rooms do not load the store

    migrate_address(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "foyer.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: Cluster) -> str:
    name = postgres_cluster.create()
    _migrate(postgres_cluster.url(name))
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Address of an empty, migrated SQLite database of this test's own."""
    path = tmp_path / "foyer.db"
    # SQLite's own copy, which also takes what is still in the template's log.
    with closing(sqlite3.connect(sqlite_template)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_cluster: Cluster, postgres_template: str) -> Iterator[str]:
    """Address of an empty, migrated PostgreSQL database of this test's own."""
    name = postgres_cluster.create(postgres_template)
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


@pytest.fixture
def empty_postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """Address of a PostgreSQL database without any table: for tests of the migrations."""
    name = postgres_cluster.create()
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of an empty, migrated database: the test runs once on SQLite and once on PostgreSQL."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url
