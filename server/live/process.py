"""What this server process knows of itself: who it is, what it did last, whether it is stopping.

Each process writes this into the database every few seconds (`server.jobs.heartbeat`), so that an administrator sees all of them and a balancer's
view can be compared with ours. Jobs say `did` when a round of theirs came to its end and `failed` when it did not; the doctor compares the
last time with how often the job ought to run. All of it is numbers and names of our own.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from server.clock import Clock, to_micros
from server.domain.troubles import Verdict
from server.store import schema
from wire.release import release

EVERY_SECONDS = 10.0

JOBS: dict[str, float] = {
    "rounds": 60.0,
    "webhooks": 60.0,
    "writing": 120.0,
    "sending sms": 300.0,
    "sending email": 300.0,
    "handing off": 120.0,
    "reading": 3600.0,
    "reports": 3600.0,
    "estimates": 300.0,
    "sums": 3600.0,
    "sealing": 600.0,
    "doctor": 300.0,
    "backups": 6 * 3600.0,
}
"""The jobs of a server, and after how many seconds without an end of a round something is wrong with one: a long report or a thick
pile of papers is one round."""


@cache
def version() -> str:
    """Of the release that runs."""
    return release() or "unknown"


@dataclass
class Process:
    clock: Clock
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    host: str = field(default_factory=lambda: socket.gethostname()[:80])
    pid: int = field(default_factory=os.getpid)
    address: str = ""
    began: float = field(default_factory=time.monotonic)
    """On the steady clock, as `done`: a machine's own clock may be set right while a server runs, and then nothing shall look as if it had been late."""
    stopping: bool = False
    outgrown: bool = False
    """The database is a newer release's: this one cannot work on it and stops (`server.serve`)."""
    deaf: bool = False
    """Whether the line that listens for what other servers change has gone, or does not answer."""
    elsewhere: bool = False
    """Others have the database and this one has not: screens are sent to them."""
    unready: str = ""
    """Why it said last that it is not ready; empty when it was."""
    beside: int = 1
    """How many servers there are, this one among them."""
    written_at: float = 0.0
    """When its own line in the database was last written, on the steady clock: what shows that the database takes changes."""
    done: dict[str, float] = field(default_factory=dict)
    """When each job last came to the end of a round, on the steady clock; `when` says it by the machine's."""
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    """What the doctor last found here, by subject."""
    grave: tuple[str, ...] = ()
    """What is gravely wrong with the house, as the database had it a few seconds ago."""
    failing: dict[str, int] = field(default_factory=dict)
    """Since when each job fails, in microseconds of the machine's own time."""

    def wall(self) -> int:
        return to_micros(self.clock.wall())

    def when(self, steady: float) -> int:
        """The moment by the machine's own clock as it goes now, in microseconds."""
        return self.wall() - round((time.monotonic() - steady) * 1_000_000)

    def did(self, job: str) -> None:
        """A round of it came to its end."""
        self.done[job] = time.monotonic()
        self.failing.pop(job, None)

    def failed(self, job: str) -> None:
        self.failing.setdefault(job, self.wall())

    def told(self) -> dict[str, Any]:
        return {
            "at": self.wall(),
            "jobs": {job: self.when(at) for job, at in self.done.items()},
            "failing": dict(self.failing),
            "stopping": self.stopping,
            "schema": schema.head(),
        }
