"""The shapes of what staff see of their centre: one reading of the floor, as the console and the overview render it.

They hold what only staff may see (needs, notes). The need of a discreet visit is in them only for who serves it (`masking`). Instants are microseconds since 1970. How they are filled is
`console`'s business; what can be worked out from them without the database is worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from server.live.concerns import AttentionNow
from wire.vocabulary import AttentionKind, CounterKind, HandedIn, TicketClass, TicketState

MINUTE = 60_000_000
DUE_SHARE = 0.75
"""From this share of the target on, a wait is called nearly due."""


@dataclass(frozen=True)
class ServiceNow:
    id: int
    slug: str
    name: str
    target_minutes: int
    choice: str
    discreet: bool
    waiting: int = 0
    longest: int = 0
    """Microseconds the longest-waiting visitor has waited."""
    over: int = 0
    """How many have waited longer than the target."""
    served_by: int = 0
    """Counters that serve it now, breaks not counted."""

    @property
    def pressure(self) -> float:
        """The longest wait as a share of the target."""
        return self.longest / (max(1, self.target_minutes) * MINUTE)

    @property
    def standing(self) -> str:
        """`fine`, `nearly` or `over`, by whoever has waited longest."""
        if self.over:
            return "over"
        return "nearly" if self.waiting and self.pressure > DUE_SHARE else "fine"

    @property
    def gauge(self) -> int:
        """How far a bar of 200 goes whose middle is the target."""
        return min(200, round(self.pressure * 100))


@dataclass(frozen=True)
class HandedNow:
    """Something the visitor handed in. What is in it, who serves them opens on a page of its own."""

    id: str
    kind: HandedIn
    pages: int

    @property
    def says(self) -> str:
        """`3 pages received`."""
        if self.kind is HandedIn.BEGUN:
            return "A form begun"
        if self.kind is HandedIn.FORM:
            return "A form received"
        return f"{self.pages} page{'' if self.pages == 1 else 's'} received"


@dataclass(frozen=True)
class TicketNow:
    """An open ticket. `why_first` is set on the one that is next for who looks."""

    id: str
    visit: str
    code: str
    service: ServiceNow
    state: TicketState
    ticket_class: TicketClass
    arrived_at: int
    counts_from: int
    for_counter: int | None
    for_counter_name: str
    counter: int | None
    counter_name: str
    staff: str
    calls: int
    first_called_at: int | None
    called_at: int | None
    served_at: int | None
    parked_at: int | None
    language: str
    needs: tuple[str, ...]
    discreet: bool
    passed_on: bool
    notes: int = 0
    handed_in: tuple[HandedNow, ...] = ()
    people: int = 1
    quick: bool = False
    wants: str | None = None
    apart: str = ""
    for_me: bool = False
    """Whether who looks could call it where they sit."""
    masked: bool = False
    """Its need is not shown to who looks."""
    awaited: bool = False
    """Whether somebody whom the visitor asked for (`wants`) serves this now."""
    booked_at: int | None = None
    """The time of the appointment it is for."""
    booking: str | None = None
    elsewhere: str = ""
    """Where the visitor is being seen to for another need: until that has ended, nobody calls this one."""

    @property
    def ticket(self) -> str:
        return self.id

    def waited(self, now: int) -> int:
        return max(0, (self.first_called_at or now) - self.arrived_at)

    def standing(self, now: int) -> str:
        """`fine`, `nearly` or `over`, by the service's target."""
        target, waited = self.service.target_minutes, self.waited(now)
        if waited // MINUTE > target:  # in whole minutes, as it is shown: nobody reads "30 min, over 30 min"
            return "over"
        return "nearly" if waited > target * DUE_SHARE * MINUTE else "fine"


@dataclass(frozen=True)
class CounterNow:
    id: int
    slug: str
    name: str
    staff: int | None = None
    staff_name: str = ""
    services: tuple[int, ...] = ()
    since_at: int | None = None
    pause: str | None = None
    pause_since: int | None = None
    ticket: TicketNow | None = None
    sends_to: str = ""
    skills: tuple[str, ...] = ()
    """What the person there can do that not everybody can."""
    after_quick: bool = False
    kind: CounterKind = CounterKind.DESK

    @property
    def where(self) -> str:
        """Where a visitor is sent who is called here: an adviser on the telephone is elsewhere."""
        return self.sends_to or self.name


@dataclass(frozen=True)
class ColleagueNow:
    """Who could take a counter over."""

    id: int
    name: str


@dataclass(frozen=True)
class NoteNow:
    visit: str
    at: int
    text: str
    by: str


@dataclass(frozen=True)
class BookedNow:
    """What was told when the appointment was made. `answers` are questions with what was answered, in English."""

    starts_at: int
    name: str
    note: str
    answers: tuple[tuple[str, str], ...]
    bring: tuple[str, ...]
    person: str = ""
    room: str = ""
    interpreter: str = ""
    """Who interprets."""
    wanted: str | None = None
    """For which language (its code), or `sign_language`, an interpreter was asked for."""


@dataclass(frozen=True)
class PassedNow:
    """An earlier ticket of the same visit."""

    service: str
    state: TicketState
    outcome: str | None
    ended_at: int
    by: str
    again: bool
    """They had been here about the same before."""


@dataclass(frozen=True)
class LastStep:
    """The last thing this person, or the system at their counter, did to a ticket: what undo takes back."""

    ticket: str
    code: str
    action: str
    at: int
    outcome: str | None
    again: bool


@dataclass(frozen=True)
class LastSeat:
    """Where this person sat last, to offer it again."""

    counter: int
    services: tuple[int, ...]


@dataclass(frozen=True)
class TodayNow:
    served: int = 0
    no_show: int = 0
    left: int = 0
    mean_wait: int | None = None


@dataclass(frozen=True)
class FloorNow:
    centre: str
    wait_here: str
    zone: ZoneInfo
    now: int
    services: tuple[ServiceNow, ...]
    """What can be chosen, each with those who wait for it and are not private."""
    by_service: tuple[ServiceNow, ...]
    """The same for reading: private visits are one row, whatever they are about."""
    counters: tuple[CounterNow, ...]
    waiting: tuple[TicketNow, ...]
    """In the order they would be called if every counter served everything."""
    parked: tuple[TicketNow, ...]
    today: TodayNow
    mine: CounterNow | None = None
    next_up: TicketNow | None = None
    why_next: str = ""
    notes: Mapping[str, Sequence[NoteNow]] = field(default_factory=dict)
    history: Sequence[PassedNow] = ()
    booked: BookedNow | None = None
    """The appointment that the ticket `history` is about is for."""
    last_step: LastStep | None = None
    last_seat: LastSeat | None = None
    also: tuple[TicketNow, ...] = ()
    """The other open tickets of the visit that `history` is about."""
    go_on: TicketNow | None = None
    """The next need of the visitor who has just been finished with and is still at the counter."""
    colleagues: tuple[ColleagueNow, ...] = ()
    may_serve: frozenset[int] = frozenset()
    """The services who looks may sit down for."""
    own_skills: tuple[str, ...] = ()
    evacuated_at: int | None = None
    concerns: tuple[AttentionNow, ...] = ()
    """Everything that needs somebody, the most urgent first."""

    @property
    def alarms(self) -> tuple[AttentionNow, ...]:
        return tuple(each for each in self.concerns if each.kind == AttentionKind.ALARM)

    @property
    def current(self) -> TicketNow | None:
        return self.mine.ticket if self.mine else None

    @property
    def kept_for_others(self) -> int:
        """Waiting for what this counter serves, but not to be called here yet."""
        if self.mine is None:
            return 0
        return sum(
            1
            for each in self.waiting
            if not each.for_me and each.for_counter is None and each.service.id in self.mine.services
        )

    @property
    def waiting_for_me(self) -> int:
        return sum(1 for ticket in self.waiting if ticket.for_me)

    @property
    def free_counters(self) -> int:
        return sum(1 for each in self.counters if each.staff and not each.pause and each.ticket is None)

    @property
    def at_counters(self) -> tuple[TicketNow, ...]:
        return tuple(counter.ticket for counter in self.counters if counter.ticket is not None)

    @property
    def free_rooms(self) -> tuple[CounterNow, ...]:
        """The rooms where nobody is, crisis rooms first: where somebody can be taken out of sight."""
        rooms = (CounterKind.CRISIS_ROOM, CounterKind.ROOM)
        empty = (each for each in self.counters if each.kind in rooms and not each.staff and not each.ticket)
        return tuple(sorted(empty, key=lambda each: rooms.index(each.kind)))

    def open_ticket(self, ticket: str) -> TicketNow | None:
        """The open ticket of this id, wherever it is."""
        everyone = (*self.waiting, *self.at_counters, *self.parked)
        return next((each for each in everyone if each.id == ticket), None)
