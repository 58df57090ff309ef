"""Forms of a centre, their versions, what is on its way from a kiosk to a phone, and the council's list of addresses.

A form's words are a document (YAML, `forms.reading`); a version never changes once it is published, so whoever began with it can finish with
it. What somebody has filled in so far is not here, except sealed with a key that only their own link or cookie holds.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.store.types import Instant


class Form(SQLModel, table=True):
    """A form as a centre offers it. `version` 0: none is published yet."""

    __table_args__ = (UniqueConstraint("centre_id", "slug"),)
    id: int | None = Field(default=None, primary_key=True)
    centre_id: int = Field(foreign_key="centre.id", index=True)
    slug: str = Field(max_length=40)
    version: int = 0
    service: str = Field(default="", max_length=40)
    """Whose line "I need a person" goes to; empty: the greeter comes."""
    team: str = Field(default="", max_length=40)
    keep_days: int = 30
    """After the team has it."""
    icon: str = Field(default="form", max_length=30)
    position: int = 0
    at_kiosks: bool = True
    on_web: bool = True
    retired_at: datetime | None = Field(default=None, sa_type=Instant)


class FormVersion(SQLModel, table=True):
    """The text of a form as it was published (or is being drafted: `number` 0, one a form)."""

    __tablename__ = "form_version"
    __table_args__ = (UniqueConstraint("form_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    form_id: int = Field(foreign_key="form.id", index=True)
    number: int
    text: str
    digest: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=Instant)
    made_by: int | None = Field(default=None, foreign_key="staff.id")


class Carried(SQLModel, table=True):
    """A form begun, on its way to another device, or being filled in on the web. `id` is the hash of the secret that also opens `body`, so
    the house by itself can read none of it."""

    __table_args__ = (Index("ix_carried_expires", "expires_at"),)
    id: str = Field(primary_key=True, max_length=64)
    centre_id: int = Field(foreign_key="centre.id")
    kind: str = Field(max_length=10)
    """`phone`: one use; `web`: while it is filled in; `day`: kept under a reference."""
    slug: str = Field(max_length=40)
    version: int
    language: str = Field(max_length=2)
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    made_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
    became: str | None = Field(default=None, max_length=32)
    """The submission it ended as; of one kept under a reference, the first ticket that was given for it."""


class AddressList(SQLModel, table=True):
    """The council's list of addresses as it was loaded. Only the `current` one is looked at: one that is coming in is filled piece by piece and then
    takes its place at once, or never."""

    __tablename__ = "address_list"
    id: int | None = Field(default=None, primary_key=True)
    file_name: str = Field(max_length=120)
    digest: str = Field(max_length=64)
    lines: int
    made_at: datetime = Field(sa_type=Instant)
    made_by: int | None = Field(default=None, foreign_key="staff.id")
    current: bool = False


class Address(SQLModel, table=True):
    """One address of a list (the council's gazetteer), for finding it by postcode."""

    __table_args__ = (
        UniqueConstraint("list_id", "uprn"),
        Index("ix_address_postcode", "list_id", "postcode", "position"),
    )
    id: int | None = Field(default=None, primary_key=True)
    list_id: int = Field(foreign_key="address_list.id")
    uprn: str = Field(max_length=12)
    """Unique property reference number."""
    postcode: str = Field(max_length=8)
    """Without its space, in capitals."""
    line: str = Field(max_length=200)
    position: int = 0
