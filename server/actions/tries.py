"""How often somebody without a credential may try something, so that nobody fills the diary or guesses their way into another's appointment.

Counted by address, and where something is named (a reference) also by that, hashed: whoever guesses at one reference from a thousand addresses is
stopped by the reference. The limits leave room for a library or a hostel, where dozens of people share one address; nobody is ever shown a puzzle,
which locks out the very people a centre is for. What is too much is said with the telephone number as the way on. Kept a day.

An IPv6 address counts by its first 64 bits: a household owns all the rest.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from server.actions.keys import hash_of
from server.store.sql import Statement
from server.store.tx import Tx

KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """At most `by_address` in `minutes` from one address, and `by_subject` of one thing (0: not counted by thing)."""

    minutes: int
    by_address: int
    by_subject: int = 0


LIMITS: Mapping[str, Limit] = {
    "begin": Limit(minutes=60, by_address=240),
    "hold": Limit(minutes=60, by_address=120),
    "book": Limit(minutes=60, by_address=40),
    "find": Limit(minutes=15, by_address=30, by_subject=6),
    "wish": Limit(minutes=60, by_address=20),
    "move": Limit(minutes=60, by_address=60, by_subject=6),
    "form_begin": Limit(minutes=60, by_address=240),
    "form_send": Limit(minutes=60, by_address=60),
    "form_file": Limit(minutes=60, by_address=200),
    "form_leave": Limit(minutes=60, by_address=60),
    "look_up": Limit(minutes=60, by_address=150, by_subject=20),
    "carry_on": Limit(minutes=15, by_address=60, by_subject=20),
    "sign_on": Limit(minutes=15, by_address=300),
    "sign_on_no": Limit(minutes=15, by_address=120),
    "sign_in_no": Limit(minutes=15, by_address=120),
    "at_door": Limit(minutes=15, by_address=240, by_subject=60),
}
HELD_AT_ONCE = 15
"""Times held from one address by people who are still filling in their form."""

_BY_ADDRESS = Statement(
    "SELECT COUNT(*) FROM booking_try WHERE what = :what AND address = :address AND at > :since"
)
_BY_SUBJECT = Statement(
    "SELECT COUNT(*) FROM booking_try WHERE what = :what AND subject = :subject AND at > :since"
)
_KEEP = Statement(
    "INSERT INTO booking_try (what, address, subject, at) VALUES (:what, :address, :subject, :at)"
)
_OLD = Statement("DELETE FROM booking_try WHERE at < :before")
_HELD = Statement(
    """SELECT COUNT(*) FROM draft d JOIN booking b ON b.id = d.booking_id
    WHERE d.address = :address AND d.expires_at > :now AND b.state = 'held' AND b.expires_at > :now"""
)


def may_try(tx: Tx, what: str, address: str, subject: str = "") -> bool:
    """Whether this may be tried now; noted as tried if so. Wrong and right tries count alike."""
    limit, network = LIMITS[what], network_of(address)
    named = hash_of(f"{what}:{subject}") if subject else ""
    since = tx.now - limit.minutes * 60_000_000
    values: dict[str, str | int] = {"what": what, "address": network, "subject": named, "since": since}
    if _count(tx, _BY_ADDRESS, values) >= limit.by_address:
        return False
    if named and limit.by_subject and _count(tx, _BY_SUBJECT, values) >= limit.by_subject:
        return False
    tx.sql.run(_KEEP, {"what": what, "address": network, "subject": named, "at": tx.now})
    return True


def may_hold_more(tx: Tx, address: str) -> bool:
    """Whether one more time may be held from this address while others are."""
    return _count(tx, _HELD, {"address": network_of(address), "now": tx.now}) < HELD_AT_ONCE


def network_of(address: str) -> str:
    """What an address is counted by."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def sweep(tx: Tx) -> None:
    """Forget what was tried longer ago than a day."""
    tx.sql.run(_OLD, {"before": tx.now - round(KEPT / timedelta(microseconds=1))})


def _count(tx: Tx, statement: Statement, values: Mapping[str, str | int]) -> int:
    found = tx.sql.one(statement, values)
    return int(found[0]) if found else 0
