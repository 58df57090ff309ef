"""Years of days that never were: plausible, the same for the same seed, and readable by everything that reads a centre."""

from __future__ import annotations

from collections import Counter
from datetime import date
from statistics import mean
from typing import Any

import pytest
from sqlalchemy import text

from demo.years import make_years
from server.store.database import open_database

FIRST, LAST = date(2026, 10, 5), date(2026, 11, 1)
"""Four weeks, with the day on which the clock is changed."""


def _made(url: str, **more: int) -> dict[str, list[tuple[Any, ...]]]:
    asked: dict[str, Any] = {"centres": 2, "seed": 3, **more}
    make_years(url, first=FIRST, last=LAST, visits=40.0, **asked)
    database = open_database(url)
    with database.reading() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(text(statement))]
            for name, statement in {
                "visits": "SELECT centre_id, arrived_on, COUNT(*) FROM visit GROUP BY centre_id, arrived_on ORDER BY 1, 2",
                "tickets": "SELECT state, arrived_at, first_called_at, served_at, ended_at, left_open FROM ticket ORDER BY id",
                "fit": "SELECT COUNT(*) FROM ticket t JOIN visit v ON v.id = t.visit_id AND v.centre_id = t.centre_id",
                "seats": "SELECT since_at, until_at FROM seat",
                "tallies": "SELECT activity, COUNT(*) FROM tally GROUP BY activity",
            }.items()
        }
    database.close()
    return found


@pytest.mark.usefixtures("database_url")
def test_days_are_plausible_and_hang_together(database_url: str) -> None:
    made = _made(database_url)
    tickets = made["tickets"]
    assert len(tickets) > 1500
    assert made["fit"] == [(len(tickets),)]
    states = Counter(str(row[0]) for row in tickets)
    assert set(states) == {"finished", "no_show", "cancelled", "transferred"}
    assert states["finished"] > 0.8 * len(tickets)
    for _, arrived, called, served, ended, _open in tickets:
        times = [each for each in (arrived, called, served, ended) if each is not None]
        assert times == sorted(times)
    waits = [(row[2] - row[1]) / 60e6 for row in tickets if row[2] is not None]
    assert 2 < mean(waits) < 40
    assert all(since < until for since, until in made["seats"])
    assert {name for name, _ in made["tallies"]} >= {"scan_station", "telephone", "door_help"}
    assert len({row[1] for row in made["visits"]}) == 20, "every weekday of four weeks"


def test_the_same_seed_makes_the_same_days(tmp_path: object) -> None:
    one, two, other = (
        _made(f"sqlite:///{tmp_path}/{name}.db", centres=1, seed=seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one == two
    assert one != other
