"""What the small model of the floor is made of: its figures, as docs/selection.md tells them, and its tickets, steps and seats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MINUTE = 60_000_000
LEAD = {"ordinary": (1, 0), "soon": (2, 30), "urgent": (4, 90), "booked": (4, 90)}
QUICK_LEAD, SKILL_LEAD, MOST_LEAD, HOLD = 20 * MINUTE, 10 * MINUTE, 90 * MINUTE, 15 * MINUTE
STILL_HERE = 30 * MINUTE
CLASSES = {"council-tax": "ordinary", "housing": "soon", "parking": "ordinary"}
AT_COUNTER = ("called", "serving")
OPEN = ("waiting", "called", "serving", "parked")


class No(Exception):
    """The house refuses."""


@dataclass
class Person:
    name: str
    id: int
    roles: frozenset[str]
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ticket:
    id: str
    visit: str
    service: str
    urgency: str
    came: int
    state: str = "waiting"
    at: str | None = None
    for_counter: str | None = None
    calls: int = 0
    quick: bool = False
    wants: str | None = None
    counted: bool = True
    by: str | None = None
    """Who called it last, or took it up."""
    first_called: int | None = None
    ended: int | None = None
    added_by: str | None = None
    follows: str | None = None
    booking: str | None = None
    counts: int | None = None
    """From when it counts, if that is not when they came."""

    @property
    def since(self) -> int:
        return self.came if self.counts is None else self.counts


@dataclass(frozen=True)
class Step:
    """What undo takes back: the ticket as it was, what was done, by whom, and the ticket a transfer started."""

    state: str
    """The ticket's before."""
    action: str
    by: str
    was: dict[str, Any]
    """What it changed of the ticket, as it stood before."""
    counter: str | None = None
    started: str | None = None
    after_quick: bool | None = None
    """What the counter's seat remembered before, if this changed it."""


@dataclass
class Seat:
    person: str
    services: frozenset[str]
    skills: frozenset[str]
    paused: bool = False
    after_quick: bool = False
