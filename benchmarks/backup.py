"""What a backup of ten years costs: making and comparing it, what visitors feel of it meanwhile, opening it with the key, and restoring it.

The days are made (`demo.years`) unless the database is there from before. A real server runs on it, and kiosks hand over tickets at a steady rate, each timed from ask to answer, first
alone, then while the backup is made by its own process, as the house does, and alone again; the ratio of the two is of one run on one machine, and told for each part of the
making too. All that a house does at night was done before: days summed up, nothing due to be erased, or that work would be measured as the backup's. Then the server is stopped, the
backup is opened and compared with the private key, and restored into another database, which is migrated and made ready as the command does.

    python -m benchmarks.backup                      # 5 centres, 10 years: 1.5 million visits; some minutes, mostly making the days
    python -m benchmarks.backup --years 0.5 --centres 2
    python -m benchmarks.backup --database postgresql://foyer@127.0.0.1:5432/foyer --to postgresql://foyer@127.0.0.1:5432/restored
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psutil
from pyrage import x25519
from sqlalchemy import text
from websockets.asyncio.client import connect

from benchmarks.centre import hash_of
from benchmarks.process import ROOT, serving
from benchmarks.years import VISITS, _sign_in, _sum_up, _there
from demo.years import make_years
from server.backups import making, plan, restoring, snapshot
from server.backups.manifest import Manifest
from server.cli_backup import _made_ready
from server.clock import Clock
from server.store.database import open_database
from server.store.tables import Device
from wire.asks import Issue
from wire.codes import write_code
from wire.frames import Answer, Ask, Hello, read_server_frame
from wire.vocabulary import PROTOCOL, DeviceKind, new_id

CENTRES, YEARS = 5, 10.0
A_SECOND = 20.0
"""Tickets: a hundred kiosks in a rush."""
ALONE_SECONDS = 15.0
LETTER, TOKEN = "Y", "a-kiosk-of-the-benchmark-of-backups"


def main(words: list[str]) -> None:
    asked = argparse.ArgumentParser(description="What a backup of ten years costs.")
    asked.add_argument("--years", type=float, default=YEARS)
    asked.add_argument("--centres", type=int, default=CENTRES)
    asked.add_argument("--database", help="made in a temporary folder unless named; kept when it is")
    asked.add_argument("--to", help="for PostgreSQL: where to restore")
    asked.add_argument(
        "--alone", type=float, default=ALONE_SECONDS, help="seconds measured without a backup, twice"
    )
    told = asked.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="foyer-backup-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        url = told.database or f"sqlite:///{folder / 'years.db'}"
        to = told.to or f"sqlite:///{folder / 'restored' / 'foyer.db'}"
        for what, value in measure(url, to, folder, told.years, told.centres, told.alone).items():
            print(f"{what:42} {value:12.2f}", flush=True)


def measure(url: str, to: str, folder: Path, years: float, centres: int, alone: float) -> dict[str, float]:
    found: dict[str, float] = {}
    if not _there(url):
        last = datetime.now(UTC).date() - timedelta(days=1)
        first: date = last - timedelta(days=round(years * 365.25))
        found["visits"] = make_years(url, centres=centres, first=first, last=last, visits=VISITS)
    _sign_in(url)  # who also has everything kept
    asyncio.run(_sum_up(url))
    service = _kiosk_in(url)
    identity = x25519.Identity.generate()
    wanted = making.Plan(
        url, folder / "backups", folder / "work", folder / "clips", (str(identity.to_public()),), "bench"
    )
    with serving(url) as server:
        asyncio.run(_issue_for(server.port, service, 2.0))  # so that nothing is measured cold
        before = asyncio.run(_issue_for(server.port, service, alone))
        with _made_beside(wanted) as made:
            beside = asyncio.run(_issue_while(server.port, service, made))
        after = asyncio.run(_issue_for(server.port, service, alone))
    quiet, begun = _took([*before, *after]), made.begun
    found |= made.told
    parts = {"beside": _took(beside)}
    for part in ("copied", "sealed", "compared"):  # after what the process took to start
        end = begun + made.told[f"backup_{part}_s"]
        parts[part] = [took for due, took in beside if begun <= due < end] or [0.0]
        begun = end
    for name, took in (("alone", quiet), *parts.items()):
        found[f"issue_p50_ms_{name}"] = 1000 * statistics.median(took)
        found[f"issue_p99_ms_{name}"] = 1000 * _share(took, 0.99)
        found[f"issue_most_ms_{name}"] = 1000 * max(took)
    for name in parts:
        for share in ("p50", "p99"):
            found[f"issue_{share}_ratio_{name}"] = (
                found[f"issue_{share}_ms_{name}"] / found[f"issue_{share}_ms_alone"]
            )
    found["database_mb"] = snapshot.size_of(url) / 1e6
    return found | _back(folder, identity, url, to)


def _back(folder: Path, identity: x25519.Identity, url: str, to: str) -> dict[str, float]:
    [file] = (folder / "backups").glob("*.age")
    begun = time.perf_counter()
    restoring.look_into(file, [identity], folder / "work", url)
    checked = time.perf_counter()
    clock = Clock()

    def ready(address: str, manifest: Manifest) -> None:
        _made_ready(address, manifest.known_until, None, clock)

    restoring.restore(
        file,
        [identity],
        to,
        work=folder / "work",
        clips=folder / "clips",
        stamp="bench",
        ready=ready,
        replace=True,
    )
    return {"check_with_key_s": checked - begun, "restore_s": time.perf_counter() - checked}


def _took(issued: list[tuple[float, float]]) -> list[float]:
    return [took for _, took in issued]


def _share(took: list[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


def _kiosk_in(url: str) -> str:
    """A kiosk of the first centre that nobody else is; the service its visitors come for."""
    database = open_database(url)
    try:
        with database.writing() as session:
            connection = session.connection()
            centre, service = connection.execute(
                text(
                    "SELECT centre_id, slug FROM service WHERE walk_in AND retired_at IS NULL ORDER BY centre_id, id LIMIT 1"
                )
            ).one()
            if not connection.execute(
                text("SELECT COUNT(*) FROM device WHERE token_hash = :hash"), {"hash": hash_of(TOKEN)}
            ).scalar():
                session.add(
                    Device(
                        centre_id=centre,
                        kind=DeviceKind.KIOSK,
                        name="Benchmark",
                        letter=LETTER,
                        token_hash=hash_of(TOKEN),
                        approved_at=datetime.now(UTC),
                    )
                )
            given = text("SELECT COUNT(*) FROM visit WHERE code LIKE :ours")
            _numbers.next = 1 + int(connection.execute(given, {"ours": f"{LETTER}%"}).scalar() or 0)
            return str(service)
    finally:
        database.close()


# Visitors -------------------------------------------------------------------------------------------------------


@dataclass
class Numbers:
    next: int = 1


_numbers = Numbers()


async def _issue_for(port: int, service: str, seconds: float) -> list[tuple[float, float]]:
    end = time.perf_counter() + seconds
    return await _issue(port, service, lambda: time.perf_counter() >= end)


async def _issue_while(port: int, service: str, made: Making) -> list[tuple[float, float]]:
    return await _issue(port, service, made.is_over)


async def _issue(port: int, service: str, over: object) -> list[tuple[float, float]]:
    """When each was due, and the seconds it took. At a steady rate, whatever the answers take: an answer that is late makes the next ones late too, and they count from when they were due."""
    assert callable(over)
    took: list[tuple[float, float]] = []
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with connect(
        f"ws://127.0.0.1:{port}/ws/device", additional_headers=headers, ping_interval=None, max_size=None
    ) as line:
        await line.send(Hello(protocol=PROTOCOL).encode())
        due = time.perf_counter()
        while not over():
            due += 1 / A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            body = Issue(
                visit=new_id(),
                ticket=new_id(),
                code=write_code(LETTER, _numbers.next),
                service=service,
                follow_hash="0" * 32 + new_id(),
            )
            _numbers.next += 1
            await line.send(Ask(id=new_id(), body=body).encode())
            while not isinstance(frame := read_server_frame(await line.recv()), Answer):
                pass
            assert frame.refusal is None, frame.refusal
            took.append((due, time.perf_counter() - due))
    return took


# The backup -----------------------------------------------------------------------------------------------------


@dataclass
class Making:
    process: subprocess.Popen[bytes]
    told: dict[str, float] = field(default_factory=dict)
    memory: float = 0.0
    begun: float = 0.0
    """When the copying began: on the steady clock, after what the process took to start."""

    def is_over(self) -> bool:
        with contextlib.suppress(psutil.Error):
            self.memory = max(self.memory, psutil.Process(self.process.pid).memory_info().rss / 1e6)
        return self.process.poll() is not None


@contextlib.contextmanager
def _made_beside(wanted: making.Plan) -> Iterator[Making]:
    """As the house has it made; what it cost is told when it is over."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "server.backups.child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"plan": plan.as_text(wanted), "id": new_id()}).encode())
    process.stdin.close()
    made = Making(process)
    yield made
    answer = json.loads(process.stdout.read())
    assert "made" in answer, answer
    assert not answer["made"]["say"], answer["made"]["say"]
    took = time.perf_counter() - begun
    made.begun = begun + took - sum(answer["seconds"].values())
    made.told |= {
        "backup_s": took,
        **{f"backup_{name}_s": seconds for name, seconds in answer["seconds"].items()},
        "backup_mb": answer["made"]["size"] / 1e6,
        "backup_memory_mb": made.memory,
        "rows": answer["rows"],
    }


if __name__ == "__main__":
    main(sys.argv[1:])
