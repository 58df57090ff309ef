"""What is going on in one centre at one instant, read once for every view of it.

What changes seldom (names, services, hours, counters) is kept in memory by the centre's `version`; what changes with every touch is read by a
few plain statements over open tickets only. Beyond `MOST_WAITING` waiting tickets the rest are counted, not loaded: a lobby holds
fewer people, and a flood must not slow the reading down.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from server.clock import from_micros
from server.domain import hours, waiting
from server.domain.life import Life
from server.domain.offers import Offer, read_offer
from server.domain.said import Promise
from server.live.concerns import AttentionNow, attention_now
from server.live.expected import Expected, expected_on
from server.live.offered_forms import OfferedNow, forms_offered
from server.live.pace import PACE_MICROS, Pace, read_pace
from server.store.database import Database
from server.store.queries.life import present_life
from server.store.sql import Sql, Statement, document
from server.store.tables import Centre, Choice, Closure, Counter, Message, Opening, Service, SpecialHours
from wire.vocabulary import TicketClass

MOST_WAITING = 400
RECENT_MICROS = 10 * 60 * 1_000_000
"""How long a call stays among the recent ones for those who looked away."""
MOST_GIVEN = 20_000
"""Ranges that wait to be written down; when the database is away for long the eldest go."""


@dataclass(frozen=True)
class SetUp:
    """What a centre is, as of `version`. Retired services are kept by id (open tickets may point at them) but not offered."""

    version: int
    centre: Centre
    choices: tuple[Choice, ...]
    services: Mapping[int, Service]
    offered: tuple[Service, ...]
    counters: Mapping[int, Counter]
    messages: tuple[Message, ...]
    timetable: hours.Timetable
    timetables: Mapping[int, hours.Timetable]
    """By service id, for services with hours of their own; within the centre's."""
    offers: Mapping[int, Offer] = field(default_factory=dict)
    """By service id, of those that have appointments."""
    forms: tuple[OfferedNow, ...] = ()

    def timetable_of(self, service: int) -> hours.Timetable:
        return self.timetables.get(service, self.timetable)

    @property
    def private(self) -> Service | None:
        """The service that a wish to talk in private goes to."""
        return next((service for service in self.offered if service.private), None)


class OpenTicket(NamedTuple):
    id: str
    visit: str
    code: str
    language: str
    needs: tuple[str, ...]
    discreet: bool
    service: int
    state: str
    ticket_class: TicketClass
    arrived_at: int
    counts_from: int
    for_counter: int | None
    counter: int | None
    staff: int | None
    calls: int
    first_called_at: int | None
    called_at: int | None
    served_at: int | None
    parked_at: int | None
    ended_at: int | None
    paper: str
    device: int | None
    quick: bool
    wants: str | None
    booked_at: int | None = None
    """The time of the appointment it is for."""
    awaited: bool = False
    """Worked out where it matters (`domain.waiting`)."""

    @property
    def ticket(self) -> str:
        """As the rules call it."""
        return self.id


class OpenSeat(NamedTuple):
    id: int
    staff: int
    staff_name: str
    counter: int
    services: frozenset[int]
    since_at: int
    pause: str | None
    pause_since: int | None
    skills: frozenset[str] = frozenset()
    after_quick: bool = False


class Asked(NamedTuple):
    """An open request for a person."""

    id: str
    kind: str
    device: int | None
    at: int
    detail: Mapping[str, Any]
    taken_by: int | None
    taken_name: str | None
    taken_at: int | None


class DeviceNow(NamedTuple):
    id: int
    kind: str
    name: str
    letter: str | None
    counter: int | None
    health: Mapping[str, Any]
    health_at: int | None
    layout: Mapping[str, Any]
    locked: str
    test_job: str | None
    last_number: int


class Printing(NamedTuple):
    """A paper that staff wait for. A test print has no ticket, and so nothing after `device`."""

    job: str
    device: int
    ticket: str | None
    code: str | None
    language: str | None
    arrived_at: int | None
    paper: str | None
    """What was known of the ticket's paper before."""


class Announced(NamedTuple):
    """Something told to everyone now."""

    id: str
    text: Mapping[str, str]
    at: int
    until_at: int | None


@dataclass
class Told:
    """The waits last shown at a centre, so that the next ones do not flicker."""

    tickets: dict[str, waiting.Waits] = field(default_factory=dict)
    services: dict[int, waiting.Waits] = field(default_factory=dict)
    reckoned: tuple[Pace, int, Any] | None = None
    """What the estimate made of the pace and the set-up's version they were worked out from (`server.live.waits`)."""
    noted: dict[str, int] = field(default_factory=dict)
    """Of each waiting ticket, the last five minutes of its wait of which a range was noted (`server.live.given`),"""
    given: deque[Any] = field(default_factory=lambda: deque(maxlen=MOST_GIVEN))
    """and what was noted and is not written down yet."""


@dataclass(frozen=True)
class Floor:
    now: int
    set_up: SetUp
    public_url: str
    waiting: tuple[OpenTicket, ...]
    """In the order of counting; at most MOST_WAITING."""
    at_counters: tuple[OpenTicket, ...]
    parked: tuple[OpenTicket, ...]
    recent: tuple[OpenTicket, ...]
    """Called in the last minutes and ended since."""
    waiting_count: Mapping[int, int]
    """By service id, all of them."""
    seats: tuple[OpenSeat, ...]
    asked: tuple[Asked, ...]
    devices: tuple[DeviceNow, ...]
    printing: tuple[Printing, ...]
    announced: tuple[Announced, ...]
    """Oldest first."""
    expected: tuple[Expected, ...]
    """Today's appointments whose visitors have not come, in the order of their times."""
    attention: tuple[AttentionNow, ...]
    """What needs a person, asked for or noticed; for staff only."""
    last_note: int
    """The number of the latest note anywhere: what tells staff pages that there is one more to read."""
    pace: Pace
    """What was seen lately, and what the roster plans."""
    diary: tuple[Any, ...] = ()
    """What changes with every appointment of these days and with every blocked time: what tells staff pages to look again."""
    handed_in: tuple[Any, ...] = ()
    """What changes with everything handed in lately: what tells staff pages to look again."""
    recipients: tuple[str, ...] = ()
    """The public keys that what visitors hand in is sealed to."""
    doubtful: frozenset[int] = frozenset()
    """Services whose ranges were wrong too often lately: nobody is told any (`server.domain.scoring`)."""
    promise: Promise = field(default_factory=Promise)
    """By when complaints are acknowledged and answered."""
    life: Life | None = None
    """Of the house; for kiosks."""
    told: Told = field(default_factory=Told, compare=False)
    kept: dict[str, Any] = field(default_factory=dict, compare=False)
    """Where views of one reading share what they all work out (the estimate)."""
    moving_to: str = ""
    """The address at which devices find this server from now on; empty while it stays."""


# Each says `ended_at IS NULL` although the state tells as much: without it SQLite walks all tickets that ever were (measured with 200,000).
_COLUMNS = """t.id, t.visit_id, v.code, v.language, v.needs, v.discreet, t.service_id, t.state, t.ticket_class, t.arrived_at, t.counts_from,
    t.for_counter_id, t.counter_id, t.staff_id, t.calls, t.first_called_at, t.called_at, t.served_at, t.parked_at, t.ended_at, t.paper,
    v.device_id, t.quick, t.wants, b.starts_at FROM ticket t JOIN visit v ON v.id = t.visit_id LEFT JOIN booking b ON b.id = t.booking_id"""
_OLDEST = " UNION ALL ".join(
    f"SELECT id FROM (SELECT id FROM ticket WHERE centre_id = :centre AND state = 'waiting' AND ticket_class = '{each.value}'"
    f" ORDER BY counts_from, arrived_at, id LIMIT {MOST_WAITING}) AS {each.value}"
    for each in TicketClass
)
"""Each class in the order of its index: however many wait, no more than these are touched."""
_WAITING = Statement(
    f"SELECT {_COLUMNS} JOIN ({_OLDEST}) AS oldest ON oldest.id = t.id ORDER BY t.counts_from, t.arrived_at, t.id LIMIT {MOST_WAITING}"
)
_BUSY = Statement(
    f"SELECT {_COLUMNS} WHERE t.centre_id = :centre AND t.ended_at IS NULL AND t.state IN ('called', 'serving', 'parked') ORDER BY t.called_at, t.id"
)
_RECENT = Statement(
    f"SELECT {_COLUMNS} WHERE t.centre_id = :centre AND t.ended_at >= :since AND t.called_at >= :since ORDER BY t.called_at DESC, t.id LIMIT 60"
)
_COUNTS = Statement(
    "SELECT service_id, COUNT(*) FROM ticket WHERE centre_id = :centre AND ended_at IS NULL AND state = 'waiting' GROUP BY service_id"
)
_SEATS = Statement(
    """SELECT s.id, s.staff_id, f.name, s.counter_id, s.services, s.since_at, p.reason, p.since_at, s.skills, s.after_quick FROM seat s
    JOIN staff f ON f.id = s.staff_id LEFT JOIN pause p ON p.seat_id = s.id AND p.until_at IS NULL
    WHERE s.centre_id = :centre AND s.until_at IS NULL ORDER BY s.counter_id"""
)
_ASKED = Statement(
    """SELECT a.id, a.kind, a.device_id, a.at, a.detail, a.taken_by, f.name, a.taken_at FROM attention a
    LEFT JOIN staff f ON f.id = a.taken_by WHERE a.centre_id = :centre AND a.done_at IS NULL
    ORDER BY CASE a.kind WHEN 'help' THEN 0 ELSE 1 END, a.at LIMIT 100"""
)
"""People first: entries set aside by the hundred must not hide somebody who waits at a kiosk."""
_RECIPIENTS = Statement("SELECT secret FROM house_key WHERE name = 'papers'")
_DEVICES = Statement(
    """SELECT id, kind, name, letter, counter_id, health, health_at, layout, locked_say, test_job FROM device
    WHERE centre_id = :centre AND revoked_at IS NULL ORDER BY id"""
)
_PRINTING = Statement(
    """SELECT p.id, p.device_id, p.ticket_id, v.code, v.language, t.arrived_at, t.paper FROM print_job p
    LEFT JOIN ticket t ON t.id = p.ticket_id LEFT JOIN visit v ON v.id = t.visit_id
    WHERE p.centre_id = :centre AND p.done_at IS NULL
    AND (p.ticket_id IS NULL OR v.ended_at IS NULL) ORDER BY p.at, p.id LIMIT 50"""
)
_ANNOUNCED = Statement(
    """SELECT id, text, at, until_at FROM announcement WHERE centre_id = :centre AND ended_at IS NULL
    AND (until_at IS NULL OR until_at > :now) ORDER BY at, id LIMIT 20"""
)
_MARKS = Statement(
    """SELECT * FROM (SELECT COUNT(*), COUNT(arrived_at), COUNT(missed_at), COALESCE(SUM(sequence), 0), COALESCE(SUM(late_minutes), 0),
    COALESCE(MAX(changed_at), 0), COALESCE(MAX(booked_at), 0) FROM booking
    WHERE centre_id = :centre AND held_until > :since AND held_until < :until AND state <> 'cancelled') AS booked,
    (SELECT COUNT(*), COALESCE(MAX(made_at), 0) FROM block WHERE centre_id = :centre AND ends_at > :now) AS blocked,
    (SELECT COUNT(*), COALESCE(MAX(received_at), 0), COUNT(deleted_at) FROM submission
    WHERE centre_id = :centre AND received_at >= :since) AS handed_in,
    (SELECT COALESCE(MAX(id), 0) FROM note) AS noted"""
)
"""One row of what rings when it changes, and is not read itself: seven numbers of appointments, two of blocked times, three of what was handed in, one of notes. One
statement, for on PostgreSQL each is a way there and back."""
DIARY_MICROS = (12 * 3600 * 1_000_000, 8 * 24 * 3600 * 1_000_000)
"""How far back and ahead the bell hears changes of appointments; further ahead a page that is open sees them when it looks anyway."""
_VERSION = Statement("SELECT version FROM centre WHERE id = :centre")


class UnknownCentre(LookupError):
    """There is no centre of this number."""


class FloorReader:
    """Reads floors; keeps each centre's set-up and usual pace between readings. Safe to use from several threads."""

    def __init__(self, database: Database, public_url: str) -> None:
        self._database = database
        self._public_url = public_url
        self._set_ups: dict[int, SetUp] = {}
        self._paces: dict[int, tuple[int, int, Pace]] = {}
        self.told: dict[int, Told] = {}
        """By centre, what was told last; the rounds write it down."""
        self.life: Life | None = None
        """Read once: a restore is done while no server runs."""
        self.moving_to = ""
        self.promise = Promise()
        """As the house is set (`server.edge`)."""
        self.doubtful: Mapping[int, frozenset[int]] = {}
        """By centre, as the rounds last found (`server.jobs.estimates`)."""
        self._guard = threading.Lock()

    def read(self, centre: int, now: int) -> Floor:
        """The floor of `centre` at `now` (microseconds). Raises UnknownCentre."""
        with self._database.reading() as connection:
            sql = Sql(connection)
            set_up = self._set_up(sql, centre)
            self.life = self.life or present_life(sql)
            here = {"centre": centre}
            marks = _marks(sql, centre, now)
            busy = [_ticket(record) for record in sql.all(_BUSY, here)]
            return Floor(
                now=now,
                set_up=set_up,
                public_url=self._public_url,
                moving_to=self.moving_to,
                waiting=tuple(_ticket(record) for record in sql.all(_WAITING, here)),
                at_counters=tuple(ticket for ticket in busy if ticket.state != "parked"),
                parked=tuple(ticket for ticket in busy if ticket.state == "parked"),
                recent=tuple(_ticket(r) for r in sql.all(_RECENT, {**here, "since": now - RECENT_MICROS})),
                waiting_count={record[0]: record[1] for record in sql.all(_COUNTS, here)},
                seats=tuple(_seat(record) for record in sql.all(_SEATS, here)),
                asked=tuple(Asked._make((*r[:4], document(r[4]), *r[5:])) for r in sql.all(_ASKED, here)),
                devices=tuple(self._devices(sql, set_up, now)),
                printing=tuple(Printing._make(record) for record in sql.all(_PRINTING, here)),
                announced=tuple(_announced(record) for record in sql.all(_ANNOUNCED, {**here, "now": now})),
                expected=self._expected(sql, set_up, now),
                attention=attention_now(sql, centre, now),
                last_note=marks[12],
                recipients=tuple(record[0] for record in sql.all(_RECIPIENTS)),
                pace=self._pace(sql, set_up, now),
                diary=marks[:9],
                handed_in=marks[9:12],
                doubtful=self.doubtful.get(centre, frozenset()),
                promise=self.promise,
                life=self.life,
                told=self.told.setdefault(centre, Told()),
            )

    def _expected(self, sql: Sql, set_up: SetUp, now: int) -> tuple[Expected, ...]:
        today = set_up.timetable.local_date(from_micros(now))
        assert set_up.centre.id is not None
        return expected_on(sql, set_up.centre.id, today, set_up.centre.timezone)

    def _devices(self, sql: Sql, set_up: SetUp, now: int) -> list[DeviceNow]:
        centre = set_up.centre
        today = set_up.timetable.local_date(from_micros(now)).isoformat()
        records = sql.all(_DEVICES, {"centre": centre.id})
        assert centre.id is not None
        last = _last_numbers(sql, centre.id, today, sorted({r[3] for r in records if r[3] is not None}))
        return [
            DeviceNow._make((*r[:5], document(r[5]), r[6], document(r[7]), *r[8:], last.get(r[3], 0)))
            for r in records
        ]

    def _pace(self, sql: Sql, set_up: SetUp, now: int) -> Pace:
        centre = set_up.centre
        assert centre.id is not None
        kept = self._paces.get(centre.id)
        if kept is not None and 0 <= now - kept[0] < PACE_MICROS and kept[1] == set_up.version:
            return kept[2]
        pace = read_pace(sql, centre.id, centre.timezone, set_up.offered, now)
        self._paces[centre.id] = (now, set_up.version, pace)
        return pace

    def _set_up(self, sql: Sql, centre: int) -> SetUp:
        record = sql.one(_VERSION, {"centre": centre})
        if record is None:
            raise UnknownCentre(str(centre))
        with self._guard:
            kept = self._set_ups.get(centre)
            if kept is None or kept.version != record[0]:
                kept = self._set_ups[centre] = load_set_up(Session(sql.connection), centre)
            return kept


def _ticket(record: Any) -> OpenTicket:
    needs = () if record[4] == "[]" else tuple(document(record[4]))
    fields = (*record[:4], needs, bool(record[5]), *record[6:8], _CLASSES[record[8]], *record[9:22])
    return OpenTicket._make((*fields, bool(record[22]), record[23], record[24], False))


def _marks(sql: Sql, centre: int, now: int) -> tuple[int, ...]:
    around = {"centre": centre, "since": now - DIARY_MICROS[0], "until": now + DIARY_MICROS[1], "now": now}
    found = sql.one(_MARKS, around)
    assert found is not None
    return tuple(int(each) for each in found)


def _last_numbers(sql: Sql, centre: int, today: str, letters: list[str]) -> dict[str, int]:
    """The highest number given today under each letter that has given one. For each the last entry of an index, all in one statement."""
    if not letters:
        return {}
    last = Statement(
        " UNION ALL ".join(
            "SELECT code FROM (SELECT code FROM visit WHERE centre_id = :centre AND arrived_on = :today"
            f" AND code >= :low{at} AND code < :high{at} ORDER BY LENGTH(code) DESC, code DESC LIMIT 1) AS last{at}"
            for at in range(len(letters))
        )
    )
    values: dict[str, Any] = {"centre": centre, "today": today}
    for at, letter in enumerate(letters):
        values |= {f"low{at}": letter, f"high{at}": chr(ord(letter) + 1)}
    return {code[0]: int(code[1:]) for (code,) in sql.all(last, values)}


def _announced(record: Any) -> Announced:
    return Announced(record[0], document(record[1]), record[2], record[3])


_CLASSES = {each.value: each for each in TicketClass}


def _seat(record: Any) -> OpenSeat:
    skills = frozenset(document(record[8]))
    return OpenSeat._make(
        (*record[:4], frozenset(document(record[4])), *record[5:8], skills, bool(record[9]))
    )


def load_set_up(session: Session, centre_id: int) -> SetUp:
    """Everything about a centre that changes seldom."""
    centre = session.get_one(Centre, centre_id)

    def rows(table: Any, *order: Any) -> list[Any]:
        return list(session.exec(select(table).where(col(table.centre_id) == centre_id).order_by(*order)))

    services = rows(Service, col(Service.position), col(Service.id))
    openings = rows(Opening, col(Opening.id))
    specials = rows(SpecialHours, col(SpecialHours.id))
    closures = rows(Closure, col(Closure.id))
    own = {row.service_id for row in (*openings, *specials, *closures)} - {None}

    def hours_of(service: int | None) -> hours.Hours:
        return hours.Hours(
            tuple(
                hours.Usual(
                    r.weekday,
                    time.fromisoformat(r.opens),
                    time.fromisoformat(r.closes),
                    r.from_on,
                    r.until_on,
                )
                for r in openings
                if r.service_id == service
            ),
            tuple(
                hours.Special(r.held_on, time.fromisoformat(r.opens), time.fromisoformat(r.closes))
                for r in specials
                if r.service_id == service
            ),
            tuple(
                hours.Closure(r.first_on, r.last_on, r.reason) for r in closures if r.service_id == service
            ),
        )

    centre_hours = hours_of(None)
    set_up = SetUp(
        version=centre.version,
        centre=centre,
        choices=tuple(c for c in rows(Choice, col(Choice.position), col(Choice.id)) if c.retired_at is None),
        services={service.id: service for service in services},
        offered=tuple(service for service in services if service.retired_at is None),
        counters={counter.id: counter for counter in rows(Counter, col(Counter.position), col(Counter.id))},
        messages=tuple(rows(Message, col(Message.position), col(Message.id))),
        timetable=hours.Timetable(centre.timezone, centre_hours),
        timetables={
            service: hours.Timetable(centre.timezone, centre_hours, hours_of(service)) for service in own
        },
        offers={row.id: offer for row in services if (offer := read_offer(row.booking)) is not None},
        forms=forms_offered(session, centre_id),
    )
    session.expunge_all()
    return set_up
