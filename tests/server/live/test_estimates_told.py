"""The page about our estimates says what plain arithmetic over the rows says, and singles nobody out."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from server.clock import to_micros
from server.domain.asked import Asked, ask
from server.domain.figure import Figure
from server.domain.spans import Kind, Span, span_of
from server.live.told import estimates
from server.store.tx import Tx
from tests.support.house import TUESDAY, Rehearsal, hash_of
from wire.vocabulary import new_id

LONDON = ZoneInfo("Europe/London")
TODAY = TUESDAY.date()
OCTOBER = span_of(Kind.MONTH, date(2026, 10, 1))
VISIT = (
    "INSERT INTO visit (id, centre_id, arrived_on, code, language, needs, discreet, channel, follow_hash, arrived_at, ended_at, people)"
    " VALUES ('{id}', 1, '{on}', 'W{number}', 'en', '[]', {discreet}, 'kiosk', '{hash}', {at}, {at}, 1)"
)
TICKET = (
    "INSERT INTO ticket (id, visit_id, centre_id, service_id, state, ticket_class, arrived_at, counts_from, calls, paper, copies, quick, again, left_open,"
    " counted, first_called_at, called_at, served_at, ended_at) VALUES ('{id}', '{visit}', 1, {service}, '{state}', 'ordinary', {at}, {at}, 1, 'reserved', 0,"
    " false, false, false, {counted}, {called}, {called}, {called}, {ended})"
)
GIVEN = (
    "INSERT INTO given_estimate (ticket_id, step, centre_id, service_id, given_on, at, low_seconds, high_seconds, middle_seconds, told)"
    " VALUES ('{ticket}', {step}, 1, {service}, '{on}', {at}, {low}, {high}, {middle}, {told})"
)


def asked(span: Span) -> Asked:
    return ask(span, TODAY, to_micros(TUESDAY), 1, "York House", LONDON)


async def told(rehearsal: Rehearsal, span: Span) -> dict[str, Figure]:
    figures = await rehearsal.house.look(lambda connection: estimates.read(connection, 1, asked(span)))
    return {figure.slug: figure for figure in figures}


async def _services(rehearsal: Rehearsal) -> dict[str, int]:
    def read(connection: Connection) -> dict[str, int]:
        return {
            str(slug): int(number)
            for number, slug in connection.exec_driver_sql("SELECT id, slug FROM service")
        }

    return await rehearsal.house.look(read)


async def _weeks(rehearsal: Rehearsal) -> list[dict[str, Any]]:
    """Two hundred visitors of September and October, some of them told several times, some private, some who left or did not exist."""
    dice, services, rows = random.Random(16), await _services(rehearsal), []

    def write(tx: Tx) -> None:
        run = tx.sql.connection.exec_driver_sql
        for number in range(200):
            on = date(2026, 9, 1) + timedelta(days=dice.randrange(60))
            at = to_micros(datetime.combine(on, time(10, dice.randrange(60)), LONDON).astimezone(UTC))
            slug = dice.choice(("council-tax", "council-tax", "housing", "private"))
            wait = None if dice.random() < 0.15 else dice.randrange(60, 3000)
            discreet, counted = dice.random() < 0.1, wait is not None or dice.random() < 0.5
            visit, ticket = new_id(), new_id()
            called = "NULL" if wait is None else at + wait * 1_000_000
            run(VISIT.format(id=visit, on=on, number=number, discreet=discreet, hash=hash_of(visit), at=at))
            run(
                TICKET.format(
                    id=ticket,
                    visit=visit,
                    service=services[slug],
                    state="cancelled" if wait is None else "finished",
                    at=at,
                    counted=counted,
                    called=called,
                    ended=at + 4_000_000_000,
                )
            )
            for step in range((wait or 900) // 300 + 1):
                left = (wait or 900) - step * 300
                low = max(0, round(left * dice.uniform(0.5, 1.2)))
                high, shown = low + dice.randrange(60, 900), dice.random() < 0.9
                row = {"step": step, "low": low, "high": high, "middle": (low + high) // 2, "told": shown}
                run(
                    GIVEN.format(
                        ticket=ticket, service=services[slug], on=on, at=at + step * 300_000_000, **row
                    )
                )
                hidden = discreet or slug == "private"
                took = None if wait is None else wait - step * 300
                rows.append(
                    {**row, "on": on, "slug": None if hidden else slug, "took": took, "counted": counted}
                )

    await rehearsal.house.change(rehearsal.people["ada"], "past", write)
    return rows


def _score(rows: list[dict[str, Any]]) -> tuple[Any, ...]:
    judged = [row for row in rows if row["took"] is not None]
    off = [row["took"] - row["middle"] for row in judged]
    number = len(judged)
    return (
        number,
        sum(row["low"] <= row["took"] <= row["high"] for row in judged) / number,
        sum(row["took"] < row["low"] for row in judged) / number,
        sum(row["took"] > row["high"] for row in judged) / number,
        pytest.approx(mean(abs(each) for each in off) / 60),
        pytest.approx(median(abs(each) for each in off) / 60, abs=1),
        sorted(-(-abs(each) // 60) for each in off)[-(-number * 9 // 10) - 1],
        pytest.approx(mean(off) / 60),
    )


async def test_the_page_says_what_plain_arithmetic_says(rehearsal: Rehearsal) -> None:
    rows = [row for row in await _weeks(rehearsal) if row["told"]]
    october = [row for row in rows if row["on"].month == 10]
    figures = await told(rehearsal, OCTOBER)
    total = figures["how-right"].table.rows[0]
    assert total[1] == len(october)
    assert total[2] == sum(row["took"] is None for row in october)
    assert total[3:] == _score(october)
    #
    by_name = {row[0]: row[1:] for row in figures["by-service"].table.rows}
    assert by_name == {
        "council-tax": _score([row for row in october if row["slug"] == "council-tax"]),
        "housing": _score([row for row in october if row["slug"] == "housing"]),
        "Other": _score([row for row in october if row["slug"] is None]),
    }
    #
    bands = {"Under 5 minutes": (0, 5), "5 to 10 minutes": (5, 10), "10 to 20 minutes": (10, 20)}
    told_and_real = {row[0]: row for row in figures["told-and-real"].table.rows}
    for name, (low, high) in bands.items():
        inside = [row for row in october if row["took"] is not None and low <= row["middle"] / 60 < high]
        assert told_and_real[name][1:5] == _score(inside)[:4]
        assert told_and_real[name][6] == pytest.approx(mean(row["took"] for row in inside) / 60)
    #
    trend = {row[0]: row[1:] for row in figures["trend"].table.rows}
    monday = date(2026, 9, 14)
    week = [row for row in rows if monday <= row["on"] < monday + timedelta(days=7)]
    assert trend[monday] == _score(week)
    #
    # Of a time by which one could subtract, services are not told.
    assert "by-service" not in await told(rehearsal, Span(date(2026, 10, 1), date(2026, 10, 30)))


async def test_nothing_told_is_nothing_said(rehearsal: Rehearsal) -> None:
    for span in (
        span_of(Kind.DAY, TODAY),
        span_of(Kind.MONTH, date(2031, 5, 1)),
        Span(date(2016, 1, 1), TODAY),
    ):
        figures = await told(rehearsal, span)
        assert figures["how-right"].sentence == "Nobody was told a wait and then called in this time."
        assert all(figure.chart is None for figure in figures.values())
        assert figures["held-back"].table.rows == ()


async def test_what_is_held_back_is_shown_by_name_and_a_private_service_without(rehearsal: Rehearsal) -> None:
    services = await _services(rehearsal)

    def write(tx: Tx) -> None:
        run = tx.sql.connection.exec_driver_sql
        for number in range(70):
            for slug in ("housing", "private"):
                on = TODAY - timedelta(days=1 + number % 10)
                at = to_micros(datetime.combine(on, time(11), LONDON).astimezone(UTC))
                visit, ticket = new_id(), new_id()
                run(
                    VISIT.format(
                        id=visit,
                        on=on,
                        number=f"{number}{slug[0]}",
                        discreet=False,
                        hash=hash_of(visit),
                        at=at,
                    )
                )
                late = at + 2_000_000_000
                state = {"state": "finished", "counted": True, "called": late, "ended": late}
                run(TICKET.format(id=ticket, visit=visit, service=services[slug], at=at, **state))
                row = {"step": 0, "low": 60, "high": 300, "middle": 180, "told": True}
                run(GIVEN.format(ticket=ticket, service=services[slug], on=on, at=at, **row))

    await rehearsal.house.change(rehearsal.people["ada"], "past", write)
    held = (await told(rehearsal, span_of(Kind.WEEK, TODAY)))["held-back"]
    assert [row[:4] for row in held.table.rows] == [
        ("housing", "Held back", 70, 0.0),
        (estimates.UNNAMED_SERVICES, "Held back", 0, None),
    ]
    assert "private" not in held.sentence
    assert held.sentence.startswith("Visitors are told “we cannot say” for housing and")
