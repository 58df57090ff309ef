"""A real server with eight people and a kiosk on real sockets, for asking many things at once and looking at everything afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, text
from sqlmodel import Session
from websockets.asyncio.client import ClientConnection, connect

from server.domain.access import SYSTEM
from server.store.sql import Sql, Statement
from server.store.tables import Booking as BookingRow
from server.store.tables import Counter, Staff, StaffRole, StaffSkill
from server.store.tx import Tx
from tests.server.web.rehearsal import NOON, TOKENS, Hands, Served, password_hash
from tests.support.booked import book_in
from tests.system.floor_booked import Booking
from tests.system.floor_shapes import CLASSES, Person
from wire.asks import AnyAsk
from wire.follow import Change, Follower
from wire.frames import Answer, Ask, Row, read_server_frame
from wire.vocabulary import DeviceKind, Role, SkillKind

ADVISERS = ("ava", "ben", "cai", "dee", "eli")
GREETERS = ("gus", "gwen")
MANAGER = "mo"
SKILLS = {"ava": "pl", "ben": "sign_language", "cai": "pl"}
COUNTERS = ("desk-1", "desk-2", "desk-3", "desk-4")
ROLES: dict[str, tuple[Role, ...]] = {
    **dict.fromkeys(ADVISERS, (Role.ADVISER, Role.DISCREET)),
    **dict.fromkeys(GREETERS, (Role.GREETER,)),
    MANAGER: (Role.MANAGER, Role.ADVISER, Role.DISCREET),
}
_QUEUE = (
    "booking", "booking_try", "step", "note", "tally", "print_job", "ticket", "visit", "pause", "seat",
    "attention", "announcement", "command", "audit",
)  # fmt: skip
_TICKETS = Statement(
    """SELECT t.id, t.visit_id, s.slug, t.state, t.ticket_class, c.slug, f.slug, t.calls, t.quick, t.wants, t.counted, v.code
    FROM ticket t JOIN visit v ON v.id = t.visit_id JOIN service s ON s.id = t.service_id LEFT JOIN counter c ON c.id = t.counter_id
    LEFT JOIN counter f ON f.id = t.for_counter_id"""
)
_SEATS = Statement(
    """SELECT c.slug, p.username, s.after_quick, (SELECT COUNT(*) FROM pause b WHERE b.seat_id = s.id AND b.until_at IS NULL)
    FROM seat s JOIN counter c ON c.id = s.counter_id JOIN staff p ON p.id = s.staff_id WHERE s.until_at IS NULL"""
)
_BOOKINGS = Statement("SELECT id, state, ticket_id FROM booking")
_TAPS = Statement("SELECT id, activity, withdrawn_at FROM tally")
_CENTRE = Statement("SELECT evacuated_at FROM centre WHERE id = :centre")


@dataclass
class Line:
    """One person's or device's socket; answers find the ask they belong to."""

    socket: ClientConnection
    follower: Follower = field(default_factory=Follower)
    waiting: dict[str, asyncio.Future[Answer]] = field(default_factory=dict)
    reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.socket.send(self.follower.hello().encode())
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            frame = read_server_frame(message)
            if isinstance(frame, Answer):
                waiting = self.waiting.pop(frame.id, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(frame)
            else:
                assert isinstance(self.follower.take(frame, time.monotonic()), Change), "the feed has a hole"

    async def ask(self, ask_id: str, body: AnyAsk) -> Answer:
        """Each asks one thing at a time, as a finger does; the same id asked again before its answer waits for its turn."""
        while ask_id in self.waiting:
            await asyncio.wait([self.waiting[ask_id]])
        self.waiting[ask_id] = asyncio.get_running_loop().create_future()
        future = self.waiting[ask_id]
        await self.socket.send(Ask(id=ask_id, body=body).encode())
        return await asyncio.wait_for(future, 20)


@dataclass
class Seen:
    """The whole floor as the database has it."""

    tickets: dict[str, tuple[Any, ...]]
    seats: dict[str, tuple[Any, ...]]
    taps: dict[str, str | None]
    evacuated: bool
    bookings: dict[str, str | None]
    """Each appointment's ticket, once its visitor has arrived."""


class Table:
    """Everybody sits at it. Runs its own event loop; the server has another, in another thread."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.loop = asyncio.new_event_loop()
        self.clock: Hands = served.set_clock(NOON)
        self.people = served.run(
            served.house.change(SYSTEM, "people", partial(_add_people, served.ids.centre))
        )
        self.lines: dict[str, Line] = {}
        self.loop.run_until_complete(self._sit_everybody())

    def close(self) -> None:
        for line in self.lines.values():
            self.loop.run_until_complete(line.socket.close())
        self.loop.close()

    async def _sit_everybody(self) -> None:
        address = self.served.url.replace("http", "ws")
        for name in self.people:
            client = self.served.signed_in(name)
            cookies = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
            self.lines[name] = Line(
                await connect(
                    f"{address}/ws/staff", additional_headers={"Cookie": cookies}, ping_interval=None
                )
            )
        for name, kind in (("kiosk", DeviceKind.KIOSK), ("display", DeviceKind.DISPLAY)):
            bearer = {"Authorization": f"Bearer {TOKENS[kind]}"}
            self.lines[name] = Line(
                await connect(f"{address}/ws/device", additional_headers=bearer, ping_interval=None)
            )
        for line in self.lines.values():
            await line.start()

    def clear(self) -> None:
        """A new day: nobody is here and nothing was counted."""
        self.clock = self.served.set_clock(NOON)
        self.served.run(self.served.house.change(SYSTEM, "clear", partial(_clear, self.served.ids.centre)))

    def book(self) -> dict[str, Booking]:
        """Some appointments of today, about now."""
        return self.served.run(
            self.served.house.change(SYSTEM, "book", partial(_book, self.served.ids.centre))
        )

    def all_at_once(self, said: Sequence[tuple[str, str, AnyAsk]]) -> list[Answer]:
        """What each (who, ask id, body) is answered; those of different people are under way together."""

        async def everybody() -> list[Answer]:
            return list(await asyncio.gather(*(self.lines[who].ask(i, body) for who, i, body in said)))

        return self.loop.run_until_complete(everybody())

    def look(self) -> Seen:
        return self.served.run(self.served.house.look(partial(_look, self.served.ids.centre)))

    def board(self, wanted: set[str], seconds: float = 5.0) -> set[str]:
        """The codes the lobby display calls, once they are as wanted or time is up."""
        rows = self.lines["display"].follower.rows

        async def watch() -> set[str]:
            nonlocal rows
            deadline = time.monotonic() + seconds
            while True:
                rows = self.lines["display"].follower.rows
                called = {str(row["code"]) for row in rows.values() if _is_live_call(row)}
                if called == wanted or time.monotonic() > deadline:
                    return called
                await asyncio.sleep(0.005)

        return self.loop.run_until_complete(watch())


def _is_live_call(row: Row) -> bool:
    return row["kind"] == "call" and bool(row["live"])


def _add_people(centre: int, tx: Tx) -> dict[str, Person]:
    session: Session = tx.session()
    found = {}
    session.add(Counter(centre_id=centre, slug="desk-4", name="Desk 4", position=4))
    for name, roles in ROLES.items():
        person = Staff(username=name, name=name.title(), password_hash=password_hash())
        session.add(person)
        session.flush()
        assert person.id is not None
        session.add_all(StaffRole(staff_id=person.id, centre_id=centre, role=role) for role in roles)
        skill = SKILLS.get(name)
        if skill == "sign_language":
            session.add(StaffSkill(staff_id=person.id, centre_id=centre, kind=SkillKind.SIGN_LANGUAGE))
        elif skill:
            session.add(
                StaffSkill(staff_id=person.id, centre_id=centre, kind=SkillKind.LANGUAGE, value=skill)
            )
        can = frozenset({skill} if skill else ())
        found[name] = Person(name, person.id, frozenset(role.value for role in roles), can)
    # Nobody becomes a no-show by itself: the model knows only what people do.
    session.connection().execute(
        text("UPDATE centre SET no_show_minutes = 100000, desk_letter = 'G', version = version + 1")
    )
    return found


def _clear(centre: int, tx: Tx) -> None:
    connection = tx.session().connection()
    for table in _QUEUE:
        connection.execute(text(f"DELETE FROM {table}"))
    connection.execute(text("UPDATE centre SET evacuated_at = NULL, version = version + 1"))
    tx.touch(centre)


BOOKED = (-15, 5, 20, 40, 45, 90)
"""Minutes from the beginning of the story, by turns for each service."""


def _book(centre: int, tx: Tx) -> dict[str, Booking]:
    rows: list[tuple[str, BookingRow]] = [
        (service, book_in(tx, centre, minutes=minutes, service=service))
        for minutes, service in zip(BOOKED, 2 * list(CLASSES), strict=True)
    ]
    return {
        row.id: Booking(row.id, row.reference, service, tx.now + minutes * 60_000_000)
        for minutes, (service, row) in zip(BOOKED, rows, strict=True)
    }


def _look(centre: int, connection: Connection) -> Seen:
    sql = Sql(connection)
    evacuated = sql.one(_CENTRE, {"centre": centre})
    return Seen(
        tickets={row[0]: tuple(row[1:]) for row in sql.all(_TICKETS)},
        seats={row[0]: (row[1], bool(row[2]), bool(row[3])) for row in sql.all(_SEATS)},
        taps={row[0]: row[1] if row[2] is None else None for row in sql.all(_TAPS)},
        evacuated=evacuated is not None and evacuated[0] is not None,
        bookings={row[0]: row[2] if row[1] == "arrived" else None for row in sql.all(_BOOKINGS)},
    )
