"""Each server process writes itself down, and one that went without a word is forgotten after a day.

When it was heard of is told by the clock that all servers share (`server.store.heard`), not by a machine's own nor by one that pretends.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from server.actions import troubles
from server.store.heard import GONE
from server.store.sql import Statement
from server.store.tx import Tx

FORGET = round(timedelta(days=1).total_seconds()) * 1_000_000

_NOTE = Statement(
    """INSERT INTO server_process (id, host, pid, version, address, started_at, seen_at, told)
    VALUES (:id, :host, :pid, :version, :address, :started_at, :seen_at, :told)
    ON CONFLICT (id) DO UPDATE SET address = excluded.address, started_at = excluded.started_at, seen_at = excluded.seen_at, told = excluded.told"""
)
_COUNT = Statement("SELECT COUNT(*) FROM server_process WHERE seen_at >= :since")
_GO = Statement("DELETE FROM server_process WHERE id = :id")
_FORGET = Statement("DELETE FROM server_process WHERE seen_at < :before")


def note_process(tx: Tx, *, told: dict[str, Any], seen_at: int, **who: Any) -> None:
    """It lives: `who` is id, host, pid, version, address and started_at."""
    tx.sql.run(_NOTE, {**who, "seen_at": seen_at, "told": json.dumps(told)})


def count(tx: Tx, now: int) -> int:
    """How many are not gone. `now`: as with all here, by the clock they share."""
    found = tx.sql.one(_COUNT, {"since": now - GONE})
    return max(1, int(found[0])) if found is not None else 1


def sweep(tx: Tx, now: int) -> None:
    """Processes not heard of for a day, and the troubles of those that are gone."""
    tx.sql.run(_FORGET, {"before": now - FORGET})
    troubles.let_go(tx, now - GONE)


def go(tx: Tx, process: str) -> None:
    """It stops in good order, and its own troubles with it."""
    tx.sql.run(_GO, {"id": process})
    troubles.let_go(tx, 0)
