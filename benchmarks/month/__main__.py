"""`python -m benchmarks.month`: build five centres, play the month, tell what grew. See the package's own words."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
from sqlmodel import Session, col, select

from benchmarks.month.growth import growth
from benchmarks.month.play import PASSWORD, Day, Site, Told
from benchmarks.month.turned import Face, Time
from benchmarks.process import ROOT, UP_SECONDS, free_port
from demo.years import SHARES, plans
from hardware.printers.standin import StandIn
from server.actions.centres import load
from server.store.database import open_database
from server.store.schema import migrate
from server.store.tables import Centre, Device, Service, Staff, StaffRole
from server.store.tables import Counter as Desk
from server.web import passwords
from wire.vocabulary import Activity, Role

ZONE = ZoneInfo("Europe/London")
FIRST = date(2026, 10, 5)
"""A Monday; summer time ends in the third week."""
CENTRES, DAYS, VISITS, ADVISERS = 5, 30, 60.0, 5
FASTEST = 1800.0
"""Seconds of the play in one of ours at most: a day of eight hours takes no less than a quarter of a minute."""
NIGHT_SECONDS = 6.0
"""Between two days, for the rounds of the night, and for the server to give back what it holds no more: five seconds, as it is played (`benchmarks.month.house`)."""
KIOSK_VISITS = 2_600
OUT = ROOT / "build"


@dataclass(frozen=True)
class Night:
    """What the server held when everybody had gone home."""

    day: str
    memory_mb: float
    files: int
    threads: int
    database_mb: float
    log_mb: float
    processor_seconds: float


# The ground ----------------------------------------------------------------------------------------------------------


def build(url: str) -> list[Site]:
    """Five centres with their devices, staff and passwords."""
    database = open_database(url)
    hashed = passwords.hash_now(PASSWORD)
    start = datetime.combine(FIRST, clock_time(), UTC)
    try:
        migrate(database)
        with database.writing() as session:
            for plan in plans(CENTRES, every_weekday=True):
                load(session, plan, start)
            rows = session.exec(select(Centre).order_by(col(Centre.id))).all()
            return [_site(session, row, place, hashed, start) for place, row in enumerate(rows)]
    finally:
        database.close()


def _site(session: Session, centre: Centre, place: int, hashed: str, now: datetime) -> Site:
    assert centre.id is not None
    services = session.exec(
        select(Service).where(Service.centre_id == centre.id, col(Service.retired_at).is_(None))
    ).all()
    desks = session.exec(select(Desk).where(Desk.centre_id == centre.id).order_by(col(Desk.position))).all()
    kiosk, display = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    device = _device(centre.id, "kiosk", kiosk, now, "K")
    session.add(device)
    session.add(_device(centre.id, "display", display, now))
    people = [
        _person(session, centre.id, f"{centre.slug}-{name}", role, hashed)
        for name, role in (
            *((f"adviser{number}", Role.ADVISER) for number in range(min(ADVISERS, len(desks)))),
            ("greeter", Role.GREETER),
            ("manager", Role.MANAGER),
        )
    ]
    session.flush()
    assert device.id is not None
    return Site(
        slug=centre.slug,
        kiosk=kiosk,
        kiosk_device=device.id,
        display=display,
        services=tuple(
            each.slug
            for each in services
            if not each.private and not each.discreet and each.activity != Activity.SCAN_STATION.value
        ),
        counters=tuple(each.slug for each in desks),
        advisers=tuple(people[:-2]),
        greeter=people[-2],
        manager=people[-1],
        visits=VISITS * SHARES[place % len(SHARES)],
    )


def _device(centre: int, kind: str, token: str, now: datetime, letter: str | None = None) -> Device:
    digest = hashlib.sha256(token.encode()).hexdigest()
    return Device(
        centre_id=centre, kind=kind, name=kind.capitalize(), token_hash=digest, approved_at=now, letter=letter
    )


def _person(session: Session, centre: int, username: str, role: Role, hashed: str) -> str:
    person = Staff(username=username, name=username.replace("-", " ").title(), password_hash=hashed)
    session.add(person)
    session.flush()
    assert person.id is not None
    session.add(StaffRole(staff_id=person.id, centre_id=centre, role=role.value))
    return username


# The month -----------------------------------------------------------------------------------------------------------


class House:
    """The server's process, looked at from outside."""

    def __init__(self, folder: Path, url: str, face: Path) -> None:
        self.port = free_port()
        self.said = folder / "server.log"
        self._database = folder / "foyer.db"
        environment = {
            **os.environ,
            "FOYER_DATABASE": url,
            "FOYER_PORT": str(self.port),
            "FOYER_SECURE_COOKIES": "false",
            "FOYER_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "FOYER_DATA": str(folder / "data"),
            "FOYER_READING_LANGUAGES": "",
        }
        with self.said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.month.house", str(face)],
                cwd=ROOT,
                env=environment,
                stdout=said,
                stderr=said,
            )
        self._seen = psutil.Process(self._process.pid)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def up(self) -> None:
        deadline = time.monotonic() + UP_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise SystemExit(f"the server ended: {self.said.read_text()[-600:]}")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
        raise SystemExit("the server did not get up")

    def night(self, day: date) -> Night:
        spent = self._seen.cpu_times()
        log = Path(f"{self._database}-wal")
        return Night(
            day=day.isoformat(),
            memory_mb=round(_own_mb(self._process.pid), 2),
            files=self._seen.num_fds(),
            threads=self._seen.num_threads(),
            database_mb=round(self._database.stat().st_size / 1e6, 2),
            log_mb=round(log.stat().st_size / 1e6, 2) if log.exists() else 0.0,
            processor_seconds=round(spent.user + spent.system, 1),
        )

    def stop(self) -> int:
        """Its exit status; it is given a quarter of a minute to end by itself."""
        self._process.terminate()
        try:
            return self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return -9


def _own_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) / 1000


async def play(folder: Path, days: int, fastest: float) -> tuple[list[Night], Told, House, list[str]]:
    url = f"sqlite:///{folder / 'foyer.db'}"
    sites = build(url)
    face = Face(folder / "clock", datetime.combine(FIRST, clock_time(6), ZONE))
    clock, told = Time(face, fastest), Told()
    house = House(folder, url, folder / "clock")
    nights = []
    try:
        await house.up()
        for number in range(days):
            on = FIRST + timedelta(days=number)
            began = time.monotonic()
            if on.weekday() < 5:
                await clock.run_to(datetime.combine(on, clock_time(8, 45), ZONE))
                opens = datetime.combine(on, clock_time(9), ZONE)
                for site in sites:
                    clock.begin(Day(site, clock, house.address, told, opens, f"{site.slug} {on}").play())
            await clock.run_to(datetime.combine(on, clock_time(23), ZONE))
            await asyncio.sleep(NIGHT_SECONDS)
            await clock.run_to(datetime.combine(on + timedelta(days=1), clock_time(3), ZONE))
            await asyncio.sleep(NIGHT_SECONDS)
            nights.append(house.night(on))
            print(
                f"{on:%a %d %b}: {nights[-1]} in {time.monotonic() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    finally:
        await clock.end()
        status = house.stop()
    if status not in (0, -15):  # told to end, it ends by the signal it was told with
        clock.failed.append(f"the server ended with {status}")
    return nights, told, house, clock.failed


# The verdict ---------------------------------------------------------------------------------------------------------


MOST_MB_A_DAY = 0.4
"""A hundred megabytes in a year's open days without a restart: what a Pi of one gigabyte has over."""
MOST_MB_A_HUNDRED = 0.2
"""A hundred visitors are a busy kiosk's day."""


ERRORS = re.compile(r'Traceback|"level": ?"(error|critical)"|\b(ERROR|CRITICAL)\b|\[(error|critical) *\]')
WARNINGS = re.compile(r'"level": ?"warning"|\bWARNING\b|\[warning *\]')


def verdict(nights: Sequence[Night], told: Told, said: str, failed: Sequence[str]) -> dict[str, Any]:
    lines = said.splitlines()
    later = nights[len(nights) // 2 :]
    open_nights = [each for each in nights if date.fromisoformat(each.day).weekday() < 5]
    memory = growth([each.memory_mb for each in open_nights])
    return {
        "days": len(nights),
        "tickets": told.issued,
        "asks": sum(told.asked.values()),
        "refused": dict(told.refused),
        "unforeseen_refusals": told.unforeseen[:20],
        "parts_that_failed": list(failed)[:20],
        "pages": {str(status): count for status, count in told.pages.items()},
        "log_lines": len(lines),
        "log_warnings": sum(bool(WARNINGS.search(line)) for line in lines),
        "log_errors": sum(bool(ERRORS.search(line)) for line in lines),
        "memory_first_mb": nights[0].memory_mb,
        "memory_last_mb": nights[-1].memory_mb,
        "memory_mb_an_open_day": round(memory.slope, 3),
        "memory_between": [_told(memory.low), _told(memory.high)],
        "memory": memory.judged(MOST_MB_A_DAY),
        "files": [min(each.files for each in later), max(each.files for each in later)],
        "threads": [min(each.threads for each in later), max(each.threads for each in later)],
        "database_mb_an_open_day": round(growth([each.database_mb for each in open_nights]).slope, 3),
        "processor_seconds": nights[-1].processor_seconds,
        "nights": [asdict(each) for each in nights],
    }


def _told(value: float) -> float | None:
    """None: nobody can say."""
    return round(value, 3) if math.isfinite(value) else None


def kiosk(folder: Path, visits: int) -> list[Mapping[str, float]]:
    """One kiosk with its window and a printer, used by so many visitors one after another."""
    step = max(10, visits // 26 // 10 * 10)
    counts = map(str, range(step, visits + 1, step))
    printer = StandIn(keep=2).start()
    began, told = time.monotonic(), []
    command = [sys.executable, "-m", "tests.kiosk.many_visits", str(folder), printer.address, *counts]
    said = folder.with_name("kiosk.log")
    try:
        with (
            said.open("wb") as log,
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True) as running,
        ):
            assert running.stdout is not None
            for line in running.stdout:
                if line.startswith("{"):
                    told.append(json.loads(line))
                    print(
                        f"{line.strip()} after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True
                    )
    finally:
        printer.stop()
    if running.returncode:
        raise SystemExit(f"the kiosk ended with {running.returncode}: {said.read_text()[-800:]}")
    return told


def kiosk_verdict(told: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    later = told[len(told) // 2 :]
    step = told[0]["visits"]
    memory = growth([each["held_mb"] * 100 / step for each in told])
    return {
        "visits": told[-1]["visits"],
        "memory_first_mb": told[0]["held_mb"],
        "memory_last_mb": told[-1]["held_mb"],
        "memory_mb_in_100_visits": round(memory.slope, 3),
        "memory_between": [_told(memory.low), _told(memory.high)],
        "memory": memory.judged(MOST_MB_A_HUNDRED),
        "files": sorted({each["files"] for each in later}),
        "threads": sorted({each["threads"] for each in later}),
    }


def _added(found: Mapping[str, Any], name: str) -> str:
    low, high = ("?" if each is None else each for each in found["memory_between"])
    return f"{found[name]} MB ({low} to {high} with 95% certainty): {found['memory']}"


def table(found: Mapping[str, Any]) -> str:
    """The month in words and figures, as it stands in docs/proof.md."""
    rows = [("what", "seen")]
    server, machine = found.get("server"), found.get("kiosk")
    if server:
        rows += [
            ("days, tickets, asks", f"{server['days']}, {server['tickets']:,}, {server['asks']:,}"),
            ("errors in the server's log, parts of the play that failed, refusals nobody foresaw",
             f"{server['log_errors']}, {len(server['parts_that_failed'])}, {len(server['unforeseen_refusals'])}"),
            ("server's memory after the first and the last night", f"{server['memory_first_mb']} MB, {server['memory_last_mb']} MB"),
            ("and what an open day adds in the second half", _added(server, "memory_mb_an_open_day")),
            ("open files, threads in the second half", f"{server['files'][0]} to {server['files'][1]}, {server['threads'][0]} to {server['threads'][1]}"),
            ("database grows by", f"{server['database_mb_an_open_day']} MB an open day"),
        ]  # fmt: skip
    if machine:
        rows += [
            ("kiosk: visitors", f"{machine['visits']:,}"),
            ("its memory at first and at last", f"{machine['memory_first_mb']} MB, {machine['memory_last_mb']} MB"),
            ("and what a hundred visitors add in the second half", _added(machine, "memory_mb_in_100_visits")),
            ("open files, threads", f"{machine['files']}, {machine['threads']}"),
        ]  # fmt: skip
    first, *rest = (f"| {what} | {seen} |" for what, seen in rows)
    return "\n".join([first, "|---|---|", *rest]) + "\n"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--days", type=int, default=DAYS)
    options.add_argument("--kiosk-visits", type=int, default=KIOSK_VISITS)
    options.add_argument("--fastest", type=float, default=FASTEST)
    options.add_argument("--keep", type=Path, help="a folder to leave database and log in")
    given = options.parse_args()
    found: dict[str, Any] = {}
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="foyer-month-") as made:
        folder = given.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        if given.days:
            nights, told, house, failed = asyncio.run(play(folder, given.days, given.fastest))
            found["server"] = verdict(nights, told, house.said.read_text(errors="replace"), failed)
        if given.kiosk_visits:
            place = folder / "kiosk"
            place.mkdir()
            found["kiosk"] = kiosk_verdict(kiosk(place, given.kiosk_visits))
    (OUT / "month.json").write_text(json.dumps(found, indent=1) + "\n")
    (OUT / "month.md").write_text(table(found))
    print(table(found))
    server, machine = found.get("server", {}), found.get("kiosk", {})
    grows = "grows" in (server.get("memory"), machine.get("memory"))
    return int(bool(server.get("log_errors") or server.get("parts_that_failed") or grows))


if __name__ == "__main__":
    sys.exit(main())
