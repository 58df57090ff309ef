"""Copies of sums: reading, making and keeping them. What they are and who lets go of them is said in `server.store.triggers`.

A day has up to two parts: `made` from rows that are there, and `kept` of rows that were erased because they were due. A month has one, both parts of all its days together, and is
there only where each of its days has been made.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import orjson

from server.clock import from_micros
from server.domain.sums import Sums, from_document, together
from server.store.queries.summing import begins_at
from server.store.sql import Sql, Statement, iso_date
from server.store.triggers import LOCK
from server.store.tx import Tx

MADE, KEPT = "made", "kept"
ONE_DAY = timedelta(days=1)

_DAYS = Statement(
    "SELECT day, part, CAST(sums AS TEXT) FROM day_sum WHERE centre_id = :centre AND day >= :first AND day <= :last"
)
_KEPT_DAYS = Statement(
    "SELECT day, CAST(sums AS TEXT) FROM day_sum WHERE centre_id = :centre AND day >= :first AND day <= :last AND part = 'kept'"
)
_MADE_DAYS = Statement(
    "SELECT day FROM day_sum WHERE centre_id = :centre AND day >= :first AND day <= :last AND part = 'made'"
)
_MONTHS = Statement(
    "SELECT month, CAST(sums AS TEXT) FROM month_sum WHERE centre_id = :centre AND month >= :first AND month <= :last"
)
_HOLD = Statement("SELECT pg_advisory_xact_lock(CAST(:lock AS INTEGER), CAST(:centre AS INTEGER))")
_MADE_MONTHS = Statement("SELECT month FROM month_sum WHERE centre_id = :centre")
_ADD_DAY = Statement(
    """INSERT INTO day_sum (centre_id, day, part, begins_at, ends_at, sums, made_at)
    VALUES (:centre, :day, :part, :begins_at, :ends_at, :sums, :at) ON CONFLICT DO NOTHING"""
)
_KEPT = Statement(
    "SELECT CAST(sums AS TEXT) FROM day_sum WHERE centre_id = :centre AND day = :day AND part = 'kept'"
)
_CHANGE_KEPT = Statement(
    "UPDATE day_sum SET sums = :sums, made_at = :at WHERE centre_id = :centre AND day = :day AND part = 'kept'"
)
_ADD_MONTH = Statement(
    "INSERT INTO month_sum (centre_id, month, sums, made_at) VALUES (:centre, :month, :sums, :at) ON CONFLICT DO NOTHING"
)


def days_of(
    sql: Sql, centre: int, first: date, last: date, counts_only: bool = False
) -> tuple[dict[date, Sums], dict[date, Sums]]:
    """The copies of days that are there: made, and kept."""
    made: dict[date, Sums] = {}
    kept: dict[date, Sums] = {}
    for day, part, sums in sql.all(_DAYS, _span(centre, first, last)):
        (made if part == MADE else kept)[_date(day)] = parse(sums, counts_only)
    return made, kept


def kept_of(sql: Sql, centre: int, first: date, last: date) -> dict[date, Sums]:
    """What is left of erased rows, by day: for whoever reads the rest from the rows that are there."""
    return {_date(day): parse(sums) for day, sums in sql.all(_KEPT_DAYS, _span(centre, first, last))}


def made_days(sql: Sql, centre: int, first: date, last: date) -> set[date]:
    """Which days have a copy made from their rows."""
    return {_date(record[0]) for record in sql.all(_MADE_DAYS, _span(centre, first, last))}


def months_of(sql: Sql, centre: int, first: date, last: date, counts_only: bool = False) -> dict[date, Sums]:
    """The copies of whole months that are there, by first day, of those that begin from `first` to `last`."""
    return {
        _date(month): parse(sums, counts_only) for month, sums in sql.all(_MONTHS, _span(centre, first, last))
    }


def hold(sql: Sql, centre: int) -> None:
    """Until the end of the transaction nobody changes what this centre's sums are made of. Before the rows of a copy are read; on SQLite whoever writes does so alone anyway."""
    if sql.is_postgresql:
        sql.one(_HOLD, {"centre": centre, "lock": LOCK})


def add_day(sql: Sql, centre: int, on: date, zone: ZoneInfo, sums: Sums, at: int) -> None:
    """Keep a copy of a day that is over. The caller holds (`hold`) since before it read the day's rows."""
    values = {
        "centre": centre,
        "day": on.isoformat(),
        "part": MADE,
        "begins_at": begins_at(on, zone),
        "ends_at": begins_at(on + ONE_DAY, zone),
        "sums": written(sums),
        "at": at,
    }
    sql.run(_ADD_DAY, values)


def add_month(sql: Sql, centre: int, month: date, sums: Sums, at: int) -> None:
    """Keep a copy of a month, all of whose days have one."""
    sql.run(_ADD_MONTH, {"centre": centre, "month": month.isoformat(), "sums": written(sums), "at": at})


_FIRST_DAYS = (
    Statement("SELECT MIN(arrived_on) FROM visit WHERE centre_id = :centre"),
    Statement("SELECT MIN(counted_on) FROM tally WHERE centre_id = :centre"),
    Statement("SELECT MIN(given_on) FROM feedback WHERE centre_id = :centre"),
    Statement("SELECT MIN(day) FROM day_sum WHERE centre_id = :centre"),
)
_FIRST_MOMENTS = (
    Statement("SELECT MIN(since_at) FROM seat WHERE centre_id = :centre"),
    Statement("SELECT MIN(starts_at) FROM booking WHERE centre_id = :centre AND state = 'cancelled'"),
    Statement(
        "SELECT MIN(held_until) FROM booking WHERE centre_id = :centre AND state <> 'cancelled' AND state = 'missed'"
    ),
)


def first_month(sql: Sql, centre: int, zone: ZoneInfo) -> date | None:
    """The first day of the earliest month that there is anything of; None where there is nothing yet."""
    on = [
        _date(found[0]) for each in _FIRST_DAYS if (found := sql.one(each, {"centre": centre})) and found[0]
    ]
    for each in _FIRST_MOMENTS:
        found = sql.one(each, {"centre": centre})
        if found and found[0] is not None:
            on.append(from_micros(found[0]).astimezone(zone).date() - ONE_DAY)
    return min(on).replace(day=1) if on else None


def months_made(sql: Sql, centre: int) -> set[date]:
    """The months that have a copy."""
    return {_date(record[0]) for record in sql.all(_MADE_MONTHS, {"centre": centre})}


# What is left of erased rows -------------------------------------------------------------------------------------------


def keep_sums(tx: Tx, centre: int, on: date, erased: Sums) -> None:
    """Add what erased rows counted for to what is kept of their day."""
    values = {"centre": centre, "day": on.isoformat(), "at": tx.now}
    record = tx.sql.one(_KEPT, values)
    if record is None:
        whole = {"part": KEPT, "begins_at": None, "ends_at": None, "sums": written(erased)}
        tx.sql.run(_ADD_DAY, {**values, **whole})
    else:
        tx.sql.run(_CHANGE_KEPT, {**values, "sums": written(together((parse(record[0]), erased)))})


def parse(sums: str, counts_only: bool = False) -> Sums:
    """Sums as they stand in the database."""
    return from_document(orjson.loads(sums), counts_only)


def written(sums: Sums) -> str:
    return orjson.dumps(sums.document()).decode()


def _span(centre: int, first: date, last: date) -> dict[str, object]:
    return {"centre": centre, "first": first.isoformat(), "last": last.isoformat()}


def _date(value: object) -> date:
    return date.fromisoformat(iso_date(value))
