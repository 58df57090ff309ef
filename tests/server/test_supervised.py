"""The server's loop tells systemd that it goes round (`WatchdogSec=`), and stops telling when it hangs.

That it says when it serves (`Type=notify`) is seen where systemd runs it for real: `make proof-pi`.
"""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

from hardware.supervisor import Supervisor
from server.serve import feed


async def test_a_loop_that_goes_round_feeds_the_watchdog_and_one_that_hangs_does_not(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.setblocking(False)
        feeding = asyncio.create_task(feed(Supervisor(str(tmp_path / "notify"), watchdog=0.03), None))
        loop = asyncio.get_running_loop()
        assert [await loop.sock_recv(ear, 100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        while _waiting(ear):
            pass
        fed, end = 0, time.monotonic() + 0.1
        while time.monotonic() < end:  # a loop that hangs, for several times the watchdog's patience
            fed += bool(_waiting(ear))
        assert fed == 0
        assert await asyncio.wait_for(loop.sock_recv(ear, 100), 30) == b"WATCHDOG=1", "it goes round again"
        feeding.cancel()


async def test_nobody_who_watches_is_not_told(tmp_path: Path) -> None:
    await asyncio.wait_for(feed(Supervisor(), None), 5)


def _waiting(ear: socket.socket) -> bytes:
    try:
        return ear.recv(100)
    except BlockingIOError:
        return b""
