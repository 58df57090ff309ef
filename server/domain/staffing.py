"""How many desks when, to see nine in ten within the target: past days replayed (`replaying`) with other desks. Pure.

What is planned are the *general* desks: those that serve what most desks of that day served. Desks for few needs (a surgery, a crisis room) stay as they were, for a plan in
numbers cannot say who could sit there.

`fewest` looks for the fewest desks by half hour by going step by step: it starts from as many desks all day as are just enough, and then takes one after the other away where it is
missed least. That is a greedy search: it finds a plan that meets the aim and from which no single desk can be taken; it does not prove that no quite different plan is smaller.
A plan is judged over all the days together, so that a hard day counts as what it was.

A wait counts as seen in time when it was no longer than its service's target, in whole minutes rounded up as visitors feel them. Who left after the target had passed was not seen
in time; who left before, nobody can say of: they are left out and counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import heapify, heappop, heappush
from itertools import groupby, pairwise
from math import ceil
from typing import NamedTuple

from server.domain.half_hours import Halves
from server.domain.lot import drawn
from server.domain.replaying import Called, Came, Day, Desk, Played, replay
from server.domain.sums import Spread

MINUTE = 60_000_000
AIM = 0.9
"""Nine in ten within the target."""
USUAL_TARGET = 20
MOST_TRIES = 300
SHORTEST = 2
"""Half hours for which a desk is opened, or closed in between, at least."""
Plan = Mapping[int, int]
"""General desks by number of half hour; none where it is not named."""


class PastDay(NamedTuple):
    """A day that is over: what happened, the desks there were, and its half hours while it was open."""

    on: date
    day: Day
    desks: tuple[Desk, ...]
    halves: Halves


_Place = tuple[int, ...]


class Change(NamedTuple):
    """`more` desks (fewer, if below nought) in the half hours from `first` to `last`, both included."""

    first: int
    last: int
    more: int


@dataclass
class Seen:
    """What a plan comes to, over some days. Waits of those who were called."""

    days: int = 0
    waits: Spread = field(default_factory=Spread)
    by_half: dict[int, Spread] = field(default_factory=dict)
    """By the half hour in which they came."""
    within: Counter[int] = field(default_factory=Counter)
    judged: Counter[int] = field(default_factory=Counter)
    """How many could be said of, by half hour; and of these in time (`within`)."""
    left: int = 0
    left_early: int = 0
    """Left before their target had passed."""
    busy: int = 0
    open: int = 0
    beyond: Counter[int] = field(default_factory=Counter)
    """Waiting beyond the target that went on in each half hour, microseconds."""
    shares: dict[date, float] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """Seen within their target; None: nobody came."""
        judged = self.judged.total()
        return self.within.total() / judged if judged else None

    @property
    def use(self) -> float | None:
        return min(1.0, self.busy / self.open) if self.open else None

    @property
    def worst(self) -> tuple[date, float] | None:
        return min(self.shares.items(), key=lambda each: (each[1], each[0]), default=None)


class Found(NamedTuple):
    """`met`: the aim is met; else this is the best there is with `most` desks. `enough`: False when the search stopped before it was through."""

    plan: dict[int, int]
    seen: Seen
    met: bool
    tries: int
    enough: bool = True


# What a plan comes to -----------------------------------------------------------------------------


def played(
    days: Sequence[PastDay],
    desks: Callable[[PastDay], Sequence[Desk]],
    targets: Mapping[int, int],
    between: Callable[[], None] = lambda: None,
) -> Seen:
    """Replay each day with the desks that `desks` says. `between` is called after each, so that a long look can let others go first."""
    seen = Seen()
    for past in days:
        _judge(seen, past, replay(past.day, desks(past)), targets)
        between()
    return seen


def as_it_was(days: Sequence[PastDay], targets: Mapping[int, int]) -> Seen:
    """What really happened, counted as a replay is."""
    seen = Seen()
    for past in days:
        called = tuple(Called(each, each.called_at, None) for each in past.day.came)
        busy = sum(each.takes for each in past.day.came if each.called_at is not None)
        opened = sum(desk.length for desk in past.desks)
        _judge(seen, past, Played(called, (busy,), (opened,)), targets)
    return seen


def _judge(seen: Seen, past: PastDay, result: Played, targets: Mapping[int, int]) -> None:
    halves = past.halves
    within = judged = 0
    for each in result.called:
        came = each.came
        if came.wait_from is None:
            continue
        number, target = halves.of(came.here_at), targets.get(came.service, USUAL_TARGET)
        if each.at is None:
            until = came.gone_at if came.gone_at is not None else halves.starts[-1]
            if came.gone_at is not None and until - came.wait_from <= target * MINUTE:
                seen.left_early += 1
                continue
            seen.left += 1
        else:
            until = each.at
            waited = max(0, until - came.wait_from)
            seen.waits.put(waited)
            seen.by_half.setdefault(number, Spread()).put(waited)
            if ceil(waited / MINUTE) <= target:
                seen.within[number] += 1
                within += 1
        seen.judged[number] += 1
        judged += 1
        _beyond(seen.beyond, halves, came, target, until)
    seen.days += 1
    seen.busy += sum(result.busy)
    seen.open += sum(result.open)
    if judged:
        seen.shares[past.on] = within / judged


def _beyond(beyond: Counter[int], halves: Halves, came: Came, target: int, until: int) -> None:
    """A wait beyond its target weighs on every half hour it went on in: more desks in any of them would have shortened it."""
    wait_from = came.wait_from or 0
    if until - wait_from <= target * MINUTE:
        return
    for number in range(halves.of(wait_from), halves.of(until - 1) + 1):
        begins, ends = halves.span(number)
        beyond[number] += max(0, min(until, ends) - max(wait_from, begins))


# Desks --------------------------------------------------------------------------------------------


def parted(desks: Sequence[Desk]) -> tuple[list[Desk], list[Desk]]:
    """The general desks of a day and the others. General are those that serve much the same as what was served for longest: at least half of both together."""
    lengths: Counter[frozenset[int]] = Counter()
    for desk in desks:
        lengths[desk.services] += desk.length
    if not lengths:
        return [], []
    usual = max(lengths, key=lambda services: (lengths[services], len(services), sorted(services)))
    general: list[Desk] = []
    others: list[Desk] = []
    for desk in desks:
        alike = 2 * len(desk.services & usual) >= len(desk.services | usual)
        (general if alike else others).append(desk)
    return general, others


def desks_of_plan(past: PastDay, plan: Plan) -> list[Desk]:
    """As many general desks as the plan says, beside those for few needs as they were. Who works in the last half hour stays until everybody has been seen."""
    general, others = parted(past.desks)
    # Everything that any general desk served; where there was no desk at all, everything that was asked for.
    services = frozenset[int]().union(*(desk.services for desk in general))
    if not general:
        services = frozenset(came.service for came in past.day.came)
    found = list(others)
    at_work = [number for number in past.halves.numbers if plan.get(number, 0) > 0]
    for index in range(max(plan.values(), default=0)):
        spans: list[tuple[int, int]] = []
        for number in at_work:
            if plan.get(number, 0) > index:
                begins, ends = past.halves.span(number)
                if spans and spans[-1][1] == begins:
                    spans[-1] = (spans[-1][0], ends)
                elif begins < ends:
                    spans.append((begins, ends))
        if spans:
            skills = general[index].skills if index < len(general) else frozenset[str]()
            counter = general[index].counter if index < len(general) else None
            stays = plan.get(at_work[-1], 0) > index
            found.append(Desk(services, tuple(spans), counter, skills, stays))
    return found


def desks_changed(past: PastDay, changes: Iterable[Change]) -> list[Desk]:
    """The desks there were, with some more or fewer. Fewer: those that were open for the shortest in that time are closed in it."""
    desks = list(past.desks)
    for change in changes:
        first, last = max(change.first, past.halves.first), min(change.last, past.halves.last)
        if first > last:
            continue
        begins, ends = past.halves.span(first)[0], past.halves.span(last)[1]
        if change.more > 0:
            general, _ = parted(past.desks)
            services = frozenset[int]().union(*(desk.services for desk in general))
            services = services or frozenset(came.service for came in past.day.came)
            desks.extend(Desk(services, ((begins, ends),)) for _ in range(change.more))
        else:
            desks = _fewer(desks, begins, ends, -change.more)
    return desks


def _fewer(desks: list[Desk], begins: int, ends: int, number: int) -> list[Desk]:
    general = parted(desks)[0]
    there = [(desk.inside(begins, ends), at) for at, desk in enumerate(desks) if desk in general]
    for _, at in sorted(each for each in there if each[0] > 0)[:number]:
        spans = []
        for opens, closes in desks[at].open:
            spans.extend([(opens, min(closes, begins)), (max(opens, ends), closes)])
        left = tuple((opens, closes) for opens, closes in spans if opens < closes)
        desks[at] = desks[at]._replace(open=left, stays=desks[at].stays and bool(left))
    return desks


def plan_changed(plan: Plan, changes: Iterable[Change]) -> dict[int, int]:
    """A plan with some more or fewer desks; never fewer than none."""
    found = dict(plan)
    for change in changes:
        for number in range(change.first, change.last + 1):
            found[number] = max(0, found.get(number, 0) + change.more)
    return found


def at_work(past: PastDay) -> dict[int, float]:
    """How many desks there were, on the mean of each half hour."""
    found = {}
    for number in past.halves.numbers:
        begins, ends = past.halves.span(number)
        if begins < ends:
            found[number] = sum(desk.inside(begins, ends) for desk in past.desks) / (ends - begins)
    return found


# The fewest ---------------------------------------------------------------------------------------


def fewest(
    days: Sequence[PastDay],
    halves: Sequence[int],
    targets: Mapping[int, int],
    most: int,
    aim: float = AIM,
    between: Callable[[], None] = lambda: None,
) -> Found:
    """The fewest general desks in each of `halves` with which `aim` of all who came on `days` are seen in time; at most `most` at once."""
    search = _Search(days, list(halves), targets, most, aim, between)
    return search.found()


class _Search:
    def __init__(
        self,
        days: Sequence[PastDay],
        halves: list[int],
        targets: Mapping[int, int],
        most: int,
        aim: float,
        between: Callable[[], None],
    ) -> None:
        self._days, self._halves, self._targets = days, halves, targets
        self._most, self._aim, self._between = most, aim, between
        self._tries = 0

    def found(self) -> Found:
        plan, seen = self._everywhere_alike()
        if not self._meets(seen):
            return Found(plan, seen, False, self._tries)
        return self._take_away(plan, seen)

    def _seen(self, plan: Plan) -> Seen:
        self._tries += 1
        return played(self._days, lambda past: desks_of_plan(past, plan), self._targets, self._between)

    def _meets(self, seen: Seen) -> bool:
        return seen.share is None or seen.share >= self._aim

    def _everywhere_alike(self) -> tuple[dict[int, int], Seen]:
        """The fewest desks that are enough if there are as many all day, by halving; with all there can be if that is not enough either."""
        known: dict[int, Seen] = {}

        def seen_with(number: int) -> Seen:
            if number not in known:
                known[number] = self._seen(dict.fromkeys(self._halves, number))
            return known[number]

        low, high = 1, max(1, self._most)
        while low < high:
            middle = (low + high) // 2
            if self._meets(seen_with(middle)):
                high = middle
            else:
                low = middle + 1
        return dict.fromkeys(self._halves, high), seen_with(high)

    def _take_away(self, plan: dict[int, int], seen: Seen) -> Found:
        """Take one desk after the other away for half an hour or an hour, where it is missed least, until every further one would be missed.

        What that costs is worked out anew only for the place that seemed cheapest, and it is taken if it is cheapest still: costs hardly fall as desks go.
        """
        asked: dict[_Place, tuple[int, Seen]] = {}
        places: list[_Place] = [(half,) for half in self._halves]
        places += [pair for pair in pairwise(self._halves) if pair[1] == pair[0] + 1]
        costs: list[tuple[float, float, _Place]] = [(-1.0, 0.0, place) for place in places]
        heapify(costs)
        unsteady: list[tuple[float, float, _Place]] = []
        taken = 0
        while costs and self._tries < MOST_TRIES:
            entry = heappop(costs)
            place = entry[2]
            fewer = {**plan, **{half: plan[half] - 1 for half in place}}
            if min(fewer[half] for half in place) < 1:
                continue
            if not steady(fewer):
                unsteady.append(entry)
                continue
            if place in asked and asked[place][0] == taken:
                plan, seen, taken = fewer, asked[place][1], taken + 1
                for each in (entry, *unsteady):
                    heappush(costs, each)
                unsteady.clear()
                continue
            less = self._seen(fewer)
            if self._meets(less):
                asked[place] = (taken, less)
                cost = ((seen.share or 0.0) - (less.share or 0.0)) / len(place)
                heappush(costs, (cost, (less.waits.seconds - seen.waits.seconds) / len(place), place))
        return Found(plan, seen, True, self._tries, not costs)


def steady(plan: Plan) -> bool:
    """Whether no desk opens for less than an hour, or closes in between for less: nobody could be asked to do that."""
    halves = sorted(plan)
    for level in range(1, max(plan.values(), default=0) + 1):
        opened = [plan[half] >= level for half in halves]
        runs = [(is_open, len(list(run))) for is_open, run in groupby(opened)]
        for at, (is_open, length) in enumerate(runs):
            if length < SHORTEST and (is_open or 0 < at < len(runs) - 1):
                return False
    return True


# Busier days --------------------------------------------------------------------------------------


def as_busy(past: PastDay, factor: float, seed: int, booked: float = 1.0) -> PastDay:
    """The day as if `factor` times as many had walked in, and `booked` times as many had come for an appointment: some come twice (within ten minutes of themselves) or
    not at all, drawn by `seed`. What somebody was passed on to goes with them."""
    copies: dict[str, int] = {}
    came: list[Came] = []
    for each in past.day.came:
        if each.follows in copies:
            number = copies[each.follows or ""]
        else:
            times = booked if each.booked else factor
            number = int(times) + (drawn(seed, each.ticket) < times % 1)
        copies[each.ticket] = number
        for copy in range(number):
            came.append(_shifted(each, copy, _nearly(seed, each.ticket, copy)) if copy else each)
    return past._replace(day=past.day._replace(came=tuple(came)))


def _nearly(*name: object) -> int:
    """Up to ten minutes earlier or later."""
    return round((drawn("when", *name) - 0.5) * 20 * MINUTE)


def _shifted(came: Came, copy: int, by: int) -> Came:
    def moved(at: int | None) -> int | None:
        return None if at is None else at + by

    mark = f"+{copy}"
    return came._replace(
        ticket=came.ticket + mark,
        visit=came.visit + mark,
        here_at=came.here_at + by,
        counts_from=came.counts_from + by,
        wait_from=moved(came.wait_from),
        gone_at=moved(came.gone_at),
        follows=None if came.follows is None else came.follows + mark,
        called_at=None,
    )
