"""What the house keeps of its own doings: done commands, who did what, and what needs a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant


class Command(SQLModel, table=True):
    """A command that was done, with its answer, written in the transaction of its effect."""

    id: str = Field(primary_key=True, max_length=32)
    body_hash: str = Field(max_length=32)
    actor: str = Field(max_length=60)
    at: datetime = Field(sa_type=Instant)
    answer: str


class Audit(SQLModel, table=True):
    """What staff did: who, when, what, about which thing, from where. `detail` never holds a visitor's words."""

    __table_args__ = (Index("ix_audit_centre_at", "centre_id", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int | None = Field(default=None, foreign_key="centre.id")
    at: datetime = Field(sa_type=Instant)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    what: str = Field(max_length=30)
    about: str = Field(default="", max_length=80)
    address: str = Field(default="", max_length=60)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))


class Attention(SQLModel, table=True):
    """Something that needs a person now: help pressed at a kiosk, an entry set aside. Open until done."""

    __table_args__ = (
        Index(
            "ix_attention_open",
            "centre_id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    kind: str = Field(max_length=12)
    """`help` or `set_aside`."""
    device_id: int | None = Field(default=None, foreign_key="device.id")
    at: datetime = Field(sa_type=Instant)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    taken_by: int | None = Field(default=None, foreign_key="staff.id")
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
