"""Where backups lie: on the database's own disk and nowhere else, too old elsewhere, and files of which nobody knows whose they are.

A backup that burns with what it was made of is none. The house cannot see what others do with its folder (a council's own copying of machines, say), so whoever
knows says it in a setting, in words that the next administrator reads; until then, and where nothing tells, it is worth knowing and no more.
Of several servers the one that makes the backups judges this, for each machine may have a folder of its own.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from server.backups import copied, plan, shelf
from server.clock import from_micros
from server.doctor.ground import Ground
from server.domain.backup_state import GRAVE_AFTER, LATE, ago
from server.domain.keeping_backups import is_ahead
from server.domain.troubles import Verdict, fine, not_looked_at, worth_knowing
from server.settings import Settings

APART, WITHOUT = "backups elsewhere", "backups without a label"
_HERE = frozenset({"", "localhost", "127.0.0.1", "::1"})
_POSTGRESQL = Path("/var/lib/postgresql")


def shelves(ground: Ground) -> list[Verdict]:
    settings = ground.settings
    if settings.demo or not settings.backup_keys:
        said = "A rehearsal's: nothing in them is real." if settings.demo else "None are made."
        return [fine(APART, said), fine(WITHOUT, said)]
    folder, now = plan.folder_of(settings), from_micros(ground.micros)
    most = timedelta(days=settings.backup_days)
    try:
        without = shelf.without_label(folder)
        old = [file.name for file, at in without.items() if now - at > most or is_ahead(at, now)]
        return [_apart(ground, folder, now), left_over(folder, old, most)]
    except PermissionError:
        return [not_looked_at(APART, f"{folder} cannot be looked at by this user.")]


def left_over(folder: Path, names: Collection[str], most: timedelta) -> Verdict:
    if not names:
        return fine(WITHOUT, "None is older than a backup may be.")
    several = len(names) > 1
    return worth_knowing(
        WITHOUT,
        f"{len(names)} file{'s' if several else ''} in {folder} {'are called as backups are and have' if several else 'is called as a backup is and has'} no label, such as"
        f" {min(names)}. Foyer does not know whose {'they are' if several else 'it is'} and lets go of none, though no backup may be kept for more than {most.days} days.",
        "See 'foyer backup list'. Move elsewhere what is another house's, and delete the others.",
    )


# Elsewhere ------------------------------------------------------------------------------------------------------------


def _apart(ground: Ground, folder: Path, now: datetime) -> Verdict:
    settings = ground.settings
    if settings.backup_sftp:
        there = shelf.backups(folder)
        oldest = min((label.made_at for _, label in there), default=None)
        late = max(GRAVE_AFTER, LATE * timedelta(minutes=settings.backup_every))
        return copies_stand(
            plan.copies_host(settings),
            copied.read(folder),
            None if oldest is None else from_micros(oldest),
            now,
            late,
        )
    if settings.backup_copied_by:
        return fine(APART, f"FOYER_BACKUP_COPIED_BY says: {settings.backup_copied_by}")
    host = ground.url.host or ""
    if not ground.is_sqlite and host not in _HERE and not host.startswith("/"):
        return fine(APART, f"The database is on another machine ({host}) than the backups.")
    return disks_stand(disks_of(folder), frozenset().union(*map(disks_of, _database(ground, settings))))


def _database(ground: Ground, settings: Settings) -> list[Path]:
    """PostgreSQL tells only its own administrator where it has its files: this is where Debian puts them."""
    if ground.sqlite_file is not None:
        return [ground.sqlite_file]
    return [settings.data, *([_POSTGRESQL] if _POSTGRESQL.is_dir() else [])]


def copies_stand(
    host: str, last: copied.Copied | None, oldest: datetime | None, now: datetime, late: timedelta
) -> Verdict:
    """`oldest`: of the backups that are here, of which there could long be a copy."""
    act = "'foyer doctor' and The house say what keeps copies from arriving (backup copies); docs/backups.md says how the other machine is set up."
    if last is not None and last.host == host:
        age = now - from_micros(last.made_at)
        if age > late:
            return worth_knowing(
                APART, f"The newest copy at {host} is of a backup that is {ago(age)} old.", act
            )
        return fine(APART, f"The newest copy at {host} is of a backup that is {ago(age)} old.")
    if oldest is not None and now - oldest > late:
        return worth_knowing(APART, f"No copy of a backup is known to have come to {host}.", act)
    return not_looked_at(APART, "The first copy is brought soon.")


def disks_stand(backups: frozenset[str], database: frozenset[str]) -> Verdict:
    if backups & database:
        return worth_knowing(
            APART,
            "Backups lie on the same disk as the database, and as far as the house knows nowhere else. A fire, a thief or a disk that fails takes both.",
            "Name another machine in FOYER_BACKUP_SFTP, or another disk or a share in FOYER_BACKUP_FOLDER. If somebody else copies them away from here, say who and how in"
            " FOYER_BACKUP_COPIED_BY (docs/backups.md).",
        )
    return fine(APART, "They lie on another disk than the database.")


def disks_of(path: Path) -> frozenset[str]:
    """The whole disks under a place that may not be there yet, by the kernel's names: two partitions of one disk fail together."""
    there = next(each for each in (path.absolute(), *path.absolute().parents) if each.exists())
    number = there.stat().st_dev
    block = _block(number)
    if not block.exists():  # btrfs, shares, containers
        source = _mounted_from(there.resolve())
        if not Path(source).is_block_device():
            return frozenset({source if ":" in source or source.startswith("//") else f"device {number}"})
        block = _block(Path(source).stat().st_rdev)
    return _whole(block.resolve())


def _block(number: int) -> Path:
    return Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}")


def _whole(block: Path) -> frozenset[str]:
    """What a volume, an array or a sealed disk is made of is looked up down to the disks."""
    if (block / "partition").exists():
        block = block.parent
    under = sorted((block / "slaves").iterdir()) if (block / "slaves").is_dir() else []
    return (
        frozenset().union(*(_whole(each.resolve()) for each in under)) if under else frozenset({block.name})
    )


def _mounted_from(path: Path) -> str:
    """What the file system at a place was mounted from, as the kernel tells; empty when it does not."""
    found = ("", "")
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = before.split()[4].replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= len(found[0]):
            found = point, after.split()[1]
    return found[1]
