"""A kiosk is set up: it shows a code, is approved, and keeps its token to itself."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kiosk import addressing, enrol
from kiosk.flow import events as e
from kiosk.flow.model import Screen
from tests.kiosk.standin import StandIn, until
from tests.kiosk.visiting import (
    GoodPrinter,
    printer,
    quick,
    running,
    server,
    settings_for,
)
from wire.frames import Bye

__all__ = ["printer", "quick", "server"]


class Enrolling(BaseHTTPRequestHandler):
    approved = False
    asked: int = 0
    claims: int = 0
    away: bool = False
    """It starts anew: what stands before it answers in its place."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/enrol":
            assert body == {"kind": "kiosk", "name": "Kiosk"}
            type(self).asked += 1
            self._answer(201, {"enrolment": f"e{self.asked}", "secret": "s", "code": "7H4K-2M"})
        else:
            assert body["secret"] == "s"
            type(self).claims += 1
            if type(self).away:
                self._answer(503, {})
            elif type(self).approved:
                self._answer(200, {"token": "right", "device": "k1", "centre": "york-house"})
            else:
                self._answer(202, {})

    def _answer(self, status: int, body: dict[str, str]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def office() -> Iterator[str]:
    Enrolling.approved, Enrolling.asked, Enrolling.claims, Enrolling.away = False, 0, 0, False
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Enrolling)
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


async def test_a_new_kiosk_shows_a_code_until_it_is_approved_and_keeps_its_token_to_itself(
    server: StandIn, printer: GoodPrinter, tmp_path: Path, office: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol.enrol, "__kwdefaults__", {"poll": 0.02, "retry": 0.02})
    async with running(settings_for(server, tmp_path, office), printer, paired=False) as visitor:
        await until(lambda: visitor.model.setup is not None and visitor.model.setup.code == "7H4K-2M")
        assert visitor.model.screen is Screen.SETUP
        await until(lambda: Enrolling.claims > 2)
        Enrolling.approved = True
        await visitor.ticket()
        assert (tmp_path / "device.json").stat().st_mode & 0o777 == 0o600
        server.bye = Bye(code="revoked", say="No longer.")
        Enrolling.approved = False
        await server.hang_up_all()
        await until(lambda: visitor.model.setup is not None)
        assert visitor.model.screen is Screen.TICKET, "the visitor may read on"
        visitor.tap(e.HideNow())
        await visitor.screen(Screen.SETUP)
        await until(lambda: visitor.model.setup is not None and visitor.model.setup.code is not None)
        assert visitor.model.setup is not None
        assert visitor.model.setup.revoked
        assert not (tmp_path / "device.json").exists()
        server.bye = None
        Enrolling.approved = True
        assert await visitor.ticket() == "K02"


async def test_a_server_that_starts_anew_leaves_the_code_that_an_administrator_reads_off(office: str) -> None:
    codes: list[str | None] = []
    asking = asyncio.create_task(enrol.enrol(lambda: office, "Kiosk", codes.append, poll=0.01, retry=0.01))
    await until(lambda: Enrolling.claims > 1)
    Enrolling.away = True
    await until(lambda: codes[-1] is None)
    Enrolling.away = False
    await until(lambda: codes[-1] == "7H4K-2M")
    Enrolling.approved = True
    assert (await asking).device == "k1"
    assert Enrolling.asked == 1


async def test_it_asks_to_be_set_up_at_the_old_address_when_the_new_one_is_silent(
    printer: GoodPrinter, tmp_path: Path, office: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol.enrol, "__kwdefaults__", {"poll": 0.02, "retry": 0.02})
    monkeypatch.setattr("kiosk.line.WAY_BACK_SECONDS", 0.0)
    addressing.keep(tmp_path, office, "http://127.0.0.1:9")
    async with running(settings_for(None, tmp_path, office), printer, paired=False) as visitor:
        await until(lambda: visitor.model.setup is not None and visitor.model.setup.code == "7H4K-2M")


async def test_a_token_that_is_taken_back_while_it_is_written_is_not_left_on_the_card(
    server: StandIn, printer: GoodPrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, written = threading.Event(), threading.Event(), threading.Event()
    keep = enrol.keep

    def slowly(folder: Path, paired: enrol.Paired) -> None:
        if paired.machine:
            begun.set()
            go_on.wait(20)
            keep(folder, paired)
            written.set()
        else:
            keep(folder, paired)

    monkeypatch.setattr(enrol, "keep", slowly)
    async with running(settings_for(server, tmp_path), printer, machine="a" * 64) as visitor:
        await until(begun.is_set)
        server.bye = Bye(code="revoked", say="No longer.")
        await server.hang_up_all()
        await until(lambda: visitor.runner.link is None)
        go_on.set()
        await until(written.is_set)
        await visitor.screen(Screen.SETUP)
        await until(lambda: enrol.recall(tmp_path) is None)


async def test_a_kiosk_out_of_service_asks_to_be_set_up_on_a_card_that_cannot_be_written_too(
    server: StandIn, printer: GoodPrinter, tmp_path: Path, office: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own file is where a folder stands: neither thrown away nor written over."""
    monkeypatch.setattr(enrol.enrol, "__kwdefaults__", {"poll": 0.02, "retry": 0.02})
    async with running(settings_for(server, tmp_path, office), printer, machine="a" * 64) as visitor:
        await until(lambda: enrol.recall(tmp_path) == enrol.Paired("right", "k1", "york-house", "a" * 64))
        (tmp_path / "device.json").unlink()
        (tmp_path / "device.json").mkdir()
        await visitor.screen(Screen.START)
        server.bye = Bye(code="revoked", say="No longer.")
        await server.hang_up_all()
        await visitor.screen(Screen.SETUP)
        server.bye = None
        Enrolling.approved = True
        await visitor.ticket()
        assert Enrolling.asked == 1, "it is not asked for another device each time"
        assert visitor.model.fault is None


def test_what_is_kept_is_on_the_card_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[bool] = []
    fsync = os.fsync

    def seen(descriptor: int) -> None:
        flushed.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", seen)
    state = tmp_path / "made anew"
    old, new = "https://old.example", "https://new.example"
    kept: list[tuple[Callable[[], None], list[bool]]] = [
        (partial(enrol.keep, state, enrol.Paired("right", "k1", "york-house")), [False, True]),
        (partial(addressing.keep, state, old, new), [False, True]),
        (partial(enrol.drop, state), [True]),
        (partial(addressing.keep, state, old, old), [True]),
    ]
    for keeping, file_then_folder in kept:
        flushed.clear()
        keeping()
        assert flushed[-2:] == file_then_folder


async def test_without_a_server_a_new_kiosk_says_it_is_not_ready(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    async with running(settings_for(None, tmp_path), printer, paired=False) as visitor:
        await visitor.screen(Screen.SETUP)
        assert visitor.model.setup_line.key == "setup.connecting"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"token": 1}', "\x00\xff"])
def test_a_token_file_that_makes_no_sense_is_not_set_up(tmp_path: Path, content: str) -> None:
    (tmp_path / "device.json").write_text(content)
    assert enrol.recall(tmp_path) is None


def test_a_token_is_in_no_repr() -> None:
    assert "geheim" not in repr(enrol.Paired("geheim", "k1", "york-house"))
