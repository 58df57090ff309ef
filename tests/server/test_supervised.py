"""The server tells systemd when it serves and that its loop still goes round (`Type=notify`, `WatchdogSec=`)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


def test_a_supervised_server_says_when_it_serves_and_goes_on_saying_so_until_it_hangs(
    ear: socket.socket, tmp_path: Path
) -> None:
    environment = {
        **os.environ,
        "FOYER_DATABASE": f"sqlite:///{tmp_path / 'foyer.db'}",
        "FOYER_DATA": str(tmp_path),
        "FOYER_PORT": str(free_port()),
        "NOTIFY_SOCKET": str(tmp_path / "notify"),
        "WATCHDOG_USEC": "600000",
    }
    server = subprocess.Popen([sys.executable, "-m", "server.serve"], cwd=ROOT, env=environment)
    try:
        heard: list[str] = []
        while heard.count("WATCHDOG=1") < 3:
            heard += ear.recv(4096).decode().splitlines()
        assert heard.index("READY=1") < heard.index("WATCHDOG=1")
        assert f"STATUS=Serving on port {environment['FOYER_PORT']}." in heard
        server.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, server.pid, os.WSTOPPED | os.WNOWAIT)
        _drain(ear)
        ear.settimeout(1.2)
        with pytest.raises(TimeoutError):
            ear.recv(4096)
    finally:
        server.kill()
        server.wait()


def _drain(ear: socket.socket) -> None:
    ear.setblocking(False)
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            ear.recv(4096)
        except BlockingIOError:
            return
