"""Who waits, or may come while others wait, in lines: those that the same desks serve and that earn priority alike.

A line's head is always its best, whatever the moment (docs/selection.md). Whoever's turn comes by a moment of its own stands in a line alone: one of two needs of a visitor, one expected for an
appointment, one kept for somebody. Those who may still come, of the classes that are called before others, are lines too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from server.domain.selection import MINUTE, booking_counts_from
from server.domain.waiting.asked import Coming, Desk, Queued
from server.domain.waiting.told import HONEST_MINUTES
from wire.vocabulary import TicketClass

NEVER = 1 << 45
"""A year and more, in microseconds from now: nobody comes."""
HORIZON = 2 * HONEST_MINUTES * MINUTE
"""So far ahead the floor is played."""
EXPECTED_WITHIN = HONEST_MINUTES * MINUTE
"""Appointments further ahead concern nobody who can be told a range."""
LATE_WITHIN = 15 * MINUTE
"""Nor are those reckoned with whose time was longer ago: most of them do not come."""
MOST_COMING = 24
"""So many who may still come are played at most, of one service."""
MOST_PLAYED = 4000
"""So many waiting tickets are played at most: nobody behind could be told a range."""


class Entry(NamedTuple):
    """One who may be called. `ticket` is empty for one who is not here: nobody is told their wait."""

    counts_from: int
    arrived_at: int
    ticket: str
    service: int
    name: str


@dataclass(slots=True)
class Line:
    ticket_class: TicketClass
    mask: int
    """The desks that may call it."""
    first_here: bool = False
    quick: bool = False
    skilled: int = 0
    """The desks whose person was asked for."""
    kept: int = 0
    """Those of them that are there now: the others leave it to them for a while."""
    visit: str = ""
    """Whose other needs it waits for, where there are any."""
    held_from: int = 0
    """How long after its wait began to count its visitor came, where others keep it for somebody."""
    expected: bool = False
    an_hour: float = 0.0
    """So many of it come, if they have not come yet."""
    entries: list[Entry] = field(default_factory=list)

    @property
    def special(self) -> bool:
        return bool(self.quick or self.skilled or self.visit or self.expected or self.an_hour)


class Newcomer(NamedTuple):
    """Who might come now: the desks that serve them, and their class."""

    mask: int
    ticket_class: TicketClass


class Lines:
    """Puts one floor's tickets in lines. `no_desk` and `unknown` are the tickets that are in none."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        self._desks = desks
        self.masks = _masks(desk.services for desk in desks)
        self.open_masks = _masks(() if desk.planned else desk.services for desk in desks)
        self._skilled = _masks(desk.skills for desk in desks)
        self._skilled_now = _masks(
            () if desk.planned or desk.paused_at is not None else desk.skills for desk in desks
        )
        self._place = {desk.counter: index for index, desk in enumerate(desks) if not desk.planned}
        self.no_desk: list[str] = []
        self.unknown: list[str] = []

    def waiting(self, queue: Iterable[Queued], away: Collection[str]) -> Iterator[Line]:
        """Those who are here, each who is at one desk at a time; none of `away`."""
        at_desks = {desk.visit for desk in self._desks if desk.visit is not None}
        waiting = sorted(queue, key=lambda each: (each.counts_from, each.arrived_at, each.ticket))
        self.unknown += [each.ticket for each in waiting[MOST_PLAYED:]]
        waiting = waiting[:MOST_PLAYED]
        times = Counter(each.visit for each in waiting)
        lines: dict[object, Line] = {}
        for each in waiting:
            mask = self._mask_of(each)
            if mask == 0:
                self.no_desk.append(each.ticket)
            elif each.visit in away:
                self.unknown.append(each.ticket)
            else:
                together = times[each.visit] > 1 or each.visit in at_desks
                fresh = self._line_for(each, mask, each.visit if together else "")
                alone = together or (fresh.kept and each.counts_from != each.arrived_at)
                key = (
                    fresh.first_here, each.ticket_class, mask, each.quick, fresh.skilled, fresh.kept,
                    each.ticket if alone else "",
                )  # fmt: skip
                entry = Entry(each.counts_from, each.arrived_at, each.ticket, each.service, each.ticket)
                lines.setdefault(key, fresh).entries.append(entry)
        yield from lines.values()

    def _mask_of(self, each: Queued) -> int:
        """The desks that may call it; none when nobody who may is there, though the roster has somebody later."""
        if each.for_counter is not None:
            return 1 << self._place[each.for_counter] if each.for_counter in self._place else 0
        return self.masks.get(each.service, 0) if self.open_masks.get(each.service) else 0

    def _line_for(self, each: Queued, mask: int, visit: str) -> Line:
        directed = each.for_counter is not None
        skilled = kept = 0
        if each.wants is not None:
            skilled = self._skilled.get(each.wants, 0) & mask
            kept = 0 if directed else self._skilled_now.get(each.wants, 0) & mask
        held_from = each.arrived_at - each.counts_from
        return Line(each.ticket_class, mask, directed, each.quick, skilled, kept, visit, held_from)

    def expected(self, expected: Iterable[tuple[int, int]], now: int) -> Iterator[Line]:
        for number, (service, at) in enumerate(sorted(expected)):
            mask = self.masks.get(service, 0)
            if mask and now - LATE_WITHIN < at <= now + EXPECTED_WITHIN:
                name = f"expected {number} {service} {at}"
                entry = Entry(booking_counts_from(at, at), at, "", service, name)
                yield Line(TicketClass.BOOKED, mask, expected=True, entries=[entry])

    def coming(self, coming: Iterable[Coming]) -> Iterator[Line]:
        for each in coming:
            mask = self.masks.get(each.service, 0)
            hours = HONEST_MINUTES / 60
            number = min(MOST_COMING, round(each.an_hour * hours + 2 * (each.an_hour * hours) ** 0.5))
            if mask and number and each.an_hour > 0:
                entries = [
                    Entry(
                        NEVER, NEVER, "", each.service, f"coming {each.service} {each.ticket_class} {one:02}"
                    )
                    for one in range(number)
                ]
                yield Line(each.ticket_class, mask, an_hour=each.an_hour, entries=entries)


def _masks(each_desk: Iterable[Iterable[object]]) -> dict[object, int]:
    masks: dict[object, int] = {}
    for index, things in enumerate(each_desk):
        for thing in things:
            masks[thing] = masks.get(thing, 0) | 1 << index
    return masks
