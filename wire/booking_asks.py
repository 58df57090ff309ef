"""What staff ask about appointments, and what a kiosk asks when somebody says they have one. Re-exported by `wire.asks`.

Instants are milliseconds since 1970 in UTC. What visitors do on the web is no ask: they have no credential, and their form is their own.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from wire.body import MOST_COUNTED, Body, Code, Hash, Id, Note, Reason, Slug, Wants, clean_text
from wire.vocabulary import Language, Need, PaperState

At = Annotated[int, Field(ge=0, le=MOST_COUNTED)]
PersonName = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_text)]
"""A name in any script. Empty where the service does not ask for one."""
Contact = Annotated[str, StringConstraints(max_length=254), AfterValidator(clean_text)]
"""A telephone number or an e-mail address as it was typed; `server.domain.contact` judges it."""
Answer = Annotated[str, StringConstraints(max_length=300), AfterValidator(clean_text)]


class Book(Body):
    """Book a visitor in, at a counter or on the telephone.

    `person` and `room` are bookables' numbers where somebody or some room is wanted; otherwise whoever is free is taken. `interpreter` is
    a language's code or `sign_language`. `over` books beyond what is offered (a full day, outside the pattern), never beyond what exists:
    no person and no room twice. It needs a manager or greeter, and the reason in `note`.
    """

    do: Literal["book"] = "book"
    booking: Id
    service: Slug
    starts_at: At
    name: PersonName = ""
    phone: Contact = ""
    email: Contact = ""
    safe_to_text: bool = False
    language: Language = Language.EN
    needs: tuple[Need, ...] = Field(default=(), max_length=8, fail_fast=True)
    interpreter: Wants | None = None
    people: int = Field(default=1, ge=1, le=20)
    answers: dict[Slug, Answer] = Field(default_factory=dict, max_length=12)
    note: Note = ""
    person: int | None = None
    room: int | None = None
    over: bool = False


class AmendBooking(Body):
    """Correct what is known of whom it is for. What is not named stays."""

    do: Literal["amend_booking"] = "amend_booking"
    booking: Id
    name: PersonName | None = None
    phone: Contact | None = None
    email: Contact | None = None
    safe_to_text: bool | None = None
    language: Language | None = None
    needs: tuple[Need, ...] | None = Field(default=None, max_length=8)
    people: int | None = Field(default=None, ge=1, le=20)
    note: Note | None = None


class MoveBooking(Body):
    """To another time, person or room. `tell` sends the visitor the new time."""

    do: Literal["move_booking"] = "move_booking"
    booking: Id
    starts_at: At
    person: int | None = None
    room: int | None = None
    over: bool = False
    reason: Reason
    tell: bool = True


class CancelBooking(Body):
    do: Literal["cancel_booking"] = "cancel_booking"
    booking: Id
    reason: Reason
    tell: bool = True


class MarkBooking(Body):
    """`late`: they rang, expected `late_minutes` after their time and kept for them; `missed`: they did not come; `expected`: as any other."""

    do: Literal["mark_booking"] = "mark_booking"
    booking: Id
    mark: Literal["late", "missed", "expected"]
    late_minutes: int = Field(default=0, ge=0, le=240)


class ArriveBooking(Body):
    """Staff check a visitor in: they are here. The house gives the code."""

    do: Literal["arrive_booking"] = "arrive_booking"
    booking: Id
    visit: Id
    ticket: Id


class ServeBooking(Body):
    """Call this checked-in visitor to the caller's counter now, before others: they have an appointment for what is served there."""

    do: Literal["serve_booking"] = "serve_booking"
    booking: Id


class BlockTime(Body):
    """No appointments from one instant until another: for one bookable, for one service, or (neither) at the whole centre."""

    do: Literal["block_time"] = "block_time"
    block: Id
    bookable: int | None = None
    service: Slug | None = None
    starts_at: At
    ends_at: At
    reason: Reason


class UnblockTime(Body):
    do: Literal["unblock_time"] = "unblock_time"
    block: Id


class LookUpBooking(Body):
    """A kiosk asks what to tell somebody whose reference is not among today's. Changes nothing; the answer names nobody."""

    do: Literal["look_up_booking"] = "look_up_booking"
    reference: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{8}$")]


class CheckIn(Body):
    """Hand over a ticket that a kiosk has given to somebody with an appointment, as `Issue` does for somebody without.

    The kiosk has told them apart by today's hashes if it could; the house decides by the reference. If it finds none, the visitor stands in the
    line of the service `otherwise`, and staff are asked to find their appointment: they hold a paper, so they are never turned away here.
    """

    retold: ClassVar[frozenset[str]] = frozenset({"age_ms", "paper"})

    do: Literal["check_in"] = "check_in"
    visit: Id
    ticket: Id
    code: Code
    reference: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{8}$")]
    otherwise: Slug
    language: Language = Language.EN
    age_ms: int = Field(default=0, ge=0, le=30 * 24 * 3600 * 1000)
    follow_hash: Hash
    paper: PaperState = PaperState.RESERVED
