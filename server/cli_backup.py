"""`foyer backup ...` and `foyer restore`: backups by hand, and the way back after the worst day.

`now` and `list` run on the server. `make-key` and `check` belong on another machine: the private key never lies on the server, so that who takes the
server opens none of its backups, which hold what has been erased since. `restore` takes the key for as long as it runs, checks everything beside
what is there, and swaps at the end; then it says what to do next.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pyrage import x25519

from server.actions import audit_keys, paper_keys
from server.actions.audit_anchor import last_anchor, missing
from server.actions.restored import Renewed, renew
from server.backups import away, clearing, key_files, making, plan, restoring, shelf, since
from server.backups.elsewhere import CannotCompare
from server.backups.manifest import Manifest
from server.backups.sealed import identities_of
from server.backups.unusable import BackupUnusable
from server.clock import Clock, from_micros
from server.domain.access import SYSTEM
from server.domain.keeping_backups import is_ahead
from server.settings import Settings
from server.store.database import open_database
from server.store.queries.backups import last_done
from server.store.schema import migrate, open_present
from server.store.sql import Sql
from server.store.tx import Tx

app = typer.Typer(help="Make backups, look into them, and see which there are.", no_args_is_help=True)

KeyFile = Annotated[
    Path, typer.Option("--key", help="file with the private key, from 'foyer backup make-key'")
]


@app.command("make-key")
def make_key(file: Annotated[Path, typer.Argument(help="where the private key goes")]) -> None:
    """Make the pair of keys for backups. On another machine than the server's, and not the one that copies go to."""
    identity = x25519.Identity.generate()
    text = f"# Opens the backups of Foyer. Keep it off the server, in two places (docs/backups.md).\n# public key: {identity.to_public()}\n{identity}\n"
    try:
        with os.fdopen(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
        ) as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())  # backups may be sealed to it within the minute
        shelf.sync_folder(file.absolute().parent)
    except OSError as error:
        raise BackupUnusable(
            f"{file} could not be written: {error.strerror}. A key file is never written over."
        ) from None
    typer.echo(
        f"{file} opens backups: keep it off the server, in two places. This goes into FOYER_BACKUP_KEYS on the server:"
    )
    typer.echo(str(identity.to_public()))


@app.command()
def now() -> None:
    """Make a backup, beside a server that may be running."""
    settings = Settings()
    clock = Clock(settings.clock_start, settings.clock_speed)
    os.nice(10)
    made = making.make(plan.plan_of(settings), clock.micros, time.monotonic)
    typer.echo(
        f"{made.file}: {_size(made.label.size)}, {made.rows} rows, as of {_moment(made.label.known_until)}."
    )
    typer.echo(
        f"It was not restored elsewhere and compared: {made.label.say}"
        if made.label.say
        else "It was restored elsewhere and compared: every table is the same."
    )
    gone = shelf.rotate(plan.folder_of(settings), clock.now(), plan.keep_of(settings))
    if gone:
        typer.echo(
            f"{len(gone)} older {'one was' if len(gone) == 1 else 'were'} let go of, by FOYER_BACKUP_KEEP."
        )


@app.command()
def keys(file: Annotated[Path, typer.Argument(help="where the sealed copy goes")]) -> None:
    """Copy the key files that are in no backup (papers, audit), sealed to the same keys, to be carried somewhere else than the backups."""
    settings = Settings()
    clock = Clock(settings.clock_start, settings.clock_speed)
    names = key_files.copy(_key_files(settings), file, plan.keys_of(settings), settings.data, clock.now())
    typer.echo(
        f"{file} holds {' and '.join(names)}. Carry it somewhere else than the backups; 'age --decrypt -i KEY {file.name} | tar x' opens it."
    )


@app.command()
def adopt(
    yes: Annotated[bool, typer.Option("--yes", help="it was put back to an earlier state")] = False,
) -> None:
    """Say that this database was put back by other means: a machine's snapshot, a copy. Kiosks then hand in again what came after."""
    settings = Settings()
    clock = Clock(settings.clock_start, settings.clock_speed)
    database = open_present(settings.database)
    try:
        with database.reading() as connection:
            last = last_done(connection)
        if last is None:
            raise BackupUnusable("Nothing was ever done in this database, so nothing is missing from it.")
        if not yes:
            typer.echo(
                f"The last thing this database knows of was done at {_moment(last)}. If it was put back to that state, say --yes: another life of the house begins,"
                " everybody signs in anew, and messages that were due by now are not sent again."
            )
            return
    finally:
        database.close()
    renewed = _made_ready(settings.database, last, None, clock)
    typer.echo(f"Start the server now: kiosks hand in again what they gave out since {_moment(last)}.")
    typer.echo(
        f"{_posts(renewed)} Look through devices and accounts: what was revoked since then is valid again."
    )
    _tell_of_the_chain(settings.database, settings)


@app.command("list")
def list_(
    whole: Annotated[
        bool, typer.Option("--whole", help="read each and see whether it is as it was made")
    ] = False,
    copies: Annotated[
        bool, typer.Option("--copies", help="bring the newest from the other machine first")
    ] = False,
) -> None:
    """Which backups there are, the newest first."""
    settings = Settings()
    folder = plan.folder_of(settings)
    if copies:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        now = Clock(settings.clock_start, settings.clock_speed).now()
        typer.echo(f"Brought {asyncio.run(away.fetch(_away(settings), folder, now)).name}.")
    found = shelf.backups(folder)
    for file, label in found:
        state = (
            "compared" if label.checked_at else "DAMAGED" if label.say == shelf.DAMAGED else "not compared"
        )
        if whole:
            state += ", whole" if shelf.is_whole(file, label) else ", NOT AS IT WAS MADE"
        typer.echo(f"{_moment(label.known_until)}  {_size(label.size):>9}  {state}  {file.name}")
    without = shelf.without_label(folder)
    for file, at in sorted(without.items(), key=lambda each: each[1], reverse=True):
        typer.echo(f"{at:%Y-%m-%d %H:%M:%S} UTC  {_size(file.stat().st_size):>9}  no label  {file.name}")
    if without:
        typer.echo(
            "Those without a label (a .json of the same name) are let go of by themselves only where this house knows that it made them. Whether one opens and is whole"
            " tells 'foyer backup check', with its key; what nobody needs, delete by hand."
        )
    elif not found:
        typer.echo(f"There is no backup in {folder}.")


@app.command()
def check(
    key: KeyFile,
    file: Annotated[Path | None, typer.Argument(help="the backup; by default the newest")] = None,
    on: Annotated[
        str,
        typer.Option("--on", help="for a backup of PostgreSQL: an address beside which it may be restored"),
    ] = "",
) -> None:
    """Open a backup with the private key, restore it somewhere else and compare every table. Nothing that is there is touched."""
    settings = Settings()
    chosen = file or _newest(settings)
    identities = identities_of(key)
    with _scratch() as work:
        try:
            manifest = restoring.look_into(chosen, identities, work, on or settings.database)
        except CannotCompare as error:
            typer.echo(f"{chosen.name} opens and is whole. {error}")
            raise typer.Exit(1) from None
    typer.echo(
        f"{chosen.name} opens with this key, and every one of its {len(manifest.tables)} tables ({manifest.rows} rows) came out as it went in."
        f" It knows everything until {_moment(manifest.known_until)}."
    )
    told = since.read(since.file_of(chosen.parent, manifest.id), manifest.id, identities)
    if told is not None:
        typer.echo(f"What was taken away since is known until {_moment(int(told['at']))}.")


def restore(
    key: KeyFile,
    file: Annotated[Path | None, typer.Argument(help="the backup")] = None,
    latest: Annotated[bool, typer.Option("--latest", help="the newest in FOYER_BACKUP_FOLDER")] = False,
    copies: Annotated[
        bool,
        typer.Option("--copies", help="bring it from the other machine first: the newest, or the named one"),
    ] = False,
    to: Annotated[str, typer.Option("--to", help="another database than FOYER_DATABASE")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="put aside what is there")] = False,
    without_since: Annotated[
        bool, typer.Option("--without-since", help="although what was taken away since cannot be read")
    ] = False,
) -> None:
    """Put a backup in the place of the database. Stop every server first; start one afterwards."""
    settings = Settings()
    clock = Clock(settings.clock_start, settings.clock_speed)
    if copies:
        folder = plan.folder_of(settings)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = "" if file is None else file.name
        chosen = asyncio.run(away.fetch(_away(settings), folder, clock.now(), name))
    elif (file is None) is not latest:
        raise BackupUnusable("Name one backup file, or say --latest.")
    else:
        chosen = file or _newest(settings)
    identities = identities_of(key)
    address, renewed = to or settings.database, []

    def ready(beside: str, manifest: Manifest) -> None:
        told = None
        if not without_since:
            told = since.read(since.file_of(chosen.parent, manifest.id), manifest.id, identities)
        renewed.append(_made_ready(beside, manifest.known_until, told, clock))

    done = restoring.restore(
        chosen,
        identities,
        address,
        work=plan.beside(address, settings),
        clips=settings.data / "clips",
        stamp=f"{clock.now():%Y%m%dT%H%M%S}",
        ready=ready,
        replace=replace,
    )
    beside = since.file_of(chosen.parent, done.manifest.id)
    _tell(done, renewed[0], settings, "" if without_since else beside.name, to)
    _tell_of_the_chain(address, settings)


def _made_ready(address: str, known_until: int, told: dict[str, Any] | None, clock: Clock) -> Renewed:
    database = open_database(address)
    try:
        migrate(database)
        with database.writing() as session:
            tx = Tx(Sql(session.connection()), SYSTEM, clock.micros())
            renewed = renew(tx, known_until, told)
            tx.finish()
        return renewed
    finally:
        database.close()


def _tell(done: restoring.Restored, renewed: Renewed, settings: Settings, missing: str, to: str) -> None:
    """`missing`: the file that would have said what was taken away, if it was looked for."""
    manifest = done.manifest
    typer.echo(
        f"Restored: {manifest.rows} rows, everything that was acknowledged before {_moment(manifest.known_until)}."
    )
    if done.aside:
        typer.echo(
            f"What was there before is now {'the database ' if manifest.kind == 'postgresql' else ''}{done.aside}. Delete it when nobody needs it: it holds personal data."
        )
    if renewed.until is None:
        typer.echo(
            "What was taken away since the backup is not known"
            + (
                f", for {missing} does not lie beside it; where there is one, put it there and restore again"
                if missing
                else ""
            )
            + ". Without it: look through the devices, the accounts and the recovery codes, and revoke again what was revoked."
        )
    else:
        typer.echo(
            f"People, devices, keys and rules are as of {_moment(renewed.until)} ({renewed.rows} rows"
            + (f"; {renewed.left} belong to what is not in the backup" if renewed.left else "")
            + f"); {renewed.papers} papers that were deleted since were deleted again."
        )
    typer.echo(f"{_posts(renewed)} Everybody signs in anew.")
    gone = [str(file) for file in _key_files(settings) if not file.exists()]
    if gone:
        typer.echo(
            f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} not there: keys of papers and of the audit are in no backup. Before the start put back the copies that"
            " 'foyer backup keys' made (docs/backups.md): without them what visitors handed in cannot be opened, and the audit not be checked."
        )
    start = "Name this database in FOYER_DATABASE, and start the server." if to else "Start the server now."
    typer.echo(
        f"{start} Kiosks hand in again what they gave out since, with the same numbers. Not back: what staff entered, called and finished since, papers"
        " handed in since, counts at the door, bookings made since. Ask the greeter which numbers were given by hand (docs/backups.md)."
    )


def _posts(renewed: Renewed) -> str:
    if renewed.posts == 0:
        return "No message is sent a second time: none was due."
    one = renewed.posts == 1
    return f"{renewed.posts} message{' that was' if one else 's that were'} due before {'is' if one else 'are'} not sent again."


def _tell_of_the_chain(address: str, settings: Settings) -> None:
    """The anchor outside is ahead of a chain that was put back: better said now than found by the house later."""
    anchor = last_anchor(settings.audit_anchor)
    if anchor is None:
        return
    database = open_present(address, alone=False)
    try:
        with database.reading() as connection:
            gone = missing(connection, anchor)
    finally:
        database.close()
    if gone is not None and gone.restored:
        typer.echo(
            f"Link {anchor.number} of the audit is written down in {settings.audit_anchor}, and went with what came after the backup. Say that you know, or the house asks:"
            f" foyer audit accept-gap {anchor.number} (docs/audit.md)."
        )


def _key_files(settings: Settings) -> tuple[Path, ...]:
    return paper_keys.key_file(settings), audit_keys.key_file(settings)


def _newest(settings: Settings) -> Path:
    """Raises BackupUnusable when it cannot be told, for a clock was wrong: the wrong one would lose more than the asking."""
    folder, now = plan.folder_of(settings), Clock(settings.clock_start, settings.clock_speed).now()
    found = shelf.newest(folder, now)
    newest_without = max(shelf.without_label(folder).items(), key=lambda each: each[1], default=None)
    if newest_without is not None and (found is None or newest_without[1] > from_micros(found[1].made_at)):
        raise BackupUnusable(
            f"{newest_without[0]} is newer than what has its label (a .json of the same name) beside it, or all there is. If it is the one, name the file instead of saying --latest."
        )
    if found is None:
        raise BackupUnusable(f"There is no backup in {folder}. Name a file, or bring one with --copies.")
    if any(is_ahead(from_micros(label.made_at), now) for _, label in shelf.backups(folder)):
        raise BackupUnusable(
            "The clock of this machine is wrong, or was when a backup was made: one is from after now. See 'foyer backup list' and name the file."
        )
    return found[0]


def _away(settings: Settings) -> away.Away:
    return away.Away(settings.backup_sftp, settings.backup_sftp_key, settings.backup_sftp_known_hosts)


@contextmanager
def _scratch() -> Iterator[Path]:
    where = Path(tempfile.gettempdir())
    clearing.sweep([where])
    with clearing.in_the_clear(where, clearing.CHECKING) as folder:
        yield folder


def _moment(micros: int) -> str:
    return f"{from_micros(micros):%Y-%m-%d %H:%M:%S} UTC"


def _size(size: int) -> str:
    if size < 2**20:
        return f"{size / 2**10:.1f} KiB"
    return f"{size / 2**20:.1f} MiB" if size < 2**30 else f"{size / 2**30:.2f} GiB"
