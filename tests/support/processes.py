"""Real child processes that say when they are ready and never outlive their test.

A child is started in a process group of its own, so that what it starts goes with it, and ended by its
number: first politely (SIGTERM, as systemd does), then not. Its output is read by a thread all the time:
a full pipe never stalls it, and a test that fails shows what it said.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
GUARDED = Path(__file__).resolve().parent / "guarded"
POLITE_SECONDS = 5.0


class Child:
    """A running program. `output` is all it said so far (both streams, in order)."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
        self.command = tuple(command)
        self._output: list[str] = []
        self._process = subprocess.Popen(
            self.command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, name=f"output of {self.pid}", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._output.append(line)

    @property
    def output(self) -> str:
        return "".join(self._output)

    @property
    def exit_status(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._process.poll()

    def said(self, pattern: str, seconds: float = 20.0) -> re.Match[str]:
        """Wait until the output matches; fails at once when the child has ended without."""

        def look() -> re.Match[str] | str | None:
            ended = self.exit_status is not None
            if ended:
                self._reader.join(POLITE_SECONDS)
            found = re.search(pattern, self.output, re.MULTILINE)
            return found or (f"ended with {self.exit_status}" if ended else None)

        try:
            found = until(look, seconds, f"{pattern!r} in the output")
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.story()}") from None
        if isinstance(found, str):
            raise AssertionError(f"the child {found} before it said {pattern!r}\n{self.story()}")
        assert found is not None
        return found

    def story(self) -> str:
        return f"$ {' '.join(self.command)}\n{self.output}"

    def signal(self, number: int) -> None:
        """To the child alone, as a power cut or systemd would; nothing if it has ended."""
        if self.exit_status is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float = POLITE_SECONDS) -> int:
        return self._process.wait(seconds)

    def kill(self) -> int:
        """kill -9, now, and wait for the end."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def end(self) -> None:
        """Politely, then not; and everything it started."""
        self.signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(POLITE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(POLITE_SECONDS)
        self._reader.join(POLITE_SECONDS)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()


class Start(Protocol):
    def __call__(
        self,
        *command: str,
        ready: str | None = None,
        seconds: float = 20.0,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Child: ...


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with our tree and the loopback guard on the path, and `extra`."""
    path = os.pathsep.join(filter(None, (str(GUARDED), str(ROOT), os.environ.get("PYTHONPATH", ""))))
    ours = {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "FOYER_STARTED_BY": str(os.getpid())}
    return {**os.environ, **ours, **(extra or {})}


@pytest.fixture
def start_process() -> Iterator[Start]:
    """`start_process("-m", "server", ready=r"listening on (\\S+)")`: a Python program, or any other by
    its path.

    Waits until the output matches `ready` (a regular expression), at most `seconds`. All are ended after
    the test.
    """
    children: list[Child] = []

    def start(
        *command: str,
        ready: str | None = None,
        seconds: float = 20.0,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Child:
        whole = (sys.executable, *command) if command[0].startswith("-") else command
        child = Child(whole, child_environment(env), cwd)
        children.append(child)
        if ready is not None:
            child.said(ready, seconds)
        return child

    yield start
    for child in reversed(children):
        child.end()
