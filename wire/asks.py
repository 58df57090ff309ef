"""What may be asked over a socket or a form, tagged by `do`.

Each class is one command with what the one asking must know; who may ask it stands in `server.access`, what it does in
`server.actions`. Free text is cleaned here, once, for every way in: control characters and direction overrides (which can
make a note read as something else) are taken out, and length is bounded.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from wire.vocabulary import (
    Avoidable,
    BreakReason,
    Language,
    Need,
    Outcome,
    PaperState,
    PrinterState,
)

NOTE_CHARACTERS = 500
MOST_COUNTED = 10**15
"""Beyond every count of entries and, in milliseconds, every calendar; what is larger is nonsense and could not be reckoned with."""
_OVERRIDES = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def clean_text(text: str) -> str:
    """`text` without control characters and direction overrides, white space folded, NFC."""
    kept = (
        " " if character in "\n\r\t" else character
        for character in unicodedata.normalize("NFC", text)
        if character in "\n\r\t" or (unicodedata.category(character)[0] != "C" or character in "\u200c\u200d")
    )
    return " ".join("".join(character for character in kept if character not in _OVERRIDES).split())


Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""A name given in the centre's file: small letters, digits, hyphens."""
Code = Annotated[str, StringConstraints(pattern=r"^[ABCDEFGHJKLMNPRTUVWXY](0[1-9]|[1-9][0-9]{1,4})$")]
"""A ticket's code as `codes.write_code` writes it: one spelling a number, so that K07 and K007 cannot both be called."""
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Note = Annotated[str, StringConstraints(max_length=NOTE_CHARACTERS), AfterValidator(clean_text)]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    retold: ClassVar[frozenset[str]] = frozenset()
    """Fields told as of the moment of asking. Asked again they may differ, and it is still the same command."""

    def fingerprint(self) -> str:
        """What must be equal for an id asked twice to be one command: a hash of the body without what is `retold`."""
        told = self.model_dump_json(exclude=set(self.retold))
        return hashlib.sha256(told.encode()).hexdigest()[:32]


# Devices -------------------------------------------------------------------------------------------------------


class Issue(Body):
    """Hand over a ticket that an issuing point has already given out.

    The point numbers by itself (it owns its letter), so this cannot fail for want of a number. `age_ms` is how long
    ago the visitor took the ticket, by the point's steady clock where it still runs, so that the arrival time is right though the
    point's calendar be years off. `follow_hash` is the SHA-256 of the secret in the ticket's QR.
    """

    retold: ClassVar[frozenset[str]] = frozenset({"age_ms", "paper"})

    do: Literal["issue"] = "issue"
    visit: Id
    ticket: Id
    code: Code
    service: Slug
    language: Language = Language.EN
    needs: tuple[Need, ...] = Field(default=(), max_length=8, fail_fast=True)
    discreet: bool = False
    age_ms: int = Field(default=0, ge=0, le=30 * 24 * 3600 * 1000)
    follow_hash: Hash
    paper: PaperState = PaperState.RESERVED


class Paper(Body):
    """What became of a ticket's paper, when it is known later than the hand-over. `copies` counts second papers."""

    do: Literal["paper"] = "paper"
    ticket: Id
    paper: PaperState
    copies: int = Field(default=0, ge=0, le=99)


class Help(Body):
    """Someone at this device wants a person. Asked again while open, it stays one request."""

    do: Literal["help"] = "help"
    request: Id
    language: Language = Language.EN


class Health(Body):
    """How a device is. Sent on change and every minute; not answered with anything but an empty result."""

    do: Literal["health"] = "health"
    app: str = Field(default="", max_length=40)
    printer: PrinterState = PrinterState.NONE
    held: int = Field(default=0, ge=0, le=MOST_COUNTED)
    """Journal entries not yet handed over."""
    set_aside: int = Field(default=0, ge=0, le=MOST_COUNTED)
    out_of_order: Note = ""
    """Why the device cannot serve visitors, in words for staff; empty when it can."""
    clock_off_ms: int = Field(default=0, ge=-MOST_COUNTED, le=MOST_COUNTED)
    sound: bool = True


class SetAside(Body):
    """A journal entry the server would not take; told to staff because a visitor may hold its paper."""

    do: Literal["set_aside"] = "set_aside"
    entry: Id
    code: Annotated[str, StringConstraints(max_length=8), AfterValidator(clean_text)] = ""
    service: Annotated[str, StringConstraints(max_length=40), AfterValidator(clean_text)] = ""
    why: Note


# Phone ---------------------------------------------------------------------------------------------------------


class Leave(Body):
    """The visitor gives up the place. The socket's own visit is meant; none is named."""

    do: Literal["leave"] = "leave"


# Staff ---------------------------------------------------------------------------------------------------------


class SitDown(Body):
    """Open a counter: who is asking serves these services there until getting up."""

    do: Literal["sit_down"] = "sit_down"
    counter: Slug
    services: tuple[Slug, ...] = Field(min_length=1, max_length=100, fail_fast=True)


class GetUp(Body):
    do: Literal["get_up"] = "get_up"


class TakeBreak(Body):
    do: Literal["take_break"] = "take_break"
    reason: BreakReason


class EndBreak(Body):
    do: Literal["end_break"] = "end_break"


class CallNext(Body):
    do: Literal["call_next"] = "call_next"


class CallTicket(Body):
    """Call this one out of turn; a right of its own."""

    do: Literal["call_ticket"] = "call_ticket"
    ticket: Id


class Recall(Body):
    do: Literal["recall"] = "recall"
    ticket: Id


class Arrive(Body):
    do: Literal["arrive"] = "arrive"
    ticket: Id


class NoShow(Body):
    do: Literal["no_show"] = "no_show"
    ticket: Id


class Park(Body):
    do: Literal["park"] = "park"
    ticket: Id
    note: Note = ""


class Unpark(Body):
    do: Literal["unpark"] = "unpark"
    ticket: Id


class Transfer(Body):
    """Pass on to another service, and if named to one counter; code and arrival time are kept."""

    do: Literal["transfer"] = "transfer"
    ticket: Id
    service: Slug | None = None
    """None keeps the service."""
    counter: Slug | None = None
    note: Note = ""


class Finish(Body):
    do: Literal["finish"] = "finish"
    ticket: Id
    outcome: Outcome
    avoidable: Avoidable | None = None


class Cancel(Body):
    """The visitor has left without being served, by what staff saw."""

    do: Literal["cancel"] = "cancel"
    ticket: Id


class Undo(Body):
    """Take back the last step of this ticket, as long as it is the counter's own and the next has not begun."""

    do: Literal["undo"] = "undo"
    ticket: Id


class AddNote(Body):
    do: Literal["add_note"] = "add_note"
    ticket: Id
    note: Annotated[
        str, StringConstraints(min_length=1, max_length=NOTE_CHARACTERS), AfterValidator(clean_text)
    ]


class TakeAttention(Body):
    """I will see to it: a help request or a set-aside entry."""

    do: Literal["take_attention"] = "take_attention"
    request: Id


class DoneAttention(Body):
    do: Literal["done_attention"] = "done_attention"
    request: Id


DeviceAsk = Issue | Paper | Help | Health | SetAside
PhoneAsk = Leave
StaffAsk = (
    SitDown
    | GetUp
    | TakeBreak
    | EndBreak
    | CallNext
    | CallTicket
    | Recall
    | Arrive
    | NoShow
    | Park
    | Unpark
    | Transfer
    | Finish
    | Cancel
    | Undo
    | AddNote
    | TakeAttention
    | DoneAttention
)
AnyAsk = DeviceAsk | PhoneAsk | StaffAsk
AskBody = Annotated[AnyAsk, Field(discriminator="do")]
