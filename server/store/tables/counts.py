"""What is counted beside tickets: taps, help at the door, past figures, the door's own counter.

Tickets are not counted here but where they are (`server.domain.tallies` says how one counts), so nothing can be counted twice. What was
counted wrongly is never deleted: it is marked as taken back, with who and when, and what it should have been is a row of its own.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.store.types import Instant


class Tally(SQLModel, table=True):
    """One activity of one visitor. `visit_id` where it is known whose; `id` is made where the finger touched."""

    __table_args__ = (Index("ix_tally_day", "centre_id", "counted_on", "activity"),)
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    visit_id: str | None = Field(default=None, foreign_key="visit.id", max_length=32)
    activity: str = Field(max_length=20)
    source: str = Field(max_length=12)
    counted_on: date
    at: datetime = Field(sa_type=Instant)
    entered_at: datetime = Field(sa_type=Instant)
    """When it reached the house: later than `at` when the link was cut."""
    people: int = 1
    """How many visitors it stands for: more than one only when a tally sheet is entered."""
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    service_id: int | None = Field(default=None, foreign_key="service.id")
    solved: bool | None = None
    avoidable: str | None = Field(default=None, max_length=20)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_by: int | None = Field(default=None, foreign_key="staff.id")
    reason: str = Field(default="", max_length=200)
    """Why it was taken back or put in another's place."""
    corrects: str | None = Field(default=None, max_length=32)


class PastImport(SQLModel, table=True):
    """One file of past figures. Taken back whole or not at all."""

    __tablename__ = "past_import"
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    file_name: str = Field(max_length=120)
    digest: str = Field(max_length=64)
    kind: str = Field(max_length=12)
    """`activities`, `door`, or `bookings` (which are in no table of figures)."""
    lines: int
    at: datetime = Field(sa_type=Instant)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_by: int | None = Field(default=None, foreign_key="staff.id")


class PastCount(SQLModel, table=True):
    """How many visitors did `activity` from `first_on` to `last_on`, both included, as a file said."""

    __tablename__ = "past_count"
    __table_args__ = (Index("ix_past_count", "centre_id", "first_on", "last_on"),)
    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="past_import.id", index=True)
    centre_id: int = Field(foreign_key="centre.id")
    first_on: date
    last_on: date
    activity: str = Field(max_length=20)
    visitors: int


class DoorCount(SQLModel, table=True):
    """How many went in and out at a door in the span that ends at `until_at`. The same span told again replaces nothing: it is known."""

    __tablename__ = "door_count"
    __table_args__ = (
        UniqueConstraint("centre_id", "door", "from_at", "until_at", name="ux_door_count"),
        Index("ix_door_count_day", "centre_id", "counted_on"),
    )
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id")
    device_id: int | None = Field(default=None, foreign_key="device.id")
    import_id: int | None = Field(default=None, foreign_key="past_import.id")
    door: str = Field(default="", max_length=60)
    counted_on: date
    from_at: datetime = Field(sa_type=Instant)
    until_at: datetime = Field(sa_type=Instant)
    went_in: int
    went_out: int
