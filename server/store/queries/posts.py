"""Statements about messages: what may have to be reminded of, and what staff are shown of the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from server.store.sql import Sql, Statement, document

_SERVICES = Statement(
    "SELECT centre_id, id, booking FROM service WHERE by_appointment AND retired_at IS NULL"
)
_UPCOMING = Statement(
    """SELECT id, service_id, starts_at, COALESCE(booked_at, made_at), COALESCE(changed_at, 0) FROM booking
    WHERE centre_id = :centre AND state <> 'cancelled' AND held_until > :now AND state = 'booked' AND starts_at > :now AND starts_at <= :until
    AND (email <> '' OR (phone <> '' AND safe_to_text)) ORDER BY starts_at"""
)
_REMINDED = Statement(
    """SELECT p.subject FROM post p JOIN booking b ON b.id = p.booking_id WHERE p.letter = 'reminder' AND b.centre_id = :centre
    AND b.state <> 'cancelled' AND b.held_until > :now AND b.starts_at <= :until"""
)


class Upcoming(NamedTuple):
    """An appointment that may have to be reminded of. `told_at`: when they last learned of its time."""

    id: str
    service: int
    starts_at: int
    told_at: int


def services_with_appointments(connection: Connection) -> dict[int, dict[int, Mapping[str, Any]]]:
    """By centre: what each service offers, as the document that is stored."""
    found: dict[int, dict[int, Mapping[str, Any]]] = {}
    for centre, service, offer in Sql(connection).all(_SERVICES):
        found.setdefault(centre, {})[service] = document(offer) or {}
    return found


def upcoming(
    connection: Connection, centre: int, now: int, until: int
) -> tuple[Sequence[Upcoming], frozenset[str]]:
    """The appointments until an instant whose visitors can be written to, and the subjects of the reminders there are."""
    sql = Sql(connection)
    values = {"centre": centre, "now": now, "until": until}
    ahead = [Upcoming(r[0], r[1], r[2], max(r[3], r[4])) for r in sql.all(_UPCOMING, values)]
    if not ahead:
        return (), frozenset()
    return ahead, frozenset(r[0] for r in sql.all(_REMINDED, values))


# For the messages page ----------------------------------------------------------------------------------------------------

_SHOWN = Statement(
    """SELECT p.id, p.letter, p.way, p.language, p.address, p.state, p.made_at, p.due_at, p.sent_at, p.attempts, p.receipt, p.receipt_at,
    p.why, COALESCE(b.reference, s.reference), p.sending_since, p.visit_id FROM post p LEFT JOIN booking b ON b.id = p.booking_id
    LEFT JOIN submission s ON s.id = p.submission_id
    WHERE p.centre_id = :centre AND p.state = :state AND p.made_at >= :since ORDER BY p.made_at DESC, p.id DESC LIMIT :most"""
)
_COUNTS = Statement(
    "SELECT made_at, way, state FROM post WHERE centre_id = :centre AND made_at >= :since ORDER BY made_at DESC"
)
_LAST_SENT = Statement(
    "SELECT MAX(sent_at) FROM post WHERE centre_id = :centre AND way = :way AND made_at >= :since"
)
_HELD_UP = Statement(
    """SELECT COUNT(*), MIN(made_at), MAX(why) FROM post WHERE centre_id = :centre AND way = :way AND state = 'queued' AND attempts > 0
    AND made_at >= :since"""
)


class PostShown(NamedTuple):
    """One message as staff see it; the address is whole here and must be masked before it is shown. Instants in microseconds."""

    id: str
    letter: str
    way: str
    language: str
    address: str
    state: str
    made_at: int
    due_at: int
    sent_at: int | None
    attempts: int
    receipt: str
    receipt_at: int | None
    why: str
    reference: str | None
    sending_since: int | None
    visit: str | None


def in_state(connection: Connection, centre: int, state: str, since: int, most: int) -> list[PostShown]:
    """The latest messages of a centre in one state."""
    values = {"centre": centre, "state": state, "since": since, "most": most}
    return [PostShown(*record) for record in Sql(connection).all(_SHOWN, values)]


def made_since(connection: Connection, centre: int, since: int) -> list[tuple[int, str, str]]:
    """When, by which way and in what state now: each message since an instant, to be counted by local day."""
    return [(r[0], r[1], r[2]) for r in Sql(connection).all(_COUNTS, {"centre": centre, "since": since})]


class LineState(NamedTuple):
    """How sending goes one way: when something last went out, how many are held up since when, and why."""

    last_sent_at: int | None
    held_up: int
    since: int | None
    why: str


def line_state(connection: Connection, centre: int, way: str, since: int) -> LineState:
    sql, values = Sql(connection), {"centre": centre, "way": way, "since": since}
    sent = sql.one(_LAST_SENT, values)
    held = sql.one(_HELD_UP, values) or (0, None, None)
    return LineState(sent[0] if sent else None, held[0], held[1], held[2] or "")
