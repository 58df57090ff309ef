"""A PostgreSQL of the tests' own: made in a temporary folder, on a loopback port, gone afterwards.

The machine's PostgreSQL service is neither needed nor touched. The server refuses to run as root, so
under root (a build machine, a container) it runs as another user. `fsync` is off: these tests are about
rules, and the programs that are about power cuts are in `benchmarks/`.

A database is migrated once, as a template; each test gets a copy of its own, which costs about 0.1 s of processor and some 25 ms
on a quiet machine, instead of a migration. It is asked for over one connection that is kept.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.ports import free_port
from tests.support.waiting import until

USER = "foyer"
INITDB_OPTIONS = (
    f"--username={USER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    "--no-instructions",
)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "max_wal_size": "512MB",
}
PR_SET_PDEATHSIG = 1


def programs_folder() -> Path:
    """Where `initdb` and `postgres` are; Debian keeps them off the PATH, one folder for each major
    version.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    assert found, "PostgreSQL is not installed here. `make setup-test` installs it."
    return Path(found).resolve().parent


def _unprivileged() -> dict[str, Any]:
    """Arguments for Popen that leave root behind; none when we are not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise AssertionError("PostgreSQL cannot run as root, and there is no user postgres here.")


def _end_with_parent() -> None:
    """In the child: even if the tests are killed, their database server is shut down at once (SIGQUIT)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


@dataclass
class Cluster:
    """A running server. `url(name)` is the address of one of its databases."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _kept: psycopg.Connection[Any] | None = None

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        if self._kept is None or self._kept.closed:
            address = f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"
            self._kept = psycopg.connect(address, autocommit=True, connect_timeout=5)
        self._kept.execute(statement)

    def create(self, template: str = "template1") -> str:
        """A new database, copied from `template`; its name."""
        name = f"foyer_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Away with it, whoever is still connected."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Power off, as by a pulled plug: the next start recovers from the log."""
        if self._kept is not None:
            self._kept.close()
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(10)

    def start(self) -> None:
        """Again, on the same folder and port, after `stop`."""
        self._process = _serve(self.folder, self.port)


def _serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    options = [f"-c{key}={value}" for key, value in {**SETTINGS, "unix_socket_directories": folder}.items()]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [programs_folder() / "postgres", "-D", folder / "data", "-p", str(port), *options],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_end_with_parent,
            **_unprivileged(),
        )

    def answers() -> bool:
        if process.poll() is not None:
            raise AssertionError(f"PostgreSQL did not start:\n{(folder / 'server.log').read_text()}")
        try:
            psycopg.connect(f"postgresql://{USER}@127.0.0.1:{port}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    until(answers, 30, "PostgreSQL answering")
    return process


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A running server, one for each test process."""
    folder = Path(tempfile.mkdtemp(prefix="foyer-pg-"))
    other = _unprivileged()
    try:
        if other:
            os.chown(folder, other["user"], other["group"])
        subprocess.run(
            [programs_folder() / "initdb", "-D", folder / "data", *INITDB_OPTIONS],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            **other,
        )
        port = free_port()
        cluster = Cluster(folder, port, _serve(folder, port))
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder)
