"""What several pages of figures read alike: the sums of the time asked for and of its parts, those of the two times it is compared with, and the services with their targets.

The sums of a time are those of its parts added together, so that nothing is read twice; what lies in the future is no part of it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from server.domain import spans
from server.domain.asked import Asked
from server.domain.spans import Span
from server.domain.sums import Sums, together
from server.domain.telling.by_service import Offered
from server.domain.telling.compared import Compared, compared
from server.live.sums import read_series, services_named
from server.store.sql import Sql, Statement

_TARGETS = Statement(
    "SELECT id, target_minutes, discreet, retired_at IS NULL FROM service WHERE centre_id = :centre"
)
USUAL_TARGET = 20
"""Of a centre without any service."""


class Read(NamedTuple):
    """`parts`: the time asked for as `spans.fitting` divides it, as far as it has come."""

    compared: Compared
    parts: list[tuple[Span, Sums]]


def read_compared(connection: Connection, centre: int, asked: Asked) -> Read:
    passed = asked.passed
    parts = spans.parts(passed, spans.fitting(passed)) if passed else []
    before, year, *series = read_series(
        connection, centre, [asked.before, asked.year_before, *parts], asked.now
    )
    return Read(compared(asked, together(series), before, year), list(zip(parts, series, strict=True)))


def offered_at(connection: Connection, centre: int) -> Offered:
    """The services with their targets; a private visit is held against the shortest of a discreet service, as on the floor (`server.live.masking`)."""
    sql = Sql(connection)
    rows = sql.all(_TARGETS, {"centre": centre})
    sql.close()
    offered = [(minutes, discreet) for _, minutes, discreet, open_ in rows if open_]
    private = [minutes for minutes, discreet in offered if discreet]
    return Offered(
        services_named(connection, centre),
        {service: minutes for service, minutes, _, _ in rows},
        min(private or [minutes for minutes, _ in offered], default=USUAL_TARGET),
    )
