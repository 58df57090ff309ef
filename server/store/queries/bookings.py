"""Statements about appointments: what holds time at a centre, what stands in the way, what is due to be let go.

Whether a hold still holds is judged here by the instant asked about and nowhere else, so its time is free to the second, swept or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from server.domain.capacity import Stretch, Taken
from server.domain.slots import MINUTE
from server.store.sql import Sql, Statement
from wire.vocabulary import BookableKind

LONGEST = 24 * 60 * MINUTE
"""No appointment holds longer than a day, so those that end later than that after a window did not begin in it."""

_TAKEN = Statement(
    """SELECT id, service_id, starts_at, held_from, held_until, person_id, room_id, interpreter_id, place FROM booking
    WHERE centre_id = :centre AND held_until > :since AND held_until < :latest AND held_from < :until AND state <> 'cancelled'
    AND (state <> 'held' OR expires_at > :now) AND id <> :besides"""
)
_OF_PERSON = Statement(
    """SELECT id, starts_at, held_from, held_until FROM booking WHERE person_id = :person AND starts_at > :earliest AND starts_at < :latest
    AND held_until > :since AND held_from < :until AND state <> 'cancelled' AND (state <> 'held' OR expires_at > :now) AND id <> :besides"""
)
_ALSO = Statement(
    """SELECT ours.id, ours.staff_id, other.id, other.centre_id FROM bookable ours
    JOIN bookable other ON other.staff_id = ours.staff_id AND other.id <> ours.id
    WHERE ours.centre_id = :centre AND ours.staff_id IS NOT NULL AND ours.retired_at IS NULL ORDER BY ours.staff_id, other.id"""
)
_BLOCKS = Statement(
    """SELECT bookable_id, service_id, starts_at, ends_at FROM block
    WHERE centre_id = :centre AND ends_at > :since AND starts_at < :until"""
)
_IN_THE_WAY = Statement(
    """DELETE FROM booking WHERE state = 'held' AND expires_at <= :now AND starts_at = :starts AND centre_id = :centre AND id <> :besides
    AND (person_id = :person OR room_id = :room OR interpreter_id = :interpreter OR (service_id = :service AND place = :place))"""
)
_REFERENCE = Statement("SELECT 1 FROM booking WHERE reference = :reference")
_LOCK_PERSON = Statement("SELECT pg_advisory_xact_lock(:kind, :staff)")
_PEOPLE = 0x466F79
"""The kind of advisory lock that is a person's."""
_LOCK = Statement("SELECT id FROM centre WHERE id = :centre FOR NO KEY UPDATE")


class Blocked(NamedTuple):
    """Of one bookable, of one service, or (neither) of the centre."""

    bookable: int | None
    service: int | None
    stretch: Stretch


def taken(sql: Sql, centre: int, since: int, until: int, now: int, besides: str = "") -> list[Taken]:
    """What holds time between two minutes. `now` in microseconds; `besides` is left out: a booking that is being moved."""
    values = {
        "centre": centre,
        "since": since * MINUTE,
        "until": until * MINUTE,
        "latest": until * MINUTE + LONGEST,
        "now": now,
        "besides": besides,
    }
    return [_as_taken(record) for record in sql.all(_TAKEN, values)]


def _as_taken(record: Any) -> Taken:
    takes = {}
    if record[5] is not None:
        takes[_PERSON] = record[5]
    if record[6] is not None:
        takes[_ROOM] = record[6]
    if record[7] is not None:
        takes[_INTERPRETER] = record[7]
    return Taken(
        record[0],
        record[1],
        record[2] // MINUTE,
        record[3] // MINUTE,
        -(-record[4] // MINUTE),
        takes,
        record[8],
    )


_PERSON, _ROOM, _INTERPRETER = (
    BookableKind.PERSON.value,
    BookableKind.ROOM.value,
    BookableKind.INTERPRETER.value,
)


class Also(NamedTuple):
    """Who is a bookable of this centre and another one besides, here or elsewhere: one person, whom nobody can have twice."""

    ours: int
    staff: int
    other: int
    elsewhere: int
    """The other's centre."""


def also(sql: Sql, centre: int) -> list[Also]:
    """In the order of the people."""
    return [Also(*record) for record in sql.all(_ALSO, {"centre": centre})]


def taken_as_another(
    sql: Sql, them: Iterable[Also], since: int, until: int, now: int, besides: str = ""
) -> list[Taken]:
    """What holds their time under their other numbers. It is of no service of ours: nothing of it is anybody's share."""
    found = []
    for each in them:
        values = {
            "person": each.other,
            "since": since * MINUTE,
            "until": until * MINUTE,
            "earliest": since * MINUTE - LONGEST,
            "latest": until * MINUTE + LONGEST,
            "now": now,
            "besides": besides,
        }
        for booking, starts_at, held_from, held_until in sql.all(_OF_PERSON, values):
            held = Stretch(held_from // MINUTE, -(-held_until // MINUTE))
            found.append(Taken(booking, 0, starts_at // MINUTE, *held, {_PERSON: each.ours}))
    return found


def blocks(sql: Sql, centre: int, since: int, until: int) -> list[Blocked]:
    """What is blocked between two minutes; a part of a minute is the whole of it."""
    values = {"centre": centre, "since": since * MINUTE, "until": until * MINUTE}
    return [
        Blocked(record[0], record[1], Stretch(record[2] // MINUTE, -(-record[3] // MINUTE)))
        for record in sql.all(_BLOCKS, values)
    ]


def clear_the_way(
    sql: Sql,
    centre: int,
    service: int,
    starts_at: int,
    takes: Mapping[str, int],
    place: int | None,
    now: int,
    besides: str,
) -> None:
    """Remove expired holds that the unique indexes would still count. Others stay until they are swept: who held them may come back."""
    values = {
        "now": now,
        "starts": starts_at,
        "centre": centre,
        "besides": besides,
        "service": service,
        "place": -1 if place is None else place,
        "person": takes.get(_PERSON, -1),
        "room": takes.get(_ROOM, -1),
        "interpreter": takes.get(_INTERPRETER, -1),
    }
    sql.run(_IN_THE_WAY, values)


def is_used(sql: Sql, reference: str) -> bool:
    return sql.one(_REFERENCE, {"reference": reference}) is not None


def lock_people(sql: Sql, centre: int) -> None:
    """Whoever takes appointments at another centre too: that one's lock does not keep other servers from them, so they have locks of their own,
    taken in their order and held until the commit."""
    if sql.is_postgresql:
        for staff in sorted({each.staff for each in also(sql, centre) if each.elsewhere != centre}):
            sql.all(_LOCK_PERSON, {"kind": _PEOPLE, "staff": staff})


def lock(sql: Sql, centre: int) -> None:
    """This centre's line of events, as the lane takes it for whoever acts at a centre; for who acts at none. Free when it is held already."""
    if sql.is_postgresql:
        sql.all(_LOCK, {"centre": centre})
