"""Appointments: whose time can be booked, what is booked, what is kept free, who waits for a place.

What a service offers (length, notice, questions ...) is part of the centre's file and stands in `Service.booking`. A booking names the very
person, room and interpreter whose time it takes, chosen when it was made, so that nothing has to be worked out anew to know whether they are
free. Names and contacts are here and nowhere else, and are erased when they are due (`erased_at`); what is left counts, and names nobody.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant, only
from wire.vocabulary import BookingChannel, BookingState, Language

_TIMED = text("state <> 'cancelled'")
_HELD = text("state = 'held'")
_CANCELLED = text("state = 'cancelled'")
_NAMED = text("erased_at IS NULL")


class Bookable(SQLModel, table=True):
    """A person, room or interpreter whose time appointments take. `counter_id` of a room; `staff_id` of a person with an account.

    `languages` are an interpreter's (codes, or `sign_language`). Without a rota a room is there while the centre is open; a person or
    interpreter is not.
    """

    __table_args__ = (Index("ix_bookable_centre", "centre_id"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id")
    kind: str = Field(max_length=12)
    name: str = Field(max_length=80)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    counter_id: int | None = Field(default=None, foreign_key="counter.id")
    languages: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    services: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    """Slugs of the services whose appointments they take; empty: by a person's skills, of a room any that names it."""
    retired_at: datetime | None = Field(default=None, sa_type=Instant)


class Rota(SQLModel, table=True):
    """When a bookable takes appointments, every week: local times `HH:MM` on a weekday (0 Monday), from and until dates included."""

    __table_args__ = (Index("ix_rota_bookable", "bookable_id"),)
    id: int | None = Field(default=None, primary_key=True)
    bookable_id: int = Field(foreign_key="bookable.id")
    weekday: int
    starts: str = Field(max_length=5)
    ends: str = Field(max_length=5)
    from_on: date | None = None
    until_on: date | None = None


class Block(SQLModel, table=True):
    """No appointments from one instant until another: of one bookable, of one service, or (neither) of the centre."""

    __table_args__ = (Index("ix_block_centre", "centre_id", "ends_at"),)
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    bookable_id: int | None = Field(default=None, foreign_key="bookable.id")
    service_id: int | None = Field(default=None, foreign_key="service.id")
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    reason: str = Field(max_length=200)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    made_at: datetime = Field(sa_type=Instant)


class Booking(SQLModel, table=True):
    """One appointment. From `starts_at` to `ends_at` is the visitor's; from `held_from` to `held_until` nobody else gets whom it takes.

    `place` numbers those at once where no person is named (0 upwards), so that the database itself refuses the last place twice.
    `sequence` rises with every change that a calendar must learn of. The visitor's link is worked out from `id` (`server.actions.keys.link_to`).
    """

    __table_args__ = (
        Index("ux_booking_reference", "reference", unique=True),
        Index("ix_booking_time", "centre_id", "held_until", info=only(_TIMED)),
        Index(
            "ux_booking_person",
            "person_id",
            "starts_at",
            unique=True,
            info=only(_TIMED),
        ),
        Index(
            "ux_booking_room",
            "room_id",
            "starts_at",
            unique=True,
            info=only(_TIMED),
        ),
        Index(
            "ux_booking_interpreter",
            "interpreter_id",
            "starts_at",
            unique=True,
            info=only(_TIMED),
        ),
        Index(
            "ux_booking_place",
            "service_id",
            "starts_at",
            "place",
            unique=True,
            info=only(_TIMED),
        ),
        Index("ix_booking_held", "expires_at", info=only(_HELD)),
        Index("ix_booking_phone", "phone", info=only(_NAMED)),
        Index("ix_booking_email", "email", info=only(_NAMED)),
        Index("ix_booking_ticket", "ticket_id"),
        Index(
            "ix_booking_cancelled",
            "centre_id",
            "starts_at",
            info=only(_CANCELLED),
        ),
        Index("ix_booking_erase", "centre_id", "ends_at", info=only(_NAMED)),
    )
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    service_id: int = Field(foreign_key="service.id")
    reference: str = Field(max_length=8)
    state: str = Field(default=BookingState.HELD, max_length=10)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    held_from: datetime = Field(sa_type=Instant)
    held_until: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    """Of a held one: from this instant on its time is anybody's."""
    person_id: int | None = Field(default=None, foreign_key="bookable.id")
    room_id: int | None = Field(default=None, foreign_key="bookable.id")
    interpreter_id: int | None = Field(default=None, foreign_key="bookable.id")
    place: int | None = None
    over: bool = False
    """Booked by staff beyond what is offered."""
    interpreter: str | None = Field(default=None, max_length=13)
    """For which language (its code), or `sign_language`, an interpreter was asked for."""

    name: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=20)
    """E.164, such as +447700900123; empty when none was given."""
    email: str = Field(default="", max_length=254)
    safe_to_text: bool = False
    language: str = Field(default=Language.EN, max_length=2)
    needs: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    people: int = 1
    answers: dict[str, str] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    note: str = Field(default="", max_length=500)

    channel: str = Field(default=BookingChannel.WEB, max_length=10)
    booked_by: int | None = Field(default=None, foreign_key="staff.id")
    made_at: datetime = Field(sa_type=Instant)
    booked_at: datetime | None = Field(default=None, sa_type=Instant)
    changed_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_by: int | None = Field(default=None, foreign_key="staff.id")
    """None: the visitor, when `cancelled_at` is set."""
    reason: str = Field(default="", max_length=200)
    """Why it was moved or cancelled, last."""
    sequence: int = 0
    late_minutes: int = 0
    """They rang: expected so long after their time."""
    missed_at: datetime | None = Field(default=None, sa_type=Instant)
    arrived_at: datetime | None = Field(default=None, sa_type=Instant)
    ticket_id: str | None = Field(default=None, max_length=32)
    arrival_hash: str = Field(default="", max_length=32)
    """What kiosks know the reference by on its day; filled in by the rounds, empty until then."""
    erased_at: datetime | None = Field(default=None, sa_type=Instant)


class Draft(SQLModel, table=True):
    """A booking form somebody is filling in on the web: their answers so far. Lives an hour; its key is a cookie, kept hashed."""

    id: str = Field(primary_key=True, max_length=64)
    answers: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    booking_id: str | None = Field(default=None, max_length=32)
    language: str = Field(default=Language.EN, max_length=2)
    address: str = Field(default="", max_length=60)
    expires_at: datetime = Field(sa_type=Instant, index=True)


class Wish(SQLModel, table=True):
    """Somebody on the waiting list: told once when a slot in their days comes free, then asked to book it while it lasts."""

    __table_args__ = (Index("ix_wish_open", "centre_id", "service_id"),)
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    service_id: int = Field(foreign_key="service.id")
    first_on: date
    last_on: date
    mornings_only: bool = False
    interpreter: str | None = Field(default=None, max_length=13)
    """Who must be there too, as a booking's."""
    phone: str = Field(default="", max_length=20)
    email: str = Field(default="", max_length=254)
    language: str = Field(default=Language.EN, max_length=2)
    made_at: datetime = Field(sa_type=Instant)
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    told_of: datetime | None = Field(default=None, sa_type=Instant)
    """The slot they were told of; kept for them until `kept_until`."""
    kept_until: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class BookingTry(SQLModel, table=True):
    """What somebody without a credential did, kept a day to slow abuse: by address and by what they named (hashed)."""

    __tablename__ = "booking_try"
    __table_args__ = (
        Index("ix_booking_try_address", "what", "address", "at"),
        Index("ix_booking_try_subject", "what", "subject", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    what: str = Field(max_length=12)
    """`hold`, `book`, `find`, `wish`."""
    address: str = Field(max_length=60)
    subject: str = Field(default="", max_length=64)
    at: datetime = Field(sa_type=Instant)
