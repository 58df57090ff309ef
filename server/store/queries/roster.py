"""The roster of a centre as it stands, and what a new one is judged by."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.clock import from_micros
from server.domain import roster
from server.domain.hours import Hours, Timetable
from server.domain.roster import Entry, Here
from server.domain.roster_lines import Account
from server.store.queries.hours import read_hours
from server.store.tables import Centre, Counter, Service, Shift, Staff, StaffRole


def here(session: Session, centre: int, now: int) -> Here:
    """What a roster of this centre is judged by. Raises LookupError where there is no such centre."""
    timezone = session.get_one(Centre, centre).timezone
    timetable = Timetable(timezone, read_hours(session, centre).get(None, Hours()))
    services = (
        select(Service)
        .where(Service.centre_id == centre, col(Service.retired_at).is_(None))
        .order_by(col(Service.position), col(Service.id))
    )
    counters = select(Counter.id).where(Counter.centre_id == centre, col(Counter.retired_at).is_(None))
    return Here(
        zone=ZoneInfo(timezone),
        today=timetable.local_date(from_micros(now)),
        timetable=timetable,
        services={each.slug: each.names.get("en", each.slug) for each in session.exec(services)},
        people={each.id: each.name for each in people_at(session, centre)},
        counters=len(session.exec(counters).all()),
    )


def people_at(session: Session, centre: int) -> list[Account]:
    """Who has a role at the centre and may still sign in, by name."""
    ask = (
        select(Staff)
        .join(StaffRole, col(StaffRole.staff_id) == col(Staff.id))
        .where(StaffRole.centre_id == centre, col(Staff.disabled_at).is_(None))
        .distinct()
    )
    found = [Account(each.id or 0, each.name, each.username) for each in session.exec(ask)]
    return sorted(found, key=lambda each: (each.name.casefold(), each.id))


def shifts_of(session: Session, centre: int, first: date, last: date) -> list[Entry]:
    """By day and time; `line` is the shift's number."""
    ask = select(Shift).where(Shift.centre_id == centre, Shift.held_on >= first, Shift.held_on <= last)
    found = [
        Entry(
            each.id or 0, each.held_on, each.begins, each.ends, each.staff_id, each.who, tuple(each.services)
        )
        for each in session.exec(ask)
    ]
    return sorted(found, key=lambda each: (each.on, roster.order(each)))


def shifts_on(session: Session, centre: int, days: Collection[date]) -> list[Entry]:
    """Of these days alone."""
    found = shifts_of(session, centre, min(days), max(days)) if days else []
    return [each for each in found if each.on in days]


def is_entered(session: Session, centre: int, import_id: str) -> bool:
    """Whether any shift is there that came of this file."""
    ask = select(Shift.id).where(Shift.centre_id == centre, Shift.import_id == import_id)
    return session.exec(ask.limit(1)).first() is not None


def mark_of(entries: Iterable[Entry]) -> str:
    """Tells one roster of a day, or of some days, from another."""
    told = sorted(
        (each.on, each.begins, each.ends, each.staff or 0, each.who, each.services) for each in entries
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
