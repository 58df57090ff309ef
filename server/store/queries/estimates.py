"""The ranges of waiting that were told: writing them down, and how they turned out lately, day by day.

How one range is judged is `server.domain.scoring`; the statement says the same again (a test holds them together), because
every few minutes the ranges of four weeks are looked through, and the database does that without holding up anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from server.domain.scoring import Given, Tally
from server.store.sql import Sql, Statement, iso_date

_WRITE = Statement(
    """INSERT INTO given_estimate (ticket_id, step, centre_id, service_id, given_on, at, low_seconds, high_seconds, middle_seconds, told)
    SELECT t.id, :step, t.centre_id, :service, v.arrived_on, :at, :low, :high, :middle, :told
    FROM ticket t JOIN visit v ON v.id = t.visit_id WHERE t.id = :ticket AND t.centre_id = :centre ON CONFLICT DO NOTHING"""
)
"""Of the visit's day, so that a visit that goes on past midnight stands in one day's sums with everything that came of it."""
_BY_DAY = Statement(
    """SELECT e.service_id, e.given_on, COUNT(t.id),
    SUM(CASE WHEN t.first_called_at - e.at BETWEEN CAST(e.low_seconds AS BIGINT) * 1000000 AND CAST(e.high_seconds AS BIGINT) * 1000000 THEN 1 ELSE 0 END),
    COUNT(DISTINCT t.id), MAX(CASE WHEN e.told THEN e.at END), MAX(CASE WHEN e.told THEN NULL ELSE e.at END)
    FROM given_estimate e LEFT JOIN ticket t ON t.id = e.ticket_id AND t.first_called_at >= e.at
    WHERE e.centre_id = :centre AND e.given_on >= :first AND e.given_on <= :last
    GROUP BY e.service_id, e.given_on ORDER BY e.given_on, e.service_id"""
)


class DayOfEstimates(NamedTuple):
    """How the ranges of one service turned out on one day, told or held back; when the last of either was worked out (microseconds)."""

    service: int
    day: date
    tally: Tally
    told_at: int | None
    held_at: int | None


def write(sql: Sql, centre: int, ticket: str, step: int, service: int, given: Given) -> None:
    """One range, unless it is there: by another server on the same database, or by this one before it fell."""
    values = {
        "centre": centre,
        "ticket": ticket,
        "step": step,
        "service": service,
        "at": given.at,
        "low": given.low_seconds,
        "high": given.high_seconds,
        "middle": given.middle_seconds,
        "told": given.told,
    }
    sql.run(_WRITE, values)


def by_day(sql: Sql, centre: int, first: date, last: date) -> list[DayOfEstimates]:
    """From `first` to `last`, a row for each service and day on which anything was told or held back."""
    values = {"centre": centre, "first": first.isoformat(), "last": last.isoformat()}
    return [
        DayOfEstimates(
            row[0],
            date.fromisoformat(iso_date(row[1])),
            Tally(int(row[2]), int(row[3] or 0), int(row[4]), 1 if row[2] else 0),
            row[5],
            row[6],
        )
        for row in sql.all(_BY_DAY, values)
    ]


def together(days: Iterable[DayOfEstimates]) -> Tally:
    """A ticket's ranges are all of one day, so its days add up."""
    tallies = [each.tally for each in days]
    return Tally(*(sum(column) for column in zip(*tallies, strict=True))) if tallies else Tally(0, 0, 0, 0)
