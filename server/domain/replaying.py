"""A past day played through again with other desks: the same visitors, as long at the desk as they were, called by the rule that calls them on the floor. Pure.

It answers "what if one desk more had been there from 11 to 1?". Everybody comes when they came, keeps a desk as long as they did (from the call to the end, without the
time they were parked), comes back for a second desk when they are passed on, and is at one desk at a time; a desk calls whom `selection` would call then, and between two visitors
takes as long as the desks of that day took (`Day.turnaround`). Who left before anybody called them would have been called had it been in time: they leave when they left,
and keep a desk for as long as that service usually did that day. Who was called would have left at some time had it taken longer (`with_patience`). What cannot be known is left as it was: nobody comes because the queue is shorter, and nobody is quicker because it is long.

Played with the desks there really were, a day has about the waits it really had (a test compares them); the page says how near.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, groupby, pairwise
from typing import Any, NamedTuple

from server.domain import selection
from server.domain.lot import drawn
from server.domain.selection import HOLD
from wire.vocabulary import TicketClass

LONGEST_STAY = 3 * 3600 * 1_000_000
"""So long after its end a desk that stays until everybody has been seen does so at most."""


class Came(NamedTuple):
    """One need of one visitor on that day. Microseconds.

    `here_at`: from when it may be called. `wait_from`: from when its wait is counted (the booked time, if that is later); None: it is no wait of its own, for it was passed on.
    `takes`: how long it keeps a desk. `gone_at`: they left then unless they had been called. `follows`: the ticket that has to end first.
    """

    ticket: str
    visit: str
    service: int
    ticket_class: TicketClass
    here_at: int
    counts_from: int
    takes: int
    wait_from: int | None
    gone_at: int | None = None
    follows: str | None = None
    for_counter: int | None = None
    quick: bool = False
    wants: str | None = None
    booked: bool = False
    """Had an appointment, kept or not."""
    called_at: int | None = None
    """When it really was called."""


class Desk(NamedTuple):
    """Calls while one of `open` holds, and ends what it began. `stays`: after the last of them until everybody has been seen. A break of `breaks` (from when to when it
    was) begins when the visitor who is there then has gone, and is as long as it was."""

    services: frozenset[int]
    open: tuple[tuple[int, int], ...]
    counter: int | None = None
    skills: frozenset[str] = frozenset()
    stays: bool = False
    breaks: tuple[tuple[int, int], ...] = ()

    def inside(self, begins: int, ends: int) -> int:
        """For how long it was open, and on no break, between two moments."""
        opened = sum(max(0, min(until, ends) - max(since, begins)) for since, until in self.open)
        return max(
            0, opened - sum(max(0, min(until, ends) - max(since, begins)) for since, until in self.breaks)
        )

    @property
    def length(self) -> int:
        return self.inside(self.open[0][0], self.open[-1][1]) if self.open else 0


class Day(NamedTuple):
    """What happened on a day: who came, and how long a desk took between two visitors when somebody waited."""

    came: tuple[Came, ...]
    turnaround: int = 0


MOST_BETWEEN = 10 * 60 * 1_000_000
FEWEST_BETWEEN = 5


def turnaround(calls: Iterable[tuple[int, int, int | None, int | None]], desks: Iterable[Desk] = ()) -> int:
    """How long a desk took between two visitors on a day: the mean over the times when the next was waiting already. Nought where too few tell.

    Each call: the counter, when it called, when that visitor's time there ended, since when they had waited (None: not known). What is longer than ten minutes was something else
    (an errand nobody entered as a break) and counts as ten. A break in between tells nothing.
    """
    breaks: dict[int | None, list[tuple[int, int]]] = {}
    for desk in desks:
        breaks.setdefault(desk.counter, []).extend(desk.breaks)
    of: dict[int, list[tuple[int, int | None, int | None]]] = {}
    for counter, called_at, ended_at, since in calls:
        of.setdefault(counter, []).append((called_at, ended_at, since))
    gaps = []
    for counter, here in of.items():
        here.sort(key=lambda call: call[0])
        for (_, ended_at, _), (called_at, _, since) in pairwise(here):
            if ended_at is None or since is None:
                continue
            rested = any(begins < called_at and ended_at < ends for begins, ends in breaks.get(counter, ()))
            if since <= ended_at <= called_at and not rested:
                gaps.append(min(called_at - ended_at, MOST_BETWEEN))
    return sum(gaps) // len(gaps) if len(gaps) >= FEWEST_BETWEEN else 0


def with_patience(days: Sequence[Day]) -> list[Day]:
    """The days, with how long those who were called would have waited before they left.

    They were called before that, so it is not known; without it a replay in which they wait for longer would keep people who in truth go. It is drawn, once for each ticket, from how
    long people of these days waited before they left, as E. L. Kaplan and P. Meier ("Nonparametric estimation from incomplete observations", 1958) estimate it from those who left and
    those who were called first; given that they had waited as long as they had. Beyond the longest wait anybody left after, nobody leaves.
    """
    every = [each for day in days for each in day.came if each.wait_from is not None]
    leave_after = sorted(
        each.gone_at - each.here_at for each in every if each.called_at is None and each.gone_at is not None
    )
    waited = sorted(
        [*leave_after, *(each.called_at - each.here_at for each in every if each.called_at is not None)]
    )
    left, stays = [], 1.0
    for after, group in groupby(leave_after):
        there = len(waited) - bisect_left(waited, after)
        stays *= 1 - len(list(group)) / there
        left.append((after, stays))
    return [day._replace(came=tuple(_patient(each, left) for each in day.came)) for day in days]


def _patient(came: Came, left: Sequence[tuple[int, float]]) -> Came:
    if came.called_at is None or came.wait_from is None or came.gone_at is not None or came.booked:
        return came
    waited = came.called_at - came.here_at
    so_far = next((stays for after, stays in reversed(left) if after <= waited), 1.0)
    lot = drawn(came.ticket) * so_far
    leaves = next((after for after, stays in left if after > waited and stays <= lot), None)
    return came if leaves is None else came._replace(gone_at=came.here_at + leaves)


class Called(NamedTuple):
    came: Came
    at: int | None
    """None: they left, or the day ended, before anybody called them."""
    desk: int | None


class Played(NamedTuple):
    """`busy` and `open`: microseconds by desk, as `Desk`s were given. Staying on counts as open for as long as it was busy."""

    called: tuple[Called, ...]
    busy: tuple[int, ...]
    open: tuple[int, ...]


@dataclass(slots=True)
class _Waiting:
    """A `Candidate` of selection."""

    came: Came
    ticket: str
    ticket_class: TicketClass
    counts_from: int
    arrived_at: int
    for_counter: int | None
    quick: bool
    wants: str | None
    awaited: bool = False
    over: bool = False


_Line = list[tuple[int, int, str, _Waiting]]
_ENDS, _COMES, _READY, _LEAVES, _LOOK = range(5)
"""What happens in one microsecond happens in this order."""


def replay(day: Day, desks: Sequence[Desk]) -> Played:
    """Play `day` with `desks`."""
    return _Replay(day, desks).played()


class _Replay:
    def __init__(self, day: Day, desks: Sequence[Desk]) -> None:
        self._came = day.came
        self._turnaround = day.turnaround
        self._desks = desks
        self._busy = [0] * len(desks)
        self._stayed = [0] * len(desks)
        self._after_quick = [False] * len(desks)
        self._idle: dict[int, int] = {}
        self._occupied: set[int] = set()
        self._breaks_taken = [0] * len(desks)
        self._away_until = [0] * len(desks)
        self._lines: dict[tuple[int, TicketClass], _Line] = {}
        self._lines_of: list[list[_Line]] = [[] for _ in desks]
        self._special: list[_Waiting] = []
        self._waiting = 0
        self._being_seen: set[str] = set()
        self._after: dict[str, list[Came]] = {}
        self._called: dict[str, Called] = {}
        self._number = count()
        self._events: list[tuple[int, int, int, Any]] = []
        known = {each.ticket for each in day.came}
        for came in day.came:
            if came.follows in known:
                self._after.setdefault(came.follows or "", []).append(came)
            else:
                self._put(came.here_at, _COMES, came)
        for index, desk in enumerate(desks):
            for begins, _ in (*desk.open, *desk.breaks):
                self._put(begins, _READY, index)

    def played(self) -> Played:
        while self._events:
            at, kind, _, what = heappop(self._events)
            if kind == _ENDS:
                self._ends(at, *what)
            elif kind == _COMES:
                self._comes(at, what)
            elif kind == _READY:
                self._is_ready(at, what)
            elif kind == _LEAVES:
                self._leaves(at, what)
            else:
                self._offer(at)
        spans = [desk.length for desk in self._desks]
        return Played(
            tuple(self._called.get(each.ticket) or Called(each, None, None) for each in self._came),
            tuple(self._busy),
            tuple(span + more for span, more in zip(spans, self._stayed, strict=True)),
        )

    def _put(self, at: int, kind: int, what: Any) -> None:
        heappush(self._events, (at, kind, next(self._number), what))

    # What happens -----------------------------------------------------------------------------------

    def _comes(self, at: int, came: Came) -> None:
        waiting = _Waiting(
            came,
            came.ticket,
            came.ticket_class,
            came.counts_from,
            came.here_at,
            None,
            came.quick,
            came.wants,
        )
        if came.quick or came.wants is not None or came.for_counter is not None:
            self._special.append(waiting)
        else:
            line = self._line(came.service, came.ticket_class)
            insort(line, (waiting.counts_from, waiting.arrived_at, waiting.ticket, waiting))
        self._waiting += 1
        if came.gone_at is not None:
            self._put(max(at, came.gone_at), _LEAVES, waiting)
        if came.wants is not None:
            self._put(max(at, came.here_at + HOLD), _LOOK, None)
        self._offer(at)

    def _line(self, service: int, ticket_class: TicketClass) -> _Line:
        line = self._lines.get((service, ticket_class))
        if line is None:
            line = self._lines[service, ticket_class] = []
            for index, desk in enumerate(self._desks):
                if service in desk.services:
                    self._lines_of[index].append(line)
        return line

    def _leaves(self, at: int, waiting: _Waiting) -> None:
        if not waiting.over:
            waiting.over = True
            self._waiting -= 1
            self._follow(at, waiting.ticket)

    def _ends(self, at: int, index: int, came: Came) -> None:
        """The visitor gets up; the desk is ready for the next a little later."""
        self._being_seen.discard(came.visit)
        self._put(at + self._turnaround, _READY, index)
        self._occupied.discard(index)
        self._follow(at, came.ticket)
        if self._idle:
            self._offer(at)  # another need of the same visitor may wait

    def _follow(self, at: int, ticket: str) -> None:
        for after in self._after.get(ticket, ()):
            self._put(at, _COMES, after)

    def _is_ready(self, at: int, index: int) -> None:
        if index in self._occupied or self._is_away(index, at):
            return
        if self._calls(index, at):
            self._idle.pop(index, None)
        else:
            self._idle.setdefault(index, at)

    def _is_away(self, index: int, at: int) -> bool:
        """Whether the desk is on a break, or goes on one now."""
        if at < self._away_until[index]:
            return True
        breaks = self._desks[index].breaks
        taken = self._breaks_taken[index]
        if taken == len(breaks) or breaks[taken][0] > at:
            return False
        self._breaks_taken[index] += 1
        self._idle.pop(index, None)
        self._away_until[index] = at + breaks[taken][1] - breaks[taken][0]
        self._put(self._away_until[index], _READY, index)
        return True

    def _offer(self, at: int) -> None:
        """Every desk that has nobody may call, the longest idle first."""
        for index in sorted(self._idle, key=self._idle.__getitem__):
            if not self._waiting:
                return
            if self._calls(index, at):
                del self._idle[index]

    # A call -----------------------------------------------------------------------------------------

    def _is_open(self, index: int, at: int) -> bool:
        desk = self._desks[index]
        if any(begins <= at < ends for begins, ends in desk.open):
            return True
        return desk.stays and bool(desk.open) and 0 <= at - desk.open[-1][1] < LONGEST_STAY

    def _calls(self, index: int, at: int) -> bool:
        """Whether the desk calls somebody now."""
        if not self._waiting or not self._is_open(index, at):
            return False
        desk = self._desks[index]
        chosen = selection.first_of(
            self._candidates(index, at),
            at,
            desk.counter,
            skills=desk.skills,
            after_quick=self._after_quick[index],
        )
        if chosen is None:
            return False
        came = chosen.came
        chosen.over = True
        self._waiting -= 1
        self._being_seen.add(came.visit)
        self._occupied.add(index)
        self._after_quick[index] = came.quick
        self._called[came.ticket] = Called(came, at, index)
        ends = at + came.takes
        self._busy[index] += came.takes
        inside = sum(max(0, min(ends, until) - max(at, begins)) for begins, until in desk.open)
        self._stayed[index] += came.takes - inside
        self._put(ends, _ENDS, (index, came))
        return True

    def _candidates(self, index: int, at: int) -> list[_Waiting]:
        found = []
        for line in self._lines_of[index]:
            while line and line[0][3].over:
                del line[0]
            head = next(
                (
                    entry[3]
                    for entry in line
                    if not entry[3].over and entry[3].came.visit not in self._being_seen
                ),
                None,
            )
            if head is not None:
                found.append(head)
        if self._special:
            found.extend(self._special_candidates(index, at))
        return found

    def _special_candidates(self, index: int, at: int) -> list[_Waiting]:
        """With what only the moment can say of them: whether the desk they are for is there, and whether the person they asked for is."""
        self._special = [each for each in self._special if not each.over]
        here = [desk for number, desk in enumerate(self._desks) if self._is_open(number, at)]
        manned = {desk.counter for desk in here}
        mine = self._desks[index]
        found = []
        for each in self._special:
            if each.came.visit in self._being_seen:
                continue
            each.for_counter = each.came.for_counter if each.came.for_counter in manned else None
            each.awaited = selection.is_there(each.wants, each.came.service, here)
            is_mine = each.for_counter is not None and each.for_counter == mine.counter
            if is_mine or each.came.service in mine.services:
                found.append(each)
        return found
