"""Sums by copies, sums by rows and a count by hand are the same after every change; and what is erased goes on counting.

The count by hand (`tests.support.recount`) knows nothing of the server's rules. Days made up by chance hold tickets passed on, merged, taken back and left open, taps handed over
late, sittings nobody ended, both nights on which the clock is changed, and visitors who come before midnight and are served after it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from server.clock import to_micros
from server.domain.access import Actor
from server.domain.spans import Kind, Span, span_of
from server.jobs import summing
from server.jobs.erasing_days import erase_day
from server.live.sums import read_series
from server.store.database import Database, open_database
from server.store.sql import Sql
from server.store.tx import Tx
from tests.support.days_made_up import MOVES, WEIGHED, World
from tests.support.house import fill
from tests.support.recount import Recount, Rows, as_told, recount

CENTRE = 1
DAYS = {
    "an ordinary month, over": [date(2026, 5, 30), date(2026, 5, 31), date(2026, 6, 4)],
    "the clock is put on": [date(2026, 3, 28), date(2026, 3, 29), date(2026, 4, 1)],
    "the clock is put back": [date(2026, 10, 25), date(2026, 10, 26), date(2026, 11, 2)],
    "this month": [date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3)],
}


def now_of(days: list[date]) -> datetime:
    return datetime(days[-1].year, days[-1].month, days[-1].day, 22, 50, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Database:
    """With two centres, of which the first is tried: what happens at the other must not be told."""
    database = open_database(database_url)
    with database.writing() as session:
        fill(session)
        fill(session, "saffron", "S")
    return database


def tx_on(connection: Connection, now: datetime) -> Tx:
    return Tx(Sql(connection), Actor(kind="system", centre=CENTRE), to_micros(now))


def sum_up(connection: Connection, now: datetime) -> None:
    """Every copy that is missing, as the job makes them."""
    tx = tx_on(connection, now)
    missing = summing.missing_days(connection, centre=CENTRE, now=tx.now)
    while missing:
        missing = missing[summing._make_days(tx, days=missing) :]
    for month in summing.missing_months(connection, centre=CENTRE, now=tx.now):
        assert summing._make_month(tx, month=month) == 1


class Check:
    """What was erased so far, and whether all that is told is right."""

    def __init__(self, world: World, now: datetime) -> None:
        self.world, self.now = world, now
        self.kept: list[tuple[date, Recount]] = []
        first = span_of(Kind.MONTH, world.days[0])
        self.spans = [*(Span(on, on) for on in world.days), Span(world.days[0], world.days[-1]), first]

    def all_right(self) -> None:
        connection = self.world.connection
        told = read_series(connection, CENTRE, self.spans, to_micros(self.now))
        (only,) = read_series(connection, CENTRE, self.spans[-1:], to_micros(self.now), counts_only=True)
        assert only.counts == told[-1].counts
        rows = Rows(connection, CENTRE)
        for span, sums in zip(self.spans, told, strict=True):
            counted = recount(rows, span.each_day(), self.now)
            for on, kept in self.kept:
                if on in span:
                    counted.counts.update(kept.counts)
                    for key, took in kept.took.items():
                        counted.took[key].extend(took)
            assert as_told(sums) == counted.as_told(), span

    def erase(self, on: date) -> None:
        """By the house itself; what a count by hand makes of the rows before and after is what must be kept."""
        connection, world = self.world.connection, self.world
        before = recount(Rows(connection, CENTRE), [on], self.now)
        world.all_went(on)
        erase_day(tx_on(connection, self.now), on)
        world.forget()
        after = recount(Rows(connection, CENTRE), [on], self.now)
        kept = Recount()
        kept.counts = Counter(before.counts)
        kept.counts.subtract(after.counts)
        for key, took in before.took.items():
            kept.took[key] = list((Counter(took) - Counter(after.took[key])).elements())
        self.kept.append((on, kept))


CHANGES = st.lists(st.sampled_from((*WEIGHED, *["sum_up"] * 10, "erase")), min_size=20, max_size=70)


def test_copies_rows_and_counting_by_hand_agree_after_every_change(database: Database) -> None:
    on_postgres = not database.is_sqlite

    @settings(
        max_examples=8 if on_postgres else 40,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a smaller example takes minutes to find, and the moves are told anyway
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(CHANGES, st.sampled_from(sorted(DAYS)), st.randoms(use_true_random=False))
    def agree(changes: list[str], when: str, chance: Random) -> None:
        days = DAYS[when]
        with database.writer.connect() as connection, connection.begin() as transaction:
            world = World(connection, CENTRE, days, chance)
            check = Check(world, now_of(days))
            for change in changes:
                if change == "sum_up":
                    sum_up(connection, check.now)
                elif change == "erase":
                    check.erase(world.one_of(days[:-1]))
                elif change != "hide_service" or not check.kept:
                    MOVES[change](world)
            check.all_right()
            sum_up(connection, check.now)
            check.all_right()
            transaction.rollback()

    agree()
    database.close()


EVERYTHING = (
    *("visits", "visits/left", "visitors", "visits/channel", "visits/language", "visits/need"),
    *(
        "visits/half",
        "visits/weekday",
        "ticket/advice",
        "ticket/appointment",
        "ticket/advice/left",
        "service",
    ),
    *("service/left", "tap/telephone/tap", "tap/half", "tap/weekday", "help", "help/solved"),
    *("help/avoidable", "called", "served", "no_show", "cancelled", "left_parked"),
    *("transferred", "reopened", "inaccurate", "outcome/resolved", "outcome/none", "avoidable/chasing"),
    *("again", "first_time", "booking/kept", "booking/late", "booking/missed", "booking/cancelled"),
    *("counter/open", "counter/busy", "counter/break", "counter/inaccurate", "said/score", "said/way/exit"),
    *(
        "said/reason/wait",
        "said/language/en",
        "said/service",
        "estimate/told",
        "estimate/within",
        "estimate/early",
    ),
    *("estimate/bias", "wait/booked", "wait/late", "wait/walk_in", "wait/half", "walk"),
    *("serve", "park"),
)


def test_long_days_on_which_everything_happens_are_told_rightly(database: Database) -> None:
    """Many visits at once, and days erased twice: what a short example seldom reaches."""
    days, reached = DAYS["the clock is put back"], set[str]()
    with database.writer.connect() as connection, connection.begin() as transaction:
        world = World(connection, CENTRE, days, Random(5))
        check = Check(world, now_of(days))
        for number in range(1, 1_201):
            MOVES[
                world.one_of(
                    WEIGHED if not check.kept else [name for name in WEIGHED if name != "hide_service"]
                )
            ](world)
            if number % 150 == 0:
                sum_up(connection, check.now)
                check.all_right()
                keys = read_series(connection, CENTRE, check.spans, to_micros(check.now))[-2].document()
                reached |= {key for part in keys.values() for key in part}
            if number in (600, 900):
                check.erase(days[0])
                check.all_right()
        transaction.rollback()
    database.close()
    steps = {"/".join(step for step in key.split("/") if not step.isdecimal()) for key in reached}
    short = {step.rsplit("/", 1)[0] for step in steps} | steps
    assert [each for each in EVERYTHING if each not in short] == []


def test_years_before_the_house_was_opened_are_not_asked_for_day_by_day(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    days, asked = DAYS["an ordinary month, over"], list[object]()
    ten_years = Span(date(2016, 1, 1), date(2025, 12, 31))
    really = Sql.all

    def heard(sql: Sql, *said: Any) -> Any:
        asked.append(said)
        return really(sql, *said)

    monkeypatch.setattr(Sql, "all", heard)
    with database.writer.connect() as connection, connection.begin() as transaction:
        world = World(connection, CENTRE, days, Random(1))
        for _ in range(20):
            MOVES["come"](world)
        before, lately = read_series(
            connection, CENTRE, [ten_years, Span(days[0], days[-1])], to_micros(now_of(days))
        )
        transaction.rollback()
    database.close()
    assert not before.counts
    assert lately.count("visits") == 20
    assert len(asked) < 40, "a look at each span, and not at each two months of ten years"
