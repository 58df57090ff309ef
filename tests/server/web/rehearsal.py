"""A real server for these tests: its own process-wide loop in a thread, on a database with one small centre and one more.

Everything goes through the real edge. Tests that turn the clock give the house a `Hands` clock, which stands where they put it.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import httpx
import uvicorn
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import Session

from server.actions.keys import hash_of
from server.app import create_app
from server.clock import Clock, from_micros, to_micros
from server.domain.access import SYSTEM, Actor
from server.edge import House
from server.settings import Settings
from server.store.database import open_database
from server.store.tables import Centre, Choice, Counter, Device, Opening, Service, Staff, StaffRole
from server.web.lines import LineProtocol
from wire.asks import AnyAsk, Issue, SitDown
from wire.frames import Answer
from wire.vocabulary import DeviceKind, Language, Need, Role, TicketClass, new_id

T = TypeVar("T")
PASSWORD = "lantern otter gravel"
TOKENS = {kind: f"token-of-the-{kind.value}-for-these-tests" for kind in DeviceKind}


@cache
def password_hash() -> str:
    """As quick as argon2id can be: what a hash costs stands in the hash, and thousands of tests sign in. The house makes its own at full cost."""
    return Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


class Hands(Clock):
    """A clock whose hands the test turns."""

    at: datetime

    def __init__(self, at: datetime) -> None:
        super().__init__()
        object.__setattr__(self, "at", at)

    def micros(self) -> int:
        return to_micros(self.at)

    def turn(self, by: timedelta) -> None:
        object.__setattr__(self, "at", self.at + by)


SERVICES = (
    ("council-tax", "Council tax", TicketClass.ORDINARY, 20, False),
    ("housing", "Somewhere to live", TicketClass.SOON, 15, False),
    ("parking", "Parking permits", TicketClass.ORDINARY, 10, False),
    ("private", "Talk in private", TicketClass.URGENT, 5, True),
)
PEOPLE = {
    "priya": ("Priya Shah", {Role.ADVISER, Role.DISCREET}),
    "tom": ("Tom Baker", {Role.ADVISER, Role.DISCREET}),
    "grace": ("Grace Obi", {Role.GREETER}),
    "amina": ("Amina Patel", {Role.ADVISER, Role.DISCREET, Role.GREETER}),
    "max": ("Max Lee", {Role.MANAGER}),
    "ada": ("Ada Kowalska", {Role.ADMINISTRATOR}),
    "petra": ("Petra Novak", {Role.PAPERS}),
    "fay": ("Fay Osei", {Role.PERSONS}),
}


@dataclass
class Ids:
    centre: int = 0
    other: int = 0
    staff: dict[str, int] = field(default_factory=dict)
    devices: dict[DeviceKind, int] = field(default_factory=dict)


def set_up(session: Session, now: datetime) -> Ids:
    """York House with desks, services, staff in every role and a device of each kind; and another centre with one adviser."""
    ids = Ids()
    for slug, name in (("york-house", "York House"), ("elsewhere", "Elsewhere")):
        centre = Centre(
            slug=slug, name=name, languages=["en", "pl"], wait_here={"en": "Blue chairs by the window"}
        )
        session.add(centre)
        session.flush()
        assert centre.id is not None
        _furnish(session, centre.id)
        if slug == "york-house":
            ids.centre = centre.id
        else:
            ids.other = centre.id
    for username, (name, roles) in PEOPLE.items():
        ids.staff[username] = _person(session, username, name, ids.centre, roles)
    ids.staff["olga"] = _person(session, "olga", "Olga Berg", ids.other, set(Role))
    for kind, letter in zip(DeviceKind, ("K", "M", None, None, None, None), strict=True):
        device = Device(
            centre_id=ids.centre,
            kind=kind,
            name=f"The {kind.value.replace('_', ' ')}",
            letter=letter,
            counter_id=1 if kind is DeviceKind.SIGN else None,
            token_hash=hash_of(TOKENS[kind]),
            approved_at=now,
            seen_at=now,
        )
        session.add(device)
        session.flush()
        assert device.id is not None
        ids.devices[kind] = device.id
    return ids


def _furnish(session: Session, centre: int) -> None:
    choice = Choice(centre_id=centre, slug="money", names={"en": "Money and homes"})
    session.add(choice)
    session.flush()
    for place, (slug, name, urgency, target, private) in enumerate(SERVICES):
        session.add(
            Service(
                centre_id=centre,
                choice_id=choice.id,
                slug=slug,
                names={"en": name},
                position=place,
                ticket_class=urgency,
                target_minutes=target,
                private=private,
                discreet=private,
            )
        )
    for number in range(1, 4):
        session.add(Counter(centre_id=centre, slug=f"desk-{number}", name=f"Desk {number}", position=number))
    for weekday in range(7):
        session.add(Opening(centre_id=centre, weekday=weekday, opens="00:00", closes="00:00"))
    session.flush()


def _person(session: Session, username: str, name: str, centre: int, roles: set[Role]) -> int:
    person = Staff(username=username, name=name, password_hash=password_hash())
    session.add(person)
    session.flush()
    assert person.id is not None
    for role in roles:
        session.add(StaffRole(staff_id=person.id, centre_id=centre, role=role))
    return person.id


@dataclass
class Served:
    """A server that runs, and ways to make things happen in it."""

    url: str
    app: FastAPI
    ids: Ids
    loop: asyncio.AbstractEventLoop
    server: uvicorn.Server
    _numbers: int = 0

    @property
    def house(self) -> House:
        house: House = self.app.state.house
        return house

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Do it on the server's loop; from a test's own thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def set_clock(self, at: datetime) -> Hands:
        hands = Hands(at)
        self.house.clock = hands
        self.house.lane._clock = hands
        return hands

    def actor(self, username: str) -> Actor:
        name, roles = PEOPLE[username]
        return Actor(
            kind="staff",
            id=self.ids.staff[username],
            centre=self.ids.centre,
            roles=frozenset(roles),
            name=name,
        )

    def kiosk(self) -> Actor:
        device = self.ids.devices[DeviceKind.KIOSK]
        return Actor(kind="device", id=device, centre=self.ids.centre, device=DeviceKind.KIOSK)

    def ask(self, actor: Actor, body: AnyAsk) -> Answer:
        answer = self.run(self.house.perform(actor, new_id(), body))
        assert answer.refusal is None, answer.refusal
        return answer

    def visitor(
        self,
        service: str = "council-tax",
        *,
        minutes_ago: int = 0,
        language: Language = Language.EN,
        needs: tuple[Need, ...] = (),
        discreet: bool = False,
    ) -> tuple[str, str, str]:
        """Somebody takes a ticket; its id, its code and the secret in its QR."""
        self._numbers += 1
        code, ticket, secret = f"K{self._numbers:02d}", new_id(), secrets.token_urlsafe(16)
        body = Issue(
            visit=new_id(),
            ticket=ticket,
            code=code,
            service=service,
            language=language,
            needs=needs,
            discreet=discreet,
            age_ms=minutes_ago * 60_000,
            follow_hash=hashlib.sha256(secret.encode()).hexdigest(),
        )
        self.ask(self.kiosk(), body)
        return ticket, code, secret

    def sit(self, username: str, counter: str = "desk-1", services: tuple[str, ...] = ()) -> None:
        body = SitDown(counter=counter, services=services or tuple(each[0] for each in SERVICES))
        self.ask(self.actor(username), body)

    def client(self, **options: Any) -> httpx.Client:
        # No TLS here, and reading all certificates for each client took longer than what most of them ask.
        return httpx.Client(base_url=self.url, follow_redirects=False, timeout=10, verify=False, **options)

    def signed_in(self, username: str) -> httpx.Client:
        """A client with a session; `token_of(client)` is its form token."""
        client = self.client()
        answer = sign_in(client, username)
        assert answer.status_code == 303, answer.text
        return client


def sign_in(client: httpx.Client, username: str, password: str = PASSWORD) -> httpx.Response:
    shown = client.get("/sign-in")
    form = {"csrf": token_in(shown.text), "username": username, "password": password}
    return client.post("/sign-in", data=form)


def token_in(html: str) -> str:
    return html.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def token_of(client: httpx.Client, path: str = "/password") -> str:
    return token_in(client.get(path).text)


@contextmanager
def serving(database_url: str, **settings: Any) -> Iterator[Served]:
    """A server on a fresh centre, until the block ends."""
    database = open_database(database_url)
    with database.writing() as session:
        ids = set_up(session, Clock().now())
    database.close()
    # Whom an app is asked of is tried in its own place: everywhere else a password is enough, as in the demonstration.
    given = {"secure_cookies": False, "host": "127.0.0.1", "second_factor": "chosen", **settings}
    app = create_app(Settings(database=database_url, **given))
    # Named TCP outright: asyncio turns off the waiting for more bytes only on a socket that says it is.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="warning", ws=LineProtocol, lifespan="on", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve([listener])), daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    try:
        _wait_until_started(server, thread)
        yield Served(f"http://127.0.0.1:{port}", app, ids, loop, server)
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive(), "the server did not stop"
        loop.close()
        listener.close()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    from tests.support.waiting import until

    until(lambda: server.started or not thread.is_alive(), seconds=30.0, what="the server's start")
    assert server.started


NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
__all__ = ["NOON", "PASSWORD", "SYSTEM", "Served", "from_micros", "serving"]
