"""What visitors handed in that does not get on: said once for each team, however many, for the list says which.

It names a team and a number, never what somebody handed in: a greeter reads it, and so does whoever stands beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Stuck(NamedTuple):
    """What of a team's submissions does not go on: how many were given up, are tried in vain, or are taken by nobody, and since when the oldest."""

    team: str
    name: str
    given_up: int
    failing: int
    unclaimed: int
    since_at: int


def says(each: Stuck) -> str:
    """What is the matter and who sees to it; empty when nothing is."""
    said = " ".join(_said(each))
    return f"{said} Whoever sorts papers sees under Papers what to do." if said else ""


def _said(each: Stuck) -> Iterator[str]:
    name = each.name or "no team"
    if each.given_up:
        yield f"{_things(each.given_up)} for {name} could not be sent."
    if each.failing:
        yield f"{_things(each.failing)} for {name} cannot be sent now; it is tried again."
    if each.unclaimed:
        have = "has" if each.unclaimed == 1 else "have"
        yield f"{_things(each.unclaimed)} for {name} {have} been waiting for more than three days."


def _things(many: int) -> str:
    return "One thing handed in" if many == 1 else f"{many} things handed in"
