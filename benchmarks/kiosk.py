"""The kiosk's rows of the table: the real kiosk off screen, a real server, a printer on TCP; three processes and one clock.

Off screen Mesa draws with the processor, so a frame costs more here than on any graphics card. The paper is out when the stand-in printer has
decoded the ticket and its cut, a little after the last byte.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.centre import Built, device_number
from benchmarks.fanout import percentile
from benchmarks.process import ROOT, serving
from benchmarks.speed import Bench
from hardware.printers.standin import StandIn
from kiosk import enrol

IDLE_SECONDS = 10.0
STARTS = 4

SETTINGS = """
name = "Kiosk"
server = "http://127.0.0.1:{port}"
state = "{state}"
sound = false

[printer]
type = "network"
address = "{printer}"
"""


class Kiosk:
    """A kiosk process that is told what to touch."""

    def __init__(self, settings: Path) -> None:
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.kiosk_driver", str(settings)],
            cwd=ROOT,
            env={**os.environ, "SDL_VIDEODRIVER": "offscreen"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.start_seconds: float = self.said("first")["at"] - self.began

    @property
    def of_system(self) -> psutil.Process:
        return psutil.Process(self._process.pid)

    def said(self, what: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                told: dict[str, Any] = json.loads(line)
                if told["what"] == what:
                    return told
        raise RuntimeError("the kiosk ended")

    def visit(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write("choice-0 council-tax\n")
        self._process.stdin.flush()
        ticket = self.said("ticket")
        self.said("ready")
        return ticket

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def rows(bench: Bench) -> None:
    built = bench.fresh()
    papers: list[float] = []
    printer = StandIn(keep=5)
    printer.levers._on_paper = lambda paper: papers.append(time.monotonic())
    printer.start()
    with serving(built.url) as server:
        settings = _settings(bench.folder / "kiosk", built, server.port, printer.address)
        starts = [_start(settings) for _ in range(STARTS)]
        bench.values["kiosk_start_s"] = statistics.median(starts)
        kiosk = Kiosk(settings)
        try:
            kiosk.visit()  # the first warms fonts and caches, as the first visitor of a day does
            papers.clear()
            tickets = [kiosk.visit() for _ in range(bench.count(24))]
            _wait_for(papers, len(tickets))
            to_screen = [1000 * (each["shown"] - each["touched"]) for each in tickets]
            to_paper = [1000 * (at - each["touched"]) for at, each in zip(papers, tickets, strict=True)]
            bench.values["touch_to_screen_p95_ms"] = percentile(to_screen, 0.95)
            bench.values["touch_to_paper_p95_ms"] = percentile(to_paper, 0.95)
            bench.values["kiosk_idle_cpu_percent"] = _idle(kiosk.of_system, bench.seconds(IDLE_SECONDS))
            bench.values["kiosk_rss_mb"] = kiosk.of_system.memory_info().rss / 1_000_000
        finally:
            kiosk.close()
            printer.stop()


def _settings(state: Path, built: Built, port: int, printer: str) -> Path:
    state.mkdir()
    token = built.kiosks[0].token
    enrol.keep(state, enrol.Paired(token, str(device_number(built, token)), "centre-1"))
    file = state / "kiosk.toml"
    file.write_text(SETTINGS.format(port=port, state=state, printer=printer), encoding="utf-8")
    return file


def _start(settings: Path) -> float:
    kiosk = Kiosk(settings)
    kiosk.close()
    return kiosk.start_seconds


def _wait_for(papers: list[float], count: int) -> None:
    deadline = time.monotonic() + 10
    while len(papers) < count and time.monotonic() < deadline:
        time.sleep(0.01)


def _idle(process: psutil.Process, seconds: float) -> float:
    """Per cent of one processor while nobody is there."""
    time.sleep(2)
    before = process.cpu_times()
    time.sleep(seconds)
    after = process.cpu_times()
    used: float = after.user + after.system - before.user - before.system
    return 100 * used / seconds
