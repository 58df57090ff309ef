"""Databases that cannot be used say so in a sentence; those that can are brought to this release without losing anything."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from server.store import database
from server.store.database import DatabaseUnusable, open_database
from server.store.schema import migrate, migrate_address, open_present
from tests.support.house import fill


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/new/folder/foyer.db")
    assert migrate(database)
    database.close()
    assert (tmp_path / "new/folder/foyer.db").exists()


def test_migrating_twice_does_nothing(database_url: str) -> None:
    database = open_database(database_url)
    assert not migrate(database)
    database.close()


@pytest.mark.postgres
def test_an_empty_postgresql_is_migrated_whole(empty_postgres_url: str) -> None:
    assert migrate_address(empty_postgres_url)
    database = open_database(empty_postgres_url)
    with database.writing() as session:
        fill(session)
    database.close()


def test_a_newer_database_is_refused_and_untouched(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.writer.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseUnusable, match="newer Foyer"):
        migrate(database)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "9999"
    database.close()


def test_a_second_server_on_the_same_file_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    first = open_database(sqlite_url)
    with pytest.raises(DatabaseUnusable, match="Another Foyer process"):
        open_database(sqlite_url)
    link = tmp_path / "link.db"
    link.symlink_to(first.url.database or "")
    with pytest.raises(DatabaseUnusable, match="Another Foyer process"):
        open_database(f"sqlite:///{link}")
    first.close()
    by_link = open_database(f"sqlite:///{link}")
    assert by_link.log_file is not None
    assert by_link.log_file == Path(f"{link.resolve()}-wal")
    by_link.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foyer.db"
    path.write_bytes(b"this is a letter, not a database" * 200)
    with pytest.raises(DatabaseUnusable, match="cannot be read"):
        open_database(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"this is a letter")


@pytest.mark.parametrize("address", ["nonsense", "sqlite://", "mysql://host/name"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(DatabaseUnusable):
        open_database(address)


def test_a_postgresql_that_does_not_answer_is_named() -> None:
    with pytest.raises(DatabaseUnusable, match="does not answer"):
        open_database("postgresql://nobody@127.0.0.1:9/foyer")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DatabaseUnusable, match="cannot be used"):
        open_database(f"sqlite:///{tmp_path}/file/inner/foyer.db")


def test_the_writer_waits_for_the_disk_and_readers_cannot_write(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.writer.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    with database.reading() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("DELETE FROM centre")
    database.close()


def test_a_migration_that_fails_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    database = open_database(f"sqlite:///{tmp_path}/foyer.db")
    real = command.upgrade

    def upgrade_then_fail(config: Config, revision: str) -> None:
        real(config, revision)
        broken()

    monkeypatch.setattr(command, "upgrade", upgrade_then_fail)
    with pytest.raises(sqlite3.OperationalError):
        migrate(database)
    monkeypatch.undo()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM sqlite_master").scalar_one() == 0
    assert migrate(database)
    database.close()


def test_a_full_disk_is_not_taken_for_a_broken_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup put back onto a full disk would be the greater harm."""
    (tmp_path / "foyer.db").write_bytes(b"what a full disk leaves" * 500)
    monkeypatch.setattr(database, "FULL_BYTES", 1 << 62)
    with pytest.raises(DatabaseUnusable, match="disk is full: make room") as refused:
        open_database(f"sqlite:///{tmp_path}/foyer.db")
    assert "restore" not in str(refused.value)


@pytest.mark.parametrize("address", ["postgresql//u:sekret@h/x", "postgresql://u:sekret@h:port/x"])
def test_a_mistyped_address_is_not_repeated(address: str) -> None:
    with pytest.raises(DatabaseUnusable, match="not a database address") as refused:
        open_database(address)
    assert "sekret" not in str(refused.value)
    with pytest.raises(DatabaseUnusable, match="not a database address"):
        open_present(address)
