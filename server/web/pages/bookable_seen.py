"""People, rooms and interpreters in the words of their pages: when they are there, what they take, why nobody can book them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from sqlmodel import Session, col, select

from server.actions.bookable_rows import rota_of
from server.centrefile.bookables import SPOKEN
from server.clock import from_micros
from server.domain.changes import listed
from server.domain.hours import Usual
from server.live.broken import misfits
from server.live.untaken import Untaken, untaken
from server.store.tables import Block, Bookable, Centre, Service, Staff, StaffRole
from wire.vocabulary import BookableKind

AHEAD_DAYS = 90
"""Absences that are shown."""
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True)
class Away:
    id: str
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True)
class Seen:
    """One of them, in words. `problem`: why nobody can book them."""

    id: int
    kind: BookableKind
    name: str
    retired: bool
    times: tuple[str, ...]
    takes: str
    speaks: str
    away: tuple[Away, ...]
    problem: str
    with_account: bool


@cache
def language_names() -> dict[str, str]:
    """What can be interpreted, by its code, as staff say it; in the order of the alphabet, signing last."""
    known = Locale("en").languages
    names = {code: str(known[code]) for code in SPOKEN if code in known} | {"bn": "Bengali", "pa": "Panjabi"}
    return {
        **dict(sorted(names.items(), key=lambda each: each[1])),
        "sign_language": "British Sign Language",
    }


def times_said(usual: Sequence[Usual]) -> list[str]:
    """`Tuesdays and Thursdays 9:30 to 12:30, from 1 July 2026`, those with the same times together."""
    together: dict[tuple[Any, ...], list[int]] = {}
    for each in usual:
        together.setdefault((each.opens, each.closes, each.from_on, each.until_on), []).append(each.weekday)
    return [
        f"{listed(_DAYS[day] for day in sorted(days))} {_clock(opens)} to {_clock(closes)}{_bounds(from_on, until_on)}"
        for (opens, closes, from_on, until_on), days in together.items()
    ]


def _clock(at: Any) -> str:
    return f"{at.hour}:{at.minute:02d}"


def _bounds(from_on: date | None, until_on: date | None) -> str:
    said = [
        f"{word} {on.day} {on:%B %Y}"
        for word, on in (("from", from_on), ("until", until_on))
        if on is not None
    ]
    return f", {' '.join(said)}" if said else ""


# Reading --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class People:
    """Everybody of the centre, and what their forms offer."""

    seen: list[Seen]
    services: dict[str, str]
    """With appointments, by slug."""
    every_service: tuple[str, ...]
    colleagues: list[tuple[int, str]]
    """Who could be added."""
    broken: int
    untaken: list[Untaken]
    """Services that nobody here can be booked for."""
    zone: ZoneInfo
    now: datetime


def read_people(session: Session, centre_id: int, now: int) -> People:
    at = from_micros(now)
    centre = session.get_one(Centre, centre_id)
    query = select(Bookable).where(Bookable.centre_id == centre_id).order_by(Bookable.name)
    rows = list(session.exec(query))
    rotas = rota_of(session, [row.id for row in rows if row.id is not None])
    here = select(Service).where(Service.centre_id == centre_id, col(Service.retired_at).is_(None))
    services = list(session.exec(here.order_by(col(Service.position))))
    names = {each.slug: each.names["en"] for each in services}
    staff = _staff_here(session, centre_id)
    away = _away(session, centre_id, at)
    return People(
        [_seen(row, rotas.get(row.id or 0), names, staff, away.get(row.id or 0, [])) for row in rows],
        {each.slug: names[each.slug] for each in services if each.booking},
        tuple(names),
        _colleagues(staff, rows),
        len(misfits(session, centre_id, now)),
        untaken(session, centre_id, at.astimezone(ZoneInfo(centre.timezone)).date()),
        ZoneInfo(centre.timezone),
        at,
    )


def _staff_here(session: Session, centre: int) -> dict[int, str]:
    """Names of everybody with an account and a role here."""
    held = select(StaffRole.staff_id).where(StaffRole.centre_id == centre)
    query = select(Staff).where(col(Staff.id).in_(held), col(Staff.disabled_at).is_(None))
    return {each.id or 0: each.name for each in session.exec(query.order_by(Staff.name))}


def _colleagues(staff: Mapping[int, str], rows: Sequence[Bookable]) -> list[tuple[int, str]]:
    there = {row.staff_id for row in rows if row.retired_at is None}
    return [(number, name) for number, name in staff.items() if number not in there]


def _away(session: Session, centre: int, now: datetime) -> dict[int, list[Away]]:
    query = select(Block).where(
        Block.centre_id == centre,
        col(Block.bookable_id).is_not(None),
        col(Block.ends_at) > now,
        col(Block.starts_at) < now + timedelta(days=AHEAD_DAYS),
    )
    found: dict[int, list[Away]] = {}
    for block in session.exec(query.order_by(col(Block.starts_at))):
        away = Away(block.id, block.starts_at, block.ends_at, block.reason)
        found.setdefault(block.bookable_id or 0, []).append(away)
    return found


def _seen(
    row: Bookable,
    rota: tuple[Usual, ...] | None,
    names: Mapping[str, str],
    staff: Mapping[int, str],
    away: Sequence[Away],
) -> Seen:
    kind = BookableKind(row.kind)
    known = language_names()
    takes = listed(names[slug] for slug in row.services if slug in names)
    return Seen(
        row.id or 0,
        kind,
        staff.get(row.staff_id or 0, row.name),
        row.retired_at is not None,
        tuple(times_said(rota or ())),
        takes or _takes_all(kind),
        listed(known.get(each, each) for each in row.languages),
        tuple(away),
        _problem(row, kind, rota, names, staff),
        row.staff_id is not None,
    )


def _takes_all(kind: BookableKind) -> str:
    match kind:
        case BookableKind.PERSON:
            return "what their skills allow"
        case BookableKind.ROOM:
            return "every service that names it"
    return "every service"


def _problem(
    row: Bookable,
    kind: BookableKind,
    rota: tuple[Usual, ...] | None,
    names: Mapping[str, str],
    staff: Mapping[int, str],
) -> str:
    if row.retired_at is not None:
        return ""
    if row.staff_id is not None and row.staff_id not in staff:
        return "Their account was taken away, so nobody can book them."
    if row.services and not any(slug in names for slug in row.services):
        return "None of the services they take is left, so nobody can book them."
    if rota is None and kind is not BookableKind.ROOM:
        return "No times yet, so nobody can book them."
    return ""
