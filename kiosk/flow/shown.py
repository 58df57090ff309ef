"""The pieces of a `Model`: which screens there are, the person standing there, the ticket, what can be
chosen.

Apart from `model` only so that the rules for sentences and opening hours can name them without naming the
whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.flow.filling.shown import Filling
from kiosk.flow.finding.shown import Finding
from kiosk.flow.found import Appointment, Told
from kiosk.flow.line import Line
from kiosk.flow.offer import Waits, Words
from kiosk.flow.rating.shown import Rating
from kiosk.flow.scanning.shown import Scanning
from wire.vocabulary import Language, PaperState


class Screen(StrEnum):
    STARTING = "starting"
    """Up, but nothing known yet; shows for a moment only."""
    SETUP = "setup"
    """Not set up: shows `model.setup`."""
    START = "start"
    NEEDS = "needs"
    SERVICES = "services"
    CHECK_IN = "check_in"
    """Hold up your code."""
    REFERENCE = "reference"
    """Type it."""
    TOLD = "told"
    """What is known of it, where no ticket is given for it."""
    SCAN = "scan"
    """Papers are being scanned (`kiosk.flow.scanning`)."""
    FORM = "form"
    """A form is being filled in (`kiosk.flow.filling`)."""
    FIND = "find"
    """Searching, and what can be done online (`kiosk.flow.finding`)."""
    RATE = "rate"
    """Somebody says how their visit was (`kiosk.flow.rating`)."""
    TICKET = "ticket"
    CLOSED = "closed"
    LOCKED = "locked"
    """Staff have closed this screen."""
    EVACUATED = "evacuated"
    """Everyone must leave the building."""
    OUT_OF_ORDER = "out_of_order"


CHECKING = frozenset({Screen.CHECK_IN, Screen.REFERENCE, Screen.TOLD})
VISITING = (
    frozenset(
        {Screen.NEEDS, Screen.SERVICES, Screen.TICKET, Screen.SCAN, Screen.FORM, Screen.FIND, Screen.RATE}
    )
    | CHECKING
)
"""Screens somebody has come to by touching."""


class Help(StrEnum):
    NONE = "none"
    ASKED = "asked"
    """Staff have been told."""
    COMING = "coming"
    """Somebody said: I am coming."""
    ALONE = "alone"
    """Asked, but staff cannot be told (no link): the screen says what to do."""


@dataclass(frozen=True)
class Limits:
    """Times in seconds, from the kiosk's configuration."""

    idle: float = 60.0
    """Without a touch until the warning."""
    idle_ticket: float = 40.0
    starting: float = 8.0
    """How long to say 'one moment' at start before calling it out of order."""
    taking: float = 5.0
    """How long writing a ticket down may take; it takes milliseconds unless the disk is failing."""
    looking: float = 8.0
    """How long to look for a reference; then its visitor is believed."""
    typing: float = 0.1
    """As `bounce`, between two signs of a reference: nobody types one at three a second if two of three are lost."""
    copies: int = 2
    """Papers printed again for one ticket at most."""
    warning: float = 20.0
    """From the warning until everything personal is gone. WCAG 2.2.1 asks for 20 at least."""
    bounce: float = 0.3
    """After any touch, counted or not, the next counts only after this much quiet."""
    settle: float = 0.5
    """After a change of screen no touch counts for so long: nobody can have read it."""


USUAL_LIMITS = Limits()


@dataclass(frozen=True)
class SetUpShown:
    """`code` is None while no server answers. `revoked`: this kiosk was set up once and an administrator
    took that back.
    """

    code: str | None = None
    revoked: bool = False


@dataclass(frozen=True)
class Ticket:
    """A ticket given out. It does not know its service, so nothing shown can tell an ordinary from a
    private one.
    """

    id: str
    code: str
    taken_at: int
    """Milliseconds since 1970."""
    follow_url: str
    """What the QR holds; empty when the centre has no phone page."""
    waits: Waits
    paper: PaperState
    """RESERVED and SENT: on its way. CONFIRMED. UNKNOWN: ask. NOT_PRINTED: it is on screen only."""
    copies: int = 0
    appointment: Appointment | None = None
    without: bool = False
    """The visitor said: I do not need the paper."""

    @property
    def asks_paper(self) -> bool:
        return self.paper is PaperState.UNKNOWN and not self.without


@dataclass(frozen=True)
class Checking:
    """Somebody is checking in for their appointment."""

    typed: str = ""
    reference: str = ""
    """Being looked for; no other is taken until there is an answer."""
    since: float = 0.0
    hint: Line | None = None
    """About what was held up or typed last."""
    told: Told | None = None


@dataclass(frozen=True)
class Visitor:
    """The person at the kiosk. A fresh one is a stranger."""

    language: Language = Language.EN
    large: bool = False
    contrast: bool = False
    reach_down: bool = False
    choice: str | None = None
    private: bool = False
    """On the way to a private ticket; gone as soon as it is taken."""
    came_from: Screen = Screen.START
    """Where the private way was entered, for going back."""
    help_asked: bool = False
    help_shown: bool = False
    notice: Line | None = None
    checking: Checking | None = None
    scanning: Scanning | None = None
    filling: Filling | None = None
    finding: Finding | None = None
    rating: Rating | None = None
    ticket: Ticket | None = None


STRANGER = Visitor()


@dataclass(frozen=True)
class Tile:
    """One thing that can be chosen. `names` come from the feed; the private tile has `line` instead.

    A closed tile is shown, not hidden, and cannot be touched; `opens` says when (centre's local time), if
    known.
    """

    id: str
    names: Words = field(default_factory=dict)
    line: Line | None = None
    help: Words = field(default_factory=dict)
    help_line: Line | None = None
    icon: str = ""
    open: bool = True
    opens: datetime | None = None
    hours: tuple[tuple[str, str], ...] = ()
    """Today's, as local times, for showing a service's own hours (`service.open_today`)."""
    waits: Waits | None = None


PRIVATE_TILE = Tile(id="private", line=Line("private.title"), help_line=Line("private.lead"), icon="person")
CHECK_IN_TILE = Tile(
    id="_check_in", line=Line("checkin.entry"), help_line=Line("checkin.entry_lead"), icon="calendar"
)
"""Where no service of the centre is the way to check-in."""
