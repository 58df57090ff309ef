"""Copies on another machine, a real SFTP server: cut short, changed, full, another machine, and the folder here emptied."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest

from server.backups import away, shelf
from server.backups.away import Away
from server.backups.manifest import Label
from server.backups.unusable import BackupUnusable
from server.clock import to_micros
from server.domain.keeping_backups import USUAL, Keep, Kept, to_keep
from tests.support.house import TUESDAY
from tests.support.sftp_side import SftpSide, sftp_side


@dataclass
class Here:
    folder: Path
    ssh: asyncssh.SSHKey
    key: Path

    def backup(self, number: int, hours: int) -> tuple[Path, Label]:
        """A file that is one as far as anybody sees who has no key, so many hours after the first."""
        body = hashlib.sha256(bytes([number])).digest() * 2000
        at = to_micros(TUESDAY + timedelta(hours=hours))
        label = Label(
            f"{number:08x}", at, at, len(body), hashlib.sha256(body).hexdigest(), "1", "6", "sqlite", at
        )
        file = self.folder / shelf.name_of(label.id, at)
        file.write_bytes(body)
        shelf.label_of(file).write_bytes(label.encode())
        (self.folder / f"foyer-since-{label.id}.age").write_bytes(b"since")
        return file, label

    def place(self, other: SftpSide) -> Away:
        return Away(other.address, self.key, other.known_hosts)

    async def bring(
        self, other: SftpSide, hours: int, keep: Keep = USUAL, changed: Collection[str] = ()
    ) -> away.Brought:
        """As the house does at that hour."""
        now = TUESDAY + timedelta(hours=hours)

        def stays(names: Collection[str]) -> frozenset[str]:
            return to_keep({name: Kept(shelf.moment_of(name)) for name in names}, now, keep)

        there = shelf.backups(self.folder)
        beside = [shelf.label_of(there[0][0]), *shelf.beside(self.folder, there[0][1].id)]
        return await away.bring(self.place(other), there, beside, stays, changed)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    folder, ssh, key = tmp_path / "here", asyncssh.generate_private_key("ssh-ed25519"), tmp_path / "ssh.key"
    folder.mkdir()
    ssh.write_private_key(key)
    return Here(folder, ssh, key)


@pytest.fixture
async def other(tmp_path: Path, here: Here) -> AsyncIterator[SftpSide]:
    async with sftp_side(tmp_path / "other", client=here.ssh) as side:
        yield side


async def test_one_that_was_cut_short_there_is_sent_anew_and_one_damaged_here_is_not_sent(
    here: Here, other: SftpSide
) -> None:
    (first, _), (second, _) = here.backup(1, 0), here.backup(2, 1)
    second.write_bytes(second.read_bytes()[:-1] + b"?")
    (other.folder / "theirs.txt").write_bytes(b"not ours")
    (other.folder / f"{first.name}.part").write_bytes(b"of a copy that was cut off")
    done = await here.bring(other, 1)
    assert (done.sent, done.anew, done.damaged) == ((first.name,), (), (second.name,))
    (other.folder / first.name).write_bytes(first.read_bytes()[:-5])
    done = await here.bring(other, 1)
    assert (done.sent, done.anew) == ((first.name,), (first.name,))
    assert (other.folder / first.name).read_bytes() == first.read_bytes()
    assert {each.name for each in other.folder.iterdir()} == {
        "theirs.txt", first.name, shelf.label_of(first).name, shelf.label_of(second).name, "foyer-since-00000002.age",
    }  # fmt: skip


async def test_a_folder_here_that_was_emptied_takes_no_copy_with_it(here: Here, other: SftpSide) -> None:
    """A disk that died and was replaced by an empty one: the copies are all there is."""
    old = [here.backup(number, number)[0] for number in range(3)]
    await here.bring(other, 3)
    for file in here.folder.iterdir():
        file.unlink()
    new, _ = here.backup(9, 4)
    await here.bring(other, 4)
    copies = {each.name for each in other.folder.glob("*.age") if shelf.NAME.fullmatch(each.name)}
    assert copies == {*(each.name for each in old), new.name}
    await here.bring(other, 5, Keep(2, 0, 0, 0, 35))
    left = {each.name for each in other.folder.glob("*.age")}
    assert left == {
        old[2].name, new.name, "foyer-since-00000002.age", "foyer-since-00000009.age",
    }, "what goes takes with it what lies beside it"  # fmt: skip


async def test_the_last_copy_goes_only_when_a_newer_has_come(here: Here, other: SftpSide) -> None:
    """The other machine was not reached for weeks; what it has is too old, and all it has."""
    old, _ = here.backup(1, 0)
    await here.bring(other, 0)
    old.unlink()
    weeks = 50 * 24
    for number in range(2, 12):
        here.backup(number, weeks - 24 * (12 - number))
    for file, _ in shelf.backups(here.folder):
        file.write_bytes(b"a disk that lies")
    await here.bring(other, weeks)
    assert (other.folder / old.name).exists(), "none came that could take its place"
    good, _ = here.backup(12, weeks)
    assert good.name in (await here.bring(other, weeks)).sent
    assert [each.name for each in other.folder.glob("foyer-2*.age")] == [good.name]


async def test_a_copy_that_was_changed_stays_until_it_was_sent_anew(here: Here, other: SftpSide) -> None:
    file, _ = here.backup(1, 0)
    await here.bring(other, 0)
    copy, sound = other.folder / file.name, file.read_bytes()
    file.write_bytes(sound[:-1] + b"?")  # and it is the one here that is not what its label says
    assert (await here.bring(other, 0, changed={file.name})).damaged == (file.name,)
    assert copy.read_bytes() == sound
    file.write_bytes(sound)
    copy.write_bytes(sound[:-1] + b"?")
    assert (await here.bring(other, 0)).sent == (), "as long as what was sent"
    assert (await here.bring(other, 0, changed={file.name})).anew == (file.name,)
    assert copy.read_bytes() == sound


async def test_the_newest_copy_is_fetched_whole_or_said_to_be_changed(
    here: Here, other: SftpSide, tmp_path: Path
) -> None:
    (old, _), (new, label) = here.backup(1, 0), here.backup(2, 1)
    await here.bring(other, 1)
    into, now = tmp_path / "into", TUESDAY + timedelta(hours=2)
    into.mkdir()
    assert (await away.fetch(here.place(other), into, now)).read_bytes() == new.read_bytes()
    assert (into / "foyer-since-00000002.age").exists()
    assert await away.is_whole(here.place(other), new.name, label)

    (other.folder / new.name).write_bytes(new.read_bytes()[:-1] + b"?")
    (into / new.name).unlink()
    assert not await away.is_whole(here.place(other), new.name, label)
    with pytest.raises(BackupUnusable, match=f"cut short or changed. Take another.*{old.name}"):
        await away.fetch(here.place(other), into, now)
    assert not list(into.glob(f"{new.name}*"))
    assert (await away.fetch(here.place(other), into, now, old.name)).read_bytes() == old.read_bytes()
    with pytest.raises(BackupUnusable, match="from after now"):
        await away.fetch(here.place(other), into, now - timedelta(days=3))


async def test_what_is_here_is_not_put_back_to_what_the_other_machine_knew(
    here: Here, other: SftpSide
) -> None:
    file, label = here.backup(1, 0)
    await here.bring(other, 0)
    since, now = here.folder / f"foyer-since-{label.id}.age", TUESDAY + timedelta(hours=1)
    since.write_bytes(b"a tablet was stolen since")
    shelf.note_damage(file, label)
    assert await away.fetch(here.place(other), here.folder, now) == file
    assert since.read_bytes() == b"a tablet was stolen since"
    assert shelf.backups(here.folder)[0][1].say == shelf.DAMAGED
    file.write_bytes(b"and so it is")
    await away.fetch(here.place(other), here.folder, now)
    assert shelf.backups(here.folder) == [(file, label)], "what was damaged here is not any more"
    assert since.read_bytes() == b"a tablet was stolen since"
    assert not list(here.folder.glob("*.part"))


async def test_a_full_disk_there_and_another_machine_in_its_place_are_said(
    here: Here, tmp_path: Path
) -> None:
    file, _ = here.backup(1, 0)
    async with sftp_side(tmp_path / "other", client=here.ssh, room=20_000) as full:
        with pytest.raises(BackupUnusable, match=r"disk is full\. Make room there"):
            await here.bring(full, 0)
        assert list(full.folder.iterdir()) == [], "half of one is not left to fill it"
    async with sftp_side(tmp_path / "other", client=here.ssh, port=full.port) as another:
        with pytest.raises(BackupUnusable, match="another host key than the one we know"):
            await here.bring(another, 0)
    with pytest.raises(BackupUnusable, match="See that it is on"):
        await here.bring(full, 0)
    assert file.exists()


async def test_that_no_other_machine_is_named_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable, match="No other machine is named"):
        await away.fetch(Away("", None, None), tmp_path, TUESDAY)


@pytest.mark.parametrize(
    "address",
    ["backup.test", "sftp://backup.test/x", "sftp://foyer@backup.test:2222x/x", "sftp://foyer@[::1"],
)
async def test_what_is_no_address_is_said_to_be_none(address: str, tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable, match="is no address"):
        await away.fetch(Away(address, None, None), tmp_path, TUESDAY)
