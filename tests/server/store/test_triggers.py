"""A copy of a day's sums goes with every row, and every column, that it was made of, and with nothing else; so does its month's. On both databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, text
from sqlmodel import SQLModel

from server.store import triggers
from server.store.database import Database, open_database
from server.store.queries import summing
from server.store.schema import migrate
from server.store.sql import Statement
from server.store.tables import (
    Booking,
    Centre,
    DaySum,
    Feedback,
    GivenEstimate,
    MonthSum,
    Pause,
    Seat,
    Service,
    Step,
    Tally,
    Ticket,
    Visit,
)
from server.store.types import Instant
from tests.support.beside_visits import table_of
from tests.support.house import fill

ON = date(2026, 5, 12)
AT = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)
DAYS = [ON - timedelta(days=1), ON, ON + timedelta(days=1)]
MONTH = date(2026, 5, 1)
TABLES: dict[str, Table] = {
    table_of(model).name: table_of(model)
    for model in (Visit, Ticket, Step, GivenEstimate, Tally, Booking, Seat, Pause, Feedback)
}
OTHER_VALUES: dict[str, Any] = {
    "centre_id": 2,
    "visit_id": "visit-of-the-next-day",
    "ticket_id": "ticket-of-the-next-day",
    "action": "unpark",
    "state": "cancelled",
    "seat_id": 2,
    "needs": ["child"],
    "services": [2],
    "skills": ["pl"],
    "answers": {"a": "b"},
    "was": {"a": 1},
}
"""Where the next value of its kind would not do."""


def _rows() -> list[SQLModel]:
    visit: dict[str, Any] = {"centre_id": 1, "follow_hash": "f", "arrived_at": AT}
    ticket: dict[str, Any] = {"centre_id": 1, "service_id": 1, "counts_from": AT, "counter_id": 1}
    times = dict.fromkeys(("first_called_at", "called_at", "served_at", "ended_at"), AT)
    ended: dict[str, Any] = {**ticket, "arrived_at": AT, "state": "finished", **times, "outcome": "resolved"}
    booking: dict[str, Any] = dict.fromkeys(
        ("ends_at", "held_from", "held_until", "made_at", "booked_at", "starts_at"), AT
    )
    return [
        Visit(id="visit", arrived_on=ON, code="K1", **visit),
        Visit(id="visit-of-the-next-day", arrived_on=DAYS[2], code="K7", **{**visit, "follow_hash": "g"}),
        Ticket(id="ticket", visit_id="visit", **ended),
        Ticket(id="ticket-of-the-next-day", visit_id="visit-of-the-next-day", **ended),
        Step(id=1, ticket_id="ticket", action="park", before="serving", after="parked", at=AT, counter_id=1),
        GivenEstimate(
            ticket_id="ticket",
            step=0,
            centre_id=1,
            service_id=1,
            given_on=ON,
            at=AT,
            low_seconds=1,
            high_seconds=2,
            middle_seconds=1,
        ),
        Tally(
            id="tally", centre_id=1, activity="telephone", source="tap", counted_on=ON, at=AT, entered_at=AT
        ),
        Booking(
            id="booking",
            centre_id=1,
            service_id=1,
            reference="R1",
            state="missed",
            ticket_id="ticket",
            **booking,
        ),
        Seat(id=1, centre_id=1, staff_id=1, counter_id=1, services=[1], since_at=AT, until_at=AT),
        Seat(
            id=2,
            centre_id=1,
            staff_id=2,
            counter_id=2,
            services=[1],
            since_at=AT + timedelta(days=1),
            until_at=AT,
        ),
        Pause(id=1, seat_id=1, reason="lunch", since_at=AT, until_at=AT),
        Feedback(id="feedback", centre_id=1, given_on=ON, at=AT, way="exit", score=4),
    ]


def _copies() -> Iterator[SQLModel]:
    for centre in (1, 2):
        for on in DAYS:
            begins = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=1)
            yield DaySum(
                centre_id=centre,
                day=on,
                part="made",
                begins_at=begins,
                ends_at=begins + timedelta(days=1),
                sums={},
                made_at=AT,
            )
            yield DaySum(centre_id=centre, day=on, part="kept", sums={}, made_at=AT)
        yield MonthSum(centre_id=centre, month=MONTH, sums={}, made_at=AT)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """With a row of each table on one day, and every copy there."""
    database = open_database(database_url)
    with database.writing() as session:
        fill(session)
        fill(session, "saffron", "S")
    with database.writer.connect() as connection, connection.begin():
        put(connection, (*_rows(), *_copies()))
    yield database
    database.close()


def put(connection: Connection, rows: Iterable[SQLModel]) -> None:
    for row in rows:
        connection.execute(insert(type(row)).values(**row.model_dump()))


@contextmanager
def tried(connection: Connection) -> Iterator[None]:
    """What is done inside is rolled back."""
    with connection.begin_nested() as nested:
        yield
        nested.rollback()


def gone(connection: Connection) -> set[str]:
    """Which copies are not there any more: `centre day part`, and `centre month`."""
    found = {
        f"{row.centre_id} {row.day} {row.part}" for row in connection.execute(text("SELECT * FROM day_sum"))
    }
    found |= {f"{row.centre_id} month" for row in connection.execute(text("SELECT * FROM month_sum"))}
    every = {f"{centre} {on} {part}" for centre in (1, 2) for on in DAYS for part in ("made", "kept")}
    return (every | {"1 month", "2 month"}) - found


LET_GO = {f"1 {ON} made", "1 month"}


def another(table: Table, column: str, value: Any) -> Any:
    if column in OTHER_VALUES:
        return OTHER_VALUES[column]
    of = table.c[column]
    if of.foreign_keys:
        return None if value is not None and of.nullable else (value or 0) + 1
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime):
        return value + timedelta(minutes=1)
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, int):
        return value + 1
    if value is not None:
        return f"{value}2"[-int(getattr(of.type, "length", None) or 2) :]
    if isinstance(of.type, Instant):
        return AT
    return {bool: True, int: 7}.get(of.type.python_type, "x")


def change(connection: Connection, table: Table, column: str) -> None:
    key = next(iter(table.primary_key.columns))
    first = connection.execute(table.select().order_by(key)).mappings().first()
    assert first is not None
    value = another(table, column, first[column])
    assert value != first[column], (table.name, column)
    connection.execute(table.update().where(key == first[key.name]).values({column: value}))


def columns_of(watched: triggers.Watched, *, that_matter: bool) -> list[str]:
    table = TABLES[watched.table]
    primary = {column.name for column in table.primary_key.columns}
    if that_matter:
        return list(watched.columns)
    return [
        column.name
        for column in table.columns
        if column.name not in watched.columns and column.name not in primary
    ]


def test_each_column_that_is_summed_up_lets_go_of_its_day_and_month(database: Database) -> None:
    wrong = []
    with database.writer.connect() as connection, connection.begin():
        for watched in triggers.WATCHED:
            for column in columns_of(watched, that_matter=True):
                with tried(connection):
                    change(connection, TABLES[watched.table], column)
                    lost = gone(connection)
                    if not lost >= LET_GO or lost - LET_GO - {f"1 {DAYS[2]} made", f"2 {ON} made", "2 month"}:
                        wrong.append((watched.table, column, lost))
    assert wrong == []


def test_what_moves_to_another_day_or_centre_lets_go_of_both(database: Database) -> None:
    next_day, other_centre = f"1 {DAYS[2]} made", f"2 {ON} made"
    moves = {
        ("visit", "arrived_on"): next_day,
        ("ticket", "visit_id"): next_day,
        ("step", "ticket_id"): next_day,
        ("given_estimate", "ticket_id"): next_day,
        ("tally", "counted_on"): next_day,
        ("tally", "centre_id"): other_centre,
        ("booking", "centre_id"): other_centre,
        ("seat", "centre_id"): other_centre,
        ("pause", "seat_id"): next_day,
        ("feedback", "given_on"): next_day,
    }
    with database.writer.connect() as connection, connection.begin():
        for (table, column), also in moves.items():
            with tried(connection):
                change(connection, TABLES[table], column)
                assert gone(connection) >= {*LET_GO, also}, (table, column)
        for table, column in (("seat", "since_at"), ("booking", "starts_at")):
            with tried(connection):
                later = AT + timedelta(days=1)
                connection.execute(
                    TABLES[table]
                    .update()
                    .where(TABLES[table].c.id.in_([1] if table == "seat" else ["booking"]))
                    .values({column: later})
                )
                assert gone(connection) == {*LET_GO, next_day}, table


def test_what_no_sums_are_made_of_lets_go_of_nothing(database: Database) -> None:
    """Erasing names, hashes, contacts, comments and addresses keeps every copy."""
    tried_columns = 0
    with database.writer.connect() as connection, connection.begin():
        for watched in triggers.WATCHED:
            for column in columns_of(watched, that_matter=False):
                if TABLES[watched.table].c[column].foreign_keys and column not in ("staff_id", "device_id"):
                    continue
                with tried(connection):
                    change(connection, TABLES[watched.table], column)
                    assert gone(connection) == set(), (watched.table, column)
                    tried_columns += 1
    assert tried_columns > 60


def test_a_row_that_comes_or_goes_lets_go_of_its_day(database: Database) -> None:
    with database.writer.connect() as connection, connection.begin():
        for row in _rows():
            table = table_of(type(row))
            if table.name == "visit" or getattr(row, "id", None) in ("ticket-of-the-next-day", 2):
                continue
            values = row.model_dump()
            fresh: dict[str, Any] = (
                {"step": 9}
                if table.name == "given_estimate"
                else {"id": 9 if isinstance(values["id"], int) else "another"}
            )
            if table.name == "booking":
                fresh["reference"] = "R2"
            with tried(connection):
                connection.execute(table.insert().values(**{**values, **fresh}))
                assert gone(connection) == LET_GO, table.name
            with tried(connection):
                points_at_it = {"ticket": "step", "seat": "pause"}.get(table.name)
                if points_at_it is not None:
                    connection.execute(text(f"DELETE FROM {points_at_it}"))
                    connection.execute(text("DELETE FROM day_sum"))
                    put(connection, _copies())
                key = next(iter(table.primary_key.columns))
                connection.execute(table.delete().where(key == values[key.name]))
                assert gone(connection) == LET_GO, table.name


def test_a_tap_of_today_and_a_booking_to_come_let_go_of_nothing(database: Database) -> None:
    later = AT + timedelta(days=40)
    with database.writer.connect() as connection, connection.begin():
        connection.execute(text("UPDATE booking SET state = 'booked' WHERE id = 'booking'"))
        connection.execute(insert(MonthSum).values(centre_id=1, month=date(2026, 4, 1), sums={}, made_at=AT))
        before = gone(connection)
        connection.execute(text("UPDATE booking SET state = 'arrived', service_id = 2 WHERE id = 'booking'"))
        row: dict[str, Any] = {
            "centre_id": 1,
            "activity": "telephone",
            "source": "tap",
            "at": later,
            "entered_at": later,
        }
        connection.execute(
            insert(Tally).values(**Tally(id="today", counted_on=later.date(), **row).model_dump())
        )
        assert gone(connection) == before


def test_a_service_that_counts_as_something_else_or_another_time_zone_lets_go_of_all(
    database: Database,
) -> None:
    changes: list[Callable[[Connection], object]] = [
        lambda connection: connection.execute(
            table_of(Service).update().where(table_of(Service).c.id == 1).values(activity="support")
        ),
        lambda connection: connection.execute(
            table_of(Centre).update().where(table_of(Centre).c.id == 1).values(timezone="Asia/Kathmandu")
        ),
    ]
    with database.writer.connect() as connection, connection.begin():
        for do in changes:
            with tried(connection):
                do(connection)
                assert gone(connection) == {*(f"1 {on} made" for on in DAYS), "1 month"}
        with tried(connection):
            connection.execute(text("UPDATE service SET names = '{}', discreet = NOT discreet"))
            assert gone(connection) == set()


def test_a_month_goes_with_what_is_kept_of_its_days(database: Database) -> None:
    with database.writer.connect() as connection, connection.begin(), tried(connection):
        connection.execute(
            text("UPDATE day_sum SET sums = '{\"counts\": {}}' WHERE centre_id = 1 AND part = 'kept'")
        )
        assert gone(connection) == {"1 month"}
        connection.execute(
            insert(DaySum).values(centre_id=2, day=date(2026, 5, 1), part="kept", sums={}, made_at=AT)
        )
        assert gone(connection) == {"1 month", "2 month"}


_ALIASED = re.compile(r"\b([a-z])\.(\w+)")
_ALIASES = re.compile(r"(?:FROM|JOIN) (\w+) ([a-z])\b")


def test_whatever_is_read_for_sums_is_watched() -> None:
    """Whoever reads another column adds it to the triggers, or this fails."""
    watched = {each.table: {*each.columns, "id"} for each in triggers.WATCHED}
    watched["ticket"].add("visit_id")
    for name, statement in vars(summing).items():
        if not isinstance(statement, Statement) or name == "_ACTIVITIES":
            continue
        aliases = {alias: table for table, alias in _ALIASES.findall(statement.sqlite)}
        read = [(aliases[alias], column) for alias, column in _ALIASED.findall(statement.sqlite)]
        if not aliases:
            table = re.findall(r"FROM (\w+)", statement.sqlite)[0]
            read = [
                (table, word)
                for word in re.findall(r"\w+", statement.sqlite)
                if word in TABLES[table].c and word != "held_until"
            ]
        assert read
        assert {(table, column) for table, column in read if column not in watched[table]} == set(), name


def test_a_start_puts_right_what_is_missing_and_trusts_no_copy_made_without(database: Database) -> None:
    assert migrate(database) is False
    name = "let_go_tally_added"
    with database.writer.connect() as connection, connection.begin():
        on = "" if database.is_sqlite else " ON tally"
        connection.execute(text(f"DROP TRIGGER {name}{on}"))
    assert migrate(database) is True
    with database.writer.connect() as connection, connection.begin():
        assert {f"1 {ON} made", "1 month", "2 month"} <= gone(connection)
        assert f"1 {ON} kept" not in gone(connection)
        assert name in {found for found, _ in triggers._there(connection)}
    assert migrate(database) is False
