"""What can be asked for, what can happen, and what is wanted done. Every effect and every answer names its `session` and `order`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from forms.form import Form, Place
from forms.rules import Typed
from kiosk.flow.filling.shown import FoundAddress, Receipt, Stroke
from kiosk.flow.marks import FormAct, FormEffect, FormEvent
from wire.vocabulary import HandedIn, Language, PaperState, UseEnd

# What a finger can ask for ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Begin(FormAct):
    """From the first choices."""


@dataclass(frozen=True)
class ChooseForm(FormAct):
    form: str


@dataclass(frozen=True)
class StartForm(FormAct):
    pass


@dataclass(frozen=True)
class Type(FormAct):
    """More at the end of the field that is active."""

    text: str
    quick: ClassVar[bool] = True


@dataclass(frozen=True)
class Delete(FormAct):
    """The last sign; in an empty field, on to the end of the one before."""

    quick: ClassVar[bool] = True


@dataclass(frozen=True)
class Into(FormAct):
    """Type in this field of the page."""

    part: str


@dataclass(frozen=True)
class Choose(FormAct):
    """One of the options: the answer where only one can be given, else on or off."""

    value: str


@dataclass(frozen=True)
class GoOn(FormAct):
    """With what stands on the page."""


@dataclass(frozen=True)
class Skip(FormAct):
    """Leave it empty, where that may be."""


@dataclass(frozen=True)
class TakeMeant(FormAct):
    """Yes, that address was meant."""


@dataclass(frozen=True)
class FindAddress(FormAct):
    pass


@dataclass(frozen=True)
class PickAddress(FormAct):
    number: int


@dataclass(frozen=True)
class TypeAddress(FormAct):
    """It is not in the list."""


@dataclass(frozen=True)
class Sign(FormAct):
    """One line of a signature."""

    stroke: Stroke
    quick: ClassVar[bool] = True


@dataclass(frozen=True)
class SignAgain(FormAct):
    pass


@dataclass(frozen=True)
class TakePhoto(FormAct):
    pass


@dataclass(frozen=True)
class DropPhoto(FormAct):
    name: str


@dataclass(frozen=True)
class AddOne(FormAct):
    pass


@dataclass(frozen=True)
class RemoveOne(FormAct):
    item: int


@dataclass(frozen=True)
class Change(FormAct):
    """An answer, from check-answers."""

    place: Place


@dataclass(frozen=True)
class Send(FormAct):
    """What the visitor came for; also 'try again'."""


@dataclass(frozen=True)
class PrintAgain(FormAct):
    pass


@dataclass(frozen=True)
class WantPerson(FormAct):
    """'I need a person', from anywhere."""


@dataclass(frozen=True)
class TicketInstead(FormAct):
    """A ticket, with the answers so far."""


@dataclass(frozen=True)
class CarryOn(FormAct):
    """On my phone."""


@dataclass(frozen=True)
class ReadAloud(FormAct):
    """Begin, or stop."""


# What happens -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CanSpeak(FormEvent):
    """In which languages texts can be read aloud here."""

    languages: frozenset[Language]


@dataclass(frozen=True)
class Opened(FormEvent):
    """Answers `Open`; None where its text is neither here nor to be had."""

    session: int
    order: int
    form: Form | None


@dataclass(frozen=True)
class AddressesFound(FormEvent):
    """Answers `LookForAddresses`; None where nobody could say."""

    session: int
    order: int
    found: tuple[FoundAddress, ...] | None


@dataclass(frozen=True)
class PhotoTaken(FormEvent):
    """Answers `Photograph`; empty where it could not be taken."""

    session: int
    order: int
    name: str


@dataclass(frozen=True)
class Kept(FormEvent):
    """Answers `Keep`: it is safe, sealed on this machine's disk."""

    session: int
    order: int
    packet: str
    reference: str
    at: int


@dataclass(frozen=True)
class NotKept(FormEvent):
    session: int
    order: int
    why: str
    """`disk`, `seal`, `large` or `fault`."""


@dataclass(frozen=True)
class ReceiptPrinted(FormEvent):
    session: int
    paper: PaperState


@dataclass(frozen=True)
class CarriedOver(FormEvent):
    """Answers `Carry`; an empty address: it could not be."""

    session: int
    order: int
    url: str


@dataclass(frozen=True)
class CarriedOpened(FormEvent):
    """The phone has opened what was carried over."""

    session: int


@dataclass(frozen=True)
class BroughtBack(FormEvent):
    """Answers `FetchCarried`; no form: it could not be opened, or is no longer there."""

    session: int
    order: int
    form: Form | None = None
    version: int = 0
    answers: Mapping[str, Any] = field(default_factory=dict)
    typed: Mapping[str, Any] = field(default_factory=dict)
    """By the place's address (`key`, `group.0.key`)."""
    at: str = ""


@dataclass(frozen=True)
class Spoken(FormEvent):
    """Reading aloud has come to its end."""

    session: int


# What is wanted done ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Open(FormEffect):
    """Read this version's text. Answered by `Opened`."""

    session: int
    order: int
    slug: str
    version: int
    digest: str


@dataclass(frozen=True)
class LookForAddresses(FormEffect):
    session: int
    order: int
    postcode: str


@dataclass(frozen=True)
class Photograph(FormEffect):
    """What lies on the plate, as the file `name`. Answered by `PhotoTaken`."""

    session: int
    order: int
    name: str


@dataclass(frozen=True)
class Begun:
    """Everything of a form that is sealed: to the house, or for the visitor's phone."""

    slug: str
    version: int
    language: Language
    answers: Mapping[str, Any]
    strokes: Mapping[str, tuple[Stroke, ...]]
    files: tuple[str, ...]
    """Those that lie in memory by name: photographs, and what was signed elsewhere."""
    seconds: int
    typed: Mapping[str, Typed] = field(default_factory=dict)
    at: str = ""


@dataclass(frozen=True)
class Keep(FormEffect):
    """Seal it and keep it until the server has it. Answered by `Kept` or `NotKept`, unless it goes with a ticket."""

    session: int
    order: int
    kind: HandedIn
    begun: Begun
    phone: str = ""
    email: str = ""
    case: str = ""
    ticket: str | None = None


@dataclass(frozen=True)
class PrintReceipt(FormEffect):
    session: int
    receipt: Receipt
    language: Language
    slug: str


@dataclass(frozen=True)
class Carry(FormEffect):
    """Seal it for the visitor's own phone. Answered by `CarriedOver`."""

    session: int
    order: int
    begun: Begun
    public_url: str


@dataclass(frozen=True)
class FetchCarried(FormEffect):
    """Bring here what was begun elsewhere. Answered by `BroughtBack`."""

    session: int
    order: int
    secret: str
    public_url: str


@dataclass(frozen=True)
class Speak(FormEffect):
    """Read the page aloud. Answered by `Spoken`."""

    session: int


@dataclass(frozen=True)
class Hush(FormEffect):
    pass


@dataclass(frozen=True)
class TellUse(FormEffect):
    ended: UseEnd
    step: str
    slug: str
    language: Language
    seconds: int
    packet: str = ""
    """What was handed in, if it was: the use has its number, by which the server knows whose visit it was."""


@dataclass(frozen=True)
class Wipe(FormEffect):
    """The visitor has gone: nothing of theirs stays anywhere."""

    session: int
