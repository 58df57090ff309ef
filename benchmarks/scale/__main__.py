"""`make bench-scale`: 200 centres, 2,000 kiosks and displays and 500 advisers on 1, 2 and 4 servers and one PostgreSQL; then faults under load.

Everything runs on this machine, the crowds too: read ratios within one run and processor seconds a command, not milliseconds beside another machine's. Writes
`build/scale.json` and `build/scale.md`. It ends within `--minutes` (nine and a half unless told), however slow the machine: so much is kept for the faults, each number
of servers has its share of the rest, and what was not reached is named. `--quick` takes some three minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.process import ROOT
from benchmarks.scale import reckoning, steps, table
from benchmarks.scale.line import Line
from benchmarks.scale.postgres import Postgres
from benchmarks.scale.side import Crowds, Servers
from benchmarks.scale.world import Place, Size, build

TIMES = (1, 16, 64, 128, 256)
QUICK_TIMES = (16, 128)
RIGHT_WITHIN = 5.0
A_FAULT = 45.0
"""Seconds that one of the faults takes at the most, on a machine that is not busy with other things."""
FAULTS = 5
TIDYING = 15.0


class OutOfTime(Exception):
    """The time is up."""


@dataclass(frozen=True)
class Budget:
    """Until when (monotonic) what is to be done."""

    end: float
    faults: float
    """What the faults need of it."""

    @classmethod
    def of(cls, minutes: float, *, faults: bool) -> Budget:
        end = time.monotonic() + 60 * minutes - TIDYING
        return cls(end, (FAULTS * A_FAULT + 30) if faults else 0.0)

    def share(self, of: int) -> float:
        """Until when the next of so many that are left may measure."""
        now = time.monotonic()
        return now + max(0.0, self.end - self.faults - now) / of

    @property
    def left(self) -> float:
        return self.end - time.monotonic()


def _stop(_signal: int, _frame: object) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what comes now is tidying
    raise OutOfTime


def main() -> int:
    options = _options()
    began = time.monotonic()
    budget = Budget.of(options.minutes, faults=not options.no_faults)
    # What was begun is ended and what was found is written, also when somebody else thinks it has taken long enough.
    for each in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(each, _stop)
    signal.setitimer(signal.ITIMER_REAL, budget.left)
    size = Size(centres=options.centres, advisers=options.centres * 5 // 2)
    result: dict[str, Any] = {
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} processors, Python {platform.python_version()}",
        "scattered": options.scattered,
        "size": {"centres": size.centres, "screens": size.screens, "advisers": size.advisers},
        "servers": {},
        "faults": {},
        "counted": {},
        "not reached": [],
    }
    with tempfile.TemporaryDirectory(prefix="foyer-scale-", dir=options.folder) as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ["FOYER_DATA"] = str(folder / "data")
        postgres = Postgres(folder / "postgres").make()
        try:
            _run(options, budget, postgres, size, folder, result)
        except OutOfTime:
            result["not reached"].append("the rest, for the time was up")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            postgres.away()
    if not any(found["spans"] for found in result["servers"].values()):
        _say("Nothing was measured in this time.")
        return 1
    result["costs"] = _costs(result)
    result["took"] = round(time.monotonic() - began)
    return _write(result)


def _run(
    options: argparse.Namespace,
    budget: Budget,
    postgres: Postgres,
    size: Size,
    folder: Path,
    result: dict[str, Any],
) -> None:
    """All of it, into `result`: what is there when the time is up stays."""
    places = build(postgres.address, size)
    _say(f"{size.centres} centres are made; {budget.left:.0f} s are left")
    numbers: list[Any] = []
    answered: list[str] = []
    for at, how_many in enumerate(options.processes):
        _say(f"{how_many} servers ...")
        until = budget.share(len(options.processes) - at)
        found, ids, numbers = _measure(options, how_many, postgres, places, size, folder, numbers, until)
        result["servers"][str(how_many)] = found
        answered += ids
        result["counted"] = steps.count(postgres, answered)
        if found["cut short"]:
            _say(f"There was no time for more visitors on {how_many} servers.")
    if not options.no_faults:
        answered += _faults(options, budget, postgres, places, size, folder, numbers, result)
        result["counted"] = steps.count(postgres, answered)


def _measure(
    options: argparse.Namespace,
    how_many: int,
    postgres: Postgres,
    places: list[Place],
    size: Size,
    folder: Path,
    numbers: list[Any],
    until: float,
) -> tuple[dict[str, Any], list[str], list[Any]]:
    """Spans with more and more visitors, until calls come too late or `until` has come."""
    with Servers([postgres.address] * how_many, folder) as servers:
        empty = servers.rss_mb()
        opening = time.monotonic()
        crowds = Crowds(places, servers.ports, options.crowds, numbers, scattered=options.scattered)
        try:
            opened = round(time.monotonic() - opening, 1)
            idle = _idle(servers, postgres, options.seconds / 2)
            spans: list[dict[str, Any]] = []
            cut_short = False
            for times in options.times or (QUICK_TIMES if options.quick else TIMES):
                cut_short = bool(spans) and time.monotonic() + spans[-1]["seconds"] > until
                if cut_short:
                    break
                span = steps.load(servers, crowds, postgres, size, times, options.seconds)
                _say(table.one_line(span))
                spans.append(span)
                if span["saturated"]:
                    break
            ids, numbers = crowds.close()
        finally:
            crowds.kill()
        found = {"opened all in": opened, "memory empty MB": empty, "idle": idle, "spans": spans}
        return {**found, "cut short": cut_short}, ids, numbers


def _idle(servers: Servers, postgres: Postgres, seconds: float) -> dict[str, Any]:
    """What it costs that all screens are there and nothing happens."""
    before, database = servers.cpu_seconds(), postgres.cpu_seconds()
    time.sleep(seconds)
    spent = sum(servers.cpu_seconds()) - sum(before)
    return {
        "cpus of servers": round(spent / seconds, 3),
        "cpus of postgres": round((postgres.cpu_seconds() - database) / seconds, 3),
    }


def _faults(
    options: argparse.Namespace,
    budget: Budget,
    postgres: Postgres,
    places: list[Place],
    size: Size,
    folder: Path,
    numbers: list[Any],
    result: dict[str, Any],
) -> list[str]:
    """Each server has a line of its own to the database, so that it can be cut."""
    _say("faults ...")
    lines = [Line(postgres.port) for _ in range(4)]
    addresses = [postgres.address.replace(f":{postgres.port}/", f":{line.port}/") for line in lines]
    seconds = 14.0 if options.quick else 18.0
    with Servers(addresses, folder) as servers:
        crowds = Crowds(places, servers.ports, options.crowds, numbers, scattered=options.scattered)
        try:
            for name, away, do in (
                ("nothing", False, lambda: None),
                ("kill -9 of one server of four", False, lambda: steps.kill_one(servers)),
                ("PostgreSQL restarted", True, postgres.restart),
                ("network to PostgreSQL silent for 5 s", True, lambda: steps.cut_all(lines)),
                ("one server's line silent, then gone", False, lambda: steps.cut_one_for_good(lines)),
            ):
                if not any(word in name for word in options.faults):
                    continue
                if budget.left < A_FAULT:
                    result["not reached"].append(name)
                    continue
                found = steps.break_something(crowds, size, seconds, do, away=away)
                result["faults"][name] = found
                _say(f"{name}: {found}")
            ids, _ = crowds.close()
        finally:
            crowds.kill()
            for line in lines:
                line.close()
    return ids


def _costs(result: dict[str, Any]) -> dict[str, Any]:
    """Of the busiest span of one server that was not too much for it."""
    first = next(found for found in result["servers"].values() if found["spans"])
    spans = [span for span in first["spans"] if not span["saturated"]] or first["spans"]
    busiest = spans[-1]
    base = sum(first["memory empty MB"])
    full = sum(busiest["memory MB"])
    costs = reckoning.Costs(
        server=busiest["server ms a command"] / 1000,
        database=busiest["postgres ms a command"] / 1000,
        base_mb=base,
        mb_a_screen=max(0.0, full - base) / result["size"]["screens"],
    )
    return {**costs.__dict__, "rows": reckoning.rows(costs), "one machine": reckoning.carried(costs)}


def _write(result: dict[str, Any]) -> int:
    build_folder = ROOT / "build"
    build_folder.mkdir(exist_ok=True)
    (build_folder / "scale.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    told = table.whole(result)
    (build_folder / "scale.md").write_text(told, encoding="utf-8")
    print(told)
    wrong = [
        name
        for name in ("lost", "answered twice", "codes twice", "called twice")
        if result["counted"].get(name)
    ]
    late = [
        name
        for name, fault in result["faults"].items()
        if fault["slowest display after an answer"] > RIGHT_WITHIN
        or fault["left waiting"]
        or fault["still serving"]
    ]
    for name in (*wrong, *late):
        _say(f"NOT as promised: {name}")
    for name in result["not reached"]:
        _say(f"Not reached in this time: {name}")
    return 1 if wrong or late or result["not reached"] else 0


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a glance: 40 centres, two rates, shorter spans")
    parser.add_argument("--centres", type=int, default=0, help="200, or 40 with --quick; ten screens each")
    parser.add_argument("--processes", type=int, nargs="+", default=None, help="1 2 4")
    parser.add_argument(
        "--times", type=float, nargs="+", default=None, help="so many times as many visitors as really come"
    )
    parser.add_argument("--seconds", type=float, default=0.0, help="of each span")
    parser.add_argument("--crowds", type=int, default=2, help="processes that play visitors")
    parser.add_argument("--minutes", type=float, default=9.5, help="it ends within them")
    parser.add_argument(
        "--faults",
        nargs="+",
        default=[""],
        metavar="WORD",
        help="only those whose name has one of these words",
    )
    parser.add_argument("--no-faults", action="store_true")
    parser.add_argument(
        "--scattered", action="store_true", help="a site's screens on all servers in turn, instead of on one"
    )
    parser.add_argument("--folder", default=None, help="where the database is written; must be a real disk")
    options = parser.parse_args()
    options.centres = options.centres or (40 if options.quick else 200)
    options.processes = options.processes or ([1, 2] if options.quick else [1, 2, 4])
    options.seconds = options.seconds or (6.0 if options.quick else 12.0)
    return options


if __name__ == "__main__":
    sys.exit(main())
