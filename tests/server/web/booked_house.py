"""York House with services that can be booked by strangers, on a clock that stands on a Tuesday morning in November; and somebody who fills in the form."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session, col, delete, select

from server.domain.access import Actor
from server.store.tables import (
    Bookable,
    Booking,
    BookingTry,
    Centre,
    Choice,
    Closure,
    Draft,
    Post,
    Rota,
    Service,
    Wish,
)
from server.store.tx import Tx
from tests.server.web.rehearsal import Hands, Served, serving
from wire.vocabulary import BookableKind, BookingState

TUESDAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HALF_HOURS: dict[str, Any] = {
    "minutes": 30,
    "every_minutes": 30,
    "at_once": 1,
    "ahead_days": 14,
    "notice_hours": 1,
    "cancel_hours": 24,
    "asks": {"name": "required", "phone": "optional", "email": "optional"},
    "bring": [{"en": "Your last letter from us", "pl": "Nasz ostatni list"}],
    "hours": [{"days": ["tuesday", "thursday"], "opens": "09:30", "closes": "12:30"}],
}
QUESTION: dict[str, Any] = {
    "slug": "tenure",
    "text": {"en": "Do you rent or own your home?", "ur": "کیا آپ کا گھر کرائے کا ہے یا اپنا؟"},
    "required": True,
    "choice": [
        {"slug": "rent", "names": {"en": "I rent", "ur": "کرائے کا"}},
        {"slug": "own", "names": {"en": "I own", "ur": "اپنا"}},
    ],
}


def copied(template: Path, folders: pytest.TempPathFactory) -> str:
    """Address of an empty database for all tests of a module."""
    path = folders.mktemp("booked") / "foyer.db"
    with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return f"sqlite:///{path}"


def offer(session: Session, slug: str, **changes: Any) -> None:
    """At York House, and nowhere else."""
    for service in session.exec(select(Service).where(col(Service.slug) == slug)):
        service.booking = {}
        if service.centre_id == 1:
            service.booking = {**HALF_HOURS, **changes}
            service.by_appointment = True
            session.add(service)


def furnish(session: Session) -> None:
    """Council tax as it comes; homes with a question and needing a contact; a talk in private that is public and discreet."""
    offer(session, "council-tax")
    offer(
        session,
        "housing",
        question=[QUESTION],
        asks={"name": "required", "phone": "required", "email": "required"},
    )
    offer(session, "private", asks={"name": "optional", "phone": "optional", "email": "no"})
    centre = session.get(Centre, 1)
    assert centre is not None
    centre.address = "91 Granby Street, Leicester LE1 6FB"
    centre.languages = ["en", "gu", "pa", "ur", "ar", "pl"]
    centre.extra = {
        **centre.extra,
        "telephone": "0116 454 1000",
        "find_us": {"en": "The step-free entrance is on Granby Street."},
        "map_url": "https://www.openstreetmap.org/way/1",
    }
    for choice in session.exec(select(Choice)):
        choice.names = {"en": "Money and homes", "ur": "رقم اور گھر", "pl": "Pieniądze i mieszkanie"}
    words = {
        "council-tax": ({"en": "Council tax", "ur": "کونسل ٹیکس", "ar": "ضريبة المجلس", "pl": "Podatek lokalny"}, ["bill", "arrears"]),
        "housing": ({"en": "Somewhere to live", "ur": "رہنے کی جگہ", "ar": "مكان للسكن", "pl": "Mieszkanie"}, ["homeless", "eviction"]),
    }  # fmt: skip
    for service in session.exec(select(Service)):
        if service.slug in words:
            service.names, service.synonyms = words[service.slug]


def interpreter(session: Session, weekday: int = 3, starts: str = "09:30") -> None:
    """Somebody who interprets Urdu, on one day of the week only: Thursday."""
    who = Bookable(centre_id=1, kind=BookableKind.INTERPRETER, name="Nadia", languages=["ur"])
    session.add(who)
    session.flush()
    assert who.id is not None
    session.add(Rota(bookable_id=who.id, weekday=weekday, starts=starts, ends="12:30"))


@dataclass
class Booked:
    """The running house, its clock, and what is in its diary."""

    served: Served
    clock: Hands

    def change(self, function: Any, centre: int = 1) -> Any:
        """In the lane, as the house itself."""
        return self.served.run(
            self.served.house.change(Actor(kind="system", centre=centre), "test", function)
        )

    def read(self, function: Any) -> Any:
        return self.served.run(self.served.house.read(function))

    def bookings(self, *states: BookingState) -> list[Booking]:
        def reading(session: Session) -> list[Booking]:
            found = session.exec(select(Booking).order_by(col(Booking.made_at), col(Booking.id))).all()
            return [each for each in found if not states or each.state in states]

        found: list[Booking] = self.read(reading)
        return found

    def afresh(self) -> Booked:
        """As on the morning it was set up: an empty diary. A server for each test would cost more than all the tests."""
        self.clock.turn(TUESDAY - self.clock.now())

        def emptying(tx: Tx) -> None:
            session = tx.session()
            for table in (Post, Wish, BookingTry, Draft, Booking, Rota, Bookable, Closure):
                session.exec(delete(table))
            centre = session.get(Centre, 1)
            assert centre is not None
            centre.version += 1
            furnish(session)

        self.change(emptying)
        return self

    def visitor(self, **headers: str) -> Visitor:
        return Visitor(self.served.client(headers=headers))


@contextmanager
def booked_house(database_url: str, **settings: Any) -> Iterator[Booked]:
    with serving(database_url, **settings) as served:
        clock = served.set_clock(TUESDAY)

        def setting(tx: Tx) -> None:
            furnish(tx.session())

        house = Booked(served, clock)
        house.change(setting)
        yield house


@dataclass
class Visitor:
    """Fills in the form as a browser without scripts does."""

    client: httpx.Client
    page: httpx.Response | None = None
    sent: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        assert self.page is not None
        return self.page.text

    @property
    def path(self) -> str:
        assert self.page is not None
        return self.page.url.raw_path.decode()

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.DOTALL)
        return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.text)
        return found[1] if found else ""

    def go(self, path: str) -> Visitor:
        self.page = self.client.get(path, follow_redirects=True)
        assert len(self.page.content) < 30_000, f"{path} is {len(self.page.content)} bytes"
        return self

    def send(self, path: str, **fields: Any) -> Visitor:
        """Post a form with this page's token, and look where it leads."""
        answer = self.post(path, **fields)
        if answer.is_redirect:
            return self.go(answer.headers["location"])
        self.page = answer
        return self

    def post(self, path: str, **fields: Any) -> httpx.Response:
        found = re.search(r'name="token" value="(\w+)"', self.text) if self.page is not None else None
        token = {"token": found[1]} if found else {}
        return self.client.post(path, data={**token, **fields})

    def times(self) -> list[int]:
        """The times that can be pressed on this page, as they stand."""
        return [int(at) for at in re.findall(r'name="at" value="(\d+)"', self.text)]

    def wrong(self) -> list[str]:
        """The sentences of the error summary."""
        body = re.search(r"govuk-error-summary__body.*?</div>", self.text, re.DOTALL)
        return re.findall(r'<a href="#\w[\w-]*">([^<]*)</a>', body[0]) if body else []

    def chosen(self, service: str = "council-tax", which: int = 0) -> Visitor:
        """Up to the first question, with the time `which` of the first offered held."""
        self.go("/book").send("/book", service=service)
        return self.send("/book/when", at=self.times()[which])

    def to_check(self, service: str = "council-tax", which: int = 0, **fields: Any) -> Visitor:
        """Up to the check, as Amina Khan with an e-mail address."""
        self.chosen(service, which)
        given = {"name": "Amina Khan", "email": "amina@example.org", **fields}
        self.send("/book/you/name", name=given["name"])
        if "/questions" in self.path:
            self.send("/book/you/questions", **{"answer-tenure": "rent"})
        contact = {name: given[name] for name in ("phone", "safe", "email") if name in given}
        self.send("/book/you/contact", **contact)
        return self.send("/book/you/needs", people="1")

    def book(self, service: str = "council-tax", which: int = 0, **fields: Any) -> Visitor:
        self.to_check(service, which, **fields)
        return self.confirm()

    def confirm(self) -> Visitor:
        return self.send("/book/check", at=self.times()[0])
