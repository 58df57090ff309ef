"""What visitors hand in by themselves: papers and filled-in forms, how they reach the back office, and how self-service was used.

Nothing a visitor wrote or laid on a plate stands here in clear. A submission's facts and each of its documents are sealed with a key of their
own; that key stands beside them, wrapped by the house's, which is outside the database (`server.papers.keyring`). Deleting the keys and the
pieces deletes the thing, also from every backup that is restored without them; the row itself stays, because figures are sums over rows, and
says nothing of whom it was about.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from server.store.types import Document as Json
from server.store.types import Instant, only
from wire.vocabulary import Channel, Language, Readable, SubmissionState

_GONE = text("deleted_at IS NOT NULL")
_KEPT = text("deleted_at IS NULL")
_UNREAD = text("searchable IS NULL AND type = 'application/pdf'")
_WAITING = text("sent_at IS NULL AND dead_at IS NULL")
_LYING = text("sent_at IS NOT NULL AND picked_at IS NULL")


class Submission(SQLModel, table=True):
    """One thing handed in (`wire.vocabulary.HandedIn`), known to its visitor by `reference`. `id` is its packet's."""

    __table_args__ = (
        Index("ux_submission_reference", "reference", unique=True),
        Index("ix_submission_centre", "centre_id", "received_at"),
        Index("ix_submission_kept", "centre_id", "state", info=only(_KEPT)),
        Index("ix_submission_delete", "delete_at", info=only(_KEPT)),
        Index("ix_submission_deleted", "deleted_at", info=only(_GONE)),
        Index("ix_submission_visit", "visit_id"),
        Index("ix_submission_ticket", "ticket_id"),
        Index("ix_submission_booking", "booking_id"),
    )
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    kind: str = Field(max_length=8)
    reference: str = Field(max_length=8)
    what: str = Field(max_length=40)
    """The purpose's slug, or the form's."""
    version: int = 0
    """Of the form."""
    team: str = Field(default="", max_length=40)
    """The slug of the team it is for; empty while nobody has been named."""
    channel: str = Field(default=Channel.KIOSK, max_length=10)
    device_id: int | None = Field(default=None, foreign_key="device.id")
    visit_id: str | None = Field(default=None, max_length=32)
    ticket_id: str | None = Field(default=None, max_length=32)
    booking_id: str | None = Field(default=None, max_length=32)
    language: str = Field(default=Language.EN, max_length=2)
    state: str = Field(default=SubmissionState.RECEIVED, max_length=10)
    pages: int = 0
    papers: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(Json, nullable=False))
    """`{"kind": PaperKind, "pages": n}` each."""
    retakes: int = 0
    seconds: int = 0
    readable: str = Field(default=Readable.UNKNOWN, max_length=8)
    virus: str = Field(default="", max_length=12)
    """Empty: not looked for; `clean`, or `found` (then nobody may open it)."""
    key: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """Wrapped; opens `facts`. None when deleted."""
    facts: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """Sealed JSON: the visitor's own reference, where they wish to hear, and a form's answers."""
    body_hash: str = Field(max_length=64)
    """Of the packet: the same id with another body is refused."""
    made_at: datetime = Field(sa_type=Instant)
    """When its visitor sent it."""
    received_at: datetime = Field(sa_type=Instant)
    handed_at: datetime | None = Field(default=None, sa_type=Instant)
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)
    accepted_by: str = Field(default="", max_length=80)
    """Which system or member of staff."""
    rejected_at: datetime | None = Field(default=None, sa_type=Instant)
    rejected_by: int | None = Field(default=None, foreign_key="staff.id")
    reject_why: str = Field(default="", max_length=40)
    """A word of the catalogue (`unusable.<word>`)."""
    delete_at: datetime | None = Field(default=None, sa_type=Instant)
    deleted_at: datetime | None = Field(default=None, sa_type=Instant)
    deleted_why: str = Field(default="", max_length=20)
    """`retention`, `rejected`, `staff`, `unclaimed`."""


class Document(SQLModel, table=True):
    """One file of a submission. `key` is wrapped; the file itself is in its pieces."""

    __table_args__ = (
        Index("ix_document_submission", "submission_id", "position"),
        Index("ix_document_unread", "tried", "made_at", info=only(_UNREAD)),
    )
    id: str = Field(primary_key=True, max_length=32)
    submission_id: str = Field(foreign_key="submission.id", max_length=32)
    position: int = 0
    name: str = Field(max_length=40)
    """What it is called in hand-offs: `papers.pdf`, `submission.json`, `photo-1.jpg`."""
    type: str = Field(max_length=40)
    pages: int = 0
    size: int
    """Bytes in clear."""
    pieces: int
    key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    searchable: bool | None = None
    """None: not tried yet; False: it was tried and this is the plain one; not meant for any but PDFs."""
    tried: int = 0
    reading_until: datetime | None = Field(default=None, sa_type=Instant)
    """While a server reads it; until then no other takes it up."""
    made_at: datetime = Field(sa_type=Instant)


class Piece(SQLModel, table=True):
    """A sealed part of a document, at most one MiB, so that writing a long one never holds up the queue. Those of no document are swept."""

    __table_args__ = (Index("ix_piece_at", "at"),)
    document_id: str = Field(primary_key=True, max_length=32)
    number: int = Field(primary_key=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime = Field(sa_type=Instant)


class HandOff(SQLModel, table=True):
    """One way to one team for one submission; an outbox as `Post` is. `id` is the same in every attempt."""

    __tablename__ = "hand_off"
    __table_args__ = (
        UniqueConstraint("submission_id", "round", name="ux_hand_off_round"),
        Index("ix_hand_off_due", "due_at", info=only(_WAITING)),
        Index("ix_hand_off_lying", "sent_at", info=only(_LYING)),
        Index("ix_hand_off_centre", "centre_id", "made_at"),
    )
    id: str = Field(primary_key=True, max_length=32)
    submission_id: str = Field(foreign_key="submission.id", max_length=32)
    round: int = 1
    """Rises when it is sent again, or to another team."""
    centre_id: int = Field(foreign_key="centre.id")
    team: str = Field(max_length=40)
    way: str = Field(max_length=10)
    """`folder`, `sftp`, `webhook`, `email`."""
    made_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    attempts: int = 0
    sending_since: datetime | None = Field(default=None, sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    picked_at: datetime | None = Field(default=None, sa_type=Instant)
    dead_at: datetime | None = Field(default=None, sa_type=Instant)
    why: str = Field(default="", max_length=300)
    """Why it has not been sent yet, for staff."""


class Sighting(SQLModel, table=True):
    """ "Seen, not kept": a member of staff saw a paper, and no picture was made."""

    __table_args__ = (Index("ix_sighting_centre", "centre_id", "at"), Index("ix_sighting_visit", "visit_id"))
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    paper: str = Field(max_length=12)
    """`wire.vocabulary.PaperKind`."""
    detail: str = Field(default="", max_length=20)
    """Such as `passport`, `driving_licence`; a word of the pages."""
    case: str = Field(default="", max_length=40)
    """The case it was seen for, as staff name it; never a person's name."""
    submission_id: str | None = Field(default=None, max_length=32)
    visit_id: str | None = Field(default=None, max_length=32)
    ticket_id: str | None = Field(default=None, max_length=32)
    staff_id: int = Field(foreign_key="staff.id")
    at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_by: int | None = Field(default=None, foreign_key="staff.id")
    withdrawn_why: str = Field(default="", max_length=200)


class SelfServiceUse(SQLModel, table=True):
    """One use of a scan station, a form, a link elsewhere or the search (`wire.vocabulary.UseKind`), and how it ended."""

    __tablename__ = "self_service_use"
    __table_args__ = (Index("ix_use_day", "centre_id", "used_on", "kind"),)
    id: str = Field(primary_key=True, max_length=32)
    centre_id: int = Field(foreign_key="centre.id")
    device_id: int | None = Field(default=None, foreign_key="device.id")
    channel: str = Field(default=Channel.KIOSK, max_length=10)
    kind: str = Field(max_length=8)
    slug: str = Field(default="", max_length=40)
    language: str = Field(default=Language.EN, max_length=2)
    ended: str = Field(max_length=14)
    step: str = Field(default="", max_length=20)
    seconds: int = 0
    pages: int = 0
    retakes: int = 0
    used_on: date
    at: datetime = Field(sa_type=Instant)
