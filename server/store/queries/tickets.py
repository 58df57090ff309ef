"""Statements about tickets and visits that run for every touch and every call."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from server.domain import selection
from server.store.sql import Sql, Statement, document
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
    follows, calls, paper, copies, quick, wants, added_by, booking_id, counted)
    VALUES (:id, :visit, :centre, :service, 'waiting', :ticket_class, :arrived_at, :counts_from, :for_counter, :follows, 0, :paper, 0,
    :quick, :wants, :added_by, :booking, :counted) ON CONFLICT DO NOTHING"""
)
_VISIT_CODE = Statement("SELECT code FROM visit WHERE id = :id")


def issuing_place(sql: Sql, centre: int, device: int, service: str) -> IssuingPlace | None:
    record = sql.one(_ISSUING, {"centre": centre, "device": device, "service": service})
    return None if record is None else IssuingPlace(*record)


def add_visit(sql: Sql, values: Mapping[str, Any]) -> bool:
    """False when the id, the day's code or the secret is already somebody's."""
    return sql.run(_ADD_VISIT, values) == 1


_USUAL = {
    "for_counter": None,
    "follows": None,
    "paper": "confirmed",
    "quick": False,
    "wants": None,
    "added_by": None,
    "booking": None,
    "counted": True,
}


def add_ticket(sql: Sql, values: Mapping[str, Any]) -> bool:
    """A waiting ticket; what `values` does not say is as of one that nothing is known of. False when the id is already somebody's."""
    return sql.run(_ADD_TICKET, {**_USUAL, **values}) == 1


def visit_exists(sql: Sql, visit: str) -> bool:
    return sql.one(_VISIT_CODE, {"id": visit}) is not None


class SeatNow(NamedTuple):
    """Where a member of staff sits now. `pause` is the reason of an open break."""

    id: int
    counter: int
    services: tuple[int, ...]
    pause: str | None
    counter_name: str
    skills: frozenset[str]
    after_quick: bool
    evacuated: bool


_SEAT = Statement(
    """SELECT s.id, s.counter_id, s.services, p.reason, c.name, s.skills, s.after_quick, e.evacuated_at FROM seat s
    JOIN counter c ON c.id = s.counter_id JOIN centre e ON e.id = s.centre_id
    LEFT JOIN pause p ON p.seat_id = s.id AND p.until_at IS NULL
    WHERE s.staff_id = :staff AND s.centre_id = :centre AND s.until_at IS NULL"""
)
_NO_SKILLS: frozenset[str] = frozenset()


def _skills(value: Any) -> frozenset[str]:
    return _NO_SKILLS if value == "[]" or not value else frozenset(document(value))


def seat_of(sql: Sql, staff: int, centre: int) -> SeatNow | None:
    record = sql.one(_SEAT, {"staff": staff, "centre": centre})
    if record is None:
        return None
    services = tuple(document(record[2]))
    return SeatNow(
        record[0],
        record[1],
        services,
        record[3],
        record[4],
        _skills(record[5]),
        bool(record[6]),
        record[7] is not None,
    )


class Seated(NamedTuple):
    """An open counter that is not on a break, as `selection` looks at it."""

    counter: int
    services: Collection[int]
    skills: Collection[str]


_SEATED = Statement(
    """SELECT s.counter_id, s.services, s.skills FROM seat s LEFT JOIN pause p ON p.seat_id = s.id AND p.until_at IS NULL
    WHERE s.centre_id = :centre AND s.until_at IS NULL AND p.id IS NULL"""
)


def seated(sql: Sql, centre: int) -> list[Seated]:
    records = sql.all(_SEATED, {"centre": centre})
    return [Seated(r[0], frozenset(document(r[1])), _skills(r[2])) for r in records]


_AT_COUNTER = Statement(
    """SELECT t.id, v.code FROM ticket t JOIN visit v ON v.id = t.visit_id
    WHERE t.counter_id = :counter AND t.state IN ('called', 'serving')"""
)


def at_counter(sql: Sql, counter: int) -> tuple[str, str] | None:
    """The ticket called to or being served at this counter: (id, code)."""
    record = sql.one(_AT_COUNTER, {"counter": counter})
    return None if record is None else (record[0], record[1])


class Head(NamedTuple):
    """A waiting ticket that a counter may call: the oldest of its class, a special one, or one for this counter (docs/selection.md says why
    these are enough)."""

    ticket: str
    code: str
    ticket_class: TicketClass
    counts_from: int
    arrived_at: int
    for_counter: int | None
    discreet: bool
    service: int
    quick: bool
    wants: str | None
    visit: str
    awaited: bool = False


_SEEN_TO_NOW = "EXISTS (SELECT 1 FROM ticket o WHERE o.visit_id = t.visit_id AND o.state IN ('called', 'serving', 'parked'))"
"""Nobody is called for one need while they are at a counter, or about to come back to it, for another."""


@lru_cache(maxsize=512)
def _heads_statement(services: tuple[int, ...], *, past_those_seen_to: bool = False) -> Statement:
    """One branch a class, each an index look-up. The services are the database's own integers, so they may stand in the text.

    A head's visitor may just now be seen to for another need. That is rare, and asking it of every head costs half as much again, so whoever calls asks
    it of the one it chose (`seen_to`), and only then for the heads `past_those_seen_to`.
    """
    free = f" AND NOT {_SEEN_TO_NOW}" if past_those_seen_to else ""
    among = ",".join(str(int(service)) for service in services)
    columns = "t.id, t.visit_id, t.ticket_class, t.counts_from, t.arrived_at, t.service_id, t.quick, t.wants"
    anybodys = f"SELECT {columns}, CAST(NULL AS INTEGER) AS for_counter_id FROM ticket t WHERE t.centre_id = :centre AND t.state = 'waiting'"
    counter_shut = (
        "t.for_counter_id NOT IN (SELECT counter_id FROM seat WHERE centre_id = :centre AND until_at IS NULL)"
    )
    callable_here = f"t.service_id IN ({among}) AND (t.for_counter_id IS NULL OR {counter_shut}){free}"
    branches = [
        f"SELECT * FROM ({anybodys} AND t.ticket_class = '{ticket_class.value}' AND NOT t.quick AND t.wants IS NULL"
        f" AND {callable_here} ORDER BY t.counts_from, t.arrived_at, t.id LIMIT 1) AS head"
        for ticket_class in TicketClass
    ]
    special = f"{anybodys} AND (t.quick OR t.wants IS NOT NULL) AND {callable_here}"
    directed = f"SELECT {columns}, t.for_counter_id FROM ticket t WHERE t.for_counter_id = :counter AND t.state = 'waiting'{free}"
    inner = " UNION ALL ".join([*branches, special, directed])
    return Statement(
        "SELECT h.id, v.code, h.ticket_class, h.counts_from, h.arrived_at, h.for_counter_id, v.discreet, h.service_id, h.quick, h.wants, h.visit_id"
        f" FROM ({inner}) AS h JOIN visit v ON v.id = h.visit_id"
    )


def heads(sql: Sql, centre: int, sits: SeatNow, *, past_those_seen_to: bool = False) -> list[Head]:
    """The head of each class for the services of this seat, every quick one and every one that asked for somebody, and every ticket
    directed to this very counter.

    A direction to a counter where nobody sits is passed over: its visitor would wait for nobody.
    """
    statement = _heads_statement(sits.services, past_those_seen_to=past_those_seen_to)
    records = sql.all(statement, {"centre": centre, "counter": sits.counter})
    found = [
        Head(r[0], r[1], TicketClass(r[2]), r[3], r[4], r[5], bool(r[6]), r[7], bool(r[8]), r[9], r[10])
        for r in records
    ]
    if all(each.wants is None or each.wants in sits.skills for each in found):
        return found
    seats = seated(sql, centre)
    return [each._replace(awaited=selection.is_there(each.wants, each.service, seats)) for each in found]


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
    quick: bool
    wants: str | None
    added_by: int | None
    counted: bool
    booking: str | None
    again: bool
    left_open: bool


_COLUMNS = """t.id, t.visit_id, v.code, t.service_id, t.state, t.ticket_class, t.arrived_at, t.counts_from, t.for_counter_id, t.counter_id,
    t.staff_id, t.calls, t.first_called_at, t.called_at, t.served_at, t.parked_at, t.ended_at, t.outcome, t.avoidable, t.follows, v.discreet, t.quick, t.wants, t.added_by, t.counted,
    t.booking_id, t.again, t.left_open"""
_TICKET = Statement(
    f"SELECT {_COLUMNS} FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE t.id = :id AND t.centre_id = :centre"
)
_VISITS_OPEN = Statement(
    f"SELECT {_COLUMNS} FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE t.visit_id = :visit AND t.ended_at IS NULL ORDER BY t.id"
)


def ticket(sql: Sql, centre: int, ticket: str) -> TicketNow | None:
    record = sql.one(_TICKET, {"id": ticket, "centre": centre})
    return None if record is None else TicketNow(*record)


def open_tickets_of(sql: Sql, visit: str) -> list[TicketNow]:
    """In one order on every database: what follows from "the first of them" must not differ."""
    return [TicketNow(*record) for record in sql.all(_VISITS_OPEN, {"visit": visit})]


_SEEN_TO = Statement(
    """SELECT t.id, t.state, c.name FROM ticket t LEFT JOIN counter c ON c.id = t.counter_id
    WHERE t.visit_id = :visit AND t.id != :ticket AND t.state IN ('called', 'serving', 'parked')"""
)


def seen_to(sql: Sql, visit: str, ticket: str) -> tuple[str, str] | None:
    """Another ticket of this visit that is called, being served or parked: its state and its counter's name."""
    record = sql.one(_SEEN_TO, {"visit": visit, "ticket": ticket})
    return None if record is None else (record[1], record[2] or "another counter")


CHANGEABLE = frozenset(
    {
        "state",
        "ticket_class",
        "arrived_at",
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
        "quick",
        "wants",
        "booking_id",
        "counted",
        "again",
        "left_open",
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


_AFTER_QUICK = Statement(
    "UPDATE seat SET after_quick = :yes WHERE counter_id = :counter AND until_at IS NULL"
)


def keep_after_quick(sql: Sql, counter: int, *, yes: bool) -> None:
    """Whether the last visit called to this counter was a quick one."""
    sql.run(_AFTER_QUICK, {"counter": counter, "yes": yes})


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
"""What was kept for the stay only (`apart`, `shown_hash`) counts while the visit is open; the rounds erase it when no end can be taken back any more."""
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
