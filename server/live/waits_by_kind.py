"""How long visitors with and without an appointment waited on a day or in a span, for managers: read here, worked out in `domain.waited`.

A wait is of the first ticket of a need; what it was passed on to goes on with it and is not a second wait. Read by the days visits arrived on, and
appointments by their time, so a day costs what the day holds. What is discreet loses its service here, before anything is worked out from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain import tallies, waited
from server.domain.waited import Booked, Kind, Row, Wait
from server.live.expected import midnights
from server.store.queries import counts
from server.store.queries.counts import ServiceFact
from server.store.sql import Sql, Statement, iso_date
from wire.vocabulary import TicketClass

_WAITS = Statement(
    """SELECT v.arrived_on, t.service_id, v.discreet, t.ticket_class, t.arrived_at, t.first_called_at, b.starts_at, t.booking_id FROM visit v
    JOIN ticket t ON t.visit_id = v.id LEFT JOIN booking b ON b.id = t.booking_id WHERE v.centre_id = :centre
    AND v.arrived_on >= :first AND v.arrived_on <= :last AND t.follows IS NULL AND t.counted AND t.first_called_at IS NOT NULL"""
)
_BOOKED = Statement(
    """SELECT starts_at, service_id, state FROM booking WHERE centre_id = :centre AND held_until > :since AND held_until < :ended
    AND state <> 'cancelled' AND state IN ('booked', 'arrived', 'missed') AND starts_at >= :since AND starts_at < :until AND starts_at <= :now"""
)
_DAY = round(timedelta(days=1).total_seconds()) * 1_000_000


@dataclass(frozen=True)
class WaitsByKind:
    centre: str
    zone: ZoneInfo
    today: date
    first: date
    last: date
    all: Row
    days: tuple[Row, ...]
    """Of a span of several days."""
    services: tuple[Row, ...] | None
    """None: not of this span, see `months`."""
    months: tuple[date, date] | None
    """The whole months near the span of which services are told."""

    @property
    def is_day(self) -> bool:
        return self.first == self.last

    @property
    def longest(self) -> int:
        """The longest 90th percentile of any row: how far the bars go."""
        rows = (self.all, *self.days, *(self.services or ()))
        return max([1, *(each.ninth or 0 for row in rows for each in (row.booked, row.late, row.walk_in))])


def read_waits(
    connection: Connection, centre: int, name: str, first: date, last: date, now: int
) -> WaitsByKind:
    """From `first` to `last`, both included; of today as far as it has gone."""
    sql = Sql(connection)
    zone = counts.zone_name(sql, centre)
    services = counts.services_of(sql, centre)
    waits = _waits(sql, centre, first, last, services)
    booked = _booked(sql, centre, first, last, zone, services, now)
    sql.close()
    today = from_micros(now).astimezone(ZoneInfo(zone)).date()
    told = tallies.may_be_told_by_need(first, last, today)
    names = {each.id: each.name for each in services.values() if not each.discreet}
    return WaitsByKind(
        centre=name,
        zone=ZoneInfo(zone),
        today=today,
        first=first,
        last=last,
        all=waited.row("", waits, booked),
        days=tuple(waited.by_day(waits, booked)) if first != last else (),
        services=tuple(waited.by_service(waits, booked, names)) if told else None,
        months=None if told else tallies.whole_months(first, last, today),
    )


def _waits(sql: Sql, centre: int, first: date, last: date, services: dict[int, ServiceFact]) -> list[Wait]:
    span = {"centre": centre, "first": first.isoformat(), "last": last.isoformat()}
    found = []
    for on, service, discreet, ticket_class, arrived, called, starts_at, booking in sql.all(_WAITS, span):
        kept = ticket_class == TicketClass.BOOKED and starts_at is not None
        kind = Kind.BOOKED if kept else Kind.LATE if booking is not None else Kind.WALK_IN
        found.append(
            Wait(
                kind,
                date.fromisoformat(iso_date(on)),
                None if discreet or services[service].discreet else service,
                waited.wait_of(arrived, called, starts_at if kept else None),
            )
        )
    return found


def _booked(
    sql: Sql, centre: int, first: date, last: date, zone: str, services: dict[int, ServiceFact], now: int
) -> list[Booked]:
    since, _ = midnights(first, zone)
    _, until = midnights(last, zone)
    values = {"centre": centre, "since": since, "until": until, "ended": until + _DAY, "now": now}
    return [
        Booked(
            from_micros(starts_at).astimezone(ZoneInfo(zone)).date(),
            None if services[service].discreet else service,
            state == "missed",
        )
        for starts_at, service, state in sql.all(_BOOKED, values)
    ]
