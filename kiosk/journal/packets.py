"""Which packets lie in the spool and wait for the server. Each function is given a transaction.

The file and the row tell each other's story: the file is written first, so a row never promises what is not there; the row goes first when the
server has it, so a file without a row is either one that was cut off in between on the way in, or one that only had to be thrown away. Both are told to
the server once more (`adopt`): the same id and the same bytes get the same answer, so nothing is lost and nothing is taken twice.

A packet that the server refuses for good is set aside: staff are told its reference, which its visitor holds on paper. It stays, sealed, because what is
wrong may be put right (a server that has lost its key and gets it back); it is tried again each day, and after a month it is gone.
"""

from __future__ import annotations

import sqlite3

from kiosk.clocks import Moment, age_ms
from kiosk.journal.records import HeldPacket, Spooled
from wire.asks import SetAside
from wire.vocabulary import new_id

KEPT_ASIDE_MS = 30 * 24 * 3600 * 1000


def add(db: sqlite3.Connection, packet: str, reference: str, what: str, at: Moment) -> None:
    db.execute(
        "INSERT INTO packet (id, reference, what, taken_at, sure, steady, boot, wall) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (packet, reference, what, at.now, at.sure, at.steady, at.boot, at.wall),
    )


def known(db: sqlite3.Connection) -> set[str]:
    return {row["id"] for row in db.execute("SELECT id FROM packet").fetchall()}


def next_held(db: sqlite3.Connection, now: Moment) -> HeldPacket | None:
    """In order, but those that were tried in vain after the others. Counts as a try."""
    row = db.execute("SELECT * FROM packet WHERE state = 'held' ORDER BY passed, rowid LIMIT 1").fetchone()
    if row is None:
        return None
    db.execute("UPDATE packet SET tries = tries + 1 WHERE id = ?", (row["id"],))
    return HeldPacket(row["id"], age_ms(_moment_of(row), now), row["tries"] + 1, row["others"])


def passed_over(db: sqlite3.Connection, packet: str) -> None:
    """It was tried in vain: the others first."""
    db.execute("UPDATE packet SET passed = passed + 1 WHERE id = ?", (packet,))


def taken(db: sqlite3.Connection, packet: str) -> None:
    """The server has it, so staff need hear nothing of it any more."""
    db.execute("DELETE FROM packet WHERE id = ?", (packet,))
    db.execute("DELETE FROM entry WHERE kind = 'set_aside' AND ticket = ?", (packet,))
    db.execute("UPDATE packet SET others = others + 1 WHERE tries > 0")


def set_aside(db: sqlite3.Connection, packet: str, why: str) -> None:
    """Out of the way; told to staff, once."""
    row = db.execute("SELECT told FROM packet WHERE id = ?", (packet,)).fetchone()
    if row is None:
        return
    db.execute("UPDATE packet SET state = 'aside', why = ?, told = 1 WHERE id = ?", (why[:500], packet))
    if not row["told"]:
        db.execute(
            "INSERT INTO entry (ask, kind, ticket, why) VALUES (?, 'set_aside', ?, ?)",
            (new_id(), packet, why[:500]),
        )


def set_aside_body(db: sqlite3.Connection, packet: str, why: str) -> SetAside | None:
    """What staff are told; None when this is no packet."""
    row = db.execute("SELECT reference, what FROM packet WHERE id = ?", (packet,)).fetchone()
    return (
        None
        if row is None
        else SetAside(entry=packet, what="packet", code=row["reference"], service=row["what"], why=why)
    )


def try_again(db: sqlite3.Connection, now: Moment) -> list[str]:
    """Let those set aside be tried once more. Answers with those whose month is over: their rows are gone, and their files must go."""
    over = []
    for row in db.execute("SELECT * FROM packet WHERE state = 'aside'").fetchall():
        if age_ms(_moment_of(row), now) >= KEPT_ASIDE_MS:
            db.execute("DELETE FROM packet WHERE id = ?", (row["id"],))
            over.append(row["id"])
    db.execute("UPDATE packet SET state = 'held', passed = passed + 1000 WHERE state = 'aside'")
    return over


def spooled(db: sqlite3.Connection, now: Moment) -> Spooled:
    """One that was set aside stays so here while it is tried again."""
    rows = db.execute("SELECT * FROM packet").fetchall()
    waiting = [age_ms(_moment_of(row), now) for row in rows if not row["told"]]
    return Spooled(len(waiting), max(waiting, default=0), len(rows) - len(waiting))


def _moment_of(row: sqlite3.Row) -> Moment:
    return Moment(row["taken_at"], bool(row["sure"]), row["steady"], row["boot"], row["wall"])
