"""Laid down once, whole, and known to be fetched: a folder in which every single step may be the last before the power goes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import pytest

from server.connectors import dropping, folder
from server.connectors.dropping import OWN, Pick
from server.connectors.folder import Folder
from server.domain.hand_off import Bundle, Laid, Later, Never, folder_parts

FILES = [
    ("BCDF3467-papers.pdf", "application/pdf", b"%PDF" * 1000),
    ("BCDF3467-photo-1.jpg", "image/jpeg", b"jpg"),
]
TOLD = {"reference": "BCDF-3467", "files": [{"name": name} for name, _, _ in FILES]}
BUNDLE = Bundle("a" * 32, "BCDF3467", TOLD, FILES)
NOTE = {BUNDLE.id: BUNDLE.note_name}


class Dies(Exception):
    pass


class Mortal(Folder):
    """Dies before its step number `lives`; a write that dies leaves half of it."""

    def __init__(self, where: Path, lives: int) -> None:
        super().__init__(where)
        self.where, self.lives = where, lives

    async def _step(self) -> None:
        if self.lives == 0:
            raise Dies
        self.lives -= 1

    async def make(self, name: str) -> None:
        await self._step()
        await super().make(name)

    async def write(self, name: str, body: bytes) -> None:
        if self.lives == 0:
            (self.where / name).write_bytes(body[: len(body) // 2])
        await self._step()
        await super().write(name, body)

    async def rename(self, old: str, new: str) -> None:
        await self._step()
        await super().rename(old, new)


def seen(where: Path) -> set[str]:
    return {each.name for each in where.iterdir() if each.name != OWN}


def fetch(where: Path) -> bool:
    """What the other side does: a note is there, so everything it names must be, whole. It takes all away."""
    note = where / BUNDLE.note_name
    if not note.exists():
        return False
    assert json.loads(note.read_bytes()) == BUNDLE.note
    for name, _, body in FILES:
        assert (where / name).read_bytes() == body
        (where / name).unlink()
    note.unlink()
    return True


@pytest.mark.parametrize("fetched_between", [False, True])
async def test_whatever_step_is_the_last_it_is_laid_down_once_and_whole(
    tmp_path: Path, fetched_between: bool
) -> None:
    died = 0
    for lives in range(20):
        where = tmp_path / str(lives)
        where.mkdir()
        fetched = 0
        try:
            await dropping.lay_down(Mortal(where, lives), BUNDLE)
        except Dies:
            died += 1
        if fetched_between:
            fetched += fetch(where)
        await dropping.lay_down(Folder(where), BUNDLE)
        await dropping.lay_down(Folder(where), BUNDLE)
        fetched += fetch(where)
        assert fetched == 1, lives
        assert not seen(where)
        assert await dropping.look_for(Folder(where), NOTE) == {BUNDLE.id: Pick.TAKEN}
        await dropping.clear(Folder(where), [BUNDLE.id])
        assert list((where / OWN).iterdir()) == []
    assert died > 8  # every step was tried


async def test_whatever_step_was_the_last_nothing_is_left_when_it_is_taken_back(tmp_path: Path) -> None:
    for lives in range(20):
        where = tmp_path / str(lives)
        where.mkdir()
        with contextlib.suppress(Dies):
            await dropping.lay_down(Mortal(where, lives), BUNDLE)
        found = await dropping.take_back(Folder(where), BUNDLE.id, BUNDLE.note_name)
        assert found is (Pick.WAITING if lives > 2 else Pick.LOST), lives
        assert not seen(where)
        assert not lives or not list((where / OWN).iterdir()), lives
    assert await dropping.take_back(Folder(where), BUNDLE.id, BUNDLE.note_name) is Pick.LOST


@pytest.mark.parametrize("marked", [True, False])
async def test_what_stands_in_a_note_of_theirs_removes_nothing_else(tmp_path: Path, marked: bool) -> None:
    where, other = tmp_path / "housing", tmp_path / "other.pdf"
    where.mkdir()
    for each in (other, where / "theirs.pdf"):
        each.write_bytes(b"not ours")
    await dropping.lay_down(Folder(where), BUNDLE)
    told = {
        "files": [{"name": "../other.pdf"}, {"name": "theirs.pdf"}, {"name": "BCDF3467-/../../other.pdf"}, 7]
    }
    for text in (json.dumps({"files": told["files"][:3]}), json.dumps(told), "no JSON"):
        (where / BUNDLE.note_name).write_text(text)
        if not marked:
            (where / OWN / f"{BUNDLE.id}.laid").write_bytes(b"")
        assert await dropping.take_back(Folder(where), BUNDLE.id, BUNDLE.note_name) is Pick.WAITING
        assert other.exists()
        assert (where / "theirs.pdf").exists()
    assert marked is (not (where / FILES[0][0]).exists())


async def test_a_folder_that_is_another_one_is_not_a_team_that_fetched(tmp_path: Path) -> None:
    shelf = Folder(tmp_path)
    await dropping.lay_down(shelf, BUNDLE)
    assert await dropping.look_for(shelf, NOTE) == {BUNDLE.id: Pick.WAITING}
    empty = tmp_path / "empty"
    empty.mkdir()
    shelf = Folder(empty)
    assert await dropping.look_for(shelf, NOTE) == {BUNDLE.id: Pick.LOST}


async def test_a_team_s_folder_is_made_and_never_leads_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    assert await folder.hand_over(root, "housing/incoming", BUNDLE) == Laid()
    assert fetch(root / "housing" / "incoming")
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "trap").symlink_to(outside)
    for address in ("trap", "trap/in"):
        result = await folder.hand_over(root, address, BUNDLE)
        assert isinstance(result, Never)
        assert "leads out" in result.why
    for address in ("../outside", "/etc", "a//b", ".hidden", "a/..", "a\0b", "", "a\\b", "a "):
        assert isinstance(folder_parts(address), str), address
        assert isinstance(await folder.hand_over(root, address, BUNDLE), Never)
    (root / "linked").mkdir()
    (root / "linked" / OWN).symlink_to(outside)
    linked = await folder.hand_over(root, "linked", BUNDLE)
    assert isinstance(linked, Later)
    assert "There is a link" in linked.why
    assert not [each for each in outside.rglob("*") if each.is_file()]


async def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    unset = await folder.hand_over(None, "housing", BUNDLE)
    assert isinstance(unset, Later)
    assert "FOYER_HANDOFF_FOLDER" in unset.why
    missing = await folder.hand_over(tmp_path / "not mounted", "housing", BUNDLE)
    assert missing == Later("The folder for hand-offs is not there. See whether it is mounted.")
    assert not (tmp_path / "not mounted").exists()
    (tmp_path / "file").write_bytes(b"")
    blocked = await folder.hand_over(tmp_path, "file", BUNDLE)
    assert isinstance(blocked, Later)


class Full(Folder):
    """Its files are /dev/full: the system itself says that there is no room."""

    async def write(self, name: str, body: bytes) -> None:
        await asyncio.to_thread(Path("/dev/full").write_bytes, body)


async def test_a_full_disk_shows_nothing_and_is_said(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011 - which one is what is looked at
        await dropping.lay_down(Full(tmp_path), BUNDLE)
    assert folder.say(caught.value) == "The folder for hand-offs is full. Make room there."
    assert seen(tmp_path) == set()


async def test_a_disk_that_fills_up_keeps_no_parts(tmp_path: Path) -> None:
    class Filling(Folder):
        async def write(self, name: str, body: bytes) -> None:
            if name.endswith(".1.part"):
                await asyncio.to_thread(Path("/dev/full").write_bytes, body)
            await super().write(name, body)

    with pytest.raises(OSError, match="No space"):
        await dropping.lay_down(Filling(tmp_path), BUNDLE)
    assert [each.name for each in (tmp_path / OWN).iterdir()] == [f"{BUNDLE.id}.note"]
    assert seen(tmp_path) == set()
