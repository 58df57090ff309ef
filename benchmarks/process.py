"""Processes that are measured: the real server, and the programs that load it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
UP_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One real server on one database file."""

    def __init__(self, url: str, port: int | None = None, log: Path | None = None, public: str = "") -> None:
        self.url = url
        self.port = port or free_port()
        self._log = log
        self._public = public or f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait: bool = True) -> None:
        environment = {
            # As installed: with its modules kept as byte code, whatever is set for whoever measures.
            **{name: each for name, each in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "FOYER_DATABASE": self.url,
            "FOYER_PORT": str(self.port),
            "FOYER_SECURE_COOKIES": "false",
            "FOYER_SECOND_FACTOR": "chosen",
            "FOYER_PUBLIC_URL": self._public,
        }
        errors = self._log.open("ab") if self._log else None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "server.serve"], cwd=ROOT, env=environment, stdout=errors, stderr=errors
        )
        if errors is not None:
            errors.close()
        if wait:
            self.wait_until_up()

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + UP_SECONDS
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
                return
            time.sleep(0.005)
        raise RuntimeError("the server did not get up")

    def kill(self) -> None:
        """As a power cut to the process: no chance to tidy up."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def rss_mb(self) -> float:
        return float(psutil.Process(self.pid).memory_info().rss) / 1_000_000


@contextlib.contextmanager
def serving(url: str) -> Iterator[Server]:
    server = Server(url)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def run_program(module: str, order: dict[str, Any], seconds: float = 120) -> Any:
    """Run `python -m module` with `order` as JSON on its input; what it prints last is its answer, JSON as well."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(order).encode(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        timeout=seconds,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])
