"""The figures for publication: made for it, of few kinds, each of which the rules of `server.domain.publishing` see to as a whole. Pure.

Only what adds up is told: what people did, when and how they came, what for. Figures of other pages are not "made publishable": a share, a mean or a comparison beside a hidden number would give it
away again, and nobody could say which. How long people waited is told of everybody together, in whole minutes, where at least 20 waited.

Needs are told by service within what their service counts as (advice, scan station): whoever knows that figure could subtract, so it is taken for known; and as it holds discreet needs, which have
no line, enough is hidden beside them always. Where an activity's own figure is hidden, its services are not told at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from server.domain import publishing, spans
from server.domain.figure import Bars, Cell, Chart, Column, Columns, Figure, Measure, Series, Table
from server.domain.publishing import HIDDEN, NOTE, Counted, Decided, Time
from server.domain.spans import Span
from server.domain.sums import Sums
from server.domain.telling import words
from server.domain.telling.writing import count, of_these, share
from wire.vocabulary import Activity, Channel, Language

LEAST_WAITS = 20
WITHHELD = "Too few came in this time, or in a part of it, for anything to be published of it."
NOBODY = "Nobody came in this time."
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple(f"{hour:02d}:00" for hour in range(24))
SEEN, LEFT = "Seen", "Left before being served"
IMPORTED = "Imported figures of earlier years are not in it."
Count = Callable[[Sums], Mapping[str, int]]


@dataclass(frozen=True)
class Offered:
    """A service that may be named, and what a need of it counts as."""

    name: str
    activity: Activity


def figures(span: Span, months: Sequence[Sums], offered: Mapping[int, Offered]) -> list[Figure]:
    """Of `span`, which may be published (`publishing.why_not`). `months`: the sums of the months of its council year that are over, April first."""
    time = publishing.time_of(span)
    assert time is not None
    activities = publishing.decide(
        _counted(months, _activities, [words.ACTIVITIES[each] for each in Activity])
    )
    by_hour, by_weekday, by_language, by_channel, by_end = publishing.decide_together(
        [
            _counted(months, _hours, HOURS),
            _counted(months, _weekdays, WEEKDAYS),
            _counted(months, _languages, [words.LANGUAGES[each] for each in Language]),
            _counted(months, _channels, [words.CHANNELS[each] for each in Channel]),
            _counted(months, _ends, (SEEN, LEFT)),
        ]
    )
    when = spans.say(span)
    return [
        _figure("by-activity", "What people did", "Activity", "activities", activities, time, f"activities in {when}", notes=(IMPORTED,)),
        _by_service(time, when, months, offered, activities),
        _figure("by-end", "Seen or not", "How the visit went", "left", by_end, time, f"visits in {when}"),
        _figure("by-weekday", "By weekday", "Weekday", "visits", by_weekday, time, f"visits in {when}", order=True),
        _figure("by-hour", "By hour", "Hour from", "visits", by_hour, time, f"visits in {when}", order=True),
        _figure("by-language", "By language", "Language", "visits", by_language, time, f"visits in {when}"),
        _figure("by-channel", "How visits were taken in", "Way", "visits", by_channel, time, f"visits in {when}"),
        _waits(when, _sums_of(time, months)),
    ]  # fmt: skip


def _counted(months: Sequence[Sums], counting: Count, keys: Sequence[str]) -> Counted:
    found = [counting(each) for each in months]
    return Counted(tuple(keys), tuple({key: each.get(key, 0) for key in keys} for each in found))


def _activities(sums: Sums) -> dict[str, int]:
    """By ticket, tap, tally sheet and help at the door."""
    return {
        words.ACTIVITIES[each]: sums.count("ticket", each.value) + sum(sums.by("tap", each.value).values())
        for each in Activity
    }


def _hours(sums: Sums) -> dict[str, int]:
    found = dict.fromkeys(HOURS, 0)
    for half, number in sums.by("visits", "half").items():
        found[HOURS[int(half) // 2]] += number
    return found


def _weekdays(sums: Sums) -> dict[str, int]:
    return {WEEKDAYS[int(day)]: number for day, number in sums.by("visits", "weekday").items()}


def _languages(sums: Sums) -> dict[str, int]:
    return {words.LANGUAGES[Language(each)]: number for each, number in sums.by("visits", "language").items()}


def _channels(sums: Sums) -> dict[str, int]:
    return {words.CHANNELS[Channel(each)]: number for each, number in sums.by("visits", "channel").items()}


def _ends(sums: Sums) -> dict[str, int]:
    left = sums.count("visits", "left")
    return {LEFT: left, SEEN: sums.count("visits") - left}


def _sums_of(time: Time, months: Sequence[Sums]) -> Sums:
    level, number = time
    size = publishing.MONTHS[level]
    total = Sums()
    for each in months[number * size : (number + 1) * size]:
        total.add(each)
    return total


# Figures -------------------------------------------------------------------------------------------------------------


def _figure(
    slug: str,
    title: str,
    heading: str,
    definition: str,
    decided: Decided,
    time: Time,
    of: str,
    *,
    order: bool = False,
    notes: tuple[str, ...] = (),
) -> Figure:
    """`order`: the keys have an order of their own; otherwise the largest comes first. What nobody did has no line."""
    columns = (Column(_key(heading), heading, Measure.TEXT), Column("number", "Number"))
    if not decided.may_be_told(*time):
        return Figure(slug, title, WITHHELD, Table(columns, ()), definition, notes=notes)
    numbers = [(key, decided.shown(key, *time)) for key in decided.counted.keys]
    shown = [(key, number) for key, number in numbers if number != 0]
    if not order:
        shown.sort(key=lambda each: (each[1] is None, -(each[1] or 0), each[0]))
    total = decided.counted.total(*time)
    rows = tuple((key, HIDDEN if number is None else number) for key, number in shown)
    table = Table(columns, rows, ("Together", total) if rows else None)
    hides = any(number is None for _, number in shown)
    return Figure(
        slug, title, _sentence(shown, total, of), table, definition, _chart(shown, order=order), notes=(*notes, NOTE) if hides else notes
    )  # fmt: skip


def _sentence(shown: Sequence[tuple[str, int | None]], total: int, of: str) -> str:
    known = [(number, key) for key, number in shown if number is not None]
    if not total:
        return NOBODY
    if not known:
        return f"{count(total)} {of}."
    most, key = max(known)
    part = "most of all" if len(known) == len(shown) else "the most that can be told"
    return f"{count(total)} {of}; {part}: {key}, {count(most)} ({share(most / total)})."


def _chart(shown: Sequence[tuple[str, int | None]], *, order: bool) -> Chart | None:
    """Nothing hidden is drawn: its bar would tell it."""
    if not any(number for _, number in shown):
        return None
    labels, values = tuple(key for key, _ in shown), tuple(number for _, number in shown)
    return Columns(labels, (Series("Visits", values),)) if order else Bars(labels, values)


def _key(heading: str) -> str:
    return "_".join(heading.lower().split())


def _by_service(
    time: Time, when: str, months: Sequence[Sums], offered: Mapping[int, Offered], activities: Decided
) -> Figure:
    columns = (
        Column("service", "Service", Measure.TEXT),
        Column("counts_as", "Counts as", Measure.TEXT),
        Column("needs", "Needs"),
    )
    rows: list[tuple[Cell, ...]] = []
    known: list[tuple[int, str]] = []
    for activity in Activity:
        named = {slot: each.name for slot, each in offered.items() if each.activity is activity}
        decided = _of_activity(activity, named, months, activities)
        for service, name in named.items():
            number = decided.shown(str(service), *time)
            if number != 0:
                rows.append((name, words.ACTIVITIES[activity], HIDDEN if number is None else number))
            if number:
                known.append((number, name))
    rows.sort(key=lambda row: (row[2] == HIDDEN, -row[2] if isinstance(row[2], int) else 0, str(row[0])))
    if known:
        most, name = max(known)
        said = f"Most of those that can be told came for {name}: {of_these(most, 'need', 'needs')} in {when}."
    else:
        said = "No service had enough visitors, among others that had, to be told of by itself."
    chart = Bars(
        tuple(name for _, name in sorted(known, reverse=True)),
        tuple(n for n, _ in sorted(known, reverse=True)),
    )
    notes = (
        NOTE,
        "Private needs have no line of their own; one or more other services are hidden so that nobody can tell whether there were any.",
    )
    return Figure("by-service", "What people came for", said, Table(columns, tuple(rows)), "services", chart if known else None, notes=notes)  # fmt: skip


def _of_activity(
    activity: Activity, named: Mapping[int, str], months: Sequence[Sums], activities: Decided
) -> Decided:
    """The services of one activity, as if everybody knew how many needs they had together with the discreet ones. Not told where the activity itself is not."""
    keys = tuple(str(service) for service in named)
    counted = Counted(
        keys, tuple({key: each.count("service", key) for key in keys} for each in months), hush=True
    )
    name = words.ACTIVITIES[activity]
    withheld = [time for time in counted.over() if activities.shown(name, *time) is None]
    return publishing.decide(counted, withheld)


def _waits(when: str, sums: Sums) -> Figure:
    columns = (
        Column("came", "How they came", Measure.TEXT),
        Column("half_waited_at_most", "Half waited at most", Measure.MINUTES),
        Column("nine_in_ten_waited_at_most", "Nine in ten waited at most", Measure.MINUTES),
    )
    rows: list[tuple[Cell, ...]] = []
    said = f"Too few waited in {when} for their waits to be published."
    for path, name in (("walk_in", "Without an appointment"), ("booked", "With an appointment")):
        every = Sums()
        for spread in sums.spreads_by("wait", path).values():
            every.spreads.setdefault("all", type(spread)()).add(spread)
        spread = every.spread("all")
        told = spread.number >= LEAST_WAITS
        rows.append((name, spread.median if told else HIDDEN, spread.ninth if told else HIDDEN))
        if told and path == "walk_in":
            said = f"Of those without an appointment, half waited {spread.median} minutes at most, nine in ten {spread.ninth} at most."
    note = f"Waits are told where at least {LEAST_WAITS} people waited; {HIDDEN} stands where it were fewer."
    return Figure(
        "waits", "How long people waited", said, Table(columns, tuple(rows)), "waits", notes=(note,)
    )
