"""One call of a webhook, and everything the other side can do wrong."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from server.connectors.hooks import call
from server.domain.calling import networks_of
from tests.support.otherside import OtherSide, answer, other_side

HERE = networks_of("127.0.0.0/8")
HEADERS = {"content-type": "application/cloudevents+json", "webhook-id": "1"}


async def test_a_call_arrives_as_it_was_sent() -> None:
    async with other_side() as side:
        outcome = await call(side.url, HEADERS, b'{"a":1}', inside=HERE)
    assert outcome.taken
    assert outcome.why == ""
    [heard] = side.heard
    assert (heard.path, heard.body) == ("/hooks", b'{"a":1}')
    assert heard.headers["host"] == f"127.0.0.1:{side.port}"
    assert heard.headers["webhook-id"] == "1"


async def test_this_machine_is_not_called_unless_that_is_allowed() -> None:
    async with other_side() as side:
        outcome = await call(side.url, HEADERS, b"{}")
    assert "not an address of the public internet" in outcome.why
    assert side.connections == 0


async def test_a_name_with_one_address_inside_is_not_called_at_any() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", "10.0.0.7"]

    outcome = await call("https://crm.test/", HEADERS, b"{}", resolve=resolve)
    assert "10.0.0.7" in outcome.why


async def test_the_name_is_looked_up_once_and_what_was_judged_is_called() -> None:
    asked = 0

    async def resolve(host: str, port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return ["127.0.0.1"] if asked == 1 else ["127.0.0.99"]

    async with other_side() as side:
        url = f"http://localhost:{side.port}/x"
        outcome = await call(url, HEADERS, b"{}", inside=HERE, resolve=resolve)
    assert outcome.taken
    assert asked == 1
    assert side.heard[0].headers["host"] == f"localhost:{side.port}"


async def test_a_second_address_is_tried_when_the_first_is_closed() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"]

    async with other_side() as side:
        url = f"http://localhost:{side.port}/x"
        assert (await call(url, HEADERS, b"{}", inside=HERE, resolve=resolve)).taken


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [
        (answer(500), 500, "It answered 500."),
        (answer(404), 404, "It answered 404."),
        (answer(410), 410, "It answered 410: it wants no calls any more."),
        (
            answer(302, "location: http://169.254.169.254/latest"),
            302,
            "It answered 302, a redirect. Calls follow none: enter the address it moved to.",
        ),
        (b"", None, "What it answered was not HTTP, or it hung up before it answered."),
        (
            b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
            None,
            "What it answered was not HTTP, or it hung up before it answered.",
        ),
        (
            b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000,
            None,
            "What it answered was not HTTP, or it hung up before it answered.",
        ),
    ],
)
async def test_what_it_answers_is_said_in_words(said: bytes, status: int | None, why: str) -> None:
    async with other_side(said) as side:
        outcome = await call(side.url, HEADERS, b"{}", inside=HERE)
    assert (outcome.status, outcome.why, outcome.taken) == (status, why, False)
    assert len(side.heard) == 1, "no redirect is followed, and nothing is tried again here"


async def test_it_may_say_when_to_come_again() -> None:
    async with other_side(answer(503, "Retry-After: 120")) as side:
        assert (await call(side.url, HEADERS, b"{}", inside=HERE)).retry_after == 120


async def test_a_huge_answer_is_not_read_to_its_end() -> None:
    huge = answer(200, body=b"x" * 30_000_000)
    async with other_side(huge) as side:
        assert (await call(side.url, HEADERS, b"{}", inside=HERE)).taken


async def test_who_never_answers_is_given_up() -> None:
    async with other_side(None) as side:
        outcome = await call(side.url, HEADERS, b"{}", inside=HERE, seconds=0.2)
    assert outcome.why == "No whole answer came within 0.2 seconds."


async def test_nobody_there_is_said_in_words() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    outcome = await call(f"http://127.0.0.1:{port}/", HEADERS, b"{}", inside=HERE)
    assert outcome.why == "Nothing answers there: the connection was refused."


async def test_a_name_that_is_not_there_is_said_in_words() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    outcome = await call("https://nowhere.test/", HEADERS, b"{}", resolve=resolve)
    assert outcome.why == "The name nowhere.test could not be found."


async def test_a_port_without_tls_is_not_spoken_to_in_the_open() -> None:
    async with other_side() as side:
        outcome = await call(side.url.replace("http:", "https:"), HEADERS, b"{}", inside=HERE)
    assert outcome.why.startswith("No safe connection could be made (TLS).")
    assert side.heard == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for crm.test that nobody trusts, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl on this machine to make a certificate with")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=crm.test"
    made = [
        *words.split(),
        "-addext",
        "subjectAltName=DNS:crm.test",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
    ]
    subprocess.run([openssl, *made], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


async def _here(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def _secured(folder: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def _called(side: OtherSide, name: str, trust: ssl.SSLContext | None) -> str:
    url = f"https://{name}:{side.port}/hooks"
    return (await call(url, HEADERS, b"{}", inside=HERE, resolve=_here, trust=trust)).why


async def test_a_certificate_must_be_trusted_and_for_that_name(certificate: Path) -> None:
    trust = ssl.create_default_context(cafile=certificate / "cert.pem")
    async with other_side(tls=_secured(certificate)) as side:
        assert await _called(side, "crm.test", trust) == ""
        assert (await _called(side, "crm.test", None)).startswith(
            "Its certificate is not to be trusted: self"
        )
        assert (await _called(side, "other.test", trust)).startswith(
            "Its certificate is not to be trusted: Hostname mismatch"
        )
    assert len(side.heard) == 1
