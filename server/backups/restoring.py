"""Puts a backup in the place of the database: beside it first, proved there, made fit, and only then swapped in.

Until the swap nothing that is there is touched, so whatever is wrong (another key, a file cut short, a newer schema, no room, a power cut) leaves the machine as it
was. A database that holds something is replaced only when that was said, and is put aside under another name, not deleted. What is made fit
(`ready`) is the caller's: the release's migrations, another life of the house, what must not come back.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from pyrage import x25519
from sqlalchemy import inspect, text
from sqlalchemy.engine import URL, make_url

from server.backups import clearing, elsewhere, shelf
from server.backups.elsewhere import CannotCompare
from server.backups.manifest import Manifest
from server.backups.sealed import unseal
from server.backups.snapshot import postgresql_reading
from server.backups.unusable import BackupUnusable
from server.store.database import lock_out_others
from server.store.schema import head

Ready = Callable[[str, Manifest], None]
"""Makes the database at an address fit to be served; given the manifest of what it came from."""


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    aside: str
    """What the former database is called now; empty when there was none."""
    clips: int


def restore(
    file: Path,
    identities: Sequence[x25519.Identity],
    address: str,
    *,
    work: Path,
    clips: Path,
    stamp: str,
    ready: Ready,
    replace: bool = False,
) -> Restored:
    """Raises BackupUnusable; nothing is changed then. `stamp` names what is put aside."""
    url = make_url(address)
    _see_first(url, replace=replace)
    with _unpacked(file, identities, work) as (manifest, folder):
        if manifest.kind != url.get_backend_name():
            raise BackupUnusable(
                f"This is a backup of {_named(manifest.kind)}, and {url.render_as_string(hide_password=True)} is another kind. Name a database of its kind with --to."
            )
        if manifest.schema > head():
            raise BackupUnusable(
                f"This backup was made by a newer Foyer ({manifest.version}, schema {manifest.schema}; this one knows {head()}). Install that release first."
            )
        if manifest.kind == "sqlite":
            aside = _into_sqlite(Path(str(url.database)), manifest, folder, stamp, ready, replace=replace)
        else:
            aside = _into_postgresql(url, manifest, folder, stamp, ready, replace=replace)
        return Restored(manifest, aside, _put_clips(folder / "clips", clips))


def look_into(file: Path, identities: Sequence[x25519.Identity], work: Path, address: str) -> Manifest:
    """Open it, restore it elsewhere and compare. Raises BackupUnusable; `CannotCompare` when only the last cannot be done here."""
    with _unpacked(file, identities, work) as (manifest, folder):
        elsewhere.compare(manifest, folder, address)
        return manifest


def _see_first(url: URL, *, replace: bool) -> None:
    """What would be in the way at the end is said before minutes are spent on unpacking; it is looked at again then."""
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        if path.exists() and path.stat().st_size:
            if not replace:
                raise BackupUnusable(OCCUPIED.format(path))
            with contextlib.suppress(OSError):
                lock_out_others(path).close()
    elif url.get_backend_name() == "postgresql":
        with _plainly_said():
            _see_that_it_is_free(url, replace=replace)


@contextmanager
def _plainly_said() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BackupUnusable(f"PostgreSQL would not: {why}. Nothing was changed.") from None


@contextmanager
def _unpacked(
    file: Path, identities: Sequence[x25519.Identity], work: Path
) -> Iterator[tuple[Manifest, Path]]:
    if not file.is_file():
        raise BackupUnusable(f"There is no file {file}.")
    try:
        clearing.sweep([work])
        with clearing.in_the_clear(work, clearing.RESTORING) as folder:
            manifest, _ = unseal(file, identities, folder)
            yield manifest, folder
    except OSError as error:
        raise BackupUnusable(
            f"The backup cannot be unpacked below {work} ({error.strerror}). Make room there, or name another folder in FOYER_DATA."
        ) from None


def _named(kind: str) -> str:
    return {"sqlite": "an SQLite database", "postgresql": "a PostgreSQL database"}.get(
        kind, "another database"
    )


OCCUPIED = "{} holds a database already. To put the backup in its place, say --replace: what is there is then put aside, not deleted. Or name an empty one with --to."

IN_USE = "Somebody is still connected to {}. Stop every server, then restore again. Nothing was changed."

# SQLite ---------------------------------------------------------------------------------------------------------


def _into_sqlite(
    path: Path, manifest: Manifest, folder: Path, stamp: str, ready: Ready, *, replace: bool
) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lock_out_others(path):  # no server runs on it until we are done
        there = path.exists() and path.stat().st_size > 0
        if there and not replace:
            raise BackupUnusable(OCCUPIED.format(path))
        elsewhere.compare(manifest, folder, "")
        beside = folder / manifest.database.name
        ready(f"sqlite:///{beside}", manifest)
        _one_file(beside)
        aside = path.with_name(f"{path.name}.before-{stamp}") if there else None
        if aside is not None:
            _put_aside(path, aside)
        beside.replace(path)
        shelf.sync_folder(path.parent)
        return "" if aside is None else str(aside)


def _put_aside(path: Path, aside: Path) -> None:
    """Under another name as well, whole, before anything is taken from under its own. Its log first goes into the file, or beside the restored one it would be
    taken for that one's; where the file is too damaged for that, the log goes with it."""
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(path)) as present:
        present.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        os.link(log, aside.with_name(f"{aside.name}-wal"))
    os.link(path, aside)
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _one_file(file: Path) -> None:
    """On the disk, and with nothing left in a log."""
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:
        raise BackupUnusable("The restored database could not be closed. Nothing was changed; try again.")
    number = os.open(file, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


# PostgreSQL -----------------------------------------------------------------------------------------------------


def _into_postgresql(
    url: URL, manifest: Manifest, folder: Path, stamp: str, ready: Ready, *, replace: bool
) -> str:
    with _plainly_said(), contextlib.ExitStack() as stack:
        elsewhere.sweep(url.render_as_string(hide_password=False))
        there, holds = _see_that_it_is_free(url, replace=replace)
        try:
            beside = stack.enter_context(elsewhere.beside(url, elsewhere.RESTORING))
        except CannotCompare:
            if holds or not there:
                raise BackupUnusable(
                    f"{url.username or 'This account'} may not make databases, so nothing can be restored beside the present one. Let it (ALTER ROLE ... CREATEDB), or"
                    " make an empty database and name it with --to."
                ) from None
            return _into_the_empty(url, manifest, folder, ready)
        _prove(beside, manifest, folder)
        ready(beside.render_as_string(hide_password=False), manifest)
        return _swap(url, beside, f"{url.database}_before_{stamp}", there=there, keep=holds)


def _see_that_it_is_free(url: URL, *, replace: bool) -> tuple[bool, bool]:
    """Whether the database is there, and whether it holds something. Raises BackupUnusable when it may not be replaced, or not now."""
    there = _is_there(url)
    holds = there and _holds_something(url)
    if holds and not replace:
        raise BackupUnusable(OCCUPIED.format(url.render_as_string(hide_password=True)))
    if holds:
        _see_that_nobody_uses(url)
    return there, holds


def _prove(url: URL, manifest: Manifest, folder: Path) -> None:
    elsewhere.load(url, folder / manifest.database.name)
    with postgresql_reading(url) as connection:
        elsewhere.hold_against(manifest, connection)


def _into_the_empty(url: URL, manifest: Manifest, folder: Path, ready: Ready) -> str:
    try:
        _prove(url, manifest, folder)
        ready(url.render_as_string(hide_password=False), manifest)
    except BaseException:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        raise
    return ""


def _is_there(url: URL) -> bool:
    with elsewhere.maintaining(url) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (url.database,)).fetchone()
        return found is not None


def _holds_something(url: URL) -> bool:
    with postgresql_reading(url) as connection:
        connection.execute(text("SELECT 1"))
        return bool(inspect(connection).get_table_names())


def _see_that_nobody_uses(url: URL) -> None:
    """Now already, and not only when all the rest is done: PostgreSQL would not rename it then (`_swap`)."""
    with elsewhere.maintaining(url) as connection:
        row = connection.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
            (url.database,),
        ).fetchone()
    if row is not None and row[0]:
        raise BackupUnusable(IN_USE.format(url.database))


def _swap(url: URL, beside: URL, aside: str, *, there: bool, keep: bool) -> str:
    """Both names at once or neither. PostgreSQL renames a database only when nobody is connected to it, so no server can run on it meanwhile."""
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    now, new, old = (sql.Identifier(str(name)) for name in (url.database, beside.database, aside))
    with elsewhere.maintaining(url) as connection:
        try:
            with connection.transaction():
                if there:
                    connection.execute(rename.format(now, old))
                connection.execute(rename.format(new, now))
        except psycopg.errors.ObjectInUse:
            raise BackupUnusable(IN_USE.format(url.database)) from None
        if there and not keep:
            connection.execute(sql.SQL("DROP DATABASE {}").format(old))
    return aside if keep else ""


# Clips ----------------------------------------------------------------------------------------------------------


def _put_clips(unpacked: Path, clips: Path) -> int:
    """Those that are not there; what is there was recorded since, perhaps."""
    put = 0
    for file in sorted(unpacked.rglob("*.wav")) if unpacked.is_dir() else ():
        target = clips / file.relative_to(unpacked)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(file, target)
            put += 1
    return put
