"""What visitors told the council, read for figures and for what needs somebody: how much is late now, and when the centre does not work."""

from __future__ import annotations

from datetime import date, timedelta

from server.store.sql import Sql, Statement, iso_date

_CLOSURES = Statement(
    """SELECT first_on, last_on FROM closure WHERE centre_id = :centre AND service_id IS NULL AND last_on >= :since
    AND first_on <= :until"""
)
_LATE = Statement(
    """SELECT COUNT(*), MIN(CASE WHEN acknowledged_at IS NULL AND acknowledge_due_on IS NOT NULL THEN acknowledge_due_on
    ELSE answer_due_on END) FROM said WHERE centre_id = :centre AND ended_at IS NULL AND (answer_due_on < :today
    OR (acknowledged_at IS NULL AND acknowledge_due_on < :today))"""
)
AHEAD = timedelta(days=400)


def closures(sql: Sql, centre: int, since: date) -> list[tuple[date, date]]:
    """Of the whole centre, from `since` on for more than a year."""
    days = {"since": since.isoformat(), "until": (since + AHEAD).isoformat()}
    return [
        (date.fromisoformat(iso_date(first)), date.fromisoformat(iso_date(last)))
        for first, last in sql.all(_CLOSURES, {"centre": centre, **days})
    ]


def late(sql: Sql, centre: int, today: date) -> tuple[int, date | None]:
    """How many promises are broken now, and since which day the oldest was due."""
    found = sql.one(_LATE, {"centre": centre, "today": today.isoformat()})
    if found is None or not found[0]:
        return 0, None
    return int(found[0]), date.fromisoformat(iso_date(found[1]))
