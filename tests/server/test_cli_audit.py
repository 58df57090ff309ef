"""`foyer audit verify` beside a database: what it says, and its exit status."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text
from typer.testing import CliRunner

from server.cli import app
from server.cli_audit import DOES_NOT_FIT
from server.domain.access import SYSTEM
from server.jobs.sealing_audit import Sealer
from server.store.tx import Tx
from tests.support.house import Rehearsal, running_house


def note(tx: Tx, deed: str) -> None:
    tx.audit(deed)


async def test_it_says_in_words_what_does_not_fit_and_how_to_tell(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, anchor, run = tmp_path / "audit.key", tmp_path / "anchor", CliRunner().invoke
    monkeypatch.setenv("FOYER_DATABASE", sqlite_url)
    monkeypatch.setenv("FOYER_AUDIT_KEYS", str(keys))
    missing = run(app, ["audit", "verify"])
    assert "is missing" in str(missing.exception)
    async with running_house(sqlite_url, audit_keys=keys, audit_anchor=anchor) as rehearsal:
        assert "no link yet" in run(app, ["audit", "head"]).output
        sealer = Sealer(rehearsal.house)
        for deed in ("one", "two"):
            await rehearsal.house.change(SYSTEM, "deed", partial(note, deed=deed))
            await sealer.round()
        sealer.write_anchor()
        beside = run(app, ["audit", "verify"])
        assert beside.exit_code == 0, beside.output
        assert "No anchor was given" in beside.output
        (head,) = run(app, ["audit", "head"]).output.splitlines()
    assert [line.split(" ", 1)[1] for line in anchor.read_text().splitlines()][-1] == head
    monkeypatch.setenv("FOYER_AUDIT_ANCHOR", str(anchor))
    fine = run(app, ["audit", "verify"])
    assert fine.exit_code == 0, fine.output
    assert "Looked at 2 links, 2 rows" in fine.output
    assert "No anchor" not in fine.output
    after = run(app, ["audit", "verify", "--since-anchor", "--anchor", anchor.read_text().splitlines()[0]])
    assert after.exit_code == 0
    assert "Looked at 1 link, 1 row," in after.output
    none = run(app, ["audit", "verify", "--since-anchor"]).output
    assert f"All fits, up to link {head}, after which none came.\n" in none
    assert "is no anchor" in str(run(app, ["audit", "verify", "--anchor", "nothing"]).exception)
    assert run(app, ["audit", "new-key"]).exit_code == 0
    assert run(app, ["audit", "verify"]).exit_code == 0
    path = str(make_url(sqlite_url).database)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM audit WHERE what = 'one'")
        connection.execute(
            "INSERT INTO audit (at, what, about, address, detail) VALUES (1, 'x', '', '', '{}')"
        )
    spoilt = run(app, ["audit", "verify"])
    assert spoilt.exit_code == DOES_NOT_FIT
    assert "Row 1 was taken out of link 1." in spoilt.output
    assert "does NOT fit" in spoilt.output
    assert "1 row not sealed yet" in spoilt.output
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM audit_seal WHERE id = 2")
    assert "an older copy of the database was put back" in run(app, ["audit", "verify"]).output


async def test_a_restore_is_told_from_tampering_and_ends_when_somebody_knows_of_it(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, anchor, run = tmp_path / "audit.key", tmp_path / "anchor", CliRunner().invoke
    for name, value in (
        ("DATABASE", sqlite_url),
        ("AUDIT_KEYS", keys),
        ("AUDIT_ANCHOR", anchor),
        ("DATA", tmp_path),
    ):
        monkeypatch.setenv(f"FOYER_{name}", str(value))
    path, older = Path(str(make_url(sqlite_url).database)), tmp_path / "older.db"
    settings: dict[str, Any] = {"audit_keys": keys, "audit_anchor": anchor}

    async def seal(rehearsal: Rehearsal, deed: str) -> Sealer:
        sealer = Sealer(rehearsal.house)
        await rehearsal.house.change(SYSTEM, "deed", partial(note, deed=deed))
        await sealer.round()
        return sealer

    async with running_house(sqlite_url, **settings) as there:
        await there.issue()
        await seal(there, "one")
        with closing(sqlite3.connect(path)) as now, closing(sqlite3.connect(older)) as copy:
            now.backup(copy)
        there.clock.go(minutes=30)
        (await seal(there, "two")).write_anchor()
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    older.replace(path)
    silent = run(app, ["audit", "verify"])
    assert "an older copy of the database was put back" in silent.output, "nobody told of a restore"
    assert "does NOT fit" in silent.output
    adopted = run(app, ["backup", "adopt", "--yes"])
    assert "foyer audit accept-gap 2" in adopted.output, adopted.output

    async with running_house(sqlite_url, seed=False, at=there.clock.now(), **settings) as here:
        for deed in ("three", "four"):
            sealer = await seal(here, deed)
        sealer.write_anchor()
        found = await here.house.look(
            lambda connection: connection.execute(
                text("SELECT say, grave FROM trouble WHERE subject = 'audit went back'")
            ).one()
        )
        assert "the house was restored from a backup" in found[0]
        assert not found[1]
    told = run(app, ["audit", "verify"])
    assert told.exit_code == DOES_NOT_FIT
    assert "the house was restored from a backup" in told.output
    assert "All links that are there fit" in told.output
    assert "NOT fit" not in told.output
    assert run(app, ["audit", "accept-gap", "2"]).exit_code == 0
    known = run(app, ["audit", "verify"])
    assert known.exit_code == 0, known.output
    assert "somebody said that they know why" in known.output


def test_a_mistyped_address_is_said_and_no_database_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOYER_DATABASE", f"sqlite:///{tmp_path}/fojer.db")
    monkeypatch.setenv("FOYER_DATA", str(tmp_path))
    for words in (["audit", "head"], ["audit", "accept-gap", "3"], ["audit", "verify"], ["backup", "adopt"]):
        assert "There is no database of Foyer at" in str(CliRunner().invoke(app, words).exception)
    assert list(tmp_path.iterdir()) == []
