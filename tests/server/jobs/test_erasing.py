"""What is due goes, without a trace on the disk, and every figure stays what it was."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, make_url, text
from sqlmodel import SQLModel

from demo.years import make_years
from server.actions import erasing, staff
from server.clock import from_micros, to_micros
from server.domain.access import SYSTEM, Actor
from server.domain.refusals import Refused
from server.domain.retention import Name
from server.domain.spans import Kind, Span, parts
from server.edge import House
from server.jobs.erasing import erase_due
from server.jobs.sealing_audit import Sealer
from server.live.figures import read_figures
from server.live.sums import read_series, read_sums
from server.settings import Settings
from server.store.database import open_database, scratch_engine
from server.store.sql import Statement
from server.store.tables import Bookable, RecoveryCode, SecondFactor, Staff, Submission
from server.store.tx import Tx
from tests.support.house import HandClock
from tests.support.waiting import until_async

FIRST, LAST = date(2025, 3, 24), date(2025, 4, 6)
"""Two weeks, with the Sunday on which the clock goes forward."""
MARK = "ZEBRA-QUAGGA-OKAPI-"
DAYS_KEPT = 400
FORMER, RENAMED = "ocelot-margay", "kodkod-serval"


@dataclass
class Kept:
    house: House
    clock: HandClock


def _plant(url: str) -> None:
    """What would give somebody away, in every column that holds such a thing."""
    database = open_database(url)
    with database.writer.connect() as connection, connection.begin():
        visit, ticket = connection.execute(
            text("SELECT v.id, t.id FROM visit v JOIN ticket t ON t.visit_id = v.id ORDER BY v.id LIMIT 1")
        ).one()
        at = to_micros(datetime(2025, 3, 24, 11, tzinfo=UTC))
        for statement, values in (
            ("INSERT INTO note (visit_id, ticket_id, at, text) VALUES (:visit, :ticket, :at, :mark)", {"mark": f"{MARK}note"}),
            ("UPDATE visit SET follow_hash = :mark, language = 'gu', needs = '[\"step_free\"]' WHERE id = :visit", {"mark": f"{MARK}hash"}),
            ("UPDATE feedback SET sealed = :mark WHERE id = (SELECT MIN(id) FROM feedback)", {"mark": f"{MARK}comment"}),
            ("UPDATE tally SET reason = :mark, visit_id = :visit WHERE id = (SELECT MIN(id) FROM tally)", {"mark": f"{MARK}reason"}),
            ("INSERT INTO audit (centre_id, at, what, about, address, detail) VALUES (1, :at, 'looked', :mark, '', '{}')", {"mark": f"{MARK}audit"}),
            ("INSERT INTO audit (centre_id, at, what, about, address, detail) VALUES (NULL, :at, 'looked', :mark, '', '{}')", {"mark": f"{MARK}house"}),
            (
                "INSERT INTO said (id, centre_id, kind, reference, state, received_on, received_at, way, sealed, ended_at, passed_to)"
                " VALUES (:visit, 1, 'complaint', 'ABCD2345', 'answered', '2025-03-24', :at, 'staff', :mark, :at, '')",
                {"mark": f"{MARK}complaint"},
            ),
        ):  # fmt: skip
            connection.execute(text(statement), {"visit": visit, "ticket": ticket, "at": at, **values})
    database.close()


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[Kept]:
    make_years(database_url, centres=1, first=FIRST, last=LAST, visits=14.0, seed=5)
    _plant(database_url)
    clock, database = HandClock(datetime(2025, 4, 7, 3, tzinfo=UTC)), open_database(database_url)
    house = House(Settings(database=database_url), database, clock)
    await house.start()
    try:
        yield Kept(house, clock)
    finally:
        await house.stop()
        database.close()


def _traces(url: str) -> list[str]:
    """Where on the disk a mark is, with what follows it."""
    path = Path(str(make_url(url).database))
    found = []
    for each in sorted(path.parent.glob(f"{path.name}*")):
        body = each.read_bytes()
        found += [
            f"{each.name}: {hit.group().decode()}" for hit in re.finditer(MARK.encode() + rb"[a-z]*", body)
        ]
    return found


async def _figures(house: Kept) -> list[dict[str, Any]]:
    """Of each day by its sums and as the page Counts tells it, all together, and of a month, by need."""
    weeks = parts(Span(FIRST, LAST), Kind.DAY)
    now = house.clock.micros()

    def read(connection: Connection) -> list[dict[str, Any]]:
        sums = read_series(connection, 1, weeks, now)
        days = [(each.first, each.last) for each in weeks]
        march = (date(2025, 3, 1), date(2025, 3, 31))
        shown = [read_figures(connection, 1, "Here", *span, now) for span in (*days, (FIRST, LAST), march)]
        assert shown[-1].needs is not None
        assert len(shown[-1].needs) > 2
        counted = [replace(each, today=LAST, months=None, corrections=()) for each in shown]
        return [each.document() for each in sums] + [{"page": each} for each in counted]

    return await house.house.look(read)


def _deeds(connection: Connection) -> list[str]:
    return [each for (each,) in connection.execute(text("SELECT what FROM audit"))]


async def _rows(house: Kept, table: str) -> int:
    return int(
        await house.house.look(
            lambda connection: connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar() or 0
        )
    )


async def _set(house: Kept, statement: str) -> None:
    await house.house.change(SYSTEM, "test", lambda tx: tx.sql.run(Statement(statement)))


async def _erase_all(house: Kept) -> None:
    for _ in range(20):
        if not await erase_due(house.house):
            return
    raise AssertionError("there is no end of what is due")


async def test_nothing_is_erased_before_it_is_due(house: Kept) -> None:
    before = {
        table: await _rows(house, table) for table in ("visit", "step", "seat", "booking", "note", "audit")
    }
    house.clock.set(datetime(2025, 4, 7, 3, tzinfo=UTC) + timedelta(days=60))
    await erase_due(house.house)
    assert {table: await _rows(house, table) for table in before} == before
    house.clock.set(datetime(2025, 3, 24, 12, tzinfo=UTC) + timedelta(days=DAYS_KEPT))
    await erase_due(house.house)
    assert await _rows(house, "visit") == before["visit"], (
        "the first day is kept for as long as was said, to its end"
    )
    assert await _rows(house, "note") == 0
    house.clock.go(days=1)
    await erase_due(house.house)
    left = await house.house.look(
        lambda connection: str(connection.execute(text("SELECT MIN(arrived_on) FROM visit")).scalar())
    )
    assert left == "2025-03-25"


async def test_after_erasing_the_figures_are_what_they_were_and_nothing_else_is_there(
    house: Kept, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = await _figures(house)
    days = [each for each in before if "counts" in each]
    assert sum(each["counts"].get("visits", 0) for each in days) > 80
    assert any("wait/walk_in" in key for each in days for key in each["spreads"])
    await Sealer(house.house).round()
    house.clock.set(datetime(2025, 4, 7, 3, tzinfo=UTC) + timedelta(days=1200))
    await _erase_all(house)
    assert await house.house.look(_deeds) == ["audit erased"], "who erased it is the one line that is there"
    await _set(house, "DELETE FROM audit WHERE what = 'audit erased'")
    for table in ("visit", "ticket", "step", "note", "seat", "pause", "booking", "given_estimate", "audit"):
        assert await _rows(house, table) == 0, table
    assert await _rows(house, "feedback") > 0
    assert await _rows(house, "tally") > 0
    assert await _figures(house) == before
    assert MARK not in caplog.text
    told = await house.house.look(
        lambda connection: list(
            connection.execute(text("SELECT name, SUM(erased), SUM(found_after) FROM erasure GROUP BY name"))
        )
    )
    assert {name for name, *_ in told} == {"visits", "notes", "comments", "complaints", "persons", "audit"}
    assert all(erased > 0 and found == 0 for _, erased, found in told)
    if database_url.startswith("sqlite"):
        await until_async(
            lambda: _clean(house, database_url), 10.0, "overwritten in the file, its free pages and its log"
        )


async def _clean(house: Kept, url: str) -> bool:
    """Another commit, after which the log is started anew if nobody reads in it."""
    await house.house.change(SYSTEM, "nothing", lambda tx: tx.audit("nothing"))
    return _traces(url) == []


async def test_an_appointment_stays_with_whoever_came_for_it_after_midnight(house: Kept) -> None:
    """Erased with its own day, it would turn a visitor who was in time into one who came too late."""
    at = to_micros(datetime(2025, 3, 24, 22, 55, tzinfo=UTC))
    await _set(
        house,
        f"UPDATE booking SET starts_at = {at}, held_from = {at}, ends_at = {at}, held_until = {at} WHERE id ="
        " (SELECT t.booking_id FROM ticket t JOIN visit v ON v.id = t.visit_id"
        " WHERE v.arrived_on = '2025-03-25' AND t.booking_id IS NOT NULL ORDER BY t.id LIMIT 1)",
    )
    before = await _figures(house)
    house.clock.set(datetime(2025, 3, 25, 12, tzinfo=UTC) + timedelta(days=DAYS_KEPT))
    await erase_due(house.house)
    left = await house.house.look(
        lambda c: str(c.execute(text("SELECT MIN(arrived_on) FROM visit")).scalar())
    )
    assert left == "2025-03-25", "the day before is gone, and not looked at again and again"
    assert await _figures(house) == before
    house.clock.go(days=30)
    await _erase_all(house)
    assert await _rows(house, "booking") == 0
    assert await _figures(house) == before


async def test_a_day_that_cannot_be_erased_stays_whole_and_keeps_no_other(house: Kept) -> None:
    """A visit of it is open still, whatever kept it so."""
    on = "arrived_on = '2025-03-25'"
    await _set(house, f"UPDATE visit SET ended_at = NULL WHERE id = (SELECT MIN(id) FROM visit WHERE {on})")
    before, figures = await _rows(house, f"visit WHERE {on}"), await _figures(house)
    house.clock.set(datetime(2025, 4, 7, 3, tzinfo=UTC) + timedelta(days=500))
    await erase_due(house.house)
    assert before == await _rows(house, f"visit WHERE {on}") == await _rows(house, "visit") > 2
    assert await _figures(house) == figures


async def test_what_somebody_changes_while_a_day_is_erased_is_told_as_changed(
    house: Kept, database_url: str
) -> None:
    """By a transaction beside the server, as at the database's own prompt: the day waits for it."""
    if database_url.startswith("sqlite"):
        return  # one writer at a time, whoever it is
    engine = scratch_engine(database_url)
    house.clock.set(datetime(2025, 3, 25, 12, tzinfo=UTC) + timedelta(days=DAYS_KEPT))
    before = await _people(house)
    with engine.connect() as beside, beside.begin():
        beside.execute(text("UPDATE visit SET people = people + 1 WHERE arrived_on = '2025-03-24'"))
        erasing_it = asyncio.create_task(erase_due(house.house))
        with engine.connect() as watching:
            await until_async(lambda: _waits(watching), 10.0, "the erasing waits for whoever changes the day")
    await erasing_it
    assert await _rows(house, "visit WHERE arrived_on = '2025-03-24'") == 0
    assert await _people(house) > before
    engine.dispose()


def _waits(connection: Connection) -> bool:
    waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted"
    return bool(connection.execute(text(waiting)).scalar())


async def _people(house: Kept) -> int:
    now = house.clock.micros()
    sums = await house.house.look(lambda connection: read_sums(connection, 1, FIRST, FIRST, now))
    return sums.count("visitors")


async def test_a_time_outside_what_may_be_set_is_refused_and_a_shorter_one_holds(house: Kept) -> None:
    ada = Actor(kind="staff", id=1, centre=1)
    for days in (59, 3651):
        with pytest.raises(Refused, match="can be kept from 60 to 3650 days"):
            await house.house.change(ada, "keeping", partial(erasing.set_rule, name=Name.VISITS, days=days))
    await house.house.change(ada, "keeping", lambda tx: erasing.set_rule(tx, Name.VISITS, 60))
    house.clock.set(datetime(2025, 4, 7, 3, tzinfo=UTC) + timedelta(days=100))
    await _erase_all(house)
    assert await _rows(house, "visit") == 0
    now = house.clock.micros()
    sums = await house.house.look(lambda connection: read_sums(connection, 1, FIRST, LAST, now))
    assert sums.count("visits") > 80


def _name_everywhere(tx: Tx) -> None:
    """A member of staff whose name stands in every place where the house writes one down."""
    session, at, name = tx.session(), from_micros(tx.now), FORMER
    person = session.get_one(Staff, 1)
    person.name, person.username = name, name
    session.add(Bookable(centre_id=1, kind="person", name=name, staff_id=1))
    session.add(SecondFactor(staff_id=1, secret=name, made_at=at))
    session.add(RecoveryCode(staff_id=1, hash=name))
    taken_in: dict[str, Any] = {"made_at": at, "received_at": at, "accepted_at": at, "accepted_by": name}
    session.add(
        Submission(id="s" * 32, centre_id=1, kind="papers", reference="S", what="x", body_hash="", **taken_in)
    )


def _marked(connection: Connection) -> list[str]:
    return [
        f"{table.name}: {row}"
        for table in SQLModel.metadata.sorted_tables
        for row in connection.execute(table.select())
        if FORMER in str(row) or RENAMED in str(row)
    ]


async def test_former_staff_lose_their_names(house: Kept) -> None:
    await house.house.change(SYSTEM, "test", _name_everywhere)
    rename = partial(staff.rename, staff_id=1, centre_id=1, name=RENAMED)
    await house.house.change(SYSTEM, "rename", rename)
    await _set(house, "DELETE FROM audit WHERE what = 'staff_renamed'")  # which has a time of its own
    assert len(await house.house.look(_marked)) == 5
    gone_at = to_micros(datetime(2025, 4, 1, tzinfo=UTC))
    await _set(house, f"UPDATE staff SET disabled_at = {gone_at} WHERE id = 1")
    house.clock.set(from_micros(gone_at) + timedelta(days=731))
    await erase_due(house.house)

    def name(connection: Connection) -> tuple[str, str]:
        return tuple(connection.execute(text("SELECT username, name FROM staff WHERE id = 1")).one())

    assert await house.house.look(name) == ("former-1", "Former member of staff 1")
    assert await house.house.look(_marked) == []
    assert await _rows(house, "staff") > 5


async def test_papers_of_one_of_two_who_are_called_the_same_are_nobodys_by_name(house: Kept) -> None:
    """Renaming one of them says nothing of whose they were."""
    await house.house.change(SYSTEM, "test", _name_everywhere)
    await _set(house, f"UPDATE staff SET name = '{FORMER}' WHERE id = 2")
    rename = partial(staff.rename, staff_id=1, centre_id=1, name=RENAMED)
    await house.house.change(SYSTEM, "rename", rename)
    assert await _rows(house, "submission WHERE accepted_by = 'a colleague'") == 1
