"""What the page Waits and service tells."""

from __future__ import annotations

from sqlalchemy import Connection

from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.telling import counters, endings, waits, waits_when
from server.live.told.reading import offered_at, read_compared
from server.store.sql import Sql, Statement

_COUNTERS = Statement("SELECT id, name FROM counter WHERE centre_id = :centre ORDER BY position, id")


def read(connection: Connection, centre: int, asked: Asked) -> list[Figure]:
    offered, told = offered_at(connection, centre), read_compared(connection, centre, asked)
    return [
        *waits.figures(told.compared, offered),
        *waits_when.figures(told.compared, told.parts, offered),
        *endings.figures(told.compared, offered),
        counters.figure(told.compared, _counters(connection, centre)),
    ]


def _counters(connection: Connection, centre: int) -> dict[int, str]:
    """By id, in their order; retired ones too."""
    sql = Sql(connection)
    rows = sql.all(_COUNTERS, {"centre": centre})
    sql.close()
    return {int(number): str(name) for number, name in rows}
