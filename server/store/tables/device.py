"""Paired devices and those asking to be paired. Only hashes of secrets are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant


class Device(SQLModel, table=True):
    """`letter` is an issuing point's own at its centre while it is not revoked; `counter_id` is for a sign."""

    __table_args__ = (
        Index(
            "ux_device_letter",
            "centre_id",
            "letter",
            unique=True,
            sqlite_where=text("letter IS NOT NULL AND revoked_at IS NULL"),
            postgresql_where=text("letter IS NOT NULL AND revoked_at IS NULL"),
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
