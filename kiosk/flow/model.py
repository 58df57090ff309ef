"""Everything a kiosk's screen shows, as one frozen value; the contract between the flow and the face.

A `Model` has two halves that never mix. `visitor` is the person standing there: language, text size, what
was chosen, the ticket. The rest is the kiosk: what the centre offers, the link, the printer, the time.
Forgetting a person is replacing `visitor` by a fresh one, so nothing can be overlooked when a field is
added.

The screens read the properties under "what the screens show"; each visible sentence is a `Line` (a
catalogue key with its values) or a name out of the feed, never text. Every touch is sent back as
`Touched(action, model.generation, at)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.flow import lines, opening
from kiosk.flow.events import Fault
from kiosk.flow.lines import Line
from kiosk.flow.offer import NOTHING_OFFERED, Offer, Service, Waits, Words
from wire.vocabulary import RIGHT_TO_LEFT, Language, PaperState, PrinterState


class Screen(StrEnum):
    STARTING = "starting"
    """Up, but nothing known yet; shows for a moment only."""
    SETUP = "setup"
    """Not set up: shows `model.setup`."""
    START = "start"
    NEEDS = "needs"
    SERVICES = "services"
    TICKET = "ticket"
    CLOSED = "closed"
    OUT_OF_ORDER = "out_of_order"


VISITING = frozenset({Screen.NEEDS, Screen.SERVICES, Screen.TICKET})
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
    warning: float = 20.0
    """From the warning until everything personal is gone. WCAG 2.2.1 asks for 20 at least."""
    bounce: float = 0.3
    """After any touch, counted or not, the next counts only after this much quiet."""
    settle: float = 0.5
    """After a change of screen no touch counts for so long: nobody can have read it."""


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
    without: bool = False
    """The visitor said: I do not need the paper."""

    @property
    def asks_paper(self) -> bool:
        return self.paper is PaperState.UNKNOWN and not self.without


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
    help_asked: bool = False
    help_shown: bool = False
    notice: Line | None = None
    ticket: Ticket | None = None


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


@dataclass(frozen=True)
class Model:
    screen: Screen = Screen.STARTING
    generation: int = 0
    """Rises whenever what can be touched changes; a touch carries the one it was drawn from."""
    visitor: Visitor = Visitor()

    device: str | None = None
    offer: Offer = NOTHING_OFFERED
    offer_live: bool = False
    """The rows are the server's word of this moment; otherwise hours are worked out from what they said
    last.
    """
    link_up: bool = False
    printer: PrinterState = PrinterState.NONE
    fault: Fault | None = None
    fault_detail: str = ""
    setup: SetUpShown | None = None

    steady: float = 0.0
    now: int = 0
    last_touch: float = -1e9
    """Of any touch, counted or not."""
    last_change: float = -1e9
    """Of the screen."""
    last_sign: float = 0.0
    """Last sign of life by the visitor that counts against idleness."""
    order: int = 0
    ordered: bool = False
    """A ticket is being taken; it takes milliseconds, and until then no touch counts."""
    limits: Limits = Limits()

    @property
    def personal(self) -> bool:
        """Whether anything of a visitor is there that must go when nobody is."""
        return self.visitor != Visitor() or self.screen in VISITING

    @property
    def idle_after(self) -> float:
        return self.limits.idle_ticket if self.screen is Screen.TICKET else self.limits.idle

    # What the screens show ----------------------------------------------------------------------------------

    @property
    def language(self) -> Language:
        return self.visitor.language

    @property
    def right_to_left(self) -> bool:
        return self.visitor.language in RIGHT_TO_LEFT

    @property
    def large(self) -> bool:
        return self.visitor.large

    @property
    def contrast(self) -> bool:
        return self.visitor.contrast

    @property
    def reach_down(self) -> bool:
        return self.visitor.reach_down

    @property
    def languages(self) -> tuple[Language, ...]:
        """For the start screen, in the centre's order."""
        return self.offer.centre.spoken if self.offer.centre else (Language.EN,)

    @property
    def choices(self) -> tuple[Tile, ...]:
        """The first choices of the needs screen. One is open when any of its services is."""
        return tuple(
            opening.choice_tile(self, choice, self.offer.within(choice.id)) for choice in self.offer.choices
        )

    @property
    def services(self) -> tuple[Tile, ...]:
        """The tiles of the services screen; on the private way there is exactly one, with a `line`."""
        if self.visitor.private:
            return (PRIVATE_TILE,)
        shown: tuple[Service, ...] = self.offer.within(self.visitor.choice) if self.visitor.choice else ()
        return tuple(opening.service_tile(self, service) for service in shown)

    @property
    def chosen(self) -> Words:
        """The name of the first choice made, as a heading for the services screen; empty on the private
        way.
        """
        choice = self.offer.choice(self.visitor.choice) if self.visitor.choice else None
        return choice.names if choice else {}

    @property
    def ticket(self) -> Ticket | None:
        return self.visitor.ticket

    @property
    def asks_paper(self) -> bool:
        """Whether the ticket screen asks 'Did your ticket come out?'."""
        return self.ticket is not None and self.ticket.asks_paper

    @property
    def wait_here(self) -> Words:
        return self.offer.centre.wait_here if self.offer.centre else {}

    @property
    def centre_name(self) -> str:
        return self.offer.centre.name if self.offer.centre else ""

    @property
    def help(self) -> Help:
        return lines.help_state(self)

    @property
    def idle_left(self) -> int | None:
        """Whole seconds until everything personal goes, while the warning shows; None while it does not."""
        return lines.idle_left(self)

    @property
    def closed_reason(self) -> Words | None:
        return self.offer.centre.closed_reason if self.offer.centre else None

    @property
    def opens(self) -> datetime | None:
        """When the centre next opens (its local time), for the closed screen."""
        return opening.centre_opens(self)

    # Sentences ----------------------------------------------------------------------------------------------

    @property
    def banner(self) -> tuple[Line, Line] | None:
        """Title and lead, shown on every screen before the ticket: that there is no paper."""
        return lines.banner(self)

    @property
    def notice(self) -> Line | None:
        """One sentence about what was just touched, such as that it has just closed."""
        return self.visitor.notice

    @property
    def help_lines(self) -> tuple[Line, Line] | None:
        """Title and lead of the help panel; None while it does not show."""
        return lines.help_lines(self)

    @property
    def wait_line(self) -> Line | None:
        return lines.wait_line(self.ticket.waits) if self.ticket else None

    @property
    def paper_line(self) -> Line | None:
        return lines.paper_line(self)

    def tile_line(self, tile: Tile) -> Line | None:
        """For a closed tile: when it opens."""
        return None if tile.open else lines.tile_line(self, tile.opens)

    @property
    def closed_line(self) -> Line:
        return lines.closed_line(self)

    @property
    def setup_line(self) -> Line:
        return lines.setup_line(self)


PRIVATE_TILE = Tile(id="private", line=Line("private.title"), help_line=Line("private.lead"), icon="person")
