"""What the page Staffing tells of a day: the forecast, what past days come to when they are played again, and the fewest desks that are enough.

The search for the fewest desks replays the days some hundred times. What it found is kept as long as nothing it rests on has changed, so a page that is opened again, a file and a report
do not look for it anew; between two replays it lets other threads go first, for it runs beside the floor.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Connection

from server.clock import from_micros, to_micros
from server.domain import erlang, staffing
from server.domain.asked import Asked
from server.domain.figure import Figure
from server.domain.forecast import Detail, Forecast, forecast
from server.domain.half_hours import A_DAY, Halves, halves_of, number_of
from server.domain.hours import midnight
from server.domain.staffing import AIM, Found, PastDay
from server.domain.telling import staffing as telling
from server.domain.telling.staffing import Outlook
from server.live.past_days import Known, opening_of, read_days, read_detail, read_known, same_weekday
from server.live.rostered import instants
from server.store.sql import Sql, Statement, document, iso_date

DAYS = 8
"""So many past days are played again."""
MOST_BACK = 40
"""Weeks in which they are looked for."""
MOST_BUSIER = 3.0
MOST_FULLER = 8.0
"""More copies of the same few appointments would stand in a heap."""
EXPECTED = ("booked", "arrived")
EVERY_STATE = (*EXPECTED, "missed")
KEPT = 64
SOME_DESKS = 12
"""Where a centre has no counters set up, at most so many are tried."""
_DAY = timedelta(days=1)
_BOOKED = Statement(
    """SELECT b.starts_at, b.state FROM booking b WHERE b.centre_id = :centre AND b.held_until > :since AND b.held_until < :ended
    AND b.state <> 'cancelled' AND b.starts_at >= :since AND b.starts_at < :until"""
)
_SHIFTS = Statement(
    """SELECT held_on, begins, ends, services FROM shift WHERE centre_id = :centre AND held_on >= :first AND held_on <= :last"""
)
_MICROS_A_DAY = 24 * 3600 * 1_000_000


@dataclass(frozen=True)
class Prepared:
    """All but the search. `days` as they were, `scaled` as busy as the day is expected to be."""

    known: Known
    outlook: Outlook
    days: tuple[PastDay, ...]
    scaled: tuple[PastDay, ...]
    targets: Mapping[int, int]
    most: int
    key: Hashable
    """What the search rests on."""
    roster: Mapping[int, int]


def read(connection: Connection, centre: int, asked: Asked) -> list[Figure]:
    """Of the first day of what is asked for."""
    prepared = prepare(connection, centre, asked.span.first, asked.now)
    return telling.figures(with_desks(prepared))


def next_open(known: Known) -> date:
    """The next day on which the centre opens; tomorrow, where none is known."""
    tomorrow = known.today + _DAY
    days = (tomorrow + number * _DAY for number in range(60))
    return next((on for on in days if known.opened(on)), tomorrow)


def prepare(connection: Connection, centre: int, on: date, now: int) -> Prepared:
    """Read what is known and forecast the day; of a day that is over, as it would have been forecast the evening before."""
    known = read_known(connection, centre, now)
    opened = known.opened(on)
    known_on = min(known.today, on) - _DAY
    details = read_detail(connection, known, on)
    told = forecast(known.past, details[0], on, opened, known_on)
    days = _days(connection, known, on, sorted(opened))
    targets = {each: row.target_minutes for each, row in known.set_up.services.items()}
    busier = _busier(told, days)
    booked = booked_on(connection, known, on, EXPECTED)
    fuller = more_booked(connection, known, sum(booked.values()), days)
    scaled = tuple(
        staffing.as_busy(each, busier, each.on.toordinal(), fuller or 1.0)
        if abs(busier - 1) >= 0.03 or fuller not in (None, 1.0)
        else each
        for each in days
    )
    roster, elsewhere = _rostered(connection, known, on, opened)
    whole = {half: int(number + 0.5) for half, number in (roster or {}).items()}
    outlook = Outlook(
        on=on,
        opened=opened,
        forecast=told,
        booked=booked,
        groups=_groups(known, details, days, on, opened, known_on),
        events=tuple(name for _, name, first, last in known.events if first <= on <= last),
        replayed=tuple(each.on for each in days),
        busier=busier,
        more_booked=fuller,
        rostered=roster,
        elsewhere=elsewhere,
        by_erlang={},
    )
    counters = sum(row.retired_at is None for row in known.set_up.counters.values())
    key = (
        str(connection.engine.url), centre, on, known.set_up.version, round(busier, 3), fuller, tuple(sorted(opened.items())),
        tuple((each.on, len(each.day.came), len(each.desks), sum(came.takes for came in each.day.came)) for each in days),
    )  # fmt: skip
    return Prepared(
        known,
        replace(outlook, by_erlang=_by_erlang(outlook, days, targets)),
        tuple(days),
        scaled,
        targets,
        counters or SOME_DESKS,
        key,
        whole,
    )


# The search, kept -------------------------------------------------------------------------------

_found: OrderedDict[Hashable, Found] = OrderedDict()
_guard = threading.Lock()


def let_others_go() -> None:
    """Between two replays: whoever waits for the interpreter has it first."""
    time.sleep(0)


def kept(prepared: Prepared) -> Found | None:
    with _guard:
        return _found.get(prepared.key)


def search(prepared: Prepared, between: Callable[[], None] = let_others_go) -> Found | None:
    """The fewest desks that are enough; None where there is nothing to replay."""
    halves = prepared.outlook.halves
    if not prepared.scaled or not halves:
        return None
    there = kept(prepared)
    if there is not None:
        return there
    found = staffing.fewest(prepared.scaled, halves, prepared.targets, prepared.most, AIM, between)
    with _guard:
        _found[prepared.key] = found
        while len(_found) > KEPT:
            _found.popitem(last=False)
    return found


def with_desks(prepared: Prepared, found: Found | None = None) -> Outlook:
    """The outlook with the desks needed, and what the roster and the days as they were come to."""
    outlook = prepared.outlook
    if not prepared.days:
        return outlook
    found = found or search(prepared)
    roster_seen = None
    if outlook.rostered is not None:
        roster_seen = staffing.played(
            prepared.scaled,
            lambda past: staffing.desks_of_plan(past, prepared.roster),
            prepared.targets,
            let_others_go,
        )
    return replace(
        outlook,
        found=found,
        roster_seen=roster_seen,
        really=staffing.as_it_was(prepared.days, prepared.targets),
        played=staffing.played(prepared.days, lambda past: past.desks, prepared.targets, let_others_go),
    )


def what_if(
    prepared: Prepared, changes: Sequence[staffing.Change], words: str, *, by_roster: bool
) -> list[Figure]:
    """The past days with these changes beside the same days without."""
    targets, halves = prepared.targets, prepared.outlook.halves
    if not prepared.days:
        return []
    if by_roster:
        plan = prepared.roster
        changed = staffing.plan_changed(plan, changes)
        before = staffing.played(
            prepared.scaled, lambda past: staffing.desks_of_plan(past, plan), targets, let_others_go
        )
        after = staffing.played(
            prepared.scaled, lambda past: staffing.desks_of_plan(past, changed), targets, let_others_go
        )
        base = "The roster of this day"
    else:
        before = staffing.played(prepared.days, lambda past: past.desks, targets, let_others_go)
        after = staffing.played(
            prepared.days, lambda past: staffing.desks_changed(past, changes), targets, let_others_go
        )
        base = "The desks there were"
    return telling.what_if(before, after, words, base, halves)


# Parts ------------------------------------------------------------------------------------------


def _days(connection: Connection, known: Known, on: date, halves: Sequence[int]) -> list[PastDay]:
    """The latest usual days of this weekday that no event made different."""
    if not halves:
        return []
    usual = [day for day in same_weekday(known, on, MOST_BACK) if not known.past.events.get(day)]
    return read_days(connection, known, usual[:DAYS], halves)


def _walked_in(past: PastDay) -> int:
    """As the forecast counts them."""
    return sum(came.wait_from is not None and not came.booked for came in past.day.came)


def _busier(told: Forecast | None, days: Sequence[PastDay]) -> float:
    walked_in = sum(_walked_in(past) for past in days)
    if told is None or not walked_in:
        return 1.0
    return min(MOST_BUSIER, max(1 / MOST_BUSIER, told.mean * len(days) / walked_in))


def booked_on(
    connection: Connection, known: Known, on: date, states: Collection[str] = EVERY_STATE
) -> dict[int, int]:
    """Appointments of an opening by half hour. What is after midnight belongs to the opening it began in."""
    opened = {day: halves for day in (on - _DAY, on, on + _DAY) if (halves := known.opened(day))}
    if on not in opened:
        return {}
    first, last = min(opened[on]), max(opened[on])
    since, until = (
        to_micros(midnight(day, known.zone)) for day in (on, on + (2 if last >= A_DAY else 1) * _DAY)
    )
    values = {"centre": known.centre, "since": since, "until": until, "ended": until + _MICROS_A_DAY}
    sql = Sql(connection)
    rows = sql.all(_BOOKED, values)
    sql.close()
    found: Counter[int] = Counter()
    for starts_at, state in rows:
        at = from_micros(starts_at)
        local = at.astimezone(known.zone).date()
        if state in states and opening_of(local, number_of(local, at, known.zone), opened) == on:
            found[min(max(number_of(on, at, known.zone), first), last)] += 1
    return dict(found)


def more_booked(connection: Connection, known: Known, booked: int, days: Sequence[PastDay]) -> float | None:
    """How many times as many appointments the day has as the past days had; no fewer than they had, since more may yet be made. None: they had none, or hardly
    any, so there is nothing to make more of."""
    before = sum(sum(booked_on(connection, known, past.on).values()) for past in days)
    if not booked or not days:
        return 1.0
    if not before or not any(came.booked for past in days for came in past.day.came):
        return None
    times = booked * len(days) / before
    return None if times > MOST_FULLER else round(times, 3) if times >= 1.03 else 1.0


def _rostered(
    connection: Connection, known: Known, on: date, opened: Mapping[int, float]
) -> tuple[dict[int, float] | None, int]:
    """Desks on the mean of each half hour, of shifts that serve most needs; and how many shifts are for a few only. None: there is no roster of the day."""
    if not opened:
        return None, 0
    sql = Sql(connection)
    rows = sql.all(
        _SHIFTS, {"centre": known.centre, "first": (on - _DAY).isoformat(), "last": (on + _DAY).isoformat()}
    )
    sql.close()
    if not any(iso_date(row[0]) == on.isoformat() for row in rows):
        return None, 0
    halves = halves_of(on, min(opened), max(opened), known.zone)
    usual = sum(not each.discreet for each in known.set_up.offered)
    found: defaultdict[int, float] = defaultdict(float)
    elsewhere = 0
    for held_on, begins, ends, services in rows:
        span = instants(iso_date(held_on), begins, ends, known.zone.key)
        if span is None or span[1] <= halves.starts[0] or span[0] >= halves.starts[-1]:
            continue
        if (named := document(services)) and 2 * len(named) < usual:
            elsewhere += 1
            continue
        for half in opened:
            found[half] += _share_of(halves, half, span)
    return dict(found), elsewhere


def _share_of(halves: Halves, half: int, span: tuple[int, int]) -> float:
    begins, ends = halves.span(half)
    return max(0, min(ends, span[1]) - max(begins, span[0])) / (ends - begins) if ends > begins else 0.0


def _groups(
    known: Known,
    details: Mapping[int, Sequence[Detail]],
    days: Sequence[PastDay],
    on: date,
    opened: Mapping[int, float],
    known_on: date,
) -> tuple[tuple[str, Forecast], ...]:
    """Needs that the same desks serve, forecast together; none where all desks serve all. What is discreet is told with the largest group, unnamed."""
    kinds = {desk.services for past in days for desk in past.desks}
    if not kinds:
        return ()
    alike: defaultdict[frozenset[frozenset[int]], list[int]] = defaultdict(list)
    for service in (each for each in details if each):
        row = known.set_up.services.get(service)
        if row is not None and not (row.discreet or row.private):
            alike[frozenset(kind for kind in kinds if service in kind)].append(service)
    large = [
        services for services in alike.values() if sum(_came(details[each]) for each in services) >= FEWEST
    ]
    if len(large) < 2:
        return ()
    named = sorted(large, key=lambda services: -sum(_came(details[each]) for each in services))
    in_groups = {service for services in named[1:] for service in services}
    named[0] = [service for service in details if service and service not in in_groups]
    found = []
    for at, services in enumerate(named):
        told = forecast(known.past, _summed([details[each] for each in services]), on, opened, known_on)
        if told is not None:
            found.append((_names(known, services) if at else "what most desks serve", told))
    return tuple(found)


FEWEST = 26
"""Who came for a group in a year; with fewer it is told with the rest."""


def _came(detail: Sequence[Detail]) -> int:
    return sum(sum(each.came.values()) for each in detail)


def _names(known: Known, services: Sequence[int]) -> str:
    names = [known.set_up.services[each].names.get("en", "") for each in services]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _summed(details: Sequence[Sequence[Detail]]) -> list[Detail]:
    came: defaultdict[date, Counter[int]] = defaultdict(Counter)
    opened: dict[date, Mapping[int, float]] = {}
    for detail in details:
        for each in detail:
            came[each.on].update(each.came)
            opened[each.on] = each.open
    return [Detail(on, came[on], opened[on]) for on in opened]


def _by_erlang(outlook: Outlook, days: Sequence[PastDay], targets: Mapping[int, int]) -> dict[int, int]:
    """Desks by half hour by the formula, from the mean time a desk was kept and the mean target of those who came."""
    every = [(came, past.day.turnaround) for past in days for came in past.day.came]
    if not every or outlook.forecast is None:
        return {}
    service = sum(came.takes + between for came, between in every) / len(every) / staffing.MINUTE
    target = sum(targets.get(came.service, staffing.USUAL_TARGET) for came, _ in every) / len(every)
    found = {}
    for half in outlook.forecast.halves:
        share = outlook.opened.get(half.number, 0.0)
        rate = (half.mean + outlook.booked.get(half.number, 0)) / (30 * share) if share else 0.0
        found[half.number] = erlang.desks_needed(rate, max(service, 0.1), target, AIM)
    return found
