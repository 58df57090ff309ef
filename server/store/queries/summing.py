"""The rows that days are summed up from, by centre and days: every statement an index look-up that costs what the days hold, however many years lie before them.

A run of days is read at once, one statement a table, and parted into days here. What is read of a table is what `server.domain.summing` needs of it and no more; the triggers
(`server.store.triggers`) watch the same columns, so whoever reads another one here adds it there.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from server.clock import from_micros, to_micros
from server.domain.scoring import Given
from server.domain.summing import (
    DayFacts,
    PauseRow,
    SaidRow,
    SeatRow,
    StepRow,
    TallyRow,
    TicketRow,
    VisitRow,
)
from server.store.sql import Record, Sql, Statement, document
from wire.vocabulary import Activity, TicketState

_VISITS = Statement(
    """SELECT v.arrived_on, v.id, v.arrived_at, v.channel, v.language, v.needs, v.discreet, v.people, v.merged_into,
    t.id, t.service_id, t.state, t.arrived_at, t.first_called_at, t.called_at, t.served_at, t.ended_at, t.counter_id, t.outcome, t.avoidable,
    t.counted, t.follows, t.booking_id, CASE WHEN t.ticket_class = 'booked' THEN b.starts_at END, t.again, t.left_open
    FROM visit v JOIN ticket t ON t.visit_id = v.id LEFT JOIN booking b ON b.id = t.booking_id
    WHERE v.centre_id = :centre AND v.arrived_on >= :first AND v.arrived_on <= :last ORDER BY t.id"""
)
_STEPS = Statement(
    """SELECT v.arrived_on, p.ticket_id, p.action, p.at, p.counter_id FROM visit v JOIN ticket t ON t.visit_id = v.id JOIN step p ON p.ticket_id = t.id
    WHERE v.centre_id = :centre AND v.arrived_on >= :first AND v.arrived_on <= :last
    AND (CASE WHEN p.undone_at IS NULL THEN p.action IN ('park', 'unpark') ELSE p.action IN ('finish', 'no_show', 'cancel', 'transfer') END)
    ORDER BY p.ticket_id, p.id"""
)
_GIVEN = Statement(
    """SELECT v.arrived_on, g.ticket_id, g.at, g.low_seconds, g.high_seconds, g.middle_seconds, g.told FROM visit v
    JOIN ticket t ON t.visit_id = v.id JOIN given_estimate g ON g.ticket_id = t.id
    WHERE v.centre_id = :centre AND v.arrived_on >= :first AND v.arrived_on <= :last"""
)
_TALLIES = Statement(
    """SELECT counted_on, activity, source, at, people, service_id, solved, avoidable FROM tally
    WHERE centre_id = :centre AND counted_on >= :first AND counted_on <= :last AND withdrawn_at IS NULL"""
)
_MISSED = Statement(
    """SELECT starts_at, state, service_id FROM booking WHERE centre_id = :centre AND state <> 'cancelled' AND state = 'missed'
    AND held_until > :since AND held_until < :ended AND starts_at >= :since AND starts_at < :until"""
)
_CANCELLED = Statement(
    """SELECT starts_at, state, service_id FROM booking WHERE centre_id = :centre AND state = 'cancelled' AND booked_at IS NOT NULL
    AND starts_at >= :since AND starts_at < :until"""
)
_SEATS = Statement(
    "SELECT id, counter_id, since_at, until_at, left_open FROM seat WHERE centre_id = :centre AND since_at >= :since AND since_at < :until"
)
_PAUSES = Statement(
    """SELECT s.since_at, p.seat_id, p.since_at, p.until_at FROM seat s JOIN pause p ON p.seat_id = s.id
    WHERE s.centre_id = :centre AND s.since_at >= :since AND s.since_at < :until"""
)
_SAID = Statement(
    """SELECT given_on, way, score, reason, language, service_id FROM feedback
    WHERE centre_id = :centre AND given_on >= :first AND given_on <= :last AND withdrawn_at IS NULL"""
)
_ACTIVITIES = Statement("SELECT id, activity FROM service WHERE centre_id = :centre")
_DAY = round(timedelta(days=1).total_seconds()) * 1_000_000


class Bounds(NamedTuple):
    """The instants between which local days lie, beside the days themselves: values of every statement here."""

    centre: int
    first: date
    last: date
    zone: ZoneInfo

    def values(self) -> dict[str, Any]:
        since, until = begins_at(self.first, self.zone), begins_at(self.last + timedelta(days=1), self.zone)
        return {
            "centre": self.centre,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "since": since,
            "until": until,
            "ended": until + _DAY,
        }

    def day_of(self, at: int) -> date:
        return from_micros(at).astimezone(self.zone).date()


def begins_at(on: date, zone: ZoneInfo) -> int:
    """The instant at which a local date begins. Where the clock is put on at midnight, that is the first instant there is of it."""
    return to_micros(datetime.combine(on, time(), zone))


def facts_of(sql: Sql, centre: int, first: date, last: date, zone: ZoneInfo) -> dict[date, DayFacts]:
    """The rows of each day from `first` to `last` that has any."""
    bounds = Bounds(centre, first, last, zone)
    days = _visit_facts(sql, bounds)
    values = bounds.values()
    for on, activity, source, at, people, service, solved, avoidable in sql.all(_TALLIES, values):
        row = TallyRow(activity, source, at, people, service, bool(solved), avoidable is not None)
        days[_date(on)].tallies.append(row)
    for starts_at, state, service in (*sql.all(_MISSED, values), *sql.all(_CANCELLED, values)):
        days[bounds.day_of(starts_at)].bookings.append((state, service))
    for seat in sql.all(_SEATS, values):
        days[bounds.day_of(seat[2])].seats.append(SeatRow._make((*seat[:4], bool(seat[4]))))
    for since_at, *pause in sql.all(_PAUSES, values):
        days[bounds.day_of(since_at)].pauses.append(PauseRow(*pause))
    for on, *said in sql.all(_SAID, values):
        days[_date(on)].said.append(SaidRow(*said))
    return dict(days)


class Days(defaultdict[date, DayFacts]):
    """The rows of days, by day."""

    def __missing__(self, on: date) -> DayFacts:
        self[on] = found = DayFacts(on)
        return found


def _visit_facts(sql: Sql, bounds: Bounds) -> Days:
    """Of each day its visits, tickets, steps and what was told of waits."""
    values, days = bounds.values(), Days()
    activity = {service: Activity(name) for service, name in sql.all(_ACTIVITIES, {"centre": bounds.centre})}
    for record in sql.all(_VISITS, values):
        _take_ticket(days[_date(record[0])], record, activity)
    for on, ticket, *step in sql.all(_STEPS, values):
        days[_date(on)].steps.setdefault(ticket, []).append(StepRow(ticket, *step))
    for on, ticket, *given in sql.all(_GIVEN, values):
        days[_date(on)].given.setdefault(ticket, []).append(Given._make((*given[:4], bool(given[4]))))
    return days


def _take_ticket(day: DayFacts, record: Record, activity: dict[int, Activity]) -> None:
    visit, service = record[1], record[10]
    if visit not in day.visits:
        needs = record[5]
        day.visits[visit] = VisitRow(
            id=visit,
            on=day.on,
            arrived_at=record[2],
            channel=record[3],
            language=record[4],
            needs=() if not needs or needs == "[]" else tuple(document(needs)),
            discreet=bool(record[6]),
            people=record[7],
            merged_into=record[8],
        )
    day.tickets.append(
        TicketRow._make(
            (
                record[9],
                visit,
                service,
                activity[service],
                TicketState(record[11]),
                *record[12:20],
                bool(record[20]),
                *record[21:24],
                bool(record[24]),
                bool(record[25]),
            )
        )
    )


@lru_cache(maxsize=16_384)
def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
