"""The drill: the server's machine is gone with everything on it. Another one is set up from the backup that lay elsewhere.

Real processes, killed with -9; a kiosk's real journal and line; a greeter's browser session; `foyer backup` and `foyer restore` as a person would type
them. What is said to be lost is counted: the tickets that were entered by hand after the backup, and nothing else.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pyrage import x25519
from websockets.asyncio.client import connect
from websockets.typing import Origin

from server.store.database import open_database
from server.store.schema import migrate
from tests.server.web.rehearsal import PASSWORD, TOKENS, set_up, sign_in
from tests.support.ports import free_port
from tests.support.processes import Child, child_environment
from tests.support.small_kiosk import SmallKiosk
from tests.support.waiting import until, until_async
from wire.asks import Welcome
from wire.frames import Answer, Ask, Hello, read_server_frame
from wire.vocabulary import PROTOCOL, DeviceKind, new_id

TUESDAY = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
NEXT_MONDAY = TUESDAY + timedelta(days=6)


class Machine:
    """A server's machine: a folder, a port, and the programs on it."""

    def __init__(self, folder: Path, keys: str = "", at: datetime = TUESDAY) -> None:
        folder.mkdir()
        self.folder, self.port, self.child = folder, free_port(), None
        self.settings: dict[str, str] = {
            "FOYER_DATABASE": f"sqlite:///{folder}/foyer.db",
            "FOYER_DATA": str(folder),
            "FOYER_PORT": str(self.port),
            "FOYER_SECURE_COOKIES": "false",
            "FOYER_BACKUP_KEYS": keys,
            "FOYER_CLOCK_START": at.isoformat(),
        }
        self.running: Child | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.running = self._child("-m", "server.serve")
        running = self.running

        def answers() -> bool:
            assert running.exit_status is None, running.story()
            try:
                return httpx.get(f"{self.url}/sign-in").status_code == 200
            except httpx.TransportError:
                return False

        await asyncio.to_thread(until, answers, 30.0, "the server's answer")

    async def foyer(self, *words: str) -> str:
        child = self._child("-c", "from server.cli import main; main()", *words)
        status = await asyncio.to_thread(child.wait, 60)
        child._reader.join(5)
        assert status == 0, child.story()
        return child.output

    def kill(self) -> None:
        assert self.running is not None
        self.running.signal(signal.SIGKILL)
        self.running.end()
        self.running = None

    def _child(self, *words: str) -> Child:
        return Child((sys.executable, *words), child_environment(self.settings), self.folder)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(
            sqlite3.connect(f"file:{self.folder}/foyer.db?mode=ro", uri=True, timeout=5)
        ) as database:
            return database.execute(sql).fetchall()

    def tickets(self) -> list[tuple[str, str]]:
        """Code and id, in the order in which they would be called."""
        return self.rows(
            "SELECT v.code, t.id FROM ticket t JOIN visit v ON v.id = t.visit_id ORDER BY t.counts_from, t.arrived_at, t.id"
        )


class Greeter:
    """Signed in; enters visitors by hand."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        with httpx.Client(base_url=machine.url, follow_redirects=False, timeout=10) as client:
            assert sign_in(client, "grace", PASSWORD).status_code == 303
            self.cookies: Mapping[str, str] = dict(client.cookies)

    async def enters_somebody(self) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        address = f"ws{self._machine.url[4:]}/ws/staff"
        async with connect(
            address, additional_headers=headers, origin=Origin(self._machine.url), ping_interval=None
        ) as line:
            await line.send(Hello(protocol=PROTOCOL).encode())
            body = Welcome(visit=new_id(), ticket=new_id(), service="council-tax")
            await line.send(Ask(id=new_id(), body=body).encode())
            while not isinstance(frame := read_server_frame(await asyncio.wait_for(line.recv(), 10)), Answer):
                pass
        assert frame.result is not None, frame.refusal
        return str(frame.result["code"])


@pytest_asyncio.fixture
async def kiosk(tmp_path: Path) -> AsyncIterator[SmallKiosk]:
    folder = tmp_path / "kiosk"
    folder.mkdir()
    small = SmallKiosk(folder, TOKENS[DeviceKind.KIOSK])
    yield small
    await small.end()


@pytest.fixture
def machines(tmp_path: Path) -> Any:
    there: list[Machine] = []

    def make(name: str, **more: Any) -> Machine:
        there.append(Machine(tmp_path / name, **more))
        return there[-1]

    yield make
    for machine in there:
        if machine.running is not None:
            machine.kill()


async def handed_over(kiosk: SmallKiosk) -> None:
    await until_async(lambda: kiosk.all_handed_over, 20, "everything handed over")


async def visitors_one_by_one(kiosk: SmallKiosk, machine: Machine) -> list[str]:
    """Ten seconds apart, while the line is down: so their order is theirs, and not that of how long each was on its way."""
    await kiosk.stop()
    codes = []
    for _ in range(3):
        codes.append(kiosk.visitor())
        kiosk.clocks.ahead += 10
    kiosk.start(machine.url)
    await handed_over(kiosk)
    return codes


async def test_the_server_burns_and_another_takes_its_place(
    tmp_path: Path, kiosk: SmallKiosk, machines: Any
) -> None:
    identity = x25519.Identity.generate()
    key, public = tmp_path / "backup.key", str(identity.to_public())
    key.write_text(f"{identity}\n")
    first = machines("first", keys=public)
    database = open_database(first.settings["FOYER_DATABASE"])
    migrate(database)
    with database.writing() as session:
        set_up(session, TUESDAY)
    database.close()
    await first.start()
    kiosk.start(first.url)
    before = [kiosk.visitor() for _ in range(3)]
    await handed_over(kiosk)
    greeter = await asyncio.to_thread(Greeter, first)
    by_hand = await greeter.enters_somebody()

    said = await first.foyer("backup", "now")
    assert "every table is the same" in said

    after = await visitors_one_by_one(kiosk, first)
    lost = [await greeter.enters_somebody() for _ in range(2)]
    await handed_over(kiosk)
    acknowledged = first.tickets()
    assert {code for code, _ in acknowledged} == {*before, *after, *lost, by_hand}
    shutil.copytree(first.folder / "backups", tmp_path / "elsewhere")

    first.kill()
    shutil.rmtree(first.folder)
    await kiosk.stop()
    offline = kiosk.visitor()

    # Another machine.
    second = machines("second", keys=public, at=TUESDAY + timedelta(minutes=10))
    [backup] = (tmp_path / "elsewhere").glob("*.age")
    said = await second.foyer("restore", "--key", str(key), str(backup))
    assert "Restored" in said
    assert "look through the devices" in said, "nothing is known of what was taken away since"
    await second.start()
    signed_out = await asyncio.to_thread(
        httpx.get, f"{second.url}/counter", cookies=dict(greeter.cookies), follow_redirects=False
    )
    assert "/sign-in" in signed_out.headers["location"], "a session of the lost server is none here"
    kiosk.start(second.url)
    later = kiosk.visitor()
    await handed_over(kiosk)

    restored = second.tickets()
    expected = [(code, ticket) for code, ticket in acknowledged if code not in lost]
    assert restored[: len(expected)] == expected, "the same tickets with the same codes in the same order"
    assert [code for code, _ in restored[len(expected) :]] == [offline, later]
    assert {ticket: code for code, ticket in restored if code[0] == "K"} == kiosk.given
    assert len(acknowledged) - len(expected) == len(lost) == 2, "the stated loss"
    greeter = await asyncio.to_thread(Greeter, second)
    code = await greeter.enters_somebody()
    assert code not in lost, "the numbers on lost papers are not given again"
    assert len(set(kiosk.lives)) == 2
    await the_same_backup_again_days_later(
        second, kiosk, key, backup, [by_hand, *before, *after, offline, later]
    )


async def the_same_backup_again_days_later(
    second: Machine, kiosk: SmallKiosk, key: Path, backup: Path, known: list[str]
) -> None:
    """By mistake: the kiosk knows more than the server once again."""
    second.kill()
    await kiosk.stop()
    second.settings["FOYER_CLOCK_START"] = NEXT_MONDAY.isoformat()
    said = await second.foyer("restore", "--key", str(key), "--replace", str(backup))
    assert f"foyer.db.before-{NEXT_MONDAY:%Y%m%d}" in said
    await second.start()
    kiosk.start(second.url)
    await until_async(lambda: len(set(kiosk.lives)) == 3, 20, "the third life")
    monday = kiosk.visitor()
    await handed_over(kiosk)
    today = f"{NEXT_MONDAY:%Y-%m-%d}"
    by_day = second.rows(
        "SELECT v.arrived_on, v.code, t.ended_at IS NULL FROM ticket t JOIN visit v ON v.id = t.visit_id ORDER BY 1, 2"
    )
    tuesdays = [code for on, code, _ in by_day if on == f"{TUESDAY:%Y-%m-%d}"]
    assert tuesdays == known
    assert [(code, bool(waits)) for on, code, waits in by_day if on == today] == [(monday, True)]
    assert not any(waits for on, code, waits in by_day if on != today and code in known[4:]), "they went home"
