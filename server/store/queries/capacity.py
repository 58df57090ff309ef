"""A service's offer, hours, people, rooms and bookings, read as the capacity that the rules judge (`server.domain.capacity`).

What changes with a centre's set-up only (the offer, the hours, the grid of each date) is kept by the centre's `version`, for each database; what
changes without it (bookings, blocks, rota, skills, who is disabled) is read each time by a few plain statements. Reading and booking use
this one module, so what is shown can be booked and what is not cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from server.clock import from_micros
from server.domain.bookables import Account, Somebody, why_not_taken
from server.domain.capacity import Capacity, Resource, Stretch
from server.domain.hours import Hours, Timetable, Usual
from server.domain.offers import Offer, read_offer
from server.domain.slots import LocalClock, common, grid, local_day, stretches
from server.store.queries import bookings
from server.store.queries.bookings import Blocked
from server.store.queries.hours import read_hours
from server.store.sql import Sql, Statement, document, iso_date
from wire.vocabulary import BookableKind, Role

MOST_DAYS = 62
_DAY = timedelta(days=1)
_KEPT_DATES = 400

_SERVICE = Statement(
    """SELECT s.id, s.slug, s.names, s.discreet, s.retired_at, s.booking, c.version, c.timezone, s.by_appointment FROM service s
    JOIN centre c ON c.id = s.centre_id WHERE s.centre_id = :centre AND (s.id = :id OR s.slug = :slug)"""
)
_BOOKABLES = Statement(
    """SELECT b.id, b.kind, b.name, b.services, b.languages, b.staff_id, f.disabled_at, k.slug FROM bookable b
    LEFT JOIN staff f ON f.id = b.staff_id LEFT JOIN counter k ON k.id = b.counter_id AND k.retired_at IS NULL
    WHERE b.centre_id = :centre AND b.retired_at IS NULL ORDER BY b.id"""
)
_ROTA = Statement(
    """SELECT r.bookable_id, r.weekday, r.starts, r.ends, r.from_on, r.until_on FROM rota r JOIN bookable b ON b.id = r.bookable_id
    WHERE b.centre_id = :centre AND b.retired_at IS NULL ORDER BY r.id"""
)
_ACCOUNTS = Statement(
    """SELECT r.staff_id, '', r.role FROM staff_role r WHERE r.centre_id = :centre
    AND r.staff_id IN (SELECT staff_id FROM bookable WHERE centre_id = :centre AND retired_at IS NULL)
    UNION ALL SELECT k.staff_id, k.kind, k.value FROM staff_skill k WHERE k.centre_id = :centre
    AND k.staff_id IN (SELECT staff_id FROM bookable WHERE centre_id = :centre AND retired_at IS NULL)"""
)


Rotas = Mapping[int, Sequence[Usual]]
"""By bookable, its weekly times."""


class OfferedDay(NamedTuple):
    """When a service takes appointments on one date by its hours, and where on the clock they begin."""

    stretches: Sequence[Stretch]
    starts: Sequence[int]


@dataclass
class Offered:
    """A service with its offer and hours, as of a version of its centre's set-up. `offer` None: it has no appointments."""

    centre: int
    record: Any
    """As it was read; anything else in it is another service to us."""
    service: int
    slug: str
    name: str
    discreet: bool
    retired: bool
    offer: Offer | None
    zone: ZoneInfo
    timetable: Timetable
    centre_hours: Timetable
    clock: LocalClock
    _days: dict[date, OfferedDay] = field(default_factory=dict)
    _there: dict[tuple[date, date], tuple[Rotas, Mapping[int, Sequence[Stretch]]]] = field(
        default_factory=dict
    )

    def local_date(self, now: int) -> date:
        return self.timetable.local_date(from_micros(now))

    def on(self, on: date) -> OfferedDay:
        found = self._days.get(on)
        if found is None:
            if len(self._days) >= _KEPT_DATES:
                self._days.clear()
            found = self._days[on] = self._work_out(on)
        return found

    def there(self, rota: Rotas, dates: Sequence[date]) -> Mapping[int, Sequence[Stretch]]:
        """When each who has a rota is there on these dates; of the very same rota as last time, what it was then."""
        key = (dates[0], dates[-1])
        known = self._there.get(key)
        if known is not None and known[0] is rota:
            return known[1]
        if len(self._there) >= _KEPT_DATES:
            self._there.clear()
        found = {number: self.clock.stretches(times, dates) for number, times in rota.items()}
        self._there[key] = (rota, found)
        return found

    def _work_out(self, on: date) -> OfferedDay:
        assert self.offer is not None
        here = stretches(self.timetable.spans_on(on))
        if self.offer.hours.usual:
            around = (on - _DAY, on, on + _DAY)
            here = common(here, self.clock.stretches(self.offer.hours.usual, around))
        return OfferedDay(here, grid(here, self.offer.every_minutes, self.zone))


_KEPT: WeakKeyDictionary[Engine, dict[tuple[int, int], Offered]] = WeakKeyDictionary()


def offered_service(
    sql: Sql, centre: int, *, slug: str | None = None, service: int | None = None
) -> Offered | None:
    """By its slug or its number; None when this centre has no such service."""
    record = sql.one(_SERVICE, {"centre": centre, "slug": slug or "", "id": service or 0})
    if record is None:
        return None
    kept = _KEPT.setdefault(sql.connection.engine, {})
    found = kept.get((centre, record[0]))
    if found is None or found.record != record:
        found = kept[(centre, record[0])] = _load(sql, centre, record)
    return found


def _load(sql: Sql, centre: int, record: Any) -> Offered:
    with Session(sql.connection, join_transaction_mode="rollback_only") as session:
        # Not in a savepoint of its own: left open, it would lie on top of the command's.
        told = read_hours(session, centre)
    hours, own = told.get(None, Hours()), told.get(record[0])
    zone = ZoneInfo(record[7])
    name = document(record[2]).get("en", record[1])
    return Offered(
        centre,
        record,
        record[0],
        record[1],
        name,
        bool(record[3]),
        record[4] is not None,
        read_offer(document(record[5])),
        zone,
        Timetable(record[7], hours, own),
        Timetable(record[7], hours),
        LocalClock(zone),
    )


@dataclass(frozen=True)
class Read:
    """The capacity of some days, and the starts of its grid."""

    capacity: Capacity
    starts: Sequence[int]
    people: Mapping[int, Somebody]
    """Every bookable of the centre, also those who may not take this service."""


def read(
    sql: Sql,
    offered: Offered,
    first_on: date,
    last_on: date,
    now: int,
    *,
    interpreter: str | None = None,
    named: Mapping[str, int] | None = None,
    besides: str = "",
) -> Read:
    """The capacity of whole days, both included, at most `MOST_DAYS`. `named` narrows a kind to one and needs it even where the offer does not."""
    offer = offered.offer
    assert offer is not None
    last_on = min(last_on, first_on + MOST_DAYS * _DAY)
    dates = [first_on + n * _DAY for n in range(-1, (last_on - first_on).days + 2)]
    days = [local_day(on, offered.zone) for on in dates]
    pad = offer.prepare_minutes + offer.minutes + offer.clear_minutes
    first, last = days[1].first - pad, days[-2].last + pad
    blocked = bookings.blocks(sql, offered.centre, first, last)
    people = somebodies(sql, offered.centre) if _anybody(offer, interpreter, named) else {}
    needs = _needs(sql, offered, people, dates, blocked, Stretch(first, last), interpreter, named or {})
    by_date = [offered.on(on) for on in dates]
    taken = bookings.taken(sql, offered.centre, first, last, now, besides)
    if wanted := {each.id for each in needs.get(BookableKind.PERSON.value, ())}:
        them = [each for each in bookings.also(sql, offered.centre) if each.ours in wanted]
        taken += bookings.taken_as_another(sql, them, first, last, now, besides)
    capacity = Capacity(
        service=offered.service,
        offer=offer,
        first=first,
        last=last,
        days=days[1:-1],
        offered=[stretch for day in by_date for stretch in day.stretches],
        blocked=[
            each.stretch
            for each in blocked
            if each.bookable is None and each.service in (None, offered.service)
        ],
        needs=needs,
        taken=taken,
    )
    return Read(capacity, sorted({start for day in by_date for start in day.starts}), people)


def _anybody(offer: Offer, interpreter: str | None, named: Mapping[str, int] | None) -> bool:
    return bool(offer.by_people or offer.rooms or interpreter or named)


def somebodies(sql: Sql, centre: int) -> dict[int, Somebody]:
    """Every bookable of a centre that is not retired."""
    rows = (sql.all(_ACCOUNTS, {"centre": centre}), sql.all(_BOOKABLES, {"centre": centre}))
    found: dict[int, Somebody] = _as_last_time(sql, ("people", centre), rows, _read_somebodies)
    return dict(found)


def _read_somebodies(rows: tuple[list[Any], list[Any]]) -> dict[int, Somebody]:
    accounts: dict[int, tuple[set[Role], set[tuple[str, str]]]] = {}
    for staff, kind, value in rows[0]:
        roles, skills = accounts.setdefault(staff, (set(), set()))
        if kind:
            skills.add((kind, value))
        else:
            roles.add(Role(value))
    found = {}
    for number, kind, name, services, languages, staff, disabled_at, counter in rows[1]:
        account = None
        if staff is not None:
            roles, skills = accounts.get(staff, (set(), set()))
            account = Account(frozenset(roles), frozenset(skills), disabled_at is not None)
        found[number] = Somebody(
            number, kind, name, document(services), document(languages), account, counter or ""
        )
    return found


_READ: WeakKeyDictionary[Engine, dict[tuple[str, int], tuple[Any, Any]]] = WeakKeyDictionary()


def _as_last_time(sql: Sql, key: tuple[str, int], rows: Any, make: Callable[[Any], Any]) -> Any:
    """What `make` makes of these rows; the very thing it made last time where they are the same, as they are at nearly every booking."""
    kept = _READ.setdefault(sql.connection.engine, {})
    last = kept.get(key)
    if last is None or last[0] != rows:
        last = kept[key] = (rows, make(rows))
    return last[1]


def _needs(
    sql: Sql,
    offered: Offered,
    people: Mapping[int, Somebody],
    dates: Sequence[date],
    blocked: Sequence[Blocked],
    window: Stretch,
    interpreter: str | None,
    named: Mapping[str, int],
) -> dict[str, list[Resource]]:
    offer = offered.offer
    assert offer is not None
    kinds = {BookableKind.PERSON.value: offer.by_people, BookableKind.ROOM.value: bool(offer.rooms)}
    kinds[BookableKind.INTERPRETER.value] = interpreter is not None
    wanted = {kind for kind, needed in kinds.items() if needed or kind in named}
    able = [
        each
        for each in people.values()
        if each.kind in wanted
        and named.get(each.kind, each.id) == each.id
        and _may_take(offered, offer, each, interpreter, named)
    ]
    rota = offered.there(rota_of(sql, offered.centre), dates) if able else {}
    away: dict[int, list[Stretch]] = {}
    for block in blocked:
        if block.bookable is not None:
            away.setdefault(block.bookable, []).append(block.stretch)
    needs: dict[str, list[Resource]] = {kind: [] for kind in sorted(wanted)}
    for each in able:
        there = rota.get(each.id)
        if there is None:
            there = [window] if each.kind == BookableKind.ROOM else []
        needs[each.kind].append(Resource(each.id, there, away.get(each.id, ()), each.speaks))
    return needs


def _may_take(
    offered: Offered, offer: Offer, who: Somebody, interpreter: str | None, named: Mapping[str, int]
) -> bool:
    if who.kind == BookableKind.INTERPRETER and interpreter is not None and interpreter not in who.languages:
        return False
    if who.kind == BookableKind.ROOM and not offer.rooms and who.id in named.values():
        return not who.services or offered.slug in who.services
    return not why_not_taken(offered.slug, offered.discreet, offered.name, offer, who)


def rota_of(sql: Sql, centre: int) -> Rotas:
    """The weekly times of every bookable of a centre that has any."""
    rows = sql.all(_ROTA, {"centre": centre})
    found: Rotas = _as_last_time(sql, ("rota", centre), rows, _read_rota)
    return found


def _read_rota(rows: list[Any]) -> dict[int, list[Usual]]:
    found: dict[int, list[Usual]] = {}
    for bookable, weekday, starts, ends, from_on, until_on in rows:
        found.setdefault(bookable, []).append(
            Usual(
                weekday, time.fromisoformat(starts), time.fromisoformat(ends), _date(from_on), _date(until_on)
            )
        )
    return found


def _date(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(iso_date(value))
