"""What the floor feels of a report being made beside it: calls of eight counters with and without printed reports, in turns, and the memory that a report takes.

The house has 200,000 old tickets of one centre. While counters call as fast as they can, a manager has one report after the other made of all of them, without a rest: harder than any
day. The difference of the two is what reports cost the floor; both turns fall on the same machine in the same minute.

    python -m benchmarks --only reports
"""

from __future__ import annotations

import asyncio
import re
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil

from benchmarks.speed import Bench, Loaded
from benchmarks.years import _sign_in as sign_in
from benchmarks.years import _sum_up as sum_up

COUNTERS = 8
SECONDS = 20.0
TURNS = 2
LOOK_SECONDS = 0.05


def rows(bench: Bench) -> None:
    loaded = Loaded(bench, full=True)
    asyncio.run(sum_up(loaded.built.url))  # as the house does at night
    key = sign_in(loaded.built.url)
    loaded.server.start()
    alone, beside, made, memory = [], [], 0, 0.0
    try:
        loaded.call(COUNTERS, 1.0, 200)
        for _ in range(1 if bench.quick else TURNS):
            alone.append(_p95(loaded.call(COUNTERS, bench.seconds(SECONDS), 0)))
            with _reports(loaded.server.port, loaded.server.pid, key) as told:
                beside.append(_p95(loaded.call(COUNTERS, bench.seconds(SECONDS), 0)))
            made, memory = made + told.made, max(memory, told.memory_mb)
    finally:
        loaded.server.stop()
    bench.values |= {
        "report_call_p95_ms_alone": statistics.median(alone),
        "report_call_p95_ms": statistics.median(beside),
        "report_memory_mb": memory,
        "reports_made": made,
    }


def _p95(told: dict[str, Any]) -> float:
    took = sorted(told["took_ms"])
    return float(took[int(len(took) * 0.95)])


class _Asking(threading.Thread):
    """Asks for one report after the other, and looks at the memory of what makes them."""

    def __init__(self, port: int, pid: int, key: str) -> None:
        super().__init__(daemon=True)
        self._address, self._pid, self._key = f"http://127.0.0.1:{port}", pid, key
        self.made, self.memory_mb = 0, 0.0
        self.over = threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self._address, cookies={"foyer_session": self._key}, timeout=60) as client:
            while not self.over.is_set():
                place = self._ask(client)
                while not self.over.is_set() and "/file" not in client.get(place).text:
                    self._look()
                    time.sleep(LOOK_SECONDS)
                self.made += not self.over.is_set()

    def _ask(self, client: httpx.Client) -> str:
        page = client.get("/figures/reports").text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        centres = re.findall(r'name="centre" value="(\d+)"', page)
        assert csrf is not None, "the manager is not let in"
        asked = {
            "csrf": csrf[1],
            "public": "no",
            "topic": ["footfall", "waits", "why"],
            "centre": centres,
            "kind": "range",
            "first": "2020-01-01",
            "last": time.strftime("%Y-%m-%d"),
            "form": "pdf",
        }
        answer = client.post("/figures/reports", data=asked)
        assert answer.status_code == 303, answer.text[:300]
        return answer.headers["location"]

    def _look(self) -> None:
        for child in psutil.Process(self._pid).children():
            try:
                self.memory_mb = max(self.memory_mb, child.memory_info().rss / 1_000_000)
            except psutil.NoSuchProcess:
                continue


@contextmanager
def _reports(port: int, pid: int, key: str) -> Iterator[_Asking]:
    asking = _Asking(port, pid, key)
    asking.start()
    try:
        yield asking
    finally:
        asking.over.set()
        asking.join(30)
