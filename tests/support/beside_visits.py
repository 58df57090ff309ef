"""What a centre has beside visits, made up row by row and by chance: taps, appointments, sittings and breaks, what visitors said. `tests.support.days_made_up` adds the visits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, delete, insert, inspect, select, update
from sqlmodel import SQLModel

from server.store.tables import Booking, Counter, Feedback, Pause, Seat, Service, Staff, Tally

ZONE = ZoneInfo("Europe/London")
MADE = datetime(2026, 1, 1, tzinfo=UTC)


def table_of(model: type[SQLModel]) -> Table:
    table: Table = inspect(model).local_table
    return table


class BesideVisits:
    """`days`: those something happens on, the last of them today."""

    def __init__(self, connection: Connection, centre: int, days: list[date], chance: Random) -> None:
        self.connection, self.centre, self.days, self.chance = connection, centre, days, chance
        self.services = self._ids(Service)
        self.counters = self._ids(Counter)
        self.staff = self._ids(Staff)
        self.taps: list[str] = []
        self.seats: dict[int, datetime] = {}
        self.pauses: list[int] = []
        self.bookings: dict[str, datetime] = {}
        self.said: list[str] = []
        self.number = 0

    # Rows ------------------------------------------------------------------------------------------------------------

    def _ids(self, table: type[SQLModel]) -> list[int]:
        of = table_of(table)
        found = select(of.c.id)
        if "centre_id" in of.c:
            found = found.where(of.c.centre_id == self.centre)
        return [row[0] for row in self.connection.execute(found.order_by(of.c.id))]

    def _add(self, table: type[SQLModel], **values: Any) -> Any:
        row = table(**values).model_dump()
        if row.get("id", 0) is None:
            del row["id"]
        key = self.connection.execute(insert(table).values(**row)).inserted_primary_key
        assert key is not None
        return key[0]

    def _set(self, table: type[SQLModel], key: Any, **values: Any) -> None:
        of = table_of(table)
        self.connection.execute(update(of).where(of.c.id == key).values(**values))

    def _fresh(self) -> str:
        self.number += 1
        return f"{self.number:032x}"

    def one_of(self, some: Any) -> Any:
        """One of them, or None where there are none."""
        among = sorted(some) if isinstance(some, (dict, set)) else list(some)
        return self.chance.choice(among) if among else None

    def at(self, on: date, hours: tuple[int, int] = (0, 9)) -> datetime:
        minute = self.chance.randrange(hours[0] * 60, hours[1] * 60 + 60)
        local = datetime.combine(on, time(minute // 60, minute % 60), ZONE)
        return local.astimezone(UTC) + timedelta(microseconds=self.chance.randrange(60_000_000))

    def later(self, than: datetime) -> datetime:
        return than + timedelta(microseconds=self.chance.randrange(1, 25 * 60_000_000))

    # Beside visits ---------------------------------------------------------------------------------------------------

    def tap(self) -> None:
        """Sometimes handed over days late: it counts on its own day."""
        on, tally = self.one_of(self.days), self._fresh()
        door = self.chance.random() < 0.4
        self._add(
            Tally,
            id=tally,
            centre_id=self.centre,
            activity="door_help" if door else self.one_of(("telephone", "scan_station")),
            source="door" if door else self.one_of(("tap", "tally_sheet", "self_service")),
            counted_on=on,
            at=self.at(on),
            entered_at=MADE,
            people=self.chance.choice((1, 1, 7)),
            service_id=self.one_of((*self.services, None)) if door else None,
            solved=self.chance.random() < 0.5 if door else None,
            avoidable="chasing" if door and self.chance.random() < 0.5 else None,
        )
        self.taps.append(tally)

    def correct_tap(self) -> None:
        if tally := self.one_of(self.taps):
            self._set(Tally, tally, withdrawn_at=MADE)
            if self.chance.random() < 0.5:
                self.tap()

    def _booking(self, state: str, at: datetime, ticket: str | None) -> str:
        booking = self._fresh()
        self._add(
            Booking,
            id=booking,
            centre_id=self.centre,
            service_id=self.one_of(self.services),
            reference=f"R{self.number}",
            state=state,
            starts_at=at,
            ends_at=at + timedelta(minutes=20),
            held_from=at,
            held_until=at + timedelta(minutes=25),
            made_at=MADE,
            booked_at=MADE,
            ticket_id=ticket,
        )
        self.bookings[booking] = at
        return booking

    def book(self) -> None:
        self._booking(self.one_of(("booked", "missed", "cancelled")), self.at(self.one_of(self.days)), None)

    def change_booking(self) -> None:
        """Cancelled, missed after all, or its time corrected."""
        if booking := self.one_of(self.bookings):
            at = self.later(self.bookings[booking])
            change: dict[str, Any] = self.one_of(
                (
                    {"state": "missed"},
                    {"state": "cancelled"},
                    {"starts_at": at, "ends_at": at, "held_until": at + timedelta(minutes=1)},
                    {"name": "", "phone": "", "note": "", "erased_at": MADE},
                )
            )
            self._set(Booking, booking, **change)

    def sit_down(self) -> None:
        at = self.at(self.one_of(self.days))
        until = self.later(at) if self.chance.random() < 0.8 else None
        counters = [c for c in self.counters if until or c not in self._open("counter_id")]
        staff = [s for s in self.staff if until or s not in self._open("staff_id")]
        counter, person = self.one_of(counters), self.one_of(staff)
        if counter and person:
            seat = self._add(
                Seat,
                centre_id=self.centre,
                staff_id=person,
                counter_id=counter,
                services=[],
                since_at=at,
                until_at=until,
            )
            self.seats[seat] = at

    def _open(self, column: str) -> set[int]:
        seat = table_of(Seat)
        return {
            row[0] for row in self.connection.execute(select(seat.c[column]).where(seat.c.until_at.is_(None)))
        }

    def get_up(self) -> None:
        """At last; or the house found nobody there."""
        if seat := self.one_of(self.seats):
            left = self.chance.random() < 0.3
            self._set(Seat, seat, until_at=self.later(self.seats[seat] + timedelta(hours=3)), left_open=left)

    def take_break(self) -> None:
        if seat := self.one_of(self.seats):
            since = self.later(self.seats[seat])
            self.pauses.append(
                self._add(Pause, seat_id=seat, reason="lunch", since_at=since, until_at=self.later(since))
            )

    def correct_break(self) -> None:
        if pause := self.one_of(self.pauses):
            self.connection.execute(delete(table_of(Pause)).where(table_of(Pause).c.id == pause))
            self.pauses.remove(pause)

    def say(self) -> None:
        feedback, on = self._fresh(), self.one_of(self.days)
        self._add(
            Feedback,
            id=feedback,
            centre_id=self.centre,
            given_on=on,
            at=self.at(on),
            way=self.one_of(("exit", "phone")),
            score=self.chance.randrange(1, 6),
            reason=self.one_of((None, "wait", "staff")),
            service_id=self.one_of((None, *self.services)),
            sealed="...",
        )
        self.said.append(feedback)

    def correct_said(self) -> None:
        if feedback := self.one_of(self.said):
            self._set(
                Feedback,
                feedback,
                **self.one_of(({"withdrawn_at": MADE}, {"sealed": None}, {"reason": "place"})),
            )
