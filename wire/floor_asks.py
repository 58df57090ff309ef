"""What staff ask on the floor: welcoming, counting, watching, telling everyone. Re-exported by `wire.asks`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from wire.body import AgeMs, Body, Code, Id, Note, Reason, Reference, Slug, Subject, Wants, clean_text
from wire.vocabulary import Activity, Avoidable, Language, Need, TicketClass


class Welcome(Body):
    """Enter a visitor by hand. The house gives the code, unless they hold a paper ticket of the emergency pack (`code`).

    `age_ms` is how long ago they came. `apart` names a case whose visitors must not meet. `quick` lets them go between long visits.
    """

    retold: ClassVar[frozenset[str]] = frozenset({"age_ms"})

    do: Literal["welcome"] = "welcome"
    visit: Id
    ticket: Id
    service: Slug
    language: Language = Language.EN
    needs: tuple[Need, ...] = Field(default=(), max_length=8, fail_fast=True)
    people: int = Field(default=1, ge=1, le=20)
    wants: Wants | None = None
    discreet: bool = False
    quick: bool = False
    note: Note = ""
    apart: Reference = ""
    code: Code | None = None
    age_ms: AgeMs = 0


class AddNeed(Body):
    """A second need of the same visit: its own ticket, same code and arrival time, served in turn. `ticket` is any of the visit's."""

    do: Literal["add_need"] = "add_need"
    ticket: Id
    new: Id
    service: Slug
    note: Note = ""


class GoOn(Body):
    """Serve the next need of the visitor who is still at this counter, at once and without a call."""

    do: Literal["go_on"] = "go_on"
    ticket: Id


class Amend(Body):
    """Correct what is known of a visit. What is not named stays; `wants` "none" takes the wish back."""

    do: Literal["amend"] = "amend"
    ticket: Id
    language: Language | None = None
    needs: tuple[Need, ...] | None = Field(default=None, max_length=8)
    people: int | None = Field(default=None, ge=1, le=20)
    wants: Wants | Literal["none"] | None = None
    quick: bool | None = None


class Prioritise(Body):
    """Change how fast one waiting ticket gains priority, with the reason."""

    do: Literal["prioritise"] = "prioritise"
    ticket: Id
    ticket_class: Literal[TicketClass.ORDINARY, TicketClass.SOON, TicketClass.URGENT]
    reason: Reason


class Merge(Body):
    """One person took two tickets: `ticket`'s visit becomes part of that of `into`, and is not counted as another visitor."""

    do: Literal["merge"] = "merge"
    ticket: Id
    into: Id


class Withdraw(Body):
    """Entered by mistake: nobody stands behind this waiting ticket. It is not counted."""

    do: Literal["withdraw"] = "withdraw"
    ticket: Id


class MakeDiscreet(Body):
    """From now on call this visit by walking up only, and show its need to those with the right; or, `discreet` False, as any other."""

    do: Literal["make_discreet"] = "make_discreet"
    ticket: Id
    discreet: bool = True


class KeepApart(Body):
    """Do not bring this visit together with others of the same reference; empty takes it back."""

    do: Literal["keep_apart"] = "keep_apart"
    ticket: Id
    reference: Reference = ""


class SafeRoom(Body):
    """A safe room is wanted now, for this ticket's visitor or for somebody at `where`."""

    do: Literal["safe_room"] = "safe_room"
    request: Id
    ticket: Id | None = None
    where: Note = ""


class Alarm(Body):
    """A member of staff needs help now. Silent: told to all staff screens of the centre, with where."""

    do: Literal["alarm"] = "alarm"
    request: Id
    where: Note = ""
    """Empty: the counter where who asks sits."""


class TakeConcern(Body):
    """I will see to something the house noticed by itself."""

    do: Literal["take_concern"] = "take_concern"
    subject: Subject


class DoneConcern(Body):
    do: Literal["done_concern"] = "done_concern"
    subject: Subject


class Count(Body):
    """One visitor did this, without a ticket. `tally` is made where the finger touched, so it is counted once.

    With `ticket` it is known who: it is then an activity of that visit, each kind once.
    """

    retold: ClassVar[frozenset[str]] = frozenset({"age_ms"})

    do: Literal["count"] = "count"
    tally: Id
    activity: Activity
    ticket: Id | None = None
    age_ms: AgeMs = 0


class DoorHelp(Body):
    """Helped on the spot: what about, whether solved, and why it could have been avoided if it could."""

    retold: ClassVar[frozenset[str]] = frozenset({"age_ms"})

    do: Literal["door_help"] = "door_help"
    tally: Id
    service: Slug | None = None
    solved: bool
    avoidable: Avoidable | None = None
    age_ms: AgeMs = 0


class Uncount(Body):
    """Take back one tap. It stays visible as taken back, with who and when. A tap not heard of yet is kept from being counted."""

    retold: ClassVar[frozenset[str]] = frozenset({"age_ms"})

    do: Literal["uncount"] = "uncount"
    tally: Id
    age_ms: AgeMs = 0


class Recount(Body):
    """A manager corrects one count: what it was instead (None: nothing), and why."""

    do: Literal["recount"] = "recount"
    tally: Id
    new: Id
    activity: Activity | None = None
    reason: Reason


class Announce(Body):
    """Tell everyone waiting: a prepared sentence (of the catalogue or of the centre's messages), or words typed in English."""

    do: Literal["announce"] = "announce"
    announcement: Id
    prepared: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")] | None = None
    text: Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_text)] = ""
    minutes: int = Field(default=30, ge=1, le=480)


class EndAnnouncement(Body):
    do: Literal["end_announcement"] = "end_announcement"
    announcement: Id


class Evacuate(Body):
    """Everyone must leave the building: calls stop, every screen says so, the order is kept."""

    do: Literal["evacuate"] = "evacuate"
    confirmed: Literal[True]
    centre: int | None = Field(default=None, ge=1)
    """The one that whoever asks was shown by name; refused at any other, so that the wrong building is not emptied."""


class Resume(Body):
    """The building may be entered again: go on where it stopped."""

    do: Literal["resume"] = "resume"
    centre: int | None = Field(default=None, ge=1)
    """As with `Evacuate`: nobody is sent back into a building that was not meant."""


class HandOver(Body):
    """Whoever asks leaves the counter to a colleague, with its services and its ticket."""

    do: Literal["hand_over"] = "hand_over"
    to: int = Field(ge=1)


class FreeCounter(Body):
    """Close a counter somebody has left without getting up. A ticket there is parked, or if it was only called waits again."""

    do: Literal["free_counter"] = "free_counter"
    counter: Slug


class PrintTicket(Body):
    """Print a ticket at the printer of this kiosk."""

    do: Literal["print_ticket"] = "print_ticket"
    job: Id
    ticket: Id
    device: int = Field(ge=1)
