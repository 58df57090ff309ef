"""Visits, tickets and who sits where: the queue itself.

A **visit** owns code, language and needs; a **ticket** is one place in one line. A transfer ends a ticket and starts its successor in
the same visit, with the same arrival time. Every change of a ticket leaves a **step**: where segments (waiting, walking, serving,
parked) come from, and what undo takes back. Indexes that the floor needs cover open tickets only, so that years of ended ones cost
nothing (measured in benchmarks/).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant, only
from wire.vocabulary import Channel, Language, PaperState, TicketClass, TicketState

_OPEN = text("ended_at IS NULL")
_WAITING = text("state = 'waiting'")
_AT_COUNTER = text("state IN ('called', 'serving')")
_SPECIAL = text("state = 'waiting' AND (quick OR wants IS NOT NULL)")
_SHOWN = text("shown_hash IS NOT NULL")
_APART = text("apart IS NOT NULL")
_MERGED = text("merged_into IS NOT NULL")
_OF_BOOKING = text("booking_id IS NOT NULL")
_DIRECTED = text("state = 'waiting' AND for_counter_id IS NOT NULL")


class Visit(SQLModel, table=True):
    """`follow_hash` is the SHA-256 of the secret in the ticket's QR; the secret itself is never here."""

    __table_args__ = (
        UniqueConstraint("centre_id", "arrived_on", "code", name="ux_visit_code"),
        # Open visits only: the hashes fall anywhere, and an index of years of them would cost every new one a page of its own.
        Index("ux_visit_follow", "follow_hash", unique=True, info=only(_OPEN)),
        Index("ux_visit_shown", "shown_hash", unique=True, info=only(_SHOWN)),
        Index("ix_visit_apart", "centre_id", "apart", info=only(_APART)),
        Index("ix_visit_merged", "merged_into", info=only(_MERGED)),
        Index("ix_visit_merged_follow", "follow_hash", info=only(_MERGED)),
    )
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    arrived_on: date
    code: str = Field(max_length=8)
    language: str = Field(default=Language.EN, max_length=2)
    needs: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    discreet: bool = False
    channel: str = Field(default=Channel.KIOSK, max_length=10)
    device_id: int | None = Field(default=None, foreign_key="device.id")
    follow_hash: str = Field(max_length=64)
    arrived_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    people: int = 1
    """How many came together."""
    apart: str | None = Field(default=None, max_length=40)
    """A case whose visitors must not be brought together. Counts while the visit is open, and is erased the night after."""
    shown_hash: str | None = Field(default=None, max_length=64)
    """The same for a QR that a greeter showed on a screen; the one on paper goes on working. Erased like `apart`."""
    merged_into: str | None = Field(default=None, max_length=32)
    """The visit this one turned out to be part of; it is then no visitor of its own."""
    rated: bool = False
    """How it was, was said on its page: it is not asked again. Which answer it was, nothing tells."""


class Ticket(SQLModel, table=True):
    """`counts_from` is when its wait counts from for priority; `calls` how often it was called at its present counter.

    A counter has at most one ticket called or being served, by an index. `follows` is the ticket it was transferred from; `for_counter_id` the one counter that may call it, if any.
    """

    __table_args__ = (
        Index("ix_ticket_open", "centre_id", info=only(_OPEN)),
        Index(
            "ix_ticket_waiting",
            "centre_id",
            "ticket_class",
            "counts_from",
            "arrived_at",
            "id",
            info=only(_WAITING),
        ),
        Index(
            "ux_ticket_at_counter",
            "counter_id",
            unique=True,
            info=only(_AT_COUNTER),
        ),
        Index("ix_ticket_special", "centre_id", info=only(_SPECIAL)),
        Index("ix_ticket_directed", "for_counter_id", info=only(_DIRECTED)),
        Index("ix_ticket_ended", "centre_id", "ended_at"),
        # Whether anybody came for an appointment, asked of each before it is erased.
        Index("ix_ticket_booking", "booking_id", info=only(_OF_BOOKING)),
    )
    id: str = Field(primary_key=True, max_length=32)
    visit_id: str = Field(foreign_key="visit.id", index=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    service_id: int = Field(foreign_key="service.id")
    state: str = Field(default=TicketState.WAITING, max_length=12)
    ticket_class: str = Field(default=TicketClass.ORDINARY, max_length=10)
    arrived_at: datetime = Field(sa_type=Instant)
    counts_from: datetime = Field(sa_type=Instant)
    for_counter_id: int | None = Field(default=None, foreign_key="counter.id")
    follows: str | None = Field(default=None, max_length=32)
    counter_id: int | None = Field(default=None, foreign_key="counter.id")
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    calls: int = 0
    first_called_at: datetime | None = Field(default=None, sa_type=Instant)
    called_at: datetime | None = Field(default=None, sa_type=Instant)
    served_at: datetime | None = Field(default=None, sa_type=Instant)
    parked_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = Field(default=None, max_length=20)
    avoidable: str | None = Field(default=None, max_length=20)
    paper: str = Field(default=PaperState.RESERVED, max_length=12)
    copies: int = 0
    quick: bool = False
    """May go between long ones (docs/selection.md)."""
    wants: str | None = Field(default=None, max_length=13)
    """Whom the visitor asked for: a language's code, or `sign_language`."""
    added_by: int | None = Field(default=None, foreign_key="staff.id")
    """Who entered it by hand; None when a kiosk issued it."""
    booking_id: str | None = Field(default=None, max_length=32)
    """The appointment it is for; also when its visitor came too late to keep the place."""
    again: bool = False
    """They had been here about the same before, as whoever served them heard."""
    left_open: bool = False
    """Nobody ended it on its day: the house did, so how long it took is not known."""
    counted: bool = True
    """False for one that no visitor stands behind: entered by mistake, or the second ticket of one person."""


class Step(SQLModel, table=True):
    """One step of one ticket. `was` holds the columns it changed as they stood before, so undo can put them back."""

    __table_args__ = (Index("ix_step_ticket", "ticket_id", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: str = Field(foreign_key="ticket.id", max_length=32)
    action: str = Field(max_length=12)
    before: str = Field(max_length=12)
    after: str = Field(max_length=12)
    at: datetime = Field(sa_type=Instant)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    counter_id: int | None = Field(default=None, foreign_key="counter.id")
    address: str = Field(default="", max_length=60)
    was: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    undone_at: datetime | None = Field(default=None, sa_type=Instant)


class Note(SQLModel, table=True):
    """What staff wrote for whoever serves next in this visit."""

    id: int | None = Field(default=None, primary_key=True)
    visit_id: str = Field(foreign_key="visit.id", index=True, max_length=32)
    ticket_id: str = Field(foreign_key="ticket.id", index=True, max_length=32)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    at: datetime = Field(sa_type=Instant)
    text: str = Field(max_length=500)


class Seat(SQLModel, table=True):
    """A member of staff at a counter, for some services, since when. At most one open seat a counter and a person."""

    __table_args__ = (
        Index(
            "ux_seat_counter",
            "counter_id",
            unique=True,
            info=only(text("until_at IS NULL")),
        ),
        Index(
            "ux_seat_staff",
            "staff_id",
            unique=True,
            info=only(text("until_at IS NULL")),
        ),
        Index(
            "ix_seat_centre",
            "centre_id",
            info=only(text("until_at IS NULL")),
        ),
        Index("ix_seat_since", "centre_id", "since_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id")
    staff_id: int = Field(foreign_key="staff.id")
    counter_id: int = Field(foreign_key="counter.id")
    services: list[int] = Field(sa_column=Column(Document, nullable=False))
    skills: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    """Whom this person can serve that not everybody can, as a ticket's `wants` says it; as of sitting down."""
    after_quick: bool = False
    """The last ticket called here was a quick one, so the next is not if anybody else waits."""
    since_at: datetime = Field(sa_type=Instant)
    until_at: datetime | None = Field(default=None, sa_type=Instant)
    left_open: bool = False
    """Nobody got up: the house closed it, so until when somebody sat there is not known."""


class Pause(SQLModel, table=True):
    """A break of a seat: the counter calls nobody meanwhile."""

    __table_args__ = (
        Index(
            "ux_pause_seat",
            "seat_id",
            unique=True,
            info=only(text("until_at IS NULL")),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    seat_id: int = Field(foreign_key="seat.id", index=True)
    reason: str = Field(max_length=12)
    since_at: datetime = Field(sa_type=Instant)
    until_at: datetime | None = Field(default=None, sa_type=Instant)
