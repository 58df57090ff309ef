"""Laying a hand-off down where a team fetches it, so that a half one is never seen and none is laid down twice.

The steps are the same for a folder and for SFTP, so they stand here once, over what either can do (`Shelf`). Files come first, each written
under another name and renamed; the note, which is what the other side watches for, comes last and by one rename. Before that rename a mark is
left in `.foyer/`. Whoever tries again after a crash reads from it how far the first try got: without a mark nothing was seen yet, so it starts anew;
with a mark and the note still beside it, only the rename is missing; with a mark and no note, it was laid down, and has perhaps been fetched already.

The mark stays until the note has been fetched. A note that is gone together with its mark was not fetched: the folder is another one, or
empty, such as a mount that got lost. Nothing is taken for accepted then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Protocol

from server.domain.hand_off import Bundle

OWN = ".foyer"


class Pick(StrEnum):
    WAITING = "waiting"
    TAKEN = "taken"
    LOST = "lost"
    """Neither the note nor our mark is there."""


class Shelf(Protocol):
    """A folder somewhere. Names are relative to it. Each raises OSError or the library's own error."""

    async def make(self, name: str) -> None: ...
    async def write(self, name: str, body: bytes) -> None:
        """Whole and, where that can be had, safe from a power cut."""

    async def rename(self, old: str, new: str) -> None: ...
    async def read(self, name: str) -> bytes: ...
    async def exists(self, name: str) -> bool: ...
    async def remove(self, name: str) -> None: ...


async def lay_down(shelf: Shelf, bundle: Bundle) -> None:
    """Safe to repeat with the same bundle at any point."""
    mark, beside = f"{OWN}/{bundle.id}.laid", f"{OWN}/{bundle.id}.note"
    if await shelf.exists(mark):
        if await shelf.exists(beside):
            await shelf.rename(beside, bundle.note_name)
        return
    await shelf.make(OWN)
    for number, (name, _, body) in enumerate(bundle.files):
        part = f"{OWN}/{bundle.id}.{number}.part"
        await shelf.write(part, body)
        await shelf.rename(part, name)
    await shelf.write(f"{beside}.part", write_note(bundle))
    await shelf.rename(f"{beside}.part", beside)
    await shelf.write(mark, b"")
    await shelf.rename(beside, bundle.note_name)


async def look_for(shelf: Shelf, notes: Mapping[str, str]) -> dict[str, Pick]:
    """What became of each that was laid down, by hand-off; `notes`: its note's name. A fetched one's mark is left: `clear` takes it away when
    it is known for good."""
    return {hand_off: await _look_for(shelf, hand_off, note) for hand_off, note in notes.items()}


async def _look_for(shelf: Shelf, hand_off: str, note: str) -> Pick:
    if await shelf.exists(note):
        return Pick.WAITING
    return Pick.TAKEN if await shelf.exists(f"{OWN}/{hand_off}.laid") else Pick.LOST


async def take_back(shelf: Shelf, hand_off: str, note: str) -> Pick:
    """Take it away again, the note first and by one rename, so nobody fetches half of it. `TAKEN`: it had been fetched; `LOST`: nothing is there."""
    beside = f"{OWN}/{hand_off}.back"
    if not await shelf.exists(beside):
        if not await shelf.exists(note):
            return await _look_for(shelf, hand_off, note)
        await shelf.rename(note, beside)
    for each in json.loads(await shelf.read(beside))["files"]:
        if await shelf.exists(each["name"]):
            await shelf.remove(each["name"])
    await shelf.remove(beside)
    await clear(shelf, [hand_off])
    return Pick.WAITING


async def clear(shelf: Shelf, hand_offs: Iterable[str]) -> None:
    for hand_off in hand_offs:
        mark = f"{OWN}/{hand_off}.laid"
        if await shelf.exists(mark):
            await shelf.remove(mark)


def write_note(bundle: Bundle) -> bytes:
    return json.dumps(bundle.note, ensure_ascii=False, indent=2).encode() + b"\n"
