"""What the house tells outside: messages to visitors, calls to other systems, calendars others look at, keys they hold.

A message and a call are rows written in the transaction of what they tell, so neither can be told of what did not happen, nor forgotten. Each
has a `subject` that is unique: the same thing is told once, whoever retries. What a message says is made when it is sent, from what is so
then; the row keeps no more than it takes to send it, and lets go of the address when nothing more will come of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant, only
from wire.vocabulary import Language, PostState

_SENT = text("sent_at IS NOT NULL")
_SENDING = text("sending_since IS NOT NULL")
_QUEUED = text("state = 'queued'")
_WAITING = text("done_at IS NULL AND dead_at IS NULL")


class Post(SQLModel, table=True):
    """One message to one visitor (`wire.vocabulary.Letter`) by one way. `due_at`: not before."""

    __table_args__ = (
        Index("ux_post_subject", "subject", unique=True),
        Index("ix_post_due", "due_at", info=only(_QUEUED)),
        Index("ix_post_booking", "booking_id"),
        Index("ix_post_provider", "provider_id"),
        Index("ix_post_centre", "centre_id", "made_at"),
        # What a backup must know to be sent (`server.store.queries.since`).
        Index("ix_post_sent", "sent_at", info=only(_SENT)),
        Index("ix_post_sending", "sending_since", info=only(_SENDING)),
    )
    id: str = Field(primary_key=True, max_length=32)
    """Also the provider's `reference`, so a receipt finds it."""
    subject: str = Field(max_length=120)
    """Such as `confirmed:<booking>:<sequence>:sms`."""
    centre_id: int = Field(foreign_key="centre.id")
    letter: str = Field(max_length=12)
    way: str = Field(max_length=6)
    language: str = Field(default=Language.EN, max_length=2)
    address: str = Field(default="", max_length=254)
    """Telephone number (E.164) or e-mail address; emptied when nothing more will come of it."""
    booking_id: str | None = Field(default=None, max_length=32)
    visit_id: str | None = Field(default=None, max_length=32)
    wish_id: str | None = Field(default=None, max_length=32)
    submission_id: str | None = Field(default=None, max_length=32)
    values: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    """What cannot be looked up any more when it is sent, such as the time it was moved from."""
    state: str = Field(default=PostState.QUEUED, max_length=10)
    made_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    """From then on it would only confuse."""
    attempts: int = 0
    sending_since: datetime | None = Field(default=None, sa_type=Instant)
    """A sender has it in hand. Whether it went out is not known until it says so; by `id` the provider can be asked."""
    provider_id: str = Field(default="", max_length=80)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    receipt: str = Field(default="", max_length=30)
    receipt_at: datetime | None = Field(default=None, sa_type=Instant)
    why: str = Field(default="", max_length=300)
    """Why it was not sent (yet), for staff: never an address, never a visitor's words."""


class HeardText(SQLModel, table=True):
    """A text a visitor sent back, and what came of it. The words are kept a week, for whoever must act on them."""

    __tablename__ = "heard_text"
    id: str = Field(primary_key=True, max_length=80)
    """The provider's id: told twice, it is heard once."""
    at: datetime = Field(sa_type=Instant, index=True)
    phone: str = Field(default="", max_length=20)
    words: str = Field(default="", max_length=500)
    booking_id: str | None = Field(default=None, max_length=32)
    centre_id: int | None = Field(default=None, foreign_key="centre.id")
    did: str = Field(default="", max_length=30)
    """`cancelled`, `stopped`, or empty: a person must look."""


class TextWish(SQLModel, table=True):
    """A walk-in who wants a text when their turn is near. Gone when the visit is."""

    __tablename__ = "text_wish"
    visit_id: str = Field(primary_key=True, foreign_key="visit.id", max_length=32)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    phone: str = Field(max_length=20)
    at: datetime = Field(sa_type=Instant)
    told_at: datetime | None = Field(default=None, sa_type=Instant)


class Hook(SQLModel, table=True):
    """Another system that is told of bookings. `secret` signs what it is sent (Standard Webhooks, `whsec_...`)."""

    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    name: str = Field(max_length=80)
    url: str = Field(max_length=500)
    secret: str = Field(max_length=120)
    events: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    """Empty: all (`wire.vocabulary.BookingEvent`)."""
    made_by: int | None = Field(default=None, foreign_key="staff.id")
    made_at: datetime = Field(sa_type=Instant)
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    paused_why: str = Field(default="", max_length=300)
    """Why the house paused it by itself; empty when a person did."""
    old_secret: str = Field(default="", max_length=120)
    """Signs beside the new one until `old_until`, so that the other side can change over without losing a call."""
    old_until: datetime | None = Field(default=None, sa_type=Instant)
    retired_at: datetime | None = Field(default=None, sa_type=Instant)


class HookCall(SQLModel, table=True):
    """One event for one hook. `id` is the message's id, the same in every attempt, so the other side can tell a repetition."""

    __tablename__ = "hook_call"
    __table_args__ = (
        Index("ux_hook_call_subject", "subject", unique=True),
        Index("ix_hook_call_due", "due_at", info=only(_WAITING)),
        Index("ix_hook_call_hook", "hook_id", "made_at"),
        Index("ix_hook_call_booking", "booking_id"),
    )
    id: str = Field(primary_key=True, max_length=32)
    subject: str = Field(max_length=120)
    hook_id: int = Field(foreign_key="hook.id")
    event: str = Field(max_length=12)
    booking_id: str = Field(max_length=32)
    body: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    made_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    attempts: int = 0
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    dead_at: datetime | None = Field(default=None, sa_type=Instant)
    why: str = Field(default="", max_length=300)


class CalendarFeed(SQLModel, table=True):
    """An address under which a calendar program reads one bookable's appointments. The secret in it is kept hashed; revoked, it is gone."""

    __tablename__ = "calendar_feed"
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    bookable_id: int = Field(foreign_key="bookable.id")
    secret_hash: str = Field(unique=True, max_length=64)
    made_by: int | None = Field(default=None, foreign_key="staff.id")
    made_at: datetime = Field(sa_type=Instant)
    read_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class ApiKey(SQLModel, table=True):
    """Another program's credential for the JSON API, at one centre. `rights`: `read`, `book`, `names` (sees whom a booking is for)."""

    __tablename__ = "api_key"
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    name: str = Field(max_length=80)
    token_hash: str = Field(unique=True, max_length=64)
    rights: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    services: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    """Slugs; empty: all that are not discreet."""
    made_by: int | None = Field(default=None, foreign_key="staff.id")
    made_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
