"""What the house keeps of its own doings: done commands, who did what, and what needs a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant, only

_OF_PAPERS = text("about LIKE 'submission:%'")
_THERE = text("erased_at IS NULL")


class Command(SQLModel, table=True):
    """A command that was done, with its answer, written in the transaction of its effect."""

    __table_args__ = (Index("ix_command_at", "at"),)
    id: str = Field(primary_key=True, max_length=32)
    body_hash: str = Field(max_length=32)
    actor: str = Field(max_length=60)
    at: datetime = Field(sa_type=Instant)
    answer: str


class HouseKey(SQLModel, table=True):
    """A secret the house made for itself at its first start, shared by all its servers and kept by its backups (docs/security.md). `papers` is no
    secret: the public key that what visitors hand in is sealed to, whose other half is in a file (`server.papers.keyring`)."""

    __tablename__ = "house_key"
    name: str = Field(primary_key=True, max_length=20)
    secret: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=Instant)


class Audit(SQLModel, table=True):
    """What staff did: who, when, what, about which thing, from where. `detail` never holds a visitor's words."""

    __table_args__ = (
        Index("ix_audit_centre_at", "centre_id", "at"),
        # Who looked at what a visitor handed in is shown beside it.
        Index("ix_audit_submission", "about", "at", info=only(_OF_PAPERS)),
        # The rows of a link of the chain, and those that are in none yet.
        Index("ix_audit_seal", "seal", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int | None = Field(default=None, foreign_key="centre.id")
    at: datetime = Field(sa_type=Instant)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    what: str = Field(max_length=30)
    about: str = Field(default="", max_length=80)
    address: str = Field(default="", max_length=60)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    seal: int | None = Field(default=None)
    """The link of the chain that holds this row (`AuditSeal`); None for the few seconds until it is sealed. A row says so itself because rows of
    PostgreSQL may be committed in another order than their ids: one with a lower id that comes late is simply in a later link."""


class AuditSeal(SQLModel, table=True):
    """One link of the audit's chain (docs/audit.md): the rows of the audit that name it, in order of their ids, as they were when they were sealed.

    `hash` covers `previous` and all but the last four, so a row that is changed, taken out or put in later no longer fits, and no link can be taken out,
    put in or made anew without the key. Rows may go when their time is over: the link stays, `erased` says by the same key that it was the house
    that erased them, and the chain holds.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (
        # Links stay for ever, and those whose rows may go are looked for every few minutes.
        Index("ix_audit_seal_due", "newest_at", "id", info=only(_THERE)),
    )
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """1, 2, 3 ... without a gap."""
    key: str = Field(max_length=16)
    """Which key of the key file made it."""
    first_id: int
    last_id: int
    rows: int
    newest_at: datetime = Field(sa_type=Instant)
    """Of its rows, but never after it was made: when they may be erased is counted from here."""
    made_at: datetime = Field(sa_type=Instant)
    previous: str = Field(max_length=64)
    content: str = Field(max_length=64)
    """Of its rows' bytes."""
    hash: str = Field(max_length=64)
    marks: str = Field(default="")
    """A short mark of each row (`id:mark` with spaces between), by which a row is named that does not fit any more; gone with the rows."""
    checked_at: datetime | None = Field(default=None, sa_type=Instant)
    """When the house last looked through the whole chain up to here and found that it holds."""
    erased_at: datetime | None = Field(default=None, sa_type=Instant)
    erased: str = Field(default="", max_length=64)


class Attention(SQLModel, table=True):
    """Something that needs a person now (`wire.vocabulary.AttentionKind`). Open until done.

    What the house notices by itself has no row until somebody takes it; `subject` then says which it is, and a row that is done keeps it quiet for a while.
    """

    __table_args__ = (
        Index(
            "ix_attention_open",
            "centre_id",
            info=only(text("done_at IS NULL")),
        ),
        Index(
            "ux_attention_subject",
            "centre_id",
            "subject",
            unique=True,
            info=only(text("subject IS NOT NULL AND done_at IS NULL")),
        ),
        Index("ix_attention_done", "centre_id", "done_at"),
    )
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    kind: str = Field(max_length=20)
    subject: str | None = Field(default=None, max_length=80)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    """Who asked, when it was a member of staff."""
    ticket_id: str | None = Field(default=None, max_length=32)
    device_id: int | None = Field(default=None, foreign_key="device.id")
    at: datetime = Field(sa_type=Instant)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))
    taken_by: int | None = Field(default=None, foreign_key="staff.id")
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)


class Announcement(SQLModel, table=True):
    """Something told to everyone in the centre until it ends. `text` in every language there is, English always."""

    __table_args__ = (
        Index(
            "ix_announcement_open",
            "centre_id",
            info=only(text("ended_at IS NULL")),
        ),
    )
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    prepared: str | None = Field(default=None, max_length=40)
    text: dict[str, str] = Field(sa_column=Column(Document, nullable=False))
    at: datetime = Field(sa_type=Instant)
    until_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    staff_id: int | None = Field(default=None, foreign_key="staff.id")


class Change(SQLModel, table=True):
    """One change of a centre's set-up: what a part was and what it becomes, when it takes effect, and what became of it.

    `part` names the thing (`service:council-tax`), `before` and `after` are what the centre's file says of it (None: it is not there). It is
    planned until `done_at`; `failed` says why it could not be done when its moment came. Undoing is a change of its own that names this one.
    """

    __table_args__ = (
        Index("ix_change_centre", "centre_id", "id"),
        Index(
            "ix_change_due",
            "effective_at",
            info=only(text("done_at IS NULL AND cancelled_at IS NULL")),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id")
    part: str = Field(max_length=80)
    title: str = Field(max_length=160)
    """The part as an administrator calls it: "Service: Council tax"."""
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(Document, nullable=True))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(Document, nullable=True))
    staff_id: int | None = Field(default=None, foreign_key="staff.id")
    made_at: datetime = Field(sa_type=Instant)
    effective_at: datetime = Field(sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    failed: str = Field(default="", max_length=500)
    undoes: int | None = Field(default=None, foreign_key="change.id")
