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

from dataclasses import dataclass
from datetime import datetime

from kiosk.flow import checkin, faults, lines, opening, told
from kiosk.flow.events import Fault
from kiosk.flow.filling.steps import idle_after as idle_after_form
from kiosk.flow.line import Line
from kiosk.flow.offer import NOTHING_OFFERED, Offer, Service, Words
from kiosk.flow.parts import PARTS
from kiosk.flow.scanning.shown import NO_STATION, Station
from kiosk.flow.scanning.steps import idle_after as idle_after_scan
from kiosk.flow.shown import (
    CHECK_IN_TILE,
    PRIVATE_TILE,
    STRANGER,
    USUAL_LIMITS,
    VISITING,
    Checking,
    Help,
    Limits,
    Screen,
    SetUpShown,
    Ticket,
    Tile,
    Visitor,
)
from wire.vocabulary import RIGHT_TO_LEFT, Language, PartState, PrinterState

__all__ = ["Help", "Limits", "Line", "Model", "Screen", "SetUpShown", "Ticket", "Tile", "Visitor"]


@dataclass(frozen=True)
class Model:
    screen: Screen = Screen.STARTING
    generation: int = 0
    """Rises whenever what can be touched changes; a touch carries the one it was drawn from."""
    visitor: Visitor = STRANGER

    device: str | None = None
    offer: Offer = NOTHING_OFFERED
    offer_live: bool = False
    """The rows are the server's word of this moment; otherwise hours are worked out from what they said
    last.
    """
    link_up: bool = False
    line_says: str = ""
    """Why the server is not reached, for staff."""
    printer: PrinterState = PrinterState.SILENT
    camera: PartState = PartState.NONE
    scanner: PartState = PartState.NONE
    station: Station = NO_STATION
    speaks: frozenset[Language] = frozenset()
    """In which languages the pages of forms can be read aloud here."""
    fault: Fault | None = None
    fault_detail: str = ""
    setup: SetUpShown | None = None
    started_at: float = 0.0

    steady: float = 0.0
    now: int = 0
    open_last: int = 0
    """When the centre was last seen open, as `now`; of a kiosk at the exit only, which outlives the closing by a while."""
    last_touch: float = -1e9
    """Of any touch, counted or not."""
    last_change: float = -1e9
    """Of the screen."""
    last_sign: float = 0.0
    """Last sign of life by the visitor that counts against idleness."""
    order: int = 0
    ordered: bool = False
    """A ticket is being taken; it takes milliseconds, and until then no touch counts."""
    limits: Limits = USUAL_LIMITS

    job: str | None = None
    """The paper for staff that is under way."""
    jobs_done: frozenset[str] = frozenset()
    """Those dealt with that the feed still lists."""
    testing: bool = False
    tested_on: str = ""
    tested_job: str = ""
    test_tried: float = -1e9

    @property
    def out_of_order(self) -> Fault | None:
        """Why no ticket can be taken, whatever the hour; None when all is well."""
        return self.fault or faults.missing(self)

    @property
    def staff_says(self) -> str:
        """For the foot of the out-of-order screen and the health report: what is wrong and what to do, to
        staff.
        """
        fault = self.out_of_order
        return faults.for_staff(fault, self.fault_detail) if fault else ""

    @property
    def personal(self) -> bool:
        """Whether anything of a visitor is there that must go when nobody is."""
        return self.visitor != STRANGER or self.screen in VISITING

    @property
    def idle_after(self) -> float:
        if self.screen is Screen.SCAN:
            return idle_after_scan(self)
        if self.screen is Screen.FORM:
            return idle_after_form(self)
        return self.limits.idle_ticket if self.screen is Screen.TICKET else self.limits.idle

    @property
    def evacuated(self) -> bool:
        """Everyone must leave the building: nothing else shows, no ticket is given."""
        return told.evacuated(self)

    @property
    def locked(self) -> str:
        """What staff say (in English) while they have closed this screen; empty when they have not."""
        return told.locked(self)

    @property
    def at_exit(self) -> bool:
        """This kiosk asks how the visit was, and gives no tickets."""
        return self.offer.device is not None and self.offer.device.exit

    @property
    def announced(self) -> Words | None:
        """What everyone in the centre is told just now, on the first screens."""
        return told.announced(self)

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
        """In the centre's order. Before anything is heard of the centre all there are: whoever stands before a kiosk that has no line must read why."""
        return self.offer.centre.spoken if self.offer.centre else tuple(Language)

    @property
    def choices(self) -> tuple[Tile, ...]:
        """The first choices of the needs screen. One is open when any of its services is."""
        tiles = tuple(
            opening.choice_tile(self, choice, self.offer.within(choice.id)) for choice in self.offer.choices
        )
        booking = self.offer.booking
        own = booking is not None and self.offer.service(booking.entry) is None
        added = tuple(tile for part in PARTS for tile in part.tiles(self))
        return (*added, *tiles, CHECK_IN_TILE) if own else (*added, *tiles)

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
    def checking(self) -> Checking:
        """What a visitor is doing who checks in; an empty one for all others."""
        return self.visitor.checking or Checking()

    @property
    def watching(self) -> bool:
        """Whether the camera is on: only while its picture shows."""
        return self.screen is Screen.CHECK_IN and self.camera is not PartState.NONE and not self.looking

    @property
    def looking(self) -> bool:
        """A reference is being looked for."""
        return bool(self.checking.reference)

    @property
    def plate(self) -> PartState:
        """How the camera over the plate is."""
        return self.station.state

    @property
    def camera_there(self) -> bool:
        return checkin.camera_there(self)

    @property
    def scanner_there(self) -> bool:
        return checkin.scanner_there(self)

    @property
    def asks_paper(self) -> bool:
        """Whether the ticket screen asks 'Did your ticket come out?'."""
        return self.ticket is not None and self.ticket.asks_paper

    @property
    def prints_again(self) -> bool:
        """Whether another paper can follow one that did not come."""
        ticket = self.ticket
        return ticket is not None and ticket.copies < self.limits.copies and faults.paper_can_come(self)

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
    def appointment_line(self) -> Line | None:
        """What the ticket says instead of a wait, to somebody with an appointment."""
        return lines.appointment_line(self)

    @property
    def check_in_hint(self) -> Line | None:
        return lines.check_in_hint(self)

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
