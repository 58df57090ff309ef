"""The folder with the backups: `foyer-<moment in UTC>-<id>.age`, and beside each its label (`.json`), which holds no secret.

A file is there under its name only when it is whole, on the disk, and was looked at: until then it has another name, and what is left of one that was cut
off is swept away. A name tells when and which, and of nobody who.

A file whose label is gone may be another house's that somebody brought here, so it goes by itself only where the house's rows know it (`let_go_without_label`);
until a person has looked, whatever else there is stays, and is told (`server.doctor.shelves`).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.backups.manifest import Label, read_label
from server.backups.sealed import digest_of
from server.clock import from_micros
from server.domain.keeping_backups import Keep, Kept, in_order, to_keep

NAME = re.compile(r"foyer-\d{8}T\d{6}Z-[0-9a-f]{8}\.age")
BESIDE = re.compile(r"foyer-(?:\d{8}T\d{6}Z|since)-([0-9a-f]{8})\.(?:json|age)")
"""Whatever we put there; the number is the backup's."""
UNFINISHED = ".part"
DAMAGED = "It is not what it was when it was made."


def name_of(id_: str, made_at: int) -> str:
    return f"foyer-{from_micros(made_at):%Y%m%dT%H%M%SZ}-{id_[:8]}.age"


def moment_of(name: str) -> datetime:
    """When one of this name was made."""
    return datetime.strptime(name.split("-")[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def label_of(file: Path) -> Path:
    return file.with_suffix(".json")


def backups(folder: Path) -> list[tuple[Path, Label]]:
    """Those that are whole, the newest first."""
    found = []
    for file in folder.glob("foyer-*.age") if folder.is_dir() else ():
        label = None
        with contextlib.suppress(FileNotFoundError):  # as well where another process lets go of it just now
            label = read_label(label_of(file).read_bytes()) if NAME.fullmatch(file.name) else None
        if label is not None:
            found.append((file, label))
    return sorted(found, key=lambda each: each[1].made_at, reverse=True)


def without_label(folder: Path) -> dict[Path, datetime]:
    """Files with a backup's name beside which lies no label, or none that can be read; and when they were made, by their names."""
    found = {}
    for file in folder.glob("foyer-*.age") if folder.is_dir() else ():
        if not NAME.fullmatch(file.name):
            continue
        with contextlib.suppress(FileNotFoundError, ValueError):  # a name that is no moment is not ours
            moment = moment_of(file.name)
            if not _has_label(file) and file.stat().st_size:
                found[file] = moment
    return found


def _has_label(file: Path) -> bool:
    try:
        return read_label(label_of(file).read_bytes()) is not None
    except FileNotFoundError:
        return False


def newest(folder: Path, now: datetime) -> tuple[Path, Label] | None:
    """Of those that are not from after now, if there is one."""
    there = dict(backups(folder))
    order = in_order({file: from_micros(label.made_at) for file, label in there.items()}, now)
    return (order[0], there[order[0]]) if order else None


def put(folder: Path, unfinished: Path, label: Label) -> Path:
    """It is a backup now."""
    file = folder / name_of(label.id, label.made_at)
    write_whole(label_of(file), label.encode())
    unfinished.rename(file)
    sync_folder(folder)
    return file


def write_whole(file: Path, text: bytes) -> None:
    """So that it is there wholly or not at all."""
    part = file.with_name(file.name + UNFINISHED)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.rename(file)


def sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sweep(folder: Path) -> None:
    """What one that was cut off has left. Not while another is being made."""
    for part in folder.glob(f"foyer-*{UNFINISHED}"):
        part.unlink(missing_ok=True)


def rotate(folder: Path, now: datetime, keep: Keep) -> list[str]:
    """Let go of those whose time is over; the ids of these."""
    there = dict(backups(folder))
    stays = to_keep({file: kept(label) for file, label in there.items()}, now, keep)
    gone = [file for file in there if file not in stays]
    for file in gone:
        for each in beside(folder, there[file].id):  # first: nobody would find it again
            each.unlink(missing_ok=True)
        file.unlink(missing_ok=True)
        label_of(file).unlink(missing_ok=True)
    _let_go_of_what_lay_beside(folder, now - timedelta(days=keep.most_days))
    return [there[file].id for file in gone]


def _let_go_of_what_lay_beside(folder: Path, before: datetime) -> None:
    """A backup that is gone: whoever deletes one by hand thinks of the one file."""
    numbers = {file.name[-12:-4] for file in folder.glob("foyer-*.age") if NAME.fullmatch(file.name)}
    for each in folder.glob("foyer-*") if folder.is_dir() else ():
        ours = BESIDE.fullmatch(each.name)
        if ours is not None and ours[1] not in numbers:
            with contextlib.suppress(FileNotFoundError):
                if each.stat().st_mtime < before.timestamp():
                    each.unlink()


def let_go_without_label(folder: Path, now: datetime, keep: Keep, ours: Mapping[str, int]) -> list[str]:
    """Of those without a label the ones that are surely this house's, whose time is over; their names. `ours`: each that its rows tell of, and its size.
    They take no other's place."""
    there = {file: kept(label) for file, label in backups(folder)}
    without = {file: Kept(at, good=False) for file, at in without_label(folder).items()}
    stays = to_keep(there | without, now, keep)
    gone = [
        file
        for file in without
        if file not in stays and file.exists() and ours.get(file.name) == file.stat().st_size
    ]
    for file in gone:
        for each in beside(folder, file.name[-12:-4]):
            each.unlink(missing_ok=True)
        file.unlink(missing_ok=True)
        label_of(file).unlink(missing_ok=True)
    return sorted(file.name for file in gone)


def kept(label: Label) -> Kept:
    return Kept(from_micros(label.made_at), good=label.checked_at is not None)


def beside(folder: Path, id_: str) -> Iterator[Path]:
    """What was taken away since (`server.backups.since`)."""
    yield from folder.glob(f"foyer-since-{id_[:8]}.age")


def is_whole(file: Path, label: Label) -> bool:
    """Whether it is on the disk as it was made. Raises OSError when that cannot be seen: a share that is away has damaged nothing."""
    return file.stat().st_size == label.size and digest_of(file) == label.digest


def note_damage(file: Path, label: Label) -> Label:
    """It takes no good one's place from now on (`server.domain.keeping_backups`)."""
    noted = replace(label, checked_at=None, say=DAMAGED)
    write_whole(label_of(file), noted.encode())
    return noted
