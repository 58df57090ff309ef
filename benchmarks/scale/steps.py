"""One span of load on so many servers, and what it cost; then the same while something breaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.fanout import percentile
from benchmarks.scale.line import Line
from benchmarks.scale.postgres import Postgres
from benchmarks.scale.reckoning import PEAK, REAL_RATE
from benchmarks.scale.side import Crowds, Servers, together
from benchmarks.scale.world import Size

FAULTS_TIMES = 2.0
FAULTS_SERVICE = 12.0
"""Longer than any display may be wrong: a call that ended before was shown to nobody."""
SATURATED_SECONDS = 1.0
"""When nineteen calls in twenty take longer than this to every display, more are not carried."""
FAULT_AT = 4.0
BROKEN_SECONDS = 5.0


def _spread(seconds: list[float]) -> dict[str, float]:
    """In milliseconds."""
    if not seconds:
        return {}
    return {
        name: round(1000 * percentile(seconds, share), 1)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0))
    }


def service_seconds(size: Size, rate: float, most: float = 8.0) -> float:
    """So long that seven in ten advisers are busy, and not longer than `most`."""
    return min(most, 0.7 * size.advisers / rate)


def load(
    servers: Servers, crowds: Crowds, postgres: Postgres, size: Size, times: float, seconds: float
) -> dict[str, Any]:
    """`times` as many visitors as centres really have."""
    rate = size.centres * REAL_RATE * times
    before, database = servers.cpu_seconds(), postgres.cpu_seconds()
    stats = _stats(postgres)
    began = time.monotonic()
    crowds.begin(rate, seconds, service_seconds(size, rate, 3.0))
    told = together(crowds.told())
    took = time.monotonic() - began
    spent = [after - was for after, was in zip(servers.cpu_seconds(), before, strict=True)]
    database = postgres.cpu_seconds() - database
    work = _stats(postgres)
    commands = max(1, told["commands"])
    return {
        "times real": times,
        "visits a second": round(rate, 2),
        "commands a second": round(told["in_time"] / told["seconds"], 1),
        "issue": _spread(told["issued"]),
        "call": _spread(told["called"]),
        "call to every display": _spread(told["shown"]),
        "behind": told["behind"],
        "server ms a command": round(1000 * sum(spent) / commands, 2),
        "cpus of servers": [round(each / took, 3) for each in spent],
        "postgres ms a command": round(1000 * database / commands, 2),
        "cpus of postgres": round(database / took, 3),
        "commits a command": round((work["commits"] - stats["commits"]) / commands, 2),
        "log bytes a command": round((work["wal"] - stats["wal"]) / commands),
        "cpus of crowds": round(told["cpu"] / told["seconds"], 3),
        "crowds late ms": round(1000 * told["loop_late"], 1),
        "memory MB": servers.rss_mb(),
        "commands": told["commands"],
        "seconds": round(took, 1),
        "refused": told["refused"],
        "saturated": bool(
            told["behind"] > max(10.0, 2 * rate)
            or (told["shown"] and percentile(told["shown"], 0.95) > SATURATED_SECONDS)
        ),
    }


def _stats(postgres: Postgres) -> dict[str, int]:
    row = postgres.run(
        "SELECT xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint FROM pg_stat_database WHERE datname = 'foyer'"
    )[0]
    return {"commits": int(row[0]), "wal": int(row[1])}


def break_something(
    crowds: Crowds, size: Size, seconds: float, do: Callable[[], None], *, away: bool
) -> dict[str, Any]:
    """Twice as many visitors as in the busiest hour, and `do` in the middle of it. How late a display was is counted from the answer to the
    call; where the database was `away`, from when it was back, for nobody could know before."""
    rate = FAULTS_TIMES * PEAK * REAL_RATE * size.centres
    crowds.begin(rate, seconds, FAULTS_SERVICE)
    time.sleep(FAULT_AT)
    began = time.monotonic()
    do()
    whole = time.monotonic()
    told = together(crowds.told())
    lag = [
        max(0.0, last - (whole if away and began - 1 < answered < whole < last else answered))
        for answered, last in told["lag"]
    ]
    return {
        "visits a second": round(rate, 2),
        "broken for": round(whole - began, 2),
        "nothing answered for": round(told["gap"], 2),
        "asked again": told["again"],
        "screens that came back": len(told["back"]),
        "screen back after": _spread(told["back"]),
        "answered call to every display": _spread(lag),
        "slowest display after an answer": round(max(lag, default=0.0), 2),
        "never shown": told["unseen"],
        "commands": told["commands"],
        "refused": told["refused"],
        "left waiting": told["left"],
        "still serving": told["still"],
    }


def kill_one(servers: Servers) -> None:
    """As a machine that fell, and one in its place."""
    servers.each[-1].kill()
    time.sleep(BROKEN_SECONDS)
    servers.each[-1].start()


def cut_all(lines: list[Line]) -> None:
    for line in lines:
        line.cut()
    time.sleep(BROKEN_SECONDS)
    for line in lines:
        line.mend()


def cut_one_for_good(lines: list[Line]) -> None:
    """One server's line is silent until its server has given it up and found another."""
    lines[0].cut()
    time.sleep(2 * BROKEN_SECONDS)
    lines[0].drop()
    lines[0].mend()


def count(postgres: Postgres, answered: list[str]) -> dict[str, int]:
    """What of all that was answered is not there, or there twice; and tickets that were called more than once."""
    there = {row[0] for row in postgres.run("SELECT id FROM visit")}
    codes = postgres.run(
        "SELECT COUNT(*) FROM (SELECT 1 FROM visit GROUP BY centre_id, arrived_on, code HAVING COUNT(*) > 1) AS twice"
    )
    called = postgres.run(
        "SELECT COUNT(*) FROM (SELECT 1 FROM step WHERE action = 'call' GROUP BY ticket_id HAVING COUNT(*) > 1) AS twice"
    )
    return {
        "answered": len(answered),
        "lost": sum(each not in there for each in answered),
        "answered twice": len(answered) - len(set(answered)),
        "codes twice": int(codes[0][0]),
        "called twice": int(called[0][0]),
    }
