"""Makes one backup: copies, seals, reads back, compares, and only then calls it one.

It runs in a process of its own (`server.backups.child`), at the lowest priority: hashing ten million rows in a thread of the server's would keep the
interpreter from the queue a thousand times. The copy lies in the clear in the server's own folder for the time this takes, where only its user can look, as the
database itself does; the folder for backups, which may be another machine's, never sees any of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyrage import x25519

from server.backups import clearing, elsewhere, shelf, snapshot
from server.backups.gently import InSteps
from server.backups.manifest import Label, Manifest, Part
from server.backups.sealed import digest_of, recipients_of, seal, unseal
from server.backups.unusable import BackupUnusable

ROOM = 3
"""Times the database: the copy, what it is sealed to, and what comes out again."""
ROOM_BESIDE = 50 * 1024 * 1024


@dataclass(frozen=True)
class Plan:
    address: str
    """Of the database."""
    folder: Path
    """Where backups lie."""
    work: Path
    """The server's own folder, for the copy in the clear."""
    clips: Path
    """Recorded speech, which nobody can make again; the rest of what the server has is made anew."""
    keys: tuple[str, ...]
    """The public keys of those who may restore."""
    version: str


@dataclass(frozen=True)
class Made:
    file: Path
    label: Label
    rows: int
    seconds: dict[str, float]


def make(
    plan: Plan,
    micros: Callable[[], int],
    seconds: Callable[[], float],
    id_: str = "",
    *,
    patient: bool = False,
) -> Made:
    """Raises BackupUnusable; nothing is left then. `micros` is the house's clock, `seconds` a steady one. `patient`: where another is being made, wait for its end."""
    recipients = recipients_of(plan.keys)
    took: dict[str, float] = {}
    with _at_work(plan, patient=patient) as work, _measured(took, seconds) as lap:
        known_until = micros()  # first: what is acknowledged from now on may or may not be in it
        copied = snapshot.take(plan.address, _folder(work / "copy"))
        lap("copied")
        parts = (
            Part(copied.file.name, copied.file.stat().st_size, digest_of(copied.file)),
            *_clips(plan.clips, work / "copy"),
        )
        manifest = Manifest(
            id=id_ or secrets.token_hex(16),
            kind=copied.kind,
            version=plan.version,
            schema=copied.schema,
            life=copied.life,
            made_at=micros(),
            known_until=known_until,
            parts=parts,
            tables=copied.tables,
            audit=copied.audit,
        )
        once = x25519.Identity.generate()  # in this process's memory alone
        unfinished = plan.folder / (shelf.name_of(manifest.id, manifest.made_at) + shelf.UNFINISHED)
        try:
            digest, size = _write(manifest, work / "copy", [*recipients, once.to_public()], unfinished)
            shutil.rmtree(work / "copy")
            lap("sealed")
            said = _look_at(manifest, unfinished, digest, once, _folder(work / "back"), plan.address)
            lap("compared")
            checked_at = None if said else micros()
            label = Label(
                *(manifest.id, manifest.made_at, known_until, size, digest),
                *(manifest.version, manifest.schema, manifest.kind, checked_at, said),
                audit=manifest.audit,
            )
            file = shelf.put(plan.folder, unfinished, label)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    return Made(file, label, manifest.rows, took)


@contextmanager
def _measured(took: dict[str, float], seconds: Callable[[], float]) -> Iterator[Callable[[str], None]]:
    last = [seconds()]

    def lap(name: str) -> None:
        now = seconds()
        took[name], last[0] = round(now - last[0], 3), now

    yield lap


@contextmanager
def _at_work(plan: Plan, *, patient: bool) -> Iterator[Path]:
    """A folder for this run alone, with room, gone afterwards; what an earlier run that was killed has left is gone too."""
    try:
        plan.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        plan.work.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.ExitStack() as stack:
            for place in dict.fromkeys(
                (plan.work.resolve(), plan.folder.resolve())
            ):  # a lock holds against itself
                stack.enter_context(_alone(place, patient=patient))
            clearing.sweep([plan.work])
            shelf.sweep(plan.folder)
            elsewhere.sweep(plan.address)
            with clearing.in_the_clear(plan.work, clearing.BACKING_UP) as work:
                _see_to_room(plan, work)
                yield work
    except OSError as error:
        if isinstance(error, BackupUnusable):
            raise
        where = error.filename or plan.folder
        raise BackupUnusable(
            f"The backup could not be written ({error.strerror}: {where}). Make room there, or give it to the server's user."
        ) from None


@contextmanager
def _alone(folder: Path, *, patient: bool) -> Iterator[None]:
    """One run at a time, of the house's own and of those made by hand: each would throw away what the other has half done."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | (0 if patient else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(held)
        raise BackupUnusable(
            "Another backup is being made just now. Wait until it is there: 'foyer backup list' shows it then."
        ) from None
    except OSError:
        pass  # a share that knows no locks; the one on our own disk holds
    try:
        yield
    finally:
        os.close(held)


def _see_to_room(plan: Plan, work: Path) -> None:
    size = snapshot.size_of(plan.address) if plan.address else 0
    for place, wanted in ((work, ROOM * size), (plan.folder, size // 2)):
        free = shutil.disk_usage(place).free
        if free < wanted + ROOM_BESIDE:
            raise BackupUnusable(
                f"There is too little room for a backup: {free // 2**20} MiB are free at {place}, and {(wanted + ROOM_BESIDE) // 2**20} are needed."
                " Make room, or name another folder in FOYER_BACKUP_FOLDER."
            )


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700)
    return path


def _clips(clips: Path, copy: Path) -> Iterator[Part]:
    for file in sorted(clips.rglob("*.wav")) if clips.is_dir() else ():
        name = f"clips/{file.relative_to(clips).as_posix()}"
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(file, target)
        yield Part(name, target.stat().st_size, digest_of(target))


def _write(
    manifest: Manifest, copy: Path, recipients: list[x25519.Recipient], unfinished: Path
) -> tuple[str, int]:
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        told = seal(manifest, copy, recipients, InSteps(out))
        out.flush()
        os.fsync(out.fileno())
        with contextlib.suppress(OSError):  # so that what is read back is what lies on the disk
            os.posix_fadvise(out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return told


def _look_at(
    manifest: Manifest, file: Path, digest: str, once: x25519.Identity, back: Path, address: str
) -> str:
    """Read back, opened, restored elsewhere and compared; why it could not be compared, if the fault is not the backup's own."""
    found, as_read = unseal(file, [once], back)
    if found != manifest or as_read != digest:
        raise BackupUnusable(
            "What was read back from the disk is not what was written. See to the disk; this backup was not kept."
        )
    try:
        elsewhere.compare(manifest, back, address)
    except elsewhere.CannotCompare as error:
        return str(error)
    return ""
