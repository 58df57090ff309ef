"""Builds the centres that are measured: written straight into the tables, before a server opens the file.

An issuing point owns one of 21 letters at its centre, so 32 kiosks stand in two centres. Every kiosk, board and adviser has a credential of
its own, as in life. `add_old_tickets` fills years of ended tickets in behind, whole: visit, ticket, steps and the commands that made them.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from server.clock import to_micros
from server.store.database import open_database
from server.store.schema import migrate
from server.store.tables import (
    BrowserSession,
    Centre,
    Choice,
    Counter,
    Device,
    Opening,
    Service,
    Staff,
    StaffRole,
)
from wire.vocabulary import CODE_LETTERS, new_id

SERVICES = (
    "council-tax",
    "housing",
    "benefits",
    "parking",
    "blue-badge",
    "schools",
    "licensing",
    "planning",
    "waste",
    "elections",
    "births",
    "other",
)


KIOSKS_A_CENTRE = 16


@dataclass(frozen=True)
class Kiosk:
    token: str
    letter: str
    centre: int


@dataclass
class Built:
    """A database with its keys. `sessions` are staff of the first centre, one a counter, each with the counter's name."""

    path: Path
    kiosks: list[Kiosk] = field(default_factory=list)
    sessions: list[tuple[str, str]] = field(default_factory=list)
    display: str = ""

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"


def build(path: Path, *, kiosks: int = 32, counters: int = 32) -> Built:
    """A new database at `path` with as many kiosks (over as many centres as letters ask for) and counters."""
    database = open_database(f"sqlite:///{path}")
    built = Built(path)
    try:
        migrate(database)
        now = datetime.now(UTC)
        with database.writing() as session:
            for number in range(max(1, -(-kiosks // KIOSKS_A_CENTRE))):
                centre = _add_centre(session, number)
                _add_services(session, centre)
                letters = CODE_LETTERS[: min(KIOSKS_A_CENTRE, kiosks - KIOSKS_A_CENTRE * number)]
                for letter in letters:
                    token = secrets.token_urlsafe(32)
                    session.add(_device(centre, "kiosk", f"Kiosk {letter}", token, now, letter))
                    built.kiosks.append(Kiosk(token, letter, centre))
                if number == 0:
                    built.display = secrets.token_urlsafe(32)
                    session.add(_device(centre, "display", "Board", built.display, now))
                    for position in range(counters):
                        built.sessions.append(_add_counter(session, centre, position, position, now))
    finally:
        database.close()
    return built


def _add_centre(session: Session, number: int) -> int:
    centre = Centre(
        slug=f"centre-{number + 1}",
        name=f"Centre {number + 1}",
        languages=["en", "gu"],
        wait_here={"en": "Please take a seat."},
    )
    session.add(centre)
    session.flush()
    assert centre.id is not None
    return centre.id


def _add_services(session: Session, centre: int) -> None:
    """Twelve services under four choices and the private one, open day and night."""
    choices = [
        Choice(centre_id=centre, slug=f"choice-{each}", names={"en": f"Choice {each}"}, position=each)
        for each in range(4)
    ]
    session.add_all(choices)
    session.flush()
    for position, slug in enumerate(SERVICES):
        names = {"en": slug.replace("-", " ").capitalize()}
        choice = choices[position % 4].id
        session.add(Service(centre_id=centre, choice_id=choice, slug=slug, names=names, position=position))
    session.add(
        Service(
            centre_id=centre,
            slug="private",
            names={"en": "Talk in private"},
            private=True,
            discreet=True,
            position=99,
        )
    )
    for weekday in range(7):
        session.add(Opening(centre_id=centre, weekday=weekday, opens="00:00", closes="00:00"))


def _add_counter(session: Session, centre: int, number: int, position: int, now: datetime) -> tuple[str, str]:
    """A desk and the house's adviser of this number, who is signed in: the session's key and the desk."""
    desk = f"desk-{position + 1}"
    session.add(Counter(centre_id=centre, slug=desk, name=f"Desk {position + 1}", position=position))
    person = Staff(username=f"adviser{number + 1}", name=f"Adviser {number + 1}")
    session.add(person)
    session.flush()
    assert person.id is not None
    session.add(StaffRole(staff_id=person.id, centre_id=centre, role="adviser"))
    key = secrets.token_urlsafe(32)
    session.add(
        BrowserSession(
            id=hash_of(key),
            staff_id=person.id,
            centre_id=centre,
            csrf=secrets.token_urlsafe(32),
            started_at=now,
            used_at=now,
        )
    )
    return key, desk


def _device(
    centre: int, kind: str, name: str, token: str, now: datetime, letter: str | None = None
) -> Device:
    return Device(
        centre_id=centre, kind=kind, name=name, token_hash=hash_of(token), approved_at=now, letter=letter
    )


def hash_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def add_old_tickets(built: Built, count: int = 200_000) -> None:
    """`count` visits of the last four years, served and ended, each with its ticket, four steps and the kept command."""
    connection = sqlite3.connect(built.path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        services = dict(connection.execute("SELECT slug, id FROM service WHERE centre_id = 1"))
        device = connection.execute(
            "SELECT id FROM device WHERE letter IS NOT NULL AND centre_id = 1"
        ).fetchone()[0]
        ids = [services[slug] for slug in SERVICES]
        start = datetime.now(UTC) - timedelta(days=4 * 365)
        a_day = count // (4 * 365 - 1) + 1
        for number in range(count):
            day, place = divmod(number, a_day)
            arrived = start + timedelta(days=day, seconds=32_400 + place * 180)
            at = to_micros(arrived)
            visit, ticket = new_id(), new_id()
            connection.execute(
                "INSERT INTO visit (id, centre_id, arrived_on, code, language, needs, discreet, channel, device_id, follow_hash,"
                " arrived_at, ended_at) VALUES (?,1,?,?,'en','[]',0,'kiosk',?,?,?,?)",
                (
                    visit,
                    arrived.date().isoformat(),
                    f"A{place + 1:02d}",
                    device,
                    secrets.token_hex(32),
                    at,
                    at + 900_000_000,
                ),
            )
            connection.execute(
                "INSERT INTO ticket (id, visit_id, centre_id, service_id, state, ticket_class, arrived_at, counts_from, counter_id,"
                " staff_id, calls, first_called_at, called_at, served_at, ended_at, outcome, paper, copies)"
                " VALUES (?,?,1,?,'finished','ordinary',?,?,1,1,1,?,?,?,?,'resolved','confirmed',0)",
                (
                    ticket,
                    visit,
                    ids[number % len(ids)],
                    at,
                    at,
                    at + 300_000_000,
                    at + 300_000_000,
                    at + 330_000_000,
                    at + 900_000_000,
                ),
            )
            connection.executemany(
                "INSERT INTO step (ticket_id, action, before, after, at, staff_id, counter_id, address, was)"
                " VALUES (?,?,?,?,?,1,1,'127.0.0.1','{}')",
                [
                    (ticket, "call", "waiting", "called", at + 300_000_000),
                    (ticket, "arrive", "called", "serving", at + 330_000_000),
                    (ticket, "finish", "serving", "finished", at + 900_000_000),
                ],
            )
            connection.execute(
                "INSERT INTO command (id, body_hash, actor, at, answer) VALUES (?,?,?,?,'{}')",
                (new_id(), secrets.token_hex(16), f"device:{device}", at),
            )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def device_number(built: Built, token: str) -> int:
    """The device whose token this is."""
    connection = sqlite3.connect(built.path)
    try:
        row = connection.execute("SELECT id FROM device WHERE token_hash = ?", (hash_of(token),)).fetchone()
    finally:
        connection.close()
    return int(row[0])
