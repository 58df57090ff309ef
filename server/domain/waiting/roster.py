"""Which open desk is which shift of the roster: so when it will close, and which desks will open that nobody sits at yet.

A shift is an intention; who sits is a fact. So a shift that should have begun a while ago and has nobody brings no desk, and somebody who sits without a shift goes on sitting. An open desk is its person's shift, where
the roster names them, else the shift whose services are most like what it serves. The desks that close last close when nobody waits: whoever is inside when the doors shut is still seen, so for
them no end is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from server.domain.selection import MINUTE
from server.domain.waiting.asked import Desk
from server.domain.waiting.told import HONEST_MINUTES

EARLY = 30 * MINUTE
"""Somebody who sits so long before a shift begins may be there for it already."""
LATE, LATE_BY = 10 * MINUTE, 2 * MINUTE
"""Somebody whose shift began less than so long ago will still come; people sit down a little after their shift begins."""
SAME_END = 15 * MINUTE
"""Desks that close within so long of the last are among the last."""
AHEAD = HONEST_MINUTES * MINUTE


class Shift(Protocol):
    """One desk that the roster has open from `from_at` until just before `until_at`; `staff` who shall sit there, where it says."""

    @property
    def services(self) -> frozenset[int]: ...
    @property
    def from_at(self) -> int: ...
    @property
    def until_at(self) -> int: ...
    @property
    def staff(self) -> int | None: ...


def with_roster(
    desks: Sequence[Desk], staff: Mapping[int, int], shifts: Iterable[Shift], now: int
) -> list[Desk]:
    """`desks` with the ends the roster gives them, and the desks it will open. `staff` is who sits, by counter."""
    soon = sorted(
        (each for each in shifts if each.from_at < now + AHEAD and each.until_at > now and each.services),
        key=lambda each: (each.from_at, each.until_at, each.staff or 0, sorted(each.services)),
    )
    if not soon:
        return list(desks)
    left, ends = list(soon), dict[int, int]()
    for desk in desks:
        own = next(
            (each for each in left if _is_of(each, staff.get(desk.counter)) and _has_begun(each, now)), None
        )
        if own is not None:
            left.remove(own)
            ends[desk.counter] = _end_of(own, left)
    for desk in desks:
        free = [each for each in left if each.services & desk.services and _may_be_taken(each, staff, now)]
        if desk.counter not in ends and free:
            own = max(free, key=lambda each: _likeness(each.services, desk.services))
            left.remove(own)
            ends[desk.counter] = own.until_at
    last = max(each.until_at for each in soon) - SAME_END
    found = [replace(desk, closes_at=_unless_last(ends.get(desk.counter), last)) for desk in desks]
    to_come = (each for each in left if each.from_at > now - LATE)
    return found + [
        Desk(
            -1 - number,
            each.services,
            opens_at=max(each.from_at, now) + LATE_BY,
            closes_at=_unless_last(each.until_at, last),
            planned=True,
        )
        for number, each in enumerate(to_come)
    ]


def _is_of(shift: Shift, staff: int | None) -> bool:
    return staff is not None and shift.staff == staff


def _may_be_taken(shift: Shift, staff: Mapping[int, int], now: int) -> bool:
    """By somebody it does not name: one that names nobody, or that has begun without whom it names, who may be ill and somebody else here instead."""
    if shift.staff is None:
        return _has_begun(shift, now)
    return shift.staff not in staff.values() and shift.from_at <= now


def _has_begun(shift: Shift, now: int) -> bool:
    return shift.from_at <= now + EARLY


def _end_of(own: Shift, left: list[Shift]) -> int:
    """When somebody's shift ends; another of theirs that follows at once belongs to it, and is taken out of `left`."""
    until = own.until_at
    for each in [*left]:
        if each.staff == own.staff and each.from_at <= until + MINUTE and each.services == own.services:
            left.remove(each)
            until = max(until, each.until_at)
    return until


def _likeness(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


def _unless_last(ends: int | None, last: int) -> int | None:
    return None if ends is None or ends >= last else ends
