"""Copies on another machine, by SFTP: a server that burns takes its own folder with it.

A copy gets its name only when it is whole: written under another, read back and hashed, renamed. What has gone from the folder here goes there too, so no copy
outlives its time; what lies there and is not ours is left alone. The machine is known by its host key and lets in the server by a key that can do
nothing else; it holds only what is sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from server.backups.shelf import NAME, UNFINISHED
from server.backups.unusable import BackupUnusable

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


async def bring(away: Away, files: Iterable[Path], stays: frozenset[str]) -> list[str]:
    """Copy what is not there, let go of backups that are not among `stays`; the names of what was copied. Raises BackupUnusable."""
    brought = []
    async with _shelf(away) as (client, folder):
        there = {str(name) for name in await client.listdir(folder)}
        for file in files:
            if file.name not in there or not NAME.fullmatch(
                file.name
            ):  # what is said beside a backup changes
                await _copy(client, file, f"{folder}/{file.name}")
                brought.append(file.name)
        for name in there:
            backup = name.removesuffix(UNFINISHED)
            if NAME.fullmatch(backup) and (backup not in stays or name != backup):
                await client.remove(f"{folder}/{name}")
                if f"{backup[:-4]}.json" in there and backup not in stays:
                    await client.remove(f"{folder}/{backup[:-4]}.json")
    return brought


async def fetch(away: Away, into: Path, name: str = "") -> Path:
    """The newest backup there, or the one of this name, with what lies beside it, into a folder that is there. Raises BackupUnusable."""
    async with _shelf(away) as (client, folder):
        there = sorted(str(each) for each in await client.listdir(folder))
        backups = [each for each in there if NAME.fullmatch(each)]
        wanted = name or (backups[-1] if backups else "")
        if wanted not in backups:
            raise BackupUnusable(f"There is no {name or 'backup'} at {away.host}. See the folder there.")
        id_ = wanted[:-4].rpartition("-")[2]
        for each in (wanted, f"{wanted[:-4]}.json", f"foyer-since-{id_}.age"):
            if each in there:
                await client.get(f"{folder}/{each}", str(into / each))
        return into / wanted


async def _copy(client: SFTPClient, file: Path, target: str) -> None:
    import asyncssh  # takes a fifth of a second, which no start has to spare

    part = f"{target}{UNFINISHED}"
    written, read = hashlib.sha256(), hashlib.sha256()
    with file.open("rb") as body:
        async with client.open(part, "wb") as out:
            while piece := body.read(PIECE):
                written.update(piece)
                await out.write(piece)
    async with client.open(part, "rb") as back:
        while found := await back.read(PIECE):
            as_read: Any = found
            read.update(as_read)
    if read.digest() != written.digest():
        await client.remove(part)
        raise BackupUnusable("The copy on the other machine is not what was sent. See to its disk.")
    try:
        await client.posix_rename(part, target)
    except asyncssh.SFTPOpUnsupported:
        if await client.exists(target):
            await client.remove(target)
        await client.rename(part, target)


@asynccontextmanager
async def _shelf(away: Away) -> AsyncIterator[tuple[SFTPClient, str]]:
    import asyncssh

    place = urlsplit(away.address)
    if place.scheme != "sftp" or not place.hostname or not place.username:
        raise BackupUnusable("FOYER_BACKUP_SFTP is no address: write sftp://user@host/folder.")
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
                username=unquote(place.username),
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
    if isinstance(error, asyncssh.PermissionDenied):
        return "it does not let us in. Look at FOYER_BACKUP_SFTP_KEY and the account there."
    if isinstance(error, asyncssh.SFTPNoSuchFile):
        return "the folder is not there. Make it, or name another."
    return f"{type(error).__name__}. See that it is reached and has room."
