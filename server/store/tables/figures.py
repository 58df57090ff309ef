"""What the figures stand on beside the rows they are worked out from: sums of days that are over, what was told of waits, what visitors said, who shall sit where.

A sum (`DaySum`, `MonthSum`) is a copy, never a second truth: the database itself lets go of a day's and its month's the moment a row they were made of changes
(triggers, `server.store.triggers`), so one that is there is right. The part `kept` of a day is the exception: it holds the sums of visits whose rows have been
erased because they were due, and is all that is left of them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant, only
from wire.vocabulary import Language, ReportState, SaidState


class DaySum(SQLModel, table=True):
    """The sums (`server.domain.sums`) of one local day at one centre. `part`: `made` from rows that are there, `kept` of rows that were erased."""

    __tablename__ = "day_sum"
    centre_id: int = Field(primary_key=True, foreign_key="centre.id")
    day: date = Field(primary_key=True)
    part: str = Field(primary_key=True, max_length=4)
    begins_at: datetime | None = Field(default=None, sa_type=Instant)
    """The instants between which this local day lies, of the part `made`: by them a trigger finds the day of a sitting, which no database can work out by itself."""
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
    sums: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    made_at: datetime = Field(sa_type=Instant)


class MonthSum(SQLModel, table=True):
    """The sums of a whole month that is over, both parts of its days together. `month` is its first day."""

    __tablename__ = "month_sum"
    centre_id: int = Field(primary_key=True, foreign_key="centre.id")
    month: date = Field(primary_key=True)
    sums: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    made_at: datetime = Field(sa_type=Instant)


class GivenEstimate(SQLModel, table=True):
    """A range that was told to a waiting visitor; what happened stands in the ticket. `step` counts five minutes of waiting, so that a long wait
    leaves a row every five minutes and no more. Seconds. `told` False: it was worked out and held back."""

    __tablename__ = "given_estimate"
    __table_args__ = (Index("ix_given_estimate_day", "centre_id", "given_on"),)
    ticket_id: str = Field(primary_key=True, max_length=32)
    step: int = Field(primary_key=True)
    centre_id: int = Field(foreign_key="centre.id")
    service_id: int = Field(foreign_key="service.id")
    given_on: date
    at: datetime = Field(sa_type=Instant)
    low_seconds: int
    high_seconds: int
    middle_seconds: int
    told: bool = True


class Feedback(SQLModel, table=True):
    """How somebody found their visit; it is linked to no visit. `sealed` is what they wrote, sealed to the house's key; gone when it is due."""

    __table_args__ = (Index("ix_feedback_day", "centre_id", "given_on"),)
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    given_on: date
    at: datetime = Field(sa_type=Instant)
    way: str = Field(max_length=10)
    score: int
    reason: str | None = Field(default=None, max_length=10)
    language: str = Field(default=Language.EN, max_length=2)
    service_id: int | None = Field(default=None, foreign_key="service.id")
    """Where it is known and may be named."""
    device_id: int | None = Field(default=None, foreign_key="device.id")
    sealed: str | None = Field(default=None, max_length=8000)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)
    """When a manager dealt with what was written."""
    seen_by: int | None = Field(default=None, foreign_key="staff.id")
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    """Taken out of the figures: children at play, a test."""
    withdrawn_by: int | None = Field(default=None, foreign_key="staff.id")


class Said(SQLModel, table=True):
    """A complaint, compliment or suggestion on its way to an answer. What it says lies in the submission of its form, or in `sealed` when staff wrote it down."""

    __table_args__ = (
        UniqueConstraint("reference"),
        Index("ix_said_centre", "centre_id", "received_on"),
        Index(
            "ix_said_open",
            "centre_id",
            "answer_due_on",
            info=only(text("ended_at IS NULL")),
        ),
    )
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    kind: str = Field(max_length=12)
    reference: str = Field(max_length=12)
    state: str = Field(default=SaidState.RECEIVED, max_length=12)
    received_on: date
    received_at: datetime = Field(sa_type=Instant)
    way: str = Field(max_length=10)
    """`form` or `staff`."""
    submission_id: str | None = Field(default=None, max_length=32)
    service_id: int | None = Field(default=None, foreign_key="service.id")
    sealed: str | None = Field(default=None, max_length=12000)
    entered_by: int | None = Field(default=None, foreign_key="staff.id")
    acknowledge_due_on: date | None = None
    answer_due_on: date | None = None
    acknowledged_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledged_by: int | None = Field(default=None, foreign_key="staff.id")
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: int | None = Field(default=None, foreign_key="staff.id")
    passed_to: str = Field(default="", max_length=80)
    """The team it went on to."""


class Shift(SQLModel, table=True):
    """Somebody, or simply one desk, planned at a centre from `begins` to `ends` (local `HH:MM`; `ends` <= `begins` runs past midnight)."""

    __table_args__ = (Index("ix_shift_day", "centre_id", "held_on"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id")
    held_on: date
    begins: str = Field(max_length=5)
    ends: str = Field(max_length=5)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    who: str = Field(default="", max_length=80)
    """As the file named them, where no account has that name."""
    services: list[str] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    """Slugs of what is served there; empty: everything but the discreet."""
    import_id: str | None = Field(default=None, max_length=32)
    entered_at: datetime = Field(sa_type=Instant)
    entered_by: int | None = Field(default=None, foreign_key="staff.id")


class KnownEvent(SQLModel, table=True):
    """Something that brings more or fewer visitors than usual, past or to come: council tax bills go out, a bank holiday is near. Those of one `kind` are alike."""

    __tablename__ = "known_event"
    __table_args__ = (Index("ix_known_event", "centre_id", "first_on"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id")
    kind: str = Field(max_length=40)
    name: str = Field(max_length=80)
    first_on: date
    last_on: date
    made_at: datetime = Field(sa_type=Instant)
    made_by: int | None = Field(default=None, foreign_key="staff.id")


class Report(SQLModel, table=True):
    """One file of figures that somebody asked for, or a plan asked for: being made, made, or not. The file goes a day after it was made."""

    __table_args__ = (Index("ix_report_centre", "centre_id", "asked_at"),)
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    plan_id: int | None = Field(default=None, foreign_key="report_plan.id")
    asks: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    """Which report, of which centres and which time, in which form."""
    state: str = Field(default=ReportState.WAITING, max_length=10)
    percent: int = 0
    say: str = Field(default="", max_length=300)
    """What it is at, or why it failed."""
    asked_at: datetime = Field(sa_type=Instant)
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when a server has been at it: one that fell leaves it to another."""
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    file_name: str = Field(default="", max_length=120)
    media_type: str = Field(default="", max_length=100)
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class ReportPlan(SQLModel, table=True):
    """A report that goes out by e-mail by itself, when a week, month or quarter is over."""

    __tablename__ = "report_plan"
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    made_by: int = Field(foreign_key="staff.id")
    made_at: datetime = Field(sa_type=Instant)
    every: str = Field(max_length=8)
    """`week`, `month` or `quarter`."""
    asks: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    recipients: list[str] = Field(sa_column=Column(Document, nullable=False))
    next_on: date
    """The first day on which the next one may go: the day after the time it tells of."""
    tries: int = 0
    tried_at: datetime | None = Field(default=None, sa_type=Instant)
    say: str = Field(default="", max_length=300)
    """What the mail server said last, if it refused."""
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    stopped_at: datetime | None = Field(default=None, sa_type=Instant)


class KeepingRule(SQLModel, table=True):
    """How long a class of personal data is kept, where the house keeps to another time than the default (`server.domain.retention`)."""

    __tablename__ = "keeping_rule"
    name: str = Field(primary_key=True, max_length=20)
    days: int
    set_at: datetime = Field(sa_type=Instant)
    set_by: int | None = Field(default=None, foreign_key="staff.id")


class Erasure(SQLModel, table=True):
    """That what was due of a class was erased at a centre: up to when, how many rows, and what looking for it afterwards found."""

    __table_args__ = (Index("ix_erasure", "centre_id", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int | None = Field(default=None, foreign_key="centre.id")
    name: str = Field(max_length=20)
    before: datetime = Field(sa_type=Instant)
    erased: int
    found_after: int
    """Rows found afterwards that should be gone: 0, or somebody has to look."""
    at: datetime = Field(sa_type=Instant)
