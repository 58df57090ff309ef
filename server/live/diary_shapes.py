"""The shapes of what staff see of appointments: one reading, as calendar, list, one appointment and the counter's panel render it.

What an appointment is called by staff ("late", "here", "served") is worked out here from its own state, its ticket's and the clock, once, so
that calendar and list never say two things. What who looks may not know has been taken out before (`diary`): a private appointment keeps its
time, and whose or what time it takes, and nothing else. Instants are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from server.domain.hours import Span
from server.domain.offers import Offer
from wire.vocabulary import BookableKind, BookingState

MINUTE = 60_000_000
PRIVATE_APPOINTMENT = "Private appointment"
TAKEN = "Taken"

STANDINGS = {
    "held": "Being booked",
    "booked": "Booked",
    "late": "Late",
    "expected": "Running late",
    "here": "Here",
    "called": "Called",
    "serving": "Being served",
    "served": "Served",
    "passed_on": "Passed on",
    "left": "Left",
    "missed": "Missed",
    "cancelled": "Cancelled",
}
"""What staff read for how an appointment stands."""
OVER = frozenset({"served", "passed_on", "left", "missed", "cancelled"})
"""Nothing more is waited for."""

_OF_TICKET = {
    "waiting": "here",
    "parked": "serving",
    "called": "called",
    "serving": "serving",
    "finished": "served",
    "transferred": "passed_on",
    "no_show": "left",
    "cancelled": "left",
}


@dataclass(frozen=True)
class ServiceInDiary:
    """`offer` None: it has no appointments (any more)."""

    id: int
    slug: str
    name: str
    discreet: bool
    offer: Offer | None = None


@dataclass(frozen=True)
class BookableNow:
    id: int
    kind: BookableKind
    name: str
    staff: int | None
    counter: int | None
    languages: tuple[str, ...] = ()
    retired: bool = False


@dataclass(frozen=True)
class TicketOf:
    """The ticket that arriving made."""

    id: str
    code: str
    state: str
    counter: str
    called_at: int | None
    served_at: int | None
    ended_at: int | None


@dataclass(frozen=True)
class BookingNow:
    id: str
    reference: str
    service: ServiceInDiary
    state: BookingState
    starts_at: int
    ends_at: int
    held_from: int
    held_until: int
    person: BookableNow | None = None
    room: BookableNow | None = None
    interpreter: BookableNow | None = None
    wants: str | None = None
    """For which language (its code), or `sign_language`, an interpreter was asked for."""
    over: bool = False
    name: str = ""
    phone: str = ""
    email: str = ""
    safe_to_text: bool = False
    language: str = "en"
    needs: tuple[str, ...] = ()
    people: int = 1
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    late_minutes: int = 0
    arrived_at: int | None = None
    expires_at: int | None = None
    reason: str = ""
    ticket: TicketOf | None = None
    masked: bool = False
    """What it is about, and for whom, is not shown to who looks."""
    taken: bool = False
    """Of another organisation's, or the council's own: who looks learns only that the time is gone."""

    def standing(self, now: int) -> str:
        """A key of `STANDINGS`."""
        if self.state is BookingState.BOOKED and now >= self.starts_at:
            return "expected" if now < self.expected_at else "late"
        if self.state is BookingState.BOOKED and self.late_minutes:
            return "expected"
        if self.state is BookingState.ARRIVED:
            return _OF_TICKET.get(self.ticket.state, "here") if self.ticket else "here"
        return self.state.value

    @property
    def expected_at(self) -> int:
        return self.starts_at + self.late_minutes * MINUTE

    def is_over(self, now: int) -> bool:
        return self.standing(now) in OVER

    @property
    def title(self) -> str:
        """What a card is headed with."""
        return TAKEN if self.taken else self.service.name

    @property
    def bring(self) -> tuple[str, ...]:
        """Papers to bring, in plain English."""
        offer = self.service.offer
        return tuple(each.get("en", "") for each in offer.bring) if offer else ()

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """Questions of the service with what was answered."""
        found = []
        for question in self.service.offer.questions if self.service.offer else ():
            given = self.answers.get(question.slug, "")
            if given:
                words = question.choices.get(given, {}).get("en", given)
                found.append((question.text.get("en", question.slug), words))
        return tuple(found)


@dataclass(frozen=True)
class BlockNow:
    """`bookable` and `service` None: the whole centre."""

    id: str
    starts_at: int
    ends_at: int
    reason: str
    bookable: int | None
    service: int | None
    about: str
    """For whom or what, in words."""


@dataclass(frozen=True)
class DayNow:
    """One local date: from midnight to midnight, when the centre is open, why it is not."""

    on: date
    begins: int
    ends: int
    spans: tuple[Span, ...]
    closed: str = ""
    """The reason of a closure; empty otherwise."""


@dataclass(frozen=True)
class DiaryNow:
    centre: str
    zone: ZoneInfo
    now: int
    days: tuple[DayNow, ...]
    bookings: tuple[BookingNow, ...]
    """In the order of time; those cancelled are not among them."""
    cancelled: tuple[BookingNow, ...]
    blocks: tuple[BlockNow, ...]
    bookables: tuple[BookableNow, ...]
    services: tuple[ServiceInDiary, ...]
    """Those with appointments that who looks may see."""
    working: Mapping[tuple[int, date], tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """By bookable and local date, when it takes appointments if nothing is in the way."""

    @property
    def today(self) -> date | None:
        return next((each.on for each in self.days if each.begins <= self.now < each.ends), None)

    def on(self, day: DayNow) -> tuple[BookingNow, ...]:
        return tuple(each for each in self.bookings if day.begins <= each.starts_at < day.ends)
