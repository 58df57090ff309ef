"""Whether backups would be lost together with what they were made of, as the settings, the disks and the folder tell."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from server.backups import copied
from server.backups.copied import Copied
from server.clock import to_micros
from server.doctor import shelves
from server.doctor.ground import Ground
from server.doctor.shelves import disks_of
from server.doctor.table import CHECKS
from server.domain.access import SYSTEM
from server.domain.troubles import Level
from server.jobs.looking_after import look
from server.live.turns import HELD_SECONDS, Turns
from server.settings import Settings
from server.store import leases
from tests.support.house import running_house

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
REMOTE = "postgresql://foyer@db.test/foyer"


def told(folder: Path, **settings: Any) -> dict[str, Level]:
    wanted: dict[str, Any] = {
        "data": folder,
        "database": f"sqlite:///{folder}/foyer.db",
        "backup_keys": "age1somebody",
        **settings,
    }
    return {each.subject: each.level for each in shelves.shelves(Ground(Settings(**wanted), NOW))}


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, Level.WORTH_KNOWING),
        ({"database": "postgresql:///foyer"}, Level.WORTH_KNOWING),
        ({"database": REMOTE}, Level.FINE),
        ({"backup_folder": Path("/proc/there")}, Level.FINE),
        ({"backup_copied_by": "The council's own copying, each night."}, Level.FINE),
        ({"demo": True}, Level.FINE),
        ({"backup_keys": ""}, Level.FINE),
        ({"database": REMOTE, "backup_sftp": "sftp://foyer@other.test/b"}, Level.UNKNOWN),
        ({"backup_sftp": "sftp://foyer@[::1"}, Level.UNKNOWN),
    ],
)
def test_backups_on_the_databases_own_disk_are_told(
    tmp_path: Path, settings: dict[str, Any], level: Level
) -> None:
    assert told(tmp_path, **settings)[shelves.APART] is level


def test_an_old_copy_elsewhere_is_told_whatever_lies_here(tmp_path: Path) -> None:
    place = {"backup_sftp": "sftp://foyer@other.test/b", "backup_copied_by": "Said, and not so any more."}
    (tmp_path / "backups").mkdir()
    for days, level in ((0.1, Level.FINE), (3.0, Level.WORTH_KNOWING)):
        last = Copied("other.test", to_micros(NOW - timedelta(days=days)))
        copied.note(tmp_path / "backups", last)
        assert copied.read(tmp_path / "backups") == last
        assert told(tmp_path, **place)[shelves.APART] is level


def test_files_without_a_label_are_told_once_they_are_too_old(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "foyer-20261120T100000Z-0a0b0c0d.age").write_bytes(b"young")
    assert told(tmp_path)[shelves.WITHOUT] is Level.FINE
    (folder / "foyer-20261001T100000Z-0a0b0c0e.age").write_bytes(b"old")
    assert told(tmp_path)[shelves.WITHOUT] is Level.WORTH_KNOWING
    assert told(tmp_path, backup_days=90)[shelves.WITHOUT] is Level.FINE


def test_a_volume_is_as_many_disks_as_it_lies_on(tmp_path: Path) -> None:
    """As in /sys: a sealed volume on one partition of each of two disks."""
    for disk in ("sda", "sdb"):
        (tmp_path / disk / f"{disk}1").mkdir(parents=True)
        (tmp_path / disk / f"{disk}1" / "partition").touch()
        (tmp_path / disk / "slaves").mkdir()
    (tmp_path / "dm-0" / "slaves").mkdir(parents=True)
    for disk in ("sda", "sdb"):
        (tmp_path / "dm-0" / "slaves" / f"{disk}1").symlink_to(tmp_path / disk / f"{disk}1")
    assert shelves._whole(tmp_path / "dm-0") == {"sda", "sdb"}
    assert shelves._whole(tmp_path / "sdb" / "sdb1") == {"sdb"}
    assert disks_of(tmp_path) == disks_of(tmp_path / "not" / "there")
    assert not disks_of(tmp_path) & disks_of(Path("/proc"))


async def test_the_server_that_makes_the_backups_judges_where_they_lie(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Each machine may have a folder of its own: another's note of copies, from before, says nothing."""
    (tmp_path / "backups").mkdir()
    copied.note(tmp_path / "backups", Copied("other.test", to_micros(NOW - timedelta(days=8))))
    away: dict[str, Any] = {"backup_keys": "age1somebody", "backup_sftp": "sftp://foyer@other.test/b"}
    done = {check.name: time.monotonic() for check in CHECKS if check.name != "shelves of backups"}
    async with running_house(sqlite_url, at=NOW, data=tmp_path, **away) as there:
        house, seconds = there.house, [1000.0]
        house.turns = Turns(
            house.process.id, alone=False, change=partial(house.change, SYSTEM), seconds=lambda: seconds[0]
        )
        theirs = partial(leases.take, works=frozenset({"backups"}), process="another", micros=10**9)
        await house.change(SYSTEM, "take_turns", theirs)
        assert await look(house, dict(done)) == []
        assert house.turns.held() == ["doctor"]
        await house.change(SYSTEM, "gone", partial(leases.give_back, process="another"))
        theirs = partial(leases.take, works=frozenset({"doctor"}), process="another", micros=10**9)
        await house.change(SYSTEM, "gone", partial(leases.give_back, process=house.process.id))
        await house.change(SYSTEM, "take_turns", theirs)
        seconds[0] += HELD_SECONDS
        found = {each.subject: each.level for each in await look(house, dict(done))}
        assert found[shelves.APART] is Level.WORTH_KNOWING
        assert house.turns.held() == ["backups"]
