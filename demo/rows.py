"""A played day as the rows the house would have left of it, written by bulk past the actions: ten years of five centres are a million and a half visits.

Nobody is in them: no name, no number, no note.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as clock_time
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Connection, inspect
from sqlmodel import SQLModel

from demo.days import Came, Day, Offered, play_day, poisson
from server.clock import to_micros
from server.store.tables import (
    Booking,
    DoorCount,
    Feedback,
    GivenEstimate,
    Pause,
    Seat,
    Shift,
    Step,
    Tally,
    Ticket,
    Visit,
)
from server.store.types import Instant
from wire.vocabulary import Activity, Language, Need, TicketClass

LANGUAGES = (
    (Language.EN, 70),
    (Language.GU, 11),
    (Language.PA, 6),
    (Language.UR, 5),
    (Language.PL, 5),
    (Language.AR, 3),
)
OUTCOMES = (
    ("resolved", 82),
    ("referred", 6),
    ("appointment_made", 4),
    ("needs_documents", 6),
    ("not_ours", 2),
)
AVOIDABLE = (
    ("chasing", 45),
    ("unclear_letter", 25),
    ("could_be_online", 15),
    ("not_our_service", 9),
    ("our_mistake", 6),
)
SCORES = {True: (2, 3, 8, 32, 55), False: (22, 24, 24, 20, 10)}
"""How visitors score, who were seen soon and who waited long: of a hundred, from 1 to 5."""
REASONS = ("wait", "staff", "answer", "clear", "language", "privacy", "place", "other")


@dataclass(frozen=True)
class Site:
    """A centre that is filled. `hours` by weekday: opens and closes in seconds."""

    id: int
    zone: ZoneInfo
    offered: tuple[Offered, ...]
    hours: Mapping[int, tuple[float, float]]
    counters: tuple[int, ...]
    advisers: tuple[int, ...]
    visits: float
    taps: Mapping[str, float]


class Bulk:
    """Rows of one table, written together. `varying` are given for each row; the rest holds what the table says."""

    def __init__(self, table: type[SQLModel], *varying: str) -> None:
        mapped = inspect(table).local_table
        constant = {}
        for column in mapped.columns:
            if column.name in varying or column is mapped.autoincrement_column:
                continue
            constant[column.name] = _usual(table, column)
        self._name, self._columns = mapped.name, (*varying, *constant)
        self._constant = tuple(constant.values())
        self._rows: list[tuple[Any, ...]] = []

    def add(self, *values: Any) -> None:
        self._rows.append((*values, *self._constant))

    def write(self, connection: Connection) -> int:
        rows, self._rows = self._rows, []
        names = ", ".join(f'"{name}"' for name in self._columns)
        cursor: Any = connection.connection.cursor()
        if connection.dialect.name == "postgresql":
            with cursor.copy(f'COPY "{self._name}" ({names}) FROM STDIN') as copying:
                for row in rows:
                    copying.write_row(row)
        else:
            marks = ", ".join("?" * len(self._columns))
            cursor.executemany(f'INSERT INTO "{self._name}" ({names}) VALUES ({marks})', rows)
        return len(rows)


def _usual(table: type[SQLModel], column: Any) -> Any:
    found = table.model_fields[column.name]
    value = found.default_factory() if found.default_factory is not None else found.get_default()  # type: ignore[call-arg]  # of a table's own fields, which take none
    if isinstance(column.type, JSON):
        return json.dumps(value)
    if isinstance(column.type, Instant):
        return None
    return getattr(value, "value", value) if not found.is_required() else None


class Years:
    """Fills one site. What it made is written with `write`."""

    def __init__(self, site: Site, seed: int, seats_from: int) -> None:
        self.site = site
        self._chance = random.Random(seed)
        self._seat = count(seats_from)
        self.visits = Bulk(Visit, "id", "centre_id", "arrived_on", "code", "language", "needs", "discreet", "channel", "follow_hash", "arrived_at", "ended_at", "people")  # fmt: skip
        self.tickets = Bulk(Ticket, "id", "visit_id", "centre_id", "service_id", "state", "ticket_class", "arrived_at", "counts_from", "follows", "counter_id", "staff_id", "calls", "first_called_at", "called_at", "served_at", "ended_at", "outcome", "avoidable", "paper", "booking_id", "again", "left_open")  # fmt: skip
        self.steps = Bulk(
            Step, "ticket_id", "action", "before", "after", "at", "staff_id", "counter_id", "undone_at"
        )
        self.seats = Bulk(
            Seat, "id", "centre_id", "staff_id", "counter_id", "services", "since_at", "until_at", "left_open"
        )
        self.pauses = Bulk(Pause, "seat_id", "reason", "since_at", "until_at")
        self.tallies = Bulk(
            Tally,
            "id",
            "centre_id",
            "activity",
            "source",
            "counted_on",
            "at",
            "entered_at",
            "service_id",
            "solved",
            "avoidable",
        )
        self.bookings = Bulk(Booking, "id", "centre_id", "service_id", "reference", "state", "starts_at", "ends_at", "held_from", "held_until", "made_at", "booked_at", "changed_at", "arrived_at", "missed_at", "cancelled_at", "ticket_id")  # fmt: skip
        self.feedback = Bulk(
            Feedback, "id", "centre_id", "given_on", "at", "way", "score", "reason", "language", "service_id"
        )
        self.doors = Bulk(DoorCount, "centre_id", "counted_on", "from_at", "until_at", "went_in", "went_out")
        self.shifts = Bulk(Shift, "centre_id", "held_on", "begins", "ends", "staff_id", "entered_at")
        self.estimates = Bulk(GivenEstimate, "ticket_id", "step", "centre_id", "service_id", "given_on", "at", "low_seconds", "high_seconds", "middle_seconds")  # fmt: skip
        self.tells_waits = True
        """Whether what was told of waits is written as well: four rows a visit, which the house keeps for as long as the visit."""

    def write(self, connection: Connection) -> int:
        """Everything made since the last time; how many rows."""
        order = (
            self.visits,
            self.tickets,
            self.steps,
            self.seats,
            self.pauses,
            self.tallies,
            self.bookings,
            self.feedback,
            self.doors,
            self.shifts,
            self.estimates,
        )
        return sum(each.write(connection) for each in order)

    def fill(self, on: date, busier: float, longer: float) -> int:
        """One day; how many visits."""
        hours = self.site.hours.get(on.weekday())
        if hours is None or busier == 0:
            return 0
        midnight = to_micros(datetime.combine(on, clock_time(), self.site.zone).astimezone(UTC))
        taps = {name: mean * busier for name, mean in self.site.taps.items()}
        day = play_day(
            self._chance,
            self.site.offered,
            visits=self.site.visits * busier,
            taps=taps,
            opens=hours[0],
            closes=hours[1],
            longer=longer,
        )
        self._sit(on, day, midnight, hours)
        self._come(on, day, midnight)
        for activity, at in day.taps:
            self._tap(on, activity, _at(midnight, at))
        self._count_door(on, day, midnight, hours)
        return day.visits

    def _sit(self, on: date, day: Day, midnight: int, hours: tuple[float, float]) -> None:
        for number, (begins, ends, rests, back) in enumerate(day.desks):
            seat, staff = next(self._seat), self.site.advisers[number % len(self.site.advisers)]
            counter = self.site.counters[number % len(self.site.counters)]
            forgotten = self._chance.random() < 0.004
            until = _at(midnight, ends + (9 * 3600 if forgotten else self._chance.uniform(0, 900)))
            services = json.dumps([each.id for each in self.site.offered if not each.discreet])
            self.seats.add(
                seat, self.site.id, staff, counter, services, _at(midnight, begins), until, forgotten
            )
            self.pauses.add(seat, "lunch", _at(midnight, rests), _at(midnight, back))
            self.shifts.add(
                self.site.id, on.isoformat(), _told(hours[0]), _told(hours[1]), staff, _at(midnight, -86_400)
            )

    def _come(self, on: date, day: Day, midnight: int) -> None:
        chance, site = self._chance, self.site
        names = [_id(chance, _at(midnight, each.arrived)) for each in day.tickets]
        visits: dict[int, str] = {}
        numbers = {"K": count(1), "G": count(1), "W": count(1)}
        last = {each.visit: each.ended for each in sorted(day.tickets, key=lambda each: each.ended)}
        for index, each in enumerate(day.tickets):
            if each.visit not in visits:
                visits[each.visit] = _id(chance, _at(midnight, each.arrived))
                letter = chance.choices("KGW", (78, 16, 6))[0]
                channel = {"K": "kiosk", "G": "greeter", "W": "web"}[letter]
                language = chance.choices([one for one, _ in LANGUAGES], [share for _, share in LANGUAGES])[0]
                needs = json.dumps([chance.choice([*Need]).value] if chance.random() < 0.06 else [])
                people = chance.choice((1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4))
                self.visits.add(
                    visits[each.visit], site.id, on.isoformat(), f"{letter}{next(numbers[letter]):02d}", language.value, needs,
                    each.service.discreet, channel, f"{chance.getrandbits(256):064x}", _at(midnight, each.arrived),
                    _at(midnight, last[each.visit]), people,
                )  # fmt: skip
                self._say(on, each, language.value, midnight)
            self._ticket(day, index, names, visits[each.visit], midnight, on)

    def _ticket(
        self, day: Day, index: int, names: Sequence[str], visit: str, midnight: int, on: date
    ) -> None:
        each, chance, site = day.tickets[index], self._chance, self.site
        outcome = avoidable = None
        again = False
        if each.state == "finished" and not each.left_open:
            outcome = chance.choices([one for one, _ in OUTCOMES], [share for _, share in OUTCOMES])[0]
            if chance.random() < 0.28:
                avoidable = chance.choices([one for one, _ in AVOIDABLE], [share for _, share in AVOIDABLE])[
                    0
                ]
            again = avoidable == "chasing" or chance.random() < 0.03
        desk = each.desk
        counter = None if desk is None else site.counters[desk % len(site.counters)]
        staff = None if desk is None else site.advisers[desk % len(site.advisers)]
        arrived = _at(midnight, each.arrived)
        follows = None if each.follows is None else names[each.follows]
        booking = self._booking(each, names[index], midnight)
        called = None if each.called is None else _at(midnight, each.called)
        served = None if each.served is None else _at(midnight, each.served)
        self.tickets.add(
            names[index], visit, site.id, each.service.id, each.state, _class_of(each), arrived, arrived, follows, counter, staff, 0 if called is None else 1,
            called, called, served, _at(midnight, each.ended), outcome, avoidable, "confirmed", booking, again, each.left_open,
        )  # fmt: skip
        self._steps(each, names[index], staff, counter, midnight)
        if self.tells_waits:
            self._tell_waits(each, names[index], midnight, on)

    def _tell_waits(self, each: Came, ticket: str, midnight: int, on: date) -> None:
        """Right four times in five or so, and better the nearer the call."""
        until = each.called if each.called is not None else each.ended
        for step in range(min(24, int((until - each.arrived) // 300) + 1)):
            left = until - each.arrived - 300 * step
            middle = max(60.0, left * self._chance.lognormvariate(0.0, 0.3) + self._chance.gauss(0, 60))
            low, high = max(0, round(middle * 0.7 - 90)), round(middle * 1.35 + 120)
            at = _at(midnight, each.arrived + 300 * step)
            self.estimates.add(
                ticket, step, self.site.id, each.service.id, on.isoformat(), at, low, high, round(middle)
            )

    def _steps(self, each: Came, ticket: str, staff: int | None, counter: int | None, midnight: int) -> None:
        def step(action: str, before: str, after: str, at: float, undone: float | None = None) -> None:
            back = None if undone is None else _at(midnight, undone)
            self.steps.add(ticket, action, before, after, _at(midnight, at), staff, counter, back)

        if each.state == "cancelled":
            step("cancel", "waiting", "cancelled", each.ended)
            return
        assert each.called is not None, "it was played to its end"
        step("call", "waiting", "called", each.called)
        if each.served is None:
            step("no_show", "called", "no_show", each.ended)
            return
        step("arrive", "called", "serving", each.served)
        if each.parked is not None and each.unparked is not None:
            step("park", "serving", "parked", each.parked)
            step("unpark", "parked", "serving", each.unparked)
        if each.state == "finished" and self._chance.random() < 0.006:
            step("finish", "serving", "finished", each.ended - 30, each.ended - 15)
        step("finish" if each.state == "finished" else "transfer", "serving", each.state, each.ended)

    def _booking(self, each: Came, ticket: str, midnight: int) -> str | None:
        if each.booked is None or each.follows is not None:
            return None
        chance = self._chance
        name, starts = _id(chance, _at(midnight, each.booked)), _at(midnight, each.booked)
        ends, made = (
            starts + int(each.service.minutes * MINUTE_MICROS),
            starts - chance.randrange(1, 14) * DAY_MICROS,
        )
        state = "arrived"
        arrived: int | None = _at(midnight, each.arrived)
        missed = cancelled = None
        draw = chance.random()
        if draw < 0.12:  # somebody else's, who did not come
            other = _id(chance, starts)
            state, missed = ("missed", ends) if draw < 0.07 else ("cancelled", None)
            cancelled = made + DAY_MICROS // 2 if state == "cancelled" else None
            self.bookings.add(other, self.site.id, each.service.id, _reference(chance), state, starts, ends, starts, ends, made, made, made, None, missed, cancelled, None)  # fmt: skip
            state, missed, cancelled = "arrived", None, None
        self.bookings.add(name, self.site.id, each.service.id, _reference(chance), state, starts, ends, starts, ends, made, made, made, arrived, missed, cancelled, ticket)  # fmt: skip
        return name

    def _say(self, on: date, each: Came, language: str, midnight: int) -> None:
        chance = self._chance
        if each.state not in ("finished", "transferred") or chance.random() > 0.09:
            return
        soon = each.called is not None and each.called - each.arrived < 20 * 60
        score = chance.choices((1, 2, 3, 4, 5), SCORES[soon])[0]
        reason = (
            ("wait" if not soon and chance.random() < 0.6 else chance.choice(REASONS))
            if chance.random() < 0.7
            else None
        )
        way = chance.choices(("exit", "phone", "paper"), (70, 22, 8))[0]
        named = way == "phone" and not each.service.discreet
        at = _at(midnight, min(each.ended, each.arrived + 6 * 3600) + 60)
        self.feedback.add(
            _id(chance, at),
            self.site.id,
            on.isoformat(),
            at,
            way,
            score,
            reason,
            language,
            each.service.id if named else None,
        )

    def _tap(self, on: date, activity: str, at: int) -> None:
        chance = self._chance
        service = solved = avoidable = None
        if activity == Activity.DOOR_HELP.value:
            service = chance.choice(self.site.offered).id
            solved = chance.random() < 0.85
            avoidable = chance.choice(AVOIDABLE)[0] if chance.random() < 0.3 else None
        self.tallies.add(
            _id(chance, at), self.site.id, activity, "tap", on.isoformat(), at, at, service, solved, avoidable
        )

    def _count_door(self, on: date, day: Day, midnight: int, hours: tuple[float, float]) -> None:
        came = [each.arrived for each in day.tickets if each.follows is None] + [at for _, at in day.taps]
        for number in range(int(hours[0]) // 3600, int(hours[1] + 3599) // 3600):
            into = poisson(self._chance, 1.1 * sum(number <= at / 3600 < number + 1 for at in came))
            self.doors.add(
                self.site.id,
                on.isoformat(),
                _at(midnight, number * 3600),
                _at(midnight, number * 3600 + 3600),
                into,
                into,
            )


MINUTE_MICROS = 60_000_000
LATE = 600.0
DAY_MICROS = 24 * 60 * MINUTE_MICROS


def _class_of(each: Came) -> str:
    """Who comes too late for an appointment waits as anybody does."""
    if each.booked is not None and each.follows is None and each.arrived <= each.booked + LATE:
        return TicketClass.BOOKED.value
    return {1800.0: TicketClass.URGENT.value, 600.0: TicketClass.SOON.value}.get(
        each.service.lead, TicketClass.ORDINARY.value
    )


def _at(midnight: int, seconds: float) -> int:
    return midnight + int(seconds * 1_000_000)


def _told(seconds: float) -> str:
    return f"{int(seconds) // 3600:02d}:{int(seconds) % 3600 // 60:02d}"


def _id(chance: random.Random, at: int) -> str:
    return f"{at // 1000:012x}7{chance.getrandbits(76):019x}"


def _reference(chance: random.Random) -> str:
    return "".join(chance.choices("ABCDEFGHJKLMNPRTUVWXY346789", k=8))
