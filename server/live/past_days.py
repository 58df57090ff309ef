"""What past days tell the forecast and the replay: read from the raw rows, for the pure rules of `domain.forecast` and `domain.staffing`.

Totals of years are one look-up that an index answers alone; what was erased of them, because it was due or somebody asked for it, is in the sums that are kept and is added. Half hours by
service are read of the same weekday only, as counts, and whole days, with who was called when and by which desk, only of the few days that are replayed: both of days whose rows
are there. Nobody's name or code is read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlmodel import Session

from server.clock import from_micros, to_micros
from server.domain.forecast import Detail, Past
from server.domain.half_hours import halves_of, number_of, open_halves
from server.domain.replaying import Came, Day, Desk, turnaround, with_patience
from server.domain.staffing import PastDay
from server.live.floor import SetUp, load_set_up
from server.store.sql import Record, Sql, Statement, document, iso_date
from wire.vocabulary import TicketClass

_TOTALS = Statement(
    """SELECT arrived_on, COUNT(*) FROM visit WHERE centre_id = :centre AND arrived_on >= :first AND arrived_on <= :last
    GROUP BY arrived_on"""
)
_ERASED = Statement(
    "SELECT day, CAST(sums AS TEXT) FROM day_sum WHERE centre_id = :centre AND day >= :first AND day <= :last AND part = 'kept'"
)
_SPECIAL = Statement("SELECT held_on FROM special_hours WHERE centre_id = :centre AND service_id IS NULL")
_EVENTS = Statement(
    "SELECT id, kind, name, first_on, last_on FROM known_event WHERE centre_id = :centre ORDER BY first_on, id"
)
_WALKED_IN = """SELECT v.arrived_on, t.service_id, t.arrived_at / 900000000, COUNT(*) FROM visit v JOIN ticket t ON t.visit_id = v.id
    WHERE v.centre_id = :centre AND v.arrived_on IN ({days}) AND t.counted AND t.follows IS NULL AND t.booking_id IS NULL
    GROUP BY v.arrived_on, t.service_id, t.arrived_at / 900000000"""
"""By quarters of an hour, of which half hours are made in any time zone."""
_QUARTER = 900_000_000
_TICKETS = """SELECT t.id, COALESCE(v.merged_into, v.id), t.service_id, t.ticket_class, t.arrived_at, t.counts_from, t.first_called_at, t.ended_at,
    t.state, t.counter_id, t.for_counter_id, t.follows, t.quick, t.wants, b.starts_at, t.left_open
    FROM visit v JOIN ticket t ON t.visit_id = v.id LEFT JOIN booking b ON b.id = t.booking_id
    WHERE v.centre_id = :centre AND v.arrived_on IN ({days}) AND t.counted AND t.ended_at IS NOT NULL ORDER BY t.id"""
_PARKED = """SELECT s.ticket_id, s.action, s.at FROM visit v JOIN ticket t ON t.visit_id = v.id JOIN step s ON s.ticket_id = t.id
    WHERE v.centre_id = :centre AND v.arrived_on IN ({days}) AND s.action IN ('park', 'unpark') AND s.undone_at IS NULL
    ORDER BY s.ticket_id, s.id"""
_SEATS = Statement(
    """SELECT s.id, s.counter_id, s.services, s.skills, s.since_at, s.until_at, p.since_at, p.until_at FROM seat s
    LEFT JOIN pause p ON p.seat_id = s.id WHERE s.centre_id = :centre AND s.since_at >= :since AND s.since_at < :until
    AND s.until_at IS NOT NULL AND NOT s.left_open ORDER BY s.since_at, s.id, p.since_at"""
)
_DAY = timedelta(days=1)
DETAIL_WEEKS = 52
TOTAL_DAYS = 3 * 366 + 120
WHOLE = 0.9
"""A day is told by half hours where at least so much of it has not been erased: what is left of others would be too few."""
UNSEEN = 10 * 60_000_000
"""How long a desk is kept where no visit of that day tells."""
LATE = timedelta(minutes=30)
"""A desk that was open so shortly before the centre closed, or longer, was one that stays until everybody has been seen."""


@dataclass(frozen=True)
class Known:
    """A centre with what its past days tell."""

    set_up: SetUp
    zone: ZoneInfo
    today: date
    past: Past
    special: frozenset[date]
    events: tuple[tuple[str, str, date, date], ...]
    """Kind, name, first and last day."""
    erased: Mapping[date, int]
    """How many of a day's total are in its sums alone."""

    @property
    def centre(self) -> int:
        assert self.set_up.centre.id is not None
        return self.set_up.centre.id

    def opened(self, on: date) -> dict[int, float]:
        """How much of each half hour of a day is open, from 0 to 1."""
        return open_halves(on, self.set_up.timetable.spans_on(on), self.zone)

    def is_usual(self, on: date) -> bool:
        """Open, in its usual hours, somebody came, and it can still be told who came when."""
        total = self.past.totals.get(on, 0)
        return total > 0 and total - self.erased.get(on, 0) >= WHOLE * total


def read_known(connection: Connection, centre: int, now: int) -> Known:
    set_up = load_set_up(Session(connection), centre)
    zone = ZoneInfo(set_up.centre.timezone)
    today = from_micros(now).astimezone(zone).date()
    sql = Sql(connection)
    special = frozenset(_date(row[0]) for row in sql.all(_SPECIAL, {"centre": centre}))
    span = {
        "centre": centre,
        "first": (today - TOTAL_DAYS * _DAY).isoformat(),
        "last": (today - _DAY).isoformat(),
    }
    totals = Counter({_date(on): int(number) for on, number in sql.all(_TOTALS, span)})
    erased = {
        _date(on): int(document(sums)["counts"].get("visits", 0)) for on, sums in sql.all(_ERASED, span)
    }
    totals.update(erased)
    usual = {
        on: number for on, number in totals.items() if on not in special and set_up.timetable.spans_on(on)
    }
    events = tuple(
        (str(kind), str(name), _date(first), _date(last))
        for _, kind, name, first, last in sql.all(_EVENTS, {"centre": centre})
    )
    sql.close()
    return Known(set_up, zone, today, Past(usual, _days_of(events)), special, events, erased)


def _days_of(events: Iterable[tuple[str, str, date, date]]) -> dict[date, frozenset[str]]:
    found: defaultdict[date, set[str]] = defaultdict(set)
    for kind, _, first, last in events:
        for number in range((last - first).days + 1):
            found[first + number * _DAY].add(kind)
    return {on: frozenset(kinds) for on, kinds in found.items()}


def same_weekday(known: Known, on: date, weeks: int = DETAIL_WEEKS) -> list[date]:
    """The usual past days of this weekday, the latest first."""
    before = min(known.today, on)
    latest = before - _DAY * ((before - on).days % 7 or 7)
    days = (latest - number * 7 * _DAY for number in range(weeks))
    return [day for day in days if known.is_usual(day)]


def read_detail(
    connection: Connection, known: Known, on: date, weeks: int = DETAIL_WEEKS
) -> dict[int, list[Detail]]:
    """The half hours of past days of the weekday of `on`, by service; under 0 of all together."""
    days = same_weekday(known, on, weeks)
    if not days:
        return {0: []}
    opened = {day: known.opened(day) for day in days}
    owner = _owners(known, opened)
    came: defaultdict[tuple[int, date], Counter[int]] = defaultdict(Counter)
    seen = set()
    for arrived_on, service, quarter, number in _of_days(connection, _WALKED_IN, known.centre, owner):
        at = from_micros(quarter * _QUARTER)
        day = opening_of(_date(arrived_on), number_of(_date(arrived_on), at, known.zone), opened)
        if day is None:
            continue
        half = min(max(number_of(day, at, known.zone), min(opened[day])), max(opened[day]))
        for key in (0, service):
            seen.add(key)
            came[key, day][half] += number
    return {key: [Detail(day, came[key, day], opened[day]) for day in days] for key in {0, *seen}}


def _owners(known: Known, opened: Mapping[date, Mapping[int, float]]) -> list[date]:
    """The local dates on which those came who belong to these openings: the date after too, where one runs past midnight."""
    dates = set(opened)
    for day, halves in opened.items():
        if max(halves) >= 48:
            dates.add(day + _DAY)
    return sorted(dates)


def opening_of(on: date, half: int, opened: Mapping[date, Mapping[int, float]]) -> date | None:
    """Which opening somebody belongs to who came on `on`: that of the day before, if it was still open."""
    before = opened.get(on - _DAY)
    if before is not None and half + 48 <= max(before):
        return on - _DAY
    return on if on in opened else None


def _of_days(connection: Connection, text: str, centre: int, days: Sequence[date]) -> list[Record]:
    sql = Sql(connection)
    names = {f"d{number}": day.isoformat() for number, day in enumerate(days)}
    statement = Statement(text.format(days=", ".join(f":{name}" for name in names)))
    rows = sql.all(statement, {"centre": centre, **names})
    sql.close()
    return rows


# Whole days ---------------------------------------------------------------------------------------


def read_days(
    connection: Connection, known: Known, days: Sequence[date], halves: Collection[int]
) -> list[PastDay]:
    """What happened on these days, and the desks there were. `halves`: those that are planned for; a day's own are added to them."""
    opened = {day: known.opened(day) for day in days}
    opened = {day: halves_open for day, halves_open in opened.items() if halves_open}
    if not opened:
        return []
    dates = _owners(known, opened)
    parked = _parked(_of_days(connection, _PARKED, known.centre, dates))
    rows: defaultdict[date, list[_Row]] = defaultdict(list)
    for record in _of_days(connection, _TICKETS, known.centre, dates):
        row = _Row(*record)
        local = from_micros(row.arrived_at).astimezone(known.zone).date()
        day = opening_of(local, number_of(local, from_micros(row.arrived_at), known.zone), opened)
        if day is not None:
            rows[day].append(row)
    found = []
    for day in sorted(opened, reverse=True):
        first, last = min(*opened[day], *halves), max(*opened[day], *halves)
        came = _came(rows[day], parked)
        if came:
            desks = _desks(connection, known, day, rows[day])
            between = _turnaround(rows[day], parked, desks)
            found.append(PastDay(day, Day(came, between), desks, halves_of(day, first, last, known.zone)))
    patient = with_patience([each.day for each in found])
    return [each._replace(day=day) for each, day in zip(found, patient, strict=True)]


@dataclass(slots=True)
class _Row:
    id: str
    visit: str
    service: int
    ticket_class: str
    arrived_at: int
    counts_from: int
    called_at: int | None
    ended_at: int
    state: str
    counter: int | None
    for_counter: int | None
    follows: str | None
    quick: bool
    wants: str | None
    booked_at: int | None
    left_open: bool


def _parked(steps: Iterable[Record]) -> dict[str, list[tuple[str, int]]]:
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for ticket, action, at in steps:
        found[ticket].append((action, at))
    return found


def _taken(row: _Row, parked: Mapping[str, list[tuple[str, int]]]) -> int | None:
    """How long it kept a desk, from the call to the end; what was parked is left out. None: not known."""
    if row.called_at is None or row.left_open:
        return None
    away, since = 0, None
    for action, at in parked.get(row.id, ()):
        if action == "park":
            since = at
        elif since is not None:
            away, since = away + at - since, None
    if since is not None:
        away += row.ended_at - since
    return max(0, row.ended_at - row.called_at - away)


def _came(rows: Sequence[_Row], parked: Mapping[str, list[tuple[str, int]]]) -> tuple[Came, ...]:
    taken = {row.id: _taken(row, parked) for row in rows}
    of_service: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        if (minutes := taken[row.id]) is not None and row.state in ("finished", "transferred"):
            of_service[row.service].append(minutes)
    usual = {service: round(median(each)) for service, each in of_service.items()}
    anybody = round(median(usual.values())) if usual else UNSEEN
    unserved = {row.id: row for row in rows if row.state == "transferred" and row.called_at is None}
    found = []
    for row in rows:
        if row.id in unserved:  # a wrong choice, put right: what it was changed to stands for it
            continue
        minutes = taken[row.id]
        here_at, follows = row.arrived_at, row.follows
        if follows in unserved:
            here_at, follows = unserved[follows or ""].ended_at, unserved[follows or ""].follows
        booked = row.booked_at if row.ticket_class == TicketClass.BOOKED else None
        found.append(
            Came(
                ticket=row.id,
                visit=row.visit,
                service=row.service,
                ticket_class=TicketClass(row.ticket_class),
                here_at=here_at,
                counts_from=row.counts_from,
                takes=usual.get(row.service, anybody) if minutes is None else minutes,
                wait_from=None if follows is not None else max(row.arrived_at, booked or 0),
                gone_at=row.ended_at if row.called_at is None and not row.left_open else None,
                follows=follows,
                for_counter=row.for_counter,
                quick=bool(row.quick),
                wants=row.wants,
                booked=row.booked_at is not None,
                called_at=row.called_at,
            )
        )
    return tuple(found)


def _turnaround(
    rows: Sequence[_Row], parked: Mapping[str, list[tuple[str, int]]], desks: Sequence[Desk]
) -> int:
    """Between two visitors of a desk when the second was there already. A visit that was parked freed its desk before it ended, and one with an appointment waits for
    its time, so neither tells."""
    calls = (
        (
            row.counter,
            row.called_at,
            None if row.left_open or row.id in parked else row.ended_at,
            None if row.booked_at is not None else row.arrived_at,
        )
        for row in rows
        if row.counter is not None and row.called_at is not None
    )
    return turnaround(calls, desks)


def _desks(connection: Connection, known: Known, day: date, rows: Sequence[_Row]) -> tuple[Desk, ...]:
    """The desks that were open, with their breaks. What a desk really served it serves, whatever was said at sitting down. One that nobody closed is not known, and is
    left out."""
    spans = known.set_up.timetable.spans_on(day)
    closes = spans[-1].closes_at
    around = {
        "centre": known.centre,
        "since": to_micros(spans[0].opens_at - timedelta(hours=4)),
        "until": to_micros(closes + timedelta(hours=1)),
    }
    sql = Sql(connection)
    records = sql.all(_SEATS, around)
    sql.close()
    breaks: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for record in records:
        if record[6] is not None:
            breaks[record[0]].append((record[6], record[7] if record[7] is not None else record[5]))
    found = []
    for seat, counter, services, skills, since, until, _, _ in {
        record[0]: record for record in records
    }.values():
        served = {
            row.service for row in rows if row.counter == counter and since <= (row.called_at or 0) < until
        }
        found.append(
            Desk(
                frozenset(document(services)) | served,
                ((since, until),),
                counter,
                frozenset(document(skills)),
                until >= to_micros(closes - LATE),
                tuple(breaks[seat]),
            )
        )
    return tuple(found)


def _date(value: object) -> date:
    return date.fromisoformat(iso_date(value))
