"""What the page Satisfaction tells: how visitors found their visit, and what they complained of, praised and suggested."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros
from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.telling import complaints, satisfaction
from server.domain.telling.complaints import SaidFact
from server.live.told.reading import offered_at, read_compared
from server.store.sql import Sql, Statement, iso_date
from wire.vocabulary import SaidKind, SaidState

_SAID = Statement(
    """SELECT kind, state, received_on, service_id, acknowledge_due_on, answer_due_on, acknowledged_at, ended_at FROM said
    WHERE centre_id = :centre AND received_on >= :first AND received_on <= :last ORDER BY received_on, id"""
)


def read(connection: Connection, centre: int, asked: Asked) -> list[Figure]:
    offered, told = offered_at(connection, centre), read_compared(connection, centre, asked)
    return [
        *satisfaction.figures(told.compared, told.parts, offered),
        *complaints.figures(
            said_in(connection, centre, asked), asked.today, offered, told.compared.tells_services
        ),
    ]


def said_in(connection: Connection, centre: int, asked: Asked) -> list[SaidFact]:
    """Received in the time asked for."""
    sql = Sql(connection)
    rows = sql.all(
        _SAID,
        {"centre": centre, "first": asked.span.first.isoformat(), "last": asked.span.last.isoformat()},
    )
    sql.close()
    return [
        SaidFact(
            kind=SaidKind(row[0]),
            state=SaidState(row[1]),
            received_on=date.fromisoformat(iso_date(row[2])),
            service=row[3],
            acknowledge_due_on=_date(row[4]),
            answer_due_on=_date(row[5]),
            acknowledged_on=_day(row[6], asked.zone),
            ended_on=_day(row[7], asked.zone),
        )
        for row in rows
    ]


def _date(value: object) -> date | None:
    return None if value is None else date.fromisoformat(iso_date(value))


def _day(micros: int | None, zone: ZoneInfo) -> date | None:
    return None if micros is None else from_micros(micros).astimezone(zone).date()
