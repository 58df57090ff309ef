"""A server under systemd: says when it serves, feeds its watchdog, and when it is to stop says first that it is not ready, and serves on for a while."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from server.store.database import open_database
from server.store.schema import migrate_address
from tests.server.web.rehearsal import set_up
from tests.support.house import TUESDAY
from tests.support.ports import free_port
from tests.support.waiting import until


def heaps_of(process: int) -> int:
    """How many its threads have besides the program's own: the GNU library lays each at a multiple of 64 MiB."""
    maps = Path(f"/proc/{process}/maps").read_text().splitlines()
    own = [line.split()[0] for line in maps if line.split()[1:] == ["rw-p", "00000000", "00:00", "0"]]
    return sum(int(each.partition("-")[0], 16) % (64 * 1024 * 1024) == 0 for each in own)


def test_it_says_that_it_stops_before_it_does(tmp_path: Path) -> None:
    address, port = f"sqlite:///{tmp_path}/foyer.db", free_port()
    migrate_address(address)
    database = open_database(address)
    with database.writing() as session:
        set_up(session, TUESDAY)
    database.close()
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    told.settimeout(0.1)
    heard: list[str] = []

    def hears(word: str) -> bool:
        with contextlib.suppress(TimeoutError):
            heard.extend(told.recv(4096).decode().splitlines())
        return word in heard

    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FOYER_")},
        "FOYER_DATABASE": address, "FOYER_DATA": str(tmp_path), "FOYER_PORT": str(port), "FOYER_SECURE_COOKIES": "false",
        "FOYER_DRAIN_SECONDS": "60", "FOYER_LOGS": "json", "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1500000",
    }  # fmt: skip
    main = [sys.executable, "-c", "from server.cli import main; main()", "serve"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(main, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: hears("READY=1"), seconds=60, what="that it serves")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            until(lambda: client.get("/health/ready").status_code == 200, seconds=20, what="that it is ready")
            until(lambda: hears("WATCHDOG=1"), seconds=20, what="a watchdog that is fed")
            assert heaps_of(server.pid) < 4, (
                "its threads share heaps (server.memory); they would have a dozen"
            )
            server.send_signal(signal.SIGTERM)
            until(lambda: hears("STOPPING=1"), seconds=20, what="that it stops")
            until(lambda: client.get("/health/ready").status_code == 503, seconds=20, what="not ready")
            assert client.get("/sign-in").status_code == 200, "it serves on while a balancer finds out"
        server.send_signal(signal.SIGTERM)  # told a second time
        assert server.wait(30) in (0, -signal.SIGTERM, -signal.SIGINT)
    finally:
        server.kill()
        server.wait(10)
        told.close()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["event"] for line in lines if line["logger"] == "foyer.serve"][-1] == "stopped"
    assert len(lines) < 10, lines
    database = open_database(address)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM server_process").scalar_one() == 0
    database.close()
