"""Appointments in the small model of the floor: what docs/appointments-on-the-floor.md says of coming, passing on, merging and taking back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.system.floor_model import Model
from tests.system.floor_shapes import CLASSES, MINUTE, OPEN, No, Ticket
from wire import asks

EARLY, KEPT, GRACE, HEAD_START = 30 * MINUTE, 10 * MINUTE, 10 * MINUTE, 15 * MINUTE


@dataclass(frozen=True)
class Booking:
    id: str
    reference: str
    service: str
    starts_at: int
    ticket: str | None = None
    """Once they have arrived."""


@dataclass
class WithBookings(Model):
    bookings: dict[str, Booking] = field(default_factory=dict)

    def copy(self) -> WithBookings:
        found = super().copy()
        assert isinstance(found, WithBookings)
        found.bookings = dict(self.bookings)
        return found

    def _hold(self, booking: str, ticket: str | None) -> None:
        self.bookings[booking] = replace(self.bookings[booking], ticket=ticket)

    # Coming ----------------------------------------------------------------------------------------------------

    def _came(self, booking: Booking | None) -> str:
        if booking is None:
            return "unknown"
        if booking.ticket is not None:
            return "arrived"
        if self.now < booking.starts_at - EARLY:
            return "early"
        if self.now > booking.starts_at + KEPT:
            return "too_late"
        return "late" if self.now > booking.starts_at else "on_time"

    def _place(self, came: str, booking: Booking) -> dict[str, Any]:
        if came == "too_late":
            return {"urgency": CLASSES[booking.service], "booking": booking.id}
        counts = max(booking.starts_at, self.now - GRACE) - HEAD_START
        return {"urgency": "booked", "counts": counts, "booking": booking.id}

    def _check_in(self, who: str, ask: asks.CheckIn, told: dict[str, Any]) -> dict[str, Any]:
        booking = next((each for each in self.bookings.values() if each.reference == ask.reference), None)
        came = self._came(booking)
        self.codes[ask.visit] = ask.code
        service = booking.service if booking is not None else ask.otherwise
        first = self.tickets.get(booking.ticket or "") if booking is not None else None
        if first is not None and first.state in OPEN:
            service = first.service
        ticket = Ticket(ask.ticket, ask.visit, service, CLASSES[service], self.now)
        self._add(ticket)
        if booking is None:
            return {"came": came, "code": ask.code}
        if booking.ticket is None:
            self.tickets[ask.ticket] = replace(ticket, **self._place(came, booking))
            self._hold(booking.id, ask.ticket)
            return {"came": came, "code": ask.code}
        if first is None or first.state not in OPEN:
            return {"came": came, "code": ask.code}
        self._step(who, ticket, "merge", state="cancelled", counted=False)
        self.merged.add(ask.visit)
        return {"came": came, "code": self.codes[first.visit]}

    def _arrive_booking(self, who: str, ask: asks.ArriveBooking, told: dict[str, Any]) -> dict[str, Any]:
        booking = self.bookings.get(ask.booking)
        if booking is None or booking.ticket is not None or self.evacuated:
            raise No
        came = self._came(booking)
        self.greeted += 1
        self.codes[ask.visit] = f"G{self.greeted:02d}"
        ticket = Ticket(ask.ticket, ask.visit, booking.service, "", self.now, added_by=who)
        self._add(replace(ticket, **self._place(came, booking)))
        self._hold(booking.id, ask.ticket)
        return {"came": came, "code": self.codes[ask.visit]}

    def _serve_booking(self, who: str, ask: asks.ServeBooking, told: dict[str, Any]) -> dict[str, Any]:
        counter, seat = self._free_seat(who)
        booking = self.bookings.get(ask.booking)
        if booking is None or booking.ticket is None:
            raise No
        ticket = self._known(booking.ticket)
        if ticket.state != "waiting" or ticket not in list(self._callable()):
            raise No
        if ticket.service not in seat.services and ticket.for_counter != counter:
            raise No
        self._summon(who, counter, seat, ticket)
        return {"code": self.codes[ticket.visit]}

    # As the ticket goes on ---------------------------------------------------------------------------------------

    def _transfer(self, who: str, ask: asks.Transfer, told: dict[str, Any]) -> dict[str, Any]:
        before = self._known(ask.ticket)
        result = super()._transfer(who, ask, told)
        if before.booking is None:
            return result
        started = self.tickets[told.get("ticket", "?")]
        over = before.state in ("serving", "parked") and started.service != before.service
        if before.urgency == "booked":
            urgency = CLASSES[started.service] if over else "booked"
            started = replace(started, urgency=urgency, counts=None if over else before.counts)
        self.tickets[started.id] = replace(started, booking=None if over else before.booking)
        if not over:
            self._hold(before.booking, started.id)
        return result

    def _prioritise(self, who: str, ask: asks.Prioritise, told: dict[str, Any]) -> dict[str, Any]:
        if self._known(ask.ticket).urgency == "booked":
            raise No
        return super()._prioritise(who, ask, told)

    def _end_other_needs(self, who: str, ticket: Ticket) -> None:
        """But an appointment that is not due yet: they may come back for it."""
        if self._is_elsewhere(ticket):
            return
        for each in self.open_of(ticket.visit):
            if each.since <= self.now:
                self._step(who, each, f"gone_with {ticket.id}", ticket.at, state="cancelled")

    def _step(self, who: str, ticket: Ticket, action: str, *rest: Any, **changed: Any) -> None:
        super()._step(who, ticket, action, *rest, **changed)
        if action == "withdraw" and ticket.booking and self.bookings[ticket.booking].ticket == ticket.id:
            self._hold(ticket.booking, None)

    def _restore(self, ticket: Ticket) -> None:
        action = self.steps[ticket.id][-1].action
        super()._restore(ticket)
        if action == "withdraw" and ticket.booking:
            if self.bookings[ticket.booking].ticket not in (None, ticket.id):
                raise No
            self._hold(ticket.booking, ticket.id)

    def _take_back(self, ticket: Ticket) -> str:
        started = self.steps[ticket.id][-1].started
        target = super()._take_back(ticket)
        if started is not None and ticket.booking:
            self._hold(ticket.booking, ticket.id)
        return target

    def _merge(self, who: str, ask: asks.Merge, told: dict[str, Any]) -> dict[str, Any]:
        goes, stays = self._known(ask.ticket), self._known(ask.into)
        leaving, staying = self.open_of(goes.visit), self.open_of(stays.visit)
        result = super()._merge(who, ask, told)
        for each in leaving:
            if each.booking is None:
                continue
            here = next((one for one in staying if one.service == each.service), None)
            if here is None:
                self._hold(each.booking, f"~{stays.visit}:{each.service}")
            elif here.booking is None:
                better: dict[str, Any] = {"booking": each.booking}
                if here.state == "waiting" and each.urgency == "booked":
                    better |= {"urgency": "booked", "counts": each.counts}
                self.tickets[here.id] = replace(self.tickets[here.id], **better)
                self._hold(each.booking, here.id)
        return result

    def learn(self, seen: dict[str, tuple[str, str]]) -> None:
        about = {each: (t.visit, t.service) for each, t in self.tickets.items() if each.startswith("~")}
        super().learn(seen)
        for booking in list(self.bookings.values()):
            if booking.ticket in about and booking.ticket not in self.tickets:
                real = [
                    t.id
                    for t in self.tickets.values()
                    if (t.visit, t.service) == about[booking.ticket] and t.booking == booking.id
                ]
                self._hold(booking.id, real[-1])
