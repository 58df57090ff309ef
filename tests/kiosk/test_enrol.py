"""A kiosk is set up: it shows a code, is approved, and keeps its token to itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kiosk import enrol
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

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/enrol":
            assert body == {"kind": "kiosk", "name": "Kiosk"}
            type(self).asked += 1
            self._answer(201, {"enrolment": f"e{self.asked}", "secret": "s", "code": "7H4K-2M"})
        else:
            assert body["secret"] == "s"
            type(self).claims += 1
            if type(self).approved:
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
    Enrolling.approved, Enrolling.asked, Enrolling.claims = False, 0, 0
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
