"""`kill -9` in the middle of a restore: nothing was changed, and nothing of the house is left lying in the clear."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from pyrage import x25519
from sqlalchemy import make_url

from server.backups import clearing, elsewhere, making
from server.clock import Clock
from tests.support.postgres import Cluster
from tests.support.waiting import until
from wire.vocabulary import new_id

RESTORING = """
import signal, sys
from pathlib import Path
from server.backups import restoring
from server.backups.sealed import identities_of

def ready(address, manifest):
    print("proved", flush=True)
    signal.pause()

file, key, address, work = sys.argv[1:]
restoring.restore(Path(file), identities_of(Path(key)), address, work=Path(work), clips=Path(work, "clips"), stamp="now", ready=ready, replace=True)
"""


@pytest.fixture
def target(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/there/foyer.db"
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    return cluster.url(f"killed_{new_id()[:8]}")


def databases(address: str) -> list[str]:
    with elsewhere.maintaining(make_url(address)) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'foyer_%'").fetchall()
    return [str(row[0]) for row in rows]


def test_a_restore_that_is_killed_leaves_nothing_in_the_clear(
    database_url: str, target: str, tmp_path: Path
) -> None:
    identity, there = x25519.Identity.generate(), tmp_path / "there"
    key = tmp_path / "key"
    key.write_text(f"{identity}\n")
    plan = making.Plan(
        database_url, tmp_path / "b", tmp_path / "w", tmp_path / "c", (str(identity.to_public()),), "1"
    )
    made = making.make(plan, Clock().micros, lambda: 0.0)
    there.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", RESTORING, str(made.file), str(key), target, str(there)],
        stdout=subprocess.PIPE,
    ) as killed:
        try:
            assert killed.stdout is not None
            assert killed.stdout.readline() == b"proved\n"
            [folder] = there.glob("restoring-*")
            assert folder.stat().st_mode & 0o077 == 0
            assert list(folder.iterdir())
            assert clearing.sweep([there]) == [], "one that is at work is left alone"
        finally:
            os.kill(killed.pid, signal.SIGKILL)
    until(lambda: not folder.exists(), what="the copy in the clear is gone")
    assert {each.name for each in there.iterdir()} <= {"foyer.db.lock"}
    if target.startswith("postgresql"):
        elsewhere.sweep(target)
        assert not [each for each in databases(target) if "restoring" in each]


def test_what_a_power_cut_left_is_swept_away_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    for name in ("restoring-0a0b0c0d", "backing-up-0a0b0c0d", "foyer-check-0a0b0c0d", "restoring-by-hand"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "foyer.db").write_bytes(b"x")
    with ExitStack() as stack:
        used = stack.enter_context(clearing.in_the_clear(tmp_path, clearing.RESTORING))
        assert {each.name for each in clearing.sweep([tmp_path, tmp_path / "not-there"])} == {
            "restoring-0a0b0c0d",
            "backing-up-0a0b0c0d",
            "foyer-check-0a0b0c0d",
        }
        assert {each.name for each in tmp_path.iterdir()} == {"restoring-by-hand", used.name}
    assert [each.name for each in tmp_path.iterdir()] == ["restoring-by-hand"]
