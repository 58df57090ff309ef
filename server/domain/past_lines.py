"""One line of a file of past figures: what it says, or what is wrong with it, in a sentence. Pure.

Numbers and dates are bounded by what can be true of a building (a day has come, nobody comes fewer than nought times). A cell that a spreadsheet
would take for a formula is a fault: what is read here is written to files again. Spans of a door are judged the same whether a
file or the counter itself tells them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from wire.vocabulary import Activity

MOST_VISITORS = 1_000_000
MOST_A_DAY = 50_000
MOST_THROUGH_A_DOOR = 50_000
LONGEST_SPAN = timedelta(hours=25)
"""A day, when the clocks go back."""
OVER_MIDNIGHT = timedelta(hours=2)
EARLIEST = date(1990, 1, 1)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Fault(NamedTuple):
    """What is wrong with a line (0: with the file)."""

    line: int
    say: str


class PastLine(NamedTuple):
    line: int
    first: date
    last: date
    activity: Activity
    visitors: int


class DoorLine(NamedTuple):
    line: int
    door: str
    begins: datetime
    ends: datetime
    went_in: int
    went_out: int


@dataclass
class PastFile:
    """What a file holds. `kind` is "activities", "door", or empty when that cannot be said."""

    kind: str = ""
    lines: list[PastLine] = field(default_factory=list)
    spans: list[DoorLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What the one who sent it should know though it is no fault."""

    @property
    def visitors(self) -> int:
        return sum(line.visitors for line in self.lines)

    def fault(self, line: int, say: str) -> None:
        self.faults.append(Fault(line, say))


class Place(NamedTuple):
    """The centre a file is for: how it may be called, where its clock stands, and what other centres are called."""

    name: str
    slug: str
    zone: ZoneInfo
    today: date
    others: frozenset[str] = frozenset()
    """Names and short names, folded, of other centres where this person may import."""


_WHOLE = re.compile(r"\d{1,3}(,\d{3})+|\d+")


def _plain(line: int, cells: Mapping[str, str], numbers: Sequence[str], read: PastFile) -> bool:
    """Whether no cell could be taken for a formula. A minus before a number is told as what it is."""
    for name, cell in cells.items():
        if cell.startswith(_FORMULA) and not (name in numbers and re.fullmatch(r"[-+][\d.,]+", cell)):
            read.fault(
                line,
                f"The column {name} begins with '{cell[0]!r:.4}', as a formula does. Write the value itself.".replace(
                    "''", "'"
                ),
            )
            return False
    return True


def _is_here(line: int, cell: str, place: Place, read: PastFile) -> bool:
    called = " ".join(cell.split()).casefold()
    if called in (place.name.casefold(), place.slug):
        return True
    if called in place.others:
        read.fault(
            line,
            f"This line is of {cell[:60]}. A file is for one centre: work at that centre first, then import its lines there.",
        )
    else:
        read.fault(
            line,
            f"'{cell[:60]}' is not the centre you work at ({place.name}), nor another where you may import.",
        )
    return False


def _number(line: int, name: str, cell: str, most: int, read: PastFile) -> int | None:
    if re.fullmatch(r"-[\d.,]+", cell):
        read.fault(line, f"{name} is {cell[:20]}: fewer than nobody cannot have come.")
    elif not _WHOLE.fullmatch(cell) or not cell.isascii():
        read.fault(line, f"{name} is '{cell[:20]}'. It must be a whole number, such as 583.")
    elif len(cell) > 15 or int(cell.replace(",", "")) > most:
        read.fault(line, f"{name} is {cell[:20]}, which cannot be: more than {most:,}.")
    else:
        return int(cell.replace(",", ""))
    return None


def _date(line: int, name: str, cell: str, place: Place, read: PastFile) -> date | None:
    try:
        british = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", cell)
        on = date(int(british[3]), int(british[2]), int(british[1])) if british else date.fromisoformat(cell)
    except ValueError:
        read.fault(line, f"{name} is '{cell[:20]}', which is no date. Write it as 2023-04-01 or 01/04/2023.")
        return None
    if on > place.today:
        read.fault(line, f"{name} is {cell}, which has not come yet.")
    elif on < EARLIEST:
        read.fault(line, f"{name} is {cell}, before {EARLIEST.year}. Look at the year again.")
    else:
        return on
    return None


def activity_line(
    line: int, cells: Mapping[str, str], place: Place, activities: Mapping[str, Activity], read: PastFile
) -> None:
    """Read one line of figures by activity into `read`: its figure, or its first fault of each column."""
    if not _plain(line, cells, ("visitors",), read) or not _is_here(line, cells["centre"], place, read):
        return
    first = _date(line, "period_start", cells["period_start"], place, read)
    last = _date(line, "period_end", cells["period_end"], place, read)
    visitors = _number(line, "visitors", cells["visitors"], MOST_VISITORS, read)
    activity = activities.get(" ".join(cells["activity"].split()).casefold())
    if activity is None:
        known = ", ".join(sorted(word for word in activities if "_" not in word))
        read.fault(line, f"'{cells['activity'][:40]}' is not an activity. These are known: {known}.")
    if first is None or last is None or visitors is None or activity is None:
        return
    if last < first:
        read.fault(line, "period_end is before period_start.")
    elif visitors > MOST_A_DAY * ((last - first).days + 1):
        read.fault(
            line, f"{visitors:,} visitors from {first} to {last} would be more than {MOST_A_DAY:,} a day."
        )
    else:
        read.lines.append(PastLine(line, first, last, activity, visitors))


def door_line(line: int, cells: Mapping[str, str], place: Place, read: PastFile) -> None:
    """The same for a line of a door's counts."""
    if not _plain(line, cells, ("in", "out"), read) or not _is_here(line, cells["centre"], place, read):
        return
    begins = _instant(line, "from", cells["from"], place, read)
    ends = _instant(line, "until", cells["until"], place, read)
    went_in = _number(line, "in", cells["in"], MOST_THROUGH_A_DOOR, read)
    went_out = _number(line, "out", cells["out"], MOST_THROUGH_A_DOOR, read)
    if begins is None or ends is None or went_in is None or went_out is None:
        return
    door = cells["door"][:60]
    if _is_left_out(begins, ends):
        if went_in or went_out:
            read.fault(
                line, "The clocks went forward then, so this time never was. Look at the counter's clock."
            )
        return  # written by a clock that knows no summer, and nobody came: there is nothing to enter
    begins, ends = _second_time_round(door, begins, ends, read)
    begins, ends = _utc(begins), _utc(ends)
    say = span_fault(begins, ends, place.zone)
    if say:
        read.fault(line, say)
    else:
        read.spans.append(DoorLine(line, door, begins, ends, went_in, went_out))


def _instant(line: int, name: str, cell: str, place: Place, read: PastFile) -> datetime | None:
    """In the centre's own time, or in UTC when it says its offset: then it is certain which of two like hours it is of."""
    try:
        at = datetime.fromisoformat(cell)
    except ValueError:
        read.fault(line, f"{name} is '{cell[:30]}', which is no time. Write it as 2026-11-24 09:00.")
        return None
    if EARLIEST.year <= at.year <= place.today.year + 1:  # others may be past what can be reckoned with
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=place.zone)
        if EARLIEST <= at.astimezone(place.zone).date() <= place.today + timedelta(days=1):
            return at
    read.fault(line, f"{name} is {cell[:30]}, which cannot be. Look at the year again.")
    return None


# The two nights on which clocks are changed --------------------------------------------------------------------------


def _is_left_out(begins: datetime, ends: datetime) -> bool:
    """Whether a span is of the hour that is not there in spring: in order by the clock on the wall, and of no time."""
    alike = begins.tzinfo is ends.tzinfo
    return alike and begins.replace(tzinfo=None) < ends.replace(tzinfo=None) and _utc(ends) <= _utc(begins)


def _second_time_round(
    door: str, begins: datetime, ends: datetime, read: PastFile
) -> tuple[datetime, datetime]:
    """The hour that comes twice in autumn: what cannot follow the line before it the first time is of the second time.

    The line before may have ended after that hour, as if it lasted for both: it ends where this one begins.
    """
    again = begins.replace(fold=1)
    if _utc(again) > _utc(begins):
        at = next((i for i in range(len(read.spans) - 1, -1, -1) if read.spans[i].door == door), None)
        if at is not None and _utc(begins) < read.spans[at].ends:
            before, begins = read.spans[at], again
            if before.begins < _utc(begins) < before.ends:
                read.spans[at] = before._replace(ends=_utc(begins))
    if _utc(ends) <= _utc(begins):
        ends = ends.replace(fold=1)
    return begins, ends


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


# Spans and overlaps --------------------------------------------------------------------------------------------------


def day_of(begins: datetime, ends: datetime, zone: ZoneInfo) -> date:
    """The local date a span counts on: that of its middle."""
    return (begins + (ends - begins) / 2).astimezone(zone).date()


def span_fault(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """Why a span cannot be; empty when it can. One over midnight may last two hours, or it would count on the wrong day."""
    if ends <= begins:
        return "until is not after from."
    if ends - begins > LONGEST_SPAN:
        return "The span is longer than a day. Send one for each day, or each hour."
    last = (ends - timedelta(microseconds=1)).astimezone(zone).date()
    if begins.astimezone(zone).date() != last and ends - begins > OVER_MIDNIGHT:
        return "The span goes over midnight. Send what was before and after midnight by themselves."
    return ""


def find_overlaps(read: PastFile) -> None:
    """One activity may not be told twice of one day."""
    of: dict[Activity, list[PastLine]] = {}
    for line in read.lines:
        of.setdefault(line.activity, []).append(line)
    for lines in of.values():
        lines.sort(key=lambda each: (each.first, each.line))
        reach = lines[0]
        for after in lines[1:]:
            if after.first <= reach.last:
                read.fault(
                    max(after.line, reach.line),
                    f"This line tells of days that line {min(after.line, reach.line)} tells of already.",
                )
            if after.last > reach.last:
                reach = after


def find_span_overlaps(read: PastFile) -> None:
    """One door may not be told twice of one moment."""
    of: dict[str, list[DoorLine]] = {}
    for span in read.spans:
        of.setdefault(span.door, []).append(span)
    for spans in of.values():
        spans.sort(key=lambda each: (each.begins, each.line))
        reach = spans[0]
        for after in spans[1:]:
            if after.begins < reach.ends:
                read.fault(
                    max(after.line, reach.line),
                    f"This span overlaps that of line {min(after.line, reach.line)}.",
                )
            if after.ends > reach.ends:
                reach = after
