"""With years of tickets, taps and door counts a day costs what the day holds: every statement of counting is an index look-up by centre and day.

The plans are SQLite's own, without statistics, as in a centre that never ran ANALYZE; and a day is read, and a tap made, with 200,000 tickets there.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from server.actions import counting, door, past
from server.live.figures import read_figures
from server.store.queries import counts
from server.store.sql import Statement
from server.store.tx import Tx
from tests.support.house import TUESDAY, Rehearsal
from wire import asks
from wire.vocabulary import Activity, new_id

GROWING = ("ticket", "visit", "tally", "past_count", "door_count")
STATEMENTS = [
    pytest.param(statement, id=f"{room.__name__}.{name}")
    for room in (counts, counting, door, past)
    for name, statement in vars(room).items()
    if isinstance(statement, Statement)
]
_TOUCHES = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+) \(([^)]*)\))?")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_grows_is_found_by_day_or_by_id(statement: Statement, sqlite_template: Path) -> None:
    text = statement.sqlite
    values = dict.fromkeys(re.findall(r"(?<![:\w]):([a-z_]\w*)", text), 1)
    aliases = {
        alias: table for table, alias in re.findall(r"(?:FROM|JOIN|UPDATE) (\w+)(?: (?:AS )?(\w))?\b", text)
    }
    with closing(sqlite3.connect(f"file:{sqlite_template}?mode=ro", uri=True)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    for line in plan:
        for how, alias, index, columns in _TOUCHES.findall(line):
            if aliases.get(alias, alias) not in GROWING:
                continue
            assert how == "SEARCH", plan
            assert not index or " AND " in columns or "centre_id=?" not in columns, plan


_FILL = f"""
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199999)
INSERT INTO visit (id, centre_id, arrived_on, code, language, needs, discreet, channel, follow_hash, arrived_at, ended_at, people)
SELECT printf('%032x', i), 1, date('2026-11-24', '-' || (1 + i / 200) || ' days'), 'K' || (i % 200 + 10), 'en', '[]', 0, 'kiosk',
printf('%064x', i), {int(TUESDAY.timestamp()) * 1_000_000}, 1, 1 FROM n
"""
_TICKETS = """
INSERT INTO ticket (id, visit_id, centre_id, service_id, state, ticket_class, arrived_at, counts_from, calls, served_at, ended_at, paper, copies,
quick, counted) SELECT id, id, 1, 1 + (CAST(substr(code, 2) AS INTEGER) % 3), 'finished', 'ordinary', arrived_at, arrived_at, 1, 1, 1, 'confirmed', 0, 0, 1
FROM visit
"""
_TALLIES = f"""
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199999)
INSERT INTO tally (id, centre_id, activity, source, counted_on, at, entered_at, people, reason)
SELECT printf('%032x', i + 1000000), 1, 'telephone', 'tap', date('2026-11-24', '-' || (1 + i / 200) || ' days'),
{int(TUESDAY.timestamp()) * 1_000_000}, 1, 1, '' FROM n
"""


async def test_a_day_and_a_tap_cost_the_same_after_years(rehearsal: Rehearsal) -> None:
    house = rehearsal.house
    if not house.database.is_sqlite:
        return  # the plans above are SQLite's; PostgreSQL has statistics

    def fill(tx: Tx) -> None:
        for statement in (_FILL, _TICKETS, _TALLIES):
            tx.sql.run(Statement(statement))

    await house.change(rehearsal.people["ada"], "fill", fill)
    centre, day, now = (
        rehearsal.people["greta"].centre,
        TUESDAY.date() - timedelta(days=3),
        rehearsal.clock.micros(),
    )
    begun = time.perf_counter()
    seen = await house.look(lambda c: read_figures(c, centre, "York House", day, day, now))
    reading = time.perf_counter() - begun
    assert (seen.visits.visits, seen.total) == (200, 400)
    taps = 100
    begun = time.perf_counter()
    for _ in range(taps):
        await rehearsal.ask("greta", asks.Count(tally=new_id(), activity=Activity.FORMS))
    tapping = (time.perf_counter() - begun) / taps
    begun = time.perf_counter()
    year = await house.look(
        lambda c: read_figures(c, centre, "York House", day - timedelta(days=364), day, now)
    )
    whole = time.perf_counter() - begun
    assert year.total == 365 * 400
    print(f"a day {reading * 1000:.1f} ms, a tap {tapping * 1000:.2f} ms, a year {whole:.2f} s")
    assert reading < 0.25
    assert tapping < 0.05
    assert whole < 15
