"""How long each visitor will still wait, as a range that can be told to them.

The queue is played forward over the open desks: whenever one comes free it calls whom `selection` would call
then, and is busy for as long as that service usually takes. One pass gives every waiting ticket and everyone
who might come now. People who come later are left out: they rarely go first, and then only by a rate that is
known (docs/selection.md). But for those who are known to come: whoever is expected for an appointment within `EXPECTED_WITHIN` is
played as coming at its time, and takes a desk's time then.

A visitor is at one place at a time. A ticket whose visitor is at a desk for another need is played from when that desk comes free, and of two
needs that both wait the second from the end of the first. Of one whose visitor is parked, or at a desk that nobody minds, nobody can say when
that ends: it is told as unknown, and takes no desk's time. A ticket that asked for somebody is kept for them as `selection` keeps it; a desk with
nobody else to call looks again when that is over.

What is uncertain is added up beside the times. Of services that n desks work off together, the moment a desk
comes free spreads as all their spreads divided by n; and a usual time known from few visits may itself be
wrong, which grows with the wait. Ranges hold four times in five if services last as a gamma distribution of
their spread would; a test plays that. A service in progress is expected to last as such a one does that has
lasted so long: one that is over its usual time is not "about to end". Rounding is kind: low goes down, high
goes up, in steps of five minutes above ten. Where no range would be honest, none is given, and `why` says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import ceil, sqrt
from typing import Literal, NamedTuple, Protocol

from server.domain.selection import (
    HOLD,
    MINUTE,
    MOST_OVERTAKEN,
    QUICK_LEAD,
    RATES,
    SKILL_LEAD,
    Candidate,
    booking_counts_from,
)
from server.domain.usual import Usual
from wire.vocabulary import TicketClass

HONEST_MINUTES = 240
"""A wait that may be longer than this is not told as a range."""
EXPECTED_WITHIN = 60 * MINUTE
"""Appointments further ahead are not reckoned with: by then much else has changed. Nor are those whose time has passed: most of them do not come."""
FEWEST_MINUTES = 2
"""A desk that is free still has to call, and the visitor to get there."""
SURE = 1.28
"""Standard deviations to either side that hold four times in five."""


class Queued(Candidate, Protocol):
    """A waiting ticket, its service and its visit. `awaited` is worked out here, from the desks."""

    @property
    def service(self) -> int: ...
    @property
    def visit(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """An open counter, not on a break: what it serves, the service it is taken by since the call, if any, and of which visit; what the
    person there can do that not everybody can, and whether the last visit called there was a quick one."""

    counter: int
    services: frozenset[int]
    busy_with: int | None = None
    busy_since: int = 0
    visit: str | None = None
    skills: frozenset[str] = frozenset()
    after_quick: bool = False


class Waits(NamedTuple):
    """Whole minutes from `low` to `high`, or neither and `why`.

    `ahead` are called before by desks that serve this.
    """

    low: int | None
    high: int | None
    why: Literal["no_desk", "unknown"] | None = None
    ahead: int | None = None


class Outlook(NamedTuple):
    """For each ticket, and for each service if you came now."""

    tickets: dict[str, Waits]
    services: dict[int, Waits]


NO_DESK = Waits(None, None, "no_desk")
UNKNOWN = Waits(None, None, "unknown")


def outlook(
    queue: Iterable[Queued],
    desks: Sequence[Desk],
    usual: Mapping[int, Usual],
    now: int,
    newcomers: Mapping[int, TicketClass] | None = None,
    away: Collection[str] = (),
    expected: Iterable[tuple[int, int]] = (),
) -> Outlook:
    """Every waiting ticket's range, and that of each service in `newcomers` (with its class) for who comes
    now.

    `queue` holds those who are present, in any order; `usual` every service named. `away` are visits seen to for another need where nobody
    can say until when. `expected` are the service and the time of each appointment whose visitor has not come.
    """
    return _Play(queue, desks, usual, now, newcomers or {}, away, expected).outlook()


def estimate(
    queue: Iterable[Queued], desks: Sequence[Desk], usual: Mapping[int, Usual], now: int
) -> dict[str, Waits]:
    """`outlook` for the tickets alone."""
    return outlook(queue, desks, usual, now).tickets


def if_you_came_now(
    services: Mapping[int, TicketClass],
    queue: Iterable[Queued],
    desks: Sequence[Desk],
    usual: Mapping[int, Usual],
    now: int,
) -> dict[int, Waits]:
    """`outlook` for those who might come alone, by service."""
    return outlook(queue, desks, usual, now, services).services


def settle(previous: Waits | None, fresh: Waits) -> Waits:
    """What to show when `previous` is on the screen: a range does not flicker, and grows only when it must.

    It shortens at once. It lengthens only by more than a step, and its low end alone moves only by more than
    a step.
    """
    if previous is None or previous.high is None or fresh.high is None:
        return fresh
    if previous.low is None or fresh.low is None:
        return fresh
    step = 1 if previous.high <= 10 else 5
    longer = fresh.high - previous.high
    if longer < 0 or longer > step or (longer == 0 and abs(fresh.low - previous.low) > step):
        return fresh
    return Waits(previous.low, previous.high, None, fresh.ahead)


@dataclass(slots=True)
class _Line:
    """Waiting tickets that the same desks serve and that earn priority alike; the head is always its best."""

    first_here: bool
    times: int
    most_lead: int
    mask: int
    queue: list[tuple[int, int, str, int]]
    """(counts_from, arrived_at, ticket, service), the eldest first."""
    at: int = 0
    special: bool = False
    """Whether any of the following says something."""
    quick: bool = False
    skilled: int = 0
    """The desks whose person was asked for."""
    kept: bool = False
    """Whether one of them serves this, so that others leave it for a while."""
    not_before: int = 0
    """When its visitor comes from another desk, or to the house."""
    silent: bool = False
    """Of somebody who is not here yet."""

    def worth(self, then: int, lead: int = 0) -> int:
        """As `selection.worth`, here without its look-ups: this is the innermost loop."""
        waited = then - self.queue[self.at][0]
        if waited < 0:
            return waited
        gained = (self.times - 1) * waited
        if gained > self.most_lead:
            gained = self.most_lead
        if lead:
            gained = min(gained + lead, MOST_OVERTAKEN)
        return waited + gained

    def free_for(self, index: int) -> int:
        """From when on the desk may call the head."""
        if not self.kept or self.skilled >> index & 1:
            return self.not_before
        return max(self.not_before, self.queue[self.at][1] + HOLD)

    def lead(self, index: int, after_quick: bool) -> int:
        quick = QUICK_LEAD if self.quick and not after_quick else 0
        return quick + SKILL_LEAD if self.skilled >> index & 1 else quick


class _Play:
    """One pass over the future. Times in microseconds, variances in square minutes."""

    def __init__(
        self,
        queue: Iterable[Queued],
        desks: Sequence[Desk],
        usual: Mapping[int, Usual],
        now: int,
        newcomers: Mapping[int, TicketClass],
        away: Collection[str],
        expected: Iterable[tuple[int, int]] = (),
    ) -> None:
        self._usual = usual
        self._now = now
        self._desks = desks
        self._variance = [0.0] * len(desks)
        self._calls = [0] * len(desks)
        self._members: dict[int, list[int]] = {}
        self._tickets: dict[str, Waits] = {}
        self._services: dict[int, Waits] = {}
        self._after_quick = [desk.after_quick for desk in desks]
        self._frees_at = [self._free_at(index, desk) for index, desk in enumerate(desks)]
        self._siblings: dict[str, list[_Line]] = {}
        self._visits: dict[str, str] = {}
        self._masks = self._masks_of_services()
        self._skilled = self._masks_of_skills()
        self._lines = [*self._lines_of(queue, away), *self._lines_to_come(expected)]
        self._lines_at = [
            [line for line in self._lines if line.mask >> index & 1] for index in range(len(desks))
        ]
        self._newcomers = self._newcomers_of(newcomers)

    def outlook(self) -> Outlook:
        free = [(then, index) for index, then in enumerate(self._frees_at)]
        heapify(free)
        while free and (self._left or self._newcomers):
            then, index = heappop(free)
            line = self._best_line(index, then)
            self._admit_newcomers(index, then, line)
            again = self._call(index, then, line) if line is not None else self._looks_again(index, then)
            if again is not None:
                heappush(free, (again, index))
        return Outlook(self._tickets, self._services)

    # Before ------------------------------------------------------------------------------------------

    def _masks_of_services(self) -> dict[int, int]:
        masks: dict[int, int] = {}
        for index, desk in enumerate(self._desks):
            for service in desk.services:
                masks[service] = masks.get(service, 0) | 1 << index
        return masks

    def _masks_of_skills(self) -> dict[str, int]:
        masks: dict[str, int] = {}
        for index, desk in enumerate(self._desks):
            for skill in desk.skills:
                masks[skill] = masks.get(skill, 0) | 1 << index
        return masks

    def _lines_of(self, queue: Iterable[Queued], away: Collection[str]) -> list[_Line]:
        place = {desk.counter: index for index, desk in enumerate(self._desks)}
        until = {
            desk.visit: self._frees_at[index]
            for index, desk in enumerate(self._desks)
            if desk.visit is not None
        }
        waiting = list(queue)
        times = Counter(each.visit for each in waiting)
        lines: dict[tuple[bool, TicketClass, int, bool, int, bool, str], _Line] = {}
        self._left = 0
        for each in waiting:
            directed = each.for_counter is not None
            mask = self._masks.get(each.service, 0)
            if each.for_counter is not None:
                mask = 1 << place[each.for_counter] if each.for_counter in place else 0
            if mask == 0:
                self._tickets[each.ticket] = NO_DESK
                continue
            if each.visit in away:
                self._tickets[each.ticket] = UNKNOWN
                continue
            skilled = self._skilled.get(each.wants, 0) & mask if each.wants is not None else 0
            kept = skilled != 0 and not directed
            together = times[each.visit] > 1 or each.visit in until
            # One whose turn comes by a moment of its own stands alone: it must not keep who is behind it.
            alone = together or (kept and each.counts_from != each.arrived_at)
            key = (directed, each.ticket_class, mask, each.quick, skilled, kept, each.ticket if alone else "")
            line = lines.get(key)
            if line is None:
                line = lines[key] = _Line(directed, *RATES[each.ticket_class], mask, [])
                line.quick, line.skilled, line.kept = each.quick, skilled, kept
                line.not_before = until.get(each.visit, 0)
                line.special = each.quick or skilled != 0 or together
            if times[each.visit] > 1:
                self._visits[each.ticket] = each.visit
                self._siblings.setdefault(each.visit, []).append(line)
            line.queue.append((each.counts_from, each.arrived_at, each.ticket, each.service))
            self._left += 1
        for line in lines.values():
            line.queue.sort()
        return list(lines.values())

    def _lines_to_come(self, expected: Iterable[tuple[int, int]]) -> Iterator[_Line]:
        """Each stands alone, since its turn comes at a moment of its own. Nobody is told their waits."""
        for number, (service, at) in enumerate(expected):
            mask = self._masks.get(service, 0)
            if mask and self._now <= at <= self._now + EXPECTED_WITHIN:
                counts_from = booking_counts_from(at, at)
                line = _Line(
                    False, *RATES[TicketClass.BOOKED], mask, [(counts_from, at, f"{number}", service)]
                )
                line.special, line.not_before, line.silent = True, at, True
                self._left += 1
                yield line

    def _newcomers_of(self, newcomers: Mapping[int, TicketClass]) -> dict[tuple[int, TicketClass], list[int]]:
        """Services whose newcomers wait alike, by the desks that serve them and their class."""
        alike: dict[tuple[int, TicketClass], list[int]] = {}
        for service, ticket_class in newcomers.items():
            mask = self._masks.get(service, 0)
            if mask == 0:
                self._services[service] = NO_DESK
            else:
                alike.setdefault((mask, ticket_class), []).append(service)
        return alike

    def _free_at(self, index: int, desk: Desk) -> int:
        """When the desk comes free. What is left of a gamma-distributed time never falls below its scale."""
        if desk.busy_with is None:
            return self._now
        minutes, spread, _ = self._usual[desk.busy_with]
        scale = min(spread * spread / minutes, minutes)
        left = max(minutes - max(0, self._now - desk.busy_since) / MINUTE, scale)
        self._variance[index] = left * scale
        return self._now + int(left * MINUTE)

    # One step ----------------------------------------------------------------------------------------

    def _best_line(self, index: int, then: int) -> _Line | None:
        best: _Line | None = None
        most = 0
        for line in self._lines_at[index]:
            if line.at == len(line.queue):
                continue
            lead = 0
            if line.special:
                if line.free_for(index) > then:
                    continue
                lead = line.lead(index, self._after_quick[index])
            worth = line.worth(then, lead)
            if best is None or self._goes_before(line, worth, best, most):
                best, most = line, worth
        return best

    def _looks_again(self, index: int, then: int) -> int | None:
        """When a desk that can call nobody now may call somebody who waits."""
        later = (line.free_for(index) for line in self._lines_at[index] if line.at < len(line.queue))
        return min((moment for moment in later if moment > then), default=None)

    @staticmethod
    def _goes_before(line: _Line, worth: int, best: _Line, most: int) -> bool:
        if line.first_here != best.first_here:
            return line.first_here
        if worth != most:
            return worth > most
        return line.queue[line.at] < best.queue[best.at]

    def _call(self, index: int, then: int, line: _Line) -> int:
        _, _, ticket, service = line.queue[line.at]
        line.at += 1
        self._left -= 1
        usual = self._usual[service]
        if not line.silent:
            self._tickets[ticket] = self._range(line.mask, then, usual)
        self._calls[index] += 1
        self._variance[index] += usual.spread * usual.spread
        self._after_quick[index] = line.quick
        until = then + int(usual.minutes * MINUTE)
        if ticket in self._visits:
            for other in self._siblings[self._visits[ticket]]:
                other.not_before = max(other.not_before, until)
        return until

    def _admit_newcomers(self, index: int, then: int, line: _Line | None) -> None:
        """Those who came now and would be called by this desk before `line`; they take nobody's place."""
        for (mask, ticket_class), services in list(self._newcomers.items()):
            if not mask >> index & 1:
                continue
            if line is not None:
                times, most_lead = RATES[ticket_class]
                waited = then - self._now
                lead = line.lead(index, self._after_quick[index]) if line.special else 0
                if line.first_here or line.worth(then, lead) >= waited + min((times - 1) * waited, most_lead):
                    continue
            del self._newcomers[mask, ticket_class]
            for service in services:
                self._services[service] = self._range(mask, then, self._usual[service])

    def _range(self, mask: int, then: int, usual: Usual) -> Waits:
        members = self._members.get(mask)
        if members is None:
            members = [index for index in range(len(self._desks)) if mask >> index & 1]
            self._members[mask] = members
        variance = 0.0
        ahead = 0
        for index in members:
            variance += self._variance[index]
            ahead += self._calls[index]
        minutes = (then - self._now) / MINUTE
        doubt = minutes * usual.doubt / usual.minutes
        either = SURE * sqrt(variance / len(members) ** 2 + doubt * doubt)
        high = _rounded_up(max(minutes + either, FEWEST_MINUTES))
        if high > HONEST_MINUTES:
            return Waits(None, None, "unknown", ahead)
        return Waits(_rounded_down(minutes - either), high, None, ahead)


def _rounded_down(minutes: float) -> int:
    if minutes <= 0:
        return 0
    return int(minutes) if minutes < 10 else int(minutes // 5) * 5


def _rounded_up(minutes: float) -> int:
    return ceil(minutes) if minutes <= 10 else ceil(minutes / 5) * 5
