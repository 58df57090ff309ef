"""Copies of sums are made of days that are over and of no other, a little at a time, in the lane; and what changes meanwhile is never told wrongly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, text

from server.clock import to_micros
from server.domain.access import Actor
from server.jobs import summing
from server.live.sums import read_sums
from tests.support.house import TUESDAY, Rehearsal
from wire import asks
from wire.vocabulary import Activity, Outcome, new_id

FIRST = date(2026, 11, 24)


def copies(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute(text("SELECT day, part FROM day_sum WHERE centre_id = 1 ORDER BY day"))
    return [(str(row.day), row.part) for row in rows]


def months(connection: Connection) -> list[str]:
    return [str(row[0]) for row in connection.execute(text("SELECT month FROM month_sum ORDER BY month"))]


async def a_day(rehearsal: Rehearsal) -> None:
    """Somebody is served, somebody waits, and a tap is made."""
    await rehearsal.sit()
    for _ in range(2):
        await rehearsal.issue()
    called = await rehearsal.ask("ann", asks.CallNext())
    rehearsal.clock.go(minutes=1)
    await rehearsal.ask("ann", asks.Arrive(ticket=called["ticket"]))
    rehearsal.clock.go(minutes=9)
    await rehearsal.ask("ann", asks.Finish(ticket=called["ticket"], outcome=Outcome.RESOLVED))
    await rehearsal.ask("greta", asks.Count(tally=new_id(), activity=Activity.TELEPHONE))
    rehearsal.clock.go(minutes=1)


async def told(rehearsal: Rehearsal, on: date = FIRST) -> dict[str, int]:
    now = rehearsal.clock.micros()
    sums = await rehearsal.house.look(partial(read_sums, centre=1, first=on, last=on, now=now))
    return dict(sums.counts)


async def test_today_has_no_copy_and_yesterday_has_one_in_the_small_hours(rehearsal: Rehearsal) -> None:
    await a_day(rehearsal)
    today = await told(rehearsal)
    assert (today["visits"], today["served/1"], today["tap/telephone/tap"]) == (2, 1, 1)
    await summing.sum_up(rehearsal.house, rest=0)
    before = [str(FIRST - timedelta(days=back)) for back in range(23, 0, -1)]
    assert await rehearsal.house.look(copies) == [(on, "made") for on in before], (
        "the days of the month before it"
    )
    rehearsal.clock.set(datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    await summing.sum_up(rehearsal.house, rest=0)
    assert (str(FIRST), "made") not in await rehearsal.house.look(copies), "stragglers may still come"
    rehearsal.clock.set(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    assert await summing.sum_up(rehearsal.house, rest=0) == 1
    assert (str(FIRST), "made") in await rehearsal.house.look(copies)
    again = await told(rehearsal)
    assert (again["visits"], again["served/1"], again["tap/telephone/tap"]) == (2, 1, 1)


async def test_what_is_corrected_afterwards_is_told_at_once_and_copied_again(rehearsal: Rehearsal) -> None:
    await a_day(rehearsal)
    rehearsal.clock.set(datetime(2026, 11, 26, 9, 0, tzinfo=UTC))
    assert await summing.sum_up(rehearsal.house, rest=0) == 25
    assert await summing.sum_up(rehearsal.house, rest=0) == 0, "nothing is missing any more"

    def tapped(connection: Connection) -> str:
        return str(connection.execute(text("SELECT id FROM tally")).scalar_one())

    tally = await rehearsal.house.look(tapped)
    wrong = asks.Recount(tally=tally, activity=Activity.FORMS, new=new_id(), reason="It was a form")
    await rehearsal.ask("mia", wrong)
    assert (str(FIRST), "made") not in await rehearsal.house.look(copies)
    now = await told(rehearsal)
    assert (now.get("tap/telephone/tap"), now["tap/forms/tap"]) == (None, 1)
    assert await summing.sum_up(rehearsal.house, rest=0) == 1
    assert await told(rehearsal) == now


async def test_a_month_is_copied_when_it_is_over_and_each_of_its_days_is(rehearsal: Rehearsal) -> None:
    await a_day(rehearsal)
    rehearsal.clock.set(datetime(2026, 11, 30, 12, 0, tzinfo=UTC))
    await summing.sum_up(rehearsal.house, rest=0)
    assert await rehearsal.house.look(months) == []
    rehearsal.clock.set(datetime(2026, 12, 1, 12, 0, tzinfo=UTC))
    await summing.sum_up(rehearsal.house, rest=0)
    assert await rehearsal.house.look(months) == ["2026-11-01"]
    now = to_micros(datetime(2026, 12, 1, 12, 0, tzinfo=UTC))
    november = partial(read_sums, centre=1, first=date(2026, 11, 1), last=date(2026, 11, 30), now=now)
    assert (await rehearsal.house.look(november)).count("visits") == 2


async def test_a_change_between_looking_and_making_leaves_no_copy_of_what_was(rehearsal: Rehearsal) -> None:
    """What is missing is looked up outside the lane; what a copy is made of is read inside, where nothing else happens meanwhile."""
    await a_day(rehearsal)
    rehearsal.clock.set(datetime(2026, 12, 1, 12, 0, tzinfo=UTC))
    house, now = rehearsal.house, rehearsal.clock.micros()
    days = await house.look(partial(summing.missing_days, centre=1, now=now))
    await house.change(
        Actor(kind="system", centre=1),
        "late",
        lambda tx: tx.sql.connection.execute(text("UPDATE visit SET people = 3")),
    )
    while days:
        done = await house.change(
            Actor(kind="system", centre=1), "sum_up", partial(summing._make_days, days=days)
        )
        days = days[done:]
    months_missing = await house.look(partial(summing.missing_months, centre=1, now=now))
    assert months_missing == [date(2026, 11, 1)]
    await house.change(
        Actor(kind="system", centre=1),
        "late",
        lambda tx: tx.sql.connection.execute(text("UPDATE visit SET people = 4")),
    )
    make = partial(summing._make_month, month=date(2026, 11, 1))
    assert await house.change(Actor(kind="system", centre=1), "sum_up", make) == 0, "a day of it is gone"
    assert (await told(rehearsal))["visitors"] == 8


async def test_a_long_backfill_goes_in_portions_and_says_how_far_it_is(
    rehearsal: Rehearsal, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_day(rehearsal)
    portions: list[int] = []
    made = summing._make_days

    def counted(*args: Any, **values: Any) -> int:
        portions.append(made(*args, **values))
        return portions[-1]

    monkeypatch.setattr(summing, "_make_days", counted)
    monkeypatch.setattr(summing, "PORTION_SECONDS", 0.0)
    monkeypatch.setattr(summing, "TELL_SECONDS", -1.0)
    rehearsal.clock.set(TUESDAY + timedelta(days=120))
    with caplog.at_level("INFO", "foyer.jobs"):
        whole = await summing.sum_up(rehearsal.house, rest=0)
    assert portions == [1] * whole
    assert whole > 120
    said = [record.getMessage() for record in caplog.records if record.name == "foyer.jobs"]
    assert (
        said[0]
        == f"york-house: {whole} days are to be summed up; the figures are right meanwhile, and slower"
    )
    assert f"york-house: 60 of {whole} days are summed up" in said
    assert said[-1] == f"york-house: all {whole} days are summed up"
