"""How long PostgreSQL is waited for, at the one place where all waiting is done.

A line can be dead without a word: a firewall that forgot it, a balancer that holds it open before a server that is gone. The system's own signs (keep-alives,
unacknowledged bytes) do not see it, for somebody between answers them. So each single wait for an answer has an end; then the connection is closed, the
caller is told that the database does not answer, and the next connection may find another way. How long depends on who waits: screens (`hurried`) soon
look again, a report's figures may take their time.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import errors

READING_SECONDS = 20.0
LANE_SECONDS = 8.0
LOOKING_SECONDS = 4.0

_own = threading.local()


@contextlib.contextmanager
def hurried(seconds: float) -> Iterator[None]:
    """In this thread, until the end of the block, no single answer is waited for longer."""
    before = getattr(_own, "seconds", None)
    _own.seconds = seconds
    try:
        yield
    finally:
        _own.seconds = before


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:
            return super().wait(gen, interval=interval, timeout=timeout)
        limit = getattr(_own, "seconds", None) or READING_SECONDS
        try:
            return super().wait(gen, interval=interval, timeout=limit)
        except errors._WaitTimeout:  # the driver has no other name for it
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {limit:g} seconds") from None


def connect(_dialect: Any, _record: Any, cargs: tuple[Any, ...], cparams: dict[str, Any]) -> Any:
    """For SQLAlchemy's `do_connect`."""
    return PatientConnection.connect(*cargs, **cparams)
