"""What is let go of appointments: holds nobody came back to, and whom an appointment was for.

A hold's time is free from the second it expires (`store.queries.bookings`); its row stays an hour, as long as the form it belongs to, so that who
comes back to a slow form gets the same time again if it is still free. Names, contacts, answers and notes go four weeks after the
appointment, or when the house says (`domain.retention`); what is left (when, what for, how it ended) counts and names nobody.
"""

from __future__ import annotations

from datetime import timedelta

from server.actions.erasing import note_erasure, rules
from server.clock import from_micros
from server.domain import retention
from server.store.sql import Statement
from server.store.tx import Tx

HOLDS_KEPT = timedelta(hours=1)
PORTION = 500
"""At a time, so that nobody waits for it; the rest goes with the next round."""

_HOLDS = Statement("DELETE FROM booking WHERE state = 'held' AND expires_at < :before")
_NAMES = Statement(
    """UPDATE booking SET name = '', phone = '', email = '', note = '', reason = '', answers = '{}', needs = '[]', safe_to_text = :no,
    erased_at = :now WHERE id IN
    (SELECT id FROM booking WHERE centre_id = :centre AND erased_at IS NULL AND ends_at < :before ORDER BY ends_at LIMIT :most)"""
)

_NAMED = Statement(
    "SELECT COUNT(*) FROM booking WHERE centre_id = :centre AND erased_at IS NULL AND ends_at < :before"
)


def sweep_house(tx: Tx) -> None:
    tx.sql.run(_HOLDS, {"before": tx.now - _micros(HOLDS_KEPT)})


def sweep_centre(tx: Tx, centre: int) -> None:
    kept = timedelta(days=retention.days_of(retention.Name.CONTACTS, rules(tx.sql)))
    values = {
        "centre": centre,
        "now": tx.now,
        "before": tx.now - _micros(kept),
        "no": False,
        "most": PORTION,
    }
    erased = tx.sql.run(_NAMES, values)
    if erased:
        found = 0 if erased == PORTION else (tx.sql.one(_NAMED, values) or (0,))[0]
        before = from_micros(tx.now) - kept
        note_erasure(tx, retention.Name.CONTACTS, before, erased, int(found), centre)
        tx.touch(centre)


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
