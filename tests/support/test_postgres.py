"""The tests' own PostgreSQL can be pulled the plug on, and goes with the tests."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support.postgres import Cluster
from tests.support.processes import ROOT, Start
from tests.support.waiting import until

pytestmark = pytest.mark.postgres


def test_it_comes_back_after_its_plug_was_pulled(postgres_cluster: Cluster, empty_postgres_url: str) -> None:
    address = empty_postgres_url.replace("+psycopg", "")
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        connection.execute("create table kept (number integer)")
        connection.execute("insert into kept values (7)")
        connection.execute("checkpoint")
    postgres_cluster.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address, connect_timeout=2)
    postgres_cluster.start()
    with closing(psycopg.connect(address)) as connection:
        assert connection.execute("select number from kept").fetchone() == (7,)


def test_it_does_not_run_as_root(postgres_cluster: Cluster) -> None:
    pid = int((postgres_cluster.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert psutil.Process(pid).uids().real != 0


INNER = """
def test_hold(postgres_cluster):
    print("postmaster", (postgres_cluster.folder / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    print("folder", postgres_cluster.folder, flush=True)
    input()
"""


def test_it_ends_even_when_the_tests_are_killed(start_process: Start, tmp_path: Path) -> None:
    """Killed outright they cannot tidy up: the server must notice by itself. Its folder is then ours to remove."""
    (tmp_path / "conftest.py").write_text("from tests.support.postgres import postgres_cluster\n")
    (tmp_path / "test_inner.py").write_text(INNER)
    tests = start_process(
        "-c",
        "import os, sys, pytest; r, w = os.pipe(); os.dup2(r, 0); sys.exit(pytest.main(sys.argv[1:]))",
        *("-s", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={tmp_path}"),
        str(tmp_path / "test_inner.py"),
    )
    postmaster = psutil.Process(int(tests.said(r"postmaster (\d+)")[1]))
    folder = Path(tests.said(r"folder (\S+)")[1])
    os.kill(tests.pid, signal.SIGKILL)
    until(lambda: not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE, 10, "its end")
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.rmdir()
