"""What can be asked for, what can happen, and what is wanted done. Every effect and every answer names its `session` and `order`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.flow.marks import ScanAct, ScanEffect, ScanEvent
from kiosk.flow.scanning.shown import Corners, Hint, Page, Receipt
from wire.vocabulary import Language, PaperKind, PaperState, PartState, UseEnd

# What a finger can ask for ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Begin(ScanAct):
    """From the first choices."""


@dataclass(frozen=True)
class ChoosePurpose(ScanAct):
    purpose: str


@dataclass(frozen=True)
class Type(ScanAct):
    sign: str
    quick: ClassVar[bool] = True


@dataclass(frozen=True)
class Erase(ScanAct):
    """Takes the last sign back."""

    quick: ClassVar[bool] = True


@dataclass(frozen=True)
class GoOn(ScanAct):
    """The one way on from where it is: with what was typed, to the plate, to what was done."""


@dataclass(frozen=True)
class Without(ScanAct):
    """'I do not have one', 'No, thank you'."""


@dataclass(frozen=True)
class TakeMeant(ScanAct):
    """Yes, that address was meant."""


@dataclass(frozen=True)
class ShowKeys(ScanAct):
    """A small panel has no room for the keys and all there is to say: the field was touched."""


@dataclass(frozen=True)
class TakePicture(ScanAct):
    """Now, as it lies there."""


@dataclass(frozen=True)
class NextPaper(ScanAct):
    """The next page begins a new paper; again: it does not."""


@dataclass(frozen=True)
class AllDone(ScanAct):
    """No more pages."""


@dataclass(frozen=True)
class ShowPage(ScanAct):
    page: str


@dataclass(frozen=True)
class TurnPage(ScanAct):
    """A quarter clockwise."""


@dataclass(frozen=True)
class Retake(ScanAct):
    pass


@dataclass(frozen=True)
class DeletePage(ScanAct):
    pass


@dataclass(frozen=True)
class ChangeCorners(ScanAct):
    pass


@dataclass(frozen=True)
class MoveCorners(ScanAct):
    """Where they are now; the picture is cut anew."""

    corners: Corners


@dataclass(frozen=True)
class BeginsPaper(ScanAct):
    """This page begins a paper, or goes on with the one before."""


@dataclass(frozen=True)
class ChooseKind(ScanAct):
    pass


@dataclass(frozen=True)
class IsKind(ScanAct):
    kind: PaperKind


@dataclass(frozen=True)
class AddPages(ScanAct):
    pass


@dataclass(frozen=True)
class SwitchColour(ScanAct):
    """Colour, or black and white."""


@dataclass(frozen=True)
class AskReceipt(ScanAct):
    """By text or e-mail as well."""


@dataclass(frozen=True)
class ByText(ScanAct):
    pass


@dataclass(frozen=True)
class ByEmail(ScanAct):
    pass


@dataclass(frozen=True)
class Send(ScanAct):
    """What the visitor came for; also 'try again'."""


@dataclass(frozen=True)
class PrintAgain(ScanAct):
    pass


@dataclass(frozen=True)
class WantPerson(ScanAct):
    """'I need a person', from anywhere."""


@dataclass(frozen=True)
class TicketInstead(ScanAct):
    """A ticket, with the pages so far."""


# What happens -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlateIs(ScanEvent):
    """How the camera over the plate is; told at start and whenever it changes."""

    state: PartState
    trouble: Hint | None = None
    live: bool = True
    feeds: bool = False
    first: bool = False


@dataclass(frozen=True)
class Saw(ScanEvent):
    """What lies on the plate, told when it changes. `session` 0: while nobody is at it."""

    session: int
    at: float
    hint: Hint
    outlined: bool = False
    ready: bool = False
    """Still, sharp, without glare, and not taken yet."""
    lies: bool = False
    fresh: bool = False


@dataclass(frozen=True)
class Shot:
    """A page as the station has it."""

    id: str
    wide: int
    high: int
    corners: Corners = ()


@dataclass(frozen=True)
class Captured(ScanEvent):
    """Answers `Capture`. Without pages: `why` says what to tell."""

    session: int
    order: int
    pages: tuple[Shot, ...] = ()
    why: Hint = Hint.NOT_TAKEN
    at: float = 0.0
    more: bool = False
    """Another sheet lies in the feeder."""


@dataclass(frozen=True)
class Reworked(ScanEvent):
    """Answers `Rework` and `Recolour`: these pages look otherwise now."""

    session: int
    order: int
    pages: tuple[Shot, ...] = ()


@dataclass(frozen=True)
class Kept(ScanEvent):
    """Answers `Keep`: it is safe, sealed on this machine's disk."""

    session: int
    order: int
    packet: str
    reference: str
    at: int


@dataclass(frozen=True)
class NotKept(ScanEvent):
    session: int
    order: int
    why: str
    """`disk`, `seal`, `large` or `fault`."""


@dataclass(frozen=True)
class ReceiptPrinted(ScanEvent):
    session: int
    reference: str
    paper: PaperState


# What is wanted done ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Capture(ScanEffect):
    """Take what lies there. Answered by `Captured`."""

    session: int
    order: int
    replaces: str
    colour: bool


@dataclass(frozen=True)
class Rework(ScanEffect):
    session: int
    order: int
    page: str
    turn: int = 0
    corners: Corners = ()


@dataclass(frozen=True)
class Recolour(ScanEffect):
    session: int
    order: int
    colour: bool


@dataclass(frozen=True)
class Drop(ScanEffect):
    """Let go of these pages."""

    session: int
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Keep(ScanEffect):
    """Seal it and keep it until the server has it. Answered by `Kept` or `NotKept`, unless it goes with a ticket."""

    session: int
    order: int
    purpose: str
    language: Language
    papers: tuple[tuple[Page, ...], ...]
    case: str = ""
    follow: str = ""
    phone: str = ""
    email: str = ""
    seconds: int = 0
    retakes: int = 0
    ticket: str | None = None
    """Begun, by somebody who then wanted a person."""


@dataclass(frozen=True)
class PrintReceipt(ScanEffect):
    session: int
    receipt: Receipt
    language: Language
    purpose: str


@dataclass(frozen=True)
class TellUse(ScanEffect):
    ended: UseEnd
    step: str
    purpose: str
    language: Language
    seconds: int
    pages: int
    retakes: int
    packet: str = ""
    """What was handed in, if it was: the use has its number, by which the server knows whose visit it was."""


@dataclass(frozen=True)
class Wipe(ScanEffect):
    """The visitor has gone: no page of theirs stays anywhere."""

    session: int
