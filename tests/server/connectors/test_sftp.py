"""A team's folder by SFTP, on a real server; and a stranger in its place."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest

from server.connectors.dropping import OWN, Pick
from server.connectors.sftp import NO_HOSTS, Line
from server.connectors.team_keys import KeysUnusable, TeamKeys, read_keys
from server.domain.hand_off import Bundle, Laid, Later, Never
from tests.support.sftp_side import PASSWORD, sftp_side

FILES = [("BCDF3467-papers.pdf", "application/pdf", b"%PDF" * 50_000)]
BUNDLE = Bundle("a" * 32, "BCDF3467", {"reference": "BCDF-3467"}, FILES)
NOTE = {BUNDLE.id: BUNDLE.note_name}
KEYS = TeamKeys(sftp_password=PASSWORD)


async def test_it_is_laid_down_and_known_to_be_fetched(tmp_path: Path) -> None:
    async with sftp_side(tmp_path / "side") as side:
        line = Line(side.known_hosts)
        assert await line.hand_over(side.address, KEYS, BUNDLE) == Laid()
        assert await line.hand_over(side.address, KEYS, BUNDLE) == Laid()
        assert {each.name for each in side.folder.iterdir()} == {"BCDF3467-papers.pdf", "BCDF3467.json", OWN}
        assert (side.folder / "BCDF3467-papers.pdf").read_bytes() == FILES[0][2]
        assert await line.look_for(side.address, KEYS, NOTE) == {BUNDLE.id: Pick.WAITING}
        (side.folder / "BCDF3467.json").unlink()
        assert await line.hand_over(side.address, KEYS, BUNDLE) == Laid()  # and not again
        assert not (side.folder / "BCDF3467.json").exists()
        assert await line.look_for(side.address, KEYS, NOTE) == {BUNDLE.id: Pick.TAKEN}
        await line.clear(side.address, KEYS, [BUNDLE.id])
        assert await line.look_for(side.address, KEYS, NOTE) == {BUNDLE.id: Pick.LOST}


async def test_a_host_key_that_changed_gets_nothing(tmp_path: Path) -> None:
    async with sftp_side(tmp_path / "side") as first:
        port = first.port
    async with sftp_side(tmp_path / "side", port=port) as stranger:
        result = await Line(stranger.known_hosts).hand_over(stranger.address, KEYS, BUNDLE)
        assert isinstance(result, Later)
        assert "host key that is not the one we know" in result.why
        assert list(stranger.folder.iterdir()) == []
        looked = await Line(stranger.known_hosts).look_for(stranger.address, KEYS, NOTE)
        assert isinstance(looked, str)


async def test_nobody_is_spoken_to_whose_key_is_not_known(tmp_path: Path) -> None:
    async with sftp_side(tmp_path / "side") as side:
        assert await Line(None).hand_over(side.address, KEYS, BUNDLE) == Later(NO_HOSTS)
        assert list(side.folder.iterdir()) == []


async def test_we_are_let_in_by_a_key_from_a_file(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    path = tmp_path / "id"
    await asyncio.to_thread(key.write_private_key, path, "pkcs8-pem", "sealed")
    async with sftp_side(tmp_path / "side", client=key) as side:
        line = Line(side.known_hosts)
        right = TeamKeys(sftp_key=str(path), sftp_passphrase="sealed")
        assert await line.hand_over(side.address, right, BUNDLE) == Laid()
        for wrong, says in (
            (TeamKeys(sftp_password="guess"), "does not let us in"),
            (TeamKeys(), "does not let us in"),
            (TeamKeys(sftp_key=str(path), sftp_passphrase="guess"), "passphrase"),
            (TeamKeys(sftp_key=str(tmp_path / "none")), "cannot be"),
        ):
            result = await line.hand_over(side.address, wrong, BUNDLE)
            assert isinstance(result, Later), wrong
            assert says in result.why


async def test_each_fault_of_the_other_side_is_said(tmp_path: Path) -> None:
    async with sftp_side(tmp_path / "side") as side:
        line, elsewhere = Line(side.known_hosts), side.address.replace("incoming", "missing")
        result = await line.hand_over(elsewhere, KEYS, BUNDLE)
        assert isinstance(result, Later)
        assert "is not there" in result.why
        assert isinstance(await line.hand_over("sftp://foyer@127.0.0.1/../etc", KEYS, BUNDLE), Never)
        address, hosts = side.address, side.known_hosts
    closed = await Line(hosts).hand_over(address, KEYS, BUNDLE)
    assert isinstance(closed, Later)
    assert "refused" in closed.why

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    slow = await Line(hosts, seconds=0.3).hand_over(f"sftp://foyer@127.0.0.1:{port}/in", KEYS, BUNDLE)
    server.close()
    assert slow == Later("127.0.0.1 did not answer in time.")


def test_keys_are_read_for_the_team_of_the_centre(tmp_path: Path) -> None:
    path = tmp_path / "teams.toml"
    path.write_text(
        '[housing]\nwebhook = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"\n[york-house.housing]\nsftp_password = "p"\n'
    )
    path.chmod(0o600)
    assert read_keys(path, "york-house", "housing") == TeamKeys(sftp_password="p")
    assert read_keys(path, "elsewhere", "housing").webhook == ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)
    assert "p" not in repr(read_keys(path, "york-house", "housing")).replace("TeamKeys", "")


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ("[other]\n", 0o600, "has no keys for the team “housing”"),
        ("not toml", 0o600, "is not in TOML"),
        ("[housing]\nsftp_password = 5\n", 0o600, "not written as text"),
        ('[housing]\nwebhook = "secret?"\n', 0o600, "webhook secret"),
        ("[housing]\n", 0o604, "may be read by everybody"),
    ],
)
def test_a_file_of_keys_that_cannot_be_used_is_said(tmp_path: Path, text: str, mode: int, says: str) -> None:
    path = tmp_path / "teams.toml"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(KeysUnusable, match=says):
        read_keys(path, "york-house", "housing")
