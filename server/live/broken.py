"""The appointments of a centre that no longer fit, as things are or as they would be if something changed.

What would change is said as a `Supposed`: another plan of the centre, another rota, somebody gone, other skills, time blocked. So a page that is about to change
something asks the very question that is asked afterwards, with the change in it, and shows what is broken by it and was not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.centrefile import CentrePlan
from server.clock import from_micros, to_micros
from server.domain.bookables import Somebody
from server.domain.breaking import Appointment, Broken, Ground, Resource, why_broken
from server.domain.capacity import Stretch
from server.domain.hours import Hours, Timetable, Usual
from server.domain.offers import Offer, read_offer
from server.domain.skills import Skill
from server.domain.slots import MINUTE, LocalClock, common, stretches
from server.store.queries import bookings, capacity
from server.store.queries.bookings import Blocked
from server.store.queries.hours import read_hours
from server.store.sql import Sql
from server.store.tables import Booking, Centre, Service
from wire.vocabulary import BookableKind, BookingState, Role

_DAY = timedelta(days=1)
_FAR = timedelta(days=800)
"""No appointment is made further ahead than this."""


@dataclass(frozen=True)
class Supposed:
    """What would be different. `gone`: bookables retired; `disabled`: accounts taken away; `skills`: of accounts, whole."""

    plan: CentrePlan | None = None
    rota: Mapping[int, tuple[Usual, ...]] = field(default_factory=dict)
    bare: frozenset[int] = frozenset()
    """Without times of their own any more."""
    services: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    languages: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()
    disabled: frozenset[int] = frozenset()
    """Bookables whose account is taken away."""
    roles: Mapping[int, frozenset[Role]] = field(default_factory=dict)
    """By bookable; of none they do not work here."""
    skills: Mapping[int, frozenset[Skill]] = field(default_factory=dict)
    """By bookable."""
    blocks: tuple[Blocked, ...] = ()
    """Besides those there are."""


AS_IT_IS = Supposed()
_COLUMNS: tuple[Any, ...] = (
    Booking.id, Booking.service_id, Booking.starts_at, Booking.ends_at, Booking.held_from, Booking.held_until, Booking.over,
    Booking.person_id, Booking.room_id, Booking.interpreter_id, Booking.interpreter, Booking.reference,
)  # fmt: skip
"""What of an appointment tells whether it fits. No more is read: the list is worked out on every load of a page."""


@dataclass(frozen=True)
class Misfit:
    """An appointment that no longer fits. `service` is empty and `name` too where the reader may not know (`shown_to` of the pages)."""

    broken: Broken
    starts_at: datetime
    reference: str
    service: str
    discreet: bool
    who: str
    """What the bookable is called that the reason is about."""

    @property
    def id(self) -> str:
        return self.broken.appointment


def misfits(session: Session, centre_id: int, now: int, supposed: Supposed = AS_IT_IS) -> list[Misfit]:
    """Those still to come, in the order of their time. `now` in microseconds."""
    rows = list(
        session.exec(
            select(*_COLUMNS)
            .where(
                Booking.centre_id == centre_id,
                Booking.state == BookingState.BOOKED,
                col(Booking.held_until) > from_micros(now),
                col(Booking.starts_at) >= from_micros(now),
            )
            .order_by(col(Booking.starts_at), col(Booking.id))
        )
    )
    if not rows:
        return []
    sql = Sql(session.connection())
    try:
        reading = _Reading(session, sql, centre_id, now, supposed)
        return [found for row in rows if (found := reading.misfit(row)) is not None]
    finally:
        sql.close()


def newly_broken(session: Session, centre_id: int, now: int, supposed: Supposed) -> list[Misfit]:
    """What a change would break that fits now."""
    would = misfits(session, centre_id, now, supposed)
    if not would:
        return []
    already = {each.id for each in misfits(session, centre_id, now)}
    return [each for each in would if each.id not in already]


class _Reading:
    """What every appointment is held against, read once; hours of a date once."""

    def __init__(self, session: Session, sql: Sql, centre_id: int, now: int, supposed: Supposed) -> None:
        self._session, self._supposed = session, supposed
        centre = session.get_one(Centre, centre_id)
        plan = supposed.plan
        self._zone = ZoneInfo(plan.timezone if plan else centre.timezone)
        self._clock = LocalClock(self._zone)
        self._services = {
            row.id or 0: row for row in session.exec(select(Service).where(Service.centre_id == centre_id))
        }
        told = read_hours(session, centre_id)
        hours = plan.hours if plan else told.get(None, Hours())
        self._centre = Timetable(self._zone.key, hours)
        self._own: dict[int, Timetable] = {}
        self._grounds: dict[tuple[int, date], Ground] = {}
        self._resources_on: dict[tuple[int, date], Resource | None] = {}
        self._hours, self._told = hours, told
        far = from_micros(now) + _FAR
        self._blocks = bookings.blocks(sql, centre_id, now // MINUTE - 1440, to_micros(far) // MINUTE)
        self._blocks += supposed.blocks
        self._people = _people(capacity.somebodies(sql, centre_id), supposed, plan)
        self._names = {number: each.name for number, each in self._people.items()}
        rota = {**capacity.rota_of(sql, centre_id), **supposed.rota}
        self._rota = {number: usual for number, usual in rota.items() if number not in supposed.bare}

    def misfit(self, row: Any) -> Misfit | None:
        """`row`: the columns of `_COLUMNS`."""
        appointment = _appointment(row)
        service = self._services[row.service_id]
        on = row.starts_at.astimezone(self._zone).date()
        broken = why_broken(appointment, self._ground_on(service, on), self._resources(appointment, on))
        if broken is None:
            return None
        return Misfit(
            broken,
            row.starts_at,
            row.reference,
            service.names.get("en", service.slug),
            service.discreet,
            self._names.get(broken.who, ""),
        )

    def _ground_on(self, service: Service, on: date) -> Ground:
        at = (service.id or 0, on)
        if at not in self._grounds:
            self._grounds[at] = self._ground(service, _around(on))
        return self._grounds[at]

    def _ground(self, service: Service, around: Iterable[date]) -> Ground:
        number = service.id or 0
        offer, own = self._offer(service)
        if number not in self._own:
            self._own[number] = Timetable(self._zone.key, self._hours, own)
        here = [each for on in around for each in stretches(self._own[number].spans_on(on))]
        usual = offer.hours.usual if offer else ()
        return Ground(
            service.slug,
            service.names.get("en", service.slug),
            service.discreet,
            offer,
            [each for on in around for each in stretches(self._centre.spans_on(on))],
            here,
            common(here, self._clock.stretches(usual, around)) if usual else here,
            [
                each.stretch
                for each in self._blocks
                if each.bookable is None and each.service in (None, number)
            ],
        )

    def _offer(self, service: Service) -> tuple[Offer | None, Hours | None]:
        plan = self._supposed.plan
        if plan is None:
            offer = None if service.retired_at is not None else read_offer(service.booking)
            return offer, self._told.get(service.id)
        planned = next((each for each in plan.services if each.slug == service.slug), None)
        if planned is None:
            return None, None
        return planned.appointments, planned.hours

    def _resources(self, appointment: Appointment, on: date) -> dict[int, Resource]:
        found = {}
        for number in appointment.takes.values():
            at = (number, on)
            if at not in self._resources_on:
                self._resources_on[at] = self._resource(number, on)
            resource = self._resources_on[at]
            if resource is not None:
                found[number] = resource
        return found

    def _resource(self, number: int, on: date) -> Resource | None:
        who = self._people.get(number)
        if who is None:
            return None
        usual = self._rota.get(number)
        if usual is None:
            there: list[Stretch] | None = None if who.kind == BookableKind.ROOM else []
        else:
            there = self._clock.stretches(usual, _around(on))
        return Resource(who, there, _away(self._blocks, number))


def _around(on: date) -> tuple[date, date, date]:
    return on - _DAY, on, on + _DAY


def _people(people: dict[int, Somebody], supposed: Supposed, plan: CentrePlan | None) -> dict[int, Somebody]:
    """Every bookable as it would be."""
    rooms = {each.slug for each in plan.counters} if plan else None
    found = {}
    for number, each in people.items():
        if number in supposed.gone or (rooms is not None and each.counter and each.counter not in rooms):
            continue
        account = each.account
        if account is not None and number in supposed.disabled:
            account = replace(account, disabled=True)
        if account is not None and number in supposed.roles:
            account = replace(account, roles=supposed.roles[number])
        if account is not None and number in supposed.skills:
            account = replace(account, skills=supposed.skills[number])
        found[number] = replace(
            each,
            account=account,
            services=supposed.services.get(number, each.services),
            languages=supposed.languages.get(number, each.languages),
        )
    return found


def _away(blocks: Iterable[Blocked], number: int) -> list[Stretch]:
    return [each.stretch for each in blocks if each.bookable == number]


def _appointment(row: Any) -> Appointment:
    takes = {
        BookableKind.PERSON.value: row.person_id,
        BookableKind.ROOM.value: row.room_id,
        BookableKind.INTERPRETER.value: row.interpreter_id,
    }
    return Appointment(
        row.id,
        row.service_id,
        to_micros(row.starts_at) // MINUTE,
        to_micros(row.ends_at) // MINUTE,
        to_micros(row.held_from) // MINUTE,
        -(-to_micros(row.held_until) // MINUTE),
        row.over,
        {kind: who for kind, who in takes.items() if who is not None},
        row.interpreter,
    )
