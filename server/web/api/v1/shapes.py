"""What the API takes and gives, strictly: an unknown key is refused, a number is not a text, an instant says its offset.

Instants are written in the centre's own time with its offset, so that whoever reads one reads what stands on the visitor's letter.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.functional_validators import AfterValidator

from server.domain.figure import Measure
from server.domain.spans import Kind
from wire.body import Id, Slug, Wants, clean_text
from wire.vocabulary import BookingChannel, Language, Need

_RFC3339 = re.compile(
    r"^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$", re.ASCII
)
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)


def read_instant(value: Any) -> datetime:
    """An RFC 3339 instant, in UTC. A leap second is the last instant of its minute; what is beyond every calendar, its edge."""
    if isinstance(value, datetime):
        return value
    match = _RFC3339.match(value) if isinstance(value, str) else None
    if match is None:
        message = "an instant with its offset is wanted, such as 2026-12-01T10:00:00+00:00"
        raise ValueError(message)
    year, month, day, hour, minute, second = (int(match[n]) for n in range(1, 7))
    fraction = timedelta(microseconds=int((match[7] or ".0")[1:7].ljust(6, "0")))
    try:
        local = datetime(year, month, day, hour, minute, min(second, 59)) + fraction  # noqa: DTZ001 - the offset follows
        sign = -1 if match[8].startswith("-") else 1
        away = (
            timedelta()
            if match[8] in "Zz"
            else sign * timedelta(hours=int(match[8][1:3]), minutes=int(match[8][4:6]))
        )
        at = (local - away).replace(tzinfo=UTC)
    except OverflowError:
        at = _EARLIEST if year < 5000 else _LATEST
    except ValueError as error:
        raise ValueError(str(error)) from None
    return min(max(at, _EARLIEST), _LATEST)


At = Annotated[
    datetime,
    BeforeValidator(read_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-12-01T10:00:00+00:00"]}),
]


def read_date(value: Any) -> date:
    """A date as RFC 3339 has it, and nothing that could be taken for one."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        message = "a date is wanted, such as 2026-12-01"
        raise ValueError(message)
    return date.fromisoformat(value)


def read_whole(value: Any) -> Any:
    """A whole number, which in JSON may be written 2.0 (and a truth is none)."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


On = Annotated[date, BeforeValidator(read_date), WithJsonSchema({"type": "string", "format": "date"})]
Instant = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-12-01T10:00:00+00:00"]})
]


TimeKind = Annotated[Kind, WithJsonSchema({"type": "string", "enum": [each.value for each in Kind]})]


Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_text)]
Contact = Annotated[str, StringConstraints(max_length=254), AfterValidator(clean_text)]
Note = Annotated[str, StringConstraints(max_length=500), AfterValidator(clean_text)]
Answer = Annotated[str, StringConstraints(max_length=300), AfterValidator(clean_text)]
Why = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_text)]
Words = dict[str, str]


class Taken(BaseModel):
    """What comes in: nothing is guessed, nothing passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _with(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


_APPOINTMENT: dict[str, Any] = {
    "reference": "BCDF-3467",
    "centre": "york-house",
    "service": "council-tax",
    "state": "booked",
    "starts_at": "2026-12-01T10:00:00+00:00",
    "ends_at": "2026-12-01T10:20:00+00:00",
    "interpreter": None,
    "channel": "api",
    "link": "https://queue.example.gov.uk/b/AZqwwNXgfA6dHyo7TF1ufw.3q2-7w",
    "visitor": None,
}


class CentreOut(Given):
    slug: str = Field(examples=["york-house"])
    name: str = Field(examples=["York House"])
    address: str
    timezone: str = Field(
        description="IANA name; local times and dates are in it.", examples=["Europe/London"]
    )
    languages: list[str]


class Centres(Given):
    model_config = _with(
        {
            "items": [
                {
                    "slug": "york-house",
                    "name": "York House",
                    "address": "91 Granby Street, Leicester",
                    "timezone": "Europe/London",
                    "languages": ["en", "gu"],
                }
            ]
        }
    )
    items: list[CentreOut]


class QuestionOut(Given):
    slug: str
    text: Words
    required: bool
    choices: dict[str, Words] = Field(
        description="Empty: a line of text is wanted; otherwise one of these slugs."
    )


class ServiceOut(Given):
    """A service that can be booked, in the words the public reads, by language."""

    slug: str = Field(examples=["council-tax"])
    names: Words
    help: Words
    minutes: int
    notice_hours: int = Field(description="How long before its time it can still be booked.")
    ahead_days: int = Field(description="How far ahead it can be booked.")
    asks: dict[str, str] = Field(description="Of name, phone, email: required, optional or no.")
    questions: list[QuestionOut]
    bring: list[Words] = Field(description="What the visitor should bring.")


class Services(Given):
    model_config = _with(
        {
            "items": [
                {
                    "slug": "council-tax",
                    "names": {"en": "Council tax"},
                    "help": {},
                    "minutes": 20,
                    "notice_hours": 2,
                    "ahead_days": 28,
                    "asks": {"name": "required", "phone": "optional", "email": "optional"},
                    "questions": [],
                    "bring": [{"en": "Your last bill"}],
                }
            ]
        }
    )
    items: list[ServiceOut]


class SlotOut(Given):
    starts_at: Instant
    ends_at: Instant


class DayOut(Given):
    on: date
    slots: list[SlotOut]
    why: str | None = Field(
        description="Why there is none: closed, full, too_soon, too_far or none (not offered). Null when there are some.",
        examples=["full"],
    )


class Days(Given):
    model_config = _with(
        {
            "items": [
                {
                    "on": "2026-12-01",
                    "slots": [
                        {"starts_at": "2026-12-01T10:00:00+00:00", "ends_at": "2026-12-01T10:20:00+00:00"}
                    ],
                    "why": None,
                },
                {"on": "2026-12-02", "slots": [], "why": "closed"},
            ]
        }
    )
    items: list[DayOut]


class HoldIn(Taken):
    """Keep a time while the visitor's details are asked for."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"centre": "york-house", "service": "council-tax", "starts_at": "2026-12-01T10:00:00+00:00"}
            ]
        },
    )
    centre: Slug
    service: Slug
    starts_at: At
    interpreter: Wants | None = Field(default=None, description="A language's code, or sign_language.")


class HoldOut(Given):
    model_config = _with(
        {
            "hold": "019ab0c0d5e07c0e9d1f2a3b4c5d6e7f",
            "centre": "york-house",
            "service": "council-tax",
            "starts_at": "2026-12-01T10:00:00+00:00",
            "ends_at": "2026-12-01T10:20:00+00:00",
            "expires_at": "2026-11-24T09:12:30+00:00",
        }
    )
    hold: str = Field(description="Name it when you book.", examples=["019ab0c0d5e07c0e9d1f2a3b4c5d6e7f"])
    centre: str
    service: str
    starts_at: Instant
    ends_at: Instant
    expires_at: Instant = Field(description="From then on the time is anybody's.")


class Visitor(Taken):
    """Whom it is for. What must be given depends on the service (`asks`)."""

    name: Name = ""
    phone: Contact = Field(default="", description="As people write it, or E.164.")
    email: Contact = ""
    safe_to_text: StrictBool = Field(default=False, description="They said that texts may go to this number.")
    language: Language = Language.EN
    needs: list[Need] = Field(default=[], max_length=8)
    people: Annotated[StrictInt, Field(ge=1, le=20), BeforeValidator(read_whole)] = 1
    answers: dict[Slug, Answer] = Field(
        default={},
        max_length=12,
        description="To the service's questions.",
        json_schema_extra={"additionalProperties": False},
    )
    note: Note = ""


class AppointmentIn(Taken):
    """Make a hold an appointment."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "hold": "019ab0c0d5e07c0e9d1f2a3b4c5d6e7f",
                    "visitor": {"name": "Meera Patel", "phone": "07700 900123", "safe_to_text": True},
                }
            ]
        },
    )
    hold: Id
    visitor: Visitor


class MoveIn(Taken):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"starts_at": "2026-12-01T11:00:00+00:00"}]},
    )
    starts_at: At
    reason: Why = ""
    tell: StrictBool = Field(default=True, description="Write to the visitor.")


class CancelIn(Taken):
    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"reason": "The visitor rang us"}]}
    )
    reason: Why = ""
    tell: StrictBool = Field(default=True, description="Write to the visitor.")


class VisitorOut(Given):
    name: str
    phone: str
    email: str
    safe_to_text: bool
    language: str
    needs: list[str]
    people: int
    answers: dict[str, str]
    note: str


class AppointmentOut(Given):
    model_config = _with(_APPOINTMENT)
    reference: str = Field(description="What the visitor has and says.", examples=["BCDF-3467"])
    centre: str
    service: str
    state: str = Field(description="booked, arrived, served, missed or cancelled.", examples=["booked"])
    starts_at: Instant
    ends_at: Instant
    interpreter: str | None
    channel: BookingChannel
    link: str | None = Field(
        description="The visitor's own page, for keys that may book. It opens the appointment to whoever has it."
    )
    visitor: VisitorOut | None = Field(
        description="For keys with the right to see names, until it is erased, four weeks after or when the house has set it; otherwise null."
    )


class Appointments(Given):
    model_config = _with({"items": [_APPOINTMENT], "next": None})
    items: list[AppointmentOut]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


# Figures -------------------------------------------------------------------------------------------------------------


class TopicOut(Given):
    slug: str = Field(examples=["footfall"])
    title: str = Field(examples=["Footfall"])


class Topics(Given):
    model_config = _with({"items": [{"slug": "footfall", "title": "Footfall"}]})
    items: list[TopicOut]


class ColumnOut(Given):
    key: str = Field(description="Its name in `rows`.", examples=["share_of_visits"])
    title: str
    measure: Measure = Field(
        description="What its cells are: share and change are numbers where 0.36 is 36%, minutes may have parts, date is YYYY-MM-DD, time is HH:MM."
    )


class TableOut(Given):
    columns: list[ColumnOut]
    rows: list[dict[str, str | int | float | None]] = Field(
        description="By the columns' keys. Null: there is nothing to tell, which is not 0. Figures for publication have [c] where a number is hidden."
    )
    total: dict[str, str | int | float | None] | None


class FigureOut(Given):
    slug: str
    title: str
    sentence: str = Field(description="What it shows, in plain words.")
    definition: str = Field(description="Which of `definitions` says what is counted.")
    notes: list[str] = Field(description="What one must know to read it rightly.")
    tables: list[TableOut]


class DefinitionOut(Given):
    slug: str
    name: str
    counts: str
    times: str
    leaves_out: str


_FIGURE: dict[str, Any] = {
    "slug": "by-activity",
    "title": "By activity",
    "sentence": "1,602 came.",
    "definition": "activities",
    "notes": [],
    "tables": [
        {
            "columns": [
                {"key": "activity", "title": "Activity", "measure": "text"},
                {"key": "visitors", "title": "People", "measure": "count"},
            ],
            "rows": [{"activity": "Scan station", "visitors": 583}],
            "total": {"activity": "Together", "visitors": 1602},
        }
    ],
}


class Figures(Given):
    model_config = _with(
        {
            "topic": "footfall",
            "title": "Footfall",
            "centre": "york-house",
            "kind": "quarter",
            "from": "2023-01-01",
            "to": "2023-03-31",
            "items": [_FIGURE],
            "definitions": [],
        }
    )
    topic: str
    title: str
    centre: str
    kind: TimeKind
    first: date = Field(alias="from", description="The first day, included.")
    last: date = Field(alias="to", description="The last day, included.")
    items: list[FigureOut]
    definitions: list[DefinitionOut]
