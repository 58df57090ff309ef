"""Statements about tickets and visits that run for every touch and every call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from server.store.sql import Sql, Statement
from wire.vocabulary import TicketClass


class IssuingPlace(NamedTuple):
    """What issuing needs to know of its service, centre and device."""

    service: int
    ticket_class: str
    discreet: bool
    timezone: str
    letter: str | None


_ISSUING = Statement(
    """SELECT s.id, s.ticket_class, s.discreet, c.timezone, d.letter FROM service s
    JOIN centre c ON c.id = s.centre_id JOIN device d ON d.id = :device
    WHERE s.centre_id = :centre AND s.slug = :service"""
)
_ADD_VISIT = Statement(
    """INSERT INTO visit (id, centre_id, arrived_on, code, language, needs, discreet, channel, device_id, follow_hash, arrived_at)
    VALUES (:id, :centre, :arrived_on, :code, :language, :needs, :discreet, :channel, :device, :follow_hash, :arrived_at)
    ON CONFLICT DO NOTHING"""
)
_ADD_TICKET = Statement(
    """INSERT INTO ticket (id, visit_id, centre_id, service_id, state, ticket_class, arrived_at, counts_from, for_counter_id,
    follows, calls, paper, copies)
    VALUES (:id, :visit, :centre, :service, 'waiting', :ticket_class, :arrived_at, :counts_from, :for_counter, :follows, 0, :paper, 0)
    ON CONFLICT DO NOTHING"""
)
_VISIT_CODE = Statement("SELECT code FROM visit WHERE id = :id")


def issuing_place(sql: Sql, centre: int, device: int, service: str) -> IssuingPlace | None:
    record = sql.one(_ISSUING, {"centre": centre, "device": device, "service": service})
    return None if record is None else IssuingPlace(*record)


def add_visit(sql: Sql, values: Mapping[str, Any]) -> bool:
    """False when the id, the day's code or the secret is already somebody's."""
    return sql.run(_ADD_VISIT, values) == 1


def add_ticket(sql: Sql, values: Mapping[str, Any]) -> bool:
    return sql.run(_ADD_TICKET, values) == 1


def visit_exists(sql: Sql, visit: str) -> bool:
    return sql.one(_VISIT_CODE, {"id": visit}) is not None


class SeatNow(NamedTuple):
    """Where a member of staff sits now. `pause` is the reason of an open break."""

    id: int
    counter: int
    services: tuple[int, ...]
    pause: str | None
    counter_name: str


_SEAT = Statement(
    """SELECT s.id, s.counter_id, s.services, p.reason, c.name FROM seat s JOIN counter c ON c.id = s.counter_id
    LEFT JOIN pause p ON p.seat_id = s.id AND p.until_at IS NULL
    WHERE s.staff_id = :staff AND s.centre_id = :centre AND s.until_at IS NULL"""
)


def seat_of(sql: Sql, staff: int, centre: int) -> SeatNow | None:
    record = sql.one(_SEAT, {"staff": staff, "centre": centre})
    if record is None:
        return None
    services = json.loads(record[2]) if isinstance(record[2], str) else record[2]
    return SeatNow(record[0], record[1], tuple(services), record[3], record[4])


_AT_COUNTER = Statement(
    """SELECT t.id, v.code FROM ticket t JOIN visit v ON v.id = t.visit_id
    WHERE t.counter_id = :counter AND t.state IN ('called', 'serving')"""
)


def at_counter(sql: Sql, counter: int) -> tuple[str, str] | None:
    """The ticket called to or being served at this counter: (id, code)."""
    record = sql.one(_AT_COUNTER, {"counter": counter})
    return None if record is None else (record[0], record[1])


class Head(NamedTuple):
    """The oldest waiting ticket of one class that a counter may call (see docs/selection.md for why heads are enough)."""

    ticket: str
    code: str
    ticket_class: TicketClass
    counts_from: int
    arrived_at: int
    for_counter: int | None
    discreet: bool


@lru_cache(maxsize=256)
def _heads_statement(services: tuple[int, ...]) -> Statement:
    """One branch a class, each an index look-up. The services are the database's own integers, so they may stand in the text."""
    among = ",".join(str(int(service)) for service in services)
    columns = "t.id, t.visit_id, t.ticket_class, t.counts_from, t.arrived_at"
    anybodys = (
        f"SELECT {columns}, CAST(NULL AS INTEGER) AS for_counter_id FROM ticket t WHERE t.centre_id = :centre"
    )
    counter_shut = (
        "t.for_counter_id NOT IN (SELECT counter_id FROM seat WHERE centre_id = :centre AND until_at IS NULL)"
    )
    branches = [
        f"SELECT * FROM ({anybodys} AND t.state = 'waiting' AND t.ticket_class = '{ticket_class.value}'"
        f" AND t.service_id IN ({among}) AND (t.for_counter_id IS NULL OR {counter_shut})"
        " ORDER BY t.counts_from, t.arrived_at, t.id LIMIT 1) AS head"
        for ticket_class in TicketClass
    ]
    directed = f"SELECT {columns}, t.for_counter_id FROM ticket t WHERE t.for_counter_id = :counter AND t.state = 'waiting'"
    inner = " UNION ALL ".join([*branches, directed])
    return Statement(
        "SELECT h.id, v.code, h.ticket_class, h.counts_from, h.arrived_at, h.for_counter_id, v.discreet"
        f" FROM ({inner}) AS h JOIN visit v ON v.id = h.visit_id"
    )


def heads(sql: Sql, centre: int, counter: int, services: tuple[int, ...]) -> list[Head]:
    """The head of each class for these services, and every ticket directed to this very counter.

    A direction to a counter where nobody sits is passed over: its visitor would wait for nobody.
    """
    records = sql.all(_heads_statement(services), {"centre": centre, "counter": counter})
    return [Head(r[0], r[1], TicketClass(r[2]), r[3], r[4], r[5], bool(r[6])) for r in records]


class TicketNow(NamedTuple):
    """A ticket as an action finds it, with its visit's code. Instants in microseconds."""

    id: str
    visit: str
    code: str
    service: int
    state: str
    ticket_class: str
    arrived_at: int
    counts_from: int
    for_counter: int | None
    counter: int | None
    staff: int | None
    calls: int
    first_called_at: int | None
    called_at: int | None
    served_at: int | None
    parked_at: int | None
    ended_at: int | None
    outcome: str | None
    avoidable: str | None
    follows: str | None
    discreet: bool


_COLUMNS = """t.id, t.visit_id, v.code, t.service_id, t.state, t.ticket_class, t.arrived_at, t.counts_from, t.for_counter_id, t.counter_id,
    t.staff_id, t.calls, t.first_called_at, t.called_at, t.served_at, t.parked_at, t.ended_at, t.outcome, t.avoidable, t.follows, v.discreet"""
_TICKET = Statement(
    f"SELECT {_COLUMNS} FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE t.id = :id AND t.centre_id = :centre"
)
_VISITS_OPEN = Statement(
    f"SELECT {_COLUMNS} FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE t.visit_id = :visit AND t.ended_at IS NULL"
)


def ticket(sql: Sql, centre: int, ticket: str) -> TicketNow | None:
    record = sql.one(_TICKET, {"id": ticket, "centre": centre})
    return None if record is None else TicketNow(*record)


def open_tickets_of(sql: Sql, visit: str) -> list[TicketNow]:
    return [TicketNow(*record) for record in sql.all(_VISITS_OPEN, {"visit": visit})]


CHANGEABLE = frozenset(
    {
        "state",
        "ticket_class",
        "counts_from",
        "for_counter_id",
        "counter_id",
        "staff_id",
        "calls",
        "first_called_at",
        "called_at",
        "served_at",
        "parked_at",
        "ended_at",
        "outcome",
        "avoidable",
    }
)


@lru_cache(maxsize=128)
def _change_statement(columns: tuple[str, ...]) -> Statement:
    assert set(columns) <= CHANGEABLE, columns
    settings = ", ".join(f"{column} = :{column}" for column in columns)
    return Statement(f"UPDATE ticket SET {settings} WHERE id = :ticket_id")


def change(sql: Sql, ticket: str, values: Mapping[str, Any]) -> None:
    """Set the given columns of one ticket."""
    sql.run(_change_statement(tuple(values)), {**values, "ticket_id": ticket})


_ADD_STEP = Statement(
    """INSERT INTO step (ticket_id, action, before, after, at, staff_id, counter_id, address, was)
    VALUES (:ticket, :action, :before, :after, :at, :staff, :counter, :address, :was)"""
)
_LAST_STEP = Statement(
    """SELECT id, action, before, after, at, staff_id, counter_id, was FROM step
    WHERE ticket_id = :ticket AND undone_at IS NULL ORDER BY id DESC LIMIT 1"""
)
_UNDO_STEP = Statement("UPDATE step SET undone_at = :at WHERE id = :id")
_END_VISIT = Statement("UPDATE visit SET ended_at = :at WHERE id = :visit AND ended_at IS NULL")
_REOPEN_VISIT = Statement("UPDATE visit SET ended_at = NULL WHERE id = :visit")


def add_step(sql: Sql, values: Mapping[str, Any]) -> None:
    sql.run(_ADD_STEP, values)


class LastStep(NamedTuple):
    id: int
    action: str
    before: str
    after: str
    at: int
    staff: int | None
    counter: int | None
    was: Mapping[str, Any]


def last_step(sql: Sql, ticket: str) -> LastStep | None:
    record = sql.one(_LAST_STEP, {"ticket": ticket})
    if record is None:
        return None
    was = json.loads(record[7]) if isinstance(record[7], str) else record[7]
    return LastStep._make((*record[:7], was))


def undo_step(sql: Sql, step: int, at: int) -> None:
    sql.run(_UNDO_STEP, {"id": step, "at": at})


def end_visit(sql: Sql, visit: str, at: int) -> None:
    sql.run(_END_VISIT, {"visit": visit, "at": at})


def reopen_visit(sql: Sql, visit: str) -> None:
    sql.run(_REOPEN_VISIT, {"visit": visit})
