"""Where the address of the database is wrong, a command about a house says so; it makes no new empty one, and does not tell what it did to that."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app
from server.store.database import DatabaseUnusable

COMMANDS = (
    "staff add ada --name Ada --role administrator --centre york-house",
    "staff reset ada",
    "staff role ada --role greeter --centre york-house",
    "staff no-app ada",
    "staff emergency ada",
    "secrets",
    "secrets renew-links",
    "papers give-up --yes",
    "audit verify",
    "audit head",
    "audit accept-gap 3",
    "backup adopt --yes",
)


@pytest.mark.parametrize("words", COMMANDS)
def test_it_is_said_that_there_is_none(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOYER_DATABASE", f"sqlite:///{tmp_path}/nothing.db")
    monkeypatch.setenv("FOYER_DATA", str(tmp_path))
    done = CliRunner().invoke(app, words.split())
    said = str(done.exception) if isinstance(done.exception, DatabaseUnusable) else done.output
    assert "There is no database of Foyer at" in said
    assert done.exit_code == 1
    assert not list(tmp_path.glob("nothing.db*"))
