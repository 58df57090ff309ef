"""How long everybody on a floor will still wait, worked out once a reading and shared by its views.

The rule is `domain.waiting`; this module gives it the floor: who is present, who is expected for an appointment, which desks are open and busy with what, on a break or coming by the roster, how long each service
takes (the centre's own figure, corrected by what was seen lately) and what else was seen of the centre (`domain.habits`). What was told last is kept, so that a range on a screen does not
flicker.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from server.clock import from_micros
from server.domain import waiting
from server.domain.habits import habits_from, had_lunch, pauses_last, usual_times
from server.domain.hours import Open
from server.domain.selection import MINUTE
from server.domain.usual import Usual
from server.live.floor import Floor, OpenSeat, OpenTicket
from server.live.given import note, without_doubtful
from server.store.tables import Service
from wire.rows import Waits
from wire.vocabulary import BreakReason, TicketClass

LUNCH_IS_FOR = 9 * 60 * MINUTE
"""Who had lunch so long ago has it no more today."""
_CLOSED = Waits(low=None, high=None, why="closed")


class Reckoned(NamedTuple):
    """What is made of a look-up of the pace, once."""

    usual: dict[int, Usual]
    pauses: dict[str, Usual]
    fed: frozenset[int]
    """Staff who had lunch in the last hours."""
    habits: waiting.Habits


def reckoned(floor: Floor) -> Reckoned:
    """Worked out anew only when the pace or the set-up was read anew."""
    kept = floor.told.reckoned
    if kept is None or kept[0] is not floor.pace or kept[1] != floor.set_up.version:
        seen = floor.pace.seen
        file_minutes = {service: float(row.usual_minutes) for service, row in floor.set_up.services.items()}
        fresh = Reckoned(
            usual_times(file_minutes, seen),
            pauses_last(seen),
            had_lunch(seen, floor.now - LUNCH_IS_FOR),
            habits_from(seen),
        )
        kept = floor.told.reckoned = (floor.pace, floor.set_up.version, fresh)
    found: Reckoned = kept[2]
    return found


def desks(floor: Floor) -> list[waiting.Desk]:
    """The open counters with what each is busy with, those on a break among them, and those that the roster will open."""
    busy = {ticket.counter: ticket for ticket in floor.at_counters}
    free_since: dict[int | None, int] = {}
    for ticket in floor.recent:
        if ticket.ended_at is not None:
            free_since[ticket.counter] = max(ticket.ended_at, free_since.get(ticket.counter, 0))
    known = reckoned(floor)
    here = [
        _desk(seat, busy.get(seat.counter), free_since.get(seat.counter), known, floor.now)
        for seat in floor.seats
    ]
    sits = {seat.counter: seat.staff for seat in floor.seats}
    return waiting.with_roster(here, sits, floor.pace.planned, floor.now)


def _desk(
    seat: OpenSeat, ticket: OpenTicket | None, free_since: int | None, known: Reckoned, now: int
) -> waiting.Desk:
    desk = waiting.Desk(
        seat.counter,
        seat.services,
        skills=seat.skills,
        after_quick=seat.after_quick,
        free_since=free_since,
        paused_at=seat.pause_since,
        pause=None if seat.pause is None else known.pauses.get(seat.pause),
        had_lunch=seat.pause == BreakReason.LUNCH or seat.staff in known.fed,
    )
    if ticket is None:
        return desk
    return replace(
        desk,
        busy_with=ticket.service,
        busy_since=ticket.first_called_at or now,
        visit=ticket.visit,
        busy_present=ticket.state != "called",
    )


def _away(floor: Floor, open_desks: list[waiting.Desk]) -> set[str]:
    """Visits parked, or at a counter that nobody minds: nobody can say when another need of theirs may be called."""
    minded = {desk.visit for desk in open_desks}
    at_others = {ticket.visit for ticket in floor.at_counters if ticket.visit not in minded}
    return at_others | {ticket.visit for ticket in floor.parked}


def _newcomers(floor: Floor) -> dict[int, TicketClass]:
    return {
        service.id: TicketClass(service.ticket_class)
        for service in floor.set_up.offered
        if service.id is not None
    }


def _callable(floor: Floor) -> list[OpenTicket]:
    """Who waits, as they may be called: a direction to a counter where nobody sits holds nobody up."""
    manned = {seat.counter for seat in floor.seats}
    return [
        each if each.for_counter is None or each.for_counter in manned else each._replace(for_counter=None)
        for each in floor.waiting
    ]


def outlook(floor: Floor) -> waiting.Outlook:
    """Of this reading; worked out at the first asking."""
    kept = floor.kept.get("outlook")
    if isinstance(kept, waiting.Outlook):
        return kept
    here = desks(floor)
    fresh = waiting.outlook(
        _callable(floor),
        here,
        reckoned(floor).usual,
        floor.now,
        _newcomers(floor),
        _away(floor, here),
        [
            (each.service, each.starts_at + each.late_minutes * MINUTE)
            for each in floor.expected
            if not each.missed
        ],
        habits=reckoned(floor).habits,
    )
    told = floor.told
    settled = waiting.Outlook(
        {key: waiting.settle(told.tickets.get(key), each) for key, each in fresh.tickets.items()},
        {key: waiting.settle(told.services.get(key), each) for key, each in fresh.services.items()},
    )
    told.tickets, told.services = settled.tickets, settled.services
    note(floor, settled.tickets)
    shown = floor.kept["outlook"] = without_doubtful(floor, settled)
    return shown


def _row(waits: waiting.Waits) -> Waits:
    row = Waits(low=waits.low, high=waits.high)
    if waits.why is not None:
        row["why"] = waits.why
    return row


def wait_of(floor: Floor, ticket: str) -> Waits:
    """The range of one waiting ticket; beyond those loaded it cannot be said."""
    return _row(outlook(floor).tickets.get(ticket, waiting.UNKNOWN))


def ahead_of(floor: Floor, ticket: str) -> int | None:
    """How many are called before, by the desks that serve this one; None when no desk does."""
    found = outlook(floor).tickets.get(ticket)
    return None if found is None else found.ahead


def if_you_came_now(floor: Floor, service: int) -> Waits:
    """The range for who takes a ticket now."""
    row: Service | None = floor.set_up.services.get(service)
    if row is None:
        return _row(waiting.UNKNOWN)
    if not isinstance(floor.set_up.timetable_of(service).standing(from_micros(floor.now)), Open):
        return _CLOSED
    if sum(floor.waiting_count.values()) > len(floor.waiting):
        return _row(waiting.UNKNOWN)  # more wait than were loaded
    return _row(outlook(floor).services.get(service, waiting.UNKNOWN))
