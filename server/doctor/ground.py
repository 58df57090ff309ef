"""What every check is given: the settings, the time, and a way to look into the database that cannot change it.

The connection is the check's own and not from the server's pools, so looking is possible while those are exhausted, and takes nothing from them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from server.clock import to_micros
from server.domain.troubles import Verdict
from server.live.process import Process
from server.settings import Settings
from server.store.looking import looking_at
from server.store.sql import Sql

MINUTE, TEN_MINUTES, HOUR, DAY = 60.0, 600.0, 3600.0, 86_400.0


@dataclass(frozen=True)
class Ground:
    settings: Settings
    now: datetime
    """The machine's own time."""
    process: Process | None = None
    """The server this is asked in; None at the command line."""
    at: int = 0
    """The house's time in microseconds, which a demonstration may have set; by default the machine's."""
    seconds: float = 2.5
    """How long a check has."""

    @property
    def micros(self) -> int:
        return self.at or to_micros(self.now)

    @property
    def url(self) -> URL:
        return make_url(self.settings.database)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def sqlite_file(self) -> Path | None:
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextlib.contextmanager
    def looking(self) -> Iterator[Sql]:
        """Raises what the drivers raise when the database cannot be looked into."""
        with looking_at(self.url, self.seconds) as sql:
            yield sql


@dataclass(frozen=True)
class Check:
    """`look` measures and judges. `shared`: what it finds concerns all servers, so one of them does it: the one whose turn (`server.live.turns`) `turn` is."""

    name: str
    title: str
    """What a person calls it, in the list at the terminal."""
    look: Callable[[Ground], list[Verdict]]
    every: float = MINUTE
    """How often a running server does it."""
    shared: bool = False
    turn: str = "doctor"
    needs_database: bool = field(default=False)
    """Without a database there is nothing to look at, and one sentence about that is enough."""
