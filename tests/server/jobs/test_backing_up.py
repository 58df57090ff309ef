"""Backups by themselves: when one is due, copied to another machine, found damaged, failing and late."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh
import pyrage
import pytest
from pyrage import x25519
from sqlalchemy import text
from typer.testing import CliRunner

from server.actions import backup_runs
from server.actions.backup_runs import Told
from server.actions.paper_keys import key_file
from server.backups import away, copied, key_files, shelf, since
from server.backups.copied import Copied
from server.backups.unusable import BackupUnusable
from server.cli import app
from server.domain.access import SYSTEM
from server.domain.backup_state import verdict
from server.domain.troubles import Level
from server.edge import House
from server.jobs.backing_up import BackingUp
from server.papers.keyring import add_key
from server.store.database import open_database
from server.store.queries.backups import backup_state, last_runs
from server.store.queries.life import present_life
from server.store.sql import Sql
from tests.support.house import running_house
from tests.support.sftp_side import sftp_side


async def runs(house: House) -> list[tuple[Any, ...]]:
    return await house.look(
        lambda connection: [
            tuple(row)
            for row in connection.execute(
                text(
                    "SELECT state, checked_at IS NOT NULL, gone_at IS NOT NULL FROM backup_run ORDER BY began_at"
                )
            )
        ]
    )


async def troubles(house: House) -> list[str]:
    return await house.look(
        lambda connection: [
            row[0] for row in connection.execute(text("SELECT subject FROM trouble ORDER BY subject"))
        ]
    )


async def test_a_day_of_backups_here_and_on_another_machine(sqlite_url: str, tmp_path: Path) -> None:
    identity, ssh = x25519.Identity.generate(), asyncssh.generate_private_key("ssh-ed25519")
    key = tmp_path / "ssh.key"
    ssh.write_private_key(key)
    key.chmod(0o600)
    folder = tmp_path / "backups"
    async with sftp_side(tmp_path / "other", client=ssh) as other:
        settings: dict[str, Any] = {
            "data": tmp_path,
            "backup_keys": str(identity.to_public()),
            "backup_keep": "2 0 0 0",
            "backup_sftp": other.address,
            "backup_sftp_key": key,
            "backup_sftp_known_hosts": other.known_hosts,
        }
        async with running_house(sqlite_url, **settings) as there:
            job, house = BackingUp(there.house, gently=False), there.house
            await there.issue()
            await job.look()
            [(first, label)] = shelf.backups(folder)
            assert await runs(house) == [("checked", True, False)]
            assert {file.name for file in other.folder.iterdir()} == {
                first.name, shelf.label_of(first).name, since.file_of(folder, label.id).name,
            }  # fmt: skip
            assert (other.folder / first.name).read_bytes() == first.read_bytes()
            assert copied.read(folder) == Copied("127.0.0.1", label.made_at)
            there.clock.go(minutes=30)
            await job.look()
            assert len(await runs(house)) == 1, "the next is not due"

            for _ in range(2):
                there.clock.go(minutes=61)
                await job.look()
            assert [gone for _, _, gone in await runs(house)] == [True, False, False]
            assert not first.exists()
            here = {file.name for file, _ in shelf.backups(folder)}
            assert {
                file.name for file in other.folder.glob("*.age") if shelf.NAME.fullmatch(file.name)
            } == here
            assert await troubles(house) == ["copies of keys"]

            # A disk forgets; the other machine is gone.
            newest, label = shelf.backups(folder)[0]
            body = bytearray(newest.read_bytes())
            body[100] ^= 1
            newest.write_bytes(body)
            job._asked = {file.name: 1.0 for file, _ in shelf.backups(folder)} | {newest.name: 0.0}
            job._file_at = -1e9
            await job.look()
            assert await troubles(house) == ["backup files", "copies of keys"]
            fetched = await away.fetch(
                away.Away(other.address, key, other.known_hosts),
                _made(tmp_path / "fetched"),
                there.clock.now(),
                newest.name,
            )
            assert shelf.is_whole(fetched, label), "the copy is whole still"

    async with running_house(sqlite_url, seed=False, at=there.clock.now(), **settings) as there:
        job = BackingUp(there.house, gently=False)
        await job.look()
        assert "backup copies" in await troubles(there.house)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def test_one_that_fails_is_told_with_its_reason_and_tried_again(
    sqlite_url: str, tmp_path: Path
) -> None:
    blocked = tmp_path / "no-folder"
    blocked.write_bytes(b"")
    key = str(x25519.Identity.generate().to_public())
    async with running_house(sqlite_url, data=tmp_path, backup_folder=blocked, backup_keys=key) as there:
        job = BackingUp(there.house, gently=False)
        await job.look()
        await job.look()
        assert await runs(there.house) == [("failed", False, False)], "not again at once"
        there.clock.go(hours=3)
        state = await there.house.look(partial(backup_state, now=there.clock.micros()))
        told = verdict(state, there.clock.now(), timedelta(hours=1), keys=True, old=False)
        assert told.level is Level.WORTH_KNOWING
        assert "could not be written" in told.say
        blocked.unlink()
        job._failed_at = -1e9
        await job.look()
        assert [state for state, *_ in await runs(there.house)] == ["failed", "checked"]
        [last, _] = await there.house.look(last_runs)
        assert last[3] == "checked"
        state = await there.house.look(partial(backup_state, now=there.clock.micros()))
        assert verdict(state, there.clock.now(), timedelta(hours=1), keys=True, old=True).level is Level.FINE


async def test_one_made_while_the_clock_was_ahead_does_not_keep_the_next_from_being_made(
    sqlite_url: str, tmp_path: Path
) -> None:
    key = str(x25519.Identity.generate().to_public())
    async with running_house(sqlite_url, data=tmp_path, backup_keys=key) as there:
        ahead = there.clock.micros() + 400 * 24 * 3600 * 1_000_000
        told = Told("a" * 32, "foyer-ahead.age", ahead, ahead, 1, "", ahead, "")
        await there.house.change(SYSTEM, "ahead", partial(backup_runs.put, told=told))
        assert await BackingUp(there.house)._is_due()
        last = partial(backup_state, now=ahead)
        assert (await there.house.look(last)).last_made_at is not None


async def test_without_a_key_nothing_is_made(sqlite_url: str, tmp_path: Path) -> None:
    async with running_house(sqlite_url, data=tmp_path) as there:
        await BackingUp(there.house, gently=False).look()
        assert await runs(there.house) == []
        assert not (tmp_path / "backups").exists()


async def test_keys_that_are_in_no_backup_are_asked_for_until_they_were_copied(
    sqlite_url: str, tmp_path: Path
) -> None:
    identity = x25519.Identity.generate()
    async with running_house(sqlite_url, data=tmp_path, backup_keys=str(identity.to_public())) as there:
        file = key_file(there.house.settings)
        assert key_files.verdict([file], tmp_path).level is Level.WORTH_KNOWING
        sealed = tmp_path / "keys.age"
        assert key_files.copy([file], sealed, [str(identity.to_public())], tmp_path, there.clock.now()) == [
            "papers.key"
        ]
        assert file.read_bytes() in pyrage.decrypt(sealed.read_bytes(), [identity])
        assert key_files.verdict([file], tmp_path).level is Level.FINE
        add_key(file)
        assert "changed since" in key_files.verdict([file], tmp_path).say
        with pytest.raises(BackupUnusable, match="never written over"):
            key_files.copy([file], sealed, [str(identity.to_public())], tmp_path, there.clock.now())


async def test_a_machine_that_was_put_back_by_its_snapshot_begins_another_life(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_house(sqlite_url) as there:
        await there.issue()
        known = there.clock.micros()
    monkeypatch.setenv("FOYER_DATABASE", sqlite_url)
    monkeypatch.setenv("FOYER_DATA", str(tmp_path))
    told = CliRunner().invoke(app, ["backup", "adopt"])
    assert "say --yes" in told.output, told.output
    assert CliRunner().invoke(app, ["backup", "adopt", "--yes"]).exit_code == 0
    database = open_database(sqlite_url)
    with database.reading() as connection:
        life = present_life(Sql(connection))
    database.close()
    assert life is not None
    assert (life.number, life.known_until) == (2, known)
