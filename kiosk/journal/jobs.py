"""Papers that staff sent to this printer, as the journal knows them. Each function is given a transaction.

A job is written down as begun before the first byte goes to the printer, and is then never begun again: whatever is
pulled when, no job is printed twice by itself. One that was begun and whose end nobody wrote down is told as
unknown. Its answer is an entry like any other and is handed over when the line is there.

The secret of the QR is on the paper only; its hash goes with the answer, and is erased when the server has it.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3

from kiosk.journal.records import Begun
from wire.asks import Printed
from wire.vocabulary import PaperState, new_id


def begin(db: sqlite3.Connection, job: str, now: int) -> Begun | None:
    """None when it was begun before."""
    secret = secrets.token_urlsafe(16)
    values = (job, PaperState.SENT.value, hashlib.sha256(secret.encode()).hexdigest(), now)
    begun = db.execute(
        "INSERT INTO job (id, paper, follow_hash, begun_at) VALUES (?,?,?,?) ON CONFLICT DO NOTHING", values
    )
    return Begun(secret) if begun.rowcount == 1 else None


def end(db: sqlite3.Connection, job: str, paper: PaperState, now: int) -> None:
    """Write down what became of it, and that the server is to be told. The first word stands. One that was not begun
    can only have failed.
    """
    db.execute(
        "INSERT INTO job (id, paper, begun_at) VALUES (?,?,?) ON CONFLICT DO NOTHING",
        (job, PaperState.SENT.value, now),
    )
    ended = db.execute(
        "UPDATE job SET paper = ?, follow_hash = CASE ? WHEN 'not_printed' THEN '' ELSE follow_hash END"
        " WHERE id = ? AND paper = ?",
        (paper.value, paper.value, job, PaperState.SENT.value),
    )
    if ended.rowcount == 1:
        db.execute("INSERT INTO entry (ask, kind, ticket) VALUES (?, 'printed', ?)", (new_id(), job))


def end_what_was_cut_off(db: sqlite3.Connection, now: int) -> None:
    """At start: whatever was begun then is not under way now."""
    for row in db.execute("SELECT id FROM job WHERE paper = ?", (PaperState.SENT.value,)).fetchall():
        end(db, row["id"], PaperState.UNKNOWN, now)


def body(db: sqlite3.Connection, job: str) -> Printed:
    row = db.execute("SELECT paper, follow_hash FROM job WHERE id = ?", (job,)).fetchone()
    return Printed(job=job, paper=PaperState(row["paper"]), follow_hash=row["follow_hash"] or None)


def settled(db: sqlite3.Connection, job: str) -> None:
    """The server has the answer, or never will. The id stays a while, so that a late feed prints nothing anew."""
    db.execute("UPDATE job SET follow_hash = '' WHERE id = ?", (job,))


def sweep(db: sqlite3.Connection, before: int) -> None:
    db.execute(
        "DELETE FROM job WHERE begun_at < ? AND id NOT IN (SELECT ticket FROM entry)",
        (before,),
    )
