"""Whatever can happen to PostgreSQL, happening to a house that works: said plainly, nothing lost, right again by itself.

`python -m benchmarks.database_faults`: a real server with a real synchronous standby on loopback, a house in this process that issues tickets all the while and asks again under the same id
what was refused for now. Each fault is made, the house's word for it is noted, the fault is undone, and it is counted how long it took until the next ticket was
answered. At the end every ticket that was answered must be in the database once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from benchmarks.scale.line import Line
from benchmarks.scale.postgres import Postgres
from server.clock import Clock
from server.domain.access import Actor
from server.edge import House
from server.settings import Settings
from server.store.database import Database, open_database
from server.store.faults import Kind
from server.store.schema import migrate
from server.store.tables import Centre, Device, Service
from wire import asks
from wire.vocabulary import DeviceKind, Language, RefusalCode, new_id

AGAIN_SECONDS = 0.1
RIGHT_WITHIN = 15.0
FULL_BYTES = 48 * 1024 * 1024


@dataclass
class Issuing:
    """A kiosk that never stops."""

    house: House
    kiosk: Actor
    answered: list[str] = field(default_factory=list)
    refused: int = 0
    at: float = 0.0
    slowest: float = 0.0
    stopping: bool = False
    number: int = 0

    async def go(self) -> None:
        while not self.stopping:
            await self._one()
            await asyncio.sleep(0.02)

    async def _one(self) -> None:
        self.number += 1
        body = asks.Issue(
            visit=new_id(),
            ticket=new_id(),
            code=f"K{self.number:02d}",
            service="advice",
            language=Language.EN,
            follow_hash=os.urandom(32).hex(),
        )
        ask_id, began = new_id(), time.monotonic()
        while True:
            answer = await self.house.perform(self.kiosk, ask_id, body)
            if answer.refusal is None:
                break
            if answer.refusal.code is not RefusalCode.TRY_LATER:
                raise RuntimeError(f"refused for good: {answer.refusal}")
            self.refused += 1
            await asyncio.sleep(AGAIN_SECONDS)
        self.at = time.monotonic()
        self.slowest = max(self.slowest, self.at - began)
        self.answered.append(body.visit)


@dataclass(frozen=True)
class Found:
    fault: str
    said: str
    right_again: float
    refused: int


class Proof:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: list[Found] = []
        self.mounted: Path | None = None

    async def run(self) -> bool:
        self.one = Postgres(self.folder / "one", max_connections="40").make()
        self.two = Postgres(self.folder / "two", max_connections="40").follow(self.one, "two")
        self.one.run("ALTER SYSTEM SET synchronous_standby_names = 'two'")
        self.one.run("SELECT pg_reload_conf()")
        self.line = Line(self.one.port)
        address = self.one.address.replace(f":{self.one.port}/", f":{self.line.port}/")
        database = open_database(address)
        migrate(database)
        kiosk = _small_centre(database)
        house = House(
            Settings(database=address, data=self.folder, paper_keys=self.folder / "papers.key"),
            database,
            Clock(),
        )
        await house.start()
        self.issuing = Issuing(house, kiosk)
        task = asyncio.create_task(self.issuing.go())
        try:
            await self._all(house)
        finally:
            self.issuing.stopping = True
            await asyncio.wait_for(task, 60)
            await house.stop()
            database.close()
            self.line.close()
        there = [row[0] for row in self.two.run("SELECT id FROM visit")]
        lost = [each for each in self.issuing.answered if each not in set(there)]
        self._tell(lost, len(there))
        for each in (self.one, self.two):
            each.away()
        return not lost and all(each.right_again < RIGHT_WITHIN for each in self.found)

    async def _all(self, house: House) -> None:
        one = self.one
        await self._try("restarted (fast shutdown)", house, Kind.GONE, asyncio.to_thread(one.restart))
        await self._try("every line ended by an administrator", house, None, asyncio.to_thread(self._end_all))
        await self._try(
            "set to read only", house, Kind.READ_ONLY, self._read_only(True), self._read_only(False)
        )
        await self._try(
            "out of connections, and its line broken", house, Kind.CROWDED, self._crowd(), self._uncrowd()
        )
        await self._try("line silent, nothing closed", house, Kind.GONE, self._silent(), self._speaking())
        await self._try("another holds the centre's row", house, Kind.HELD, self._hold(), self._let_go())
        await self._try("two changes in each other's way", house, None, self._deadlock())
        if os.geteuid() == 0:
            await self._try(
                "the disk of its log full (PostgreSQL stops)", house, Kind.GONE, self._fill(), self._empty()
            )
        await self._try("failed over to the standby", house, Kind.GONE, self._fail_over())

    async def _try(
        self,
        name: str,
        house: House,
        expected: Kind | None,
        breaking: Awaitable[None],
        mending: Awaitable[None] | None = None,
    ) -> None:
        """`expected`: what the house must say of it; None where it may not even notice."""
        await asyncio.sleep(1)
        said: list[str] = []
        before = self.issuing.refused
        watching = asyncio.create_task(self._listen(house, said))
        await breaking
        if expected is not None and mending is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(20):
                    while expected.value not in said:  # noqa: ASYNC110 - what is watched is a plain attribute of the lane's thread
                        await asyncio.sleep(0.02)
        if mending is not None:
            await mending
        began = time.monotonic()
        count = len(self.issuing.answered)
        while len(self.issuing.answered) < count + 3:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)
        right = time.monotonic() - began
        watching.cancel()
        if expected is not None and expected.value not in said:
            raise SystemExit(f"{name}: the house said {said or 'nothing'} and not {expected.value}")
        self.found.append(Found(name, ", ".join(said) or "not noticed", right, self.issuing.refused - before))
        print(f"  {self.found[-1]}", file=sys.stderr, flush=True)

    async def _listen(self, house: House, said: list[str]) -> None:
        while True:
            fault = house.lane.fault
            if fault is not None and fault.kind.value not in said:
                said.append(fault.kind.value)
            await asyncio.sleep(0.005)

    # What happens ----------------------------------------------------------------------------------------------------

    def _end_all(self) -> None:
        self.one.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    async def _read_only(self, on: bool) -> None:
        how = "SET default_transaction_read_only = on" if on else "RESET default_transaction_read_only"
        self.one.run(f"ALTER DATABASE foyer {how}", database="postgres")
        self._end_all()

    async def _crowd(self) -> None:
        """Somebody else's program opens all there are, as soon as our lines are gone."""
        self.line.cut()
        self.line.drop()
        self.others = []
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                # The last ones are kept for administrators, and this account is one: it takes those too.
                self.others.append(psycopg.connect(self.one.address, connect_timeout=3))
        self.line.mend()

    async def _uncrowd(self) -> None:
        for each in self.others:
            each.close()

    async def _silent(self) -> None:
        self.line.cut()

    async def _speaking(self) -> None:
        self.line.drop()
        self.line.mend()

    async def _hold(self) -> None:
        self.holder = psycopg.connect(self.one.address)
        self.holder.execute("SELECT id FROM centre FOR UPDATE")

    async def _let_go(self) -> None:
        self.holder.close()

    async def _deadlock(self) -> None:
        """Somebody holds what the kiosk's next ticket needs, and wants what it holds: the centre's row. One of the two is ended by the database."""

        def meet() -> None:
            with psycopg.connect(self.one.address) as other:
                other.execute("SET deadlock_timeout = '50ms'")
                other.execute("LOCK TABLE visit IN SHARE MODE")
                time.sleep(0.2)
                with contextlib.suppress(psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable):
                    other.execute("SELECT id FROM centre FOR UPDATE")
                other.rollback()

        for _ in range(5):
            await asyncio.to_thread(meet)

    async def _fill(self) -> None:
        """The folder of the log becomes a small disk of its own, and that is filled to the last byte."""
        log = self.one.folder / "data" / "pg_wal"
        self.one.stop()
        kept = self.one.folder / "wal-kept"
        await _shell("mv", str(log), str(kept))
        await _shell("mkdir", str(log))
        await _shell("mount", "-t", "tmpfs", "-o", f"size={FULL_BYTES + 64 * 1024 * 1024}", "tmpfs", str(log))
        self.mounted = log
        await _shell("cp", "-a", f"{kept}/.", str(log))
        await _shell("chown", "-R", "postgres:postgres", str(log))
        await _shell("chmod", "700", str(log))
        self.one.start()
        self.ballast = log / "ballast"
        with contextlib.suppress(OSError), self.ballast.open("wb") as ballast:
            while True:
                ballast.write(b"\0" * 65536)
        with contextlib.suppress(psycopg.Error):
            self.one.run("SELECT pg_switch_wal()")

    async def _empty(self) -> None:
        self.ballast.unlink()
        await asyncio.sleep(0.5)
        if not self._answers():  # a log that cannot grow stops PostgreSQL altogether
            self.one.stop()
            self.one.start()

    def _answers(self) -> bool:
        try:
            self.one.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    async def _fail_over(self) -> None:
        """The first is gone as by a pulled plug, the standby promoted, and the address is its."""
        import signal

        self.one.stop(signal.SIGQUIT)
        self.two.promote()
        self.two.run("ALTER SYSTEM RESET synchronous_standby_names")
        self.two.run("SELECT pg_reload_conf()")
        self.line.lead_to(self.two.port)
        self.line.drop()

    def _tell(self, lost: list[str], there: int) -> None:
        print("| what happened to PostgreSQL | the house says | tickets again after | refused for now |")
        print("|---|---|---|---|")
        for each in self.found:
            print(f"| {each.fault} | {each.said} | {each.right_again:.1f} s | {each.refused} |")
        print(
            f"\n{len(self.issuing.answered)} tickets were answered, {there} are there, {len(lost)} are lost; the slowest took {self.issuing.slowest:.1f} s."
        )


async def _shell(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(*words)
    if await process.wait():
        raise SystemExit(f"{' '.join(words)} failed")


def _small_centre(database: Database) -> Actor:
    with database.writing() as session:
        centre = Centre(
            slug="york-house", name="York House", languages=["en"], wait_here={"en": "Take a seat."}
        )
        session.add(centre)
        session.flush()
        assert centre.id is not None
        session.add(Service(centre_id=centre.id, slug="advice", names={"en": "Advice"}))
        device = Device(
            centre_id=centre.id,
            kind="kiosk",
            name="Kiosk",
            letter="K",
            token_hash="0" * 64,
            approved_at=Clock().now(),
        )
        session.add(device)
        session.flush()
        assert device.id is not None
        return Actor(kind="device", id=device.id, centre=centre.id, device=DeviceKind.KIOSK, name="Kiosk")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.database_faults", description=__doc__)
    parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="foyer-faults-") as name:
        Path(name).chmod(0o755)
        proof = Proof(Path(name))
        try:
            return 0 if asyncio.run(proof.run()) else 1
        finally:
            for each in (getattr(proof, "one", None), getattr(proof, "two", None)):
                if each is not None:
                    each.away()
            if proof.mounted is not None and proof.mounted.is_mount():
                subprocess.run(["umount", str(proof.mounted)], check=True)


if __name__ == "__main__":
    sys.exit(main())
