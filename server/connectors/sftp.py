"""A team's folder on another machine, by SFTP: laid down there as in a folder of our own (`dropping`).

Only a machine whose key stands in the file of known hosts is spoken to, and nothing of this machine's user (agent, configuration, keys) is used:
who we are is in the file of keys for teams. A changed host key stops everything for that team until a person has looked, and is said in
those words, for it may be somebody in between. Each attempt is one connection and has `SECONDS` before it counts as failed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh import SFTPClient

from server.connectors import dropping
from server.connectors.dropping import Pick
from server.connectors.team_keys import KeysUnusable, TeamKeys
from server.domain.hand_off import Bundle, Laid, Later, Never, Result, SftpPlace, read_sftp

SECONDS = 300.0
CONNECT_SECONDS = 20.0
NO_HOSTS = "No known hosts are set, so nobody is spoken to by SFTP. Whoever runs the server names their file in FOYER_HANDOFF_KNOWN_HOSTS."


class Sftp:
    """A `Shelf` over an open connection."""

    def __init__(self, client: SFTPClient, folder: str) -> None:
        self._client, self._folder = client, folder

    async def make(self, name: str) -> None:
        await self._client.makedirs(self._path(name), exist_ok=True)

    async def write(self, name: str, body: bytes) -> None:
        async with self._client.open(self._path(name), "wb") as file:
            await file.write(body)
            try:
                await file.fsync()
            except asyncssh.SFTPOpUnsupported:
                return  # an older server: closing is all that can be asked of it

    async def rename(self, old: str, new: str) -> None:
        try:
            await self._client.posix_rename(self._path(old), self._path(new))
        except asyncssh.SFTPOpUnsupported:
            await self._client.rename(self._path(old), self._path(new))

    async def read(self, name: str) -> bytes:
        async with self._client.open(self._path(name), "rb") as file:
            return await file.read()

    async def exists(self, name: str) -> bool:
        return await self._client.exists(self._path(name))

    async def remove(self, name: str) -> None:
        await self._client.remove(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"


class Line:
    """How teams' machines are reached: whose host keys are believed, and within what time."""

    def __init__(self, known_hosts: Path | None, *, seconds: float = SECONDS) -> None:
        self._known_hosts, self._seconds = known_hosts, seconds

    async def hand_over(self, address: str, keys: TeamKeys, bundle: Bundle) -> Result:
        place = read_sftp(address)
        if isinstance(place, str):
            return Never(place)
        try:
            async with asyncio.timeout(self._seconds), self._shelf(place, keys) as shelf:
                await dropping.lay_down(shelf, bundle)
        except Exception as error:
            return Later(say(error, place.host))
        return Laid()

    async def look_for(
        self, address: str, keys: TeamKeys, notes: Mapping[str, str]
    ) -> Mapping[str, Pick] | str:
        place = read_sftp(address)
        if isinstance(place, str):
            return place
        try:
            async with asyncio.timeout(self._seconds), self._shelf(place, keys) as shelf:
                return await dropping.look_for(shelf, notes)
        except Exception as error:
            return say(error, place.host)

    async def take_back(self, address: str, keys: TeamKeys, hand_off: str, note: str) -> Pick | str:
        """What it was found as when it was taken back, or why that cannot be done now."""
        place = read_sftp(address)
        if isinstance(place, str):
            return place
        try:
            async with asyncio.timeout(self._seconds), self._shelf(place, keys) as shelf:
                return await dropping.take_back(shelf, hand_off, note)
        except Exception as error:
            return say(error, place.host)

    async def clear(self, address: str, keys: TeamKeys, hand_offs: Iterable[str]) -> None:
        """Raises nothing: a mark that stays does no harm."""
        place = read_sftp(address)
        if isinstance(place, str):
            return
        try:
            async with asyncio.timeout(self._seconds), self._shelf(place, keys) as shelf:
                await dropping.clear(shelf, hand_offs)
        except Exception as error:
            _ = say(error, place.host)

    @asynccontextmanager
    async def _shelf(self, place: SftpPlace, keys: TeamKeys) -> AsyncIterator[Sftp]:
        if self._known_hosts is None or not self._known_hosts.is_file():
            raise KeysUnusable(NO_HOSTS)
        more: dict[str, Any] = {"client_keys": None}
        if keys.sftp_key:
            more["client_keys"] = [await asyncio.to_thread(_key, keys)]
        if keys.sftp_password:
            more["password"] = keys.sftp_password
        async with (
            asyncssh.connect(
                place.host,
                place.port,
                username=place.user,
                known_hosts=str(self._known_hosts),
                config=[],
                agent_path=None,
                connect_timeout=CONNECT_SECONDS,
                login_timeout=CONNECT_SECONDS,
                keepalive_interval=15,
                **more,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            if not await client.isdir(place.folder):
                raise FileNotFoundError(place.folder)
            yield Sftp(client, place.folder)


_SAYS: tuple[tuple[type[BaseException], str], ...] = (
    (
        asyncssh.HostKeyNotVerifiable,
        "%s shows a host key that is not the one we know. Nothing is sent there. Ask whoever runs it whether its key was changed; if so, put the"
        " new one into the file of known hosts.",
    ),
    (asyncssh.PermissionDenied, "%s does not let us in: look at the team's key or password."),
    (
        asyncssh.KeyImportError,
        "The team's SFTP key cannot be read. See that it is a private key, and its passphrase right.",
    ),
    (asyncssh.KeyEncryptionError, "The team's SFTP key cannot be opened. See that its passphrase is right."),
    (asyncssh.SFTPNoSpaceOnFilesystem, "The disk of %s is full."),
    (asyncssh.SFTPQuotaExceeded, "Our space at %s is used up."),
    (asyncssh.SFTPPermissionDenied, "We may not write to the folder at %s."),
    (asyncssh.SFTPWriteProtect, "We may not write to the folder at %s."),
    (
        asyncssh.SFTPNoSuchFile,
        "The folder at %s is not there. Have it made, or put the team's address right.",
    ),
    (FileNotFoundError, "The folder at %s is not there. Have it made, or put the team's address right."),
    (asyncssh.SFTPError, "%s did not take the files."),
    (asyncssh.Error, "%s ended the connection, or does not speak SFTP as we do."),
    (TimeoutError, "%s did not answer in time."),
    (ConnectionRefusedError, "Nothing answers at %s: the connection was refused."),
    (OSError, "%s cannot be reached."),
)


def say(error: Exception, host: str) -> str:
    """In words; never what the other side wrote."""
    if isinstance(error, KeysUnusable):
        return str(error)
    found = next((text for kind, text in _SAYS if isinstance(error, kind)), "")
    return (found or "%s could not be reached: something went wrong on our side.").replace("%s", host)


def _key(keys: TeamKeys) -> asyncssh.SSHKey:
    try:
        return asyncssh.read_private_key(keys.sftp_key, keys.sftp_passphrase or None)
    except OSError as error:
        raise KeysUnusable(
            f"The team's SFTP key {keys.sftp_key} cannot be read ({error.strerror})."
        ) from None
