"""The servers and the crowds of a run, and what both cost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from benchmarks.process import ROOT, Server
from benchmarks.scale.balancer import Balancer
from benchmarks.scale.world import Place

FULL_LINE = 600.0


class Servers:
    """So many on one database, behind one public address; each may have a line of its own to the database."""

    def __init__(self, addresses: list[str], folder: Path) -> None:
        self._balancer = Balancer()
        self.each = [
            Server(address, log=folder / f"server-{at}.log", public=self._balancer.address)
            for at, address in enumerate(addresses)
        ]

    def __enter__(self) -> Servers:
        for server in self.each:
            server.start(wait=False)
        for server in self.each:
            server.wait_until_up()
        self._balancer.watch(self.ports)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._balancer.close()
        for server in self.each:
            server.stop()

    @property
    def ports(self) -> list[int]:
        return [server.port for server in self.each]

    def cpu_seconds(self) -> list[float]:
        found = []
        for server in self.each:
            times = psutil.Process(server.pid).cpu_times()
            found.append(float(times.user + times.system))
        return found

    def rss_mb(self) -> list[float]:
        return [round(server.rss_mb(), 1) for server in self.each]


class Crowds:
    """The processes that play visitors, each some of the centres."""

    def __init__(
        self, places: list[Place], ports: list[int], how_many: int, numbers: list[Any], *, scattered: bool
    ) -> None:
        self._shares = [slice(at, None, how_many) for at in range(how_many)]
        self._processes = []
        for seed, share in enumerate(self._shares):
            order = {
                "ports": ports,
                "seed": seed,
                "scattered": scattered,
                "places": [each.__dict__ for each in places[share]],
                "numbers": numbers[share] if numbers else None,
            }
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.scale.crowd"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self._processes.append(process)
            self._say(process, order)
        for process in self._processes:
            assert self._hear(process) == {"ready": True}
        self._places = len(places)

    def begin(self, rate: float, seconds: float, service: float) -> None:
        """Visitors at `rate` a second over all of them; `told` gives what was measured."""
        for process, share in zip(self._processes, self._shares, strict=True):
            mine = len(range(*share.indices(self._places))) / self._places
            self._say(process, {"do": "run", "rate": rate * mine, "seconds": seconds, "service": service})

    def told(self) -> list[dict[str, Any]]:
        return [self._hear(process) for process in self._processes]

    def close(self) -> tuple[list[str], list[Any]]:
        """The ids of all visits that were answered, and how far each kiosk has counted."""
        ids: list[str] = []
        numbers: list[Any] = [None] * self._places
        for process, share in zip(self._processes, self._shares, strict=True):
            self._say(process, {"do": "close"})
            told = self._hear(process)
            ids += told["issued"]
            numbers[share] = told["numbers"]
            process.wait(10)
        return ids, numbers

    def kill(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()

    @staticmethod
    def _say(process: subprocess.Popen[bytes], order: dict[str, Any]) -> None:
        assert process.stdin is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()

    @staticmethod
    def _hear(process: subprocess.Popen[bytes]) -> Any:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("a crowd ended before its time")
        return json.loads(line)


def together(told: list[dict[str, Any]]) -> dict[str, Any]:
    """What several crowds measured in the same span, as one."""
    whole: dict[str, Any] = {"refused": {}}
    for name in ("issued", "called", "shown", "lag", "back"):
        whole[name] = sorted(value for each in told for value in each[name])
    for name in ("commands", "in_time", "again", "behind", "unseen", "left", "still", "cpu"):
        whole[name] = sum(each[name] for each in told)
    for name in ("gap", "loop_late", "seconds"):
        whole[name] = max(each[name] for each in told)
    for each in told:
        for code, count in each["refused"].items():
            whole["refused"][code] = whole["refused"].get(code, 0) + count
    return whole
