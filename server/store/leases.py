"""Which of several servers does a piece of work that only one may do at a time: a row that is held for a while and renewed.

A row and not a lock of the database's session: a session whose line is cut half-way holds its locks until the system gives it up, minutes later;
a lease is over when it says so. All instants here are the database's own, so servers whose clocks differ agree on who holds it. Whoever lost a lease
without knowing (a machine that stood still) may still be in the middle of a step: every step is therefore written so that doing it twice is refused or
harmless, and the lease only keeps two from getting in each other's way.
"""

from __future__ import annotations

from server.store.sql import Statement
from server.store.tx import Tx

_NOW = Statement("SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint")
_TAKE = Statement(
    """INSERT INTO lease (work, process, until_at) VALUES (:work, :process, :until)
    ON CONFLICT (work) DO UPDATE SET process = excluded.process, until_at = excluded.until_at
    WHERE lease.process = excluded.process OR lease.until_at <= :now"""
)
_GIVE_BACK = Statement("DELETE FROM lease WHERE process = :process")


def take(tx: Tx, works: frozenset[str], process: str, micros: int) -> frozenset[str]:
    """Those of `works` that are this process's for the next `micros`: they were free, run out, or its own already."""
    now = _now(tx)
    values = {"process": process, "now": now, "until": now + micros}
    return frozenset(work for work in sorted(works) if tx.sql.run(_TAKE, {**values, "work": work}) == 1)


def give_back(tx: Tx, process: str) -> None:
    """All that it holds, so that others need not wait until it has run out."""
    tx.sql.run(_GIVE_BACK, {"process": process})


def _now(tx: Tx) -> int:
    if not tx.sql.is_postgresql:
        return tx.now
    found = tx.sql.one(_NOW)
    assert found is not None
    return int(found[0])
