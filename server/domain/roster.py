"""What a roster may say: who sits at a desk when, for what. Pure.

What is refused and what is only said. Refused is what cannot be meant: a time that is none, a person in two places at once, a service this centre does not have (the desk
would serve nobody), a shift of more than `LONGEST`, and one of which not a minute lies in the opening hours, for a desk behind a locked door is a wrong day, or hours nobody has entered
yet. Said, and entered all the same, is what a manager may well mean: a person without an account (agency staff sit at desks too), a shift that begins before the doors open,
more people than counters, hours on the night the clock is changed. A roster is judged as a whole, with the days around it, since a night shift of Monday can overlap Tuesday's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.domain.hours import Span, Timetable, span_on

LONGEST = timedelta(hours=16)
BACK = timedelta(days=366)
AHEAD = timedelta(days=2 * 366)
MOST_A_DAY = 200
EARLY = timedelta(hours=1)
"""Who comes so long before opening, or stays so long after closing, sets up or puts away: nobody need be told."""
_TIME = re.compile(r"([01]?\d|2[0-4])(?:[:.h]?([0-5]\d))?")


class Entry(NamedTuple):
    """One shift. `line` is its line in the file, or its row on the page. `services` are slugs; none: everything but the discreet. `who` names somebody without an account."""

    line: int
    on: date
    begins: str
    ends: str
    staff: int | None = None
    who: str = ""
    services: tuple[str, ...] = ()


class Fault(NamedTuple):
    """What is wrong with a line (0: with the whole), in a sentence."""

    line: int
    say: str


@dataclass
class Judged:
    faults: list[Fault] = field(default_factory=list)
    """Any of them, and nothing is entered."""
    warnings: list[Fault] = field(default_factory=list)

    def refuse(self, line: int, say: str) -> None:
        self.faults.append(Fault(line, say))

    def warn(self, line: int, say: str) -> None:
        self.warnings.append(Fault(line, say))


@dataclass(frozen=True)
class Here:
    """The centre a roster is for. `services`: names by slug; `people`: names by account; `counters`: how many there are."""

    zone: ZoneInfo
    today: date
    timetable: Timetable
    services: Mapping[str, str]
    people: Mapping[int, str]
    counters: int

    def name_of(self, entry: Entry) -> str:
        if entry.staff is not None:
            return self.people.get(entry.staff, "Somebody who has left")
        return entry.who or "A desk without a name"


def read_time(text: str) -> str | None:
    """`9:30`, `09.30`, `0930`, `9` as `09:30`; None: it is no time. `24:00` is midnight at the end of the day."""
    found = _TIME.fullmatch(text.strip().casefold())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour == 24:
        return "00:00" if minute == 0 else None
    return f"{hour:02d}:{minute:02d}"


def judge(entries: Sequence[Entry], others: Iterable[Entry], here: Here) -> Judged:
    """Judge `entries` together; `others` are shifts that stay on the days around them."""
    judged = Judged()
    spans: dict[int, Span] = {}
    for at, entry in enumerate(entries):
        span = _judge_one(entry, here, judged)
        if span is not None:
            spans[at] = span
    _judge_overlaps([(entries[at], span) for at, span in spans.items()], others, here, judged)
    _judge_counters([(entries[at], span) for at, span in spans.items()], here, judged)
    judged.faults.sort()
    judged.warnings.sort()
    return judged


def span_of(entry: Entry, zone: ZoneInfo) -> Span | None:
    return span_on(entry.on, time.fromisoformat(entry.begins), time.fromisoformat(entry.ends), zone)


def day_said(on: date) -> str:
    return f"{on:%A} {on.day} {on:%B}"


def _judge_one(entry: Entry, here: Here, judged: Judged) -> Span | None:
    line, on = entry.line, entry.on
    if not here.today - BACK <= on <= here.today + AHEAD:
        judged.refuse(line, f"{on.isoformat()} is too far from today. Look at the year again.")
        return None
    if entry.begins == entry.ends:
        judged.refuse(line, f"The shift begins and ends at {entry.begins}. Say until when it goes.")
        return None
    unknown = [slug for slug in entry.services if slug not in here.services]
    for slug in unknown:
        judged.refuse(
            line,
            f"This centre has no service '{slug[:40]}'. Nobody could be served there; choose one that is offered.",
        )
    if entry.staff is not None and entry.staff not in here.people:
        judged.refuse(
            line, "This person has no role at this centre any more. Choose somebody else, or write the name."
        )
    span = span_of(entry, here.zone)
    if span is None:
        judged.refuse(
            line, f"On {day_said(on)} the clock goes forward and skips this shift. Choose other times."
        )
        return None
    if span.closes_at - span.opens_at > LONGEST:
        judged.refuse(
            line,
            f"From {entry.begins} to {entry.ends} is longer than {LONGEST // timedelta(hours=1)} hours. Look at the times again.",
        )
        return None
    if _moved(entry, span):
        judged.warn(
            line, f"On the night of {day_said(on)} the clock is changed: this shift is {_length(span)} long."
        )
    return span if _judge_hours(entry, span, here, judged) and not unknown else None


def _judge_hours(entry: Entry, span: Span, here: Here, judged: Judged) -> bool:
    """Against the opening hours of the day and those around it, for a night's opening belongs to the day it began."""
    on = entry.on
    opened = [each for day in (-1, 0, 1) for each in here.timetable.spans_on(on + timedelta(days=day))]
    inside = [each for each in opened if each.opens_at < span.closes_at and span.opens_at < each.closes_at]
    if not inside:
        times = " and ".join(f"{opens} to {closes}" for opens, closes in here.timetable.local_times(on))
        closed = "The centre is closed that day" if not times else f"The centre is open from {times} that day"
        judged.refuse(
            entry.line,
            f"{day_said(on)}, {entry.begins} to {entry.ends}: {closed}. Put the shift right, or enter the opening hours first.",
        )
        return False
    first, last = min(each.opens_at for each in inside), max(each.closes_at for each in inside)
    if span.opens_at < first - EARLY:
        judged.warn(
            entry.line,
            f"The shift begins at {entry.begins}; the doors open at {here.timetable.local_time(first)}.",
        )
    if span.closes_at > last + EARLY:
        judged.warn(
            entry.line,
            f"The shift goes on until {entry.ends}; the doors close at {here.timetable.local_time(last)}.",
        )
    return True


def _moved(entry: Entry, span: Span) -> bool:
    """Whether the clock is changed during it."""
    begins, ends = (
        datetime.combine(entry.on, time.fromisoformat(text)) for text in (entry.begins, entry.ends)
    )
    said = (ends - begins) % timedelta(days=1)
    return span.closes_at - span.opens_at != said


def _length(span: Span) -> str:
    minutes = (span.closes_at - span.opens_at) // timedelta(minutes=1)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} min" if rest else f"{hours} hours" if hours != 1 else "1 hour"


def _judge_overlaps(
    entries: Sequence[tuple[Entry, Span]], others: Iterable[Entry], here: Here, judged: Judged
) -> None:
    """Nobody is at two desks at once. Desks without a name, and people who share a name that is no account's, may be many."""
    kept = [(each, span) for each in others if (span := span_of(each, here.zone)) is not None]
    of: defaultdict[int, list[tuple[Span, Entry, bool]]] = defaultdict(list)
    for is_new, pairs in ((True, entries), (False, kept)):
        for entry, span in pairs:
            if entry.staff is not None:
                of[entry.staff].append((span, entry, is_new))
    for shifts in of.values():
        shifts.sort(key=lambda each: (each[0], each[2]))
        latest, latest_entry, latest_new = shifts[0]
        for span, entry, is_new in shifts[1:]:
            if span.opens_at < latest.closes_at and (is_new or latest_new):
                line = entry.line if is_new else latest_entry.line
                other = latest_entry if is_new else entry
                judged.refuse(
                    line,
                    f"{here.name_of(entry)} is already down for {other.begins} to {other.ends} on {day_said(other.on)}. Nobody can be in two places.",
                )
            if span.closes_at > latest.closes_at:
                latest, latest_entry, latest_new = span, entry, is_new


def _judge_counters(entries: Sequence[tuple[Entry, Span]], here: Here, judged: Judged) -> None:
    """More at once than there are counters: said once a day."""
    if not here.counters:
        return
    of: defaultdict[date, list[Span]] = defaultdict(list)
    for entry, span in entries:
        of[entry.on].append(span)
    for on, spans in of.items():
        most, at = _most_at_once(spans)
        if most > here.counters:
            judged.warn(
                0,
                f"{day_said(on)}: {most} are down at {here.timetable.local_time(at)}, and there are {here.counters} counters.",
            )


def _most_at_once(spans: Iterable[Span]) -> tuple[int, datetime]:
    moments = sorted(
        [moment for span in spans for moment in ((span.opens_at, 1), (span.closes_at, -1))],
        key=lambda each: (each[0], each[1]),
    )
    now, most, when = 0, 0, moments[0][0]
    for at, change in moments:
        now += change
        if now > most:
            most, when = now, at
    return most, when


def by_day(entries: Iterable[Entry]) -> dict[date, list[Entry]]:
    found: defaultdict[date, list[Entry]] = defaultdict(list)
    for each in entries:
        found[each.on].append(each)
    return {on: sorted(found[on], key=order) for on in sorted(found)}


def order(entry: Entry) -> tuple[str, str, str, int]:
    """How shifts of a day are shown."""
    return (entry.begins, entry.ends, entry.who, entry.staff or 0)
