"""What the machine itself can do with the same rows: SQLite alone, one connection, WAL and FULL, 32 tickets a commit."""

from __future__ import annotations

import secrets
import sqlite3
import time

from benchmarks.centre import Built
from server.actions.issuing import local_date
from wire.vocabulary import new_id

A_COMMIT = 32


def group_commits(built: Built, seconds: float) -> float:
    """Tickets a second: the visit, the ticket and the kept command of each, as the server writes them."""
    connection = sqlite3.connect(built.path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    number, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        at = time.time_ns() // 1000
        today = local_date(at, "Europe/London")
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(A_COMMIT):
            number += 1
            visit, ticket, ask = new_id(), new_id(), new_id()
            connection.execute(
                "INSERT INTO visit (id, centre_id, arrived_on, code, language, needs, discreet, channel, device_id, follow_hash,"
                " arrived_at) VALUES (?,1,?,?,'en','[]',0,'kiosk',1,?,?)",
                (visit, today, f"A{number:05d}", secrets.token_hex(32), at),
            )
            connection.execute(
                "INSERT INTO ticket (id, visit_id, centre_id, service_id, state, ticket_class, arrived_at, counts_from, calls, paper,"
                " copies) VALUES (?,?,1,1,'waiting','ordinary',?,?,0,'sent',0)",
                (ticket, visit, at, at),
            )
            connection.execute(
                "INSERT INTO command (id, body_hash, actor, at, answer) VALUES (?,?,'device:1',?,?)",
                (ask, secrets.token_hex(16), at, f'{{"ticket": "{ticket}", "code": "A{number:05d}"}}'),
            )
        connection.execute("COMMIT")
    connection.close()
    return number / took
