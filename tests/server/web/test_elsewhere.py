"""Of several servers one loses its database: its screens are sent to those that have it, and stay where nobody has."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from server.doctor.line import web_address
from server.live.nonce import answer_to
from server.web import elsewhere
from server.web.socket import Conversation, open_conversations
from tests.server.conftest import Behind
from tests.server.web.rehearsal import TOKENS, Served, serving
from tests.support.house import running_house
from tests.support.waiting import until
from wire.vocabulary import DeviceKind


class Balancer:
    """What is asked at the public address: whose server is there, and whether any is ready."""

    def __init__(self) -> None:
        self.status, self.word = 503, "ready"
        self.key = "another house's"
        self.asked: list[tuple[str, float]] = []
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while somebody asks whether it is ready."""

    def says(self, path: str) -> tuple[int, str]:
        whose, _, nonce = path.rpartition("/")
        self.asked.append((whose, time.monotonic()))
        if whose == "/health/house":
            return 200, answer_to(self.key, nonce)
        self.meanwhile()
        return self.status, self.word

    def times(self, whose: str) -> int:
        return [path for path, _ in self.asked].count(whose)


@contextmanager
def balancer() -> Iterator[tuple[str, Balancer]]:
    state = Balancer()

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, said = state.says(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(f"{said}\n".encode())

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", state
        finally:
            server.shutdown()
            thread.join()


def lobby(served: Served) -> ClientConnection:
    line = connect(
        served.url.replace("http", "ws") + "/ws/device",
        additional_headers={"Authorization": f"Bearer {TOKENS[DeviceKind.DISPLAY]}"},
        proxy=None,
    )
    line.send(json.dumps({"type": "hello", "protocol": 1, "app": "test"}))
    assert json.loads(line.recv(10))["type"] == "snapshot"
    return line


@pytest.mark.postgres
def test_its_screens_are_sent_to_who_has_the_database_and_stay_where_nobody_has(
    behind: Behind, short_patience: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "EVERY_SECONDS", 0.05)
    line = behind.line
    with balancer() as (public, state), serving(behind.url, public_url=public) as served:
        process = served.house.process
        until(lambda: process.written_at, 20, "its first beat")
        process.beside = 2
        screen = lobby(served)
        line.cut()
        until(
            lambda: state.times("/health/house"),
            20,
            "that it asked whose server is at the public address",
        )
        assert process.deaf
        assert state.times("/health") == 0, "what another house says of itself is not asked"
        state.key = served.house.link_key
        until(lambda: state.times("/health"), 20, "that it asked whether others are ready")
        assert not process.elsewhere
        state.status = 200
        told = _bye(screen)
        assert (told["code"], told["retry_seconds"]) == ("restarting", 0.5)
        with pytest.raises(InvalidStatus) as refused:
            lobby(served)
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["retry-after"] == "1", "not after a look at a silent database"
        line.drop()
        line.mend()
        until(lambda: not process.elsewhere, 20, "that it lets screens in again")
        with lobby(served):
            pass


def a_screen() -> Conversation:
    screen = Conversation.__new__(Conversation)
    screen.over = asyncio.get_running_loop().create_future()
    open_conversations.add(screen)
    return screen


async def test_screens_are_sent_away_only_where_all_is_as_it_must_be(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "KEEP_SECONDS", 0.01)
    with balancer() as (public, state):
        async with running_house(sqlite_url) as rehearsal:
            house, process = rehearsal.house, rehearsal.house.process
            address = web_address(public)
            assert address is not None
            others = elsewhere.Others(address)

            async def is_sent_away(
                *,
                deaf: bool = True,
                beside: int = 2,
                ready: bool = False,
                status: int = 200,
                word: str = "ready",
            ) -> bool:
                process.deaf, process.beside, process.stopping = deaf, beside, not ready
                state.status, state.word = status, word
                await elsewhere._once(house, others)
                return process.elsewhere

            screen = a_screen()
            try:
                state.key = house.link_key
                assert not await is_sent_away(deaf=False), "its lane may only be slow"
                assert not await is_sent_away(beside=1), "there is nobody else"
                assert not await is_sent_away(ready=True), "it has the database itself"
                assert not state.asked
                assert not await is_sent_away(status=503)
                assert not await is_sent_away(word="We are sorry."), "a proxy's page"
                state.meanwhile = partial(setattr, process, "stopping", False)
                assert not await is_sent_away(), "the database came back for all while others were asked"
                state.meanwhile = lambda: None
                state.key = "another house's"
                asked = state.times("/health")
                assert not await is_sent_away()
                assert state.times("/health") == asked
                assert not screen.over.done()
                state.key = house.link_key
                monkeypatch.setattr(elsewhere, "KEEP_SECONDS", 0.3)
                began, asked = time.monotonic(), len(state.asked)
                assert await is_sent_away()
                assert state.asked[asked][1] - began >= 0.3, (
                    "not while others may still say what they knew before"
                )
                assert screen.over.done()
                assert screen.farewell.code == "restarting"
                late = a_screen()
                assert await is_sent_away(), "it stays so"
                assert late.over.done(), "one that had just come in as well"
                assert not await is_sent_away(ready=True)
            finally:
                open_conversations.clear()


async def test_whoever_answers_without_end_is_asked_once_and_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(elsewhere, "ANSWER_SECONDS", 0.5)
    calls: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            calls.append(listening.accept()[0])
            with contextlib.suppress(OSError):
                while True:  # each byte is in time
                    calls[0].sendall(b"H")
                    over.wait(0.01)

        over = threading.Event()
        stranger = threading.Thread(target=drip)
        stranger.start()
        address = web_address(f"http://127.0.0.1:{listening.getsockname()[1]}")
        assert address is not None
        others = elsewhere.Others(address)
        try:
            async with asyncio.timeout(30):
                assert not await others.are_ready("a key")
                assert not await others.are_ready("a key")
            listening.setblocking(False)
            with pytest.raises(BlockingIOError):
                listening.accept()
        finally:
            calls[0].shutdown(socket.SHUT_RDWR)
            over.set()
            stranger.join()
            calls[0].close()
            assert others._asking is not None
            others._asking.join()


def _bye(screen: ClientConnection) -> dict[str, Any]:
    """The last word; that it comes is waited for."""
    while True:
        frame: dict[str, Any] = json.loads(screen.recv(20))
        if frame["type"] == "bye":
            return frame
