"""Laying a hand-off down where a team fetches it, so that a half one is never seen and none is laid down twice.

The steps are the same for a folder and for SFTP, so they stand here once, over what either can do (`Shelf`). Files come first, each written
under another name and renamed; the note, which is what the other side watches for, comes last and by one rename. Before that rename a mark is
left in `.foyer/`. Whoever tries again after a crash reads from it how far the first try got: without a mark nothing was seen yet, so it starts anew;
with a mark and the note still beside it, only the rename is missing; with a mark and no note, it was laid down, and has perhaps been fetched already.
The note is written beside before any file is shown, and the mark names the files: so what was half laid down can be taken away too, and what
stands in a note that the other side can write to decides nothing about what is removed.

The mark stays until the note has been fetched. A note that is gone together with its mark was not fetched: the folder is another one, or
empty, such as a mount that got lost. Nothing is taken for accepted then.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Protocol

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
    await shelf.write(f"{beside}.part", write_note(bundle))
    await shelf.rename(f"{beside}.part", beside)
    parts = [_part(bundle.id, number) for number in range(len(bundle.files))]
    try:
        for part, (_, _, body) in zip(parts, bundle.files, strict=True):
            await shelf.write(part, body)
    except Exception:
        for part in parts:  # on a full disk they are in the way of everybody
            with contextlib.suppress(Exception):
                await _remove(shelf, part)
        raise
    for part, (name, _, _) in zip(parts, bundle.files, strict=True):
        await shelf.rename(part, name)
    names = [name for name, _, _ in bundle.files]
    await shelf.write(f"{mark}.part", json.dumps({"files": [{"name": name} for name in names]}).encode())
    await shelf.rename(f"{mark}.part", mark)
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
    """Take it away again, the note first and by one rename, so nobody fetches half of it; also what an attempt that died left half laid down. `TAKEN`:
    it had been fetched; `LOST`: nothing is there."""
    back, beside, mark = (f"{OWN}/{hand_off}.{end}" for end in ("back", "note", "laid"))
    for torn in (f"{beside}.part", f"{mark}.part"):
        await _remove(shelf, torn)
    if not await shelf.exists(back):
        for shown in (note, beside):
            if await shelf.exists(shown):
                await shelf.rename(shown, back)
                break
        else:
            return await _look_for(shelf, hand_off, note)
    names = await _names(shelf, mark, note) or await _names(shelf, back, note)
    for number, name in enumerate(names):
        await _remove(shelf, name)
        await _remove(shelf, _part(hand_off, number))
    await shelf.remove(back)
    await clear(shelf, [hand_off])
    return Pick.WAITING


async def _names(shelf: Shelf, list_: str, note: str) -> list[str]:
    """The files that `list_` names, of those only that can be this hand-off's: whoever has the folder can write into what lies there."""
    if not await shelf.exists(list_):
        return []
    try:
        told: Any = json.loads(await shelf.read(list_))
        names = [each["name"] for each in told["files"]]
    except (ValueError, TypeError, KeyError):
        return []
    ours = f"{note.removesuffix('.json')}-"
    return [each for each in names if isinstance(each, str) and each.startswith(ours) and "/" not in each]


async def clear(shelf: Shelf, hand_offs: Iterable[str]) -> None:
    for hand_off in hand_offs:
        await _remove(shelf, f"{OWN}/{hand_off}.laid")


async def _remove(shelf: Shelf, name: str) -> None:
    if await shelf.exists(name):
        await shelf.remove(name)


def _part(hand_off: str, number: int) -> str:
    return f"{OWN}/{hand_off}.{number}.part"


def write_note(bundle: Bundle) -> bytes:
    return json.dumps(bundle.note, ensure_ascii=False, indent=2).encode() + b"\n"
