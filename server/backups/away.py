"""Copies on another machine, by SFTP: a server that burns takes its own folder with it.

A copy gets its name only when it is whole: written under another, read back and hashed, renamed. One whose size is no longer what was sent is sent anew, and
told, and so is one that was found changed; until that is done what is there stays. Copies are let go of by the rule of the house (`server.domain.keeping_backups`) over what lies *there*, never because the folder here was emptied: that is
the day they are for. What lies there and is not ours is left alone. The machine is known by its host key and lets in the server by a key that can do nothing else;
it holds only what is sealed.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from server.backups.manifest import Label, read_label
from server.backups.sealed import digest_of
from server.backups.shelf import BESIDE, NAME, UNFINISHED, label_of, moment_of
from server.backups.shelf import is_whole as is_whole_here
from server.backups.unusable import BackupUnusable
from server.domain.keeping_backups import in_order, is_ahead

if TYPE_CHECKING:
    from asyncssh import SFTPClient

CONNECT_SECONDS = 15
PIECE = 1024 * 1024


@dataclass(frozen=True)
class Away:
    address: str
    key: Path | None
    known_hosts: Path | None

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""


@dataclass(frozen=True)
class Brought:
    sent: tuple[str, ...]
    anew: tuple[str, ...]
    """Of these, what was there already and was cut short or changed."""
    damaged: tuple[str, ...]
    """Not sent: they are not here as they were made."""


async def bring(
    away: Away,
    backups: Sequence[tuple[Path, Label]],
    beside: Iterable[Path],
    stays: Callable[[Collection[str]], frozenset[str]],
    changed: Collection[str] = (),
) -> Brought:
    """Copy what is not there, or is among the `changed`, and what lies beside the newest, which changes; let go of those there whose names are not among what
    `stays`, but of the newest there only when one that stays has come. Raises BackupUnusable."""
    here = {file.name: label.size for file, label in backups}
    sent, anew, damaged = [], [], []
    async with _shelf(away) as (client, folder):
        there = await _sizes(client, folder)
        for name in [each for each in there if BESIDE.fullmatch(each.removesuffix(UNFINISHED))]:
            if name.endswith(UNFINISHED):  # first of all: it may be what fills the disk there
                await client.remove(f"{folder}/{name}")
        copies = {name for name in there if NAME.fullmatch(name)}
        keep = here.keys() | stays(copies | here.keys())
        sound = {name for name in copies & keep if there[name] == here.get(name, there[name])} - set(changed)
        spared = set() if sound else {max(copies, key=moment_of)} if copies else set()
        await _let_go(client, folder, there, keep | spared)
        for file, label in backups:
            if there.get(file.name) == label.size and file.name not in changed:
                continue
            if await _copy(client, file, f"{folder}/{file.name}", label.digest):
                await _copy(client, label_of(file), f"{folder}/{label_of(file).name}")
                sent.append(file.name)
                anew += [file.name] if file.name in there else []
            else:
                damaged.append(file.name)
        for file in beside:
            await _copy(client, file, f"{folder}/{file.name}")
        if sent:
            await _let_go(client, folder, spared, keep)
    return Brought(tuple(sent), tuple(anew), tuple(damaged))


async def _let_go(client: SFTPClient, folder: str, names: Iterable[str], keep: Collection[str]) -> None:
    numbers = {name[-12:-4] for name in keep}
    for name in names:
        ours = BESIDE.fullmatch(name)
        if ours is not None and ours[1] not in numbers:
            await client.remove(f"{folder}/{name}")


async def is_whole(away: Away, name: str, label: Label) -> bool:
    """Whether the copy there is what was sent. Read wholly; raises BackupUnusable."""
    async with _shelf(away) as (client, folder):
        return await _digest(client, f"{folder}/{name}") == label.digest


async def fetch(away: Away, into: Path, now: datetime, name: str = "") -> Path:
    """The newest backup there, or the one of this name, with what lies beside it, into a folder that is there. It has its name only when it is what its label
    says. What is here and whole stays as it is. Raises BackupUnusable."""
    async with _shelf(away) as (client, folder):
        there = await _sizes(client, folder)
        names = [each for each in there if NAME.fullmatch(each)]
        order = in_order({each: moment_of(each) for each in names}, now)
        if not name and any(is_ahead(moment_of(each), now) for each in order):
            raise BackupUnusable(
                f"The clock of this machine is wrong, or was when a backup at {away.host} was made: one is from after now. Say which: foyer restore --copies NAME. There are:"
                f" {', '.join(order)}."
            )
        wanted = name or (order[0] if order else "")
        if wanted not in names:
            raise BackupUnusable(f"There is no {name or 'backup'} at {away.host}. See the folder there.")
        label_name, since = f"{wanted[:-4]}.json", f"foyer-since-{wanted[-12:-4]}.age"
        file, part, label_part = into / wanted, into / (wanted + UNFINISHED), into / (label_name + UNFINISHED)
        label = _label_in(into / label_name)
        if label is not None and file.is_file() and is_whole_here(file, label):
            return file
        try:
            await client.get(f"{folder}/{wanted}", str(part))
            if label_name in there:
                await client.get(f"{folder}/{label_name}", str(label_part))
            label = _label_in(label_part)
            if label is not None and digest_of(part) != label.digest:
                others = [each for each in order if each != wanted]
                raise BackupUnusable(
                    f"The copy {wanted} at {away.host} is not what was sent: it was cut short or changed."
                    + (f" Take another, with --copies NAME: {', '.join(others)}." if others else "")
                )
            if since in there and not (into / since).exists():  # what is here is never older
                await client.get(f"{folder}/{since}", str(into / (since + UNFINISHED)))
                (into / (since + UNFINISHED)).rename(into / since)
            if label is not None:
                label_part.rename(into / label_name)
            part.rename(file)
        finally:
            for each in (part, label_part, into / (since + UNFINISHED)):
                each.unlink(missing_ok=True)
        return file


def _label_in(file: Path) -> Label | None:
    return read_label(file.read_bytes()) if file.is_file() else None


async def _sizes(client: SFTPClient, folder: str) -> dict[str, int]:
    return {str(each.filename): each.attrs.size or 0 for each in await client.readdir(folder)}


async def _copy(client: SFTPClient, file: Path, target: str, expected: str = "") -> bool:
    """False when the file here is not what its label says, and nothing was put there."""
    import asyncssh  # takes a fifth of a second, which no start has to spare

    part = f"{target}{UNFINISHED}"
    written = hashlib.sha256()
    try:
        with file.open("rb") as body:
            async with client.open(part, "wb") as out:
                while piece := body.read(PIECE):
                    written.update(piece)
                    await out.write(piece)
        if expected and written.hexdigest() != expected:
            await client.remove(part)
            return False
        if await _digest(client, part) != written.hexdigest():
            raise BackupUnusable("The copy on the other machine is not what was sent. See to its disk.")
    except (asyncssh.Error, BackupUnusable):
        with suppress(asyncssh.Error, OSError):  # half of one takes the room that the next needs
            await client.remove(part)
        raise
    try:
        await client.posix_rename(part, target)
    except asyncssh.SFTPOpUnsupported:
        if await client.exists(target):
            await client.remove(target)
        await client.rename(part, target)
    return True


async def _digest(client: SFTPClient, path: str) -> str:
    read = hashlib.sha256()
    async with client.open(path, "rb") as back:
        while found := await back.read(PIECE):
            as_read: Any = found
            read.update(as_read)
    return read.hexdigest()


def _place(address: str) -> SplitResult:
    with suppress(ValueError):  # a port that cannot be
        place = urlsplit(address)
        if place.scheme == "sftp" and place.hostname and place.username and place.port != 0:
            return place
    if not address:
        raise BackupUnusable("No other machine is named that copies go to. Name it in FOYER_BACKUP_SFTP.")
    raise BackupUnusable("FOYER_BACKUP_SFTP is no address: write sftp://user@host/folder.")


@asynccontextmanager
async def _shelf(away: Away) -> AsyncIterator[tuple[SFTPClient, str]]:
    import asyncssh

    place = _place(away.address)
    if away.known_hosts is None or not away.known_hosts.is_file():
        raise BackupUnusable(
            f"The host key of {place.hostname} is not known. Put what 'ssh-keyscan {place.hostname}' shows, once you have seen that it is right, into a file and name it in"
            " FOYER_BACKUP_SFTP_KNOWN_HOSTS."
        )
    more: dict[str, Any] = {"client_keys": None if away.key is None else [str(away.key)]}
    if place.password:
        more["password"] = unquote(place.password)
    try:
        async with (
            asyncssh.connect(
                place.hostname,
                place.port or 22,
                username=unquote(place.username or ""),
                known_hosts=str(away.known_hosts),
                config=[],
                agent_path=None,
                connect_timeout=CONNECT_SECONDS,
                login_timeout=CONNECT_SECONDS,
                keepalive_interval=15,
                **more,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            folder = unquote(place.path).rstrip("/") or "."
            yield client, folder
    except (asyncssh.Error, OSError) as error:
        raise BackupUnusable(
            f"{place.hostname} could not be used for copies of backups: {_why(error)}"
        ) from None


def _why(error: Exception) -> str:
    import asyncssh

    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return "it shows another host key than the one we know. Find out why before you put the new one in."
    if isinstance(error, asyncssh.PermissionDenied | asyncssh.SFTPPermissionDenied):
        return "it does not let us in. Look at FOYER_BACKUP_SFTP_KEY, the account and the folder there."
    if isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath):
        return "the folder is not there. Make it, or name another."
    if isinstance(error, asyncssh.SFTPNoSpaceOnFilesystem | asyncssh.SFTPQuotaExceeded):
        return "its disk is full. Make room there."
    if isinstance(error, asyncssh.SFTPFailure):
        return "it did not take what was sent, most likely because its disk is full. Make room there."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "there is no room here for what it sends. Make room on this machine."
    return f"{type(error).__name__}. See that it is on, reached, and has room."
