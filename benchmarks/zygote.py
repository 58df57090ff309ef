"""Starts the same process again and again in milliseconds: everything is imported once, each start is a fork.

What is killed is the real server (or kiosk) with its own memory, threads and open files; only the imports are shared. It reads orders on
its input: `start` answers with the new process's number, `reap` waits for its end and answers with how it ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping

from benchmarks.process import ROOT


def breed(live: Callable[[], None]) -> None:
    """Obey orders until the input ends. `live` runs in each fork; what it raises is shown."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    pid = 0
    while order := sys.stdin.readline().strip():
        if order == "start":
            pid = os.fork()
            if pid == 0:
                _be(live)
            said = str(pid)
        else:
            said = str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


def _be(live: Callable[[], None]) -> None:
    os.close(0)
    os.open(os.devnull, os.O_RDONLY)
    os.dup2(2, 1)  # what it logs is no answer to an order
    status = 1
    try:
        live()
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


class Zygote:
    """The other end: a process that forks what we kill."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = 0
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def _order(self, order: str) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        return int(self._line())

    def start(self) -> None:
        self.pid = self._order("start")

    def kill(self) -> None:
        """`kill -9`; raises when it had ended by itself before."""
        os.kill(self.pid, 9)
        ended = self._order("reap")
        if ended != -9:
            raise AssertionError(f"the process had ended by itself with {ended}")

    def close(self) -> None:
        if self._process.poll() is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(10)


if __name__ == "__main__":
    from server.serve import serve
    from server.settings import Settings

    breed(lambda: serve(Settings()))
