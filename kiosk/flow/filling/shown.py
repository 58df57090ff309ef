"""What the screens show of a form, as one frozen value in `Visitor.filling`; None while nobody is at it.

All that the visitor has typed is here and nowhere else, so forgetting them is dropping it. Photographs are names; what stands behind a name lies in the
memory of `kiosk.filling`, by `session`. Each visitor is a session of their own, and whatever is answered late names the session it was asked in.

The form is the one it was begun with, whatever the feed says later: a question that changes under a visitor's hands is worse than an old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from forms.form import Form, Group, Notice, Place, Question, Step, step_at
from forms.rules import Typed, Wrong
from wire.vocabulary import PaperState

Stroke = tuple[tuple[float, float], ...]
"""Points of one line of a signature, as parts of the field's width and height from its upper left."""

SIGNATURE = (900, 300)
"""The field one signs in, as it is sent: columns and rows of its picture."""


class At(StrEnum):
    """The pages of the journey. The words are also told as where a use ended (`Use.step`)."""

    LIST = "list"
    OPENING = "opening"
    """Its text is being read."""
    NOT_OPENED = "not_opened"
    START = "start"
    PAGE = "page"
    """A page of the form: `Filling.place`."""
    CHECK = "check"
    SENDING = "sending"
    FAILED = "failed"
    """Could not be kept; the answers are still here."""
    SENT = "sent"
    PERSON = "person"
    CARRY = "carry"
    """Carry on on my phone."""


class Address(StrEnum):
    """Where a question for an address is."""

    POSTCODE = "postcode"
    LOOKING = "looking"
    LIST = "list"
    TYPING = "typing"


@dataclass(frozen=True)
class FoundAddress:
    lines: tuple[str, ...]
    postcode: str
    uprn: str = ""


@dataclass(frozen=True)
class Carried:
    """How far "carry on on my phone" is."""

    url: str = ""
    """What the square holds; empty while it is being sealed and handed over."""
    failed: bool = False
    opened: bool = False
    """The phone has it."""


@dataclass(frozen=True)
class Receipt:
    """Proof that it was sent. The reference is made here, so it holds without a line."""

    packet: str
    reference: str
    at: int
    """Milliseconds since 1970."""
    paper: PaperState = PaperState.NOT_PRINTED
    copies: int = 0
    received: bool = False
    """The server has it."""


@dataclass(frozen=True)
class Filling:
    session: int = 0
    begun: float = 0.0
    at: At = At.LIST
    back_to: At | None = None
    """From a page that is entered from several."""
    slug: str = ""
    version: int = 0
    form: Form | None = None
    place: Place | None = None
    changing: bool = False
    """From check-answers, to which it goes back."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    typed: Typed = ""
    """What stands on the page now."""
    part: str = ""
    """The field that what is typed goes to, where a page has several."""
    drafts: Mapping[Place, Typed] = field(default_factory=dict)
    """What stands on pages that were left without going on."""
    wrong: Wrong | None = None
    wrong_at: int = 0
    """Counts what was refused, so that the same sentence twice is seen anew."""
    address: Address = Address.POSTCODE
    found: tuple[FoundAddress, ...] = ()
    searched: bool = False
    """No address was found for what was typed last."""
    meant: str = ""
    """An address that was probably meant."""
    strokes: Mapping[str, tuple[Stroke, ...]] = field(default_factory=dict)
    """Signatures, by file name."""
    files: int = 0
    """How many names were given to files."""
    working: int = 0
    """The order whose answer is awaited; 0: none."""
    since: float = 0.0
    failed: str = ""
    """Why it could not be kept: `fill.failed_<word>`."""
    carried: Carried = field(default_factory=Carried)
    speaking: bool = False
    receipt: Receipt | None = None

    @property
    def step(self) -> Step | None:
        return step_at(self.form, self.place) if self.form and self.place and self.at is At.PAGE else None

    @property
    def question(self) -> Question | None:
        return self.step if isinstance(self.step, Question) else None

    @property
    def group(self) -> Group | None:
        return self.step if isinstance(self.step, Group) else None

    @property
    def notice(self) -> Notice | None:
        return self.step if isinstance(self.step, Notice) else None

    @property
    def sent(self) -> bool:
        return self.receipt is not None

    def value(self, part: str = "") -> str:
        """What stands in a field of the page."""
        if isinstance(self.typed, dict):
            return self.typed.get(part, "")
        return self.typed if isinstance(self.typed, str) else ""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The options chosen, or the photographs taken, on the page."""
        return tuple(self.typed) if isinstance(self.typed, list) else ()

    @property
    def signature(self) -> tuple[Stroke, ...]:
        return self.strokes.get(self.value(), ())
