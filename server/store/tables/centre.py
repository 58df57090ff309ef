"""A centre and what it offers: set up once, changed seldom, read at every refresh (so kept in memory by `version`).

Slugs are the names the centre's file uses; they are unique within a centre. Nothing that visitors or figures point at is deleted:
it is retired. Texts for visitors are maps from language code to words, English always among them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant
from wire.vocabulary import Activity, CounterKind, TicketClass

Words = dict[str, str]


class Centre(SQLModel, table=True):
    """`version` rises with every change of this centre's set-up; `lock` is the row every change of its queue takes first."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=120)
    timezone: str = Field(default="Europe/London", max_length=60)
    languages: list[str] = Field(sa_column=Column(Document, nullable=False))
    wait_here: Words = Field(sa_column=Column(Document, nullable=False))
    address: str = Field(default="", max_length=300)
    idle_seconds: int = 40
    max_calls: int = 3
    """A called ticket that does not come becomes a no-show by itself after this many calls ..."""
    no_show_minutes: int = 3
    """... and this many minutes after the last of them."""
    version: int = 1
    desk_letter: str = Field(default="", max_length=1)
    """The letter of codes that the house gives when a greeter enters a visitor."""
    emergency_letter: str = Field(default="", max_length=1)
    """The letter on the paper tickets of the emergency pack; no point issues it."""
    evacuated_at: datetime | None = Field(default=None, sa_type=Instant)
    extra: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    """Keys of the centre's file that no statement looks for: its areas, the activities its greeters tap."""


class Choice(SQLModel, table=True):
    """A first choice on the kiosk: at most eight a centre."""

    __table_args__ = (UniqueConstraint("centre_id", "slug"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    slug: str = Field(max_length=40)
    names: Words = Field(sa_column=Column(Document, nullable=False))
    icon: str = Field(default="", max_length=30)
    position: int = 0
    retired_at: datetime | None = Field(default=None, sa_type=Instant)


class Service(SQLModel, table=True):
    """What a visitor needs. `private` marks the one that a wish to talk in private goes to."""

    __table_args__ = (UniqueConstraint("centre_id", "slug"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    choice_id: int | None = Field(default=None, foreign_key="choice.id")
    slug: str = Field(max_length=40)
    names: Words = Field(sa_column=Column(Document, nullable=False))
    help: Words = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    synonyms: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    icon: str = Field(default="", max_length=30)
    position: int = 0
    ticket_class: str = Field(default=TicketClass.ORDINARY, max_length=10)
    activity: str = Field(default=Activity.ADVICE, max_length=20)
    target_minutes: int = 20
    usual_minutes: int = 12
    lgsl: int | None = None
    walk_in: bool = True
    by_appointment: bool = False
    discreet: bool = False
    private: bool = False
    continues: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    """Slugs of earlier services, now retired, whose figures go on under this one."""
    booking: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    """What the centre's file says of its appointments (`server.domain.offers`); empty when it has none."""
    retired_at: datetime | None = Field(default=None, sa_type=Instant)


class Counter(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("centre_id", "slug"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    slug: str = Field(max_length=40)
    name: str = Field(max_length=60)
    kind: str = Field(default=CounterKind.DESK, max_length=12)
    position: int = 0
    sends_to: str = Field(default="", max_length=60)
    """Where the visitor goes if that is not the counter's name: "Telephone 3 by the window" for an adviser who is elsewhere."""
    retired_at: datetime | None = Field(default=None, sa_type=Instant)


class Opening(SQLModel, table=True):
    """Usual hours on one weekday (0 Monday). `service_id` None: the centre's. Local times `HH:MM`; `closes` <= `opens` runs past midnight."""

    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    service_id: int | None = Field(default=None, foreign_key="service.id")
    weekday: int
    opens: str = Field(max_length=5)
    closes: str = Field(max_length=5)
    from_on: date | None = None
    until_on: date | None = None


class SpecialHours(SQLModel, table=True):
    """Hours of one date that replace the usual ones."""

    __tablename__ = "special_hours"
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    service_id: int | None = Field(default=None, foreign_key="service.id")
    held_on: date
    opens: str = Field(max_length=5)
    closes: str = Field(max_length=5)


class Closure(SQLModel, table=True):
    """Closed from `first_on` to `last_on`, both included, with the reason shown to the public."""

    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    service_id: int | None = Field(default=None, foreign_key="service.id")
    first_on: date
    last_on: date
    reason: Words = Field(default_factory=dict, sa_column=Column(Document, nullable=False))


class Message(SQLModel, table=True):
    """A sentence for everyone waiting: always on the lobby display, or (`standing` False) kept ready to be announced."""

    __table_args__ = (UniqueConstraint("centre_id", "slug"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    slug: str = Field(max_length=40)
    text: Words = Field(sa_column=Column(Document, nullable=False))
    position: int = 0
    standing: bool = True
