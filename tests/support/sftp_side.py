"""A team's SFTP server: a real one (asyncssh's), with a key of its own, over a folder on this machine."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

PASSWORD = "open sesame"


class LetsIn(asyncssh.SSHServer):
    """`foyer`, by password or by the key it knows."""

    def __init__(self, key: asyncssh.SSHKey | None) -> None:
        self._key = key

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == "foyer" and password == PASSWORD

    def public_key_auth_supported(self) -> bool:
        return self._key is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._key is not None and username == "foyer" and key == self._key.convert_to_public()


@dataclass
class SftpSide:
    folder: Path
    port: int
    known_hosts: Path

    @property
    def address(self) -> str:
        return f"sftp://foyer@127.0.0.1:{self.port}/incoming"


@asynccontextmanager
async def sftp_side(
    where: Path, *, client: asyncssh.SSHKey | None = None, port: int = 0, room: int | None = None
) -> AsyncIterator[SftpSide]:
    """Each start is another machine: it has a new host key. `known_hosts` names the first one's, and is not written anew. `room`: bytes until
    its disk is full.
    """
    host = asyncssh.generate_private_key("ssh-ed25519")
    folder, known = where / "incoming", where.with_name("known_hosts")
    folder.mkdir(parents=True, exist_ok=True)

    class Rooted(asyncssh.SFTPServer):
        def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
            super().__init__(channel, chroot=str(where).encode())

        def write(self, file_obj: object, offset: int, data: bytes) -> int | Awaitable[int]:
            if room is not None and offset + len(data) > room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as the disk itself would
            return super().write(file_obj, offset, data)

    server = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[host],
        server_factory=lambda: LetsIn(client),
        sftp_factory=Rooted,
    )
    own = server.get_port()
    if not known.exists():
        line = f"[127.0.0.1]:{own} {host.export_public_key().decode().strip()}\n"
        known.write_text(line)
    try:
        yield SftpSide(folder, own, known)
    finally:
        server.close()
        await server.wait_closed()
