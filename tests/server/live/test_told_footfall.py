"""The page Footfall against sums made by hand from the raw rows, on both databases; and what it says at the edges of time."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection
from sqlmodel import Session

from server.clock import to_micros
from server.domain.asked import Asked, ask
from server.domain.figure import Columns, Figure, Grid
from server.domain.spans import Kind, Span, span_of
from server.live.told import centres, footfall
from server.store.database import Database, open_database
from server.store.tables import Centre, PastCount, PastImport, Service, Tally
from tests.server.live.test_figures_by_hand import (
    BEGINS,
    DAYS,
    Rows,
    activities_by_hand,
    fill,
    one_and_the_same,
)
from wire.vocabulary import Activity, Language, new_id

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
NAMES = {
    "Advice": "advice",
    "Support": "support",
    "Appointment": "appointment",
    "Forms": "forms",
    "Telephone": "telephone",
    "Helped at the door": "door_help",
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


def asked(span: Span, now: datetime = NOON, centres: tuple[tuple[int, str], ...] = ()) -> Asked:
    return ask(span, now.astimezone(LONDON).date(), to_micros(now), 1, "Here", LONDON, centres)


def told(connection: Connection, wanted: Asked) -> dict[str, Figure]:
    return {figure.slug: figure for figure in footfall.read(connection, 1, wanted)}


def column(figure: Figure, key: str) -> dict[object, object]:
    at = [each.key for each in figure.table.columns].index(key)
    return {row[0]: row[at] for row in figure.table.rows}


# By hand ---------------------------------------------------------------------------------------------------------------


def by_hand(rows: Rows, first: date, last: date) -> Counter[str]:
    """Each activity: tickets, taps and sheets that stand, and imports that lie wholly within."""
    found: Counter[str] = Counter()
    for _, kind in activities_by_hand(rows, first, last):
        found[kind.value] += 1
    for tap in taps_by_hand(rows, first, last):
        found[tap.activity] += tap.people
    for line, stands in rows.past:
        if stands and line.centre_id == 1 and first <= line.first_on and line.last_on <= last:
            found[line.activity] += line.visitors
    return found


def taps_by_hand(rows: Rows, first: date, last: date) -> list[Tally]:
    return [
        t
        for t in rows.tallies
        if t.centre_id == 1 and first <= t.counted_on <= last and t.withdrawn_at is None
    ]


def visits_by_hand(rows: Rows, first: date, last: date) -> set[str]:
    return {
        one_and_the_same(rows, chain[0].visit_id) for chain in activities_by_hand(rows, first, last).values()
    }


def test_footfall_is_what_one_adds_up_by_hand(database: Database) -> None:
    chance = random.Random(4)
    with database.writing() as session:
        rows = fill(session, chance)
        for visit in rows.visits.values():
            visit.arrived_at = datetime.combine(visit.arrived_on, time(9, 10), LONDON) + timedelta(
                minutes=30 * chance.randrange(14)
            )
            visit.language = chance.choice([Language.EN, Language.EN, Language.PL, Language.AR])
            session.add(visit)
        session.flush()
        session.expunge_all()
    spans = [
        span_of(Kind.QUARTER, BEGINS),
        span_of(Kind.MONTH, BEGINS),
        span_of(Kind.DAY, BEGINS),
        Span(BEGINS, BEGINS + timedelta(days=20)),
    ]
    with database.session() as session:
        for span in spans:
            _check(told(session.connection(), asked(span)), rows, asked(span))


def _check(seen: dict[str, Figure], rows: Rows, wanted: Asked) -> None:
    span = wanted.span
    truly, before = (
        by_hand(rows, span.first, span.last),
        by_hand(rows, wanted.before.first, wanted.before.last),
    )
    table = seen["by-activity"].table
    assert {
        NAMES[str(name)]: number for name, number in column(seen["by-activity"], "visitors").items() if number
    } == dict(+truly)
    assert table.total is not None
    assert table.total[1] == truly.total()
    if before:
        assert {
            NAMES[str(name)]: n for name, n in column(seen["by-activity"], "visitors_before").items() if n
        } == dict(+before)
    brought = sum(
        p.visitors
        for p, stands in rows.past
        if stands and p.centre_id == 1 and span.first <= p.first_on and p.last_on <= span.last
    )
    assert any("imported files" in note for note in seen["by-activity"].notes) == bool(brought)
    visits = visits_by_hand(rows, span.first, span.last)
    short = column(seen["in-short"], "number")
    assert short["Visits with a ticket"] == len(visits)
    assert short["Activities, all together"] == truly.total()
    halves = Counter(rows.visits[each].arrived_at.astimezone(LONDON).strftime("%H:%M") for each in visits)
    told_halves = {str(at): n for at, n in column(seen["by-hour"], "visits").items() if n}
    whole = Counter[str]()
    for at, number in halves.items():
        whole[f"{at[:2]}:{'00' if at[3:] < '30' else '30'}"] += number
    assert told_halves == dict(whole)
    languages = Counter(rows.visits[each].language for each in visits)
    named = {"English": "en", "Polish": "pl", "Arabic": "ar"}
    assert {named[str(name)]: n for name, n in column(seen["by-language"], "visits").items()} == dict(
        languages
    )
    if span.days > 1 and span.days <= 45:
        days = {on: n for on, n in column(seen["over-time"], "visitors").items() if n}
        assert days == {on: n for on in span.each_day() if (n := by_hand(rows, on, on).total())}
    _check_services(seen["by-service"], rows, wanted)
    if span.days >= 14:
        _check_weekdays(seen, rows, span)


def _check_services(seen: Figure, rows: Rows, wanted: Asked) -> None:
    """Named are public needs that five or more sought; everybody else is in the last line, and nobody is missing."""
    span = wanted.span
    if span.kind is Kind.RANGE or (span.days > 1 and span.last >= wanted.today):
        assert seen.table.rows == ()
        assert "by comparing other times one could single somebody out" in seen.sentence
        return
    truly: Counter[str] = Counter()
    whole = 0
    for chain in activities_by_hand(rows, span.first, span.last).values():
        whole += 1
        service = rows.services[chain[-1].service_id]
        if not (rows.visits[chain[-1].visit_id].discreet or service.private or service.discreet):
            truly[service.names["en"]] += 1
    for tap in taps_by_hand(rows, span.first, span.last):
        if tap.activity == Activity.DOOR_HELP:
            whole += tap.people
            if tap.service_id is not None and not rows.services[tap.service_id].private:
                truly[rows.services[tap.service_id].names["en"]] += tap.people
    told_of = column(seen, "sought")
    assert sum(int(str(number)) for number in told_of.values()) == whole
    named = {str(name): number for name, number in told_of.items() if str(name).startswith("Need")}
    assert named == {name: truly[name] for name in named}
    assert all(number >= 5 for number in truly.values() if number in named.values())
    assert not {"Need 3", "Need 4"} & set(named)


def _check_weekdays(seen: dict[str, Figure], rows: Rows, span: Span) -> None:
    of_day = {on: by_hand(rows, on, on).total() for on in span.each_day() if on <= NOON.date()}
    for weekday, name in enumerate(
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    ):
        days = [number for on, number in of_day.items() if on.weekday() == weekday and number]
        assert column(seen["by-weekday"], "visitors")[name] == sum(days)
        assert column(seen["by-weekday"], "mean")[name] == pytest.approx(sum(days) / len(days), abs=0.5)


def test_centres_stand_side_by_side_each_with_its_own_and_no_other(database: Database) -> None:
    with database.writing() as session:
        rows = fill(session, random.Random(6))
        for visit in rows.visits.values():
            session.add(visit)
        session.flush()
        session.expunge_all()
    span = Span(BEGINS, BEGINS + timedelta(days=DAYS))
    with database.session() as session:
        both = centres.read(session.connection(), 1, asked(span, centres=((1, "Here"), (2, "There"))))
        alone = centres.read(session.connection(), 1, asked(span, centres=((1, "Here"),)))
        own = told(session.connection(), asked(span))
    assert {each.slug for each in both} >= {
        "footfall",
        "activities",
        "for-each-visit",
        "waits",
        "left",
        "one-visit",
    }
    assert column(both[0], "visitors")["Here"] == by_hand(rows, span.first, span.last).total()
    assert own["by-activity"].table.total is not None
    assert column(both[0], "visitors")["Here"] == own["by-activity"].table.total[1]
    assert set(column(both[0], "visitors")) == {"Here", "There"}
    assert set(column(alone[0], "visitors")) == {"Here"}
    assert "There" not in str(alone)
    assert any("this centre only" in note for note in alone[0].notes)


# The edges of time -----------------------------------------------------------------------------------------------------


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Session]:
    opened = open_database(sqlite_url)
    with opened.writing() as session:
        session.add(Centre(slug="here", name="Here", languages=["en"], wait_here={}))
        session.flush()
        yield session
    opened.close()


def came(session: Session, at: datetime, number: int = 1, activity: Activity = Activity.TELEPHONE) -> None:
    local = at.astimezone(LONDON).date()
    for _ in range(number):
        tap = Tally(
            id=new_id(),
            centre_id=1,
            activity=activity,
            source="tap",
            counted_on=local,
            at=at,
            entered_at=at,
            people=1,
        )
        session.add(tap)
    session.flush()


def imported(
    session: Session, first: date, last: date, visitors: int, activity: Activity = Activity.FORMS
) -> None:
    made = PastImport(
        centre_id=1, file_name="a.csv", digest=f"{first}{last}", kind="activities", lines=1, at=NOON
    )
    session.add(made)
    session.flush()
    session.add(
        PastCount(
            import_id=made.id or 0,
            centre_id=1,
            first_on=first,
            last_on=last,
            activity=activity,
            visitors=visitors,
        )
    )
    session.flush()


def test_on_the_day_the_clock_goes_back_both_hours_stand_together_and_it_is_said(here: Session) -> None:
    on = date(2026, 10, 25)
    for utc in (
        datetime(2026, 10, 25, 0, 10, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 10, tzinfo=UTC),
        datetime(2026, 10, 25, 23, 50, tzinfo=UTC),
    ):
        came(here, utc)  # 01:10, 01:10 again, 23:50
    figure = told(here.connection(), asked(span_of(Kind.DAY, on)))["by-hour"]
    assert {at: n for at, n in column(figure, "together").items() if n} == {"01:00": 2, "23:30": 1}
    assert any("clock went back" in note for note in figure.notes)


def test_on_the_day_the_clock_goes_forward_its_day_is_its_own(here: Session) -> None:
    on = date(2026, 3, 29)
    came(here, datetime(2026, 3, 29, 22, 50, tzinfo=UTC))  # 23:50 of that day
    came(here, datetime(2026, 3, 29, 23, 10, tzinfo=UTC))  # 00:10 of the next
    figure = told(here.connection(), asked(span_of(Kind.DAY, on)))["by-hour"]
    assert {at: n for at, n in column(figure, "together").items() if n} == {"23:30": 1}
    assert any("an hour less" in note for note in figure.notes)
    assert not told(here.connection(), asked(span_of(Kind.DAY, on + timedelta(days=1))))["by-hour"].notes


def test_of_the_future_nothing_is_told_and_of_an_empty_time_that_it_is_empty(here: Session) -> None:
    assert footfall.read(here.connection(), 1, asked(span_of(Kind.YEAR, date(2027, 6, 1)))) == []
    assert centres.read(here.connection(), 1, asked(span_of(Kind.YEAR, date(2027, 6, 1)))) == []
    for kind in Kind:
        if kind is not Kind.RANGE:
            seen = told(here.connection(), asked(span_of(kind, date(2001, 5, 1))))
            assert seen["by-activity"].sentence == "Nobody was counted in this time."
            assert not [figure.slug for figure in seen.values() if figure.chart]


def test_ten_years_are_told_by_quarters_and_weekdays_of_the_last_year(here: Session) -> None:
    came(here, datetime(2017, 2, 6, 10, tzinfo=UTC), 100)
    for week in range(10):
        came(here, datetime(2026, 8, 3, 10, tzinfo=UTC) + timedelta(weeks=week), 4 + week % 2)
    seen = told(here.connection(), asked(Span(date(2016, 11, 2), NOON.date(), Kind.RANGE)))
    assert seen["by-activity"].table.total is not None
    assert seen["by-activity"].table.total[1] == 145
    assert len(seen["over-time"].table.rows) == 41
    assert "The busiest quarter was January to March 2017, with 100." in seen["over-time"].sentence
    assert column(seen["by-weekday"], "visitors")["Monday"] == 45
    assert any("last year of this time" in note for note in seen["by-weekday"].notes)


def test_an_import_counts_where_its_whole_period_lies_and_is_told_of_where_it_does_not(here: Session) -> None:
    imported(here, date(2026, 4, 1), date(2026, 6, 30), 1602)
    imported(here, date(2026, 6, 10), date(2026, 6, 10), 7)
    came(here, datetime(2026, 6, 10, 9, tzinfo=UTC), 3)
    quarter = told(here.connection(), asked(span_of(Kind.QUARTER, date(2026, 5, 1))))
    assert quarter["by-activity"].table.total is not None
    assert quarter["by-activity"].table.total[1] == 1612
    assert "1,609 of these are from imported files, 3 were counted here." in quarter["by-activity"].notes[0]
    assert any("1,602 of the imported are of longer periods" in note for note in quarter["over-time"].notes)
    assert any("1,609 imported" in note for note in quarter["by-hour"].notes)
    june = told(here.connection(), asked(span_of(Kind.MONTH, date(2026, 6, 1))))
    assert column(june["by-activity"], "visitors") == {
        **dict.fromkeys(column(june["by-activity"], "visitors"), 0),
        "Forms": 7,
        "Telephone": 3,
    }
    assert any(
        "1,602 (Forms) from 1 April 2026 to 30 June 2026" in note for note in june["by-activity"].notes
    )
    assert column(june["over-time"], "visitors")[date(2026, 6, 10)] == 10


def test_a_day_is_held_against_days_of_its_weekday_and_a_closed_one_is_no_quiet_one(here: Session) -> None:
    for week in range(1, 11):
        came(here, datetime(2026, 10, 20, 9, tzinfo=UTC) - timedelta(weeks=week), 40 + week % 5)
    came(here, datetime(2026, 10, 20, 9, tzinfo=UTC), 90)
    figure = told(here.connection(), asked(span_of(Kind.WEEK, date(2026, 10, 20))))["over-time"]
    rows = {row[0]: row[2:] for row in figure.table.rows}
    assert rows[date(2026, 10, 20)][0] == 90
    low, high = rows[date(2026, 10, 20)][1:]
    assert 39 <= int(str(low)) <= int(str(high)) <= 45
    assert rows[date(2026, 10, 21)] == (None, None, None), "closed on Wednesdays"
    assert "Of 1 day that can be compared, on 1 more came than usual." in figure.sentence
    assert isinstance(figure.chart, Columns)
    assert figure.chart.series[0].values == (None, 90, None, None, None, None, None)


def test_a_time_that_still_runs_is_compared_with_as_much_of_the_others(here: Session) -> None:
    now = datetime(2026, 10, 28, 15, tzinfo=UTC)  # a Wednesday
    for day, number in ((26, 10), (27, 10), (19, 5), (20, 5), (22, 100)):
        came(here, datetime(2026, 10, day, 9, tzinfo=UTC), number)
    figure = told(here.connection(), asked(span_of(Kind.WEEK, now.date()), now))["by-activity"]
    assert figure.sentence.startswith(
        "20 have come so far, twice as many as in the same days of the week before"
    )


def test_a_service_that_goes_on_under_another_name_is_one_line_and_it_is_said(here: Session) -> None:
    for number, (slug, name) in enumerate((("tax", "Council tax"), ("bills", "Bills"))):
        here.add(Service(centre_id=1, slug=slug, names={"en": name}, position=number))
    here.flush()
    for number in range(6):
        help_given = Tally(
            id=new_id(), centre_id=1, activity=Activity.DOOR_HELP, source="door", counted_on=date(2026, 9, 1 + number),
            at=NOON, entered_at=NOON, service_id=1 + number % 2, solved=True,
        )  # fmt: skip
        here.add(help_given)
    here.flush()
    old, new = here.get(Service, 1), here.get(Service, 2)
    assert old
    assert new
    month = asked(span_of(Kind.MONTH, date(2026, 9, 1)))
    assert column(told(here.connection(), month)["by-service"], "sought") == {"All needs together": 6}
    new.continues, old.retired_at = ["tax"], datetime(2026, 9, 15, tzinfo=UTC)
    here.flush()
    figure = told(here.connection(), month)["by-service"]
    assert column(figure, "sought") == {"Bills": 6}
    assert figure.notes == ("Bills includes Council tax, as it was called until 15 September 2026.",)


def test_weekday_by_half_hour_is_a_mean_of_the_days_that_were_counted(here: Session) -> None:
    for week, number in ((0, 4), (1, 8)):
        came(
            here, datetime(2026, 9, 1, 9, 5, tzinfo=UTC) + timedelta(weeks=week), number
        )  # 10:05 on Tuesdays
    came(here, datetime(2026, 9, 3, 10, 40, tzinfo=UTC), 3)  # 11:40 on one Thursday
    figure = told(here.connection(), asked(span_of(Kind.MONTH, date(2026, 9, 1))))["weekday-by-hour"]
    assert isinstance(figure.chart, Grid)
    assert (figure.chart.rows, figure.chart.columns) == (("Tue", "Thu"), ("10:00", "10:30", "11:00", "11:30"))
    assert figure.chart.values == ((6.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 3.0))
    assert figure.sentence == "The busiest half hour of the week is Tuesday from 10:00, with 6 on average."
