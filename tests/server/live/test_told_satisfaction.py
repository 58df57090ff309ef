"""The page Satisfaction against the raw rows, counted in plain Python, on both databases; and against stories made by hand."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlmodel import select

from server.actions import rating, said
from server.actions.rating import Given
from server.clock import from_micros, to_micros
from server.domain.access import SYSTEM
from server.domain.asked import Asked, ask
from server.domain.figure import Cell, Figure
from server.domain.said import Deed, Promise
from server.domain.spans import Kind, Span, span_of
from server.live.told import satisfaction
from server.store.tables import Feedback
from tests.support.house import Rehearsal
from wire.vocabulary import FeedbackReason, FeedbackWay, Language, SaidKind, new_id

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 12, 31, 18, 0, tzinfo=UTC)
NOVEMBER = span_of(Kind.MONTH, date(2026, 11, 1))
HOUSING, SAFETY, PRIVATE = 2, 3, 4


async def told(rehearsal: Rehearsal, span: Span) -> dict[str, Figure]:
    now, centre = rehearsal.clock.micros(), rehearsal.kiosk.centre
    wanted: Asked = ask(span, from_micros(now).astimezone(LONDON).date(), now, centre, "York House", LONDON)

    def read(connection: Connection) -> list[Figure]:
        return satisfaction.read(connection, centre, wanted)

    return {figure.slug: figure for figure in await rehearsal.house.look(read)}


async def give(rehearsal: Rehearsal, at: datetime, score: int, **more: Any) -> str:
    given = Given(
        id=new_id(),
        centre=rehearsal.kiosk.centre,
        at=to_micros(at),
        score=score,
        **{"way": FeedbackWay.EXIT, **more},
    )
    await rehearsal.house.change(SYSTEM, "rate", partial(rating.add, given=given))
    return given.id


def by_first(figure: Figure, *columns: str) -> dict[Cell, tuple[Cell, ...]]:
    places = [next(i for i, each in enumerate(figure.table.columns) if each.key == key) for key in columns]
    return {row[0]: tuple(row[place] for place in places) for row in figure.table.rows}


async def test_every_figure_is_that_of_the_raw_rows(rehearsal: Rehearsal) -> None:
    rehearsal.clock.set(NOW)
    chance = random.Random(7)
    for number in range(160):
        way = chance.choice(list(FeedbackWay))
        at = datetime(2026, 10, 30, tzinfo=UTC) + timedelta(minutes=chance.randrange(34 * 24 * 60))
        number_given = await give(
            rehearsal, at, chance.choice((1, 2, 3, 4, 5, 5)), way=way,
            reason=chance.choice([None, *FeedbackReason]), language=chance.choice(list(Language)[:3]),
            service=chance.choice((1, 1, HOUSING, PRIVATE)) if way is FeedbackWay.PHONE else None,
        )  # fmt: skip
        if number % 20 == 0:
            taking = partial(rating.take_out, ratings=[number_given])
            await rehearsal.house.change(rehearsal.people["mia"], "take out", taking)
    for number in range(SAFETY):
        await give(
            rehearsal, datetime(2026, 11, 5, 12, number, tzinfo=UTC), 1, way=FeedbackWay.PHONE, service=SAFETY
        )
    every = await rehearsal.house.read(lambda session: list(session.exec(select(Feedback)).all()))
    rows = [
        each
        for each in every
        if each.withdrawn_at is None and each.at.astimezone(LONDON).date().isoformat()[:7] == "2026-11"
    ]
    assert 100 < len(rows) < len(every)
    figures = await told(rehearsal, NOVEMBER)

    def share(some: list[Feedback]) -> float | None:
        return sum(each.score >= 4 for each in some) / len(some) if len(some) >= 5 else None

    scores = Counter(each.score for each in rows)
    assert [row[1] for row in figures["satisfied"].table.rows] == [scores[score] for score in (5, 4, 3, 2, 1)]
    for slug, key, names in (
        ("by-way", "way", {"exit": "At the exit", "phone": "On their own ticket's page", "paper": "By a square on paper"}),
        ("by-language", "language", {"en": "English", "gu": "Gujarati", "pa": "Panjabi"}),
    ):  # fmt: skip
        groups = defaultdict(list)
        for each in rows:
            groups[names[getattr(each, key)]].append(each)
        expected = {name: (len(some), share(some)) for name, some in groups.items()}
        assert by_first(figures[slug], "answers", "share_satisfied") == expected
    reasons = Counter((each.reason, (each.score > 3) - (each.score < 3)) for each in rows if each.reason)
    about = by_first(figures["about"], "praised", "neither", "criticised")
    assert about["The wait"] == tuple(reasons["wait", side] for side in (1, 0, -1))
    known = [each for each in rows if each.way == "phone"]
    services = by_first(figures["by-service"], "answers", "share_satisfied")
    housing = [each for each in known if each.service_id == HOUSING]
    hidden = [each for each in known if each.service_id in (SAFETY, PRIVATE)]
    assert services["housing"] == (len(housing), share(housing))
    assert services["Other"] == (len(hidden), share(hidden)), (
        "three of safety, and what is private, are told together"
    )
    assert set(services) == {"council-tax", "housing", "Other"}
    weeks = defaultdict(list)
    for each in rows:
        day = each.at.astimezone(LONDON).date()
        weeks[max(day - timedelta(days=day.weekday()), date(2026, 11, 1))].append(each)
    over_time = by_first(figures["over-time"], "answers", "share_satisfied")
    found = {first: value for first, value in over_time.items() if value[0]}
    days = defaultdict(list)
    for each in rows:
        days[each.at.astimezone(LONDON).date()].append(each)
    by_part = days if len(over_time) == 30 else weeks
    assert found == {first: (len(some), share(some)) for first, some in by_part.items()}


async def test_nobody_and_few_are_told_as_such(rehearsal: Rehearsal) -> None:
    rehearsal.clock.set(NOW)
    empty = await told(rehearsal, NOVEMBER)
    assert empty["satisfied"].sentence == "Nobody said how their visit was in this time."
    assert empty["satisfied"].chart is None
    assert empty["complaints"].sentence.startswith("No complaint")
    for number in range(3):
        await give(rehearsal, datetime(2026, 11, 2 + number, 12, tzinfo=UTC), 5)
    few = await told(rehearsal, NOVEMBER)
    assert few["satisfied"].sentence == "Three visitors said how the visit was. Shares of so few say nothing."
    for number in range(7):
        await give(rehearsal, datetime(2026, 11, 2 + number, 12, tzinfo=UTC), 2)
    ten = await told(rehearsal, NOVEMBER)
    assert ten["satisfied"].sentence == (
        "30% of the 10 visitors who answered found their visit good or very good. If they were drawn by lot, then 19"
        " times of 20 the share among all visitors would lie between 11% and 60%."
    )
    assert "not everybody" in ten["satisfied"].notes[0]
    part_of_a_month = await told(rehearsal, Span(date(2026, 11, 1), date(2026, 11, 29)))
    assert "by-service" not in part_of_a_month, "two spans that differ by a day would tell what a day hides"


async def test_a_promise_is_judged_when_its_day_has_passed_or_it_was_kept(rehearsal: Rehearsal) -> None:
    """Of four complaints one is answered in time, one late, one is overdue, one is withdrawn; a suggestion is not due yet."""

    async def write(day: int, kind: SaidKind = SaidKind.COMPLAINT) -> str:
        rehearsal.clock.set(datetime(2026, 11, day, 11, 0, tzinfo=UTC))
        more: dict[str, Any] = {"said_id": new_id(), "kind": kind, "received_on": date(2026, 11, day), "sealed": "YWdl", "service": "housing", "promise": Promise()}  # fmt: skip
        told_them = await rehearsal.house.change(
            rehearsal.people["greta"], "said", partial(said.write_down, **more)
        )
        return told_them.id

    async def do(number: str, deed: Deed, day: int) -> None:
        rehearsal.clock.set(datetime(2026, 11, day, 11, 0, tzinfo=UTC))
        await rehearsal.house.change(
            rehearsal.people["mia"], "said", partial(said.do, said_id=number, deed=deed, promise=Promise())
        )

    first, second, _, fourth = [await write(2) for _ in range(4)]  # due on the 9th, and the 23rd
    await do(first, Deed.ACKNOWLEDGE, 9)
    await do(second, Deed.ACKNOWLEDGE, 10)
    await do(fourth, Deed.WITHDRAW, 11)
    await do(first, Deed.ANSWER, 23)
    await do(second, Deed.ANSWER, 24)
    await write(24, SaidKind.SUGGESTION)
    figures = await told(rehearsal, span_of(Kind.MONTH, date(2026, 11, 1)))
    columns = ("received", "acknowledged_in_time", "answered_in_time", "still_open", "late")
    rows = by_first(figures["complaints"], *columns)
    assert rows == {
        "Complaints": (4, 1 / 3, 1 / 3, 1, 1),
        "Compliments": (0, None, None, 0, 0),
        "Suggestions": (1, None, None, 1, 0),
    }
    assert figures["complaints"].sentence == (
        "4 complaints and 1 suggestion were received. Of the complaints whose answer was due, 33% were answered in time. One is late now."
    )
    assert "complaints-by-service" not in figures, "the month runs"
    rehearsal.clock.set(NOW)
    over = await told(rehearsal, span_of(Kind.MONTH, date(2026, 11, 1)))
    assert by_first(over["complaints-by-service"], "received", "complaints") == {"housing": (5, 4)}
