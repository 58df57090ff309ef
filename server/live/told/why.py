"""What the page Why people came tells."""

from __future__ import annotations

from sqlalchemy import Connection

from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.telling import avoidable, why
from server.live.told.reading import offered_at, read_compared


def read(connection: Connection, centre: int, asked: Asked) -> list[Figure]:
    offered, told = offered_at(connection, centre), read_compared(connection, centre, asked).compared
    first, *rest = why.figures(told, offered)
    return [first, *avoidable.figures(told, offered), *rest]
