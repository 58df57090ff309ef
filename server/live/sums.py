"""The sums of any days at a centre, as every page of figures reads them: copies where there are some, worked out from the rows where not.

Whether a day's sums come from its copy or from its rows cannot be told from them: the database itself lets go of a copy the moment a row it was made of changes
(`server.store.triggers`), so one that is there is right. Today, which changes all the time, has none. What is discreet now is unnamed in what is read here, and what a service
continues counts under it (`server.domain.service_names`), so no page has to mind either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.service_names import ServiceNow, ServicesNamed, name_services
from server.domain.spans import MOST_YEARS, ONE_DAY, Span
from server.domain.summing import sum_day
from server.domain.sums import Sums, together
from server.store.queries import counts, sum_copies, summing
from server.store.sql import Sql, Statement, document

MOST_DAYS_AT_ONCE = 62
"""As many days' rows are in memory at once where years have no copies yet."""

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


def read_series(
    connection: Connection, centre: int, spans: Sequence[Span], now: int, counts_only: bool = False
) -> list[Sums]:
    """Of each span, in their order; they may touch, overlap, or lie anywhere. `counts_only`: for whoever asks for no spread, which is most of what there is to read."""
    sql = Sql(connection)
    zone = ZoneInfo(counts.zone_name(sql, centre))
    named = _services_named(sql, centre, zone)
    reading = _Reading(sql, centre, zone, now, counts_only)
    totals = reading.read([_until(span, reading.today) for span in spans])
    sql.close()
    return [named.read(total) for total in totals]


def _until(span: Span, today: date) -> Span:
    return Span(span.first, min(span.last, today))


class _Reading:
    """One look at sums of several spans: each month and day is read once, however many of the spans hold it."""

    def __init__(self, sql: Sql, centre: int, zone: ZoneInfo, now: int, counts_only: bool) -> None:
        self.sql, self.centre, self.zone, self.now = sql, centre, zone, now
        self.counts_only = counts_only
        self.today = from_micros(now).astimezone(zone).date()

    def read(self, spans: Sequence[Span]) -> list[Sums]:
        whole = {month for span in spans for month in months_within(span, self.today)}
        months = self._months(whole)
        wanted = [self._parts(span, months) for span in spans]
        days = self._days({on for _, on_days in wanted for on in on_days})
        totals = []
        for of_months, of_days in wanted:
            total = together(months[month] for month in of_months)
            for on in of_days:
                if on in days:
                    total.add(days[on])
            totals.append(total)
        return totals

    def _parts(self, span: Span, months: Mapping[date, Sums]) -> tuple[list[date], list[date]]:
        """The whole months of it that have a copy, and the days beside them."""
        of_months = [month for month in months_within(span, self.today) if month in months]
        covered = set(of_months)
        return of_months, [on for on in span.each_day() if on.replace(day=1) not in covered]

    def _months(self, months: Iterable[date]) -> dict[date, Sums]:
        asked = set(months)
        if not asked:
            return {}
        found = sum_copies.months_of(self.sql, self.centre, min(asked), max(asked), self.counts_only)
        return {month: sums for month, sums in found.items() if month in asked}

    def _days(self, days: Iterable[date]) -> dict[date, Sums]:
        """Of each day that there is anything of: its copy with what is kept of it, or what its rows come to."""
        asked = sorted(set(days))
        found: dict[date, Sums] = {}
        without: list[date] = []
        for first, last in runs(asked):
            made, kept = sum_copies.days_of(self.sql, self.centre, first, last, self.counts_only)
            found |= made
            without += [on for on in Span(first, last).each_day() if on not in made]
            for on, sums in kept.items():
                found[on] = together((found[on], sums)) if on in found else sums
        for first, last in runs(self._since_the_first(without), MOST_DAYS_AT_ONCE):
            for on, facts in summing.facts_of(self.sql, self.centre, first, last, self.zone).items():
                day = sum_day(facts, self.zone, self.now if on == self.today else None)
                found[on] = together((found[on], day)) if on in found else day
        return found

    def _since_the_first(self, days: list[date]) -> list[date]:
        """Those on which there can be anything. A time of years is compared with the years before, which are often those before the house was opened: three thousand questions about nothing."""
        if len(days) <= MOST_DAYS_AT_ONCE:
            return days
        first = sum_copies.first_month(self.sql, self.centre, self.zone)
        return [on for on in days if first is not None and on >= first]


def months_within(span: Span, today: date) -> list[date]:
    """The first days of the months that are over and lie wholly in it."""
    found, month = [], _month_after(span.first - ONE_DAY)
    while (following := _month_after(month)) - ONE_DAY <= span.last and following <= today:
        found.append(month)
        month = following
    return found


def _month_after(on: date) -> date:
    """The first day of the month after that of `on`."""
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


def runs(days: Iterable[date], most: int = 366 * MOST_YEARS) -> list[tuple[date, date]]:
    """The stretches of days that follow each other, none of more than `most` days."""
    found: list[tuple[date, date]] = []
    for on in sorted(set(days)):
        if found and on - found[-1][1] == ONE_DAY and (on - found[-1][0]).days < most:
            found[-1] = (found[-1][0], on)
        else:
            found.append((on, on))
    return found
