"""Somebody on the waiting room's network connects and says nothing, or half a request, many times over. Screens and pages go on."""

from __future__ import annotations

import asyncio
import gc
import socket as sockets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import httpx
import pytest
from websockets.asyncio.client import connect

from server import serve
from server.app import GC_THRESHOLDS
from server.clock import Clock
from server.settings import Settings
from server.store.database import open_database
from tests.server.web.rehearsal import set_up
from tests.server.web.test_socket import bearer, greet
from tests.support.waiting import until
from wire.frames import Beat, Snapshot, read_server_frame

HALVES = (
    b"",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nuser",
    b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\nGET /sign-in HTTP/1.1\r\nHo",
)


@pytest.fixture
def port(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[int]:
    """The server as it is run, but less patient. What it does to its process's garbage is undone."""
    usual = gc.get_threshold()
    monkeypatch.setattr(serve, "SILENT_SECONDS", 1.0)
    monkeypatch.setattr(serve, "LOOK_SECONDS", 0.1)
    database = open_database(sqlite_url)
    with database.writing() as session:
        set_up(session, Clock().now())
    database.close()
    settings = Settings(database=sqlite_url, port=0, data=tmp_path, secure_cookies=False)
    server = serve.Server(serve.config_of(settings))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive(), 10, "the server's start")
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(15)
    gc.set_threshold(*usual)
    gc.unfreeze()
    assert not thread.is_alive()


def is_cut(connection: sockets.socket) -> bool:
    try:
        while connection.recv(65_536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True


async def test_they_are_cut_off_and_whoever_speaks_is_not(port: int) -> None:
    assert gc.get_threshold() == GC_THRESHOLDS, "a server alone in its process sees to its garbage itself"
    with ExitStack() as stack:
        idle = []
        for number in range(80):
            connection = stack.enter_context(sockets.create_connection(("127.0.0.1", port)))
            connection.sendall(HALVES[number % len(HALVES)])
            connection.setblocking(False)
            idle.append(connection)
        async with (
            connect(
                f"ws://127.0.0.1:{port}/ws/device", additional_headers=bearer(), ping_interval=None
            ) as kiosk,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as browser,
        ):
            assert isinstance(await greet(kiosk), Snapshot)
            assert (await browser.get("/sign-in")).status_code == 200
            await asyncio.to_thread(
                until, lambda: all(is_cut(each) for each in idle), 10, "the end of the idle ones"
            )
            assert (await browser.get("/sign-in")).status_code == 200
            assert isinstance(read_server_frame(await asyncio.wait_for(kiosk.recv(), 10)), Beat)


def test_a_kiosk_that_sends_papers_over_a_slow_line_is_heard_to_the_end_and_a_stranger_is_not(
    port: int,
) -> None:
    """Slower than anybody else may be; what it sends is no packet, which only who has read all of it can say."""
    head = f"PUT /api/packets/{'a' * 32} HTTP/1.1\r\nHost: x\r\nContent-Length: 800\r\n"
    with ExitStack() as stack:
        kiosk, stranger = (
            stack.enter_context(sockets.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(2)
        )
        kiosk.sendall(f"{head}Authorization: {bearer()['Authorization']}\r\n\r\n".encode())
        stranger.sendall(f"{head}\r\n".encode())
        refused = stranger.recv(65_536)
        stranger.setblocking(False)
        left = 80
        while left:  # the slow line itself
            time.sleep(0.03)
            kiosk.sendall(b"x" * 10)
            left -= 1
        assert kiosk.recv(65_536).startswith(b"HTTP/1.1 422")
        assert refused.startswith(b"HTTP/1.1 401")
        until(lambda: is_cut(stranger), 10, "the end of the stranger")
