"""The key file, and what is sealed with it: made once, never quietly replaced, and nothing opens that was changed or moved."""

import os
import shutil
from pathlib import Path

import pytest

from server.app import create_app
from server.papers import sealing
from server.papers.keyring import Damaged, ForeignKey, Keyring, KeysUnusable, new_identity, open_keyring
from server.papers.sealing import CLEAR_BYTES, MOST_PIECE_BYTES, Facts
from server.settings import Settings
from tests.support.handed_in import handed_in
from tests.support.house import running_house

KEY = sealing.new_key()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "papers.key"


def write(path: Path, *lines: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)


def test_the_file_is_made_once_for_the_servers_user_alone(path: Path) -> None:
    first = open_keyring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert open_keyring(path).recipients == first.recipients
    assert open_keyring(path).unwrap(first.wrap(KEY)) == KEY
    assert str(first.identities[0]) not in repr(first)
    assert str(first.identities[0]) in path.read_text()


def test_the_first_key_seals_and_all_open(path: Path) -> None:
    old, new = new_identity(), new_identity()
    write(path, old)
    before = open_keyring(path)
    wrapped, marked = before.wrap(KEY), before.mark("packet", b"a packet")
    write(path, "# since July", new, "", old)
    after = open_keyring(path, [wrapped])
    assert after.recipients != before.recipients
    assert after.known[1:] == before.known
    assert after.unwrap(wrapped) == KEY
    assert after.mark("packet", b"a packet") == marked
    assert after.mark("preview", b"a packet") != marked
    write(path, new)
    with pytest.raises(ForeignKey):
        Keyring(after.identities[:1]).unwrap(wrapped)


def test_each_trouble_with_the_file_is_a_sentence_that_says_what_to_do(path: Path) -> None:
    wrapped = open_keyring(path).wrap(KEY)
    path.chmod(0o644)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        open_keyring(path)
    write(path, new_identity())
    with pytest.raises(KeysUnusable, match=r"another house.*age1abc"):
        open_keyring(path, [wrapped], "age1abc")
    write(path, "# nothing")
    with pytest.raises(KeysUnusable, match="holds no key"):
        open_keyring(path)
    write(path, "# one", "AGE-SECRET-KEY-1SLIP")
    with pytest.raises(KeysUnusable, match="Line 2") as said:
        open_keyring(path)
    assert "SLIP" not in str(said.value)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KeysUnusable, match="Line 1"):
        open_keyring(path)
    path.unlink()
    with pytest.raises(KeysUnusable, match="No new one was made"):
        open_keyring(path, [wrapped], "age1abc")
    assert not path.exists()
    path.mkdir()
    with pytest.raises(KeysUnusable, match="cannot be read"):
        open_keyring(path)


def test_where_it_cannot_be_made_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(KeysUnusable, match=r"could not be made|cannot be read"):
        open_keyring(tmp_path / "keys" / "papers.key")


async def test_a_server_does_not_start_without_the_key_of_what_it_keeps(
    database_url: str, path: Path
) -> None:
    """Neither with none nor with another; with nothing kept, a new one is made."""
    async with running_house(database_url, paper_keys=path) as rehearsal:
        await handed_in(rehearsal.house, rehearsal.kiosk)
        public = rehearsal.house.keyring.recipients[0]
    settings = Settings(database=database_url, paper_keys=path)
    moved = str(path.with_name("moved"))
    shutil.move(path, moved)
    with pytest.raises(KeysUnusable, match=public):
        create_app(settings)
    write(path, new_identity())
    with pytest.raises(KeysUnusable, match=public):
        create_app(settings)
    shutil.move(moved, path)
    create_app(settings)


def test_pieces_fit_a_row_and_open_only_as_they_were() -> None:
    key, body = sealing.new_key(), os.urandom(2 * CLEAR_BYTES + 5)
    pieces = list(sealing.seal(key, "d", body))
    assert len(pieces) == sealing.how_many(len(body)) == 3
    assert max(map(len, pieces)) == MOST_PIECE_BYTES
    assert sealing.unseal(key, "d", pieces) == body
    first, second, third = pieces
    turned = first[:500] + bytes((first[500] ^ 1,)) + first[501:]
    for wrong in (
        (second, first, third),
        (first, second),
        (first, second, third, third),
        (turned, second, third),
        (),
    ):
        with pytest.raises(Damaged):
            sealing.unseal(key, "d", wrong)
    for other_key, other in ((key, "e"), (sealing.new_key(), "d")):
        with pytest.raises(Damaged):
            sealing.unseal(other_key, other, pieces)
    assert list(sealing.seal(key, "d", b""))
    assert sealing.unseal(key, "d", list(sealing.seal(key, "d", b""))) == b""


def test_facts_are_kept_whole_and_shown_to_nobody() -> None:
    facts = Facts("HB 1", "+447700900123", "jane@example.org", {"name": {"first": "Jane"}, "pets": ["dog"]})
    kept = sealing.seal_facts(KEY, "s", facts)
    assert sealing.unseal_facts(KEY, "s", kept) == facts
    assert "Jane" not in repr(facts)
    with pytest.raises(Damaged):
        sealing.unseal_facts(KEY, "t", kept)
