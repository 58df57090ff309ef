"""What the page Persons tells: one person's figures over at most `MOST_DAYS` days, from the rows themselves.

It is no topic of `server.live.telling`, so no file, report or program can take it away: it is looked at, by name, and each look is written down.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from server.domain import spans, tallies
from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.person_work import Work, work_of
from server.domain.spans import Kind
from server.domain.telling import persons
from server.live.told.reading import offered_at
from server.store.queries import sum_copies
from server.store.queries.persons import rows_of
from server.store.queries.summing import begins_at
from server.store.sql import Sql

MOST_DAYS = 92
"""A quarter."""
ERASED = "The detail of days up to {} was erased because it was due: what was done on them is not in these figures."


def read(connection: Connection, asked: Asked, person: int, name: str) -> list[Figure]:
    span, offered = asked.span, offered_at(connection, asked.centre)
    since = begins_at(span.first, asked.zone)
    sql = Sql(connection)
    rows = rows_of(sql, asked.centre, since, begins_at(span.last + timedelta(days=1), asked.zone), asked.now)
    erased = sum_copies.kept_of(sql, asked.centre, span.first, span.last)
    sql.close()
    work = work_of(*rows, since, asked.now)
    for each in work.values():
        each.sums = offered.named.read(each.sums)
    own = work.pop(person, Work())
    told = tallies.may_be_told_by_need(span.first, span.last, asked.today)
    month = told and span == replace(spans.span_of(Kind.MONTH, span.first), kind=span.kind)
    found = persons.figures(name, own, list(work.values()) if month else None, offered, by_service=told)
    if not erased:
        return found
    note = ERASED.format(spans.say(spans.span_of(Kind.DAY, max(erased))))
    return [replace(each, notes=(*each.notes, note)) for each in found]
