"""How long each visitor will still wait, as a range that can be told to them.

The queue is played forward over the open desks: whenever one comes free it calls whom `selection` would call
then, and is busy for as long as that service usually takes. One pass gives every waiting ticket and everyone
who might come now. People who come later are left out: they rarely go first, and then only by a rate that is
known (docs/selection.md).

What is uncertain is added up beside the times. Of services that n desks work off together, the moment a desk
comes free spreads as all their spreads divided by n; and a usual time known from few visits may itself be
wrong, which grows with the wait. Ranges hold four times in five if services last as a gamma distribution of
their spread would; a test plays that. A service in progress is expected to last as such a one does that has
lasted so long: one that is over its usual time is not "about to end". Rounding is kind: low goes down, high
goes up, in steps of five minutes above ten. Where no range would be honest, none is given, and `why` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import ceil, sqrt
from typing import Literal, NamedTuple, Protocol

from server.domain.selection import MINUTE, RATES, Candidate
from server.domain.usual import Usual
from wire.vocabulary import TicketClass

HONEST_MINUTES = 240
"""A wait that may be longer than this is not told as a range."""
FEWEST_MINUTES = 2
"""A desk that is free still has to call, and the visitor to get there."""
SURE = 1.28
"""Standard deviations to either side that hold four times in five."""


class Queued(Candidate, Protocol):
    """A waiting ticket and its service."""

    @property
    def service(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """An open counter, not on a break: what it serves, and the service it is taken by since the call, if any."""

    counter: int
    services: frozenset[int]
    busy_with: int | None = None
    busy_since: int = 0


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
) -> Outlook:
    """Every waiting ticket's range, and that of each service in `newcomers` (with its class) for who comes
    now.

    `queue` holds those who are present, in any order; `usual` every service named.
    """
    return _Play(queue, desks, usual, now, newcomers or {}).outlook()


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

    def worth(self, then: int) -> int:
        """As `selection.worth`, here without its look-ups: this is the innermost loop."""
        waited = then - self.queue[self.at][0]
        gained = (self.times - 1) * waited
        return waited + (self.most_lead if gained > self.most_lead else gained if gained > 0 else 0)


class _Play:
    """One pass over the future. Times in microseconds, variances in square minutes."""

    def __init__(
        self,
        queue: Iterable[Queued],
        desks: Sequence[Desk],
        usual: Mapping[int, Usual],
        now: int,
        newcomers: Mapping[int, TicketClass],
    ) -> None:
        self._usual = usual
        self._now = now
        self._desks = desks
        self._variance = [0.0] * len(desks)
        self._calls = [0] * len(desks)
        self._members: dict[int, list[int]] = {}
        self._tickets: dict[str, Waits] = {}
        self._services: dict[int, Waits] = {}
        self._masks = self._masks_of_services()
        self._lines = self._lines_of(queue)
        self._lines_at = [
            [line for line in self._lines if line.mask >> index & 1] for index in range(len(desks))
        ]
        self._newcomers = self._newcomers_of(newcomers)

    def outlook(self) -> Outlook:
        free = [(self._free_at(index, desk), index) for index, desk in enumerate(self._desks)]
        heapify(free)
        while free and (self._left or self._newcomers):
            then, index = heappop(free)
            line = self._best_line(index, then)
            self._admit_newcomers(index, then, line)
            if line is not None:
                heappush(free, (self._call(index, then, line), index))
        return Outlook(self._tickets, self._services)

    # Before ------------------------------------------------------------------------------------------

    def _masks_of_services(self) -> dict[int, int]:
        masks: dict[int, int] = {}
        for index, desk in enumerate(self._desks):
            for service in desk.services:
                masks[service] = masks.get(service, 0) | 1 << index
        return masks

    def _lines_of(self, queue: Iterable[Queued]) -> list[_Line]:
        place = {desk.counter: index for index, desk in enumerate(self._desks)}
        lines: dict[tuple[bool, TicketClass, int], _Line] = {}
        self._left = 0
        for each in queue:
            directed = each.for_counter is not None
            mask = self._masks.get(each.service, 0)
            if each.for_counter is not None:
                mask = 1 << place[each.for_counter] if each.for_counter in place else 0
            if mask == 0:
                self._tickets[each.ticket] = NO_DESK
                continue
            key = (directed, each.ticket_class, mask)
            if key not in lines:
                lines[key] = _Line(directed, *RATES[each.ticket_class], mask, [])
            lines[key].queue.append((each.counts_from, each.arrived_at, each.ticket, each.service))
            self._left += 1
        for line in lines.values():
            line.queue.sort()
        return list(lines.values())

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
            worth = line.worth(then)
            if best is None or self._goes_before(line, worth, best, most):
                best, most = line, worth
        return best

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
        self._tickets[ticket] = self._range(line.mask, then, usual)
        self._calls[index] += 1
        self._variance[index] += usual.spread * usual.spread
        return then + int(usual.minutes * MINUTE)

    def _admit_newcomers(self, index: int, then: int, line: _Line | None) -> None:
        """Those who came now and would be called by this desk before `line`; they take nobody's place."""
        for (mask, ticket_class), services in list(self._newcomers.items()):
            if not mask >> index & 1:
                continue
            if line is not None:
                times, most_lead = RATES[ticket_class]
                waited = then - self._now
                if line.first_here or line.worth(then) >= waited + min((times - 1) * waited, most_lead):
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
