"""Who waits, who sits where, and who is next: docs/selection.md over everybody who waits, without any shortcut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.system.floor_shapes import (
    AT_COUNTER,
    HOLD,
    LEAD,
    MINUTE,
    MOST_LEAD,
    QUICK_LEAD,
    SKILL_LEAD,
    Person,
    Seat,
    Step,
    Ticket,
)


@dataclass
class Line:
    people: dict[str, Person]
    now: int
    tickets: dict[str, Ticket] = field(default_factory=dict)
    steps: dict[str, list[Step]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    """Tickets that ever had a step: a transfer to one of them cannot be taken back."""
    merged: set[str] = field(default_factory=set)
    """Visits that became part of another: nothing of them is opened again."""
    seats: dict[str, Seat] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    """Each visit's code."""
    greeted: int = 0
    """Numbers that greeters' tickets have used."""
    taps: dict[str, str | None] = field(default_factory=dict)
    """Each tap's activity; None when it was taken back."""
    evacuated: bool = False

    def _at(self, counter: str | None) -> Ticket | None:
        return next((t for t in self.tickets.values() if t.at == counter and t.state in AT_COUNTER), None)

    # Who is next -----------------------------------------------------------------------------------------------

    def next_for(self, counter: str) -> Ticket | None:
        """By docs/selection.md, over everybody who waits."""
        seat = self.seats[counter]
        possible = [ticket for ticket in self._callable() if self._may_call(counter, seat, ticket)]
        if not possible:
            return None
        return min(
            possible,
            key=lambda t: (self._directed(t) != counter, -self._worth(t, seat), t.since, t.came, t.id),
        )

    def _callable(self) -> Iterator[Ticket]:
        """Those who wait, but not whoever is at a counter or away from one for another need of the same visit."""
        busy = {t.visit for t in self.tickets.values() if t.state in ("called", "serving", "parked")}
        return (t for t in self.tickets.values() if t.state == "waiting" and t.visit not in busy)

    def _directed(self, ticket: Ticket) -> str | None:
        return ticket.for_counter if ticket.for_counter in self.seats else None

    def _may_call(self, counter: str, seat: Seat, ticket: Ticket) -> bool:
        directed = self._directed(ticket)
        if directed is not None:
            return directed == counter
        return ticket.service in seat.services and not self._held(counter, seat, ticket)

    def _held(self, counter: str, seat: Seat, ticket: Ticket) -> bool:
        """For somebody who can what the visitor asked for, and who is here."""
        if ticket.wants is None or ticket.wants in seat.skills or self.now - ticket.came >= HOLD:
            return False
        return any(
            ticket.wants in other.skills and ticket.service in other.services and not other.paused
            for place, other in self.seats.items()
            if place != counter
        )

    def _worth(self, ticket: Ticket, seat: Seat) -> int:
        waited = self.now - ticket.since
        if waited < 0:
            return waited
        times, most = LEAD[ticket.urgency]
        lead = max(0, min((times - 1) * waited, most * MINUTE))
        lead += QUICK_LEAD if ticket.quick and not seat.after_quick else 0
        lead += SKILL_LEAD if ticket.wants is not None and ticket.wants in seat.skills else 0
        return waited + min(lead, MOST_LEAD)
