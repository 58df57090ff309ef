"""What a supervisor is told, on real sockets of both kinds."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hardware.supervisor import Supervisor


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_it_is_told_over_either_kind_of_socket(kind: str, tmp_path: Path) -> None:
    name = str(tmp_path / "notify") if kind == "path" else f"@{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.settimeout(5)
        ear.bind("\0" + name[1:] if kind == "abstract" else name)
        supervisor = Supervisor.found({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "30000000"})
        assert supervisor.watchdog == 30.0
        supervisor.ready("All\nis  well")
        assert ear.recv(999) == b"READY=1\nSTATUS=All is well"
        supervisor.status("All is well")
        supervisor.well()
        assert ear.recv(999) == b"WATCHDOG=1", "the same status again is not said"
        supervisor.stopping()
        assert ear.recv(999).startswith(b"STOPPING=1")
        supervisor.close()


def test_a_watchdog_that_is_not_ours_is_not_fed() -> None:
    seen = {"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "7"}
    assert Supervisor.found(seen, pid=8).watchdog is None
    assert Supervisor.found(seen, pid=7).watchdog == 1.0
    assert Supervisor.found({"WATCHDOG_USEC": "1000000"}).watchdog is None, "nobody is there to be told"
    assert Supervisor.found(seen | {"WATCHDOG_USEC": "soon"}, pid=7).watchdog is None


def test_a_supervisor_that_is_gone_or_reads_nothing_harms_nobody(tmp_path: Path) -> None:
    gone = Supervisor(str(tmp_path / "nobody"))
    gone.well()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "deaf"))
        supervisor = Supervisor(str(tmp_path / "deaf"), 1.0)
        for _ in range(2000):
            supervisor.well()
