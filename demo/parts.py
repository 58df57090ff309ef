"""The programs of the demonstration as child processes: started, watched, ended together.

Each has a session of its own, so that Ctrl-C reaches only us and we end them in order; each asks the kernel for a SIGTERM when we go, so that
even a killed demonstration leaves nothing behind. One that ends by itself is started again, as systemd would in a centre: people
are welcome to kill the server and see what the screens do. What they say goes to a file each.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kiosk.app import WRONG_SETTINGS

ROOT = Path(__file__).resolve().parents[1]
POLITE_SECONDS = 8.0
AGAIN_SECONDS = 0.5
MOST_STARTS = 20
LEASH = Path(__file__).resolve().parent / "leash.py"


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else one that is free now."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise OSError("no TCP port is free on 127.0.0.1")


class Part:
    """One program. `environment` is asked at each start: a server that comes back must not set its clock back."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Callable[[], Mapping[str, str]], log: Path
    ) -> None:
        self.name = name
        self.log = log
        self.starts = 0
        self._command = tuple(command)
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = False

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def exit_status(self) -> int | None:
        """None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """From the main thread only: the kernel's promise is to the thread that starts it."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.starts += 1
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *self._command),
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    async def keep_running(self, say: Callable[[str], None]) -> None:
        """Start it again whenever it ends by itself; returns when that is of no use."""
        while True:
            await asyncio.sleep(0.1)
            status = self.exit_status
            if status is None or self._ending:
                continue
            if status == WRONG_SETTINGS or self.starts >= MOST_STARTS:
                say(f"The {self.name} does not run ({status}). What it said is in {self.log}.")
                return
            say(f"The {self.name} ended ({status}) and is started again, as it would be in a centre.")
            await asyncio.sleep(AGAIN_SECONDS)
            self.start()

    def end(self) -> None:
        """Politely, then not, with everything it started."""
        self._ending = True
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLITE_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(POLITE_SECONDS)

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
        return ""
