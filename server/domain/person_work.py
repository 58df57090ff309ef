"""What each member of staff did at the counters in some days, worked out from rows: needs served, how long serving took, time at counters and on breaks. Pure.

It is for looking at one person at a time, never for a list (`server.domain.telling.persons`), and leans towards saying nothing where it could be unfair:

* A need counts for whoever served it last. How long it took counts for them only where they alone served it: not where a counter was handed over in the middle, nor where one parked it and
  another took it up again.
* What nobody ended on its day is counted by no clock: a ticket or a sitting left open says only that it was forgotten.
* A visit that is discreet has no service here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from server.domain.sums import UNNAMED, Sums
from wire.vocabulary import TicketAction, TicketState


class Ended(NamedTuple):
    """A ticket that was served, and has ended."""

    id: str
    staff: int
    service: int
    discreet: bool
    state: TicketState
    served_at: int
    ended_at: int
    left_open: bool


class Held(NamedTuple):
    """A step that stands: parked, or taken up again, by whom."""

    ticket: str
    action: TicketAction
    at: int
    staff: int | None


class Sitting(NamedTuple):
    """`until_at` None: they sit there still. `breaks`: microseconds."""

    staff: int
    since_at: int
    until_at: int | None
    left_open: bool
    breaks: int = 0


@dataclass(slots=True)
class Work:
    """One person's. `sums` has `served/<id>` (needs served to an end), `transferred/<id>` (passed on while being served) and the spreads `serve/<id>`; the rest are microseconds and numbers."""

    sums: Sums = field(default_factory=Sums)
    at_counters: int = 0
    on_breaks: int = 0
    sittings: int = 0
    left_open: int = 0
    taken_back: int = 0

    @property
    def served(self) -> int:
        return sum(self.sums.by("served").values())

    @property
    def passed_on(self) -> int:
        return sum(self.sums.by("transferred").values())


def work_of(
    tickets: Iterable[Ended],
    held: Iterable[Held],
    sittings: Sequence[Sitting],
    taken_back: Mapping[int, int],
    since: int,
    now: int,
) -> dict[int, Work]:
    """By person. `taken_back`: ends of theirs that were undone. Sittings that began before `since` only say who sat where; their time belongs to an earlier day."""
    found: dict[int, Work] = defaultdict(Work)
    steps: dict[str, list[Held]] = defaultdict(list)
    for step in held:
        steps[step.ticket].append(step)
    sat: dict[int, list[Sitting]] = defaultdict(list)
    for sitting in sittings:
        sat[sitting.staff].append(sitting)
        if sitting.since_at >= since:
            _sum_sitting(found[sitting.staff], sitting, now)
    for staff, number in taken_back.items():
        found[staff].taken_back += number
    for ticket in tickets:
        _sum_ticket(found[ticket.staff].sums, ticket, steps[ticket.id], sat[ticket.staff])
    return dict(found)


def _sum_sitting(work: Work, sitting: Sitting, now: int) -> None:
    if sitting.left_open:
        work.left_open += 1
        return
    work.sittings += 1
    work.at_counters += max(0, (sitting.until_at or now) - sitting.since_at)
    work.on_breaks += sitting.breaks


def _sum_ticket(sums: Sums, ticket: Ended, steps: Sequence[Held], sat: Sequence[Sitting]) -> None:
    service = UNNAMED if ticket.discreet else ticket.service
    sums.tell(ticket.state is TicketState.FINISHED, "served", service)
    sums.tell(ticket.state is TicketState.TRANSFERRED, "transferred", service)
    if ticket.left_open or not _alone(ticket, steps, sat):
        return
    sums.put(max(0, ticket.ended_at - ticket.served_at - parked(ticket, steps)), "serve", service)


def _alone(ticket: Ended, steps: Sequence[Held], sat: Sequence[Sitting]) -> bool:
    """Whether whoever ended it had served it from the start: they sat somewhere when it began, and nobody else parked it or took it up."""
    there = any(
        each.since_at <= ticket.served_at and (each.until_at is None or ticket.served_at <= each.until_at)
        for each in sat
    )
    return there and all(step.staff in (None, ticket.staff) for step in steps)


def parked(ticket: Ended, steps: Sequence[Held]) -> int:
    """Microseconds between parking and taking up again, or the end."""
    total, since = 0, None
    for step in steps:
        if step.action is TicketAction.PARK:
            since = step.at if since is None else since
        elif since is not None:
            total, since = total + step.at - since, None
    return total + (ticket.ended_at - since if since is not None else 0)
