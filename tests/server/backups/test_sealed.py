"""A backup's file that was cut short, changed, sealed to another key or is of another release: refused, and nothing is changed."""

from __future__ import annotations

import dataclasses
import io
import random
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pyrage import x25519
from sqlalchemy import make_url

from server.backups import elsewhere, gently, making, restoring, shelf, snapshot
from server.backups.manifest import Manifest, Part, TableSum
from server.backups.sealed import digest_of, seal, unseal
from server.backups.unusable import BackupUnusable
from server.clock import Clock
from server.domain.refusals import Refused
from tests.support.postgres import Cluster

PRESENT = b"what stands there now"


class Made(NamedTuple):
    file: Path
    identity: x25519.Identity
    address: str
    target: Path


@pytest.fixture
def made(sqlite_url: str, tmp_path: Path) -> Made:
    """A backup of an empty house; and a database that must not be touched."""
    identity = x25519.Identity.generate()
    target = tmp_path / "there" / "foyer.db"
    target.parent.mkdir()
    target.write_bytes(PRESENT)
    plan = making.Plan(
        sqlite_url,
        tmp_path / "backups",
        tmp_path / "work",
        tmp_path / "clips",
        (str(identity.to_public()),),
        "1.0",
    )
    return Made(making.make(plan, Clock().micros, lambda: 0.0).file, identity, sqlite_url, target)


def restore(
    made: Made, file: Path | None = None, identity: x25519.Identity | None = None
) -> restoring.Restored:
    return restoring.restore(
        file or made.file,
        [identity or made.identity],
        f"sqlite:///{made.target}",
        work=made.target.parent,
        clips=made.target.parent / "clips",
        stamp="now",
        ready=lambda address, manifest: None,
        replace=True,
    )


def untouched(made: Made) -> bool:
    beside = sorted(each.name for each in made.target.parent.iterdir())
    return made.target.read_bytes() == PRESENT and beside in (["foyer.db"], ["foyer.db", "foyer.db.lock"])


def test_what_is_cut_at_any_tenth_of_its_length_is_refused(made: Made, tmp_path: Path) -> None:
    whole = made.file.read_bytes()
    cut = tmp_path / "cut.age"
    for tenth in range(10):
        cut.write_bytes(whole[: len(whole) * tenth // 10])
        with pytest.raises(BackupUnusable, match=r"cut\.age is damaged"):
            restore(made, cut)
        assert untouched(made)
    cut.write_bytes(whole[:-1])
    with pytest.raises(BackupUnusable, match="is damaged"):
        restore(made, cut)
    cut.write_bytes(whole + b"more")
    with pytest.raises(BackupUnusable, match="is damaged"):
        restore(made, cut)
    assert untouched(made)


def test_a_byte_that_was_changed_anywhere_is_found(made: Made, tmp_path: Path) -> None:
    whole = bytearray(made.file.read_bytes())
    changed, dice = tmp_path / "changed.age", random.Random(7)
    places = [*range(0, 400, 23), len(whole) - 1, *dice.sample(range(len(whole)), 30)]
    for place in places:
        whole[place] ^= 1 << dice.randrange(8)
        changed.write_bytes(whole)
        with pytest.raises(BackupUnusable, match=r"is damaged|was not sealed to this key"):
            restore(made, changed)
        whole[:] = made.file.read_bytes()
    assert untouched(made)
    assert len(places) > 40


def test_two_backups_put_together_are_refused(made: Made, tmp_path: Path) -> None:
    whole = made.file.read_bytes()
    mixed = tmp_path / "mixed.age"
    mixed.write_bytes(whole[: len(whole) // 2] + whole[: len(whole) // 2])
    with pytest.raises(BackupUnusable, match="is damaged"):
        restore(made, mixed)
    assert untouched(made)


def test_another_key_is_told_from_damage(made: Made) -> None:
    with pytest.raises(BackupUnusable, match="was not sealed to this key"):
        restore(made, identity=x25519.Identity.generate())
    assert untouched(made)


def test_a_file_that_is_something_else_is_refused(made: Made, tmp_path: Path) -> None:
    import pyrage

    other = tmp_path / "other.age"
    for body in (b"", b"not an archive", b"\x1f\x8b" + b"0" * 50):
        other.write_bytes(pyrage.encrypt(body, [made.identity.to_public()]))
        with pytest.raises(BackupUnusable, match=r"is damaged|not a backup"):
            restore(made, other)
    other.write_bytes(b"age-encryption.org/v1\nnonsense")
    with pytest.raises(BackupUnusable, match="is damaged"):
        restore(made, other)
    assert untouched(made)


def sealed_by_hand(made: Made, tmp_path: Path, **changes: Any) -> Path:
    """The same backup with another manifest, whole and rightly sealed."""
    folder = tmp_path / "by-hand"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    manifest, _ = unseal(made.file, [made.identity], folder)
    file = tmp_path / "by-hand.age"
    out = io.BytesIO()
    seal(dataclasses.replace(manifest, **changes), folder, [made.identity.to_public()], out)
    file.write_bytes(out.getvalue())
    return file


def test_a_newer_schema_is_refused_before_anything_is_done(made: Made, tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable, match="made by a newer Foyer"):
        restore(made, sealed_by_hand(made, tmp_path, schema="9999"))
    assert untouched(made)


def test_a_table_that_is_not_what_the_manifest_says_is_refused(made: Made, tmp_path: Path) -> None:
    tables = {"centre": TableSum(3, "0" * 64)}
    with pytest.raises(BackupUnusable, match="alembic_version is in only one of them"):
        restore(made, sealed_by_hand(made, tmp_path, tables=tables))
    assert untouched(made)


def test_a_part_that_is_not_what_the_manifest_says_is_refused(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "look"
    folder.mkdir()
    manifest, _ = unseal(made.file, [made.identity], folder)
    other = dataclasses.replace(manifest.database, digest="0" * 64)
    with pytest.raises(BackupUnusable, match="is damaged"):
        restore(made, sealed_by_hand(made, tmp_path, parts=(other,)))
    assert untouched(made)


def test_a_part_that_would_leave_its_folder_is_refused(made: Made, tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable, match="not a backup of Foyer"):
        restore(made, _with_part(made, tmp_path, "../../outside"))
    assert untouched(made)
    assert not (tmp_path / "outside").exists()


def _with_part(made: Made, tmp_path: Path, name: str) -> Path:
    folder = tmp_path / "parts" / "in" / "it"
    folder.mkdir(parents=True)
    manifest, _ = unseal(made.file, [made.identity], folder)
    body = folder / name
    body.parent.mkdir(parents=True, exist_ok=True)
    body.write_bytes(b"x")
    more = Part(name, 1, digest_of(body))
    out = io.BytesIO()
    seal(
        dataclasses.replace(manifest, parts=(*manifest.parts, more)), folder, [made.identity.to_public()], out
    )
    file = tmp_path / "parts.age"
    file.write_bytes(out.getvalue())
    return file


def test_what_is_there_is_replaced_only_when_that_was_said(made: Made) -> None:
    with pytest.raises(BackupUnusable, match="say --replace"):
        restoring.restore(
            made.file,
            [made.identity],
            f"sqlite:///{made.target}",
            work=made.target.parent,
            clips=made.target.parent,
            stamp="now",
            ready=lambda address, manifest: None,
        )
    assert untouched(made)
    done = restore(made)
    assert Path(done.aside).read_bytes() == PRESENT
    with closing(sqlite3.connect(made.target)) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() is not None


def test_what_fails_while_it_is_made_ready_leaves_everything_as_it_was(made: Made) -> None:
    def refuses(address: str, manifest: Manifest) -> None:
        raise Refused.__new__(Refused)

    with pytest.raises(Refused):
        restoring.restore(
            made.file,
            [made.identity],
            f"sqlite:///{made.target}",
            work=made.target.parent,
            clips=made.target.parent,
            stamp="now",
            ready=refuses,
            replace=True,
        )
    assert untouched(made)


@pytest.fixture
def a_full_disk(tmp_path: Path) -> Path:
    """Where nothing can be written: a file stands where the folder should."""
    place = tmp_path / "full"
    place.write_bytes(b"")
    return place


def test_a_backup_that_cannot_be_written_says_so_and_leaves_nothing(
    sqlite_url: str, tmp_path: Path, a_full_disk: Path
) -> None:
    key = str(x25519.Identity.generate().to_public())
    plan = making.Plan(sqlite_url, a_full_disk, tmp_path / "work", tmp_path, (key,), "1.0")
    with pytest.raises(BackupUnusable, match="could not be written"):
        making.make(plan, Clock().micros, lambda: 0.0)
    assert list(tmp_path.glob("work/backing-up*")) == []
    assert shelf.backups(a_full_disk) == []


def test_backups_may_lie_in_the_servers_own_folder(sqlite_url: str, tmp_path: Path) -> None:
    key = str(x25519.Identity.generate().to_public())
    plan = making.Plan(
        sqlite_url, tmp_path / "." / "here", tmp_path / "here", tmp_path / "clips", (key,), "1.0"
    )
    made = making.make(plan, Clock().micros, lambda: 0.0)
    assert [file for file, _ in shelf.backups(tmp_path / "here")] == [made.file]


def test_a_damaged_database_makes_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    body = bytearray(path.read_bytes())
    for page in range(20, 40):
        body[page * 4096 : page * 4096 + 100] = b"\xff" * 100
    path.write_bytes(body)
    key = str(x25519.Identity.generate().to_public())
    plan = making.Plan(sqlite_url, tmp_path / "backups", tmp_path / "work", tmp_path, (key,), "1.0")
    with pytest.raises(BackupUnusable, match=r"damaged|malformed"):
        making.make(plan, Clock().micros, lambda: 0.0)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_database_whose_index_is_damaged_makes_no_backup_though_every_row_can_be_read(
    sqlite_url: str, tmp_path: Path
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as database:
        [(page, size)] = database.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema WHERE name = 'ix_post_centre'"
        ).fetchall()
    body = bytearray(path.read_bytes())
    body[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(body)
    key = str(x25519.Identity.generate().to_public())
    plan = making.Plan(sqlite_url, tmp_path / "backups", tmp_path / "work", tmp_path, (key,), "1.0")
    with pytest.raises(BackupUnusable, match="The database is damaged"):
        making.make(plan, Clock().micros, lambda: 0.0)


@pytest.mark.parametrize(
    ("keys", "say"),
    [((), "make-key"), (("AGE-SECRET-KEY-1NONSENSE",), "not a public key"), (("age1x",), "not a public key")],
)
def test_keys_that_cannot_be_sealed_to_are_said_without_being_shown(
    sqlite_url: str, tmp_path: Path, keys: tuple[str, ...], say: str
) -> None:
    plan = making.Plan(sqlite_url, tmp_path / "backups", tmp_path / "work", tmp_path, keys, "1.0")
    with pytest.raises(BackupUnusable, match=say) as told:
        making.make(plan, Clock().micros, lambda: 0.0)
    assert "NONSENSE" not in str(told.value)


def test_two_are_not_made_at_once_and_one_that_is_ended_leaves_nothing_in_the_clear(
    sqlite_url: str, tmp_path: Path
) -> None:
    key = str(x25519.Identity.generate().to_public())
    plan = making.Plan(sqlite_url, tmp_path / "backups", tmp_path / "work", tmp_path / "none", (key,), "1.0")
    asked: list[str] = []

    def now() -> int:
        asked.append("now")
        if len(asked) == 2:  # the copy lies there
            assert list((tmp_path / "work").rglob("foyer.db"))
            with pytest.raises(BackupUnusable, match="Another backup is being made"):
                making.make(plan, Clock().micros, lambda: 0.0)
            assert list((tmp_path / "work").rglob("foyer.db")), "what the other has half done is left alone"
            sys.exit(143)
        return Clock().micros()

    with pytest.raises(SystemExit):
        making.make(plan, now, lambda: 0.0)
    assert [*(tmp_path / "work").iterdir(), *(tmp_path / "backups").iterdir()] == []
    assert making.make(plan, Clock().micros, lambda: 0.0).file.exists()


def test_what_a_killed_comparison_left_on_postgresql_is_swept_away(postgres_cluster: Cluster) -> None:
    address = postgres_cluster.url("postgres")
    left, url = "foyer_check_0a0b0c0d", make_url(address)
    elsewhere.make(url, left)
    with elsewhere.beside(url) as used:
        elsewhere.sweep(address)
        with elsewhere.maintaining(url) as connection:
            rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'foyer_check_%'")
            assert [row[0] for row in rows.fetchall()] == [used.database]


def test_a_copy_made_in_steps_is_of_one_instant_and_does_not_begin_anew(tmp_path: Path) -> None:
    path, copy, steps = tmp_path / "busy.db", tmp_path / "copy.db", []
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, words BLOB)")
        writer.executemany("INSERT INTO visit (words) VALUES (?)", [(b"x" * 3000,)] * 100)
        pages = writer.execute("PRAGMA page_count").fetchone()[0]

        def another() -> None:
            steps.append("step")
            assert len(steps) < 3 * pages, "it began anew"
            writer.execute("INSERT INTO visit (words) VALUES ('later')")
            writer.execute("UPDATE visit SET words = 'changed' WHERE id = ?", (len(steps),))

        snapshot.copy_sqlite(path, copy, another, pages=2)
    with closing(sqlite3.connect(copy)) as made:
        found = made.execute("SELECT COUNT(*), SUM(words = ?) FROM visit", (b"x" * 3000,)).fetchone()
    assert found == (100, 100)
    assert len(steps) >= pages // 2


def test_what_is_written_goes_to_the_disk_in_steps(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        steps = gently.Steps(file.fileno(), step=100)
        for _ in range(25):
            steps.wrote(20)
    assert steps.taken == 5
