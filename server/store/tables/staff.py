"""Staff accounts, their roles per centre and their browser sessions (server-side; the cookie is a random key, kept hashed)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from server.store.types import Instant


class Staff(SQLModel, table=True):
    """`password_hash` is argon2id; empty means nobody can sign in with a password yet."""

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True, max_length=60)
    name: str = Field(max_length=80)
    password_hash: str = Field(default="", max_length=200)
    must_change: bool = False
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)


class StaffRole(SQLModel, table=True):
    __tablename__ = "staff_role"
    staff_id: int = Field(foreign_key="staff.id", primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", primary_key=True)
    role: str = Field(primary_key=True, max_length=14)


class StaffSkill(SQLModel, table=True):
    """What a person can do at a centre (`wire.vocabulary.SkillKind`): `value` is a service's slug, a language's code, or empty for signing."""

    __tablename__ = "staff_skill"
    staff_id: int = Field(foreign_key="staff.id", primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", primary_key=True)
    kind: str = Field(primary_key=True, max_length=14)
    value: str = Field(default="", primary_key=True, max_length=40)


class BrowserSession(SQLModel, table=True):
    __tablename__ = "browser_session"
    id: str = Field(primary_key=True, max_length=64)
    """SHA-256 of the cookie's key."""
    staff_id: int = Field(foreign_key="staff.id", index=True)
    centre_id: int = Field(foreign_key="centre.id")
    csrf: str = Field(max_length=44)
    started_at: datetime = Field(sa_type=Instant)
    used_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    address: str = Field(default="", max_length=60)


class LoginTry(SQLModel, table=True):
    """Failed sign-ins, kept a day to slow guessing: by account and by address."""

    __tablename__ = "login_try"
    __table_args__ = (
        Index("ix_login_try_username_at", "username", "at"),
        Index("ix_login_try_address_at", "address", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(max_length=60)
    address: str = Field(max_length=60)
    at: datetime = Field(sa_type=Instant)
