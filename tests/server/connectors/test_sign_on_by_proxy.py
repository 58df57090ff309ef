"""The council's sign-on where machines get out by a proxy only: everything goes by it, nothing round it, and the doctor goes the same way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from demo.provider import CLIENT, Application, CouncilSignOn
from server.connectors.sign_on import open_sign_on
from server.doctor import sign_on as doctor
from server.doctor.ground import Ground
from server.domain.troubles import Level
from server.settings import Settings

INSIDE = "login.council.test"
"""A name that only the proxy knows: whoever looks it up alone finds nothing."""


class Proxy:
    """As small as one can be: puts a request for `INSIDE` through to the provider on this machine, and writes down what it was asked."""

    def __init__(self, behind: str) -> None:
        self.behind, self.asked, self.shut = urlsplit(behind), list[str](), False
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

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, where, _ = head.split(" ", 2)
        self.asked.append(f"{method} {where}")
        if self.shut or method == "CONNECT":
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
    given = {"public_url": "https://queue.test", "sso_client_id": CLIENT, "sso_client_secret": "s"}
    settings = Settings(sso_issuer=provider.issuer, sso_proxy=by, **given)
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
