"""What is told of a day to come: who is expected, how many desks that needs when, what is rostered, and how near the replay comes to what was. Pure.

A forecast is written with its band and never as one number alone; a plan is said to be what a search found, with what it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from server.domain import erlang
from server.domain.figure import Cell, Column, Columns, Figure, Lines, Measure, Series, Table
from server.domain.forecast import Forecast
from server.domain.half_hours import said
from server.domain.staffing import AIM, Found, Seen
from server.domain.telling.writing import count, day, number, of_these, share, small, together

NINE_IN_TEN = f"{AIM:.0%}"


@dataclass(frozen=True)
class Outlook:
    """What is known of a day. Half hours are numbered as `half_hours` does. None: not known, or not worked out."""

    on: date
    opened: Mapping[int, float]
    forecast: Forecast | None
    booked: Mapping[int, int] = field(default_factory=dict)
    groups: tuple[tuple[str, Forecast], ...] = ()
    events: tuple[str, ...] = ()
    replayed: tuple[date, ...] = ()
    """The past days that are played again."""
    busier: float = 1.0
    """By what walk-ins of those days were made more, to be as many as are expected."""
    more_booked: float | None = 1.0
    """How many times as many appointments as they had were played; None: they had none to make more of."""
    found: Found | None = None
    rostered: Mapping[int, float] | None = None
    """Desks by half hour; None where there is no roster of the day."""
    roster_seen: Seen | None = None
    """What the roster would have come to on those days."""
    elsewhere: int = 0
    """Shifts for a few needs only: they are not among the desks compared."""
    by_erlang: Mapping[int, int] = field(default_factory=dict)
    really: Seen | None = None
    played: Seen | None = None

    @property
    def halves(self) -> list[int]:
        return sorted(self.opened)

    @property
    def name(self) -> str:
        return f"{self.on:%A} {self.on.day} {self.on:%B}"


def figures(outlook: Outlook) -> list[Figure]:
    """In the order of the page; empty where the centre is closed or too little is known."""
    if outlook.forecast is None or not outlook.opened:
        return []
    found = [expected(outlook, outlook.forecast)]
    if outlook.found is not None:
        found.append(desks(outlook, outlook.found))
    if outlook.groups:
        found.append(by_group(outlook))
    if outlook.really is not None and outlook.played is not None and outlook.replayed:
        found.append(how_near(outlook, outlook.really, outlook.played))
    return found


# Who is expected ----------------------------------------------------------------------------------


def expected(outlook: Outlook, told: Forecast) -> Figure:
    booked = outlook.booked
    rows: list[tuple[Cell, ...]] = [
        (
            said(half.number),
            round(half.mean, 1),
            half.low,
            half.high,
            booked.get(half.number, 0),
            round(half.mean + booked.get(half.number, 0), 1),
        )
        for half in told.halves
    ]
    appointments = sum(booked.values())
    labels = tuple(said(half.number) for half in told.halves)
    return Figure(
        slug="expected",
        title="Who is expected",
        sentence=_expected_in_words(outlook, told, appointments),
        table=Table(
            (
                Column("half_hour", "Half hour", Measure.TEXT),
                Column("walk_ins", "Walk-ins", Measure.NUMBER),
                Column("at_least", "At least", Measure.NUMBER),
                Column("at_most", "At most", Measure.NUMBER),
                Column("appointments", "Appointments", Measure.NUMBER),
                Column("together", "Together", Measure.NUMBER),
            ),
            tuple(rows),
            (
                "All day",
                round(told.mean, 1),
                told.low,
                told.high,
                appointments,
                round(told.mean + appointments, 1),
            ),
        ),
        definition="expected",
        chart=Columns(labels, tuple(_expected_series(told, booked)), Measure.NUMBER),
        notes=tuple(_notes(outlook, told)),
    )


def _expected_series(told: Forecast, booked: Mapping[int, int]) -> Iterable[Series]:
    yield Series(
        "Walk-ins expected",
        tuple(half.mean for half in told.halves),
        tuple(float(half.low) for half in told.halves),
        tuple(float(half.high) for half in told.halves),
        band="four times in five",
    )
    if any(booked.values()):
        yield Series("Appointments", tuple(float(booked.get(half.number, 0)) for half in told.halves))


def _expected_in_words(outlook: Outlook, told: Forecast, appointments: int) -> str:
    begins = f"On {outlook.name} about {count(told.mean)} are expected to walk in; four times in five it is {count(told.low)} to {count(told.high)}."
    busiest = max(told.halves, key=lambda half: half.mean)
    also = f" {_have(appointments)} an appointment." if appointments else " Nobody has an appointment so far."
    return f"{begins}{also} Most come from {said(busiest.number)} to {said(busiest.number + 1)}."


def _have(people: int) -> str:
    return "One person has" if people == 1 else f"{small(people)} people have"


def _notes(outlook: Outlook, told: Forecast) -> Iterable[str]:
    weekday = f"{outlook.on:%A}s"
    season = ""
    if told.season is not None and abs(told.season - 1) >= 0.03:
        season = f" The years before say {abs(told.season - 1):.0%} {'more' if told.season > 1 else 'fewer'} at this time of the year than in the weeks before it."
    yield f"From the last {of_these(told.days, f'usual {outlook.on:%A}', f'usual {weekday}')}, recent weeks weighing more.{season}"
    for effect in told.effects:
        yield (
            f"{_capital(effect.kind.replace('-', ' '))}: on {of_these(effect.days, 'past day', 'past days')} of this kind {effect.factor:.0%} of the usual number came. It is reckoned with."
        )
    for kind in told.unknown:
        yield f"{_capital(kind.replace('-', ' '))}: no day of this kind is past, so nothing is known of what it brings. It is not reckoned with."
    if told.off is not None:
        yield f"Forecasts made alike were off by {told.off:.0%} a day on average over the last weeks."
    if told.borrowed:
        yield f"The centre was never open at {together([said(half) for half in told.borrowed])} on this weekday: these are told like the nearest half hour that was."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def by_group(outlook: Outlook) -> Figure:
    rows = tuple((name, round(told.mean, 1), told.low, told.high) for name, told in outlook.groups)
    most = max(outlook.groups, key=lambda each: each[1].mean)
    return Figure(
        slug="expected-by-desk",
        title="Who is expected, by the desks that can see them",
        sentence=f"Needs that the same desks serve are told together. Most walk in for {most[0]}: about {count(most[1].mean)}.",
        table=Table(
            (
                Column("needs", "Needs", Measure.TEXT),
                Column("walk_ins", "Walk-ins", Measure.NUMBER),
                Column("at_least", "At least", Measure.NUMBER),
                Column("at_most", "At most", Measure.NUMBER),
            ),
            rows,
        ),
        definition="expected",
    )


# How many desks -----------------------------------------------------------------------------------


def desks(outlook: Outlook, found: Found) -> Figure:
    rostered = outlook.rostered
    halves = outlook.halves
    columns = [
        Column("half_hour", "Half hour", Measure.TEXT),
        Column("needed", "Desks needed", Measure.NUMBER),
    ]
    if rostered is not None:
        columns += [
            Column("rostered", "Rostered", Measure.NUMBER),
            Column("apart", "More or fewer", Measure.NUMBER),
        ]
    columns.append(Column("erlang", "By Erlang's formula", Measure.NUMBER))
    rows: list[tuple[Cell, ...]] = []
    for half in halves:
        needed = found.plan.get(half, 0)
        row: list[Cell] = [said(half), needed]
        if rostered is not None:
            there = round(rostered.get(half, 0.0), 1)
            row += [there, round(there - needed, 1)]
        rows.append((*row, outlook.by_erlang.get(half)))
    series = [Series("Needed", tuple(float(found.plan.get(half, 0)) for half in halves))]
    if rostered is not None:
        series.append(Series("Rostered", tuple(rostered.get(half, 0.0) for half in halves)))
    return Figure(
        slug="desks",
        title="How many desks when",
        sentence=_desks_in_words(outlook, found),
        table=Table(tuple(columns), tuple(rows)),
        definition="desks_needed",
        chart=Columns(tuple(said(half) for half in halves), tuple(series), Measure.NUMBER),
        notes=tuple(_desk_notes(outlook, found)),
    )


def _desks_in_words(outlook: Outlook, found: Found) -> str:
    days = of_these(len(outlook.replayed), "past day", "past days")
    seen = found.seen.share
    if seen is None:
        return f"Nobody came on {days} like {outlook.name}, so one desk is enough."
    least, most = min(found.plan.values()), max(found.plan.values())
    desks = f"{least} to {most} desks" if least != most else of_these(most, "desk", "desks")
    if not found.met:
        return (
            f"Even with all {most} counters open all day {share(seen)} would be seen within their target on {days} like {outlook.name}, not {NINE_IN_TEN}:"
            " with these service times nobody can plan for that."
        )
    begins = f"With {desks} at work, {share(seen)} are seen within their target on {days} like {outlook.name}, played again."
    return f"{begins} {_roster_in_words(outlook, found)}".strip()


def _roster_in_words(outlook: Outlook, found: Found) -> str:
    if outlook.rostered is None:
        return "There is no roster of this day yet."
    short = [
        half for half in outlook.halves if outlook.rostered.get(half, 0.0) < found.plan.get(half, 0) - 0.05
    ]
    seen = outlook.roster_seen.share if outlook.roster_seen is not None else None
    comes = f" With the roster as it is, it would be {share(seen)}." if seen is not None else ""
    if not short:
        return f"The roster has enough all day.{comes}"
    where = together(_spans(short))
    if seen is not None and seen >= AIM:
        return f"The roster has fewer {where}, and even so it would be {share(seen)}: it is enough."
    return f"The roster has fewer {where}: that is where desks are missing.{comes}"


def _spans(halves: Sequence[int]) -> list[str]:
    """`from 11:00 to 12:30`, of half hours in order."""
    spans = [[halves[0], halves[0]]]
    for before, half in pairwise(halves):
        if half == before + 1:
            spans[-1][1] = half
        else:
            spans.append([half, half])
    return [f"from {said(first)} to {said(last + 1)}" for first, last in spans]


def _desk_notes(outlook: Outlook, found: Found) -> Iterable[str]:
    if abs(outlook.busier - 1) >= 0.03:
        more = "more" if outlook.busier > 1 else "fewer"
        yield f"The past days were played with {abs(outlook.busier - 1):.0%} {more} walk-ins than they had, to be as busy as this day is expected to be."
    if outlook.more_booked is None:
        yield "The past days had hardly an appointment, so those of this day are not in what was played again: plan for them besides."
    elif outlook.more_booked != 1:
        times = outlook.more_booked
        than = (
            f"{times - 1:.0%} more appointments than"
            if times < 2
            else f"{number(round(times, 1))} times as many appointments as"
        )
        yield f"This day has {than} the past days had, so they were played with as many."
    worst = found.seen.worst
    if worst is not None and found.met:
        yield f"On the hardest of these days, {day(worst[0])}, it would have been {share(worst[1])}."
    yield (
        "Desks at work: breaks come on top. Found by going step by step, so a quite different plan may be as good; no desk opens for less than an hour."
        + ("" if found.enough else " The search was stopped before it was through, so fewer may do.")
    )
    if outlook.elsewhere:
        yield f"{_capital(of_these(outlook.elsewhere, 'shift', 'shifts'))} for a few needs only {'is' if outlook.elsewhere == 1 else 'are'} not counted among the desks here."
    yield erlang.NOT_HELD


# The replay ---------------------------------------------------------------------------------------


def how_near(outlook: Outlook, really: Seen, played: Seen) -> Figure:
    """Per day what was, and what the replay makes of the same desks."""
    rows = tuple(
        (on, really.shares.get(on), played.shares.get(on)) for on in outlook.replayed if on in really.shares
    )
    return Figure(
        slug="replayed",
        title="How near the replay comes",
        sentence=_near_in_words(really, played),
        table=Table(
            (
                Column("day", "Day", Measure.DATE),
                Column("really", "Within target, really", Measure.SHARE),
                Column("played", "Played again", Measure.SHARE),
            ),
            rows,
            ("All of them", really.share, played.share),
        ),
        definition="replayed",
    )


def _near_in_words(really: Seen, played: Seen) -> str:
    if really.share is None or played.share is None:
        return "Nobody came on these days."
    was, comes = really.waits, played.waits
    waits = ""
    if was.median is not None and comes.median is not None:
        waits = f", and half waited {comes.median} minutes at most where it was {was.median}"
    return f"Played again with the desks they had, these days come to {share(played.share)} within the target where it was {share(really.share)}{waits}."


# What if ------------------------------------------------------------------------------------------


def what_if(before: Seen, after: Seen, change: str, base: str, halves: Iterable[int]) -> list[Figure]:
    """The same days, with and without the change."""
    measures: list[tuple[Cell, ...]] = [
        ("Seen within target", _share(before), _share(after)),
        ("Half waited at most", _minutes(before.waits.median), _minutes(after.waits.median)),
        ("Nine in ten waited at most", _minutes(before.waits.ninth), _minutes(after.waits.ninth)),
        ("Left unserved", count(before.left + before.left_early), count(after.left + after.left_early)),
        ("Time desks were with visitors", _use(before), _use(after)),
    ]
    shown = [half for half in halves if half in before.by_half or half in after.by_half]
    medians = [(before.by_half.get(half), after.by_half.get(half)) for half in shown]
    rows: list[tuple[Cell, ...]] = [
        (
            said(half),
            was.median if was else None,
            now.median if now else None,
            was.ninth if was else None,
            now.ninth if now else None,
        )
        for half, (was, now) in zip(shown, medians, strict=True)
    ]
    return [
        Figure(
            slug="what-if",
            title=f"What if: {change}",
            sentence=_what_if_in_words(before, after, change, base),
            table=Table(
                (
                    Column("measure", "", Measure.TEXT),
                    Column("before", base, Measure.TEXT),
                    Column("after", "With the change", Measure.TEXT),
                ),
                tuple(measures),
            ),
            definition="replayed",
            chart=Lines(
                tuple(said(half) for half in shown),
                (
                    Series("Before", tuple(None if was is None else was.ninth for was, _ in medians)),
                    Series(
                        "With the change", tuple(None if now is None else now.ninth for _, now in medians)
                    ),
                ),
                Measure.MINUTES,
            ),
            notes=("The chart shows what nine in ten of those who came in each half hour waited at most.",),
            also=(
                Table(
                    (
                        Column("half_hour", "Came at", Measure.TEXT),
                        Column("median_before", "Half, before", Measure.MINUTES),
                        Column("median_after", "Half, with the change", Measure.MINUTES),
                        Column("ninth_before", "Nine in ten, before", Measure.MINUTES),
                        Column("ninth_after", "Nine in ten, with the change", Measure.MINUTES),
                    ),
                    tuple(rows),
                ),
            ),
        )
    ]


def _what_if_in_words(before: Seen, after: Seen, change: str, base: str) -> str:
    if before.share is None or after.share is None:
        return "Nobody came on these days, so nothing would differ."
    days = of_these(before.days, "past day", "past days")
    return (
        f"{_capital(change)}, on {days} played again: {share(after.share)} would be seen within their target instead of {share(before.share)}"
        f", and nine in ten would wait {_minutes(after.waits.ninth)} at most instead of {_minutes(before.waits.ninth)}. Compared with: {base.lower()}."
    )


def _share(seen: Seen) -> str:
    return "–" if seen.share is None else share(seen.share)


def _use(seen: Seen) -> str:
    return "–" if seen.use is None else share(seen.use)


def _minutes(minutes: int | None) -> str:
    return "–" if minutes is None else f"{number(minutes)} min"
