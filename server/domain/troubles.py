"""What the house finds of itself: a verdict over measured facts, and when a trouble begins and ends.

A verdict names its subject, so that the next one about the same subject takes its place: a trouble begins with the first verdict that is not
fine, keeps its first moment while the verdicts after it say the same or another fault, and ends by itself with the first that is fine. What
could not be looked at says nothing: it neither begins nor ends a trouble. A grave one stops the house's work, or will soon; others are
worth knowing. Sentences are for whoever runs the machine, say what to do, and hold nothing of a visitor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

MOST_SIGNS = 400
SHARED = ""
"""The process of a trouble that concerns all servers."""


class Level(StrEnum):
    FINE = "fine"
    WORTH_KNOWING = "worth knowing"
    WRONG = "wrong"
    UNKNOWN = "not looked at"
    """It could not be found out, or there is nothing to look at."""


@dataclass(frozen=True)
class Verdict:
    """`subject` is a short name that never changes, such as `disk` or `mail`; `act` what to do, empty when there is nothing."""

    subject: str
    level: Level
    say: str
    act: str = ""

    @property
    def grave(self) -> bool:
        return self.level is Level.WRONG

    @property
    def troubles(self) -> bool:
        return self.level in (Level.WORTH_KNOWING, Level.WRONG)


def fine(subject: str, say: str) -> Verdict:
    return Verdict(subject, Level.FINE, say)


def worth_knowing(subject: str, say: str, act: str = "") -> Verdict:
    return Verdict(subject, Level.WORTH_KNOWING, say, act)


def wrong(subject: str, say: str, act: str) -> Verdict:
    return Verdict(subject, Level.WRONG, say, act)


def not_looked_at(subject: str, say: str) -> Verdict:
    return Verdict(subject, Level.UNKNOWN, say)


def worst(verdicts: Iterable[Verdict]) -> Level:
    """The level that the whole comes to."""
    levels = {verdict.level for verdict in verdicts}
    return next((level for level in (Level.WRONG, Level.WORTH_KNOWING) if level in levels), Level.FINE)


@dataclass(frozen=True)
class Turns:
    """What to note of these verdicts: troubles that are there, and subjects whose trouble is over."""

    there: tuple[Verdict, ...]
    over: tuple[str, ...]


def turns(open_now: Collection[str], verdicts: Iterable[Verdict]) -> Turns:
    """`open_now` are the subjects whose trouble is written down."""
    found = tuple(verdicts)
    return Turns(
        there=tuple(verdict for verdict in found if verdict.troubles),
        over=tuple(v.subject for v in found if v.level is Level.FINE and v.subject in open_now),
    )
