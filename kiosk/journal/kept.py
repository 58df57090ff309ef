"""What the server has had of us, kept sealed for a while in case it loses it. Each function is given a transaction.

A server that is restored from a backup has forgotten what was handed over after it. So each entry stays here for eight days after it was taken: longer than
a backup of last week's is old. It is sealed, body and all, with a key that the server tells and that stands in no file of ours (`wire.rows.LifeRow`): whoever
takes the card finds ids, kinds and times. Where the server tells no key, nothing is kept and nothing can be handed in again.

When the server is another life of itself, everything it may not know is handed in again, under the ids it was asked with the first time: what it does
know after all gets the first answer, so too much is harmless, and ten minutes more are taken because clocks differ.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from kiosk.clocks import LONGEST_AGE_MS
from kiosk.journal.handover import Verdict
from kiosk.journal.records import Held
from wire.asks import CheckIn, DeviceAsk, Issue
from wire.vocabulary import new_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEPT_MS = 8 * 24 * 3600 * 1000
MARGIN_MS = 10 * 60 * 1000
NONCE_BYTES = 12

TABLE = """
CREATE TABLE kept (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, ask TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, mark TEXT NOT NULL, sealed BLOB NOT NULL,
    first_at INTEGER NOT NULL, handed_at INTEGER NOT NULL, again INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0, passed INTEGER NOT NULL DEFAULT 0, others INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX kept_first ON kept (first_at);
CREATE INDEX kept_again ON kept (passed, seq) WHERE again;
"""
_ASK: TypeAdapter[DeviceAsk] = TypeAdapter(DeviceAsk)


@dataclass(frozen=True)
class Life:
    """As the server last told it. `key` is never written down."""

    id: str
    known_until: int | None
    key: bytes

    @property
    def mark(self) -> str:
        """Tells this key from another, and nothing of it."""
        return hashlib.sha256(b"foyer journal " + self.key).hexdigest()[:16]


def meet(db: sqlite3.Connection, known: str, life: Life) -> int:
    """How many are to be handed in again, `known` being the life the server was in until now (empty: none was told)."""
    if known in ("", life.id):
        return 0
    since = 0 if life.known_until is None else life.known_until - MARGIN_MS
    marked = db.execute(
        "UPDATE kept SET again = 1, tries = 0, passed = 0, others = 0 WHERE handed_at >= ? AND mark = ?",
        (since, life.mark),
    )
    return marked.rowcount


def keep(db: sqlite3.Connection, life: Life, held: Held, kind: str, now: int) -> None:
    """The server has it. Written in the transaction that takes it from what is yet to be told."""
    age = getattr(held.body, "age_ms", None)
    told = {
        "body": json.loads(held.body.model_dump_json()),
        "taken_at": None if age is None else held.at - age,
    }
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(life).encrypt(nonce, json.dumps(told).encode(), held.ask.encode())
    db.execute(
        "INSERT INTO kept (ask, kind, mark, sealed, first_at, handed_at) VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (held.ask, kind, life.mark, sealed, now, now),
    )
    sweep(db, now)


def sweep(db: sqlite3.Connection, now: int) -> None:
    """Let go of those whose time is over. One that is just being handed in again goes first."""
    db.execute("DELETE FROM kept WHERE first_at < ? AND NOT again", (now - KEPT_MS,))


def first_passed(db: sqlite3.Connection) -> int | None:
    """How often the next one was passed over; None when there is none."""
    row = db.execute("SELECT passed FROM kept WHERE again ORDER BY passed, seq LIMIT 1").fetchone()
    return None if row is None else int(row["passed"])


def next_again(db: sqlite3.Connection, life: Life, now: int) -> Held | None:
    """In the order in which they were first handed over. Counts as a try; never the first, since an earlier one did arrive."""
    while (
        row := db.execute("SELECT * FROM kept WHERE again ORDER BY passed, seq LIMIT 1").fetchone()
    ) is not None:
        body = _opened(row, life, now)
        if body is None:  # damaged, or sealed with a key that is gone: no life will ever open it
            db.execute("DELETE FROM kept WHERE seq = ?", (row["seq"],))
            continue
        db.execute("UPDATE kept SET tries = tries + 1 WHERE seq = ?", (row["seq"],))
        code = body.code if isinstance(body, Issue | CheckIn) else ""
        return Held(row["ask"], body, row["tries"] + 2, row["others"], code, now, again=True)
    return None


def settle(db: sqlite3.Connection, held: Held, verdict: Verdict, why: str, now: int) -> None:
    """Write down what became of a try. A ticket that will not be taken again is told to staff while its row is here: somebody may hold its paper."""
    if verdict is Verdict.STEP_BACK:
        db.execute("UPDATE kept SET passed = passed + 1 WHERE ask = ?", (held.ask,))
    if verdict not in (Verdict.DONE, Verdict.SET_ASIDE):
        return
    db.execute("UPDATE kept SET again = 0, handed_at = max(handed_at, ?) WHERE ask = ?", (now, held.ask))
    sweep(db, now)
    if verdict is Verdict.DONE:
        another_taken(db)
    elif isinstance(held.body, Issue | CheckIn):
        service = held.body.service if isinstance(held.body, Issue) else held.body.otherwise
        told = db.execute(
            "UPDATE ticket SET state = 'aside', service = ? WHERE id = ?", (service, held.body.ticket)
        )
        if told.rowcount:
            db.execute(
                "INSERT INTO entry (ask, kind, ticket, why) VALUES (?, 'set_aside', ?, ?)",
                (new_id(), held.body.ticket, why[:500]),
            )


def another_taken(db: sqlite3.Connection) -> None:
    """Of those that were tried in vain, the server has since taken one more beside them."""
    db.execute("UPDATE entry SET others = others + 1 WHERE tries > 0")
    db.execute("UPDATE kept SET others = others + 1 WHERE again AND tries > 0")


def tickets(db: sqlite3.Connection) -> int:
    """How many tickets are yet to be handed in again."""
    return int(db.execute("SELECT count(*) FROM kept WHERE again AND kind = 'issue'").fetchone()[0])


def _opened(row: sqlite3.Row, life: Life, now: int) -> DeviceAsk | None:
    from cryptography.exceptions import InvalidTag

    sealed = bytes(row["sealed"])
    try:
        text = _cipher(life).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], row["ask"].encode())
        told = json.loads(text)
        body = _ASK.validate_python(told["body"])
    except (InvalidTag, ValueError, KeyError, ValidationError):
        return None
    if told["taken_at"] is None:
        return body
    age = min(LONGEST_AGE_MS, max(0, now - int(told["taken_at"])))
    return body.model_copy(update={"age_ms": age})


def _cipher(life: Life) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # on the first ticket, not at start

    return AESGCM(life.key)
