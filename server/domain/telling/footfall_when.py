"""When they came: by half hour, by weekday, by both. Pure.

Known by half hour are visits with a ticket and taps; what stands on tally sheets or was imported has no time of day, and the page says how many those are. By weekday figures are
means of the days on which anything was counted: a centre that is open on Tuesdays and Thursdays only has no quiet Mondays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from server.domain import spans
from server.domain.figure import Column, Columns, Figure, Grid, Measure, Series, Table
from server.domain.sums import Sums
from server.domain.telling.compared import floats
from server.domain.telling.footfall import Counted, Footfall
from server.domain.telling.words import WEEKDAYS
from server.domain.telling.writing import count, number, share, times

LEAST_DAYS = 14
"""Weekdays are told of a time that has each at least twice."""


def by_hour(told: Footfall) -> Figure:
    visits, taps = _halves(told.now.sums, "visits"), _halves(told.now.sums, "tap")
    known = sorted({*visits, *taps})
    shown = range(known[0], known[-1] + 1) if known else range(0)
    together = sum(visits.values()) + sum(taps.values())
    labels = tuple(times(half) for half in shown)
    series = [Series("Visits with a ticket", floats([visits.get(half, 0) for half in shown]))]
    if taps:
        series.append(Series("Taps", floats([taps.get(half, 0) for half in shown])))
    return Figure(
        slug="by-hour",
        title="By half hour",
        sentence=_busiest_hour(visits, taps, together),
        table=Table(
            (
                Column("from", "From", Measure.TIME),
                Column("visits", "Visits"),
                Column("taps", "Taps"),
                Column("together", "Together"),
            ),
            tuple(
                (times(half), visits.get(half, 0), taps.get(half, 0), visits.get(half, 0) + taps.get(half, 0))
                for half in shown
            ),
            ("Together", sum(visits.values()), sum(taps.values()), together) if known else None,
        ),
        definition="hours",
        chart=Columns(labels, tuple(series), stacked=True) if known else None,
        notes=(*_no_time(told.now), *_clock_notes(told)),
    )


def _halves(sums: Sums, of: str) -> dict[int, int]:
    return {int(half): number for half, number in sums.by(of, "half").items()}


def _busiest_hour(visits: dict[int, int], taps: dict[int, int], together: int) -> str:
    if not together:
        return "Of nobody is it known when in the day they came."
    both = [visits.get(half, 0) + taps.get(half, 0) for half in range(49)]
    begins = max(range(48), key=lambda half: (both[half] + both[half + 1], -half))
    of = both[begins] + both[begins + 1]
    if of == together:
        return (
            f"All {count(together)} came within an hour from {times(begins)}."
            if together > 1
            else f"One came, after {times(begins)}."
        )
    return f"The busiest hour begins at {times(begins)}: {count(of)} came in it, {share(of / together)} of those whose time is known."


def _no_time(now: Counted) -> tuple[str, ...]:
    from_sheets = sum(now.by_sheet.values())
    said = [f"{count(from_sheets)} from tally sheets"] if from_sheets else []
    said += [f"{count(now.brought)} imported"] if now.brought else []
    return (
        (f"Not in it, because nobody knows when in the day they came: {' and '.join(said)}.",) if said else ()
    )


def _clock_notes(told: Footfall) -> tuple[str, ...]:
    """On the two days of a year that have 23 or 25 hours."""
    on = told.asked.span.first
    if told.asked.span.days != 1:
        return ()
    begins, ends = (datetime.combine(each, time(), told.asked.zone) for each in (on, on + timedelta(days=1)))
    hours = (ends.timestamp() - begins.timestamp()) / 3600
    if hours > 24:
        return (
            "On this day the clock went back: an hour came twice, and those who came in either stand together.",
        )
    return ("On this day the clock went forward: it had an hour less.",) if hours < 24 else ()


# By weekday ------------------------------------------------------------------------------------------------------------


def by_weekday(told: Footfall) -> Figure | None:
    """None of a time in which not each weekday comes twice."""
    if told.asked.span.days < LEAST_DAYS:
        return None
    days = [_on_weekday(told.days, weekday) for weekday in range(7)]
    means = [sum(each.total for each in some) / len(some) if some else None for some in days]
    return Figure(
        slug="by-weekday",
        title="By weekday",
        sentence=_weekday_sentence(means),
        table=Table(
            (
                Column("weekday", "Weekday", Measure.TEXT),
                Column("days", "Days counted", Measure.NUMBER),
                Column("visitors", "People"),
                Column("mean", "Mean a day", Measure.NUMBER),
            ),
            tuple(
                (
                    name,
                    len(some),
                    sum(each.total for each in some),
                    _mean(mean) if mean is not None else None,
                )
                for name, some, mean in zip(WEEKDAYS, days, means, strict=True)
            ),
        ),
        definition="weekdays",
        chart=Columns(
            tuple(name[:3] for name in WEEKDAYS),
            (Series("Mean a day", tuple(_mean(mean) if mean is not None else None for mean in means)),),
            Measure.NUMBER,
        )
        if any(days)
        else None,
        notes=_days_note(told),
    )


def _on_weekday(days: Sequence[Counted], weekday: int) -> list[Counted]:
    return [each for each in days if each.span.first.weekday() == weekday and each.total]


def _weekday_sentence(means: Sequence[float | None]) -> str:
    known = [(mean, WEEKDAYS[n]) for n, mean in enumerate(means) if mean is not None]
    if not known:
        return "Nothing is known by day."
    most, least = max(known), min(known)
    if len(known) == 1:
        return f"Visitors came on {most[1]}s only, {number(_mean(most[0]))} a day."
    return f"{most[1]}s are busiest, with {number(_mean(most[0]))} a day; {least[1]}s are quietest, with {number(_mean(least[0]))}."


def _days_note(told: Footfall) -> tuple[str, ...]:
    if told.now.span.first == told.days_of.first:
        return ()
    return (f"Worked out from the last year of this time: {spans.say(told.days_of)}.",)


def weekday_by_hour(told: Footfall) -> Figure | None:
    if told.asked.span.days < 7 or not told.days:
        return None
    weekdays = [weekday for weekday in range(7) if _on_weekday(told.days, weekday)]
    cells = {weekday: _mean_halves(_on_weekday(told.days, weekday)) for weekday in weekdays}
    known = sorted({half for some in cells.values() for half in some})
    if not known:
        return None
    shown = range(known[0], known[-1] + 1)
    best = max((mean, -weekday, -half) for weekday, some in cells.items() for half, mean in some.items())
    busiest, at = WEEKDAYS[-best[1]], times(-best[2])
    return Figure(
        slug="weekday-by-hour",
        title="Weekday by half hour",
        sentence=f"The busiest half hour of the week is {busiest} from {at}, with {number(_mean(best[0]))} on average.",
        table=Table(
            (
                Column("from", "From", Measure.TIME),
                *(Column(WEEKDAYS[each].lower(), WEEKDAYS[each][:3], Measure.NUMBER) for each in weekdays),
            ),
            tuple((times(half), *(_mean(cells[each].get(half, 0.0)) for each in weekdays)) for half in shown),
        ),
        definition="weekdays",
        chart=Grid(
            tuple(WEEKDAYS[each][:3] for each in weekdays),
            tuple(times(half) for half in shown),
            tuple(tuple(_mean(cells[each].get(half, 0.0)) for half in shown) for each in weekdays),
            Measure.NUMBER,
        ),
        notes=(*_no_time(told.now), *_days_note(told)),
    )


def _mean(value: float) -> float:
    """Whole people from ten up, where a tenth of one tells nothing."""
    return float(round(value)) if value >= 10 else round(value, 1)


def _mean_halves(days: Sequence[Counted]) -> dict[int, float]:
    total: dict[int, float] = {}
    for each in days:
        for of in ("visits", "tap"):
            for half, people in _halves(each.sums, of).items():
                total[half] = total.get(half, 0) + people / len(days)
    return total
