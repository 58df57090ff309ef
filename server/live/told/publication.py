"""What the topic "For publication" tells: the sums of the council year's months that are over, read once, and the rules applied to all of them."""

from __future__ import annotations

from sqlalchemy import Connection

from server.domain import publishing
from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.telling import publication
from server.domain.telling.publication import Offered
from server.live.sums import read_series, services_named
from server.store.sql import Sql, Statement
from wire.vocabulary import Activity

_ACTIVITIES = Statement("SELECT id, activity FROM service WHERE centre_id = :centre")


def read(connection: Connection, centre: int, asked: Asked) -> list[Figure]:
    """Nothing of a time that may not be published (`publishing.why_not`)."""
    if publishing.why_not(asked.span, asked.today):
        return []
    months = publishing.months_over(asked.span, asked.today)
    sql = Sql(connection)
    activities = {
        int(service): Activity(activity) for service, activity in sql.all(_ACTIVITIES, {"centre": centre})
    }
    sql.close()
    named = services_named(connection, centre).named
    offered = {service: Offered(name, activities[service]) for service, name in named.items()}
    return publication.figures(asked.span, read_series(connection, centre, months, asked.now), offered)
