"""A small centre with a running house (edge, lane, hub) on whichever database the test asks for, and a clock set by hand.

Everything is real but the clock: the lane's thread, the commits, the feeds. `ask` speaks as somebody and gives the answer.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from server.clock import Clock, from_micros, to_micros
from server.domain.access import Actor
from server.edge import House
from server.settings import Settings
from server.store.database import Database, open_database
from server.store.tables import (
    Centre,
    Choice,
    Counter,
    Device,
    Message,
    Opening,
    Service,
    Staff,
    StaffRole,
)
from wire import asks, frames
from wire.vocabulary import CounterKind, DeviceKind, Language, Role, TicketClass, new_id

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


class HandClock(Clock):
    """Stands still until it is set."""

    def __init__(self, at: datetime = TUESDAY) -> None:
        super().__init__()
        self.__dict__["at"] = to_micros(at)

    def micros(self) -> int:
        at: int = self.__dict__["at"]
        return at

    def set(self, at: datetime) -> None:
        self.__dict__["at"] = to_micros(at)

    def go(self, **span: float) -> None:
        """Move on: `clock.go(minutes=3)`."""
        self.set(from_micros(self.micros()) + timedelta(**span))


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def fill(session: Session, slug: str = "york-house", letter: str = "K") -> None:
    """One centre: council tax, housing (soon), safety (urgent), a private talk; two desks and a room; a person in every role."""
    centre = Centre(
        slug=slug,
        name=slug.replace("-", " ").title(),
        languages=["en", "pl"],
        wait_here={"en": "Take a seat."},
        desk_letter="G",
        emergency_letter="E",
    )
    session.add(centre)
    session.flush()
    assert centre.id is not None
    choice = Choice(centre_id=centre.id, slug="money", names={"en": "Money"}, icon="coins")
    session.add(choice)
    session.flush()
    services = {
        "council-tax": TicketClass.ORDINARY,
        "housing": TicketClass.SOON,
        "safety": TicketClass.URGENT,
        "private": TicketClass.ORDINARY,
    }
    for position, (service, ticket_class) in enumerate(services.items()):
        private = service == "private"
        session.add(
            Service(
                centre_id=centre.id,
                choice_id=None if private else choice.id,
                slug=service,
                names={"en": service},
                position=position,
                ticket_class=ticket_class,
                private=private,
                discreet=private,
            )
        )
    for weekday in range(5):
        session.add(Opening(centre_id=centre.id, weekday=weekday, opens="09:30", closes="16:30"))
    for position, (counter, kind) in enumerate(
        {"desk-1": CounterKind.DESK, "desk-2": CounterKind.DESK, "room-1": CounterKind.ROOM}.items()
    ):
        session.add(
            Counter(
                centre_id=centre.id,
                slug=counter,
                name=counter.replace("-", " ").title(),
                kind=kind,
                position=position,
            )
        )
    session.add(Message(centre_id=centre.id, slug="welcome", text={"en": "Welcome."}))
    for name, roles in {
        "ann": (Role.ADVISER, Role.DISCREET),
        "bob": (Role.ADVISER, Role.DISCREET),
        "greta": (Role.GREETER,),
        "mia": (Role.MANAGER, Role.ADVISER, Role.DISCREET),
        "ada": (Role.ADMINISTRATOR,),
    }.items():
        person = Staff(username=f"{name}@{slug}", name=name.title())
        session.add(person)
        session.flush()
        assert person.id is not None
        for role in roles:
            session.add(StaffRole(staff_id=person.id, centre_id=centre.id, role=role))
    for name, device, own in (
        ("kiosk", DeviceKind.KIOSK, letter),
        ("spare", DeviceKind.KIOSK, "M"),
        ("display", DeviceKind.DISPLAY, None),
    ):
        session.add(
            Device(
                centre_id=centre.id,
                kind=device,
                name=name,
                letter=own,
                token_hash=hash_of(f"{slug} {name}"),
                approved_at=TUESDAY,
            )
        )


@dataclass
class Rehearsal:
    """The house with its cast. Staff are `ann`, `bob` (advisers), `greta` (greeter), `mia` (manager who may call out of turn)."""

    house: House
    clock: HandClock
    people: dict[str, Actor]
    kiosk: Actor
    spare: Actor
    display: Actor
    _last_id: str = ""
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def as_actor(self, who: str | Actor) -> Actor:
        return who if isinstance(who, Actor) else self.people[who]

    async def answer(self, who: str | Actor, body: asks.AnyAsk, ask_id: str | None = None) -> frames.Answer:
        return await self.house.perform(self.as_actor(who), ask_id or new_id(), body)

    async def ask(self, who: str | Actor, body: asks.AnyAsk) -> frames.Row:
        """The result; the test fails on a refusal."""
        answer = await self.answer(who, body)
        assert answer.refusal is None, answer.refusal
        assert answer.result is not None
        return answer.result

    async def refused(self, who: str | Actor, body: asks.AnyAsk) -> frames.Refusal:
        """The refusal; the test fails on a result."""
        answer = await self.answer(who, body)
        assert answer.refusal is not None, answer.result
        return answer.refusal

    async def issue(
        self, service: str = "council-tax", *, discreet: bool = False, language: Language = Language.EN
    ) -> asks.Issue:
        """A visitor takes a ticket at the kiosk; the ask that was made."""
        body = self.issue_ask(service, discreet=discreet, language=language)
        await self.ask(self.kiosk, body)
        return body

    def _later_id(self) -> str:
        """Ids of one millisecond are in no order, and where the clock stands still the id says who came first."""
        while (fresh := new_id()) <= self._last_id:
            pass
        self._last_id = fresh
        return fresh

    def issue_ask(
        self, service: str = "council-tax", *, discreet: bool = False, language: Language = Language.EN
    ) -> asks.Issue:
        number = next(self._numbers)
        return asks.Issue(
            visit=new_id(),
            ticket=self._later_id(),
            code=f"K{number:02d}",
            service=service,
            language=language,
            discreet=discreet,
            follow_hash=hash_of(f"secret {number}"),
        )

    async def sit(
        self, who: str | Actor = "ann", counter: str = "desk-1", services: tuple[str, ...] = ("council-tax",)
    ) -> None:
        await self.ask(who, asks.SitDown(counter=counter, services=services))


def cast_of(database: Database, slug: str = "york-house") -> tuple[dict[str, Actor], dict[str, Actor]]:
    """Staff and devices of a filled centre as actors."""
    with database.session() as session:
        centre = (
            session.connection().exec_driver_sql(f"SELECT id FROM centre WHERE slug = '{slug}'").scalar_one()
        )
        people: dict[str, Actor] = {}
        for staff_id, username, role in session.connection().exec_driver_sql(
            "SELECT f.id, f.username, r.role FROM staff f JOIN staff_role r ON r.staff_id = f.id"
        ):
            name, _, at = username.partition("@")
            if at == slug:
                roles = people[name].roles if name in people else frozenset()
                people[name] = Actor(
                    kind="staff", id=staff_id, centre=centre, roles=roles | {Role(role)}, name=name.title()
                )
        devices = {
            name: Actor(kind="device", id=device, centre=centre, device=DeviceKind(kind), name=name)
            for device, name, kind, at in session.connection().exec_driver_sql(
                "SELECT id, name, kind, centre_id FROM device"
            )
            if at == centre
        }
    return people, devices


@asynccontextmanager
async def running_house(
    database_url: str, *, at: datetime = TUESDAY, seed: bool = True, **settings: Any
) -> AsyncIterator[Rehearsal]:
    database = open_database(database_url)
    if seed:
        with database.writing() as session:
            fill(session)
    clock = HandClock(at)
    house = House(
        Settings(database=database_url, public_url="https://queue.test", **settings), database, clock
    )
    await house.start()
    people, devices = cast_of(database)
    try:
        yield Rehearsal(house, clock, people, devices["kiosk"], devices["spare"], devices["display"])
    finally:
        await house.stop()
        database.close()
