"""What keeps the house running for years: its releases, its processes, its backups, and what was wrong with it when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from server.store.types import Document, Instant, only


class HouseLife(SQLModel, table=True):
    """One life of the database: it begins new, and again each time a backup is restored. Devices are told the number (`wire.rows.CentreRow`); a kiosk
    that finds another hands in again what the server may have lost since `known_until`."""

    __tablename__ = "house_life"
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    secret: str = Field(max_length=32)
    """Random: two restores of one backup are two lives, though both count the same number."""
    why: str = Field(max_length=12)
    """`new`, `restored`, or `restoring` until the first start after it."""
    began_at: datetime = Field(sa_type=Instant)
    known_until: datetime | None = Field(default=None, sa_type=Instant)
    """The moment the restored backup was taken: all that was acknowledged before is here."""


class ServerProcess(SQLModel, table=True):
    """A running server as it tells of itself every few seconds. One that has not for a minute is gone."""

    __tablename__ = "server_process"
    id: str = Field(primary_key=True, max_length=32)
    host: str = Field(max_length=80)
    pid: int
    version: str = Field(max_length=40)
    address: str = Field(default="", max_length=80)
    started_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    told: dict[str, Any] = Field(default_factory=dict, sa_column=Column(Document, nullable=False))


class Lease(SQLModel, table=True):
    """Work that one server does at a time, and until when it is that server's, by the database's own clock (`server.live.turns`)."""

    work: str = Field(primary_key=True, max_length=40)
    process: str = Field(max_length=32)
    until_at: datetime = Field(sa_type=Instant)


class SchemaStep(SQLModel, table=True):
    """A migration that was applied, and the oldest schema whose program may still work on this database beside newer ones (`server.store.schema`)."""

    __tablename__ = "schema_step"
    revision: str = Field(primary_key=True, max_length=32)
    compatible_from: str = Field(max_length=32)
    applied_at: datetime = Field(sa_type=Instant)


class Trouble(SQLModel, table=True):
    """Something wrong with the house itself (disk, certificate, clock, backups ...), until it is seen to be right again.

    `process` is empty for what concerns all servers. `say` is what is wrong, `act` what to do: sentences for whoever runs the machine.
    """

    subject: str = Field(primary_key=True, max_length=60)
    process: str = Field(default="", primary_key=True, max_length=32)
    grave: bool = False
    say: str = Field(max_length=400)
    act: str = Field(default="", max_length=400)
    since_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)


class BackupRun(SQLModel, table=True):
    """One backup: made, and later restored somewhere else and compared (`checked_at`)."""

    __tablename__ = "backup_run"
    __table_args__ = (Index("ix_backup_run", "began_at"),)
    id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=120)
    began_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    known_until: datetime | None = Field(default=None, sa_type=Instant)
    size: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    digest: str = Field(default="", max_length=64)
    state: str = Field(max_length=12)
    """`running`, `made`, `checked` or `failed`."""
    checked_at: datetime | None = Field(default=None, sa_type=Instant)
    gone_at: datetime | None = Field(default=None, sa_type=Instant)
    say: str = Field(default="", max_length=400)


class Release(SQLModel, table=True):
    """A release of Foyer that devices may be brought to: its file's digest is what they hold a download against, besides the signature."""

    version: str = Field(primary_key=True, max_length=40)
    digest: str = Field(max_length=64)
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    notes: str = Field(default="", max_length=2000)
    added_at: datetime = Field(sa_type=Instant)
    added_by: int | None = Field(default=None, foreign_key="staff.id")
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class Rollout(SQLModel, table=True):
    """A release on its way over the fleet, stage by stage: `first`, then `early`, then `all` (`Device.ring` says which device belongs where)."""

    __table_args__ = (
        Index(
            "ux_rollout_open",
            "open",
            unique=True,
            info=only(text("open")),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    version: str = Field(foreign_key="release.version", max_length=40)
    stage: str = Field(max_length=8)
    open: bool = True
    begun_at: datetime = Field(sa_type=Instant)
    begun_by: int | None = Field(default=None, foreign_key="staff.id")
    staged_at: datetime = Field(sa_type=Instant)
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    any_time: bool = False
    """An administrator said that devices need not wait until the centre is closed."""
    why: str = Field(default="", max_length=200)
    """Why it was paused or ended, in words."""
