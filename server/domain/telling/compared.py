"""What every page of figures that compares does alike: the sums of a time beside those of the time before and of the year before, and the words for it. Pure.

Three sums and no more, because a manager asks two things: is it better than last time, and is it the season. A share of few is said as what it is: nothing is "100%" or "0%"
that is not all or none, and where there was nothing before, nothing is said of a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
    Kind.RANGE: "Time before",
}
_MINUTE = 60


@dataclass(frozen=True)
class Other:
    """A time compared with: how its columns are named in files (`key`) and on pages (`title`)."""

    key: str
    title: str
    sums: Sums

    @property
    def words(self) -> str:
        """In a sentence: "than the week before"."""
        return f"the {self.title[0].lower()}{self.title[1:]}"


@dataclass(frozen=True)
class Compared:
    span: Span
    now: Sums
    before: Sums
    year: Sums

    @property
    def others(self) -> tuple[Other, ...]:
        """The time before, and the same a year ago; for whole years the two are one."""
        before = Other("before", _BEFORE[self.span.kind], self.before)
        if self.span.kind in (Kind.YEAR, Kind.COUNCIL_YEAR):
            return (before,)
        return (before, Other("year_before", "Year before", self.year))

    def columns(self, key: str, what: str, measure: Measure = Measure.COUNT) -> tuple[Column, ...]:
        """One column a time compared with: `columns("median", "Median")` are `median_before` and `median_year_before`."""
        return tuple(
            Column(f"{key}_{other.key}", f"{what}, {other.title[0].lower()}{other.title[1:]}", measure)
            for other in self.others
        )


def in_all(spreads: Iterable[Spread]) -> Spread:
    total = Spread()
    for each in spreads:
        total.add(each)
    return total


def in_minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / _MINUTE


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


# Words -----------------------------------------------------------------------------------------------------------------


def in_words(whole: float) -> str:
    """ "1 minute", "12 minutes", "6.4 minutes"."""
    said = writing.minutes(whole)
    return f"{said} minute{'' if said == '1' else 's'}"


def points(now: float | None, then: float | None, other: Other) -> str:
    """ ", 4 points more than the month before"; empty where there is nothing to compare."""
    if now is None or then is None:
        return ""
    gap = round(now * 100) - round(then * 100)
    if not gap:
        return f", as {other.words}"
    return f", {writing.of_these(abs(gap), 'point', 'points')} {'more' if gap > 0 else 'less'} than {other.words}"
