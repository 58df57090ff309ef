"""Real PostgreSQL servers for what is measured and proven: durable as installed (`fsync` on), on loopback, in a folder of their own, with standbys that follow.

They refuse to run as root, so under root they run as the user postgres.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks.process import free_port

USER = "foyer"
UP_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "wal_level": "replica",
    "max_wal_senders": "5",
    "hot_standby": "on",
    "wal_retrieve_retry_interval": "500ms",
}


def programs() -> Path:
    """Debian keeps them off the PATH, a folder for each major version."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    if not found:
        raise SystemExit("PostgreSQL is not installed here. `make setup-test` installs it.")
    return Path(found).resolve().parent


def _as_another() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class Postgres:
    """One server. `start` before use, `away` at the end."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings = {**SETTINGS, **settings}
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        if other := _as_another():
            os.chown(folder, other["user"], other["group"])

    @property
    def address(self) -> str:
        return self.address_of("foyer")

    def address_of(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def make(self) -> Postgres:
        """A new cluster with an empty database `foyer`."""
        self._run(
            "initdb", "-D", "data", f"--username={USER}", "--auth=trust", "--encoding=UTF8", "--locale=C"
        )
        with (self.folder / "data" / "pg_hba.conf").open("a", encoding="ascii") as rules:
            rules.write("host replication all 127.0.0.1/32 trust\n")
        self.start()
        self.run("CREATE DATABASE foyer", database="postgres")
        return self

    def follow(self, other: Postgres, name: str) -> Postgres:
        """A standby of `other`, that `other` waits for with each commit once it is named in synchronous_standby_names."""
        line = f"host=127.0.0.1 port={other.port} user={USER} application_name={name}"
        self._run("pg_basebackup", "-D", "data", "-R", "-X", "stream", "-c", "fast", "-d", line)
        self.start()
        return self

    def promote(self) -> None:
        self._run("pg_ctl", "promote", "-D", "data", "-w")

    def start(self) -> None:
        options = {**self.settings, "unix_socket_directories": str(self.folder)}
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(programs() / "postgres"),
                    *("-D", str(self.folder / "data"), "-p", str(self.port)),
                    *(f"-c{key}={value}" for key, value in options.items()),
                ],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_as_another(),
            )
        deadline = time.monotonic() + UP_SECONDS
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.address_of("postgres"), connect_timeout=2).close()
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: the fast shutdown that every restart is; SIGQUIT: as a pulled plug; SIGKILL never (it leaves shared memory behind)."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(30)

    def restart(self) -> None:
        self.stop()
        self.start()

    def run(self, statement: str, *, database: str = "foyer") -> list[Any]:
        with psycopg.connect(self.address_of(database), autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def cpu_seconds(self) -> float:
        """Of the server and those of its processes that live."""
        assert self._process is not None
        top = psutil.Process(self._process.pid)
        spent = 0.0
        for each in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                spent += times.user + times.system
        gone = top.cpu_times()
        return spent + gone.children_user + gone.children_system

    def away(self) -> None:
        self.stop(signal.SIGQUIT)

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [str(programs() / program), *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **_as_another(),
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr[-1000:]}")
