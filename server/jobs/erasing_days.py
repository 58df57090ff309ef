"""Erasing the detail of visits, a whole local day at a time, so that the day's figures stay what they were.

In one change the day's figures are summed, its rows deleted, and what the deleted ones counted is added to the part of the day's sums that is kept (`DaySum.part == "kept"`). It is
worked out as the difference of the sums before and after, so whatever rows a rule of counting looks at, the figures are the same before and after, exactly; and a change that
fails leaves the day as it was. Nobody may slip a row of that day in between, by whatever way: what came after the first look and went with the rest would be counted nowhere.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.actions.erasing import local_date, note_erasure
from server.clock import from_micros
from server.domain.refusals import Refused
from server.domain.retention import Name
from server.domain.summing import DayFacts, sum_day
from server.domain.sums import Sums
from server.live.expected import midnights
from server.store.queries import counts, summing
from server.store.queries.sum_copies import hold, keep_sums
from server.store.sql import Sql, Statement
from server.store.tx import Tx
from wire.vocabulary import RefusalCode

_OF_NO_TICKET = "state <> 'held' AND NOT EXISTS (SELECT 1 FROM ticket t WHERE t.booking_id = booking.id)"
"""An appointment goes with the ticket of whoever came for it, which may have been after midnight; one that nobody came for goes with its own day."""
_OLDEST = (
    Statement("SELECT MIN(arrived_on) FROM visit WHERE centre_id = :centre AND arrived_on >= :since"),
    Statement(
        "SELECT MIN(since_at) FROM seat WHERE centre_id = :centre AND until_at IS NOT NULL AND since_at >= :begins"
    ),
    Statement(
        f"SELECT MIN(starts_at) FROM booking WHERE centre_id = :centre AND starts_at >= :begins AND {_OF_NO_TICKET}"
    ),
)
_OF_VISITS = "(SELECT id FROM visit WHERE centre_id = :centre AND arrived_on = :day)"
_OF_TICKETS = "(SELECT t.id FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE v.centre_id = :centre AND v.arrived_on = :day)"
_OPEN = Statement(
    "SELECT COUNT(*) FROM visit WHERE centre_id = :centre AND arrived_on = :day AND ended_at IS NULL"
)
_LET_GO = (
    Statement(f"UPDATE tally SET visit_id = NULL WHERE visit_id IN {_OF_VISITS}"),
    Statement(f"UPDATE print_job SET ticket_id = NULL WHERE ticket_id IN {_OF_TICKETS}"),
    Statement(f"UPDATE submission SET visit_id = NULL, ticket_id = NULL WHERE visit_id IN {_OF_VISITS}"),
    Statement(f"UPDATE sighting SET visit_id = NULL, ticket_id = NULL WHERE visit_id IN {_OF_VISITS}"),
    Statement(f"UPDATE post SET visit_id = NULL WHERE visit_id IN {_OF_VISITS}"),
    Statement(f"DELETE FROM text_wish WHERE visit_id IN {_OF_VISITS}"),
)
_GONE = (
    ("booking", f"id IN (SELECT t.booking_id FROM ticket t WHERE t.id IN {_OF_TICKETS})"),
    ("given_estimate", f"ticket_id IN {_OF_TICKETS}"),
    ("note", f"visit_id IN {_OF_VISITS}"),
    ("step", f"ticket_id IN {_OF_TICKETS}"),
    ("ticket", f"visit_id IN {_OF_VISITS}"),
    ("visit", "centre_id = :centre AND arrived_on = :day"),
    ("pause", "seat_id IN (SELECT id FROM seat WHERE centre_id = :centre AND until_at IS NOT NULL AND since_at >= :begins AND since_at < :ends)"),
    ("seat", "centre_id = :centre AND until_at IS NOT NULL AND since_at >= :begins AND since_at < :ends"),
    ("booking", f"centre_id = :centre AND starts_at >= :begins AND starts_at < :ends AND {_OF_NO_TICKET}"),
)  # fmt: skip
"""Each after what points at it."""
_DELETES = tuple(Statement(f"DELETE FROM {table} WHERE {which}") for table, which in _GONE)
_LOOKS = tuple(Statement(f"SELECT COUNT(*) FROM {table} WHERE {which}") for table, which in _GONE)


def oldest_day(connection: Connection, centre: int, after: date | None = None) -> date | None:
    """The first local day of which any detail is there; `after`: of those after it."""
    sql = Sql(connection)
    zone = counts.zone_name(sql, centre)
    since, begins = date.min, 0
    if after is not None:
        since = after + timedelta(days=1)
        begins, _ = midnights(since, zone)
    values = {"centre": centre, "since": since.isoformat(), "begins": begins}
    found: list[date] = []
    for statement in _OLDEST:
        (value,) = sql.one(statement, values) or (None,)
        if isinstance(value, int):
            found.append(local_date(value, zone))
        elif value is not None:
            found.append(date.fromisoformat(str(value)))
    sql.close()
    return min(found, default=None)


def erase_day(tx: Tx, day: date) -> int:
    """Erase the detail of one local day at the actor's centre; how many rows. Refused while a visit of that day is open."""
    centre, sql = tx.actor.centre, tx.sql
    hold(sql, centre)
    begins, ends = midnights(day, counts.zone_name(sql, centre))
    values = {"centre": centre, "day": day.isoformat(), "begins": begins, "ends": ends}
    if (sql.one(_OPEN, values) or (0,))[0]:
        raise Refused(RefusalCode.WRONG_STATE, f"A visit of {day} is still open, so that day is not erased.")
    before = _of_rows(sql, centre, day)
    for statement in _LET_GO:
        sql.run(statement, values)
    erased = sum(sql.run(statement, values) for statement in _DELETES)
    keep_sums(tx, centre, day, before.less(_of_rows(sql, centre, day)))
    found = sum((sql.one(statement, values) or (0,))[0] for statement in _LOOKS)
    note_erasure(tx, Name.VISITS, from_micros(ends), erased, found)
    return erased


def _of_rows(sql: Sql, centre: int, day: date) -> Sums:
    """The day's sums from the rows that are there."""
    zone = ZoneInfo(counts.zone_name(sql, centre))
    facts = summing.facts_of(sql, centre, day, day, zone)
    return sum_day(facts.get(day) or DayFacts(day), zone)
