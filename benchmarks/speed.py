"""The server's rows of the table. Each function measures some and adds what it found to `values`.

Rates with old tickets are paired: two servers, one on an empty and one on a full database, are loaded in turns, and the share is the median of
the pairs, so that whatever else the machine does falls on both. Rates and percentiles are of the empty one, over all its turns together.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks import fanout, limits
from benchmarks.centre import Built, Kiosk, add_old_tickets, build
from benchmarks.load import Client, issue
from benchmarks.process import Server, run_program, serving
from benchmarks.talk import bearer

Values = dict[str, float]
OLD = 200_000


class Bench:
    """What the rows share: a folder, the databases made once, how long to measure."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self.folder = folder
        self.quick = quick
        self.values: Values = {}
        self._made = 0
        self._empty = build(folder / "empty.db")
        self._full: Built | None = None

    def seconds(self, usual: float) -> float:
        return usual / 4 if self.quick else usual

    def count(self, usual: int) -> int:
        return max(5, usual // 8) if self.quick else usual

    def fresh(self, *, full: bool = False) -> Built:
        """A copy of the empty or the full database, with the same keys."""
        source = self._full_one() if full else self._empty
        self._made += 1
        path = self.folder / f"{self._made}.db"
        shutil.copyfile(source.path, path)
        return Built(path, source.kiosks, source.sessions, source.display)

    def _full_one(self) -> Built:
        if self._full is None:
            self._full = self.fresh()
            add_old_tickets(self._full, OLD // 10 if self.quick else OLD)
        return self._full


class Loaded:
    """A server under one kind of load, turn after turn."""

    def __init__(self, bench: Bench, *, full: bool) -> None:
        self.built = bench.fresh(full=full)
        self.server = Server(self.built.url)
        self._number = 0

    def issue(self, clients: int, seconds: float) -> dict[str, Any]:
        kiosks = [vars(each) for each in self.built.kiosks[:clients]]
        return self._run({"what": "issue", "kiosks": kiosks, "seconds": seconds})

    def call(self, clients: int, seconds: float, waiting: int) -> dict[str, Any]:
        kiosk, sessions = vars(self.built.kiosks[0]), self.built.sessions[:clients]
        return self._run(
            {"what": "call", "kiosk": kiosk, "sessions": sessions, "waiting": waiting, "seconds": seconds}
        )

    def _run(self, order: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = run_program(
            "benchmarks.load", {**order, "port": self.server.port, "from": self._number}
        )
        self._number = answer["highest"]
        return answer


def issue_rates(bench: Bench) -> None:
    def turn(loaded: Loaded, clients: int, seconds: float, _first: bool) -> dict[str, Any]:
        return loaded.issue(clients, seconds)

    _rates(bench, "issue", turn, seconds=2.0)


def call_rates(bench: Bench) -> None:
    def turn(loaded: Loaded, clients: int, seconds: float, first: bool) -> dict[str, Any]:
        return loaded.call(clients, seconds, 200 if first else 0)

    _rates(bench, "call", turn, seconds=3.5)


def _rates(
    bench: Bench, name: str, turn: Callable[[Loaded, int, float, bool], dict[str, Any]], seconds: float
) -> None:
    empty, full = Loaded(bench, full=False), Loaded(bench, full=True)
    pairs, took = [], []
    try:
        for each in (empty, full):
            each.server.start()
            turn(each, 32, 0.5, True)  # so that neither is measured cold
        for number in range(3 if bench.quick else 6):
            order = (empty, full) if number % 2 == 0 else (full, empty)
            done = {id(each): turn(each, 32, bench.seconds(seconds), False) for each in order}
            took.append(done[id(empty)])
            pairs.append(done[id(full)]["per_s"] / done[id(empty)]["per_s"])
        few = [turn(empty, 8, bench.seconds(seconds), False) for _ in range(2)]
    finally:
        empty.server.stop()
        full.server.stop()
    bench.values[f"{name}_per_s_32"] = statistics.median(each["per_s"] for each in took)
    bench.values[f"{name}_p99_ms_32"] = _p99(took)
    bench.values[f"{name}_p99_ms_8"] = _p99(few)
    bench.values[f"{name}_share_with_200k_old"] = statistics.median(pairs)


def _p99(turns: list[dict[str, Any]]) -> float:
    return fanout.percentile([ms for each in turns for ms in each["took_ms"]], 0.99)


def group_limit(bench: Bench) -> None:
    bench.values["limit_group_commits_per_s"] = limits.group_commits(bench.fresh(), bench.seconds(4))


def displays(bench: Bench) -> None:
    built = bench.fresh()
    with serving(built.url) as server:
        time.sleep(1)
        bench.values["server_rss_idle_mb"] = server.rss_mb()

        async def few() -> list[float]:
            return await fanout.call_to_displays(built, server.port, 100, bench.count(300), 0)

        async def bursts() -> float:
            return await fanout.burst(built, server.port, 20_000, bursts=bench.count(24))

        bench.values["call_to_100_displays_p99_ms"] = fanout.percentile(asyncio.run(few()), 0.99)
        bench.values["burst_announced_share"] = asyncio.run(bursts())
        bench.values["server_rss_used_mb"] = server.rss_mb()
    built = bench.fresh()
    with serving(built.url) as server:

        async def many() -> list[float]:
            took = fanout.call_to_displays(built, server.port, 1000, bench.count(150), 0)
            return (await asyncio.gather(took, _highest_memory(server, bench.values)))[0]

        bench.values["call_to_1000_displays_p99_ms"] = fanout.percentile(asyncio.run(many()), 0.99)
    bare = asyncio.run(fanout.bare_fanout(1000, bench.count(150)))
    bench.values["limit_fanout_1000_p99_ms"] = fanout.percentile(bare, 0.99)


async def _highest_memory(server: Server, values: Values) -> None:
    """Looks now and then while the displays are there."""
    highest = 0.0
    for _ in range(200):
        await asyncio.sleep(0.05)
        try:
            highest = max(highest, server.rss_mb())
        except psutil.Error:
            break
        values["server_rss_1000_displays_mb"] = highest


def back_after_kill(bench: Bench) -> None:
    built = bench.fresh(full=not bench.quick)
    server = Server(built.url)
    server.start()
    try:
        took = []
        number = 1
        for _ in range(bench.count(16)):
            asyncio.run(first_answer(server.port, built.kiosks[0], number))
            server.kill()
            began = time.monotonic()
            server.start(wait=False)
            asyncio.run(first_answer(server.port, built.kiosks[0], number + 1))
            took.append(time.monotonic() - began)
            number += 2
    finally:
        server.stop()
    bench.values["back_after_kill_s"] = statistics.median(took)


async def first_answer(port: int, kiosk: Kiosk, number: int, seconds: float = 15) -> None:
    """As a kiosk that tries again every 20 ms until a ticket of its is taken."""
    async with asyncio.timeout(seconds):
        while True:
            client = Client()
            try:
                await client.open(port, "/ws/device", bearer(kiosk.token))
                await client.ask(issue(kiosk.letter, number, "housing"))
            except OSError:
                await asyncio.sleep(0.02)
                continue
            assert client.talk is not None
            client.talk.lost = lambda: None
            client.talk.close()
            return
