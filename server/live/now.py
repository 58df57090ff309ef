"""What the page Now is made of: one reading of the floor, today's appointments, and the visits of today and of the last days like it.

Waiting, counters and what is told of waits come from the same reading that kiosks and displays are drawn from, so that a manager reads what a visitor reads. Days of the same kind are those of the same weekday
on which the centre was open and anything was counted, from the sums of those days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from server.clock import from_micros, to_micros
from server.domain.hours import Open, Timetable
from server.domain.spans import Kind, Span
from server.domain.sums import Sums
from server.domain.telling.now import MINUTE, PRIVATE, Appointments, FloorNow, ServiceLine
from server.domain.telling.so_far import HALVES, SoFar
from server.domain.usual_days import MOST_DAYS
from server.domain.waited import wait_of
from server.live.expected import midnights
from server.live.floor import Floor, OpenTicket
from server.live.sums import read_series
from server.live.waits import if_you_came_now
from server.store.sql import Sql, Statement
from wire.vocabulary import BookingState, TicketState

HALF_HOUR, MOMENT = timedelta(minutes=30), timedelta(microseconds=1)
FARTHEST_WEEKS = 26
"""Further back another season would be called usual."""

_BOOKED = Statement(
    """SELECT b.state, b.starts_at, b.late_minutes, t.state FROM booking b LEFT JOIN ticket t ON t.id = b.ticket_id
    WHERE b.centre_id = :centre AND b.held_until > :since AND b.state <> 'cancelled' AND b.starts_at >= :since AND b.starts_at < :until"""
)
_CANCELLED = Statement(
    """SELECT COUNT(*) FROM booking WHERE centre_id = :centre AND state = 'cancelled' AND starts_at >= :since AND starts_at < :until"""
)
_AT_COUNTER = frozenset({TicketState.CALLED, TicketState.SERVING, TicketState.PARKED})


# The floor -----------------------------------------------------------------------------------------------------------


def floor_now(floor: Floor) -> FloorNow:
    """The floor in numbers; private visits are one line, and no line names a private service."""
    waits = {each.id: waited(each, floor.now) for each in floor.waiting}
    at_counters = Counter(each.state for each in floor.at_counters)
    minded = {each.counter for each in floor.at_counters}
    working = [seat for seat in floor.seats if seat.pause is None]
    return FloorNow(
        waiting=sum(floor.waiting_count.values()),
        longest=max(waits.values(), default=None),
        called=at_counters[TicketState.CALLED],
        serving=at_counters[TicketState.SERVING],
        parked=len(floor.parked),
        counters=len(floor.seats),
        free=sum(seat.counter not in minded for seat in working),
        on_break=len(floor.seats) - len(working),
        lines=tuple(_lines(floor, waits)),
        hours=_hours(floor.set_up.timetable, from_micros(floor.now)),
    )


def waited(ticket: OpenTicket, now: int) -> int:
    """How long so far: of an appointment from its time, or from when they came if that was later."""
    return wait_of(ticket.arrived_at, now, ticket.booked_at)


def _lines(floor: Floor, waits: dict[str, int]) -> Iterable[ServiceLine]:
    services = floor.set_up.services
    private = {number for number, row in services.items() if row.discreet or row.private}
    hidden = {each.id for each in floor.waiting if each.discreet or each.service in private}
    offered = [row.id for row in floor.set_up.offered if row.id is not None]
    left = [number for number in services if number not in offered and floor.waiting_count.get(number)]
    for number in (*offered, *left):
        if number in private:
            continue
        here = [each.id for each in floor.waiting if each.service == number and each.id not in hidden]
        if number in left and not here:
            continue
        told = if_you_came_now(floor, number)
        yield ServiceLine(
            services[number].names["en"],
            len(here),
            max((waits[each] for each in here), default=None),
            _over((waits[each] for each in here), services[number].target_minutes),
            _serving(floor, number),
            told.get("low"),
            told.get("high"),
            str(told.get("why", "")),
            number in floor.doubtful,
        )
    if private or hidden:
        longest = max((waits[each] for each in hidden), default=None)
        over = _over((waits[each] for each in hidden), _private_target(floor, private))
        yield ServiceLine(PRIVATE, len(hidden), longest, over, None, None, None, "")


def _over(waits: Iterable[int], target_minutes: int) -> int:
    return sum(each // MINUTE > target_minutes for each in waits)


def _private_target(floor: Floor, private: set[int]) -> int:
    """One for all private visits, the shortest, so that a figure does not tell what a name would (`server.live.masking`)."""
    every = floor.set_up.services
    return min((every[each].target_minutes for each in private or every), default=0)


def _serving(floor: Floor, service: int) -> int:
    return sum(seat.pause is None and service in seat.services for seat in floor.seats)


def _hours(timetable: Timetable, now: datetime) -> str:
    standing = timetable.standing(now)
    if isinstance(standing, Open):
        return f"The centre is open until {timetable.local_time(standing.closes_at)}."
    return timetable.not_open("The centre", now)


# Appointments --------------------------------------------------------------------------------------------------------


def appointments_today(
    connection: Connection, centre: int, today: date, zone: ZoneInfo, now: int
) -> Appointments:
    since, until = midnights(today, zone.key)
    values = {"centre": centre, "since": since, "until": until}
    sql = Sql(connection)
    rows = sql.all(_BOOKED, values)
    cancelled = (sql.one(_CANCELLED, values) or (0,))[0]
    sql.close()
    found = Counter(standing(*row, now=now) for row in rows)
    coming = sorted(row[1] + row[2] * MINUTE for row in rows if standing(*row, now=now) == "to_come")
    following = f"{from_micros(coming[0]).astimezone(zone):%H:%M}" if coming else ""
    return Appointments(
        **{name: found[name] for name in ("to_come", "late", "waiting", "at_counter", "over", "missed")},
        cancelled=int(cancelled),
        next_at=following,
    )


def standing(state: str, starts_at: int, late_minutes: int, ticket: Any, *, now: int) -> str:
    """Which of `Appointments` one is: late from the moment it was to be there, as it was booked or as its visitor rang to say. Empty: being booked."""
    match state:
        case BookingState.BOOKED:
            return "late" if now >= starts_at + late_minutes * MINUTE else "to_come"
        case BookingState.ARRIVED:
            if ticket is None or ticket == TicketState.WAITING:
                return "waiting"
            return "at_counter" if ticket in _AT_COUNTER else "over"
        case BookingState.MISSED:
            return "missed"
        case _:
            return ""


# Today so far ----------------------------------------------------------------------------------------------------------


def so_far(connection: Connection, centre: int, timetable: Timetable, zone: ZoneInfo, now: int) -> SoFar:
    """Today by half hour, and the days it is held against."""
    today = from_micros(now).astimezone(zone).date()
    candidates = days_like(timetable, today, zone)
    days = [today, *candidates]
    sums = read_series(connection, centre, [Span(day, day, Kind.DAY) for day in days], now)
    halves = [_halves(each) for each in sums]
    known = [
        (day, each) for day, each, of in zip(candidates, halves[1:], sums[1:], strict=True) if of.counts
    ][:MOST_DAYS]
    first, last = _extent(timetable, today, zone, [halves[0], *(each for _, each in known)])
    return SoFar(
        on=today,
        halves=halves[0],
        done=halves_over(today, zone, now),
        past=tuple(each for _, each in known),
        first=first,
        last=last,
        opens=bool(openings(timetable, today, zone)),
        other_hours=_other_hours(timetable, today, [day for day, _ in known]),
    )


def halves_over(on: date, zone: ZoneInfo, now: int) -> int:
    """How many half hours of the date are over, by the clock on the wall: one that comes twice is over after the second time."""
    midnight = datetime.combine(on, time(), zone)
    last_moments = (midnight + half * HALF_HOUR - MOMENT for half in range(1, HALVES + 1))  # by the wall
    over = [to_micros(each.replace(fold=1).astimezone(UTC)) < now for each in last_moments]
    return over.index(False) if False in over else HALVES


def openings(timetable: Timetable, on: date, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The first and the last half hour of the date's openings, also of one that began the evening before."""
    found = []
    for opens_at, closes_at in (*timetable.spans_on(on - timedelta(days=1)), *timetable.spans_on(on)):
        opens, closes = opens_at.astimezone(zone), closes_at.astimezone(zone)
        first = opens.hour * 2 + opens.minute // 30 if opens.date() == on else 0
        ends = closes.hour * 2 + -(-closes.minute // 30) if closes.date() == on else HALVES
        if closes.date() >= on and first < ends:
            found.append((first, ends - 1))
    return found


def days_like(timetable: Timetable, today: date, zone: ZoneInfo) -> list[date]:
    """Earlier days of the same weekday on which the centre was open, the latest first; a few more than are wanted, for those on which nothing was counted."""
    if not openings(timetable, today, zone):
        return []
    earlier = (today - timedelta(weeks=ago) for ago in range(1, FARTHEST_WEEKS + 1))
    return [day for day in earlier if openings(timetable, day, zone)][: MOST_DAYS + 4]


def _halves(sums: Sums) -> tuple[int, ...]:
    return tuple(sums.count("visits", "half", half) for half in range(HALVES))


def _extent(
    timetable: Timetable, today: date, zone: ZoneInfo, days: list[tuple[int, ...]]
) -> tuple[int, int]:
    """The first and the last half hour to be shown."""
    found = [half for day in days for half, number in enumerate(day) if number]
    found += [half for opening in openings(timetable, today, zone) for half in opening]
    return (min(found), max(found)) if found else (18, 33)


def _other_hours(timetable: Timetable, today: date, days: list[date]) -> str:
    usual = Counter(tuple(timetable.local_times(day)) for day in days).most_common(1)
    if not usual or tuple(timetable.local_times(today)) == usual[0][0]:
        return ""
    return f"Today's hours are not those of most {today:%A}s before, so what is usual can only be compared with care."
