"""A stretch of local days that figures are told of: a day, week, month, quarter, year or any range, and what it is compared with.

All of it is by the calendar, both ends included, so that a day on which the clock is changed is a day like any other. Weeks begin on Monday (ISO 8601); quarters and years
are of the calendar year, or of the council's year from April where that is asked for (quarter 1 of 2023/24 is April to June 2023). The time before a whole month is the month
before, not the same number of days: nobody compares March with 29 January to 28 February.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

EARLIEST = date(1990, 1, 1)
LATEST = date(2200, 1, 1)
ONE_DAY = timedelta(days=1)
MOST_YEARS = 30


class Kind(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    COUNCIL_YEAR = "council_year"
    """1 April to 31 March."""
    RANGE = "range"


class NoSpan(ValueError):
    """What was asked for is no time that can be shown; `str()` says why, to a person."""


@dataclass(frozen=True, order=True)
class Span:
    """From `first` to `last`, both included."""

    first: date
    last: date
    kind: Kind = Kind.RANGE

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, on: date) -> bool:
        return self.first <= on <= self.last

    def each_day(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))


def span_of(kind: Kind, on: date) -> Span:
    """The day, week, month, quarter or year that `on` lies in."""
    match kind:
        case Kind.WEEK:
            first = on - timedelta(days=on.weekday())
            return Span(first, first + timedelta(days=6), kind)
        case Kind.MONTH:
            first = on.replace(day=1)
            return Span(first, _months_on(first, 1) - ONE_DAY, kind)
        case Kind.QUARTER:
            first = date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
            return Span(first, _months_on(first, 3) - ONE_DAY, kind)
        case Kind.YEAR:
            return Span(date(on.year, 1, 1), date(on.year, 12, 31), kind)
        case Kind.COUNCIL_YEAR:
            first = date(on.year if on.month >= 4 else on.year - 1, 4, 1)
            return Span(first, date(first.year + 1, 3, 31), kind)
        case Kind.DAY | Kind.RANGE:
            return Span(on, on, Kind.DAY)


def read_span(kind: str, first: str, last: str, today: date, default: Kind = Kind.DAY) -> Span:
    """What the query of a page asks for; empty texts mean `default` around today. Raises NoSpan with a sentence."""
    begins, ends = _day(first), _day(last)
    try:
        asked = Kind(kind) if kind else (Kind.RANGE if last else default)
    except ValueError:
        raise NoSpan(
            "This kind of time is not known. Choose a day, week, month, quarter, year, or two days."
        ) from None
    if asked is not Kind.RANGE:
        return span_of(asked, begins or today)
    begins = begins or ends or today
    ends = ends or begins
    if ends < begins:
        raise NoSpan("The last day is before the first. Choose them again.")
    if ends > _years_on(begins, MOST_YEARS):
        raise NoSpan(f"At most {MOST_YEARS} years are shown at once. Choose a shorter time.")
    return Span(begins, ends, Kind.DAY if begins == ends else Kind.RANGE)


def before(span: Span) -> Span:
    """The one of the same kind just before; of a range, as many days as it has. Never before `EARLIEST`."""
    if span.kind in (Kind.RANGE, Kind.DAY):
        last = max(EARLIEST, span.first - ONE_DAY)
        return Span(max(EARLIEST, span.first - timedelta(days=span.days)), last, span.kind)
    return span_of(span.kind, max(EARLIEST, span.first - ONE_DAY))


def after(span: Span) -> Span:
    """The one of the same kind just after."""
    if span.kind in (Kind.RANGE, Kind.DAY):
        return Span(span.last + ONE_DAY, span.last + timedelta(days=span.days), span.kind)
    return span_of(span.kind, span.last + ONE_DAY)


def year_before(span: Span) -> Span:
    """The same a year earlier. Of days and weeks 52 weeks, so that Tuesdays are compared with Tuesdays; of the rest the same months or dates."""
    if span.kind in (Kind.DAY, Kind.WEEK):
        shift = timedelta(weeks=52)
        return Span(max(EARLIEST, span.first - shift), max(EARLIEST, span.last - shift), span.kind)
    if span.kind is Kind.RANGE:
        return Span(_years_on(span.first, -1), _years_on(span.last, -1), span.kind)
    return span_of(span.kind, max(EARLIEST, _years_on(span.first, -1)))


def until(span: Span, today: date) -> Span | None:
    """The part of it that is not in the future; None when all of it is."""
    return None if span.first > today else Span(span.first, min(span.last, today), span.kind)


def as_far(other: Span, span: Span, today: date) -> Span:
    """`other`, cut to as many days as have passed of `span`: a quarter half over is compared with half a quarter."""
    passed = until(span, today)
    if passed is None or passed.last == span.last:
        return other
    return Span(other.first, min(other.last, other.first + timedelta(days=passed.days - 1)), other.kind)


def parts(span: Span, by: Kind) -> list[Span]:
    """The days, weeks, months ... of it, the first and last cut to it."""
    found, on = [], span.first
    while on <= span.last:
        whole = span_of(by, on)
        found.append(Span(max(whole.first, span.first), min(whole.last, span.last), by))
        on = whole.last + ONE_DAY
    return found


def fitting(span: Span) -> Kind:
    """By what a span is best drawn over time: at most some forty points."""
    if span.days <= 45:
        return Kind.DAY
    if span.days <= 210:
        return Kind.WEEK
    if span.days <= 366 * 4:
        return Kind.MONTH
    return Kind.QUARTER if span.days <= 366 * 11 else Kind.YEAR


def say(span: Span) -> str:
    """As it is said in a heading: "Tuesday 24 November 2026", "week of 23 November 2026", "April to June 2023", "2023/24"."""
    first, last = span.first, span.last
    match span.kind:
        case Kind.DAY:
            return f"{first:%A} {first.day} {first:%B %Y}"
        case Kind.WEEK:
            return f"week of {first.day} {first:%B %Y}"
        case Kind.MONTH:
            return f"{first:%B %Y}"
        case Kind.QUARTER:
            return f"{first:%B} to {last:%B %Y}"
        case Kind.YEAR:
            return f"{first.year}"
        case Kind.COUNCIL_YEAR:
            return f"{first.year}/{last.year % 100:02d}"
        case Kind.RANGE:
            begins = f"{first.day} {first:%B}" if first.year == last.year else f"{first.day} {first:%B %Y}"
            return f"{begins} to {last.day} {last:%B %Y}"


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NoSpan("This is not a day. Choose another.") from None
    if not EARLIEST <= day <= LATEST:
        raise NoSpan(f"Days from {EARLIEST.year} to {LATEST.year} can be shown. Choose another.")
    return day


def _months_on(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _years_on(on: date, years: int) -> date:
    """29 February becomes the 28th."""
    try:
        return on.replace(year=max(EARLIEST.year, on.year + years))
    except ValueError:
        return on.replace(year=on.year + years, day=28)
