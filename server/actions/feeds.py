"""Addresses under which a calendar program reads the appointments of one person, room or interpreter.

Calendar programs know no sign-in, so the address is the key: 32 random bytes, shown once, kept as their hash, gone when revoked. Anybody has those
of their own person's calendar in their hands; those of rooms and of others an administrator.
"""

from __future__ import annotations

from sqlmodel import col, func, select

from server.actions import keys
from server.clock import from_micros
from server.domain.refusals import Refused
from server.store.sql import Statement
from server.store.tables import Bookable, CalendarFeed
from server.store.tx import Tx
from wire.vocabulary import RefusalCode, Role

MOST_FEEDS = 10
_READ = Statement("UPDATE calendar_feed SET read_at = :now WHERE id = :id AND revoked_at IS NULL")


def make(tx: Tx, bookable_id: int) -> str:
    """A new address for a calendar; the secret part of it, which is shown once."""
    session = tx.session()
    bookable = session.get(Bookable, bookable_id)
    if bookable is None or bookable.retired_at is not None or not _may(tx, bookable):
        raise Refused(RefusalCode.UNKNOWN, "There is no such calendar, or it is not yours.")
    live = select(func.count()).where(
        CalendarFeed.bookable_id == bookable_id, col(CalendarFeed.revoked_at).is_(None)
    )
    if session.exec(live).one() >= MOST_FEEDS:
        raise Refused(
            RefusalCode.WRONG_STATE,
            f"This calendar has {MOST_FEEDS} addresses already. Revoke one that is not used any more.",
        )
    secret = keys.new_key()
    feed = CalendarFeed(
        centre_id=bookable.centre_id,
        bookable_id=bookable_id,
        secret_hash=keys.hash_of(secret),
        made_by=tx.actor.id or None,
        made_at=from_micros(tx.now),
    )
    session.add(feed)
    session.flush()
    tx.audit("feed_made", f"calendar_feed:{feed.id}", name=bookable.name)
    return secret


def revoke(tx: Tx, feed_id: int) -> None:
    """The address finds nothing any more, at once."""
    session = tx.session()
    feed = session.get(CalendarFeed, feed_id)
    bookable = None if feed is None else session.get(Bookable, feed.bookable_id)
    if feed is None or bookable is None or not _may(tx, bookable):
        raise Refused(RefusalCode.UNKNOWN, "There is no such address, or it is not yours.")
    if feed.revoked_at is None:
        feed.revoked_at = from_micros(tx.now)
        tx.audit("feed_revoked", f"calendar_feed:{feed_id}", name=bookable.name)


def note_read(tx: Tx, feed_id: int) -> None:
    tx.sql.run(_READ, {"now": tx.now, "id": feed_id})


def _may(tx: Tx, bookable: Bookable) -> bool:
    if bookable.centre_id != tx.actor.centre:
        return False
    return Role.ADMINISTRATOR in tx.actor.roles or bookable.staff_id == tx.actor.id
