"""Days at a centre made up row by row, as the house would write them but in any order and by chance: what tests of sums are tried on.

A `World` changes rows past the actions, by plain statements on a connection whose transaction is rolled back afterwards. Each move changes little, whatever is there; one that
finds nothing to do does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, select, update
from sqlmodel import SQLModel

from server.store.tables import Booking, GivenEstimate, Pause, Seat, Service, Step, Ticket, Visit
from tests.support.beside_visits import MADE, ZONE, BesideVisits, table_of


class World(BesideVisits):
    """`days`: those something happens on, the last of them today."""

    def __init__(self, connection: Connection, centre: int, days: list[date], chance: Random) -> None:
        super().__init__(connection, centre, days, chance)
        self.visits: dict[str, dict[str, Any]] = {}
        self.tickets: dict[str, dict[str, Any]] = {}
        self.done: dict[str, list[tuple[int, dict[str, Any]]]] = {}

    # Visits and tickets ----------------------------------------------------------------------------------------------

    def come(self) -> None:
        on, visit = self.one_of(self.days), self._fresh()
        at = self.at(on, (0, 9) if self.chance.random() < 0.8 or on == self.days[-1] else (22, 23))
        row: dict[str, Any] = {
            "id": visit,
            "centre_id": self.centre,
            "arrived_on": on,
            "code": f"K{self.number}",
            "language": self.one_of(("en", "gu", "pl")),
            "needs": self.one_of(([], [], ["child"], ["child", "step_free"])),
            "discreet": self.chance.random() < 0.15,
            "channel": self.one_of(("kiosk", "greeter", "paper")),
            "follow_hash": visit,
            "arrived_at": at,
            "people": self.chance.choice((1, 1, 2, 4)),
        }
        self._add(Visit, **row)
        self.visits[visit] = row
        self._ticket(visit, at)

    def need(self) -> None:
        """A visit that is here needs something else, or the same again."""
        if visit := self.one_of(self.visits):
            at = self.later(self.visits[visit]["arrived_at"])
            before = self.one_of([t["service_id"] for t in self.tickets.values() if t["visit_id"] == visit])
            if before and self.chance.random() < 0.5:
                self._ticket(visit, at, service_id=before)
            else:
                self._ticket(visit, at)

    def _ticket(self, visit: str, at: datetime, **more: Any) -> str:
        ticket, booking = self._fresh(), None
        if not more and self.chance.random() < 0.3:
            booking = self._booking("arrived", at + timedelta(minutes=self.chance.randrange(-40, 40)), ticket)
        row = {
            "id": ticket,
            "visit_id": visit,
            "centre_id": self.centre,
            "service_id": self.one_of(self.services),
            "state": "waiting",
            "ticket_class": "booked" if booking and self.chance.random() < 0.7 else "ordinary",
            "arrived_at": at,
            "counts_from": at,
            "booking_id": booking,
            **more,
        }
        self._add(Ticket, **row)
        self.tickets[ticket] = {**row, "last": at, "counter_id": None, "served_at": None}
        self.done[ticket] = []
        return ticket

    def _advance(self, ticket: str, action: str, after: str, **values: Any) -> datetime:
        now = self.tickets[ticket]
        at = self.later(now["last"])
        for name, value in values.items():
            values[name] = at if value == "now" else value
        values = {"state": after, **values, **({"ended_at": at} if after not in _OPEN else {})}
        step = self._add(
            Step,
            ticket_id=ticket,
            action=action,
            before=now["state"],
            after=after,
            at=at,
            counter_id=now["counter_id"],
        )
        self.done[ticket].append((step, {name: now.get(name) for name in values}))
        self._set(Ticket, ticket, **values)
        now.update(values, last=at)
        return at

    def _in(self, *states: str) -> str | None:
        found = [
            key
            for key, ticket in self.tickets.items()
            if ticket["state"] in states and ticket.get("counted", True)
        ]
        chosen: str | None = self.one_of(found)
        return chosen

    def call(self) -> None:
        free = set(self.counters) - {
            t["counter_id"] for t in self.tickets.values() if t["state"] in ("called", "serving")
        }
        ticket, counter = self._in("waiting"), self.one_of(free)
        if ticket and counter:
            self._advance(
                ticket, "call", "called", counter_id=counter, first_called_at="now", called_at="now", calls=1
            )

    def recall(self) -> None:
        if ticket := self._in("called"):
            self._advance(ticket, "recall", "called", called_at="now", calls=2)

    def serve(self) -> None:
        if ticket := self._in("called"):
            self._advance(ticket, "arrive", "serving", served_at="now")

    def park(self) -> None:
        if ticket := self._in("serving"):
            self._advance(ticket, "park", "parked", parked_at="now")

    def unpark(self) -> None:
        free = set(self.counters) - {
            t["counter_id"] for t in self.tickets.values() if t["state"] in ("called", "serving")
        }
        ticket, counter = self._in("parked"), self.one_of(free)
        if ticket and counter:
            self.tickets[ticket]["counter_id"] = counter  # the step is told where it is taken up
            self._advance(ticket, "unpark", "serving", counter_id=counter)

    def finish(self) -> None:
        if ticket := self._in("serving", "parked"):
            outcome = self.one_of(("resolved", "resolved", "referred", "left"))
            why = self.one_of((None, None, "chasing", "unclear_letter"))
            again = self.chance.random() < 0.2
            self._advance(ticket, "finish", "finished", outcome=outcome, avoidable=why, again=again)

    def end_by_the_house(self) -> None:
        if ticket := self._in("serving"):
            self._advance(ticket, "finish", "finished", left_open=True)

    def no_show(self) -> None:
        if ticket := self._in("called"):
            self._advance(ticket, "no_show", "no_show")

    def cancel(self) -> None:
        if ticket := self._in("waiting", "called", "parked"):
            self._advance(ticket, "cancel", "cancelled")

    def withdraw(self) -> None:
        if ticket := self._in("waiting"):
            self._advance(ticket, "withdraw", "cancelled", counted=False)

    def transfer(self) -> None:
        if ticket := self._in("waiting", "called", "serving", "parked"):
            self._advance(ticket, "transfer", "transferred")
            old = self.tickets[ticket]
            same = self.chance.random() < 0.5
            goes_on = old["booking_id"] if same else None
            successor = self._ticket(
                old["visit_id"],
                old["arrived_at"],
                follows=ticket,
                service_id=old["service_id"] if same else self.one_of(self.services),
                booking_id=goes_on,
                ticket_class=old["ticket_class"] if goes_on else "ordinary",
            )
            self.tickets[successor]["last"] = old["last"]
            if goes_on:
                self._set(Booking, goes_on, ticket_id=successor)

    def undo(self) -> None:
        """The last step of a ticket; not of one that was passed on and gone on with."""
        followed = {ticket.get("follows") for ticket in self.tickets.values()}
        ticket = self.one_of([key for key, done in self.done.items() if done and key not in followed])
        if ticket is None:
            return
        step, was = self.done[ticket].pop()
        if was.get("state") in ("called", "serving") and self._taken(
            was.get("counter_id") or self.tickets[ticket]["counter_id"], ticket
        ):
            self.done[ticket].append((step, was))
            return
        defaults = {"counted": True, "left_open": False, "again": False, "calls": 0}
        was = {name: defaults.get(name) if value is None else value for name, value in was.items()}
        now = self.tickets[ticket]
        self._set(Step, step, undone_at=self.later(now["last"]))
        if was["state"] in _OPEN:
            was["ended_at"] = None
        self._set(Ticket, ticket, **was)
        now.update(was)

    def _taken(self, counter: int | None, but: str) -> bool:
        return any(
            key != but and each["counter_id"] == counter and each["state"] in ("called", "serving")
            for key, each in self.tickets.items()
        )

    def merge(self) -> None:
        """Two visits turn out to be one person; sometimes over midnight."""
        goes, stays = self.one_of(self.visits), self.one_of(self.visits)
        if not goes or goes == stays or self.visits[goes].get("merged_into"):
            return
        if abs((self.visits[goes]["arrived_on"] - self.visits[stays]["arrived_on"]).days) > 1:
            return
        self.visits[goes]["merged_into"] = stays
        self._set(Visit, goes, merged_into=stays)
        for key, ticket in list(self.tickets.items()):
            if ticket["visit_id"] == goes and ticket["state"] == "waiting":
                self._advance(key, "merge", "cancelled", counted=False)

    def correct_visit(self) -> None:
        if visit := self.one_of(self.visits):
            change = self.one_of(
                (
                    {"people": 3},
                    {"language": "ur"},
                    {"needs": ["hearing_loop"]},
                    {"discreet": True},
                    {"discreet": False},
                )
            )
            self._set(Visit, visit, **change)

    def correct_ticket(self) -> None:
        if ticket := self.one_of(self.tickets):
            self._set(Ticket, ticket, service_id=self.one_of(self.services), counts_from=MADE)

    def estimate(self) -> None:
        if ticket := self._in("waiting", "called", "finished"):
            row = self.tickets[ticket]
            at = row["arrived_at"] + timedelta(seconds=self.chance.randrange(600))
            step = len(self.done[ticket]) * 1000 + self.chance.randrange(1000)
            low = self.chance.randrange(1200)
            self._add(
                GivenEstimate,
                ticket_id=ticket,
                step=step + 10_000 * self.number,
                centre_id=self.centre,
                service_id=row["service_id"],
                given_on=at.astimezone(ZONE).date(),
                at=at,
                low_seconds=low,
                high_seconds=low + 600,
                middle_seconds=low + 300,
            )
            self.number += 1

    def set_service(self) -> None:
        """It counts as something else from now on, for the past as well."""
        self._set(Service, self.one_of(self.services), activity=self.one_of(("advice", "support", "forms")))

    def hide_service(self) -> None:
        self._set(Service, self.one_of(self.services), discreet=self.chance.random() < 0.5)

    def all_went(self, on: date) -> None:
        """Every visit of that day is over, as the house sees to before it erases one."""
        of = table_of(Visit)
        self.connection.execute(update(of).where(of.c.arrived_on == on).values(ended_at=MADE))

    def forget(self) -> None:
        """What was erased: nothing can be done to it any more."""
        self.visits = self._there(Visit, self.visits)
        self.tickets = self._there(Ticket, self.tickets)
        self.done = self._there(Ticket, self.done)
        self.seats = self._there(Seat, self.seats)
        self.bookings = self._there(Booking, self.bookings)
        self.pauses = list(self._there(Pause, dict.fromkeys(self.pauses)))

    def _there(self, table: type[SQLModel], known: dict[Any, Any]) -> dict[Any, Any]:
        there = {row[0] for row in self.connection.execute(select(table_of(table).c.id))}
        return {key: value for key, value in known.items() if key in there}


_OPEN = ("waiting", "called", "serving", "parked")
_LIKELY = (
    "come",
    "call",
    "call",
    "call",
    "serve",
    "serve",
    "serve",
    "finish",
    "finish",
    "park",
    "unpark",
    "undo",
    "tap",
    "sit_down",
)
MOVES: dict[str, Callable[[World], None]] = {
    name: getattr(World, name)
    for name in (
        *(
            "come",
            "need",
            "call",
            "recall",
            "serve",
            "park",
            "unpark",
            "finish",
            "end_by_the_house",
            "no_show",
            "cancel",
        ),
        *(
            "withdraw",
            "transfer",
            "undo",
            "merge",
            "correct_visit",
            "correct_ticket",
            "estimate",
            "tap",
            "correct_tap",
        ),
        *(
            "book",
            "change_booking",
            "sit_down",
            "get_up",
            "take_break",
            "correct_break",
            "say",
            "correct_said",
        ),
        *("set_service", "hide_service"),
    )
}
WEIGHED = (*MOVES, *_LIKELY, *_LIKELY)
