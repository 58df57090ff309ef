"""The doctor looks at real things: a database while its writer is at work, servers that hang, certificates that are over, the house's own address."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy.engine import make_url

from server.doctor import carriers, line, work
from server.doctor.ground import Check, Ground
from server.doctor.rounds import look_over
from server.doctor.table import CHECKS
from server.doctor.told import as_text
from server.domain.access import SYSTEM
from server.domain.troubles import Level, Verdict, fine
from server.jobs.heartbeat import beat
from server.jobs.looking_after import look
from server.settings import Settings
from server.store.sql import Statement
from tests.server.web.rehearsal import serving
from tests.support.handed_in import handed_in, with_teams
from tests.support.house import running_house
from tests.support.mailbox import Mailbox, mail_server
from tests.support.ports import free_port
from tests.support.waiting import until


def verdicts(ground: Ground, *names: str) -> dict[str, Verdict]:
    found = look_over(ground, [check for check in CHECKS if check.name in names])
    return {verdict.subject: verdict for each in found for verdict in each.verdicts}


@pytest.mark.postgres
async def test_all_is_looked_at_while_the_writer_holds_the_database(
    database_url: str, tmp_path: Path
) -> None:
    async with running_house(database_url, data=tmp_path) as rehearsal:
        house = rehearsal.house
        await beat(house)
        held, let_go = threading.Event(), threading.Event()

        def hold(tx: object) -> None:
            held.set()
            assert let_go.wait(20)

        holding = asyncio.create_task(house.change(rehearsal.people["ada"], "hold", hold))
        await asyncio.to_thread(held.wait, 10)
        settings = house.settings.model_copy(update={"public_url": ""})
        ground = Ground(settings, house.clock.wall(), None, house.clock.micros(), seconds=8)
        found = await asyncio.to_thread(look_over, ground, CHECKS)
        let_go.set()
        await holding
        seen = {verdict.subject: verdict for each in found for verdict in each.verdicts}
        assert not [v for v in seen.values() if v.subject.startswith("check:")], "every check came to its end"
        assert {
            "database",
            "schema",
            "servers",
            "backups",
            "kiosks and screens",
            "audit's chain",
        } <= seen.keys()
        assert seen["database"].level is Level.FINE
        assert seen["schema"].level is Level.FINE
        assert seen["servers"].say.startswith("One server runs")
        if not database_url.startswith("sqlite"):
            assert "connections are in use" in seen["database connections"].say
            assert seen["clock beside the database"].level is Level.FINE
        for each in as_text(found).split("\n"):
            assert len(each) <= 101, each


def test_one_that_hangs_holds_nobody_up_and_is_not_started_twice(tmp_path: Path) -> None:
    let_go, started = threading.Event(), []

    def hang(ground: Ground) -> list[Verdict]:
        started.append(1)
        let_go.wait(30)
        return [fine("slow", "Done.")]

    checks = [
        Check("slow", "A", hang),
        Check("quick", "A", lambda ground: [fine("quick", "Done.")]),
        Check("broken", "A", lambda ground: [fine("x", str(1 / 0))]),
    ]
    ground = Ground(Settings(), datetime.now(UTC), seconds=0.3)
    for _ in range(2):
        seen = {v.subject: v for each in look_over(ground, checks) for v in each.verdicts}
        assert seen["quick"].level is Level.FINE
        assert seen["check: slow"].level is Level.UNKNOWN
        assert "ZeroDivisionError" in seen["check: broken"].say
    assert len(started) == 1
    let_go.set()


def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "FOYER_DATABASE": f"sqlite:///{tmp_path}/none.db",
        "FOYER_DATA": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", "from server.cli import main; main()", "doctor", "--json"],
        capture_output=True, text=True, env=environment, timeout=60, check=False,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert done.returncode == 1, done.stderr
    assert told["level"] == "wrong"
    (said,) = [each for each in told["verdicts"] if each["level"] == "wrong"]
    assert said["subject"] == "database"
    assert "There is no database" in said["say"]
    assert not list(tmp_path.glob("none.db*")), "looking makes no file"


def test_a_file_that_is_no_database_is_no_fault_of_the_check(tmp_path: Path) -> None:
    (tmp_path / "foyer.db").write_bytes(b"not a database at all" * 500)
    ground = Ground(
        Settings(database=f"sqlite:///{tmp_path}/foyer.db", data=tmp_path), datetime.now(UTC), seconds=8
    )
    found = verdicts(ground, "database", "schema")
    assert found["database"].grave
    assert "file is not a database" in found["database"].say
    assert "keep a copy" in found["database"].act
    assert list(found) == ["database"], "one sentence about it is enough"


def test_a_zone_this_machine_does_not_know_is_told(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "foyer.db")) as written:
        written.executescript(
            "CREATE TABLE centre (timezone); INSERT INTO centre VALUES ('Europe/Leicester')"
        )
    ground = Ground(
        Settings(database=f"sqlite:///{tmp_path}/foyer.db", data=tmp_path), datetime.now(UTC), seconds=8
    )
    assert "Europe/Leicester" in verdicts(ground, "zones")["time zones"].say


def test_a_mail_server_that_hangs_is_told_from_one_that_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert carriers.greet("127.0.0.1", silent.getsockname()[1], "", "", 0.1) == "time"
    assert carriers.greet("127.0.0.1", free_port(), "", "", 2) == "reach"


def test_the_public_address_leads_here_or_to_another_house(tmp_path: Path) -> None:
    from server.store.schema import migrate_address

    addresses = [f"sqlite:///{tmp_path}/{name}.db" for name in ("here", "there")]
    for address in addresses:
        migrate_address(address)
    with serving(addresses[0], data=tmp_path) as here, serving(addresses[1], data=tmp_path) as there:
        for reached, level in ((here, Level.FINE), (there, Level.WRONG)):
            settings = Settings(database=addresses[0], public_url=reached.url)
            seen = verdicts(Ground(settings, datetime.now(UTC), seconds=8), "database", "public address")
            assert seen["public address"].level is level, seen
            assert seen["clock beside the public address"].level is Level.FINE
        with here.client() as client:
            assert client.get("/health/live").text == "alive\n"
            assert client.get("/health/ready").text == "ready\n"
            here.house.process.stopping = True
            answer = client.get("/health/ready")
            assert (answer.status_code, answer.text) == (503, "not ready\n"), "before the sockets close"
            assert client.get("/health/live").status_code == 200
            assert client.get("/health/house/whatever").status_code == 404


# Certificates -------------------------------------------------------------------------------------------------------


def signed(folder: Path, name: str, days: float) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows, and what a client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "c.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "k.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    showing = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    showing.load_cert_chain(folder / "c.pem", folder / "k.pem")
    return showing, ssl.create_default_context(cafile=str(folder / "c.pem"))


@contextmanager
def shaking_hands(context: ssl.SSLContext) -> Iterator[int]:
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            try:
                context.wrap_socket(line, server_side=True).close()
            except OSError:
                line.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield door.getsockname()[1]
    finally:
        door.close()


@pytest.mark.parametrize(
    ("name", "days", "trusted", "says"),
    [
        ("localhost", 90, True, "in 89 days"),
        ("localhost", -1, True, "has expired"),
        ("elsewhere.test", 90, True, "for another name"),
        ("localhost", 90, False, "do not accept"),
    ],
)
def test_the_certificate_is_judged_as_a_browser_does(
    tmp_path: Path, name: str, days: float, trusted: bool, says: str
) -> None:
    showing, trust = signed(tmp_path, name, days)
    with shaking_hands(showing) as port:
        shown = line.show("localhost", port, 5, trust if trusted else ssl.create_default_context())
    verdict = line.certificate("localhost", shown, datetime.now(UTC))
    assert says in verdict.say
    assert (verdict.level is Level.FINE) == (says == "in 89 days")


# Carriers -----------------------------------------------------------------------------------------------------------


async def test_the_mail_server_is_greeted_and_sent_nothing(tmp_path: Path) -> None:
    box = Mailbox()
    async with mail_server(box, auth_require_tls=False) as port:
        assert await asyncio.to_thread(carriers.greet, "127.0.0.1", port, "foyer", "open sesame", 5) == ""
        assert await asyncio.to_thread(carriers.greet, "127.0.0.1", port, "foyer", "wrong", 5) == "sign in"
    assert box.mails == []
    assert await asyncio.to_thread(carriers.greet, "127.0.0.1", port, "", "", 2) == "reach"


def test_a_kiosk_that_is_silent_while_its_centre_is_open_is_told() -> None:
    seen = [work.Seen("York House", f"Kiosk {n}", True, "No paper. Put in a new roll.") for n in range(5)]
    verdict = work.devices_stand(seen)
    assert "and 2 more" in verdict.say


async def test_a_hand_off_that_was_sent_again_needs_nobody_any_more(sqlite_url: str) -> None:
    """Or the house would tell of it for ever: the row of the first try stays."""
    async with running_house(sqlite_url) as one:
        mia = one.as_actor("mia")
        await with_teams(
            one.house, mia, {"slug": "housing", "name": "Housing", "way": "folder", "address": "housing"}
        )
        number = await handed_in(one.house, mia)
        ground = Ground(one.house.settings, one.house.clock.now(), at=one.house.clock.micros())

        async def set_down(statement: str) -> str:
            await one.house.change(
                SYSTEM, "set", lambda tx: tx.sql.run(Statement(statement), {"id": number, "now": tx.now})
            )
            told = await asyncio.to_thread(verdicts, ground, "going out")
            return told["handing off"].say

        gave_up = "UPDATE hand_off SET dead_at = :now WHERE submission_id = :id"
        assert "1 hand-off was given up" in await set_down(gave_up)
        again = """INSERT INTO hand_off (id, submission_id, round, centre_id, team, way, made_at, due_at, attempts, why)
            SELECT 'again', submission_id, round + 1, centre_id, team, way, :now, :now, 0, '' FROM hand_off WHERE submission_id = :id"""
        assert "given up" not in await set_down(again)


@pytest.mark.postgres
async def test_a_database_that_is_away_is_no_fault_of_the_look(postgres_url: str) -> None:
    """It cannot be written down then; this server's own pages tell of it."""
    address = make_url(postgres_url).set(drivername="postgresql")
    admin = address.set(database="postgres").render_as_string(hide_password=False)
    done = {check.name: time.monotonic() for check in CHECKS if check.name != "database"}
    with psycopg.connect(admin, autocommit=True) as line_to_all:

        def let_in(yes: bool) -> None:
            line_to_all.execute(f"ALTER DATABASE {address.database} ALLOW_CONNECTIONS {yes}")

        async with running_house(postgres_url) as one:
            let_in(False)
            line_to_all.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [address.database],
            )
            try:
                await look(one.house, done)
            finally:
                let_in(True)
            assert "The database cannot be opened" in one.house.process.grave[0]


def test_the_readiness_of_a_busy_lane(tmp_path: Path) -> None:
    """A lane that is held up is not ready within the second, and is ready again afterwards; live it is all the while."""
    from server.store.schema import migrate_address

    migrate_address(f"sqlite:///{tmp_path}/foyer.db")
    with serving(f"sqlite:///{tmp_path}/foyer.db", data=tmp_path) as served, served.client() as client:
        let_go = threading.Event()
        held = asyncio.run_coroutine_threadsafe(
            served.house.change(served.actor("ada"), "hold", lambda tx: let_go.wait(20)), served.loop
        )
        try:
            until(lambda: client.get("/health/ready").status_code == 503, seconds=10, what="not ready")
            assert client.get("/health/live").status_code == 200
        finally:
            let_go.set()
        held.result(10)
        until(lambda: client.get("/health/ready").status_code == 200, seconds=20, what="ready again")
        assert client.get("/health/ready").text == "ready\n"
