"""Which services' ranges are wrong too often to be told, worked out from what was told in the last four weeks.

Whether a service is held back now is not kept anywhere: the last range that was written down of it says so, so that a server that starts anew, or a second
one on the same database, goes on as the one before.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from server.domain.scoring import LATELY_DAYS, SHORT_DAYS, Tally, doubtful, proves
from server.store.queries import estimates
from server.store.sql import Sql


class Standing(NamedTuple):
    """How the ranges of one service turned out lately: in the last four weeks, in the last week; and whether they are held back."""

    service: int
    lately: Tally
    short: Tally
    held: bool

    @property
    def proved(self) -> bool:
        """Whether there are enough of them to judge by."""
        return proves(self.lately)


def standings(connection: Connection, centre: int, today: date) -> tuple[Standing, ...]:
    """Of every service of which anything was told or held back lately, by its id."""
    sql = Sql(connection)
    days = estimates.by_day(sql, centre, today - timedelta(days=LATELY_DAYS - 1), today)
    sql.close()
    found = []
    for service in sorted({each.service for each in days}):
        of_it = [each for each in days if each.service == service]
        told_at = max((each.told_at for each in of_it if each.told_at is not None), default=0)
        held_at = max((each.held_at for each in of_it if each.held_at is not None), default=0)
        lately = estimates.together(of_it)
        since = today - timedelta(days=SHORT_DAYS - 1)
        short = estimates.together(each for each in of_it if each.day >= since)
        found.append(Standing(service, lately, short, doubtful(lately, short, held_at > told_at)))
    return tuple(found)
