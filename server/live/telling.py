"""What can be told in figures: every topic by its slug, so that whoever shows or exports one need not know how it is made.

A topic's `read` looks at the database through one connection and answers its figures, in the order in which a page shows them. Pages, files, reports and
the API all call this and nothing else. Who may read a topic is its `rule`; the routes say the same again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from server.domain.access import MANAGERS, Rule
from server.domain.asked import Asked
from server.domain.figure import Figure
from server.live.told import centres, estimates, footfall, publication, satisfaction, staffing, waits, why
from server.store.sql import Sql, Statement
from wire.vocabulary import Role


class Read(Protocol):
    def __call__(self, connection: Connection, centre: int, asked: Asked) -> list[Figure]: ...


@dataclass(frozen=True)
class Topic:
    """`slug` names its page (`/figures/<slug>`), its files and its place in the API."""

    slug: str
    title: str
    read: Read
    rule: Rule = MANAGERS
    of_all: bool = False
    """Told of all centres asked for together, so once in a report and not once a centre."""
    of_a_day: bool = False
    """Told of one day, however long the time asked for."""


TOPICS: Mapping[str, Topic] = {
    topic.slug: topic
    for topic in (
        Topic("footfall", "Footfall", footfall.read),
        Topic("waits", "Waits and service", waits.read),
        Topic("why", "Why people came", why.read),
        Topic("satisfaction", "Satisfaction", satisfaction.read),
        Topic("centres", "Centres side by side", centres.read, of_all=True),
        Topic("publication", "For publication", publication.read),
        Topic("estimates", "How right our waits are", estimates.read),
        Topic("staffing", "Staffing", staffing.read, of_a_day=True),
    )
}

_CENTRES = Statement(
    """SELECT c.id, c.name FROM staff_role r JOIN centre c ON c.id = r.centre_id
    WHERE r.staff_id = :staff AND r.role = :role ORDER BY c.name, c.id"""
)


def centres_of(connection: Connection, staff: int) -> tuple[tuple[int, str], ...]:
    """The centres whose figures this person may read, with their names: those where they are manager, and no others."""
    sql = Sql(connection)
    rows = sql.all(_CENTRES, {"staff": staff, "role": Role.MANAGER.value})
    sql.close()
    return tuple((int(each[0]), str(each[1])) for each in rows)
