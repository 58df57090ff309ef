"""What a device or a visitor's phone may ask. Re-exported by `wire.asks`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from wire.body import MOST_COUNTED, Body, Code, Hash, Id, Note, Slug, clean_text
from wire.vocabulary import (
    FeedbackReason,
    Language,
    Need,
    PaperState,
    PartState,
    PrinterState,
    UseEnd,
    UseKind,
)


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


class MachineIs(BaseModel):
    """How the machine under a device is, as far as it can tell (`hardware.machine`). Grows: what an older server does not know it passes over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    power: Literal["", "low", "was_low", "well"] = ""
    slowed: bool = False
    heat_c: int | None = Field(default=None, ge=-60, le=200)
    hot: bool = False
    card: Literal["", "well", "errors", "worn", "read_only"] = ""
    free_mb: int | None = Field(default=None, ge=0, le=MOST_COUNTED)
    memory_percent: int | None = Field(default=None, ge=0, le=100)
    in_step: bool | None = None
    """Whether a time server keeps its clock right."""
    up_seconds: int | None = Field(default=None, ge=0, le=MOST_COUNTED)
    screen: Literal["", "on", "off", "broken"] = ""
    """Whether the panel is lit; empty where it cannot be switched."""
    line: Note = ""
    """Why it could not reach the server when it last could not, in words for staff; empty when nothing was wrong beyond the network."""


class Health(Body):
    """How a device is. Sent on change and every minute; not answered with anything but an empty result."""

    do: Literal["health"] = "health"
    app: str = Field(default="", max_length=40)
    printer: PrinterState = PrinterState.NONE
    camera: PartState = PartState.NONE
    scanner: PartState = PartState.NONE
    plate: PartState = PartState.NONE
    """What it takes pictures of papers with."""
    held: int = Field(default=0, ge=0, le=MOST_COUNTED)
    """Journal entries not yet handed over."""
    set_aside: int = Field(default=0, ge=0, le=MOST_COUNTED)
    packets: int = Field(default=0, ge=0, le=MOST_COUNTED)
    """What visitors handed in here that the server has yet to get; it lies there sealed."""
    packets_age_ms: int = Field(default=0, ge=0, le=30 * 24 * 3600 * 1000)
    """For how long the oldest of them has waited."""
    packets_aside: int = Field(default=0, ge=0, le=MOST_COUNTED)
    out_of_order: Note = ""
    """Why the device cannot serve visitors, in words for staff; empty when it can."""
    clock_off_ms: int = Field(default=0, ge=-MOST_COUNTED, le=MOST_COUNTED)
    sound: bool = True
    machine: MachineIs | None = None


class SetAside(Body):
    """A journal entry or packet the server would not take; told to staff because a visitor may hold its paper. `code` is what stands on that paper: the
    ticket's, or the receipt's reference."""

    do: Literal["set_aside"] = "set_aside"
    entry: Id
    what: Literal["ticket", "packet"] = "ticket"
    code: Annotated[str, StringConstraints(max_length=8), AfterValidator(clean_text)] = ""
    service: Annotated[str, StringConstraints(max_length=40), AfterValidator(clean_text)] = ""
    why: Note


class Printed(Body):
    """What became of a ticket that staff sent to this kiosk's printer. The kiosk made the QR's secret; this is its hash."""

    do: Literal["printed"] = "printed"
    job: Id
    paper: PaperState
    follow_hash: Hash | None = None


class Finding(Body):
    """One part of a device's self-test. `say` is for staff: what is wrong and what to do; empty when fine."""

    part: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")]
    fine: bool
    say: Note = ""


class SelfTest(Body):
    """What a device found when it tested itself, at opening or because an administrator asked (`job`)."""

    do: Literal["self_test"] = "self_test"
    job: Id | None = None
    findings: tuple[Finding, ...] = Field(min_length=1, max_length=20, fail_fast=True)


class Use(Body):
    """How somebody used a scan station, a form, a link to a page elsewhere, or the search, by themselves. Nothing in it says who.

    `slug` is the purpose, form or portal; empty where none was chosen yet. `step` is where it ended, in the words of the journey. What was
    searched for is never told, only whether something was found.
    """

    retold: ClassVar[frozenset[str]] = frozenset({"age_ms"})

    do: Literal["use"] = "use"
    use: Id
    """Of one that ended in handing something in: the packet's, so that it is counted for the visit whose it was."""
    kind: UseKind
    slug: Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9-]{0,39})?$")] = ""
    language: Language = Language.EN
    ended: UseEnd
    step: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,20}$")] = ""
    age_ms: int = Field(default=0, ge=0, le=30 * 24 * 3600 * 1000)
    """How long ago it ended."""
    seconds: int = Field(default=0, ge=0, le=24 * 3600)
    pages: int = Field(default=0, ge=0, le=1000)
    retakes: int = Field(default=0, ge=0, le=1000)


class Rate(Body):
    """How somebody found their visit, said at the exit. Nothing in it says who. `score` runs from 5, very good, to 1, very poor.

    What they wrote is sealed on the kiosk to the house's key (age, then base64): it lies nowhere in clear, and is opened when a manager reads it.
    """

    retold: ClassVar[frozenset[str]] = frozenset({"age_ms"})

    do: Literal["rate"] = "rate"
    rating: Id
    score: int = Field(ge=1, le=5)
    reason: FeedbackReason | None = None
    sealed: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/=]*$", max_length=8000)] = ""
    language: Language = Language.EN
    age_ms: int = Field(default=0, ge=0, le=30 * 24 * 3600 * 1000)
    """How long ago it was said."""


class OpenOnPc(Body):
    """Let a self-service PC show a page elsewhere that a visitor chose at this kiosk. `pc` is the PC's device id, `portal` the page's slug."""

    do: Literal["open_on_pc"] = "open_on_pc"
    pc: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")]
    portal: Slug


class PcIs(Body):
    """A self-service PC's word of itself: it rests on its own page, or somebody has begun on another."""

    do: Literal["pc_is"] = "pc_is"
    rests: bool


class Leave(Body):
    """The visitor gives up the place. The socket's own visit is meant; none is named."""

    do: Literal["leave"] = "leave"
