"""What the flow wants done, as data. The runner does it, in this order, and tells what came of it as an
event.

An effect for a private ticket has the same shape, size and timing as any other: `discreet` travels only in
`TakeTicket`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.flow.found import Appointment
from kiosk.flow.marks import FindEffect, FormEffect, RateEffect, ScanEffect
from kiosk.flow.offer import Waits
from wire.vocabulary import Language, PaperState


@dataclass(frozen=True)
class TakeTicket:
    """Take the next code and write the visit to the journal, in one transaction. Answered by `Taken` or
    `Faulted`.
    """

    order: int
    """Rises with each ticket ordered; an answer to an earlier order is not this visitor's."""
    service: str
    language: Language
    discreet: bool
    waits: Waits
    reference: str = ""
    """Of the appointment it is for. Kept in the journal until the server has it."""
    arrival: str = ""
    """The hash this kiosk knows it by; kept for the day, so that it is not checked in twice."""
    appointment: Appointment | None = None


@dataclass(frozen=True)
class LookUp:
    """Find out what is known of a reference: among today's, and else from the server. Answered by `LookedUp`."""

    order: int
    reference: str


@dataclass(frozen=True)
class Print:
    """Draw the ticket and print it. The journal notes `sent` before the first byte goes. Answered by
    `Printed`.
    """

    ticket: str
    code: str
    language: Language
    taken_at: int
    follow_url: str
    copy: bool
    appointment: Appointment | None = None


@dataclass(frozen=True)
class NotePaper:
    """Write down what is known of a ticket's paper, and tell the server."""

    ticket: str
    paper: PaperState
    copies: int


@dataclass(frozen=True)
class CallPerson:
    """Ask for a person to come to this kiosk."""

    language: Language


@dataclass(frozen=True)
class Forget:
    """The visitor has gone: nothing personal may stay on screen, in memory or (once handed over) in the
    journal.
    """

    ticket: str | None


class Tone(StrEnum):
    TOUCH = "touch"
    TICKET = "ticket"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True)
class Sound:
    tone: Tone


@dataclass(frozen=True)
class PrintJob:
    """Print a ticket that staff sent to this printer, or a test print. The journal knows of it before the
    first byte goes, so that no job is ever printed twice. Answered by `JobEnded`.
    """

    job: str
    test: bool
    code: str
    language: Language
    taken_at: int
    copy: bool


@dataclass(frozen=True)
class RefuseJob:
    """Tell staff at once that nothing can come out here. Answered by `JobEnded`."""

    job: str


@dataclass(frozen=True)
class BeginTest:
    """Look at every part of this kiosk and tell the server. Answered by `SelfTested`."""

    job: str | None
    """Of whoever asked; None at opening."""
    on: str
    """The local day (ISO) whose opening this is the test of; empty when it is not."""


Effect = (
    TakeTicket
    | LookUp
    | Print
    | NotePaper
    | CallPerson
    | Forget
    | Sound
    | PrintJob
    | RefuseJob
    | BeginTest
    | RateEffect
    | ScanEffect
    | FormEffect
    | FindEffect
)
