"""What can be asked for, and what is wanted done. Nothing comes back: whoever has said how it was, has been heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from kiosk.flow.marks import RateAct, RateEffect
from wire.vocabulary import FeedbackReason, Language


@dataclass(frozen=True)
class Rate(RateAct):
    """One of the faces, on the first screen."""

    score: int


@dataclass(frozen=True)
class Choose(RateAct):
    """What it is about; None: go on without saying."""

    reason: FeedbackReason | None


@dataclass(frozen=True)
class Type(RateAct):
    sign: str
    quick: ClassVar[bool] = True


@dataclass(frozen=True)
class Delete(RateAct):
    """The last sign."""

    quick: ClassVar[bool] = True


@dataclass(frozen=True)
class Send(RateAct):
    """With what was written."""


@dataclass(frozen=True)
class SendWithout(RateAct):
    """Without a word."""


@dataclass(frozen=True)
class TellRating(RateEffect):
    """Say it to the server when it can be told. `comment` is for the house alone: it is sealed before it is kept."""

    score: int
    reason: FeedbackReason | None
    language: Language
    comment: str = field(default="", repr=False)
    recipients: tuple[str, ...] = field(default=(), repr=False)
