"""Cuts the power in the middle of the server's own writing, thousands of times, and counts acknowledged tickets that are gone.

`kill -9` proves nothing about power: what a killed process wrote is still in the kernel. Here the database lies on a file system that forgets
what was not synced (`forgetful`). What runs on it is the server's own: its schema, its pragmas, its writer lane with savepoints and group
commits, the edge's stored commands, its action and its SQL; only the driver underneath is apsw instead of sqlite3, because it lets a file
system be written in Python. Such a file system has no shared memory, so SQLite locks exclusively; log, syncs and recovery are the same.

The same run with `synchronous=NORMAL` (`--normal`) must lose tickets. If it did not, the test would prove nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw

from benchmarks.bound import told
from benchmarks.centre import SERVICES, build
from benchmarks.forgetful import Disk, Stored
from server.clock import Clock
from server.domain.access import Actor
from server.domain.refusals import Refusal
from server.edge import _run_ask
from server.store.database import _prepare_sqlite_writer
from server.store.lane import Job, Lane
from wire.asks import Issue
from wire.vocabulary import DeviceKind, new_id

FILE = "foyer.db"
MOST_STEPS = 200
"""The power lasts up to so many writes and syncs; a commit of a few tickets takes about twenty."""
LIVES_A_FILE = 40


class _Cursor:
    """As the server's `Sql` wants one."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()

    def execute(self, text: str, values: Mapping[str, Any] | None = None) -> _Cursor:
        self._cursor.execute(text, values or None)
        return self

    @property
    def rowcount(self) -> int:
        return self._connection.changes()

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def fetchall(self) -> Any:
        return self._cursor.fetchall()

    def close(self) -> None:
        self._cursor.close()


class _Connection:
    """As the lane wants one: a driver's connection inside an engine's."""

    def __init__(self, disk: Disk, synchronous: str) -> None:
        self.apsw = apsw.Connection(FILE, vfs=disk.vfs_name)
        self.dialect = SimpleNamespace(name="sqlite")
        self.connection = self
        self.isolation_level: str | None = ""
        self.execute("PRAGMA locking_mode=EXCLUSIVE")
        _prepare_sqlite_writer(self, None)  # type: ignore[arg-type]  # as much of a connection as it uses
        if synchronous != "FULL":
            self.execute(f"PRAGMA synchronous={synchronous}")

    def execute(self, text: str) -> _Cursor:
        cursor = self.cursor().execute(text)
        cursor.fetchall()
        return cursor

    def cursor(self) -> _Cursor:
        return _Cursor(self.apsw)

    @contextlib.contextmanager
    def begin(self) -> Iterator[None]:
        """As the engine does: what raises is rolled back, the rest is committed."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(apsw.Error):
                self.execute("ROLLBACK")
            raise

    def invalidate(self) -> None:
        """The lane gives a connection in trouble up; whoever cut the power closes it."""

    close = invalidate


class _Driver:
    """The names under which the lane knows a driver's errors."""

    Error = DatabaseError = InterfaceError = apsw.Error
    IntegrityError = apsw.ConstraintError
    DataError = apsw.MismatchError


@dataclass
class Tally:
    synchronous: str
    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    cuts_that_lost: int = 0
    halves: int = 0
    """Visits without their ticket or without their stored command."""
    damaged: int = 0
    in_the_middle: int = 0
    """Cuts that hit a transaction under way."""

    @property
    def clean(self) -> bool:
        return not (self.lost or self.halves or self.damaged)

    def lines(self) -> str:
        return "\n".join(
            (
                f"power cut {self.cuts:,} times, synchronous={self.synchronous}, {self.acknowledged:,} tickets acknowledged,"
                f" {self.in_the_middle:,} cuts in the middle of a commit",
                f"  acknowledged and lost:  {told(self.lost, self.acknowledged)}",
                f"  cuts that lost any:     {told(self.cuts_that_lost, self.cuts)}",
                f"  tickets entered by half: {told(self.halves, self.acknowledged)}",
                f"  files damaged:          {told(self.damaged, self.cuts)}",
            )
        )


class Life:
    """A server's writer from one power-on to the next cut."""

    def __init__(
        self, disk: Disk, synchronous: str, actors: list[tuple[Actor, str]], chance: random.Random
    ) -> None:
        self.acknowledged: dict[str, str] = {}
        self._actors = actors
        self._chance = chance
        self.connection = _Connection(disk, synchronous)
        # Checkpoints move pages into the file itself: let some cuts meet them.
        self.connection.execute(f"PRAGMA wal_autocheckpoint={chance.choice((1000, 40, 12))}")
        writer = SimpleNamespace(dialect=SimpleNamespace(dbapi=_Driver), connect=lambda: self.connection)
        self._lane = Lane(SimpleNamespace(writer=writer), Clock(), lambda centres: None)  # type: ignore[arg-type]  # as much of a database as it uses

    def commit_some(self, numbers: dict[str, int]) -> bool:
        """One group commit. What it acknowledged is noted; False when the power went."""
        batch = []
        for _ in range(self._chance.choice((1, 1, 2, 5, 12))):
            actor, letter = self._chance.choice(self._actors)
            numbers[letter] += 1
            ask = Issue(
                visit=new_id(),
                ticket=new_id(),
                code=f"{letter}{numbers[letter]:02d}",
                service=self._chance.choice(SERVICES),
                follow_hash=f"{self._chance.getrandbits(256):064x}",
            )
            batch.append(Job(actor, ask.do, partial(_run_ask, new_id(), ask), None))  # type: ignore[arg-type]  # nobody waits for it
        self._lane._commit_together(batch)
        if any(isinstance(job.outcome, Refusal) for job in batch):
            return False
        self.acknowledged.update({job.outcome["ticket"]: job.outcome["code"] for job in batch})
        return True


def run(cuts: int, synchronous: str = "FULL", seed: int | None = None, seconds: float | None = None) -> Tally:
    """Cut so many times, or until the time is over."""
    logging.getLogger("foyer.lane").setLevel(
        logging.CRITICAL
    )  # it is right to complain each time the power goes
    chance = random.Random(seed)
    base, actors = _base()
    disk = Disk(f"forgetful-{time.monotonic_ns()}")
    tally = Tally(synchronous)
    over = time.monotonic() + (seconds or float("inf"))
    acknowledged: dict[str, str] = {}
    numbers: dict[str, int] = {}
    while tally.cuts < cuts and time.monotonic() < over:
        if tally.cuts % LIVES_A_FILE == 0:
            disk.files.clear()
            disk.files[FILE] = _file_of(base)
            acknowledged, numbers = {}, {letter: 0 for _, letter in actors}
        life = Life(disk, synchronous, actors, chance)
        disk.cut_after = chance.randrange(1, MOST_STEPS)
        while life.commit_some(numbers):
            pass
        tally.in_the_middle += any(stored.unsynced for stored in disk.files.values())
        tally.cuts += 1
        tally.acknowledged += len(life.acknowledged)
        acknowledged.update(life.acknowledged)
        disk.power_cut(chance)
        disk.bury(life.connection.apsw)
        acknowledged = _reckon(disk, tally, acknowledged)
    disk.unregister()
    return tally


def _file_of(content: bytes) -> Stored:
    return Stored(bytearray(content), bytearray(content))


def _reckon(disk: Disk, tally: Tally, acknowledged: dict[str, str]) -> dict[str, str]:
    """Open what is left as the next start would, and compare. Returns what is there (so one loss is counted once)."""
    connection = apsw.Connection(FILE, vfs=disk.vfs_name)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
        if connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            tally.damaged += 1
        rows: list[Any] = connection.execute(
            "SELECT t.id, v.code FROM visit v LEFT JOIN ticket t ON t.visit_id = v.id"
        ).fetchall()
        ((commands,),) = connection.execute("SELECT count(*) FROM command").fetchall()
    finally:
        connection.close(True)
    kept: dict[str, str] = dict(rows)
    tally.halves += abs(len(rows) - int(str(commands))) + sum(ticket is None for ticket, _ in rows)
    lost = sum(kept.get(ticket) != code for ticket, code in acknowledged.items())
    tally.lost += lost
    tally.cuts_that_lost += lost > 0
    return kept


def _base() -> tuple[bytes, list[tuple[Actor, str]]]:
    """The bytes of a new database of the server's, and its kiosks."""
    with tempfile.TemporaryDirectory() as folder:
        built = build(Path(folder) / FILE, kiosks=4, counters=1)
        with contextlib.closing(sqlite3.connect(built.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            rows = connection.execute(
                "SELECT id, centre_id, letter FROM device WHERE letter IS NOT NULL"
            ).fetchall()
        content = built.path.read_bytes()
    actors = [
        (Actor(kind="device", id=row[0], centre=row[1], device=DeviceKind.KIOSK), row[2]) for row in rows
    ]
    return content, actors


def verdict(weaker: Tally) -> str:
    """What the run with the weaker setting says of the test itself."""
    if weaker.lost:
        return "so this test can fail: the weaker setting loses tickets"
    return "NOTHING was lost with the weaker setting: this test proves nothing"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power_cut", description=__doc__)
    parser.add_argument("--cuts", type=int, default=3000)
    parser.add_argument(
        "--normal", action="store_true", help="with synchronous=NORMAL only: must lose tickets"
    )
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    good = True
    if not options.normal:
        full = run(options.cuts, "FULL", options.seed)
        print(full.lines())
        good = full.clean
    normal = run(min(options.cuts, 300), "NORMAL", options.seed)
    print(f"{normal.lines()}\n  {verdict(normal)}")
    return 0 if good and normal.lost else 1


if __name__ == "__main__":
    sys.exit(main())
