"""How many will come on a day to come, by half hour, from the days that were: the same weekday, recent weeks weighing more, the season, what is known to bring people. Pure.

Two steps, because totals are known for years and half hours need only be known for months.

The day: the recent level of all days (half of its weight from the last three weeks), times what the weekday has of a usual day, times what the season did in the years before between
the recent weeks and that day (where a year or more is there), times what events of its kind did (`KnownEvent`). Days of closures, of special hours and of events are no
part of the level; a day on which nobody was recorded though it was open is one on which nothing was recorded.

The half hours: how those who came on the same weekday spread over the hours that were open then. Hours that were never open take the rate of the nearest that was.

The band is honest because it is measured: for the last weeks the same forecast is made as it would have been made then, and by how far it was off says how far this one may
be (`counts_band`). Who has an appointment that day is known and added, not forecast. docs/staffing.md has the figures of a backtest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import exp, log
from typing import NamedTuple

from server.domain.counts_band import band, excess_of

RECENT = 21
"""Days after which a day weighs half in the level."""
LEVEL_DAYS = 120
WEEKDAY_WEEKS = 26
WEEKDAY_HALF_LIFE = 91
SEASON_AROUND = 17
"""Days to either side of the same weekday a year (52 weeks) before."""
A_YEAR = 364
MOST_YEARS = 3
FEWEST_OF_SEASON = 4
FEWEST_DAYS = 3
"""With fewer usual days nothing is forecast."""
TRIED = 30
"""So many past days of this weekday are forecast again to see how far off this is."""
EVENT_PRIOR = 3
"""An event's effect is drawn towards none as by so many days on which it had none."""
MOST_EFFECT = 5.0
HALVES_PRIOR = 80
"""What is taken of half hours before any was seen weighs as much as this many of them: some six days."""


class Detail(NamedTuple):
    """A past day of the same weekday: who walked in, by half hour, and how much of each half hour was open."""

    on: date
    came: Mapping[int, int]
    open: Mapping[int, float]


@dataclass(frozen=True)
class Past:
    """What is known. `totals`: everybody who came on a day, of days with usual hours alone; `events`: what was, or will be, on which days (all kinds)."""

    totals: Mapping[date, int]
    events: Mapping[date, frozenset[str]] = field(default_factory=dict)

    def upto(self, last: date) -> Past:
        """As it was known at the end of `last`."""
        return Past({on: number for on, number in self.totals.items() if on <= last}, self.events)


class Effect(NamedTuple):
    """What days of an event of this kind had of what they would have had, seen on `days` days."""

    kind: str
    factor: float
    days: int


class Half(NamedTuple):
    """Walk-ins expected in one half hour, and the band in which they will lie four times in five."""

    number: int
    mean: float
    low: int
    high: int


@dataclass(frozen=True)
class Forecast:
    on: date
    halves: tuple[Half, ...]
    mean: float
    low: int
    high: int
    days: int
    """Of how many past days of this weekday the half hours are."""
    season: float | None
    """None: there is no year to tell of it."""
    effects: tuple[Effect, ...] = ()
    unknown: tuple[str, ...] = ()
    """Kinds of event on that day of which none is past: nothing is known of what they do."""
    off: float | None = None
    """By how much, as a share, forecasts made alike were off on the mean for the last weeks."""
    borrowed: tuple[int, ...] = ()
    """Half hours that were never open: told as the nearest that was."""


def forecast(
    past: Past, detail: Sequence[Detail], on: date, opened: Mapping[int, float], known_on: date
) -> Forecast | None:
    """The day `on`, of which the half hours in `opened` are open so far (0 to 1), as known at the end of `known_on`. None: too little is known.

    `detail` are past days of the same weekday, in any order; those of events and after `known_on` are left out here.
    """
    lead = max(1, (on - known_on).days)
    known = past.upto(known_on)
    day = _Level(known).of(on, known_on)
    usual = [
        each
        for each in detail
        if each.on <= known_on and each.on in known.totals and not known.events.get(each.on)
    ]
    if day is None or len(usual) < FEWEST_DAYS or not opened:
        return None
    rates, borrowed = _rates(usual, known, on, opened)
    means = {number: day.mean * rates[number] * share for number, share in opened.items()}
    again = _again(past, usual, lead)
    told = [(each_mean, float(sum(each.came.values()))) for each, each_mean, _ in again]
    by_half = excess_of(
        [
            (expected, float(each.came.get(number, 0)))
            for each, _, expectations in again
            for number, expected in expectations.items()
        ],
        weight=HALVES_PRIOR,
    )
    halves = tuple(Half(number, mean, *band(mean, by_half)) for number, mean in sorted(means.items()))
    total = sum(means.values())
    expected = sum(each_mean for each_mean, _ in told)
    off = sum(abs(came - each_mean) for each_mean, came in told) / expected if expected else None
    return Forecast(
        on,
        halves,
        total,
        *band(total, excess_of(told)),
        len(usual),
        day.season,
        day.effects,
        day.unknown,
        off,
        borrowed,
    )


class _Day(NamedTuple):
    mean: float
    season: float | None
    effects: tuple[Effect, ...]
    unknown: tuple[str, ...]


class _Level:
    """Everybody who will come on a day, from totals of days."""

    def __init__(self, past: Past) -> None:
        self._totals = past.totals
        self._events = past.events
        self._effects: dict[str, Effect | None] = {}

    def of(self, on: date, known_on: date) -> _Day | None:
        weekdays = self._weekdays(known_on)
        mine = weekdays.get(on.weekday())
        if mine is None:
            return None
        level = self._recent(known_on, weekdays, timedelta())
        if level is None:
            return None
        season = self._season(on, known_on, weekdays)
        mean = level * mine * (season or 1.0)
        effects, unknown = [], []
        for kind in sorted(self._events.get(on, ())):
            effect = self._effect(kind, known_on, weekdays)
            if effect is None:
                unknown.append(kind)
            else:
                effects.append(effect)
                mean *= effect.factor
        return _Day(mean, season, tuple(effects), tuple(unknown))

    def _is_usual(self, on: date) -> bool:
        return self._totals.get(on, 0) > 0 and not self._events.get(on)

    def _weekdays(self, known_on: date) -> dict[int, float]:
        """What each weekday has of a usual day: 1.0 is the mean of the weekdays there are."""
        total: defaultdict[int, float] = defaultdict(float)
        weight: defaultdict[int, float] = defaultdict(float)
        number: defaultdict[int, int] = defaultdict(int)
        for ago in range(WEEKDAY_WEEKS * 7):
            on = known_on - timedelta(days=ago)
            if self._is_usual(on):
                counts = 0.5 ** (ago / WEEKDAY_HALF_LIFE)
                total[on.weekday()] += counts * self._totals[on]
                weight[on.weekday()] += counts
                number[on.weekday()] += 1
        means = {each: total[each] / weight[each] for each in total if number[each] >= FEWEST_DAYS}
        if not means:
            return {}
        usual = sum(means.values()) / len(means)
        return {each: mean / usual for each, mean in means.items()}

    def _recent(self, known_on: date, weekdays: Mapping[int, float], back: timedelta) -> float | None:
        """The level of the weeks before `known_on`, or of the same weeks `back` earlier. A usual day has 1.0 of it."""
        total = weight = 0.0
        number = 0
        for ago in range(LEVEL_DAYS):
            on = known_on - back - timedelta(days=ago)
            share = weekdays.get(on.weekday())
            if share and self._is_usual(on):
                counts = 0.5 ** (ago / RECENT)
                total += counts * self._totals[on] / share
                weight += counts
                number += 1
        return total / weight if number >= FEWEST_DAYS else None

    def _around(self, middle: date, weekdays: Mapping[int, float]) -> float | None:
        days = (middle + timedelta(days=number) for number in range(-SEASON_AROUND, SEASON_AROUND + 1))
        return self._mean_of((on for on in days), weekdays, FEWEST_OF_SEASON)

    def _mean_of(self, days: Iterable[date], weekdays: Mapping[int, float], fewest: int) -> float | None:
        found = [
            self._totals[on] / weekdays[on.weekday()]
            for on in days
            if on.weekday() in weekdays and self._is_usual(on)
        ]
        return sum(found) / len(found) if len(found) >= fewest else None

    def _season(self, on: date, known_on: date, weekdays: Mapping[int, float]) -> float | None:
        """How the weeks around this day stood to the weeks before `known_on` in the years before; drawn towards no difference."""
        told = []
        for years in range(1, MOST_YEARS + 1):
            back = timedelta(days=A_YEAR * years)
            then, before = self._around(on - back, weekdays), self._recent(known_on, weekdays, back)
            if then and before:
                told.append(log(then / before))
        return exp(sum(told) / (len(told) + 0.3)) if told else None

    def _effect(self, kind: str, known_on: date, weekdays: Mapping[int, float]) -> Effect | None:
        """What days of this kind had of what the usual days within six weeks of them had."""
        if kind not in self._effects:
            came = without = 0.0
            number = 0
            for on, kinds in self._events.items():
                share = weekdays.get(on.weekday())
                if kinds != {kind} or on > known_on or not share or not self._totals.get(on):
                    continue
                near = (on + timedelta(days=apart) for apart in range(-42, 43))
                usual = self._mean_of((each for each in near if each <= known_on), weekdays, FEWEST_DAYS)
                if usual:
                    came += self._totals[on]
                    without += usual * share
                    number += 1
            self._effects[kind] = None
            if number:
                held = EVENT_PRIOR * without / number
                factor = min(MOST_EFFECT, (came + held) / (without + held))
                self._effects[kind] = Effect(kind, factor, number)
        return self._effects[kind]


def _weight(on: date, of: date) -> float:
    return float(0.5 ** (abs((of - on).days) / WEEKDAY_HALF_LIFE))


def _rates(
    usual: Sequence[Detail], past: Past, on: date, opened: Iterable[int]
) -> tuple[dict[int, float], tuple[int, ...]]:
    """Walk-ins in each half hour for one who comes on the day at all."""
    came: defaultdict[int, float] = defaultdict(float)
    base: defaultdict[int, float] = defaultdict(float)
    for each in usual:
        weight = _weight(each.on, on)
        for number, share in each.open.items():
            came[number] += weight * each.came.get(number, 0)
            base[number] += weight * past.totals[each.on] * share
    known = {number: came[number] / base[number] for number in base if base[number] > 0}
    rates, borrowed = {}, []
    for number in opened:
        if number not in known:
            borrowed.append(number)
        nearest = min(known, key=lambda each: (abs(each - number), each), default=None)
        rates[number] = known[nearest] if nearest is not None else 0.0
    return rates, tuple(borrowed)


_Again = tuple[Detail, float, dict[int, float]]


def _again(past: Past, usual: Sequence[Detail], lead: int) -> list[_Again]:
    """Past days with what would have been forecast of them. The half hours' shares are taken from all days: they move little, and it saves most of the work."""
    recent = sorted(usual, key=lambda each: each.on)[-TRIED:]
    found: list[_Again] = []
    for each in recent:
        day = _Level(past.upto(each.on - timedelta(days=lead))).of(each.on, each.on - timedelta(days=lead))
        if day is None:
            continue
        rates, _ = _rates([other for other in usual if other is not each], past, each.on, each.open)
        means = {number: day.mean * rates[number] * share for number, share in each.open.items()}
        found.append((each, sum(means.values()), means))
    return found
