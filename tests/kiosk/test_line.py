"""A kiosk's line over years: certificates that end, clocks that are wrong, servers that move, cards that are copied. Over real TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.server import ServerConnection, serve

from kiosk import addressing, enrol, line_faults
from kiosk.config import Settings
from kiosk.flow import events as e
from kiosk.flow.model import Screen
from kiosk.line_faults import Calendar
from kiosk.link import Hooks, Link
from tests.kiosk.clockwork import HandClocks
from tests.kiosk.flow.walking import york_house
from tests.kiosk.standin import StandIn, standing, until
from tests.kiosk.visiting import GoodPrinter, Split, printer, quick, running, server, settings_for
from wire.frames import Bye

__all__ = ["printer", "quick", "server"]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
WALL = round(NOW.timestamp() * 1000)


class Authority:
    """A council's own, with what it signs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A council's authority")])
        root = self._made(
            self._name, self._key, NOW - 99 * DAY, NOW + 99 * DAY, x509.BasicConstraints(True, None)
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def _made(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        begins: datetime,
        ends: datetime,
        *more: x509.ExtensionType,
    ) -> x509.Certificate:
        making = (
            x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key.public_key())
        )
        making = (
            making.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
        )
        for each in more:
            making = making.add_extension(each, critical=isinstance(each, x509.BasicConstraints))
        return making.sign(self._key, hashes.SHA256())

    def server(
        self, begins: datetime = NOW - DAY, ends: datetime = NOW + DAY, name: str = "localhost"
    ) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signed = self._made(subject, key, begins, ends, x509.SubjectAlternativeName([x509.DNSName(name)]))
        file = self.folder / f"{x509.random_serial_number()}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """One that this machine knows."""
    found = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(found.file))
    return found


@asynccontextmanager
async def secure(stand_in: StandIn, context: ssl.SSLContext) -> AsyncIterator[str]:
    """`https://localhost:...` of a stand-in behind TLS."""
    async with serve(
        stand_in, "localhost", 0, ssl=context, compression=None, ping_interval=None
    ) as listening:
        yield f"https://localhost:{next(iter(listening.sockets)).getsockname()[1]}"
        await stand_in.hang_up_all()


async def refused(url: str) -> BaseException:
    """What a line to `url` fails with."""
    errors: list[BaseException] = []
    link = Link("ws" + url.removeprefix("http") + "/ws/device", "right", hooks=Hooks(failed=errors.append))
    trying = asyncio.create_task(link.run())
    await until(lambda: bool(errors))
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    return errors[0]


@pytest.mark.parametrize(
    ("begins", "ends", "name", "calendar", "words"),
    [
        (
            -9,
            -1,
            "localhost",
            Calendar(WALL, WALL, True),
            "has ended. Whoever runs the server must renew it. Tickets",
        ),
        (-9, -1, "localhost", Calendar(WALL, WALL, False), "If it has not, this machine's clock is wrong"),
        (
            -9,
            -1,
            "localhost",
            Calendar(WALL, WALL + 7_200_000),
            "This machine's clock is wrong: it is behind",
        ),
        (1, 9, "localhost", Calendar(WALL, WALL + 7_200_000), "This machine's clock is wrong: it is behind"),
        (
            1,
            9,
            "localhost",
            Calendar(WALL, 0, False),
            "not valid yet; the clock is likely wrong, and no time server",
        ),
        (-1, 9, "elsewhere.example", Calendar(WALL, WALL, True), "has a certificate of another name"),
    ],
)
async def test_a_certificate_that_is_refused_is_told_for_what_it_is(
    authority: Authority, begins: int, ends: int, name: str, calendar: Calendar, words: str
) -> None:
    context = authority.server(NOW + begins * DAY, NOW + ends * DAY, name)
    async with secure(StandIn(), context) as url:
        said = line_faults.why(await refused(url), url, calendar)
    assert words in said
    assert said.endswith(line_faults.GO_ON)


async def test_an_authority_nobody_knows_is_told_as_that(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path / "other").file))
    async with secure(StandIn(), authority.server()) as url:
        assert "an authority that this machine does not know" in line_faults.why(
            await refused(url), url, Calendar(WALL)
        )


def test_what_networks_do_every_day_is_no_news_and_a_proxy_is() -> None:
    for error in (ConnectionRefusedError(), TimeoutError(), OSError(113, "No route to host")):
        assert line_faults.why(error, "https://foyer.example", Calendar(WALL)) == ""


async def test_tickets_go_on_under_an_ended_certificate_and_staff_learn_why_when_it_is_renewed(
    authority: Authority, printer: GoodPrinter, tmp_path: Path
) -> None:
    state, stand_in, clocks = tmp_path / "state", StandIn(rows=york_house()), HandClocks()
    state.mkdir()
    async with (
        secure(stand_in, authority.server()) as url,
        running(Settings(server=url, state=state), printer, clocks) as visitor,
    ):
        await visitor.screen(Screen.START)
    ended = authority.server(NOW - 9 * DAY, NOW - DAY)
    async with serve(stand_in, "localhost", 0, ssl=ended, compression=None) as listening:
        url = f"https://localhost:{next(iter(listening.sockets)).getsockname()[1]}"
        async with running(Settings(server=url, state=state), printer, clocks) as visitor:
            await until(lambda: "has ended" in visitor.model.line_says)
            code = await visitor.ticket()
            assert code
            assert not stand_in.issued
            ended.load_cert_chain(_newest(authority))
            await until(lambda: bool(stand_in.issued))
            assert [body.code for body in stand_in.issued] == [code]
            assert visitor.runner.reporting.line_now == ""
            machine = await visitor.runner.reporting.machine_is()
            assert "has ended" in machine.line, "told when it could be"


def _newest(authority: Authority) -> Path:
    before = set(authority.folder.glob("*.pem"))
    authority.server()
    return next(iter(set(authority.folder.glob("*.pem")) - before))


async def test_a_redirect_is_not_followed_and_no_token_goes_with_it(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 307 Go\r\nLocation: {server.url}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(elsewhere, "127.0.0.1", 0) as proxy:
        port = proxy.sockets[0].getsockname()[1]
        settings = Split(
            server=f"http://127.0.0.1:{port}", state=tmp_path, socket_url=f"ws://127.0.0.1:{port}/"
        )
        async with running(settings, printer) as visitor:
            await until(lambda: "does not follow" in visitor.runner.reporting.line_now)
    assert server.tokens == []


async def test_a_kiosk_that_gives_no_tickets_does_not_say_that_they_go_on(
    authority: Authority, printer: GoodPrinter, tmp_path: Path
) -> None:
    ended = authority.server(NOW - 9 * DAY, NOW - DAY)
    async with (
        secure(StandIn(), ended) as url,
        running(Settings(server=url, state=tmp_path), printer, paired=False) as visitor,
    ):
        await until(lambda: "has ended" in visitor.model.line_says)
        assert visitor.model.screen is Screen.SETUP
        assert line_faults.GO_ON not in visitor.model.line_says


# The server moves -------------------------------------------------------------------------------------------


async def test_a_server_that_moves_takes_its_kiosks_along(printer: GoodPrinter, tmp_path: Path) -> None:
    async with standing(StandIn(rows=york_house())) as old, standing(StandIn(rows=york_house())) as new:
        settings = Settings(server=f"http://127.0.0.1:{old.port}", state=tmp_path)
        async with running(settings, printer) as visitor:
            await until(lambda: bool(old.live))
            await old.change({"moving": {"kind": "moving", "server": f"http://127.0.0.1:{new.port}"}})
            await until(lambda: bool(new.live) and not old.live)
            code = await visitor.ticket()
            await until(lambda: [body.code for body in new.issued] == [code])
        assert addressing.recall(tmp_path, settings.server) == f"http://127.0.0.1:{new.port}"
        old.tokens.clear()
        async with running(settings, printer):
            await until(lambda: bool(new.live))
        assert old.tokens == [], "it begins where the server is now"
        assert addressing.recall(tmp_path, "http://elsewhere.example") == "http://elsewhere.example"


async def test_an_address_that_does_not_know_this_kiosk_is_not_believed(
    printer: GoodPrinter, tmp_path: Path
) -> None:
    strange = york_house()
    for row in strange.values():
        if row["kind"] == "device":
            row["id"] = "another"
    async with standing(StandIn(rows=york_house())) as old, standing(StandIn(rows=strange)) as wrong:
        settings = Settings(server=f"http://127.0.0.1:{old.port}", state=tmp_path)
        async with running(settings, printer) as visitor:
            await until(lambda: bool(old.live))
            await old.change({"moving": {"kind": "moving", "server": f"http://127.0.0.1:{wrong.port}"}})
            await until(lambda: bool(wrong.hellos))
            await until(lambda: not wrong.live)
            tried = len(wrong.hellos)
            await old.change({"service:9": {"kind": "service"}})
            code = await visitor.ticket()
            await until(lambda: [body.code for body in old.issued] == [code])
            assert len(wrong.hellos) == tried, "it is not tried at each change of the feed"
        assert not (tmp_path / addressing.FILE).exists()


def test_only_a_plain_address_no_less_secure_is_gone_to() -> None:
    now = "https://foyer.example"

    def told(server: object) -> str:
        return addressing.told({"moving": {"kind": "moving", "server": server}}, now)

    assert told("https://queue.example/") == "https://queue.example"
    for wrong in (
        "http://queue.example",
        now,
        "",
        None,
        "https://",
        "https://a@b",
        "ftp://x",
        "https://x?y",
        "https://[x",
        "https://foyer..example",
        "https://" + "x" * 64 + ".example",
        "https://x:0",
        "https://x:99999",
        7,
    ):
        assert told(wrong) == ""
    assert addressing.told({}, now) == ""


async def test_who_hangs_up_before_a_word_is_no_server_to_stay_at() -> None:
    async def closes(connection: ServerConnection) -> None:
        await connection.close()

    async with serve(closes, "127.0.0.1", 0) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        error = await refused(f"http://127.0.0.1:{port}")
    assert isinstance(error, OSError)
    assert line_faults.why(error, "http://here", Calendar(WALL)) == ""


# A copied card ----------------------------------------------------------------------------------------------


async def test_a_copied_card_serves_nobody_until_the_server_takes_it(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    """Also without a network: it knows from the card itself."""
    enrol.keep(tmp_path, enrol.Paired("right", "k1", "york-house", "the first machine"))
    server.bye = Bye(code="copied", say="This card belongs to another machine.", retry_seconds=0.05)
    kept = ("right", "k1", "york-house", "the first machine")
    async with running(settings_for(server, tmp_path), printer, paired=kept, machine="a" * 64) as visitor:
        await visitor.screen(Screen.OUT_OF_ORDER)
        assert visitor.model.fault is e.Fault.COPIED
        assert "belongs to another machine" in visitor.model.staff_says
        await until(lambda: len(server.tokens) > 2)
        assert visitor.model.fault is e.Fault.COPIED
        assert enrol.recall(tmp_path) is not None, "the token is kept: an administrator may let it in"
        server.bye = None
        await visitor.screen(Screen.START)
        await until(lambda: enrol.recall(tmp_path) == enrol.Paired("right", "k1", "york-house", "a" * 64))


async def test_the_same_machine_and_one_that_was_never_named_serve_at_once(
    server: StandIn, printer: GoodPrinter, tmp_path: Path
) -> None:
    for named in ("a" * 64, ""):
        paired = ("right", "k1", "york-house", named)
        async with running(
            settings_for(server, tmp_path), printer, paired=paired, machine="a" * 64
        ) as visitor:
            await visitor.screen(Screen.START)
            assert visitor.model.fault is None
