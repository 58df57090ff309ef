"""The key file from the command line: seen, renewed, and given up when it is lost for good."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.actions.paper_keys import paper_keys
from server.cli import app
from server.papers.keyring import KeysUnusable, open_keyring
from server.settings import Settings
from server.store.database import open_database
from server.store.sql import Sql, Statement
from tests.support.handed_in import handed_in
from tests.support.house import running_house

SERVERS = 54_321 if os.geteuid() == 0 else os.geteuid()
"""Whose the key file is: an administrator who renews the key is somebody else."""


async def test_a_key_is_renewed_and_a_lost_one_given_up(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, run = tmp_path / "papers.key", CliRunner().invoke
    monkeypatch.setenv("FOYER_DATABASE", sqlite_url)
    monkeypatch.setenv("FOYER_PAPER_KEYS", str(path))
    assert "no key file" in run(app, ["papers", "key"]).output
    assert isinstance(run(app, ["papers", "new-key"]).exception, KeysUnusable)
    assert not path.exists()
    async with running_house(sqlite_url, paper_keys=path) as rehearsal:
        lost = await handed_in(rehearsal.house, rehearsal.kiosk)
    first = open_keyring(path).recipients[0]
    assert f"{first}  (seals)" in run(app, ["papers", "key"]).output
    os.chown(path, SERVERS, -1)
    assert run(app, ["papers", "new-key"]).exit_code == 0
    assert path.stat().st_uid == SERVERS
    assert open_keyring(path).known[1:] == (first,)
    assert path.stat().st_mode & 0o777 == 0o600
    async with running_house(sqlite_url, seed=False, paper_keys=path) as rehearsal:
        assert rehearsal.house.keyring.recipients[0] != first
        kept = await handed_in(rehearsal.house, rehearsal.kiosk)
    assert run(app, ["papers", "give-up", "--yes"]).output.startswith("Nothing is to be given up")
    away = path.rename(tmp_path / "elsewhere.key")
    assert run(app, ["papers", "give-up"]).output.startswith(
        f"2 submissions cannot be opened with {path} (there is no"
    )
    assert not path.exists(), "only looking makes no key that would stand in the way of the copy"
    away.rename(path)
    new = path.read_text().splitlines()[2]
    path.write_text(f"{new}\n")
    database = open_database(sqlite_url)
    with pytest.raises(KeysUnusable):
        paper_keys(Settings(database=sqlite_url), database)
    database.close()
    assert run(app, ["papers", "give-up"]).output.startswith("one submission cannot be opened")
    assert run(app, ["papers", "give-up", "--yes"]).output.startswith("Deleted: one submission.")
    database = open_database(sqlite_url)
    assert new.startswith("AGE-SECRET-KEY-1")
    assert paper_keys(Settings(database=sqlite_url), database).known == open_keyring(path).known
    with database.reading() as connection:
        told = Statement("SELECT id, deleted_why FROM submission ORDER BY id")
        assert [tuple(record) for record in Sql(connection).all(told)] == [(lost, "key_lost"), (kept, "")]
    database.close()
