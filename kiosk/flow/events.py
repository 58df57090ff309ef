"""What can happen to a kiosk. The screens send `Touched`, the runner everything else.

Steady times (`at`, `steady`) are seconds of a clock that never jumps; `now` is milliseconds since 1970 as
the server would say it, corrected by the runner, so no rule here ever trusts the kiosk's own calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kiosk.flow.found import Appointment, Found
from kiosk.flow.marks import FindAct, FindEvent, FormAct, FormEvent, RateAct, ScanAct, ScanEvent
from kiosk.flow.offer import Row, Waits
from wire.vocabulary import Language, PaperState, PartState, PrinterState

# What a finger can ask for ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ChooseLanguage:
    """A language on the start screen (English too): goes on to the needs. On the closed screen it only
    changes the words.
    """

    language: Language


@dataclass(frozen=True)
class ChooseNeed:
    """A first choice. With one service it takes the ticket at once."""

    choice: str


@dataclass(frozen=True)
class ChooseService:
    """A service of the chosen need. On the private form of the screen use the id that stands in its one
    tile.
    """

    service: str


@dataclass(frozen=True)
class GoBack:
    pass


@dataclass(frozen=True)
class StartAgain:
    pass


@dataclass(frozen=True)
class HideNow:
    """At once back to the start screen and everything personal gone, without asking."""


@dataclass(frozen=True)
class AskHelp:
    pass


@dataclass(frozen=True)
class CloseHelp:
    """Put the help panel away. The request itself stays with the staff."""


@dataclass(frozen=True)
class TalkInPrivate:
    pass


@dataclass(frozen=True)
class LargerText:
    """Switches over, for this visitor."""


@dataclass(frozen=True)
class HighContrast:
    """Switches over, for this visitor."""


@dataclass(frozen=True)
class ReachDown:
    """Everything touchable in the lower part, or back; for this visitor."""


@dataclass(frozen=True)
class MoreTime:
    pass


@dataclass(frozen=True)
class PaperCameOut:
    """The answer to 'Did your ticket come out?'."""

    yes: bool


@dataclass(frozen=True)
class WithoutPaper:
    """'I do not need the paper', to the same question."""


@dataclass(frozen=True)
class TypeReference:
    """'Type your reference', instead of holding a code up."""


@dataclass(frozen=True)
class TypeSign:
    sign: str


@dataclass(frozen=True)
class DeleteSign:
    """Takes the last sign back."""


@dataclass(frozen=True)
class WithoutReference:
    """'I do not have it', and, after what was told, 'a ticket to speak to somebody'."""


@dataclass(frozen=True)
class TryAgain:
    """Another code, after one that was not found."""


@dataclass(frozen=True)
class Done:
    """The visitor has what they came for."""


Action = (
    ChooseLanguage
    | ChooseNeed
    | ChooseService
    | GoBack
    | StartAgain
    | HideNow
    | AskHelp
    | CloseHelp
    | TalkInPrivate
    | LargerText
    | HighContrast
    | ReachDown
    | MoreTime
    | PaperCameOut
    | WithoutPaper
    | TypeReference
    | TypeSign
    | DeleteSign
    | WithoutReference
    | TryAgain
    | Done
    | ScanAct
    | FormAct
    | RateAct
    | FindAct
)

# What happens -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Touched:
    """A finger on a button. `generation` is the `Model.generation` the button was drawn from: a tap meant
    for an earlier screen is dropped. `at` is when the finger touched, by `time.monotonic()`.
    """

    action: Action
    generation: int
    at: float


@dataclass(frozen=True)
class Started:
    """The kiosk is up, with what its journal remembers. `device` is None when it is not set up yet."""

    at: float
    now: int
    device: str | None
    rows: Mapping[str, Row]
    tested_on: str = ""
    """The local day (ISO) for which it last tested itself at opening."""


@dataclass(frozen=True)
class PaperInDoubt:
    """Found at start: a recent ticket was on its way to the printer when the kiosk stopped."""

    ticket: str
    code: str
    language: Language
    taken_at: int
    follow_url: str
    paper: PaperState
    """RESERVED: not a byte had gone, so it is printed now. Otherwise the visitor is asked."""
    copies: int
    appointment: Appointment | None = None


@dataclass(frozen=True)
class SettingUp:
    """Not set up: the code an administrator must approve, or None while no server answers. `revoked`: it
    was, and no more is.
    """

    code: str | None
    revoked: bool = False


@dataclass(frozen=True)
class SetUp:
    """Approved: from now on this is `device`."""

    device: str


@dataclass(frozen=True)
class FeedChanged:
    """All rows as they now are, from a live feed."""

    rows: Mapping[str, Row]


@dataclass(frozen=True)
class LinkChanged:
    up: bool
    say: str = ""
    """Why it is not up, for staff, where that is more than a network that is away."""


@dataclass(frozen=True)
class PrinterChanged:
    status: PrinterState


@dataclass(frozen=True)
class Taken:
    """The journal holds the ticket: it is given out. Answers `TakeTicket`, by its `order`."""

    order: int
    ticket: str
    code: str
    language: Language
    taken_at: int
    follow_url: str
    waits: Waits
    appointment: Appointment | None = None


@dataclass(frozen=True)
class Scanned:
    """A code was held before the camera or the scanner. `text` is None where there is one and it cannot be read."""

    text: str | None
    at: float


@dataclass(frozen=True)
class LookedUp:
    """Answers `LookUp`, by its `order`. `arrival` is the hash the reference is known by here."""

    order: int
    found: Found
    arrival: str = ""


@dataclass(frozen=True)
class SensesChanged:
    """How the camera and the scanner are."""

    camera: PartState
    scanner: PartState


@dataclass(frozen=True)
class Printed:
    """What became of a ticket's paper (of its copy, when one was asked for)."""

    ticket: str
    paper: PaperState


@dataclass(frozen=True)
class Received:
    """The server has this packet, by its id: what a visitor handed in, perhaps long ago."""

    packet: str


@dataclass(frozen=True)
class JobEnded:
    """A paper that staff wanted is dealt with. Not `done`: nobody could write down that it was begun, so
    it may be tried again.
    """

    job: str
    done: bool


@dataclass(frozen=True)
class SelfTested:
    """Answers `BeginTest`. `told`: the server has the findings."""

    job: str | None
    on: str
    told: bool


class Fault(StrEnum):
    """Why the kiosk cannot serve. The sentence for staff is in `faults.for_staff`."""

    JOURNAL_FULL = "journal_full"
    JOURNAL_BROKEN = "journal_broken"
    NO_OFFER = "no_offer"
    NO_LETTER = "no_letter"
    BROKEN = "broken"
    COPIED = "copied"


@dataclass(frozen=True)
class Faulted:
    """The kiosk cannot take tickets just now. A `TakeTicket` under way has failed."""

    fault: Fault
    detail: str = ""
    """For staff and the log; never shown to a visitor."""


@dataclass(frozen=True)
class Mended:
    """What faulted works again."""


@dataclass(frozen=True)
class Tick:
    steady: float
    now: int


Event = (
    Touched
    | Started
    | PaperInDoubt
    | SettingUp
    | SetUp
    | FeedChanged
    | LinkChanged
    | PrinterChanged
    | Taken
    | Scanned
    | LookedUp
    | SensesChanged
    | Printed
    | Received
    | JobEnded
    | SelfTested
    | Faulted
    | Mended
    | Tick
    | ScanEvent
    | FormEvent
    | FindEvent
)
