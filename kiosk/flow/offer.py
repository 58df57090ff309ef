"""What the centre offers, read from the last feed rows.

Rows come from a server that may be newer, from a cache that may be old, or from a bug; a kiosk must not go
dark because one of them is odd. So each row is read by itself: one that cannot be understood is left out,
and what is left is still offered. Which of it is open just now is not decided here (see `opening`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from wire.asks import Id, Slug, clean_text
from wire.vocabulary import CODE_LETTERS, Language

Words = Mapping[str, str]
"""A name in the visitors' languages, by language code; English is always there."""
Row = Mapping[str, Any]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    @field_validator(
        "names", "help", "wait_here", "closed_reason", "text", "asks", "ready", "whom",
        mode="after", check_fields=False,
    )  # fmt: skip
    @classmethod
    def _clean(cls, words: Words | Any) -> Words | Any:
        if not isinstance(words, Mapping):
            return words
        return {code: clean_text(text)[:500] for code, text in words.items()}


class Waits(Part):
    """Whole minutes as a range; both None and a `why` when no honest range can be given."""

    low: int | None = Field(default=None, ge=0)
    high: int | None = Field(default=None, ge=0)
    why: Literal["no_desk", "unknown", "closed"] | None = None

    @property
    def known(self) -> bool:
        return self.low is not None and self.high is not None


UNKNOWN_WAIT = Waits(why="unknown")


class Centre(Part):
    name: str
    slug: str
    timezone: str
    languages: tuple[str, ...]
    on: str
    open: bool
    closes: str | None = None
    closes_at: int | None = None
    opens_at: int | None = None
    closed_reason: Words | None = None
    wait_here: Words
    public_url: str
    evacuated_at: int | None = None

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, OSError) as error:
            raise ValueError("not a time zone this machine knows") from error
        return name

    @property
    def spoken(self) -> tuple[Language, ...]:
        """The centre's languages that this kiosk knows, in the centre's order; English always."""
        known = tuple(Language(code) for code in self.languages if code in set(Language))
        return known if Language.EN in known else (Language.EN, *known)


class Choice(Part):
    id: str
    names: Words
    icon: str = ""
    order: int = 0
    services: tuple[str, ...] = ()


class Service(Part):
    id: Slug
    names: Words
    help: Words = Field(default_factory=dict)
    icon: str = ""
    order: int = 0
    choice: str = ""
    open: bool
    hours_today: tuple[tuple[str, str], ...] = ()
    opens_at: int | None = None
    closes_at: int | None = None
    waits: Waits = UNKNOWN_WAIT
    synonyms: tuple[str, ...] = ()


class Portal(Part):
    """A need that can be met on a page elsewhere."""

    id: Slug
    names: Words
    url: str = Field(pattern=r"^https?://", max_length=500)
    ready: Words = Field(default_factory=dict)
    icon: str = ""
    order: int = 0
    service: str = ""
    synonyms: tuple[str, ...] = ()


class Pc(Part):
    """A self-service PC that can be told to open a page."""

    id: str
    name: str
    free: bool


class Private(Part):
    service: Slug
    open: bool
    waits: Waits = UNKNOWN_WAIT


class Device(Part):
    id: str
    name: str = ""
    letter: str = Field(min_length=1, max_length=1)
    on: str = ""
    last_number: int = Field(default=0, ge=0)
    help: Literal["none", "asked", "coming"] = "none"
    locked: str = ""
    """A sentence in English while staff have locked this kiosk."""
    exit: bool = False
    """It stands at the exit and asks how the visit was."""
    test_job: str = ""
    """A self-test somebody asked for and has no answer to yet."""

    @field_validator("locked", mode="after")
    @classmethod
    def _said(cls, text: str) -> str:
        return clean_text(text)[:200]

    @field_validator("letter")
    @classmethod
    def _letter(cls, letter: str) -> str:
        if letter not in CODE_LETTERS:
            raise ValueError("not a letter a ticket code may start with")
        return letter


class Booking(Part):
    """That the centre takes appointments. See `wire.rows.BookingRow`."""

    on: str
    entry: str = ""
    otherwise: Slug


class Expected(Part):
    """One appointment of today. See `wire.rows.ExpectedRow`."""

    hash: str = Field(pattern=r"^[0-9a-f]{32}$")
    starts_at: int
    from_at: int
    kept_until_at: int
    where: str = ""

    @field_validator("where", mode="after")
    @classmethod
    def _place(cls, text: str) -> str:
        return clean_text(text)[:200]


class Announcement(Part):
    id: str
    text: Words
    at: int
    until_at: int | None = None


class Wanted(Part):
    """A paper that staff want from this kiosk's printer: a visitor's ticket, or (`what` "test") a test print."""

    job: Id
    device: str
    what: Literal["ticket", "test"]
    code: str = ""
    language: Language = Language.EN
    arrived_at: int | None = None
    copy_: bool = Field(default=False, alias="copy")
    """The visit has had a paper before."""

    @field_validator("language", mode="before")
    @classmethod
    def _spoken(cls, code: object) -> object:
        """A test print has none; one this kiosk has no words for is said in English."""
        return code if code in set(Language) else Language.EN

    @model_validator(mode="after")
    def _whole(self) -> Wanted:
        if self.what == "ticket" and (not self.code or self.arrived_at is None):
            raise ValueError("a ticket has a code and a time")
        return self


class Purpose(Part):
    """What papers can be handed in for. See `wire.rows.PurposeRow`."""

    id: Slug
    names: Words
    icon: str = ""
    order: int = 0
    asks: Words = Field(default_factory=dict)
    ready: Words = Field(default_factory=dict)
    keep_days: int = Field(default=0, ge=0)
    whom: Words = Field(default_factory=dict)
    service: str = ""


class FormOffer(Part):
    """A form that can be filled in here. See `wire.rows.FormRow`."""

    id: Slug
    names: Words
    help: Words = Field(default_factory=dict)
    icon: str = ""
    order: int = 0
    version: int = Field(ge=1)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    minutes: int = Field(default=5, ge=1, le=240)
    service: str = ""
    synonyms: tuple[str, ...] = ()
    promised: tuple[int, int] | None = None


class HandIn(Part):
    """Whom what is handed in is sealed to. See `wire.rows.HandInRow`."""

    recipients: tuple[str, ...] = ()


class Offer(Part):
    """All that the rows say to this kiosk. Empty until the first feed (or its cache) has been read."""

    centre: Centre | None = None
    choices: tuple[Choice, ...] = ()
    services: tuple[Service, ...] = ()
    private: Private | None = None
    device: Device | None = None
    booking: Booking | None = None
    expected: tuple[Expected, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    """The newest first."""
    wanted: tuple[Wanted, ...] = ()
    """In the order they were asked for (the ids rise)."""
    purposes: tuple[Purpose, ...] = ()
    forms: tuple[FormOffer, ...] = ()
    recipients: tuple[str, ...] = ()
    """The house's public keys; nothing can be handed in without one."""

    portals: tuple[Portal, ...] = ()
    pcs: tuple[Pc, ...] = ()

    def portal(self, portal_id: str) -> Portal | None:
        return next((portal for portal in self.portals if portal.id == portal_id), None)

    def service(self, service_id: str) -> Service | None:
        return next((service for service in self.services if service.id == service_id), None)

    def choice(self, choice_id: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.id == choice_id), None)

    def within(self, choice_id: str) -> tuple[Service, ...]:
        """The services of a choice, in their order. A choice that is gone has none."""
        choice = self.choice(choice_id)
        wanted = choice.services if choice else ()
        return tuple(service for service in self.services if service.id in wanted)


NOTHING_OFFERED = Offer()

P = TypeVar("P", bound=Part)


def read_offer(rows: Mapping[str, Row], device_id: str) -> Offer:
    """The offer these rows make. Rows that cannot be read are passed over; a choice without services is not
    shown.
    """
    services = sorted(_each(rows, "service", Service), key=lambda service: (service.order, service.id))
    known = {service.id for service in services}
    choices = sorted(_each(rows, "choice", Choice), key=lambda choice: (choice.order, choice.id))
    return Offer(
        centre=_one(_each(rows, "centre", Centre)),
        choices=tuple(choice for choice in choices if known.intersection(choice.services)),
        services=tuple(services),
        private=_one(_each(rows, "private", Private)),
        device=_one(_each(rows, "device", Device), lambda device: device.id == device_id),
        booking=_one(_each(rows, "booking", Booking)),
        portals=tuple(sorted(_each(rows, "portal", Portal), key=lambda portal: (portal.order, portal.id))),
        pcs=tuple(sorted(_each(rows, "pc", Pc), key=lambda pc: (pc.name, pc.id))),
        expected=tuple(_each(rows, "expected", Expected)),
        announcements=tuple(
            sorted(
                _each(rows, "announcement", Announcement), key=lambda told: (told.at, told.id), reverse=True
            )
        ),
        wanted=tuple(
            sorted(
                (each for each in _each(rows, "print", Wanted) if each.device == device_id),
                key=lambda each: each.job,
            )
        ),
        purposes=tuple(
            sorted(_each(rows, "purpose", Purpose), key=lambda purpose: (purpose.order, purpose.id))
        ),
        forms=tuple(sorted(_each(rows, "form", FormOffer), key=lambda form: (form.order, form.id))),
        recipients=tuple(key for row in _each(rows, "hand_in", HandIn) for key in row.recipients),
    )


def _each(rows: Mapping[str, Row], kind: str, part: type[P]) -> list[P]:
    found = []
    for row in rows.values():
        if isinstance(cast(object, row), Mapping) and row.get("kind") == kind:
            try:
                found.append(part.model_validate(row))
            except ValidationError:
                continue
    return found


def _one(parts: Iterable[P], wanted: Callable[[P], bool] = lambda _: True) -> P | None:
    return next((part for part in parts if wanted(part)), None)
