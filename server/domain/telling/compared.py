"""What every page of figures that compares does alike: the sums of a time beside those of the time before and of the year before, and the words for it. Pure.

Three sums and no more, because a manager asks two things: is it better than last time, and is it the season. Of a time in which nothing at all was counted nothing is told: a
dash, not a nought, for the house may not have been there yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from server.domain import spans, tallies
from server.domain.asked import Asked
from server.domain.figure import Cell, Column, Measure
from server.domain.spans import Kind, Span
from server.domain.sums import Spread, Sums
from server.domain.telling import writing

_BEFORE = {
    Kind.DAY: "Day before",
    Kind.WEEK: "Week before",
    Kind.MONTH: "Month before",
    Kind.QUARTER: "Quarter before",
    Kind.YEAR: "Year before",
    Kind.COUNCIL_YEAR: "Year before",
}
_YEARS = (Kind.YEAR, Kind.COUNCIL_YEAR)


@dataclass(frozen=True)
class Other:
    """A time compared with: how its columns are named in files (`key`) and on pages (`title`)."""

    key: str
    title: str
    span: Span
    sums: Sums

    @property
    def words(self) -> str:
        """In a sentence: "than the week before"."""
        return f"the {self.column}"

    @property
    def column(self) -> str:
        return f"{self.title[0].lower()}{self.title[1:]}"

    def cell(self, value: Cell) -> Cell:
        """`value`, or None where nothing at all was counted in this time."""
        return value if self.sums.counts else None


@dataclass(frozen=True)
class Compared:
    """`now` are the sums of the time asked for, `others` those it is compared with: the time before and the same a year ago, which are one for whole years."""

    asked: Asked
    now: Sums
    others: tuple[Other, ...]

    def columns(self, key: str, what: str = "", measure: Measure = Measure.COUNT) -> tuple[Column, ...]:
        """One column a time compared with: `columns("median", "Median")` are `median_before` and `median_year_before`. Without `what` the time alone is the heading."""
        return tuple(
            Column(f"{key}_{other.key}", f"{what}, {other.column}" if what else other.title, measure)
            for other in self.others
        )

    def cells(self, tell: Callable[[Sums], Cell]) -> tuple[Cell, ...]:
        """What `tell` says of each time compared with."""
        return tuple(other.cell(tell(other.sums)) for other in self.others)

    def cells_of(self, tell: Callable[..., Cell], *given: object) -> tuple[Cell, ...]:
        """The same, of `tell(sums, *given)`: for one row of many."""
        return self.cells(lambda sums: tell(sums, *given))

    @property
    def first(self) -> Other | None:
        """The time before, for a chart that draws one other beside."""
        return self.others[0] if self.others and self.others[0].sums.counts else None

    @property
    def tells_services(self) -> bool:
        return _may_tell(self.asked.span, self.asked)

    def of_services(self) -> Compared:
        """Compared only with such times as services may be told of."""
        return replace(self, others=tuple(each for each in self.others if _may_tell(each.span, self.asked)))


def compared(asked: Asked, now: Sums, before: Sums, year: Sums) -> Compared:
    kind = asked.span.kind
    title = _BEFORE[Kind.DAY] if asked.span.days == 1 else f"{writing.count(asked.span.days)} days before"
    others = [Other("before", _BEFORE.get(kind, title), asked.before, before)]
    if kind not in _YEARS:
        others.append(Other("year_before", "Year before", asked.year_before, year))
    return Compared(asked, now, tuple(others))


def _may_tell(span: Span, asked: Asked) -> bool:
    return tallies.may_be_told_by_need(span.first, span.last, asked.today)


SERVICES_NEED_MONTHS = (
    "Services are told of one day, or of whole months that are over: by comparing other times one could single"
    " somebody out. Choose a day, a month, a quarter or a year."
)


def need_months(asked: Asked) -> str:
    """Why services are not told of this time, and of which near it they are."""
    months = tallies.whole_months(asked.span.first, asked.span.last, asked.today)
    if months is None:
        return SERVICES_NEED_MONTHS
    first, last = (spans.span_of(Kind.MONTH, on) for on in months)
    near = spans.say(first) if first == last else f"{spans.say(first)} to {spans.say(last)}"
    return f"{SERVICES_NEED_MONTHS} Near this time: {near}."


def in_all(spreads: Iterable[Spread]) -> Spread:
    total = Spread()
    for each in spreads:
        total.add(each)
    return total


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def times(spread: Spread) -> tuple[Cell, ...]:
    """How many, median, mean, 90th percentile: the columns `TIMES`."""
    return (spread.number, spread.median, spread.mean, spread.ninth)


TIMES = (
    Column("number", "How many"),
    Column("median", "Median", Measure.MINUTES),
    Column("mean", "Mean", Measure.MINUTES),
    Column("ninth", "9 in 10 within", Measure.MINUTES),
)


def whole(cell: Cell) -> int:
    """A count out of a row; nothing is 0."""
    return cell if isinstance(cell, int) else 0


def floats(cells: Sequence[object]) -> tuple[float | None, ...]:
    """Values of a chart."""
    return tuple(float(each) if isinstance(each, int | float) else None for each in cells)


# Words -----------------------------------------------------------------------------------------------------------------


def in_words(whole: float) -> str:
    """ "1 minute", "12 minutes", "6.4 minutes"."""
    said = writing.minutes(whole)
    return f"{said} minute{'' if said == '1' else 's'}"


def within(minute: int) -> str:
    """ "within 12 minutes"; "at once"."""
    return f"within {in_words(minute)}" if minute else "at once"


def points(now: float | None, then: float | None, other: Other | None) -> str:
    """ ", 4 points more than the month before"; empty where there is nothing to compare."""
    if now is None or then is None or other is None:
        return ""
    gap = round(now * 100) - round(then * 100)
    if not gap:
        return f", as in {other.words}"
    return f", {writing.of_these(abs(gap), 'point', 'points')} {'more' if gap > 0 else 'less'} than {other.words}"
