"""What is said on the floor of complaints and compliments that wait longer than was promised (`server.domain.said` says when that is)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Unanswered(NamedTuple):
    """How many are late on the local date `on`, and since which day the oldest is."""

    number: int
    since: date
    on: date


def says(late: Unanswered) -> str:
    """What is the matter, and who sees to it."""
    one = late.number == 1
    many = "1 complaint or compliment waits" if one else f"{late.number} complaints or compliments wait"
    return (
        f"{many} longer than was promised; the oldest was due on {late.since.day} {late.since:%B}. A manager finds"
        " what is late under Figures, Complaints."
    )
