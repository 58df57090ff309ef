"""Which life of the house this database is in (`server.domain.life`)."""

from __future__ import annotations

from server.domain.life import Life
from server.store.sql import Sql, Statement

JOURNALS = "journals"
"""The name of the key that kiosks' keys are made of, among the house's keys."""

_LATEST = Statement(
    f"""SELECT l.number, l.secret, l.known_until, l.why, l.began_at, k.secret FROM house_life l, house_key k
    WHERE k.name = '{JOURNALS}' ORDER BY l.number DESC LIMIT 1"""
)


def present_life(sql: Sql) -> Life | None:
    """None before the first start."""
    row = sql.one(_LATEST)
    if row is None:
        return None
    return Life(
        id=f"{row[0]}-{row[1]}",
        number=row[0],
        known_until=row[2],
        restored_at=None if row[3] == "new" else row[4],
        secret=row[5],
    )
