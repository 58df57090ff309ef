"""The dock cannot be switched on by accident, and answers nobody but this machine's own page."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from kiosk import config, devdock
from kiosk.devdock.http import Refusal, Request, Response, say, serve_http

ON = "[dock]\nenabled = true\n"


async def _echo(request: Request) -> Response:
    if request.path == "/gone":
        raise Refusal(404, "there is nothing here")
    return say(
        {"method": request.method, "path": request.path, "query": dict(request.query), "body": request.body}
    )


async def _ask(head: str, body: bytes = b"") -> tuple[int, Any]:
    server = await serve_http(0, _echo)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.replace("PORT", str(port)).replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    first, _, rest = answer.partition(b"\r\n\r\n")
    return int(first.split()[1]), json.loads(rest)


async def test_it_refuses_to_serve_where_this_is_not_a_demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody: Any = None
    for value in (None, "0", "yes"):
        if value is None:
            monkeypatch.delenv("FOYER_DEMO", raising=False)
        else:
            monkeypatch.setenv("FOYER_DEMO", value)
        with pytest.raises(devdock.NotADemonstration):
            await devdock.serve(0, runner=nobody, face=nobody, pump=nobody, printer=nobody)


def test_settings_with_the_dock_on_are_refused_without_a_demonstration() -> None:
    with pytest.raises(config.Refused, match="not a demonstration"):
        config.parse(ON, Path("kiosk.toml"), {})
    with pytest.raises(config.Refused, match="not on this machine"):
        config.parse('server = "https://foyer.example.org"\n' + ON, Path("kiosk.toml"), {"FOYER_DEMO": "1"})
    assert config.parse(ON, Path("kiosk.toml"), {"FOYER_DEMO": "1"}).dock.enabled
    assert not config.parse("", Path("kiosk.toml"), {"FOYER_DEMO": "1"}).dock.enabled


async def test_it_listens_on_loopback_only() -> None:
    server = await serve_http(0, _echo)
    async with server:
        assert {socket.getsockname()[0] for socket in server.sockets} == {"127.0.0.1"}


async def test_it_answers_its_own_page() -> None:
    status, answer = await _ask(
        "GET /state?after=3 HTTP/1.1\nHost: localhost:PORT\nOrigin: http://localhost:PORT"
    )
    assert (status, answer) == (
        200,
        {"method": "GET", "path": "/state", "query": {"after": "3"}, "body": None},
    )


async def test_another_name_for_this_machine_is_refused() -> None:
    assert (await _ask("GET / HTTP/1.1\nHost: evil.example:PORT"))[0] == 403
    assert (await _ask("GET / HTTP/1.1"))[0] == 403


async def test_another_page_is_refused() -> None:
    head = "POST /touch HTTP/1.1\nHost: localhost:PORT\nOrigin: https://evil.example\nContent-Type: application/json\nContent-Length: 2"
    assert (await _ask(head, b"{}"))[0] == 403


async def test_a_form_is_refused() -> None:
    head = "POST /lever HTTP/1.1\nHost: localhost:PORT\nContent-Type: text/plain\nContent-Length: 2"
    assert (await _ask(head, b"{}"))[0] == 400


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        ("nonsense", b"", 400),
        ("GET /gone HTTP/1.1\nHost: localhost:PORT", b"", 404),
        (
            "POST / HTTP/1.1\nHost: localhost:PORT\nContent-Type: application/json\nContent-Length: 9999",
            b"",
            413,
        ),
        (
            "POST / HTTP/1.1\nHost: localhost:PORT\nContent-Type: application/json\nContent-Length: x",
            b"",
            413,
        ),
        (
            "POST / HTTP/1.1\nHost: localhost:PORT\nContent-Type: application/json\nContent-Length: 3",
            b"{{{",
            400,
        ),
        ("GET / HTTP/1.1\nHost: localhost:PORT\nA: " + "a" * 20_000, b"", 413),
    ],
)
async def test_bad_requests_are_refused_in_words(head: str, body: bytes, status: int) -> None:
    found, answer = await _ask(head, body)
    assert found == status
    assert answer["refused"]
