"""The sums of any days at a centre, as every page of figures reads them: copies where there are some, worked out from the rows where not.

Whether a day's sums come from its copy or from its rows cannot be told from them: the database itself lets go of a copy the moment a row it was made of changes
(`server.store.triggers`), so one that is there is right. Today, which changes all the time, has none. What is discreet now is unnamed in what is read here, and what a service
continues counts under it (`server.domain.service_names`), so no page has to mind either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.service_names import ServiceNow, ServicesNamed, name_services
from server.domain.spans import Span
from server.domain.summing import sum_day
from server.domain.sums import Sums
from server.store.queries import counts, summing
from server.store.sql import Sql, Statement, document

_SERVICES = Statement(
    "SELECT id, slug, names, discreet OR private, continues, retired_at FROM service WHERE centre_id = :centre ORDER BY position, id"
)


def services_named(connection: Connection, centre: int) -> ServicesNamed:
    """How this centre's services are told in figures now."""
    sql = Sql(connection)
    zone = ZoneInfo(counts.zone_name(sql, centre))
    named = _services_named(sql, centre, zone)
    sql.close()
    return named


def _services_named(sql: Sql, centre: int, zone: ZoneInfo) -> ServicesNamed:
    return name_services(
        ServiceNow(
            record[0],
            record[1],
            document(record[2]).get("en", record[1]),
            bool(record[3]),
            tuple(document(record[4])),
            None if record[5] is None else from_micros(record[5]).astimezone(zone).date(),
        )
        for record in sql.all(_SERVICES, {"centre": centre})
    )


def read_sums(connection: Connection, centre: int, first: date, last: date, now: int) -> Sums:
    """Of the days from `first` to `last`, both included; of today as far as it has gone."""
    return read_series(connection, centre, [Span(first, last)], now)[0]


def read_series(connection: Connection, centre: int, spans: Sequence[Span], now: int) -> list[Sums]:
    """Of each span, in their order; they may touch, overlap, or lie anywhere."""
    sql = Sql(connection)
    zone = ZoneInfo(counts.zone_name(sql, centre))
    named = _services_named(sql, centre, zone)
    today = from_micros(now).astimezone(zone).date()
    totals = [Sums() for _ in spans]
    for first, last in runs(each for span in spans for each in span.each_day() if each <= today):
        for on, facts in summing.facts_of(sql, centre, first, last, zone).items():
            day = sum_day(facts, zone, now if on == today else None)
            for span, total in zip(spans, totals, strict=True):
                if on in span:
                    total.add(day)
    sql.close()
    return [named.read(total) for total in totals]


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """The stretches of days that follow each other."""
    found: list[tuple[date, date]] = []
    for on in sorted(set(days)):
        if found and on - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], on)
        else:
            found.append((on, on))
    return found
