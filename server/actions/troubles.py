"""Writes down what is wrong with the house itself, until it is seen to be right again (`server.domain.troubles`).

Whoever finds a trouble calls `note_trouble` each time it is found, and `end_trouble` when it is not there any more; when it began is kept from
the first time. A trouble of one server carries that server's id and goes with it; the others are everybody's. The sentences may hold numbers,
addresses of machines and names of devices, and never a visitor's words.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.troubles import MOST_SIGNS, SHARED, Verdict, turns
from server.store.sql import Statement
from server.store.tx import Tx

_NOTE = Statement(
    """INSERT INTO trouble (subject, process, grave, say, act, since_at, seen_at)
    VALUES (:subject, :process, :grave, :say, :act, :now, :now)
    ON CONFLICT (subject, process) DO UPDATE
    SET grave = excluded.grave, say = excluded.say, act = excluded.act, seen_at = excluded.seen_at"""
)
_END = Statement("DELETE FROM trouble WHERE subject = :subject AND process = :process")
_OPEN = Statement("SELECT subject FROM trouble WHERE process = :process")
_GRAVE = Statement("SELECT say FROM trouble WHERE grave ORDER BY since_at, subject")
_LET_GO = Statement(
    """DELETE FROM trouble WHERE process <> '' AND NOT EXISTS
    (SELECT 1 FROM server_process p WHERE p.id = trouble.process AND p.seen_at >= :before)"""
)


def note_trouble(
    tx: Tx, subject: str, say: str, act: str, grave: bool = False, process: str = SHARED
) -> None:
    """It is there (still). `process` is the id of the one server it concerns."""
    tx.sql.run(
        _NOTE,
        {
            "subject": subject[:60],
            "process": process,
            "grave": grave,
            "say": say[:MOST_SIGNS],
            "act": act[:MOST_SIGNS],
            "now": tx.now,
        },
    )


def end_trouble(tx: Tx, subject: str, process: str = SHARED) -> bool:
    """It is right again; True when it was a trouble until now."""
    return tx.sql.run(_END, {"subject": subject[:60], "process": process}) > 0


def write_down(tx: Tx, verdicts: Sequence[Verdict], process: str = SHARED) -> None:
    """What was just found, of one server or of all."""
    told = turns([record[0] for record in tx.sql.all(_OPEN, {"process": process})], verdicts)
    for verdict in told.there:
        note_trouble(tx, verdict.subject, verdict.say, verdict.act, verdict.grave, process)
    for subject in told.over:
        end_trouble(tx, subject, process)


def grave(tx: Tx) -> tuple[str, ...]:
    """What is gravely wrong now, the oldest first."""
    return tuple(str(record[0]) for record in tx.sql.all(_GRAVE))


def let_go(tx: Tx, before: int) -> None:
    """The troubles of servers that were not seen since `before` went with them."""
    tx.sql.run(_LET_GO, {"before": before})
