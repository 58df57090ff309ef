"""What a centre's file says, as plain frozen values. Order is meaning: what stands first is shown first.

Texts for visitors are maps from language code to words, English always among them. Slugs are the names that
other parts use; changing one makes a new thing and retires the old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.centrefile.handing import OfferedForm
from server.domain.handing import Portal, Purpose, Team
from server.domain.hours import Hours, Usual
from server.domain.offers import Offer
from server.domain.tallies import TAPPED
from wire.vocabulary import Activity, BookableKind, CounterKind, Role, TicketClass

Words = Mapping[str, str]

ICONS = (
    "house",
    "coins",
    "envelope",
    "car",
    "badge",
    "school",
    "heart",
    "people",
    "briefcase",
    "key",
    "bin",
    "speech",
    "shield",
    "bus",
    "card",
    "form",
)
"""The pictures that kiosk and display can draw."""

PLAIN_ICON = "people"
"""Of what has none of its own."""

MOST_CHOICES = 8


@dataclass(frozen=True)
class Area:
    """A part of the building: a floor, a hall."""

    slug: str
    names: Words


@dataclass(frozen=True)
class Choice:
    """A first choice on the kiosk."""

    slug: str
    names: Words
    icon: str


@dataclass(frozen=True)
class Service:
    """What a visitor needs. Without a choice it is not on the kiosk: staff pass visitors on to it.

    `private` marks the one that a wish to talk in private goes to. `hours` empty: open with the centre.
    """

    slug: str
    names: Words
    help: Words = field(default_factory=dict)
    choice: str | None = None
    icon: str = PLAIN_ICON
    ticket_class: TicketClass = TicketClass.ORDINARY
    activity: Activity = Activity.ADVICE
    target_minutes: int = 20
    usual_minutes: int = 12
    walk_in: bool = True
    by_appointment: bool = False
    discreet: bool = False
    private: bool = False
    synonyms: tuple[str, ...] = ()
    lgsl: int | None = None
    """Number in the Local Government Services List, so that figures of two councils can be compared."""
    continues: tuple[str, ...] = ()
    """Slugs of services that were taken away and whose figures go on under this one."""
    hours: Hours = field(default_factory=Hours)
    appointments: Offer | None = None
    """What it offers by appointment; None: nothing can be booked."""


@dataclass(frozen=True)
class Counter:
    slug: str
    name: str
    kind: CounterKind = CounterKind.DESK
    area: str | None = None
    sends_to: str = ""
    """Where the visitor goes if that is not the counter's name: the adviser is on the telephone or on a screen."""


@dataclass(frozen=True)
class Message:
    """A sentence for everyone waiting: always on the lobby display, or (`standing` False) kept ready to be announced."""

    slug: str
    text: Words
    standing: bool = True


@dataclass(frozen=True)
class Staff:
    """Who works here and as what. Never a password: those are set by the person, or by `foyer staff`."""

    username: str
    name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Bookable:
    """A person (with an account: `username`), room (`counter`) or interpreter whose time appointments take, and when: `rota`."""

    kind: BookableKind
    name: str = ""
    username: str = ""
    counter: str = ""
    languages: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    rota: tuple[Usual, ...] = ()


@dataclass(frozen=True)
class CentrePlan:
    slug: str
    name: str
    timezone: str
    languages: tuple[str, ...]
    wait_here: Words
    address: str = ""
    telephone: str = ""
    map_url: str = ""
    find_us: Words = field(default_factory=dict)
    """How to get there and in: bus, parking, the step-free entrance."""
    idle_seconds: int = 40
    max_calls: int = 3
    no_show_minutes: int = 3
    activities: tuple[Activity, ...] = TAPPED
    """Which its greeters count by a tap."""
    hours: Hours = field(default_factory=Hours)
    areas: tuple[Area, ...] = ()
    choices: tuple[Choice, ...] = ()
    services: tuple[Service, ...] = ()
    counters: tuple[Counter, ...] = ()
    messages: tuple[Message, ...] = ()
    staff: tuple[Staff, ...] = ()
    bookables: tuple[Bookable, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    teams: tuple[Team, ...] = ()
    portals: tuple[Portal, ...] = ()
    forms: tuple[OfferedForm, ...] = ()
