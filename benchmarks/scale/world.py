"""Two hundred centres on PostgreSQL: kiosks, displays and advisers, each with a credential of its own.

Made with the same hands as the centres of the other benchmarks (`benchmarks.centre`), straight into the tables, before a server opens the database.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlmodel import Session

from benchmarks.centre import _add_centre, _add_counter, _add_services, _device
from server.store.database import open_database
from server.store.schema import migrate
from wire.vocabulary import CODE_LETTERS


@dataclass(frozen=True)
class Size:
    centres: int = 200
    kiosks: int = 5
    displays: int = 5
    advisers: int = 500
    """In all; a centre has two or three."""

    @property
    def screens(self) -> int:
        return self.centres * (self.kiosks + self.displays)


@dataclass
class Place:
    """One centre's credentials: kiosks as token and letter, displays as token, advisers as session key and desk."""

    kiosks: list[tuple[str, str]] = field(default_factory=list)
    displays: list[str] = field(default_factory=list)
    advisers: list[tuple[str, str]] = field(default_factory=list)


def build(address: str, size: Size) -> list[Place]:
    database = open_database(address)
    now = datetime.now(UTC)
    places = []
    try:
        migrate(database)
        advisers = 0
        for number in range(size.centres):
            wanted = (number + 1) * size.advisers // size.centres - advisers
            with database.writing() as session:
                places.append(_build_one(session, number, size, wanted, advisers, now))
            advisers += wanted
    finally:
        database.close()
    return places


def _build_one(session: Session, number: int, size: Size, advisers: int, before: int, now: datetime) -> Place:
    place = Place()
    centre = _add_centre(session, number)
    _add_services(session, centre)
    for letter in CODE_LETTERS[: size.kiosks]:
        token = secrets.token_urlsafe(32)
        session.add(_device(centre, "kiosk", f"Kiosk {letter}", token, now, letter))
        place.kiosks.append((token, letter))
    for board in range(size.displays):
        token = secrets.token_urlsafe(32)
        session.add(_device(centre, "display", f"Board {board + 1}", token, now))
        place.displays.append(token)
    for position in range(advisers):
        place.advisers.append(_add_counter(session, centre, before + position, position, now))
    return place
