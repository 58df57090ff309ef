"""How scan stations, forms, links and the search were used, and how visits were found, as the journal knows it until the server does. Each function is given a transaction.

A use is told like anything else that happened here: under an id of its own, with how long ago it was, and then it is gone. It says of
nobody who they are, so one that the server will not take is a figure lost and nobody's paper: it is dropped without a word to staff.
"""

from __future__ import annotations

import json
import sqlite3

from kiosk.clocks import Moment, age_ms
from wire.device_asks import Rate, Use
from wire.vocabulary import new_id


def add(db: sqlite3.Connection, use: Use | Rate, at: Moment) -> None:
    """Its first word stands."""
    number = use.use if isinstance(use, Use) else use.rating
    added = db.execute(
        "INSERT INTO use (id, body, taken_at, sure, steady, boot, wall) VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (number, use.model_dump_json(), at.now, at.sure, at.steady, at.boot, at.wall),
    )
    if added.rowcount == 1:
        db.execute("INSERT INTO entry (ask, kind, ticket) VALUES (?, 'use', ?)", (new_id(), number))


def body(db: sqlite3.Connection, use: str, now: Moment) -> Use | Rate:
    row = db.execute("SELECT * FROM use WHERE id = ?", (use,)).fetchone()
    then = Moment(row["taken_at"], bool(row["sure"]), row["steady"], row["boot"], row["wall"])
    told: type[Use | Rate] = Rate if json.loads(row["body"])["do"] == "rate" else Use
    return told.model_validate_json(row["body"]).model_copy(update={"age_ms": age_ms(then, now)})


def settled(db: sqlite3.Connection, use: str) -> None:
    """The server has it, or never will."""
    db.execute("DELETE FROM use WHERE id = ?", (use,))


def sweep(db: sqlite3.Connection) -> None:
    """Those nobody is to be told of any more."""
    db.execute("DELETE FROM use WHERE id NOT IN (SELECT ticket FROM entry)")
