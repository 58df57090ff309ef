"""What one local day's rows at one centre come to: facts in, `Sums` out, every key of the table in `server.domain.sums`. Pure.

Where a row belongs. A visit, with its tickets, what was told of its wait and the time counters spent on it, belongs to the day it arrived on, also when it ended after midnight;
a sitting to the local day it began on; a tap to the day it counts on; a missed or cancelled appointment to the local day of its time, a kept one to the day its visitor came;
what visitors said to the day they said it. So a day's sums depend on that day's rows and no others, and those of any span are the sum of its days.

Two more things make that exact. Each part of a day is a sum over **visits**, sittings, taps and so on, none of which looks at another one's rows (the sittings excepted that
nobody ended, below), so that the sums of some visits and the sums of the rest make the sums of all: what is kept of erased rows is right. And nothing here depends on what a
service is called, whether it is discreet, or what it goes on from: those are applied when sums are read (`server.domain.service_names`), so that they hold for the past as well.

`until` is the instant up to which a day that is not over is told: what goes on at a counter then counts up to it. Of a day that is over, what has no end yet is not counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.domain import scoring, tallies
from server.domain.scoring import Given
from server.domain.sums import UNNAMED, Sums
from server.domain.tallies import Sought, TicketFact
from server.domain.waited import Kind, wait_of
from wire.vocabulary import OPEN_STATES, Activity, CountSource, Outcome, TicketAction, TicketState

SECOND = 1_000_000
QUARTER = 900 * SECOND
ENDS = (
    TicketAction.FINISH.value,
    TicketAction.NO_SHOW.value,
    TicketAction.CANCEL.value,
    TicketAction.TRANSFER.value,
)
"""Steps that end a need; one that was taken back is a need reopened. Merging and withdrawing end none: no visitor stands behind what they end."""
HELD = (TicketAction.PARK.value, TicketAction.UNPARK.value)
"""Steps between which a need is parked."""


class VisitRow(NamedTuple):
    id: str
    on: date
    arrived_at: int
    channel: str
    language: str
    needs: tuple[str, ...]
    discreet: bool
    people: int
    merged_into: str | None


class TicketRow(NamedTuple):
    """`activity` is its service's; `booked_at` the time of the appointment whose place it has, None where it has none or came too late to keep it."""

    id: str
    visit: str
    service: int
    activity: Activity
    state: TicketState
    arrived_at: int
    first_called_at: int | None
    called_at: int | None
    served_at: int | None
    ended_at: int | None
    counter: int | None
    outcome: str | None
    avoidable: str | None
    counted: bool
    follows: str | None
    booking: str | None
    booked_at: int | None
    again: bool
    left_open: bool

    @property
    def kind(self) -> Kind:
        if self.booked_at is not None:
            return Kind.BOOKED
        return Kind.LATE if self.booking is not None else Kind.WALK_IN


class StepRow(NamedTuple):
    """One of `HELD` that stands, or one of `ENDS` that was taken back."""

    ticket: str
    action: str
    at: int
    counter: int | None


class TallyRow(NamedTuple):
    activity: str
    source: str
    at: int
    people: int
    service: int | None
    solved: bool
    avoidable: bool


class SeatRow(NamedTuple):
    id: int
    counter: int
    since_at: int
    until_at: int | None
    left_open: bool


class PauseRow(NamedTuple):
    seat: int
    since_at: int
    until_at: int | None


class SaidRow(NamedTuple):
    way: str
    score: int
    reason: str | None
    language: str
    service: int | None


@dataclass(slots=True)
class DayFacts:
    """The rows of one local day at one centre. `visits` by id; `given` by ticket; `bookings` as (`missed` or `cancelled`, service)."""

    on: date
    visits: dict[str, VisitRow] = field(default_factory=dict)
    tickets: list[TicketRow] = field(default_factory=list)
    steps: dict[str, list[StepRow]] = field(default_factory=dict)
    given: dict[str, list[Given]] = field(default_factory=dict)
    tallies: list[TallyRow] = field(default_factory=list)
    bookings: list[tuple[str, int]] = field(default_factory=list)
    seats: list[SeatRow] = field(default_factory=list)
    pauses: list[PauseRow] = field(default_factory=list)
    said: list[SaidRow] = field(default_factory=list)


def sum_day(facts: DayFacts, zone: ZoneInfo, until: int | None = None) -> Sums:
    """All of it. `until`: now, of a day that is not over; None of one that is."""
    sums = Sums()
    sum_visits(sums, facts, zone, until)
    _sum_tallies(sums, facts, zone)
    _sum_sittings(sums, facts, until)
    for how, service in facts.bookings:
        sums.tell(1, "booking", how, service)
    for said in facts.said:
        _sum_said(sums, said)
    return sums


def sum_visits(sums: Sums, facts: DayFacts, zone: ZoneInfo, until: int | None = None) -> None:
    """The part of it that comes of visits and their tickets."""
    day = _Visits(sums, facts, zone, until)
    day.sum_visits()
    day.sum_waits()
    day.sum_bookings()
    for ticket in facts.tickets:
        if ticket.counted:
            day.sum_ticket(ticket)
        day.sum_given(ticket)
    day.sum_served()


class _Visits:
    """One day's visits while they are summed up."""

    def __init__(self, sums: Sums, facts: DayFacts, zone: ZoneInfo, until: int | None) -> None:
        self.sums, self.facts, self.zone, self.until = sums, facts, zone, until
        self.known = {ticket.id: ticket for ticket in facts.tickets}
        self.root = {visit: _root(visit, facts.visits) for visit in facts.visits}
        self.unended = _unended(facts.seats)

    def named(self, ticket: TicketRow) -> int:
        """Under which service it counts: a discreet visit names none."""
        return UNNAMED if self.facts.visits[ticket.visit].discreet else ticket.service

    # Visits and what they sought -------------------------------------------------------------------------------------------

    def sum_visits(self) -> None:
        """Visits, by what the visit they turned out to be part of is; one whose every need was entered by mistake is none.

        A visit that was merged into one of another day (past midnight) counts there, as itself; what it had been served for before counts here.
        """
        of: dict[str, list[Sought]] = defaultdict(list)
        for each in tallies.sought(self.fact(ticket) for ticket in self.facts.tickets):
            self._sum_sought(each)
            of[each.visit].append(each)
        for root, own in of.items():
            if (visit := self.facts.visits.get(root)) is not None:
                self._sum_visit(visit, own)

    def fact(self, ticket: TicketRow) -> TicketFact:
        visit = self.facts.visits[ticket.visit]
        return TicketFact(
            id=ticket.id,
            visit=self.root[ticket.visit],
            on=self.facts.on,
            activity=ticket.activity if ticket.booking is None else Activity.APPOINTMENT,
            service=None if visit.discreet else ticket.service,
            state=ticket.state,
            counted=ticket.counted,
            served=ticket.served_at is not None,
            follows=ticket.follows,
            people=visit.people,
        )

    def _sum_sought(self, each: Sought) -> None:
        service = UNNAMED if each.service is None else each.service
        self.sums.tell(1, "ticket", each.activity.value)
        self.sums.tell(1, "service", service)
        if each.left:
            self.sums.tell(1, "ticket", each.activity.value, "left")
            self.sums.tell(1, "service", service, "left")

    def _sum_visit(self, visit: VisitRow, own: Sequence[Sought]) -> None:
        tell = self.sums.tell
        tell(1, "visits")
        tell(max(each.people for each in own), "visitors")
        tell(all(each.left for each in own), "visits", "left")
        tell(1, "visits", "channel", visit.channel)
        tell(1, "visits", "language", visit.language)
        for need in set(visit.needs):
            tell(1, "visits", "need", need)
        tell(1, "visits", "half", half_hour(visit.arrived_at, self.zone))
        tell(1, "visits", "weekday", self.facts.on.weekday())

    # How long it took ------------------------------------------------------------------------------------------------------

    def sum_waits(self) -> None:
        """Of each need the wait until its first call, at the service it was called for: what it was passed on to before anybody called waited no second time."""
        first: dict[str, TicketRow] = {}
        for ticket in self.facts.tickets:
            if ticket.counted and ticket.first_called_at is not None:
                begun, _ = self._begun_with(ticket)
                known = first.get(begun)
                if known is None or _order_called(ticket) < _order_called(known):
                    first[begun] = ticket
        for ticket in first.values():
            if not ticket.left_open and ticket.first_called_at is not None:
                waited = wait_of(ticket.arrived_at, ticket.first_called_at, ticket.booked_at)
                self.sums.put(waited, "wait", ticket.kind.value, self.named(ticket))
                if ticket.kind is Kind.WALK_IN:
                    self.sums.put(waited, "wait", "half", half_hour(ticket.arrived_at, self.zone))

    def _begun_with(self, ticket: TicketRow) -> tuple[str, int]:
        """The ticket its need began with, and how many were before it."""
        seen = {ticket.id}
        while ticket.follows is not None and ticket.follows not in seen and ticket.follows in self.known:
            ticket = self.known[ticket.follows]
            seen.add(ticket.id)
        return ticket.id, len(seen) - 1

    def sum_ticket(self, ticket: TicketRow) -> None:
        """How it ended, and its walk, service and parking, at its own service."""
        service, tell = self.named(ticket), self.sums.tell
        steps = self.facts.steps.get(ticket.id, ())
        tell(sum(step.action in ENDS for step in steps), "reopened", service)
        tell(ticket.first_called_at is not None, "called", service)
        tell(ticket.left_open, "inaccurate", service)
        match ticket.state:
            case TicketState.NO_SHOW:
                tell(1, "no_show", service)
            case TicketState.CANCELLED:
                tell(1, "cancelled" if ticket.served_at is None else "left_parked", service)
            case TicketState.TRANSFERRED:
                tell(1, "transferred", service)
            case _:
                pass
        if ticket.served_at is not None and not ticket.left_open:
            self._sum_times(ticket, [step for step in steps if step.action in HELD], service)

    def _sum_times(self, ticket: TicketRow, held: Sequence[StepRow], service: int) -> None:
        assert ticket.served_at is not None
        ended = ticket.ended_at if ticket.state not in OPEN_STATES else None
        spans = _spans(ticket, held, ended or self.until)
        for counter, since, until in spans.served:
            if counter is not None and not _meets(self.unended.get(counter, ()), since, until):
                self.sums.tell(_seconds(since, until), "counter", counter, "busy")
        if ticket.called_at is not None:
            self.sums.put(ticket.served_at - ticket.called_at, "walk", service)
        if ended is None:
            return
        self.sums.put(sum(until - since for _, since, until in spans.served), "serve", service)
        if spans.parked:
            self.sums.put(sum(until - since for since, until in spans.parked), "park", service)

    def sum_served(self) -> None:
        """What came of what was served to an end. Of two needs of one visit about the same, the later came again."""
        before: set[tuple[str, int]] = set()
        served = [each for each in self.facts.tickets if each.counted and each.state is TicketState.FINISHED]
        for ticket in sorted(served, key=lambda each: (each.served_at or 0, each.id)):
            of = (self.root[ticket.visit], ticket.service)
            again = ticket.again or of in before
            before.add(of)
            service, tell = self.named(ticket), self.sums.tell
            tell(1, "served", service)
            tell(1, "outcome", ticket.outcome or "none", service)
            tell(again, "again", service)
            tell(ticket.outcome == Outcome.RESOLVED and not again, "first_time", service)
            if ticket.avoidable:
                tell(1, "avoidable", ticket.avoidable, service)

    # Appointments and estimates --------------------------------------------------------------------------------------------

    def sum_bookings(self) -> None:
        """Appointments whose visitor came: each once, however often its ticket was passed on, as the first of them says."""
        found: dict[str, TicketRow] = {}
        booked = [each for each in self.facts.tickets if each.booking is not None and each.counted]
        for ticket in sorted(booked, key=lambda each: (self._begun_with(each)[1], each.id)):
            assert ticket.booking is not None
            found.setdefault(ticket.booking, ticket)
        for ticket in found.values():
            self.sums.tell(1, "booking", "late" if ticket.kind is Kind.LATE else "kept", self.named(ticket))

    def sum_given(self, ticket: TicketRow) -> None:
        for given in self.facts.given.get(ticket.id, ()):
            over = ticket.state is not TicketState.WAITING
            scoring.tell(self.sums, self.named(ticket), given, ticket.first_called_at, over=over)


class _Spans(NamedTuple):
    """When it was served (and at which counter), and when parked."""

    served: list[tuple[int | None, int, int]]
    parked: list[tuple[int, int]]


def _spans(ticket: TicketRow, held: Sequence[StepRow], end: int | None) -> _Spans:
    """From served until its end, parted where it was parked and taken up again; what has no end is left out."""
    spans = _Spans([], [])
    since, parked = ticket.served_at, False
    assert since is not None
    for step in held:
        if parked is (step.action == TicketAction.PARK.value):
            continue
        if parked:
            spans.parked.append((since, step.at))
        else:
            spans.served.append((step.counter, since, step.at))
        since, parked = step.at, not parked
    if end is not None and end >= since:
        if parked:
            spans.parked.append((since, end))
        else:
            spans.served.append((ticket.counter, since, end))
    return spans


def _order_called(ticket: TicketRow) -> tuple[int, str]:
    return (ticket.first_called_at or 0, ticket.id)


def _root(visit: str, visits: Mapping[str, VisitRow]) -> str:
    """The visit it turned out to be part of, through however many merges."""
    seen = {visit}
    while (
        (known := visits.get(visit)) is not None
        and (into := known.merged_into) is not None
        and into not in seen
    ):
        visit = into
        seen.add(visit)
    return visit


# Beside visits ---------------------------------------------------------------------------------------------------------


def _sum_tallies(sums: Sums, facts: DayFacts, zone: ZoneInfo) -> None:
    for tally in facts.tallies:
        people = tally.people
        sums.tell(people, "tap", tally.activity, tally.source)
        sums.tell(people, "tap", "weekday", facts.on.weekday())
        if tally.source != CountSource.TALLY_SHEET:
            sums.tell(people, "tap", "half", half_hour(tally.at, zone))
        if tally.activity == Activity.DOOR_HELP:
            sums.tell(people, "help", UNNAMED if tally.service is None else tally.service)
            sums.tell(people * tally.solved, "help", "solved")
            sums.tell(people * tally.avoidable, "help", "avoidable")


def _sum_sittings(sums: Sums, facts: DayFacts, until: int | None) -> None:
    """Seconds at each counter. A sitting nobody ended says how long it was by no more than that it was too long, so it is counted and not measured."""
    at: dict[int, SeatRow] = {}
    for seat in facts.seats:
        if seat.left_open:
            sums.tell(1, "counter", seat.counter, "inaccurate")
            continue
        at[seat.id] = seat
        if (end := seat.until_at or until) is not None:
            sums.tell(_seconds(seat.since_at, end), "counter", seat.counter, "open")
    for pause in facts.pauses:
        if (own := at.get(pause.seat)) is not None and (
            end := pause.until_at or own.until_at or until
        ) is not None:
            sums.tell(_seconds(pause.since_at, end), "counter", own.counter, "break")


def _unended(seats: Iterable[SeatRow]) -> dict[int, list[tuple[int, int]]]:
    """By counter, the sittings that nobody ended: what was served in them is no part of how well a counter was used, since how long it was open is not known."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for seat in seats:
        if seat.left_open and seat.until_at is not None:
            found[seat.counter].append((seat.since_at, seat.until_at))
    return found


def _meets(spans: Iterable[tuple[int, int]], since: int, until: int) -> bool:
    return any(begins < until and since < ends for begins, ends in spans)


def _seconds(since: int, until: int) -> int:
    return max(0, round((until - since) / SECOND))


def _sum_said(sums: Sums, said: SaidRow) -> None:
    score = said.score
    sums.tell(1, "said", "score", score)
    sums.tell(1, "said", "way", said.way, score)
    sums.tell(1, "said", "language", said.language, score)
    sums.tell(1, "said", "service", UNNAMED if said.service is None else said.service, score)
    if said.reason:
        sums.tell(1, "said", "reason", said.reason, score)


@lru_cache(maxsize=8192)
def _half_hour_of(quarter: int, zone: ZoneInfo) -> int:
    local = datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone)
    return local.hour * 2 + local.minute // 30


def half_hour(at: int, zone: ZoneInfo) -> int:
    """The local half hour an instant lies in, 0 to 47. Every zone is off UTC by whole quarters of an hour, so it is the same all through one, and remembered."""
    return _half_hour_of(at // QUARTER, zone)
