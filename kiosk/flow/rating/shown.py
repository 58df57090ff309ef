"""What the screens show while somebody says how their visit was, as one frozen value in `Visitor.rating`; None while nobody does.

What is written stays here until it is sent, and goes with the visitor: it is never kept in clear.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wire.vocabulary import FeedbackReason


class At(StrEnum):
    WHY = "why"
    """A face was touched; what it is about."""
    TELL = "tell"
    """In their own words, if they like."""
    THANKS = "thanks"


@dataclass(frozen=True)
class Rating:
    """`score` runs from 5, very good, to 1, very poor. `told`: it is on its way; what is left of it on the screen is thanks."""

    score: int
    at: At = At.WHY
    reason: FeedbackReason | None = None
    typed: str = ""
    told: bool = False
    since: float = 0.0
    """When the thanks began."""

    @property
    def good(self) -> bool:
        return self.score >= 4
