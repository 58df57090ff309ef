"""Statements about what members of staff did at a centre in some days, for the figures of one of them. From the rows themselves: nobody's figures are summed up and kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from server.clock import from_micros
from server.domain.person_work import Ended, Held, Sitting
from server.domain.tickets import NIGHT
from server.store.sql import Sql, Statement, document
from wire.vocabulary import TicketAction, TicketState

LOOKED = "looked_at_person"
"""What the audit calls a look at somebody's figures."""
_SERVED = """t.centre_id = :centre AND t.ended_at >= :since AND t.ended_at < :until AND t.counted AND t.served_at IS NOT NULL
    AND t.staff_id IS NOT NULL AND t.state IN ('finished', 'transferred', 'cancelled')"""
_TICKETS = Statement(
    f"""SELECT t.id, t.staff_id, t.service_id, v.discreet, t.state, t.served_at, t.ended_at, t.left_open
    FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE {_SERVED}"""
)
_HELD = Statement(
    f"""SELECT p.ticket_id, p.action, p.at, p.staff_id FROM ticket t JOIN step p ON p.ticket_id = t.id
    WHERE {_SERVED} AND p.undone_at IS NULL AND p.action IN ('park', 'unpark') ORDER BY p.ticket_id, p.id"""
)
_TAKEN_BACK = Statement(
    """SELECT p.staff_id, COUNT(*) FROM ticket t JOIN step p ON p.ticket_id = t.id
    WHERE t.centre_id = :centre AND t.ended_at >= :since AND t.ended_at < :until AND t.counted AND p.undone_at IS NOT NULL
    AND p.staff_id IS NOT NULL AND p.action IN ('finish', 'no_show', 'cancel', 'transfer') GROUP BY p.staff_id"""
)
_SITTINGS = Statement(
    "SELECT id, staff_id, since_at, until_at, left_open FROM seat WHERE centre_id = :centre AND since_at >= :earlier AND since_at < :until"
)
_PAUSES = Statement(
    """SELECT s.id, SUM(COALESCE(p.until_at, s.until_at, :now) - p.since_at) FROM seat s JOIN pause p ON p.seat_id = s.id
    WHERE s.centre_id = :centre AND s.since_at >= :since AND s.since_at < :until GROUP BY s.id"""
)
_PEOPLE = Statement(
    """SELECT DISTINCT f.id, f.name, f.username FROM staff f JOIN staff_role r ON r.staff_id = f.id
    WHERE r.centre_id = :centre AND r.role = 'adviser' ORDER BY f.name, f.username, f.id"""
)
_LOOKS = Statement(
    """SELECT a.at, f.name, a.detail FROM audit a JOIN staff f ON f.id = a.staff_id
    WHERE a.centre_id = :centre AND a.at >= :since AND a.what = :what AND a.about = :about ORDER BY a.at DESC, a.id DESC"""
)


class Person(NamedTuple):
    id: int
    name: str
    username: str


class Rows(NamedTuple):
    """What `person_work.work_of` takes."""

    tickets: list[Ended]
    held: list[Held]
    sittings: list[Sitting]
    taken_back: dict[int, int]


def people_of(sql: Sql, centre: int) -> list[Person]:
    """Who serves visitors at this centre, by name; people of other centres are not among them."""
    return [Person(*row) for row in sql.all(_PEOPLE, {"centre": centre})]


def rows_of(sql: Sql, centre: int, since: int, until: int, now: int) -> Rows:
    """Everybody's, of tickets that ended and sittings that began from `since` until before `until`; and the sittings of the night before, in which tickets may have ended after midnight."""
    values = {"centre": centre, "since": since, "until": until, "earlier": since - NIGHT}
    breaks = {row[0]: int(row[1]) for row in sql.all(_PAUSES, {**values, "now": now})}
    return Rows(
        [
            Ended(row[0], row[1], row[2], bool(row[3]), TicketState(row[4]), row[5], row[6], bool(row[7]))
            for row in sql.all(_TICKETS, values)
        ],
        [Held(row[0], TicketAction(row[1]), row[2], row[3]) for row in sql.all(_HELD, values)],
        [
            Sitting(row[1], row[2], row[3], bool(row[4]), breaks.get(row[0], 0))
            for row in sql.all(_SITTINGS, values)
        ],
        {row[0]: int(row[1]) for row in sql.all(_TAKEN_BACK, values)},
    )


class Look(NamedTuple):
    """Somebody looked at a person's figures, of which days."""

    at: datetime
    by: str
    first: date
    last: date


def looks_at(sql: Sql, centre: int, person: int, since: int) -> list[Look]:
    """The latest first."""
    values = {"centre": centre, "since": since, "what": LOOKED, "about": f"staff:{person}"}
    return [
        Look(from_micros(at), name, date.fromisoformat(told["first"]), date.fromisoformat(told["last"]))
        for at, name, detail in sql.all(_LOOKS, values)
        for told in (document(detail),)
    ]
