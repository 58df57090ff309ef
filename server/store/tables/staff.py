"""Staff accounts, their roles per centre, their second factor and their browser sessions (server-side; the cookie is a random key, kept hashed)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from server.store.types import Instant, only


class Staff(SQLModel, table=True):
    """`password_hash` is argon2id; empty means nobody can sign in with a password yet."""

    __table_args__ = (
        Index(
            "ux_staff_object",
            "tenant",
            "object_id",
            unique=True,
            info=only(text("object_id IS NOT NULL")),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True, max_length=60)
    name: str = Field(max_length=80)
    password_hash: str = Field(default="", max_length=200)
    must_change: bool = False
    one_time_until: datetime | None = Field(default=None, sa_type=Instant)
    """Until when the one-time password lets in; None where the password is the person's own, or is one of before there was an end to them."""
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)
    tenant: str | None = Field(default=None, max_length=80)
    object_id: str | None = Field(default=None, max_length=80)
    """Who this is at the council's sign-on: the pair never changes and is never given to another, unlike an e-mail address."""
    emergency: bool = False
    """May sign in here with password and second factor though the council's sign-on is the usual way."""


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
    means: str = Field(default="password", max_length=10)
    """`password`, `factor` (password and second factor), `sso`, or `half`: the password was right and the second factor is still to come."""
    browser: str = Field(default="", max_length=60)
    """Its kind and that of the machine, in words of ours (`server.domain.browsers`)."""
    sso_session: str | None = Field(default=None, max_length=120)
    proved_at: datetime | None = Field(default=None, sa_type=Instant)
    """When the person last showed who they are; the gravest acts ask for it anew (`server.web.gate`)."""


class SecondFactor(SQLModel, table=True):
    """A person's authenticator app (RFC 6238). `secret` is sealed with the house's key; `last_step` is the last time step whose code was
    taken, so that no code is taken twice. `next_secret` is that of an app which is being set up since `made_at`, sealed likewise; until its code
    was seen, the one before goes on."""

    __tablename__ = "second_factor"
    staff_id: int = Field(foreign_key="staff.id", primary_key=True)
    secret: str = Field(default="", max_length=2000)
    next_secret: str = Field(default="", max_length=2000)
    made_at: datetime = Field(sa_type=Instant)
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    last_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class RecoveryCode(SQLModel, table=True):
    """A code on paper that stands in for the authenticator once. Kept as a hash."""

    __tablename__ = "recovery_code"
    id: int | None = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    hash: str = Field(max_length=64)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class SignOn(SQLModel, table=True):
    """A sign-in that was sent to the council's sign-on and is not back yet. In the database, so that any server may finish it. Lives minutes; used once."""

    __tablename__ = "sign_on"
    state_hash: str = Field(primary_key=True, max_length=64)
    nonce: str = Field(max_length=64)
    verifier: str = Field(max_length=128)
    """Of PKCE (RFC 7636)."""
    browser_hash: str = Field(max_length=64)
    onward: str = Field(default="", max_length=400)
    at: datetime = Field(sa_type=Instant, index=True)


class SignOnRole(SQLModel, table=True):
    """What a role at the council's sign-on gives at a centre, as its administrators keep it. A centre without a row gives its roles itself."""

    __tablename__ = "sign_on_role"
    value: str = Field(primary_key=True, max_length=120)
    centre_id: int = Field(foreign_key="centre.id", primary_key=True)
    role: str = Field(primary_key=True, max_length=14)


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
