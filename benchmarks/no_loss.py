"""Kills the server (`kill -9`) at random instants while eight kiosks issue, and counts what was lost.

The kiosks are real but for their screens: each has its own journal on the disk, its own line to the server and hands over as it does
in a lobby, going back to its journal whenever an answer does not come. Only the pauses before they try again are shortened. After each restart every
ticket the server had acknowledged must be in its database; at the end every ticket given out must be there once, and each
kiosk's numbers must run from 1 without a hole.

`--kiosk` kills the kiosk instead, between touch and paper (see `kiosk_kills`).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import kiosk.link
from benchmarks.bound import told
from benchmarks.centre import SERVICES, Built, Kiosk, build
from benchmarks.process import free_port
from benchmarks.zygote import Zygote
from kiosk.clocks import MachineClocks
from kiosk.handing import HandingOver
from kiosk.journal import Journal, Lost, Order
from kiosk.link import Link
from wire.asks import DeviceAsk
from wire.frames import Answer
from wire.vocabulary import Language

SERVER = "benchmarks.zygote"
KIOSKS = 8
BACK_SECONDS = 10.0
LONGEST_LIFE = 0.12
"""A server is killed up to so many seconds after its first answer."""


@dataclass
class Tally:
    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    duplicates: int = 0
    gaps: int = 0
    strangers: int = 0
    """Tickets on the server that no kiosk gave out."""
    backs: list[float] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicates or self.gaps or self.strangers)

    def lines(self, whom: str) -> str:
        backs = sorted(self.backs)
        told_by = "acknowledged" if whom == "server" else "shown or printed"
        return "\n".join(
            (
                f"{whom} killed {self.kills:,} times at random instants, {self.acknowledged:,} tickets {told_by}",
                f"  lost though {told_by}:  {told(self.lost, self.acknowledged)}",
                f"  kills that lost any:    {told(min(self.lost, self.kills), self.kills)}",
                f"  codes given twice:      {told(self.duplicates, self.acknowledged)}",
                f"  unexplained gaps:       {told(self.gaps, self.acknowledged)}",
                f"  tickets from nowhere:   {told(self.strangers, self.acknowledged)}",
                f"  next {'answer' if whom == 'server' else 'touch'} after a kill: median {1000 * backs[len(backs) // 2]:.0f} ms, worst {1000 * backs[-1]:.0f} ms"
                " (program already loaded)",
            )
        )


class Point:
    """One kiosk without its screen: journal, line, hand-over, and visitors who never stop coming."""

    def __init__(self, kiosk: Kiosk, url: str, folder: Path, answered: asyncio.Event) -> None:
        self.letter = kiosk.letter
        self.acknowledged: dict[str, str] = {}
        self.given: dict[str, str] = {}
        self._answered = answered
        self._doors_shut = False
        self._thread = ThreadPoolExecutor(1)
        self._journal = Journal(folder / f"{kiosk.letter}.db", MachineClocks())
        self._line = Link(url, kiosk.token, silence=2.0, answer_seconds=2.0)
        self._handed = asyncio.Event()
        self._handing = HandingOver(self._journal, self._in_journal, lambda verdict: self._handed.set())
        self.open = self._line.open

    async def _in_journal(self, work: Any, *values: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(work, *values))

    async def ask(self, ask_id: str, body: DeviceAsk) -> Answer | Lost:
        """The line's, noting what the server acknowledged."""
        outcome = await self._line.ask(ask_id, body)
        if isinstance(outcome, Answer):
            if outcome.refusal is not None:
                raise AssertionError(f"refused: {outcome.refusal.say}")
            assert outcome.result is not None
            self.acknowledged[outcome.result["ticket"]] = outcome.result["code"]
            self._answered.set()
        return outcome

    async def live(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._line.run())
            group.create_task(self._handing.run(self))

    async def visitors(self) -> None:
        """One after another, but no more waiting in the journal than a bad half hour leaves behind."""
        while not self._doors_shut:
            if len(self.given) - len(self.acknowledged) < 25:
                service = random.choice(SERVICES)
                order = Order(self.letter, "Europe/London", service, Language.EN)
                given = await self._in_journal(self._journal.take, order)
                self.given[given.ticket] = given.code
                self._handing.more()
            await asyncio.sleep(0.005)

    def shut_doors(self) -> None:
        """No visitor after the one who is touching now: who was given a ticket must also be written down."""
        self._doors_shut = True

    async def handed_over(self) -> None:
        """Until nothing is held in the journal any more."""
        while await self._in_journal(self._journal.held):
            self._handed.clear()
            await self._handed.wait()

    def close(self) -> None:
        self._thread.submit(self._journal.close)
        self._thread.shutdown()


async def kill_servers(
    built: Built, folder: Path, kills: int, seconds: float | None = None, program: str = SERVER
) -> Tally:
    """Kill so many times, or until the time is over. `program` is the zygote of the server to kill."""
    usual, kiosk.link.FIRST_PAUSE = kiosk.link.FIRST_PAUSE, 0.02
    port = free_port()
    environment = {"FOYER_DATABASE": built.url, "FOYER_PORT": str(port), "FOYER_SECURE_COOKIES": "false"}
    zygote = Zygote(program, environment)
    answered = asyncio.Event()
    url = f"ws://127.0.0.1:{port}/ws/device"
    points = [Point(each, url, folder, answered) for each in built.kiosks[:KIOSKS]]
    tally = Tally()
    visitors = [asyncio.create_task(point.visitors()) for point in points]
    lives = [asyncio.create_task(point.live()) for point in points]
    tasks = [*visitors, *lives]
    over = time.monotonic() + (seconds or float("inf"))
    try:
        zygote.start()
        await _next_answer(answered, tasks)
        known: set[str] = set()
        while tally.kills < kills and time.monotonic() < over:
            await asyncio.sleep(random.uniform(0, LONGEST_LIFE))
            zygote.kill()
            killed = time.monotonic()
            tally.kills += 1
            acknowledged = {ticket for point in points for ticket in point.acknowledged}
            answered.clear()
            zygote.start()
            await _next_answer(answered, tasks)
            tally.backs.append(time.monotonic() - killed)
            tally.lost += _missing(built.path, acknowledged - known)
            known = acknowledged
        for point in points:
            point.shut_doors()
        async with asyncio.timeout(60):
            await asyncio.gather(*visitors)
            for point in points:
                await point.handed_over()
        _reckon(built.path, points, tally)
        zygote.kill()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        zygote.close()
        for point in points:
            point.close()
        kiosk.link.FIRST_PAUSE = usual
    return tally


async def _next_answer(answered: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    waiting = asyncio.create_task(answered.wait())
    done, _ = await asyncio.wait([waiting, *tasks], timeout=BACK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for task in done:
        task.result()
    if waiting not in done:
        raise AssertionError(f"no answer within {BACK_SECONDS:g} s of the restart")


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def _missing(path: Path, tickets: set[str]) -> int:
    with closing(_reading(path)) as connection:
        found = sum(
            connection.execute("SELECT 1 FROM ticket WHERE id = ?", (ticket,)).fetchone() is not None
            for ticket in tickets
        )
    return len(tickets) - found


def _reckon(path: Path, points: list[Point], tally: Tally) -> None:
    """At the end all that was given out has been handed over: the two must be the same, ticket by ticket."""
    with closing(_reading(path)) as connection:
        rows = connection.execute(
            "SELECT t.id, v.code, v.arrived_on FROM ticket t JOIN visit v ON v.id = t.visit_id"
        ).fetchall()
    kept = {ticket: code for ticket, code, _ in rows}
    given = {ticket: code for point in points for ticket, code in point.given.items()}
    acknowledged = {ticket: code for point in points for ticket, code in point.acknowledged.items()}
    tally.acknowledged = len(acknowledged)
    tally.lost = max(tally.lost, sum(kept.get(ticket) != code for ticket, code in acknowledged.items()))
    tally.duplicates = (len(rows) - len({(code, on) for _, code, on in rows})) + (
        len(given) - len(set(given.values()))
    )
    tally.strangers = len(kept.keys() - given.keys())
    for point in points:
        numbers = {int(code[1:]) for code in kept.values() if code[0] == point.letter}
        tally.gaps += max(numbers, default=0) - len(numbers)
        tally.gaps += len(set(point.given.values()) - set(kept.values()))


def run(kills: int, seconds: float | None = None, folder: Path | None = None, program: str = SERVER) -> Tally:
    with tempfile.TemporaryDirectory(prefix="foyer-kills-", dir=folder) as made:
        built = build(Path(made) / "foyer.db", kiosks=KIOSKS, counters=1)
        return asyncio.run(kill_servers(built, Path(made), kills, seconds, program))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.no_loss", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument(
        "--seconds", type=float, default=None, help="stop after so long, however many that were"
    )
    parser.add_argument(
        "--kiosk", action="store_true", help="kill the kiosk between touch and paper, not the server"
    )
    parser.add_argument(
        "--folder", type=Path, default=None, help="where the files are written; must be a real disk"
    )
    options = parser.parse_args()
    if options.kiosk:
        from benchmarks import kiosk_kills

        tally = kiosk_kills.run(options.kills, options.seconds, options.folder)
    else:
        tally = run(options.kills, options.seconds, options.folder)
    print(tally.lines("kiosk" if options.kiosk else "server"))
    return 0 if tally.clean else 1


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
