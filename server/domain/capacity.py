"""Whether an appointment of a service may begin at a minute, and whom it would take.

Time is a line of whole minutes since 1970 in UTC, and a set of minutes is one large integer, a bit a minute. So "who is free for the next twenty
minutes" is five shifts of a number, however full the diary is, and a month of twenty people costs no more than its bookings' reading. The local
clock does not appear here: daylight saving is settled where the stretches and starts were worked out (`domain.slots`).

The visitor's own time, from start to end, must lie within what is offered and within the rota of whom it takes. Preparation and clear-up need
not: staff are there before the doors open and after they shut. But from the first minute of preparation to the last of clear-up nobody is taken
twice, and nobody is taken who is away. The share of walk-ins is kept by day: when what is booked of a service on a local date would pass the rest
of what it offers that day, the day is full for it.

Person, room and interpreter are each needed or not, and each is free or not without regard to the others; so a minute is free when every kind that
is needed has one who is free, and the choice within a kind can be made by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

from server.domain.offers import Offer
from wire.vocabulary import BookableKind


class Stretch(NamedTuple):
    """From a minute until just before another."""

    starts: int
    ends: int


class LocalDay(NamedTuple):
    """A date of the centre, from its midnight to the next: 23 to 25 hours."""

    on: date
    first: int
    last: int


@dataclass(frozen=True)
class Resource:
    """A person, room or interpreter whom this service may take: when they take appointments, when they are away, whom they speak to (language
    codes, `sign_language`)."""

    id: int
    there: Sequence[Stretch]
    away: Sequence[Stretch] = ()
    speaks: frozenset[str] = frozenset()


class Taken(NamedTuple):
    """A booking that holds time: of any service, since people and rooms are shared."""

    booking: str
    service: int
    starts: int
    held_from: int
    held_until: int
    takes: Mapping[str, int]
    """By kind, the bookables it takes."""
    place: int | None = None


@dataclass(frozen=True)
class Wanted:
    """Whom somebody asked for. `named`: this very one, by kind; `over`: beyond what is offered, which staff answer for."""

    named: Mapping[str, int] = field(default_factory=dict)
    preferred: Collection[int] = ()
    """Rather these, such as whom a moved appointment had."""
    speaking: Collection[str] = ()
    """Rather somebody who speaks one of these."""
    over: bool = False


class Chosen(NamedTuple):
    """Whom an appointment takes, by kind; `place` where no person is named."""

    takes: Mapping[str, int]
    place: int | None


@dataclass(frozen=True)
class Capacity:
    """What one service can take over a stretch of time, and what is taken of it. `needs` maps each kind an appointment needs to those who could be
    it; `days` are whole and lie within the window from `first` until `last`, as does every booking that touches them."""

    service: int
    offer: Offer
    first: int
    last: int
    days: Sequence[LocalDay]
    offered: Sequence[Stretch]
    blocked: Sequence[Stretch]
    needs: Mapping[str, Sequence[Resource]]
    taken: Sequence[Taken]

    @property
    def before(self) -> int:
        return self.offer.prepare_minutes

    @property
    def held(self) -> int:
        return self.offer.prepare_minutes + self.offer.minutes + self.offer.clear_minutes

    @cached_property
    def open_minutes(self) -> int:
        """The minutes at which this service takes appointments at all."""
        return self._mask(self.offered) & ~self._mask(self.blocked)

    @cached_property
    def free(self) -> int:
        """The minutes at which one may begin."""
        able = self._begins
        for day in self.days:
            if self.day_is_full(day):
                able &= ~self._mask([Stretch(day.first, day.last)])
        return able

    @cached_property
    def _begins(self) -> int:
        """The same without regard to the walk-ins' share."""
        able = runs(self.open_minutes, self.offer.minutes) & self._uncrowded
        for kind in self.needs:
            able &= self._some_free(kind)
        return able

    @cached_property
    def served(self) -> int:
        """The minutes at which one could begin if nothing were booked: everybody needed is there by their rota and not away."""
        able = runs(self.open_minutes, self.offer.minutes)
        for resources in self.needs.values():
            here = 0
            for each in resources:
                here |= self._there(each) & self._clear_of(each.away)
            able &= here
        return able

    def may_begin(self, minute: int) -> bool:
        """As `free` says it, worked out for this minute alone: the same rules on the few minutes it would hold, the share on its whole day."""
        return self._may_begin(minute, self._around(minute))

    def _may_begin(self, minute: int, near: Capacity) -> bool:
        if not (self.first <= near.first and near.last <= self.last):
            return False
        day = self._day_of(minute)
        if day is not None and self.day_is_full(day):
            return False
        return bool(near._begins >> self.before & 1)

    def _around(self, minute: int) -> Capacity:
        """The same of nothing but what an appointment that begins then would hold; no days, for it has no whole one."""
        first, last = minute - self.before, minute - self.before + self.held
        near = [each for each in self.taken if each.held_from < last and first < each.held_until]
        return replace(self, first=first, last=last, days=(), taken=near)

    def bits(self, minutes: int, starts: Sequence[int]) -> list[int]:
        """Those of `starts` that are in a set of minutes, quickly."""
        size = self.last - self.first
        if not minutes:
            return []
        octets = minutes.to_bytes(size // 8 + 1, "little")
        return [
            start
            for start in starts
            if 0 <= (at := start - self.first) < size and octets[at >> 3] >> (at & 7) & 1
        ]

    def day_is_full(self, day: LocalDay) -> bool:
        """Whether one more would take from the walk-ins' share of a day."""
        if not self.offer.walk_in_share:
            return False
        return self._booked(day) + self.held > self._bookable_minutes(day)

    def choose(self, minute: int, wanted: Wanted) -> Chosen | None:
        """Whom an appointment that begins then takes; None when it cannot be. Fewest appointments that day first, then the lowest number."""
        near = self._around(minute)
        if not wanted.over and not self._may_begin(minute, near):
            return None
        takes: dict[str, int] = {}
        for kind in self.needs:
            found = self._best(kind, minute, wanted, near)
            if found is None:
                return None
            takes[kind] = found
        return Chosen(takes, None if BookableKind.PERSON in takes else self._place(minute))

    def is_free(self, kind: str, resource: Resource, minute: int, *, over: bool = False) -> bool:
        """Whether this one could be taken at that minute. `over` looks past the rota, never past what they are taken or away for."""
        able = self._untaken(kind, resource) if over else self._able(kind, resource)
        return bool(able >> (minute - self.first) & 1)

    def _best(self, kind: str, minute: int, wanted: Wanted, near: Capacity) -> int | None:
        named = wanted.named.get(kind)
        if named is not None:
            able = [
                each
                for each in self.needs[kind]
                if each.id == named and near.is_free(kind, each, minute, over=wanted.over)
            ]
        else:
            able = [each for each in self.needs[kind] if near.is_free(kind, each, minute)]
        counts = self._counts_on(kind, minute)
        speaking = set(wanted.speaking)
        best = min(
            able,
            key=lambda each: (
                each.id not in wanted.preferred,
                not speaking & each.speaks,
                counts.get(each.id, 0),
                each.id,
            ),
            default=None,
        )
        return None if best is None else best.id

    def _counts_on(self, kind: str, minute: int) -> dict[int, int]:
        day = self._day_of(minute)
        counts: dict[int, int] = {}
        for each in self.taken:
            who = each.takes.get(kind)
            if day is not None and who is not None and day.first <= each.starts < day.last:
                counts[who] = counts.get(who, 0) + 1
        return counts

    def _day_of(self, minute: int) -> LocalDay | None:
        return next((each for each in self.days if each.first <= minute < each.last), None)

    def _place(self, minute: int) -> int:
        used = {each.place for each in self.taken if each.service == self.service and each.starts == minute}
        return next(place for place in range(len(used) + 1) if place not in used)

    # Sets of minutes ----------------------------------------------------------------------------------------------

    def _mask(self, stretches: Iterable[Stretch]) -> int:
        """The minutes of these stretches within the window."""
        size = self.last - self.first
        signs = bytearray(b"0") * size
        found = False
        for starts, ends in stretches:
            low, high = max(starts - self.first, 0), min(ends - self.first, size)
            if low < high:
                signs[size - high : size - low] = b"1" * (high - low)
                found = True
        return int(signs, 2) if found else 0

    @cached_property
    def _all(self) -> int:
        return (1 << (self.last - self.first)) - 1

    def _clear_of(self, stretches: Iterable[Stretch]) -> int:
        """The minutes at which one may begin so that all it holds, preparation and clear-up included, keeps clear of these."""
        return runs(self._all & ~self._mask(stretches), self.held) << self.before & self._all

    @cached_property
    def _uncrowded(self) -> int:
        """The minutes at which one may begin without more at once than the service may have."""
        own = [each for each in self.taken if each.service == self.service]
        return self._clear_of(
            crowded([Stretch(each.held_from, each.held_until) for each in own], self.offer.at_once)
        )

    @cached_property
    def _engaged(self) -> dict[tuple[str, int], list[Stretch]]:
        engaged: dict[tuple[str, int], list[Stretch]] = {}
        for each in self.taken:
            for kind, who in each.takes.items():
                engaged.setdefault((kind, who), []).append(Stretch(each.held_from, each.held_until))
        return engaged

    def _there(self, resource: Resource) -> int:
        return runs(self._here(resource), self.offer.minutes)

    def _here(self, resource: Resource) -> int:
        """The minutes of the rota; several keep the same."""
        key = tuple(resource.there)
        found = self._rotas.get(key)
        if found is None:
            found = self._rotas[key] = self._mask(key)
        return found

    @cached_property
    def _rotas(self) -> dict[tuple[Stretch, ...], int]:
        return {}

    def _untaken(self, kind: str, resource: Resource) -> int:
        return self._clear_of([*resource.away, *self._engaged.get((kind, resource.id), ())])

    def _able(self, kind: str, resource: Resource) -> int:
        """The minutes at which an appointment with this one may begin."""
        found = self._known.get((kind, resource.id))
        if found is None:
            found = self._known[kind, resource.id] = self._there(resource) & self._untaken(kind, resource)
        return found

    @cached_property
    def _known(self) -> dict[tuple[str, int], int]:
        return {}

    def _some_free(self, kind: str) -> int:
        able = 0
        for each in self.needs[kind]:
            able |= self._able(kind, each)
        return able

    # The walk-ins' share ------------------------------------------------------------------------------------------

    def _booked(self, day: LocalDay) -> int:
        return sum(
            each.held_until - each.held_from
            for each in self.taken
            if each.service == self.service and day.first <= each.starts < day.last
        )

    def _bookable_minutes(self, day: LocalDay) -> int:
        whole = Stretch(day.first - self.first, day.last - self.first)
        offered = sum(
            (layer >> whole.starts & (1 << (whole.ends - whole.starts)) - 1).bit_count()
            for layer in self._side_by_side
        )
        return offered * (100 - self.offer.walk_in_share) // 100

    @cached_property
    def _side_by_side(self) -> list[int]:
        """How many could run at once if nothing were booked: the n-th set holds the minutes at which more than n could."""
        layers = [self.open_minutes] * self.offer.at_once
        for kind, resources in self.needs.items():
            if kind == BookableKind.INTERPRETER:
                continue
            here = [self._here(each) & ~self._mask(each.away) for each in resources]
            layers = [ours & theirs for ours, theirs in zip(layers, _piled(here, len(layers)), strict=True)]
        return layers


def runs(minutes: int, length: int) -> int:
    """The minutes from which `length` minutes in a row are all in the set."""
    done = 1
    while done < length:
        step = min(done, length - done)
        minutes &= minutes >> step
        done += step
    return minutes


def crowded(stretches: Iterable[Stretch], most: int) -> list[Stretch]:
    """Where `most` or more of these run side by side."""
    begins, ends = [], []
    for each in stretches:
        begins.append(each.starts)
        ends.append(each.ends)
    begins.sort()
    ends.sort()
    found: list[Stretch] = []
    running, ended, since = 0, 0, 0
    for begin in begins:
        while ends[ended] <= begin:
            if running == most:
                found.append(Stretch(since, ends[ended]))
            running -= 1
            ended += 1
        running += 1
        if running == most:
            since = begin
    for end in ends[ended:]:
        if running == most:
            found.append(Stretch(since, end))
        running -= 1
    return found


def _piled(masks: Iterable[int], most: int) -> list[int]:
    layers = [0] * most
    for mask in masks:
        for upper in range(most - 1, 0, -1):
            layers[upper] |= layers[upper - 1] & mask
        if most:
            layers[0] |= mask
    return layers
