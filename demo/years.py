"""Years of plausible days for as many centres as one likes: what the figures are looked at and measured with.

    python -m demo.years --database sqlite:///var/years.db --centres 5 --years 10 --visits 118

Each day is played (`demo.days`) and written as the rows the house would have left: visits, tickets with their steps, sittings and breaks, taps, appointments, what visitors
said at the exit, the door's counter, rosters. Rows go in by bulk, past the actions, because ten years of five centres are a million and a half visits; the same seed gives the
same years. Nobody is in them: no name, no number, no note.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, text
from sqlmodel import Session, col, func, select

from demo.days import Offered, busy
from demo.rows import Site, Years
from server.actions.centres import load
from server.centrefile.plan import CentrePlan
from server.domain.hours import Usual
from server.store.database import Database, open_database
from server.store.schema import migrate
from server.store.tables import (
    Centre,
    Counter,
    KnownEvent,
    Seat,
    Service,
    Staff,
    StaffRole,
    Visit,
)
from wire.vocabulary import Activity, Role

NAMES = ("York House", "New Walk Centre", "New Parks", "Saffron", "Brite Centre")
SHARES = (1.0, 1.6, 0.9, 0.7, 0.5)
"""How many come to each, of those to the first."""
TAPS = {
    "scan_station": 583,
    "telephone": 295,
    "self_service_pc": 211,
    "payment_kiosk": 122,
    "forms": 109,
    "door_help": 90,
}
TICKETS = 282
"""York House's quarter: 282 with tickets (advice, support, appointments) beside these counted by taps."""
KEPT_DAYS = 400
"""As far back as detail is usually kept (`server.domain.retention`), what was told of waits is there as well."""
LONGER_A_YEAR = 1.02
"""Handling takes longer every year, as simple things move elsewhere."""


# Putting it together -------------------------------------------------------------------------------------------------


def events_of(first: date, last: date) -> dict[date, float]:
    """What is known to bring people: council tax bills in the middle of March; and what keeps them away: the days around Christmas."""
    found: dict[date, float] = {}
    for year in range(first.year, last.year + 1):
        found |= {date(year, 3, 10) + timedelta(days=number): 1.55 for number in range(16)}
        found |= {date(year, 12, 24) + timedelta(days=number): 0.0 for number in range(9) if number < 8}
    return {on: factor for on, factor in found.items() if first <= on <= last}


def plans(number: int, *, every_weekday: bool) -> Iterator[CentrePlan]:
    """York House, and centres like it under other names, open in its hours or on every weekday."""
    from demo.ground import centre_plan  # which fills its centre with weeks made here

    plan = centre_plan()
    if every_weekday:
        usual = tuple(Usual(day, clock_time(9), clock_time(17)) for day in range(5))
        plan = replace(plan, hours=replace(plan.hours, usual=usual))
    yield plan
    for name in [*NAMES[1:], *(f"Centre {each}" for each in range(len(NAMES) + 1, number + 1))][: number - 1]:
        yield replace(plan, slug=name.lower().replace(" ", "-"), name=name)


def site_of(session: Session, centre: Centre, visits: float, *, every_weekday: bool) -> Site:
    services = session.exec(
        select(Service).where(Service.centre_id == centre.id, col(Service.retired_at).is_(None))
    ).all()
    leads = {"urgent": 1800.0, "soon": 600.0}
    offered = tuple(
        Offered(each.id or 0, 0.2 if each.discreet else 1.5 / (1 + place / 5), float(each.usual_minutes), leads.get(each.ticket_class, 0.0), bool(each.booking), each.discreet or each.private)
        for place, each in enumerate(services)
        if each.activity not in (Activity.SCAN_STATION.value,)
    )  # fmt: skip
    counters = session.exec(
        select(Counter.id).where(Counter.centre_id == centre.id).order_by(col(Counter.position))
    ).all()
    held = select(StaffRole.staff_id).where(StaffRole.centre_id == centre.id, StaffRole.role == Role.ADVISER)
    advisers = session.exec(select(Staff.id).where(col(Staff.id).in_(held)).order_by(col(Staff.id))).all()
    days = range(5) if every_weekday else (1, 3)
    hours = dict.fromkeys(days, (9 * 3600.0, 17 * 3600.0) if every_weekday else (9.5 * 3600, 16.5 * 3600))
    taps = {name: visits * share / TICKETS for name, share in TAPS.items()}
    assert centre.id is not None
    return Site(
        centre.id,
        ZoneInfo(centre.timezone),
        offered,
        hours,
        tuple(c for c in counters if c),
        tuple(s for s in advisers if s),
        visits,
        taps,
    )


def make_years(
    address: str,
    *,
    centres: int,
    first: date,
    last: date,
    visits: float,
    seed: int = 19,
    every_weekday: bool = True,
    say: Any = None,
) -> int:
    """Fill the database with every day from `first` to `last`; how many visits. `visits`: with tickets, on a usual day of the first centre."""
    database = open_database(address)
    try:
        migrate(database)
        with Session(database.writer) as session:
            for plan in plans(centres, every_weekday=every_weekday):
                if session.exec(select(Centre).where(Centre.slug == plan.slug)).first() is None:
                    load(session, plan, datetime.combine(first, clock_time(), UTC))
            session.commit()
            rows = session.exec(select(Centre).order_by(col(Centre.id))).all()[:centres]
            sites = [
                site_of(session, row, visits * SHARES[place % len(SHARES)], every_weekday=every_weekday)
                for place, row in enumerate(rows)
            ]
        made = fill(database, sites, first, last, seed, say)
    finally:
        database.close()
    return made


def add_weeks(database: Database, last: date, weeks: int, visits: float) -> int:
    """Weeks of its own days for the first centre of a fresh demonstration, which has none yet; how many visits."""
    with Session(database.writer) as session:
        if session.exec(select(Visit.id).limit(1)).first() is not None:
            return 0
        centre = session.exec(select(Centre).order_by(col(Centre.id))).first()
        assert centre is not None, "the centre's file was loaded before"
        site = site_of(session, centre, visits, every_weekday=False)
    return fill(database, [site], last - timedelta(weeks=weeks) + timedelta(days=1), last)


def fill(
    database: Database, sites: Sequence[Site], first: date, last: date, seed: int = 19, say: Any = None
) -> int:
    """Every day from `first` to `last` at each site; how many visits."""
    made, events = 0, events_of(first, last)
    with Session(database.writer) as session:
        seats = (session.exec(select(func.max(Seat.id))).first() or 0) + 1
    for place, site in enumerate(sites):
        connection = database.writer.connect()
        made += _fill(connection, site, events, first, last, seed + place, seats + place * 10_000_000, say)
    with database.writer.connect() as connection, connection.begin():
        _finish(connection, [site.id for site in sites], events, first)
    return made


def _fill(
    connection: Connection,
    site: Site,
    events: Mapping[date, float],
    first: date,
    last: date,
    seed: int,
    seats: int,
    say: Any,
) -> int:
    years, made, on = Years(site, seed, seats), 0, first
    with connection:
        while on <= last:
            month = on.month
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SET LOCAL session_replication_role = replica"))
                while on <= last and on.month == month:
                    years.tells_waits = (last - on).days <= KEPT_DAYS
                    made += years.fill(on, busy(on, events), LONGER_A_YEAR ** ((on - first).days / 365.25))
                    on += timedelta(days=1)
                years.write(connection)
            if say and on.month == 1:
                say(f"centre {site.id}: up to {on}, {made} visits")
    return made


def _finish(connection: Connection, sites: Sequence[int], events: Mapping[date, float], first: date) -> None:
    """What goes with the whole: copies of sums that were made before are let go, numbers of sittings go on after ours, what was known is written down."""
    for site in sites:
        for table in ("day_sum", "month_sum"):
            connection.execute(text(f"DELETE FROM {table} WHERE centre_id = :centre"), {"centre": site})
        for year in sorted({on.year for on, factor in events.items() if factor > 1}):
            values = KnownEvent(
                centre_id=site, kind="council-tax-bills", name="Council tax bills go out", first_on=date(year, 3, 10), last_on=date(year, 3, 25),
                made_at=datetime.combine(first, clock_time(), UTC),
            ).model_dump(exclude={"id"})  # fmt: skip
            connection.execute(insert(KnownEvent), values)
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence('seat', 'id'), (SELECT MAX(id) FROM seat))")
        )
        connection.execute(text("ANALYZE"))
    else:
        connection.execute(text("ANALYZE"))


def main(arguments: Sequence[str] | None = None) -> int:
    reader = argparse.ArgumentParser(
        prog="python -m demo.years", description="Fill a database with plausible years of a few centres."
    )
    reader.add_argument(
        "--database", required=True, help="SQLite path or PostgreSQL address, as FOYER_DATABASE"
    )
    reader.add_argument("--centres", type=int, default=1)
    reader.add_argument("--weeks", type=int, default=12)
    reader.add_argument("--years", type=float, default=0.0, help="instead of weeks")
    reader.add_argument("--until", type=date.fromisoformat, default=date(2026, 11, 23), help="the last day")
    reader.add_argument(
        "--visits", type=float, default=55.0, help="with a ticket, on a usual day of the first centre"
    )
    reader.add_argument("--seed", type=int, default=19)
    reader.add_argument(
        "--own-days", action="store_true", help="open on Tuesdays and Thursdays only, as York House is"
    )
    told = reader.parse_args(arguments)
    days = round(told.years * 365.25) if told.years else told.weeks * 7
    begun = time.monotonic()
    made = make_years(
        told.database, centres=told.centres, first=told.until - timedelta(days=days - 1), last=told.until, visits=told.visits, seed=told.seed,
        every_weekday=not told.own_days, say=lambda line: print(line, flush=True),  # noqa: T201  # a program of the command line speaks there
    )  # fmt: skip
    print(f"{made} visits in {time.monotonic() - begun:.0f} s")  # noqa: T201  # a program of the command line speaks there
    return 0


if __name__ == "__main__":
    sys.exit(main())
