"""Paired devices and those asking to be paired. Only hashes of secrets are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant, only


class Device(SQLModel, table=True):
    """`letter` is an issuing point's own at its centre while it is not revoked; `counter_id` is for a sign."""

    __table_args__ = (
        Index(
            "ux_device_letter",
            "centre_id",
            "letter",
            unique=True,
            info=only(text("letter IS NOT NULL AND revoked_at IS NULL")),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    kind: str = Field(max_length=14)
    name: str = Field(max_length=60)
    counter_id: int | None = Field(default=None, foreign_key="counter.id")
    letter: str | None = Field(default=None, max_length=1)
    token_hash: str = Field(unique=True, max_length=64)
    approved_by: int | None = Field(default=None, foreign_key="staff.id")
    approved_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)
    health: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    health_at: datetime | None = Field(default=None, sa_type=Instant)
    locked_say: str = Field(default="", max_length=200)
    """What the screen says while staff have locked the device; empty when they have not."""
    layout: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    """Of a display: `shows`, `counters`, `services` as in `wire.rows.DisplayRow`."""
    test_job: str | None = Field(default=None, max_length=32)
    """A self-test that was asked for and not yet answered."""
    tested: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Document, nullable=False))
    tested_at: datetime | None = Field(default=None, sa_type=Instant)
    ring: str = Field(default="all", max_length=8)
    """When a new release comes to it: with the `first`, the `early` ones, or `all` others (`server.store.tables.running.Rollout`)."""
    machine: str = Field(default="", max_length=64)
    """A hash of what the machine says it is. The same token from another machine was copied."""
    other_machine: str = Field(default="", max_length=64)
    """Of a machine that came with a copy of its token and was not let in."""
    other_at: datetime | None = Field(default=None, sa_type=Instant)
    updating: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    """What it last told of its update: `version`, `state`, `say`, `at`."""


class Enrolment(SQLModel, table=True):
    """A device showing its short code. Lives minutes; claimed once."""

    id: str = Field(primary_key=True, max_length=32)
    kind: str = Field(max_length=14)
    name: str = Field(default="", max_length=60)
    code: str = Field(index=True, max_length=8)
    secret_hash: str = Field(max_length=64)
    address: str = Field(default="", max_length=60)
    asked_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    device_id: int | None = Field(default=None, foreign_key="device.id")
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)


class DeviceEvent(SQLModel, table=True):
    """What changed in a device's health, and when: its history. Reports that say the same again leave nothing."""

    __tablename__ = "device_event"
    __table_args__ = (Index("ix_device_event", "device_id", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    device_id: int = Field(foreign_key="device.id")
    at: datetime = Field(sa_type=Instant)
    what: str = Field(max_length=20)
    say: str = Field(default="", max_length=500)


class PrintJob(SQLModel, table=True):
    """A ticket sent to a kiosk's printer, or (without one) a test print. Open until the kiosk said what became of it, or it is too old."""

    __tablename__ = "print_job"
    __table_args__ = (
        Index(
            "ix_print_job_open",
            "centre_id",
            info=only(text("done_at IS NULL")),
        ),
        Index("ix_print_job_done", "centre_id", "done_at"),
        Index("ix_print_job_ticket", "ticket_id"),
    )
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    device_id: int = Field(foreign_key="device.id")
    ticket_id: str | None = Field(default=None, foreign_key="ticket.id", max_length=32)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    at: datetime = Field(sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    paper: str = Field(default="", max_length=12)
