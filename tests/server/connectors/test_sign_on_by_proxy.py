"""The council's sign-on where machines get out by a proxy only: everything goes by it, nothing round it, and the doctor goes the same way."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from demo.provider import CLIENT, Application, CouncilSignOn
from server.connectors.sign_on import open_sign_on
from server.doctor import sign_on as doctor
from server.doctor.ground import Ground
from server.domain.troubles import Level
from server.settings import Settings

GIVEN: dict[str, Any] = {
    "public_url": "https://queue.test",
    "sso_client_id": CLIENT,
    "sso_client_secret": "s",
}
INSIDE = "login.council.test"
"""A name that only the proxy knows: whoever looks it up alone finds nothing."""


class Proxy:
    """As small as one can be: puts a request for `INSIDE` through to the provider on this machine, and writes down what it was asked."""

    def __init__(self, behind: str) -> None:
        self.behind, self.asked, self.shut = urlsplit(behind), list[str](), False
        self.wants = ""
        """What it must be shown of who comes by; anybody may when it is empty."""
        self.opens: ssl.SSLContext | None = None
        """Opens what is sealed, and seals it with this, as some proxies do."""
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> str:
        self.thread.start()
        opening = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.server = asyncio.run_coroutine_threadsafe(opening, self.loop).result(10)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def _open(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seal: ssl.SSLContext
    ) -> None:
        """Read what would have been sealed up to its end; nothing is put through."""
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await writer.start_tls(seal)
            self.asked.append((await reader.readuntil(b"\r\n")).decode().strip())
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, where, _ = head.split(" ", 2)
        self.asked.append(f"{method} {where}")
        shown = re.search(r"^proxy-authorization: (.*?)\r$", head, re.I | re.M)
        if self.wants and (shown is None or shown[1] != self.wants):
            writer.write(
                b"HTTP/1.1 407 Who are you\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
        elif method == "CONNECT" and self.opens is not None:
            await self._open(reader, writer, self.opens)
            return
        elif self.shut or method == "CONNECT":
            writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        else:
            path = urlsplit(where).path
            there, back = await asyncio.open_connection(self.behind.hostname, self.behind.port)
            back.write(
                f"{method} {path} HTTP/1.1\r\nhost: {self.behind.netloc}\r\nconnection: close\r\n\r\n".encode()
            )
            writer.write(await there.read())
            back.close()
        await writer.drain()
        writer.close()


@pytest.fixture
def provider() -> Iterator[CouncilSignOn]:
    running = CouncilSignOn(Application([])).start()
    yield running
    running.stop()


@pytest.fixture
def proxy(provider: CouncilSignOn) -> Iterator[Proxy]:
    running = Proxy(provider.issuer)
    yield running
    running.stop()


def test_everything_goes_by_the_proxy_that_is_set_and_so_does_the_doctor(
    provider: CouncilSignOn, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = proxy.start()
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # another program's, which nobody answers at
    settings = Settings(sso_issuer=provider.issuer, sso_proxy=by, **GIVEN)
    opened = open_sign_on(settings)
    assert opened is not None
    assert asyncio.run(opened.make_ready())
    described, keys = proxy.asked
    assert described == f"GET {provider.issuer}/.well-known/openid-configuration"
    assert keys.startswith(f"GET http://{urlsplit(provider.issuer).netloc}/")

    now = datetime.now(UTC)
    (verdict,) = doctor.council(Ground(settings, now, seconds=5))
    assert (verdict.level, f"by the proxy {by}" in verdict.say) == (Level.FINE, True)
    assert len(proxy.asked) == 4
    proxy.shut = True
    (verdict,) = doctor.council(Ground(settings, now, seconds=5))
    assert (verdict.level, f"the proxy {by} lets" in verdict.act) == (Level.WRONG, True)

    sealed = open_sign_on(settings.model_copy(update={"sso_issuer": f"https://{INSIDE}/7b3f6a52/v2.0"}))
    assert sealed is not None
    assert not asyncio.run(sealed.make_ready())
    assert proxy.asked[-1] == f"CONNECT {INSIDE}:443", (
        "put through unread, and the name is looked up by the proxy"
    )


@pytest.mark.parametrize(
    "address", ["proxy:8080", "http://me:word@proxy:8080", "socks5://proxy", "http://proxy/x"]
)
def test_a_proxy_that_cannot_be_gone_through_is_a_sentence_at_the_start(address: str) -> None:
    with pytest.raises(ValidationError, match="sso_proxy"):
        Settings(sso_proxy=address)


def test_a_proxy_that_wants_to_know_who_comes_is_told(provider: CouncilSignOn, proxy: Proxy) -> None:
    by = proxy.start()
    proxy.wants = "Basic " + base64.b64encode(b"foyer:two:words").decode()

    def reached(issuer: str = provider.issuer, **more: Any) -> bool:
        opened = open_sign_on(Settings(sso_issuer=issuer, sso_proxy=by, **GIVEN, **more))
        assert opened is not None
        assert opened.faults == ()
        return asyncio.run(opened.make_ready())

    assert not reached()
    assert not reached(sso_proxy_login="foyer:wrong")
    assert reached(sso_proxy_login="foyer:two:words")
    proxy.opens = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert not reached(f"https://{INSIDE}/7b3f6a52/v2.0", sso_proxy_login="foyer:wrong")
    assert proxy.asked[-1].startswith("CONNECT")
    nameless = open_sign_on(
        Settings(sso_issuer=provider.issuer, sso_proxy=by, sso_proxy_login="word", **GIVEN)
    )
    assert nameless is not None
    assert "FOYER_SSO_PROXY_LOGIN" in nameless.faults[0]
    assert "word" not in nameless.faults[0].replace("password", "")


def test_a_proxy_that_opens_what_is_sealed_is_believed_where_its_authority_is_named(
    proxy: Proxy, tmp_path: Path
) -> None:
    by, made = proxy.start(), tmp_path / "authority.pem"
    recipe = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 20 -subj /CN={INSIDE} -addext subjectAltName=DNS:{INSIDE} -keyout {tmp_path}/key.pem -out {made}"
    subprocess.run(recipe.split(), check=True, capture_output=True)
    proxy.opens = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    proxy.opens.load_cert_chain(made, tmp_path / "key.pem")

    def asked(issuer: str, authority: Path | None) -> str:
        opened = open_sign_on(Settings(sso_issuer=issuer, sso_proxy=by, sso_authority=authority, **GIVEN))
        assert opened is not None
        assert opened.faults == ()
        assert not asyncio.run(opened.make_ready())
        return proxy.asked[-1]

    assert asked(f"https://{INSIDE}/x/v2.0", None) == f"CONNECT {INSIDE}:443", "nobody knows who that is"
    assert asked(f"https://{INSIDE}/x/v2.0", made) == "GET /x/v2.0/.well-known/openid-configuration HTTP/1.1"
    assert asked("https://other.council.test/x/v2.0", made).startswith("CONNECT"), (
        "its name must be right too"
    )
    for wrong in (tmp_path / "none.pem", tmp_path / "key.pem"):
        opened = open_sign_on(Settings(sso_issuer=f"https://{INSIDE}/x/v2.0", sso_authority=wrong, **GIVEN))
        assert opened is not None
        assert "FOYER_SSO_AUTHORITY" in " ".join(opened.faults), wrong
