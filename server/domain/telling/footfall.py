"""How many came: by what they did, beside the times compared with, and how many visits that were. Pure.

All that is counted is here: tickets, taps, tally sheets and imported figures. An imported figure is of a period and cannot be divided: it counts in a time that holds its whole
period, and where it reaches beyond, the page says so and leaves it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from server.domain.asked import Asked
from server.domain.figure import Bars, Cell, Column, Figure, Measure, Table
from server.domain.spans import Kind, Span
from server.domain.sums import Sums
from server.domain.telling.by_service import Offered
from server.domain.telling.compared import Compared, floats
from server.domain.telling.words import ACTIVITIES, SOUGHT
from server.domain.telling.writing import compared, count, day, difference, of_these, part
from server.domain.usual_days import Band
from wire.vocabulary import Activity, CountSource

MOST_PARTLY = 5


@dataclass(frozen=True)
class Imported:
    """One imported figure, of all days from `first` to `last` together."""

    first: date
    last: date
    activity: str
    visitors: int


@dataclass(frozen=True)
class Counted:
    """What was counted in a time, by activity: tickets, taps, tally sheets, and the imported figures whose whole period lies within it."""

    span: Span
    sums: Sums
    by_ticket: Mapping[str, int]
    by_tap: Mapping[str, int]
    by_sheet: Mapping[str, int]
    imported: Mapping[str, int]

    def of(self, activity: Activity) -> int:
        ways = (self.by_ticket, self.by_tap, self.by_sheet, self.imported)
        return sum(way.get(activity.value, 0) for way in ways)

    @cached_property
    def total(self) -> int:
        return sum(self.of(each) for each in Activity)

    @property
    def brought(self) -> int:
        """How many of the total are imported."""
        return sum(self.imported.values())


def counted(span: Span, sums: Sums, imports: Sequence[Imported]) -> Counted:
    """One pass over the sums, because a year is told of three hundred of them."""
    tickets, taps, sheets, whole = (Counter[str]() for _ in range(4))
    for key, number in sums.counts.items():
        if key.startswith("ticket/"):
            _, activity, *deeper = key.split("/")
            if not deeper:
                tickets[activity] += number
        elif key.startswith("tap/"):
            _, activity, source = key.split("/")
            if activity in _ACTIVITIES:
                (sheets if source == CountSource.TALLY_SHEET else taps)[activity] += number
    for each in imports:
        if span.first <= each.first and each.last <= span.last:
            whole[each.activity] += each.visitors
    return Counted(span, sums, tickets, taps, sheets, whole)


_ACTIVITIES = frozenset(each.value for each in Activity)


def partly(span: Span, imports: Sequence[Imported]) -> list[Imported]:
    """Figures that reach into the time and beyond it."""
    return [
        each
        for each in imports
        if each.first <= span.last
        and each.last >= span.first
        and not (span.first <= each.first and each.last <= span.last)
    ]


@dataclass(frozen=True)
class Footfall:
    """`parts` and `year_parts` divide the time and that of a year ago alike; `days` are days of the time (`days_of` says of which part of it, where it is
    too long for all); `bands` what was usual for each day of a time that is told by days."""

    asked: Asked
    now: Counted
    before: Counted
    year: Counted
    parts: tuple[Counted, ...]
    year_parts: tuple[Counted, ...]
    days: tuple[Counted, ...]
    days_of: Span
    bands: Mapping[date, Band | None]
    open_weekdays: frozenset[int]
    """On which anything was counted lately."""
    imports: tuple[Imported, ...]
    offered: Offered
    compared: Compared
    went_in: int | None
    """By the door's own counter; None where it told nothing."""

    @property
    def others(self) -> tuple[tuple[str, Counted], ...]:
        """The times compared with, by their headings. Of whole years the time before is the year before."""
        both = (self.before, self.year)
        return tuple((other.title, each) for other, each in zip(self.compared.others, both, strict=False))


# By activity -----------------------------------------------------------------------------------------------------------


def by_activity(told: Footfall) -> Figure:
    """The table that councils publish each quarter: every activity, the most frequent first."""
    every = [told.now, *(each for _, each in told.others)]
    shown = [
        each for each in Activity if each is not Activity.DOOR_HELP or any(one.of(each) for one in every)
    ]
    shown.sort(key=lambda each: (-told.now.of(each), ACTIVITIES[each]))
    total = told.now.total
    table = Table(
        (
            Column("activity", "Activity", Measure.TEXT),
            Column("visitors", "People"),
            Column("share", "Share", Measure.SHARE),
            *_other_columns(told),
        ),
        tuple(
            (
                ACTIVITIES[each],
                told.now.of(each),
                told.now.of(each) / total if total else None,
                *_other_cells(told, [(one.of(each), one) for one in every]),
            )
            for each in shown
        ),
        ("Together", total, 1.0 if total else None, *_other_cells(told, [(one.total, one) for one in every])),
    )
    other = next(((title, each) for title, each in told.others if each.total), None)
    chart = Bars(
        tuple(ACTIVITIES[each] for each in shown),
        floats([told.now.of(each) for each in shown]),
        other=floats([other[1].of(each) for each in shown]) if other else (),
        names=("This time", other[0]) if other else ("", ""),
    )
    ways = _ways(told.now, shown)
    return Figure(
        slug="by-activity",
        title="By activity",
        sentence=_activity_sentence(told, shown),
        table=table,
        definition="activities",
        chart=chart if total else None,
        notes=_import_notes(told),
        also=(ways,) if ways else (),
    )


def _other_columns(told: Footfall) -> tuple[Column, ...]:
    found = []
    for other in told.compared.others:
        found += [
            Column(f"visitors_{other.key}", other.title),
            Column(f"change_{other.key}", "Change", Measure.CHANGE),
        ]
    return tuple(found)


def _other_cells(told: Footfall, values: Sequence[tuple[int, Counted]]) -> list[Cell]:
    """For each time compared with, its value and the change since; dashes where nothing at all was counted in it."""
    now, cells = values[0][0], list[Cell]()
    for value, of in values[1:]:
        cells += [value, difference(now, value)] if of.total else [None, None]
    return cells


def _ways(now: Counted, shown: Sequence[Activity]) -> Table | None:
    """How it was counted; only where it was in more than one way."""
    ways = (
        ("tickets", "Tickets", now.by_ticket),
        ("taps", "Taps", now.by_tap),
        ("tally_sheets", "Tally sheets", now.by_sheet),
        ("imported", "Imported", now.imported),
    )
    used = [way for way in ways if any(way[2].get(each.value) for each in shown)]
    if len(used) < 2:
        return None
    return Table(
        (
            Column("activity", "How they were counted", Measure.TEXT),
            *(Column(key, title) for key, title, _ in used),
        ),
        tuple(
            (ACTIVITIES[each], *(of.get(each.value, 0) for _, _, of in used))
            for each in shown
            if now.of(each)
        ),
        ("Together", *(sum(of.get(each.value, 0) for each in shown) for _, _, of in used)),
    )


def _activity_sentence(told: Footfall, shown: Sequence[Activity]) -> str:
    total = told.now.total
    if not total:
        return "Nobody was counted in this time" + (" so far." if told.asked.runs else ".")
    came = "has come so far" if total == 1 else "have come so far"
    said = f"{count(total)} {came if told.asked.runs else 'came'}"
    than = [compared(total, each.total or None, _than(told.asked, title)) for title, each in told.others]
    if than and than[0]:
        said += f", {than[0]}"
    most = shown[0]
    if len([each for each in shown if told.now.of(each)]) > 1:
        said += f"; {part(told.now.of(most) / total)} {SOUGHT[most]}"
    if len(than) > 1 and than[1]:
        return f"{said}. That is {than[1]}."
    return f"{said}."


def _than(asked: Asked, title: str) -> str:
    """ "the week before", "the same days of the week before", "the whole day before"."""
    if title == "Year before" and asked.span.kind not in (Kind.YEAR, Kind.COUNCIL_YEAR):
        return "in the same days a year before" if asked.runs and asked.span.days > 1 else "a year before"
    words = f"{title[0].lower()}{title[1:]}"
    if not asked.runs:
        return f"the {words}"
    return f"the whole {words}" if asked.span.days == 1 else f"in the same days of the {words}"


def _import_notes(told: Footfall) -> tuple[str, ...]:
    notes, brought, total = [], told.now.brought, told.now.total
    if brought == total and brought:
        notes.append("All of it is from imported files.")
    elif brought:
        notes.append(
            f"{count(brought)} of these are from imported files, {count(total - brought)} were counted here. Whoever is in both is"
            " counted twice: take an import back if it tells of the same visitors."
        )
    beyond = partly(told.asked.span, told.imports)
    for each in beyond[:MOST_PARTLY]:
        what = ACTIVITIES.get(Activity(each.activity), each.activity)
        notes.append(
            f"An import tells of {count(each.visitors)} ({what}) from {day(each.first)} to {day(each.last)}. It reaches beyond"
            " this time and cannot be divided, so it is not added."
        )
    if len(beyond) > MOST_PARTLY:
        more = len(beyond) - MOST_PARTLY
        notes.append(
            f"{of_these(more, 'more imported figure reaches', 'more imported figures reach')} beyond this time."
        )
    return tuple(notes)


# In short --------------------------------------------------------------------------------------------------------------


def in_short(told: Footfall) -> Figure:
    """Visits, people, who left, and the door, beside the times compared with."""
    every = [told.now, *(each for _, each in told.others)]
    lines: list[tuple[str, Callable[[Counted], int]]] = [
        ("Visits with a ticket", lambda one: one.sums.count("visits")),
        ("People on those visits", lambda one: one.sums.count("visitors")),
        ("Left before being served", lambda one: one.sums.count("visits", "left")),
        ("Activities, all together", lambda one: one.total),
    ]
    rows = [
        (name, of(told.now), *_other_cells(told, [(of(one), one) for one in every])) for name, of in lines
    ]
    if told.went_in is not None:
        rows.append(("In at the door, by its counter", told.went_in, *(None,) * (2 * len(told.others))))
    visits, people, left = (
        told.now.sums.count(*key) for key in (("visits",), ("visitors",), ("visits", "left"))
    )
    if not visits:
        sentence = "No visit with a ticket is known of this time."
    else:
        sentence = f"{of_these(visits, 'visit', 'visits')} with a ticket brought {of_these(people, 'person', 'people')}"
        sentence += (
            f"; {count(left)} left before being served ({left / visits:.0%})."
            if left
            else "; all who came were served or still wait."
            if told.asked.runs
            else "; nobody left before being served."
        )
    return Figure(
        slug="in-short",
        title="Visits and people",
        sentence=sentence,
        table=Table(
            (Column("what", "", Measure.TEXT), Column("number", "This time"), *_other_columns(told)),
            tuple(rows),
        ),
        definition="visits",
    )
