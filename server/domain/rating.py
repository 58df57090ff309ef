"""How a visit was: the five answers, what they may be about, and what makes a run of them look like play. Pure.

Five, because the same five words are used in other councils' surveys and two of them (4 and 5) are the share that is told as *satisfied*. The reasons are
one short list for praise and blame alike, so that both can be set beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from wire.vocabulary import FeedbackReason

SCORES = (5, 4, 3, 2, 1)
"""Best first, as they are shown."""
SATISFIED = (4, 5)
KEYS = {5: "very_good", 4: "good", 3: "neither", 2: "poor", 1: "very_poor"}
"""What an answer is called in the catalogue, below `rating.`."""
REASONS = tuple(FeedbackReason)
COMMENT_CHARACTERS = 1000
"""Of what somebody writes; at four bytes a sign it still fits its column when it is sealed."""

RUN_WITHIN = 5 * 60 * 1_000_000
RUN_OF = 12
"""So many answers by one way within five minutes are more than leave a centre by one door."""
_Z = 1.96
"""Of the normal distribution: 19 times of 20."""


@dataclass(frozen=True)
class Interval:
    """Between which shares the truth lies 19 times of 20, if those who answered were drawn by lot."""

    low: float
    high: float


def interval(satisfied: int, answers: int) -> Interval | None:
    """Wilson's score interval (E. B. Wilson, 1927), which is right for few answers and near 0 and 1, where the usual one is not. None without answers."""
    if answers <= 0:
        return None
    share, z2 = satisfied / answers, _Z * _Z
    middle = (share + z2 / (2 * answers)) / (1 + z2 / answers)
    half = _Z / (1 + z2 / answers) * sqrt(share * (1 - share) / answers + z2 / (4 * answers * answers))
    low = 0.0 if satisfied == 0 else max(0.0, middle - half)
    return Interval(low, 1.0 if satisfied == answers else min(1.0, middle + half))


@dataclass(frozen=True)
class Answer:
    """One answer that counts. `at` in microseconds; `door` tells ways and devices apart."""

    id: str
    at: int
    door: str


@dataclass(frozen=True)
class Run:
    """Answers that came so close together that a person should look."""

    door: str
    ids: tuple[str, ...]
    first_at: int
    last_at: int


def runs(answers: Iterable[Answer]) -> list[Run]:
    """Stretches of one door in which any `RUN_OF` answers in a row came within `RUN_WITHIN`; the newest first."""
    by_door: dict[str, list[Answer]] = {}
    for answer in sorted(answers, key=lambda each: (each.at, each.id)):
        by_door.setdefault(answer.door, []).append(answer)
    found = [run for door, theirs in by_door.items() for run in _runs_of(door, theirs)]
    return sorted(found, key=lambda run: -run.last_at)


def _runs_of(door: str, answers: Sequence[Answer]) -> list[Run]:
    inside: list[int] = []
    """Indexes that belong to a stretch, rising."""
    for last in range(RUN_OF - 1, len(answers)):
        first = last - RUN_OF + 1
        if answers[last].at - answers[first].at <= RUN_WITHIN:
            inside += range(max(first, inside[-1] + 1 if inside else 0), last + 1)
    stretches: list[list[Answer]] = []
    for place, index in enumerate(inside):
        if (
            place
            and inside[place - 1] == index - 1
            and answers[index].at - answers[index - 1].at <= RUN_WITHIN
        ):
            stretches[-1].append(answers[index])
        else:
            stretches.append([answers[index]])
    return [Run(door, tuple(each.id for each in run), run[0].at, run[-1].at) for run in stretches]
