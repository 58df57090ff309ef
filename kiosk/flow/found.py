"""What is known of one reference, what a ticket says of an appointment, and what is told instead of a ticket: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, ValidationError

from kiosk.flow.line import Line
from kiosk.flow.offer import Expected, Part


class Found(Part):
    """As the server answers, or made from a row of today. `no_answer`: nobody could be asked."""

    found: Literal["today", "arrived", "other_day", "other_centre", "cancelled", "unknown", "no_answer"]
    starts_at: int | None = None
    from_at: int | None = None
    kept_until_at: int | None = None
    where: str = Field(default="", max_length=200)
    timezone: str = ""
    centre: str = Field(default="", max_length=200)
    code: str = Field(default="", max_length=8)
    moved: bool = False


NO_ANSWER = Found(found="no_answer")


def read_found(row: Mapping[str, Any]) -> Found:
    """The server's answer; one that cannot be understood is none."""
    try:
        found = Found.model_validate(row)
    except ValidationError:
        return NO_ANSWER
    timed = found.found in ("today", "other_day", "other_centre")
    return NO_ANSWER if timed and found.starts_at is None else found


def of_today(row: Expected) -> Found:
    return Found(
        found="today",
        starts_at=row.starts_at,
        from_at=row.from_at,
        kept_until_at=row.kept_until_at,
        where=row.where,
    )


class Standing(StrEnum):
    """How somebody who gets a ticket stands."""

    ON_TIME = "on_time"
    LATE = "late"
    """After the place was kept for them: in line as who walked in."""
    UNSURE = "unsure"
    """Nobody could be asked. Staff find the appointment."""


@dataclass(frozen=True)
class Appointment:
    """What a ticket says of an appointment. Never what it is for."""

    standing: Standing
    starts_at: int | None = None
    where: str = ""


@dataclass(frozen=True)
class Told:
    """Title, what to do, and perhaps one thing more. `ticket`: whether a ticket to speak to somebody is offered."""

    title: Line
    lead: Line
    more: Line | None = None
    ticket: bool = True
    again: bool = False
    """Whether trying once more is offered."""
