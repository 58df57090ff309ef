"""What is found while copies are brought is told, whatever becomes of the note beside the backups."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from server.backups import shelf
from server.backups.manifest import Label
from server.clock import to_micros
from server.domain.troubles import Level, Verdict
from server.jobs.copying_backups import Copies
from tests.support.house import TUESDAY, running_house
from tests.support.sftp_side import sftp_side


def _backup(folder: Path, number: int) -> Path:
    """One as far as anybody sees who has no key."""
    body, at = bytes([number]) * 2000, to_micros(TUESDAY)
    label = Label(
        f"{number:08x}", at, at, len(body), hashlib.sha256(body).hexdigest(), "1", "6", "sqlite", at
    )
    file = folder / shelf.name_of(label.id, at)
    file.write_bytes(body)
    shelf.label_of(file).write_bytes(label.encode())
    return file


async def test_a_folder_that_takes_no_note_keeps_nothing_from_being_told(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ssh, key, folder = (
        asyncssh.generate_private_key("ssh-ed25519"),
        tmp_path / "ssh.key",
        tmp_path / "backups",
    )
    ssh.write_private_key(key)
    (folder / "foyer-copied.json").mkdir(parents=True)  # so that the note cannot be put in its place
    first = _backup(folder, 1)
    async with sftp_side(tmp_path / "other", client=ssh) as other:
        away: dict[str, Any] = {
            "backup_sftp": other.address,
            "backup_sftp_key": key,
            "backup_sftp_known_hosts": other.known_hosts,
        }
        async with running_house(sqlite_url, data=tmp_path, **away) as there:
            copies = Copies(there.house)

            async def told() -> Verdict:
                copies.renew()
                said = await copies.look()
                assert said is not None
                return said

            assert (await told()).level is Level.FINE
            assert "could not be noted" in caplog.text
            (other.folder / first.name).write_bytes(b"cut short")
            assert "was not as long as what was sent" in (await told()).say
            second = _backup(folder, 2)
            second.write_bytes(b"?" * 2000)
            assert f"{second.name} is not what it was" in (await told()).say
