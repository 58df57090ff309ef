"""`foyer audit verify` beside a database: what it says, and its exit status."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from server.cli import app
from server.cli_audit import DOES_NOT_FIT
from server.domain.access import SYSTEM
from server.jobs.sealing_audit import Sealer
from server.store.tx import Tx
from tests.support.house import running_house


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
