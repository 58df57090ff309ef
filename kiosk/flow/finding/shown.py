"""What the screens show while somebody looks for the right thing, as one frozen value in `Visitor.finding`; None while nobody does.

What is typed into the search stays here and goes with the visitor: it is never told, kept or sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.flow.offer import Words


class At(StrEnum):
    """Also told as where a use ended (`Use.step`)."""

    BROWSE = "browse"
    """Everything there is, and the way to the search."""
    SEARCH = "search"
    PORTAL = "portal"
    """One page elsewhere: what it is for, what one needs, its code for a phone."""
    ON_PC = "on_pc"
    """It was sent to a PC; where to go."""
    PHONE = "phone"
    """It is on their phone now."""


@dataclass(frozen=True)
class Found:
    """One thing that was found, as a tile: `kind` is service, purpose, form or portal."""

    kind: str
    id: str
    names: Words
    icon: str = ""
    open: bool = True


@dataclass(frozen=True)
class Finding:
    at: At = At.BROWSE
    begun: float = 0.0
    typed: str = ""
    found: tuple[Found, ...] = ()
    reading: bool = False
    """What was found is looked at, without the keys. Large panels show both at once and pay no heed to it."""
    searched: bool = False
    """Something was typed; whether it found anything is told when they have gone."""
    came_from: At = At.BROWSE
    portal: str = ""
    working: int = 0
    """The order whose answer is awaited; 0: none."""
    since: float = 0.0
    pc: str = ""
    """The name of the PC it was sent to."""
