"""How fast appointments are: the free slots of a month in a busy diary, and booking while fifty others book.

The diary is of a service with twenty people, each with a rota and skills, three in five of whose time for the next six weeks is taken, with
preparation and a share for walk-ins. Slots are read as every page reads them, from the database, nothing kept but the hours. Booking goes
through a real server and its sockets: fifty closed loops, each asking for the next time as soon as it was answered, so the server is never
without all fifty at its door; a time that somebody else got meanwhile is answered and counted apart. Whole seconds of a clock, two processors,
the load included.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import uvloop
from sqlmodel import Session, select

from benchmarks.centre import Built, build
from benchmarks.load import ANSWER, Client
from benchmarks.process import run_program, serving
from benchmarks.speed import Bench
from benchmarks.talk import cookie
from server.clock import Clock, from_micros
from server.domain.slots import at_minute, local_day
from server.live import offered
from server.store.database import Database, open_database
from server.store.tables import Bookable, Booking, Rota, Service, Staff, StaffSkill
from wire.references import new_reference
from wire.vocabulary import BookableKind, BookingState, SkillKind, new_id

PEOPLE = 20
CLIENTS = 50
WEEKS = 6
SERVICE = "council-tax"
OFFER = {
    "minutes": 20,
    "prepare_minutes": 5,
    "every_minutes": 15,
    "at_once": PEOPLE,
    "by_people": True,
    "walk_in_share": 10,
    "ahead_days": 7 * WEEKS,
}
LONDON = ZoneInfo("Europe/London")


def rows(bench: Bench) -> None:
    """Both figures; see the module."""
    built = build(bench.folder / "booking.db", kiosks=1, counters=CLIENTS)
    database = open_database(built.url)
    try:
        with database.writing() as session:
            fill(session, Clock().now().astimezone(LONDON).date())
        took, starts = month(database, 10 if bench.quick else 40)
    finally:
        database.close()
    bench.values["slots_month_ms"] = 1000 * took[len(took) // 2]
    told = book(built, starts, bench.seconds(3.0))
    bench.values["book_p95_ms_50"] = told["p95_ms"]


def fill(session: Session, today: date) -> None:
    """Twenty people of the first centre, and what they are booked for already."""
    service = session.exec(select(Service).where(Service.slug == SERVICE, Service.centre_id == 1)).one()
    service.booking, service.by_appointment = dict(OFFER), True
    chance = random.Random(4)
    for person in session.exec(select(Staff).order_by(Staff.id).limit(PEOPLE)).all():  # type: ignore[arg-type]  # a column to SQLAlchemy
        assert person.id is not None
        session.add(StaffSkill(staff_id=person.id, centre_id=1, kind=SkillKind.SERVICE, value=SERVICE))
        one = Bookable(centre_id=1, kind=BookableKind.PERSON, name=person.name, staff_id=person.id)
        session.add(one)
        session.flush()
        assert one.id is not None
        for weekday in range(5):
            session.add(Rota(bookable_id=one.id, weekday=weekday, starts="09:30", ends="16:30"))
        for number in range(1, 7 * WEEKS):
            on = today + timedelta(days=number)
            if on.weekday() < 5:
                _fill_day(session, one.id, service.id or 0, on, chance)
        session.flush()


def _fill_day(session: Session, person: int, service: int, on: date, chance: random.Random) -> None:
    opens = local_day(on, LONDON).first + 9 * 60 + 30
    for start in range(opens, opens + 7 * 60 - 20, 30):
        if chance.random() < 0.6:
            session.add(
                Booking(
                    id=new_id(),
                    centre_id=1,
                    service_id=service,
                    reference=new_reference(chance.choice),
                    state=BookingState.BOOKED,
                    starts_at=at_minute(start),
                    ends_at=at_minute(start + 20),
                    held_from=at_minute(start - 5),
                    held_until=at_minute(start + 20),
                    person_id=person,
                    made_at=from_micros(Clock().micros()),
                )
            )


def month(database: Database, times: int) -> tuple[list[float], list[int]]:
    """Seconds that each reading of a month's slots took, in order; and where the slots of all six weeks begin (milliseconds)."""
    took = []
    with database.session() as session:
        service = session.exec(select(Service).where(Service.slug == SERVICE, Service.centre_id == 1)).one()
        now = Clock().micros()
        today = from_micros(now).astimezone(LONDON).date()
        found = offered.days(session, 1, service, today, today + timedelta(days=7 * WEEKS), now)
        for _ in range(times):
            began = time.perf_counter()
            offered.days(session, 1, service, today, today + timedelta(days=30), now)
            took.append(time.perf_counter() - began)
    starts = [slot.starts_at // 1000 for day in found for slot in day.slots]
    assert len(starts) > 200, "the diary is too full to measure"
    return sorted(took), starts


def book(built: Built, starts: list[int], seconds: float) -> dict[str, Any]:
    with serving(built.url) as server:
        order = {"port": server.port, "sessions": built.sessions, "starts": starts, "seconds": seconds}
        told: dict[str, Any] = run_program("benchmarks.booking", order)
    return told


class Booker(Client):
    """Asks for one time after the other."""

    def __init__(self, chance: random.Random, starts: list[int], took: list[float]) -> None:
        super().__init__()
        self.chance, self.starts, self.took = chance, starts, took
        self.until, self.refused, self._asked = 0.0, 0, 0.0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def go(self, until: float) -> None:
        self.until = until
        self._next()

    def _next(self) -> None:
        at = self.chance.choice(self.starts)
        body = f'{{"do":"book","booking":"{new_id()}","service":"{SERVICE}","starts_at":{at},"name":"Jo"}}'
        self._asked = time.perf_counter()
        self.say(f'{{"type":"ask","id":"{new_id()}","body":{body}}}'.encode())

    def _heard(self, message: bytes) -> None:
        if not message.startswith(ANSWER):
            if not self.ready.done():
                self.ready.set_result(None)
            return
        now = time.perf_counter()
        if b'"reference"' in message:
            self.took.append(now - self._asked)
        elif b'"closed"' in message:
            self.refused += 1
        else:
            sys.exit(f"refused: {message.decode()}")
        if now < self.until:
            self._next()
        elif not self.over.done():
            self.over.set_result(None)


async def load(order: dict[str, Any]) -> dict[str, Any]:
    took: list[float] = []
    bookers = [
        Booker(random.Random(number), order["starts"], took) for number in range(len(order["sessions"]))
    ]
    for client, (key, _) in zip(bookers, order["sessions"], strict=True):
        await client.open(order["port"], "/ws/staff", cookie(key))
    began = time.perf_counter()
    for client in bookers:
        client.go(began + order["seconds"])
    await asyncio.gather(*(client.over for client in bookers))
    passed = time.perf_counter() - began
    took.sort()
    return {
        "p50_ms": 1000 * took[len(took) // 2],
        "p95_ms": 1000 * took[int(len(took) * 0.95)],
        "per_s": len(took) / passed,
        "refused": sum(client.refused for client in bookers),
        "count": len(took),
    }


def main() -> None:
    if sys.stdin.isatty():
        sys.exit("Run it by: python -m benchmarks --only booking")
    print(json.dumps(uvloop.run(load(json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
