"""What past days tell: against sums made in plain Python over the raw rows, and a replay of days as they were against what they were."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from demo.years import make_years
from server.clock import to_micros
from server.domain import staffing
from server.domain.asked import ask
from server.domain.figure import Figure
from server.domain.hours import Hours, Timetable, Usual
from server.domain.spans import Kind, span_of
from server.live.past_days import Known, read_days, read_detail, read_known, same_weekday
from server.live.told import staffing as told
from server.store.database import open_database

ZONE = ZoneInfo("Europe/London")
LAST = date(2026, 11, 2)
FIRST = LAST - timedelta(weeks=6)  # the clock goes back in between, on 25 October
NOW = to_micros(datetime(2026, 11, 3, 8, tzinfo=UTC))
NEXT_TUESDAY = date(2026, 11, 10)
MINUTE = 60_000_000


@contextmanager
def years(database_url: str) -> Iterator[Connection]:
    make_years(database_url, centres=1, first=FIRST, last=LAST, visits=45, seed=5)
    database = open_database(database_url)
    try:
        with database.reading() as connection:
            yield connection
    finally:
        database.close()


def raw(connection: Connection) -> list[dict[str, Any]]:
    """Every ticket with its visit and booking, as rows."""
    rows = connection.execute(
        text(
            "SELECT t.id, t.service_id, t.arrived_at, t.first_called_at, t.ended_at, t.follows, t.booking_id, t.counted, t.ticket_class, b.starts_at"
            " FROM ticket t JOIN visit v ON v.id = t.visit_id LEFT JOIN booking b ON b.id = t.booking_id"
        )
    ).mappings()
    return [dict(each) for each in rows]


def local(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / 1e6, UTC).astimezone(ZONE)


def test_past_days_are_read_as_they_were_and_replayed_as_they_were(database_url: str) -> None:
    with years(database_url) as connection:
        known = read_known(connection, 1, NOW)
        days = same_weekday(known, NEXT_TUESDAY)
        assert days == [date(2026, 10, 27) - timedelta(weeks=number) for number in range(6)]
        rows = raw(connection)
        _check_detail(connection, known, days, rows)
        halves = sorted(known.opened(NEXT_TUESDAY))
        assert (halves[0], halves[-1]) == (18, 33)
        past = read_days(connection, known, days, halves)
        _check_as_it_was(past, known.set_up.services, rows)
        _check_replay(past, {each: row.target_minutes for each, row in known.set_up.services.items()})
        _check_told(connection)
        _check_booked(connection, known, past)


def _check_detail(connection: Connection, known: Any, days: list[date], rows: list[dict[str, Any]]) -> None:
    walked: defaultdict[date, Counter[int]] = defaultdict(Counter)
    for row in rows:
        at = local(row["arrived_at"])
        if row["counted"] and row["follows"] is None and row["booking_id"] is None and at.date() in days:
            half = min(max(at.hour * 2 + at.minute // 30, 18), 33)
            walked[at.date()][half] += 1
    detail = read_detail(connection, known, NEXT_TUESDAY)
    assert {each.on: dict(each.came) for each in detail[0]} == {on: dict(walked[on]) for on in days}
    parts = sum(sum(each.came.values()) for key, every in detail.items() if key for each in every)
    assert parts == sum(sum(each.values()) for each in walked.values()) > 100
    totals = Counter(
        date.fromisoformat(str(on)) for (on,) in connection.execute(text("SELECT arrived_on FROM visit"))
    )
    assert dict(known.past.totals) == {
        on: number for on, number in totals.items() if on.weekday() < 5 and on <= LAST
    }


def _check_as_it_was(past: list[staffing.PastDay], services: Any, rows: list[dict[str, Any]]) -> None:
    waits, within, judged = [], 0, 0
    days = {each.on for each in past}
    for row in rows:
        if not row["counted"] or row["follows"] is not None or local(row["arrived_at"]).date() not in days:
            continue
        booked = row["starts_at"] if row["ticket_class"] == "booked" else None
        since, target = max(row["arrived_at"], booked or 0), services[row["service_id"]].target_minutes
        if row["first_called_at"] is None:
            judged += row["ended_at"] - since > target * MINUTE
            continue
        wait = max(0, ceil((row["first_called_at"] - since) / MINUTE))
        waits.append(wait)
        within, judged = within + (wait <= target), judged + 1
    seen = staffing.as_it_was(past, {each: row.target_minutes for each, row in services.items()})
    assert sorted(seen.waits.minutes.elements()) == sorted(waits)
    assert seen.share == within / judged


def _check_replay(past: list[staffing.PastDay], targets: dict[int, int]) -> None:
    """The world of the rehearsal calls by a rule of its own and keeps a desk while a visit is parked, so the days cannot come out the same to the minute; but near."""
    really = staffing.as_it_was(past, targets)
    again = staffing.played(past, lambda each: each.desks, targets)
    assert really.share is not None
    assert again.share is not None
    assert abs(really.share - again.share) < 0.1
    assert abs((really.waits.mean or 0) - (again.waits.mean or 0)) < 6
    assert median(abs(really.shares[each.on] - again.shares[each.on]) for each in past) < 0.12
    more = staffing.played(
        past, lambda each: staffing.desks_changed(each, [staffing.Change(18, 33, 1)]), targets
    )
    assert (more.share or 0) > again.share + 0.05  # what is played is what is there


def _check_told(connection: Connection) -> None:
    """What a page and a file get: one figure a question, the same at the second asking, which looks for nothing anew."""
    asked = ask(span_of(Kind.DAY, NEXT_TUESDAY), date(2026, 11, 3), NOW, 1, "York House", ZONE)
    figures = {each.slug: each for each in told.read(connection, 1, asked)}
    assert list(figures) == ["expected", "desks", "replayed"]
    assert "On Tuesday 10 November about " in figures["expected"].sentence
    assert "There is no roster of this day yet." in figures["desks"].sentence
    halves = [row[0] for row in figures["desks"].table.rows]
    assert (halves[0], halves[-1], len(halves)) == ("09:00", "16:30", 16)
    turns: list[None] = []
    prepared = told.prepare(connection, 1, NEXT_TUESDAY, NOW)
    found = told.search(prepared, lambda: turns.append(None))
    assert (turns, found) == ([], told.kept(prepared))
    _figures_hold(list(figures.values()))


def _check_booked(connection: Connection, known: Known, past: list[staffing.PastDay]) -> None:
    """Open until two at night, an opening has the appointments of its own evening and not those of the day after."""
    held = Counter(
        local(at).date()
        for (at,) in connection.execute(text("SELECT starts_at FROM booking WHERE state <> 'cancelled'"))
    )
    nights = Hours(tuple(Usual(weekday, time(9), time(2)) for weekday in range(5)))
    late = replace(known, set_up=replace(known.set_up, timetable=Timetable("Europe/London", nights)))
    assert max(late.opened(past[0].on)) == 51
    assert held[past[0].on + timedelta(days=1)] > 0
    for place in (known, late):
        told_of = told.booked_on(connection, place, past[0].on)
        assert sum(told_of.values()) == held[past[0].on] > 0
        assert max(told_of) < 34
    before = sum(held[each.on] for each in past)
    assert told.more_booked(connection, known, 0, past) == 1
    assert told.more_booked(connection, known, before // len(past) // 2, past) == 1  # more may yet be made
    twice = told.more_booked(connection, known, 2 * before // len(past), past)
    assert told.more_booked(connection, known, 10 * before // len(past), past) is None
    assert twice == round((2 * before // len(past)) * len(past) / before, 3) > 1.5
    assert (
        told.more_booked(connection, known, 5, [past[0]._replace(day=past[0].day._replace(came=()))]) is None
    )


def _figures_hold(figures: list[Figure]) -> None:
    for figure in figures:
        assert all(len(row) == len(figure.table.columns) for row in figure.table.rows)
        if figure.table.total is not None:
            assert len(figure.table.total) == len(figure.table.columns)
