"""How near the forecast of a day comes, a week before, over a year of made days: `python -m benchmarks.forecast` prints the tables of docs/staffing.md.

Three years of centres large and small are made (`demo.years`: a Poisson stream by half hour, weekday, season, growth and known events), and every open day of the last year is
forecast as it would have been seven days before, with the rules the page uses. Beside it stand what people do without a forecast: the same weekday of the week before, and the mean of the last
four of them. The error is the mean absolute one; the band ought to hold four days in five. `--uneven` makes days differ by more than chance (each day's stream is thinned or doubled
by a factor drawn for the day), as real ones do, for the band must hold then too.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import fmean

from demo.years import make_years
from server.clock import to_micros
from server.domain.forecast import Detail, Past, forecast
from server.domain.hours import midnight
from server.live.past_days import Known, read_detail, read_known
from server.store.database import open_database

LAST = date(2026, 11, 23)
LEAD = 7
WEEKS = 150
YEAR = 52
_DAY = timedelta(days=1)


@dataclass
class Score:
    """Absolute errors of whole days and of half hours, by way; and how often the bands held."""

    days: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    halves: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    held: list[bool] = field(default_factory=list)
    held_halves: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    came: list[int] = field(default_factory=list)

    def take(self, way: str, told: Callable[[int], float], came: Detail) -> None:
        self.days[way].append(abs(sum(told(half) for half in came.open) - sum(came.came.values())))
        self.halves[way].extend(abs(told(half) - came.came.get(half, 0)) for half in came.open)


def score(known: Known, details: Sequence[Detail]) -> Score:
    """Every day of the last year of one weekday."""
    found = Score()
    for each in details[:YEAR]:
        before = [
            other
            for other in details
            if each.on - timedelta(days=364 + LEAD) <= other.on <= each.on - LEAD * _DAY
        ]
        told = forecast(known.past, before, each.on, each.open, each.on - LEAD * _DAY)
        if told is None or not before:
            continue
        means = {half.number: half.mean for half in told.halves}
        total = sum(each.came.values())
        found.came.append(total)
        found.take("forecast", means.__getitem__, each)
        found.take("same weekday last week", partial(_mean_of, before[:1]), each)
        found.take("mean of the last four", partial(_mean_of, before[:4]), each)
        found.held.append(told.low <= total <= told.high)
        found.widths.append((told.high - told.low) / told.mean)
        found.held_halves.extend(
            half.low <= each.came.get(half.number, 0) <= half.high for half in told.halves
        )
    return found


def _mean_of(days: Sequence[Detail], half: int) -> float:
    return fmean(day.came.get(half, 0) for day in days)


def uneven(known: Known, details: Sequence[Detail], sigma: float, seed: int) -> tuple[Known, list[Detail]]:
    """The same days, each with a factor of its own."""
    chance = random.Random(seed)
    totals, found = dict(known.past.totals), []
    for each in sorted(details, key=lambda day: day.on):
        factor = max(0.3, chance.gauss(1, sigma))
        came = {
            half: sum(_times(chance, factor) for _ in range(number)) for half, number in each.came.items()
        }
        found.append(Detail(each.on, came, each.open))
        totals[each.on] = sum(_times(chance, factor) for _ in range(totals[each.on]))
    return replace(known, past=Past(totals, known.past.events)), found[::-1]


def _times(chance: random.Random, factor: float) -> int:
    return int(factor) + (chance.random() < factor % 1)


def rows(visits: float, sigma: float, seed: int) -> Iterator[Score]:
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'years.db'}"
        make_years(
            address, centres=1, first=LAST - timedelta(weeks=WEEKS), last=LAST, visits=visits, seed=seed
        )
        database = open_database(address)
        try:
            with database.reading() as connection:
                zone = read_known(connection, 1, 0).zone
                known = read_known(connection, 1, to_micros(midnight(LAST + _DAY, zone)))
                for weekday in range(5):
                    on = LAST + timedelta(days=weekday + 1)
                    details = read_detail(connection, known, on, weeks=2 * YEAR + 2)[0]
                    if sigma:
                        seen, changed = uneven(known, details, sigma, seed * 10 + weekday)
                        yield score(seen, changed)
                    else:
                        yield score(known, details)
        finally:
            database.close()


def main(arguments: Sequence[str] | None = None) -> int:
    reader = argparse.ArgumentParser(
        prog="python -m benchmarks.forecast", description=(__doc__ or "").split("\n")[0]
    )
    reader.add_argument("--visits", type=float, nargs="*", default=[20, 55, 150])
    reader.add_argument("--seeds", type=int, nargs="*", default=[19, 20])
    reader.add_argument("--uneven", type=float, default=0.15)
    told = reader.parse_args(arguments)
    print(
        "| visits a day | days | days differ | way | error a day | error a half hour | band held, days | band held, half hours |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for visits in told.visits:
        for sigma in (0.0, told.uneven):
            every = [each for seed in told.seeds for each in rows(visits, sigma, seed)]
            _print(visits, sigma, every)
    return 0


def _print(visits: float, sigma: float, every: Sequence[Score]) -> None:
    held = fmean(ok for each in every for ok in each.held)
    halves = fmean(ok for each in every for ok in each.held_halves)
    days = sum(len(each.held) for each in every)
    for way in ("forecast", "mean of the last four", "same weekday last week"):
        error = fmean(off for each in every for off in each.days[way])
        by_half = fmean(off for each in every for off in each.halves[way])
        bands = f"{held:.0%} | {halves:.0%}" if way == "forecast" else " | "
        differ = f"by chance and {sigma:.0%}" if sigma else "by chance"
        print(f"| {visits:g} | {days} | {differ} | {way} | {error:.1f} | {by_half:.2f} | {bands} |")


if __name__ == "__main__":
    sys.exit(main())
