"""Sums over uses of scan stations, forms, links and the search: how many, how they ended, how long they took, and where people gave up.

Each use ended once and in one way, so the ways add up to the uses. Times are of finished uses only: whoever walked away after ten seconds did not do it in
ten seconds. The middle one (median) is told, for a visitor who left the kiosk open for an hour must not make a form look long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from wire.vocabulary import UseEnd, UseKind

STOPPED = (UseEnd.LEFT, UseEnd.CANCELLED)
"""Left unfinished: walked away, or said so."""


class Use(NamedTuple):
    kind: str
    slug: str
    ended: str
    step: str
    seconds: int
    pages: int
    retakes: int


@dataclass(frozen=True)
class Sum:
    """All uses of one thing. `seconds`: the middle time of those that were finished; None when none was."""

    kind: UseKind
    slug: str
    uses: int
    done: int
    stopped: int
    failed: int
    to_phone: int
    to_pc: int
    to_person: int
    did_not_work: int
    pages: int
    """Of finished scans."""
    retakes: int
    seconds: int | None

    @property
    def share_done(self) -> int:
        """In a hundred. Going on elsewhere, or with a person, is finishing neither here nor not at all: it counts as a use."""
        return round(100 * self.done / self.uses) if self.uses else 0


@dataclass(frozen=True)
class GaveUp:
    """How many left unfinished at one step of one kind of use."""

    kind: UseKind
    step: str
    times: int


def sums(uses: Iterable[Use], kind: UseKind) -> list[Sum]:
    """By what it was for, the most used first."""
    by_slug: dict[str, list[Use]] = {}
    for use in uses:
        if use.kind == kind:
            by_slug.setdefault(use.slug, []).append(use)
    found = [_sum(kind, slug, here) for slug, here in by_slug.items()]
    return sorted(found, key=lambda each: (-each.uses, each.slug))


def together(uses: Iterable[Use], kind: UseKind) -> Sum:
    return _sum(kind, "", [use for use in uses if use.kind == kind])


def _sum(kind: UseKind, slug: str, uses: Sequence[Use]) -> Sum:
    ended = Counter(use.ended for use in uses)
    done = [use for use in uses if use.ended == UseEnd.DONE]
    return Sum(
        kind=kind,
        slug=slug,
        uses=len(uses),
        done=len(done),
        stopped=sum(ended[each] for each in STOPPED),
        failed=ended[UseEnd.FAILED],
        to_phone=ended[UseEnd.PHONE],
        to_pc=ended[UseEnd.PC],
        to_person=ended[UseEnd.PERSON],
        did_not_work=ended[UseEnd.DID_NOT_WORK],
        pages=sum(use.pages for use in done),
        retakes=sum(use.retakes for use in uses),
        seconds=round(median(use.seconds for use in done)) if done else None,
    )


def gave_up(uses: Iterable[Use]) -> list[GaveUp]:
    """Where people left unfinished, the most frequent first."""
    stopped = Counter((use.kind, use.step) for use in uses if use.ended in STOPPED)
    found = [GaveUp(UseKind(kind), step, times) for (kind, step), times in stopped.items()]
    return sorted(found, key=lambda each: (-each.times, each.kind, each.step))
