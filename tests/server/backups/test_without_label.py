"""A backup whose label is gone: seen, never taken for another house's, and gone when its time is over only where it is surely our own; and what an administrator reads."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyrage import x25519
from sqlalchemy import text
from typer.testing import CliRunner

from server.backups import shelf
from server.backups.manifest import Label
from server.cli import app
from server.clock import to_micros
from server.domain.keeping_backups import USUAL
from server.jobs.backing_up import BackingUp
from tests.support.house import TUESDAY, running_house

OLD = TUESDAY - timedelta(days=40)


def put(folder: Path, number: int, at: datetime) -> Path:
    """One with its label and what lies beside it."""
    moment = to_micros(at)
    label = Label(f"{number:08x}", moment, moment, 9, "0" * 64, "1", "0006", "sqlite", moment)
    file = folder / shelf.name_of(label.id, moment)
    file.write_bytes(b"nine byte")
    shelf.label_of(file).write_bytes(label.encode())
    (folder / f"foyer-since-{label.id}.age").write_bytes(b"since")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Its house has made backups for longer than a week, so age counts."""
    folder = tmp_path / "backups"
    folder.mkdir()
    put(folder, 1, TUESDAY - timedelta(hours=1))
    put(folder, 2, TUESDAY - timedelta(days=9))
    return folder


def test_what_is_surely_ours_goes_when_its_time_is_over_and_nothing_else(folder: Path) -> None:
    ours, foreign, cut, young, labelled = (
        put(folder, 16 + number, OLD if number != 3 else TUESDAY - timedelta(days=3)) for number in range(5)
    )
    for file in (ours, foreign, young):
        shelf.label_of(file).unlink()
    shelf.label_of(cut).write_bytes(b'{"id": "0')
    stranger = folder / "foyer-20269999T000000Z-0a0b0c0d.age"
    stranger.write_bytes(b"no moment")
    assert set(shelf.without_label(folder)) == {ours, foreign, cut, young}
    known = {ours.name: 9, cut.name: 9, young.name: 9, stranger.name: 9, labelled.name: 9}
    gone = shelf.let_go_without_label(folder, TUESDAY, USUAL, {**known, foreign.name: 10})
    assert gone == sorted([ours.name, cut.name])
    assert {each for each in (ours, foreign, cut, young, labelled, stranger) if each.exists()} == {
        foreign, young, labelled, stranger,
    }  # fmt: skip
    assert not list(folder.glob("foyer-since-00000010.age"))
    assert not shelf.label_of(cut).exists()
    assert list(folder.glob("foyer-since-00000011.age")), "nothing of the other house's is touched"


def test_while_age_does_not_count_none_goes(tmp_path: Path) -> None:
    ours = put(tmp_path, 1, OLD)
    put(tmp_path, 2, TUESDAY)
    shelf.label_of(ours).unlink()
    assert shelf.let_go_without_label(tmp_path, TUESDAY, USUAL, {ours.name: 9}) == []


def test_what_lay_beside_one_that_was_deleted_by_hand_goes_in_its_time(folder: Path) -> None:
    file, lately = put(folder, 16, OLD), put(folder, 17, TUESDAY - timedelta(days=2))
    beside = [folder / "foyer-since-00000010.age", shelf.label_of(file)]
    for each in beside:
        os.utime(each, (OLD.timestamp(), OLD.timestamp()))
    young = [folder / "foyer-since-00000011.age", shelf.label_of(lately)]
    for each in young:
        os.utime(each, (TUESDAY.timestamp(), TUESDAY.timestamp()))
    file.unlink()
    lately.unlink()
    shelf.rotate(folder, TUESDAY, USUAL)
    assert [each.exists() for each in (*beside, *young)] == [False, False, True, True]


async def test_the_house_knows_its_own(sqlite_url: str, folder: Path, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"data": tmp_path, "backup_keys": "age1nobody"}
    async with running_house(sqlite_url, at=OLD + timedelta(hours=1), **settings) as there:
        ours = put(folder, 16, OLD)
        await BackingUp(there.house)._agree()
        assert (await there.house.look(_names)).count(ours.name) == 1
        there.clock.go(days=40)
        foreign = put(folder, 17, OLD)
        for file in (ours, foreign):
            shelf.label_of(file).unlink()
        await BackingUp(there.house)._rotate()
    assert (ours.exists(), foreign.exists()) == (False, True)


def _names(connection: Any) -> list[str]:
    return [str(row[0]) for row in connection.execute(text("SELECT name FROM backup_run"))]


def test_what_is_said_after_a_restore(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine to which somebody brought the one file, and nothing that lay beside it or is in no backup."""
    identity, data = x25519.Identity.generate(), tmp_path / "data"
    monkeypatch.setenv("FOYER_DATA", str(data))
    monkeypatch.setenv("FOYER_DATABASE", sqlite_url)
    monkeypatch.setenv("FOYER_BACKUP_KEYS", str(identity.to_public()))
    for name in ("PAPER", "AUDIT"):
        monkeypatch.setenv(f"FOYER_{name}_KEYS", str(tmp_path / f"{name.lower()}.key"))
    (tmp_path / "backup.key").write_text(f"{identity}\n")
    made = CliRunner().invoke(app, ["backup", "now"])
    assert " KiB, " in made.output, made.output
    [file] = (data / "backups").glob("*.age")
    words = [
        "restore",
        str(file),
        "--key",
        str(tmp_path / "backup.key"),
        "--to",
        f"sqlite:///{tmp_path}/to/foyer.db",
    ]
    told = CliRunner().invoke(app, words).output
    for part in (
        f"foyer-since-{file.name[-12:-4]}.age does not lie beside it",
        f"{tmp_path}/paper.key and {tmp_path}/audit.key are not there",
        "No message is sent a second time",
        "Name this database in FOYER_DATABASE",
    ):
        assert part in told, told
    told = CliRunner().invoke(app, [*words, "--replace", "--without-since"]).output
    assert "is not known. Without it" in told, told


def test_the_list_shows_them_and_the_latest_is_not_an_older_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOYER_DATA", str(tmp_path))
    monkeypatch.setenv("FOYER_DATABASE", f"sqlite:///{tmp_path}/foyer.db")
    monkeypatch.setenv("FOYER_CLOCK_START", TUESDAY.isoformat())
    bare = put(folder, 16, TUESDAY - timedelta(minutes=10))
    shelf.label_of(bare).unlink()
    told = CliRunner().invoke(app, ["backup", "list"]).output
    assert f"no label  {bare.name}" in told
    assert "delete by hand" in told
    latest = CliRunner().invoke(app, ["restore", "--latest", "--key", "k"])
    assert f"{bare} is newer" in f"{latest.output}{latest.exception}"
