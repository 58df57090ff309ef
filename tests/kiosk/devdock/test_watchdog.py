"""A real kiosk process under a supervisor that listens: fed while it draws, and not when it stands still."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk.devdock.conftest import Dock

SPAN = 1.2
pytestmark = pytest.mark.asyncio(loop_scope="session")


class Ear:
    """The supervisor's end of the datagram socket."""

    def __init__(self, name: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self._socket.setblocking(False)
        self.name = name
        self.heard: list[str] = []

    def hear(self) -> list[str]:
        while True:
            try:
                self.heard.extend(self._socket.recv(4096).decode().splitlines())
            except BlockingIOError:
                return self.heard

    async def hears(self, line: str, times: int = 1, seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while sum(each.startswith(line) for each in self.hear()) < times:
            assert time.monotonic() < deadline, (line, self.heard)
            await asyncio.sleep(0.02)

    async def falls_quiet(self, seconds: float = 20.0) -> None:
        """Nothing is said for a whole span any more, of which each used to bring three feeds."""
        loop = asyncio.get_running_loop()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                async with asyncio.timeout(SPAN):
                    await loop.sock_recv(self._socket, 4096)
            except TimeoutError:
                return
        raise AssertionError("it goes on feeding")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    """Set up before the kiosk, which finds it in its environment."""
    found = Ear(f"@foyer-test-{tmp_path.name}")
    monkeypatch.setenv("NOTIFY_SOCKET", found.name)
    monkeypatch.setenv("WATCHDOG_USEC", str(round(SPAN * 1e6)))
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    yield found
    found.close()


async def test_a_kiosk_whose_picture_stands_still_feeds_no_more(ear: Ear, dock: Dock) -> None:
    await ear.hears("READY=1")
    before = ear.heard[: ear.heard.index("READY=1")]
    assert before == ["STATUS=Starting."], "nothing is fed or said to be ready before the first picture"
    await ear.hears("STATUS=Serving visitors.")
    await ear.hears("WATCHDOG=1", times=3)

    await dock.post("/lever", {"name": "freeze_picture", "on": True})
    await asyncio.to_thread(dock.child.said, "no picture was drawn")
    assert (await dock.state())["screen"], "the rest of it turns as before"
    await ear.falls_quiet()

    await dock.post("/lever", {"name": "freeze_picture", "on": False})
    await ear.hears("WATCHDOG=1", times=2)
    os.kill(dock.child.pid, signal.SIGSTOP)  # as when the whole loop hangs
    await ear.falls_quiet()
    os.kill(dock.child.pid, signal.SIGCONT)
    fed = ear.hear().count("WATCHDOG=1")
    await ear.hears("WATCHDOG=1", times=fed + 1)

    dock.child.signal(signal.SIGTERM)
    await asyncio.to_thread(dock.child.wait, 20.0)
    assert ear.hear()[-2:] == ["STOPPING=1", "STATUS=Ending."], "one that is ended says so first"
