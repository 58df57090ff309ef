"""What a day's, month's or any span's figures are summed up in, so that years of them can be added together. Pure.

Two kinds of figure, because only these add up exactly: **counts**, and **spreads** of how long things took. A spread keeps how many, their seconds, and how many took how many
whole minutes (rounded up, as a visitor feels them), so that median, 90th percentile, mean and share within a target of any sum are exactly those of all that went into it;
means and percentiles themselves could not be added. What is known to be wrong (`inaccurate`: nobody ended it on its day) is counted apart and in no mean.

A key is a path of words and ids, `wait/walk_in/12`. The table of all keys, with what each counts and from when to when, is below; a key that is not there does not exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any, TypeVar

T = TypeVar("T")

UNNAMED = 0
"""Stands for the service of what may not be named."""

COUNTS = """
visits                        visits that arrived (merged ones are part of another; one entered by mistake is none)
visitors                      people who came with them
visits/left                   visits none of whose needs was ever served
visits/channel/<Channel>      visits, by the door they were recorded through
visits/language/<Language>    visits, by language
visits/need/<Need>            visits, by access need (one visit may have several)
visits/half/<0..47>           visits, by the local half hour they arrived in (18: 09:00 to 09:30)
visits/weekday/<0..6>         visits, by weekday (0 Monday)
ticket/<Activity>             activities that tickets stand for, as server.domain.tallies counts them
ticket/<Activity>/left        of these, never served
service/<id>                  needs sought at a service by ticket, as tallies counts them (0: may not be named)
service/<id>/left             of these, never served
tap/<Activity>/<CountSource>  people counted without a ticket
tap/half/<0..47>              the same by half hour of the tap (sheets have none)
tap/weekday/<0..6>            the same by weekday
help/<id>                     people helped at the door, by service (0: none named, or may not be named)
help/solved, help/avoidable   of these, solved on the spot; need not have come
called/<id>                   tickets that were called (a need that is passed on is called at each service it comes to)
served/<id>                   needs that were served to an end, at the service where they ended
no_show/<id>                  needs called that nobody came for
cancelled/<id>                needs given up before they were served
left_parked/<id>              needs given up while they were parked
transferred/<id>              needs passed on to another service or counter
reopened/<id>                 ends that were taken back
inaccurate/<id>               needs that nobody ended on their day: served, in no spread
outcome/<Outcome>/<id>        served needs, by how they ended
outcome/none/<id>             served needs without an outcome
avoidable/<Avoidable>/<id>    served needs that need not have come, by why
again/<id>                    served needs whose visitor had been here about the same before, or came twice about it that day
first_time/<id>               served needs with an outcome that were resolved, and not `again`
booking/<kept|late|missed|cancelled>/<id>    appointments whose day this was
counter/<id>/<open|busy|break>               seconds a counter was occupied by staff, was with visitors, was on a break (open holds busy and break)
counter/<id>/inaccurate                      sittings that nobody ended: in none of the three, nor what was served in them
said/score/<1..5>             visitors who said how the visit was
said/way/<FeedbackWay>/<1..5>
said/reason/<FeedbackReason>/<1..5>
said/language/<Language>/<1..5>
said/service/<id>/<1..5>
estimate/<id>/<told|within|early|late|minutes>   ranges told: how many, called within it, before it, after it; sum of the seconds between middle and call
estimate/<id>/bias            sum of seconds the call came after the middle (may be negative)
estimate/<id>/<held|held_judged|held_within>    ranges held back: how many, of these judged by a call, of these it would have been right
estimate/band/<0|5|10|20|40>/<told|within|early|late|minutes|bias>   the same as by service, by how many minutes were told (of the middle)
"""
SPREADS = """
wait/<booked|late|walk_in>/<id>   until the first call, by server.domain.waited
wait/half/<0..47>                 the same of walk-ins, by the half hour of arrival
walk/<id>                         from the last call until served
serve/<id>                        being served, without what was parked
park/<id>                         parked, of needs that were
estimate/error/<id>               between the middle of a range told and the call, either way
estimate/took/<0|5|10|20|40>      from the telling of a range until the call, by how many minutes were told
"""


def _nothing() -> Counter[Any]:
    """An empty counter, without what making one does beside (half of the time it took to read years)."""
    return Counter.__new__(Counter)


@dataclass(slots=True)
class Spread:
    """How long some things took. `minutes`: how many took that many whole minutes, rounded up."""

    number: int = 0
    seconds: int = 0
    minutes: Counter[int] = field(default_factory=_nothing)

    def put(self, micros: int) -> None:
        """One more, of so many microseconds."""
        self.number += 1
        self.seconds += round(micros / 1_000_000)
        self.minutes[ceil(max(0, micros) / 60_000_000)] += 1

    def add(self, other: Spread) -> None:
        self.number += other.number
        self.seconds += other.seconds
        _add(self.minutes, other.minutes)

    def less(self, other: Spread) -> Spread:
        """What was put into this and not into `other`, all of which was."""
        return Spread(self.number - other.number, self.seconds - other.seconds, self.minutes - other.minutes)

    @property
    def mean(self) -> float | None:
        """Minutes; None: there was nothing."""
        return self.seconds / 60 / self.number if self.number else None

    def percentile(self, share: int) -> int | None:
        """The whole minutes that `share` percent took at most, by the nearest rank: of the `number` sorted, that at ceil(share/100 * number)."""
        if not self.number:
            return None
        rank, passed = max(1, ceil(self.number * share / 100)), 0
        for minute in sorted(self.minutes):
            passed += self.minutes[minute]
            if passed >= rank:
                return minute
        raise AssertionError("a spread holds as many as it says")

    @property
    def median(self) -> int | None:
        return self.percentile(50)

    @property
    def ninth(self) -> int | None:
        """The 90th percentile."""
        return self.percentile(90)

    def within(self, minutes: int) -> int:
        """How many took `minutes` at most."""
        return sum(number for minute, number in self.minutes.items() if minute <= minutes)


@dataclass(slots=True)
class Sums:
    """The sums of some days. Empty ones are those of nothing."""

    counts: Counter[str] = field(default_factory=_nothing)
    spreads: dict[str, Spread] = field(default_factory=dict)

    def count(self, *key: object) -> int:
        return self.counts[_path(key)]

    def by(self, *key: object) -> dict[str, int]:
        """The counts one step below `key`, by that step: `by("visits", "language")` is {"en": 4, ...}. Deeper ones are left out."""
        start = _path(key) + "/"
        return {
            name[len(start) :]: number
            for name, number in self.counts.items()
            if number and name.startswith(start) and "/" not in name[len(start) :]
        }

    def spread(self, *key: object) -> Spread:
        """One that nothing went into where there is none."""
        return self.spreads.get(_path(key)) or Spread()

    def spreads_by(self, *key: object) -> dict[str, Spread]:
        """The spreads one step below `key`, by that step."""
        start = _path(key) + "/"
        return {
            name[len(start) :]: spread
            for name, spread in self.spreads.items()
            if name.startswith(start) and "/" not in name[len(start) :]
        }

    def tell(self, number: int, *key: object) -> None:
        """Count `number` more."""
        if number:
            self.counts[_path(key)] += number

    def put(self, micros: int, *key: object) -> None:
        self.spreads.setdefault(_path(key), Spread()).put(micros)

    def add(self, other: Sums) -> None:
        """All that went into `other` as well."""
        _add(self.counts, other.counts)
        for name, spread in other.spreads.items():
            known = self.spreads.get(name)
            if known is None:
                self.spreads[name] = known = Spread()
            known.add(spread)

    def less(self, other: Sums) -> Sums:
        """What went into this and not into `other`, all of which did."""
        counts = Counter(self.counts)
        counts.subtract(other.counts)
        left = Sums(Counter({name: number for name, number in counts.items() if number}))
        for name, spread in self.spreads.items():
            rest = spread.less(other.spreads.get(name, Spread()))
            if rest.number:
                left.spreads[name] = rest
        return left

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "counts": {name: number for name, number in sorted(self.counts.items()) if number},
            "spreads": {
                name: [spread.number, spread.seconds, _pairs(spread.minutes)]
                for name, spread in sorted(self.spreads.items())
                if spread.number
            },
        }


def from_document(document: Mapping[str, Any], counts_only: bool = False) -> Sums:
    """`counts_only`: without the spreads, which are nine tenths of the work."""
    sums = Sums()
    dict.update(sums.counts, document["counts"])
    if counts_only:
        return sums
    for name, (number, seconds, pairs) in document["spreads"].items():
        minutes: Counter[int] = _nothing()
        dict.update(minutes, zip(pairs[::2], pairs[1::2], strict=True))
        sums.spreads[name] = Spread(number, seconds, minutes)
    return sums


def together(every: Iterable[Sums]) -> Sums:
    total = Sums()
    for each in every:
        total.add(each)
    return total


def _path(key: tuple[object, ...]) -> str:
    return "/".join(map(str, key))


def _add(numbers: Counter[T], others: Mapping[T, int]) -> None:
    """As `Counter.update` does, in a fifth of the time: years of sums are hundreds of thousands of small counters."""
    if numbers:
        known = numbers.get
        for key, number in others.items():
            numbers[key] = known(key, 0) + number
    else:
        dict.update(numbers, others)


def _pairs(minutes: Mapping[int, int]) -> list[int]:
    return [value for pair in sorted(minutes.items()) for value in pair]
