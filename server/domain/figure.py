"""One figure as everything that shows it needs it: a sentence that says what it shows, the table, the chart, and which definition belongs to it. Pure.

Pages, printed reports, spreadsheets, CSV files and the JSON API are all drawn from this one value, so that the same figure has the same number and the same words everywhere. A
table's cells are real numbers and dates, never text that looks like them; how they are written is decided by their column's `Measure`, in the one place each medium has for it.
A chart shows nothing that the table beside it does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar


class Measure(StrEnum):
    """What a column's cells are."""

    TEXT = "text"
    COUNT = "count"
    """Of people, visits or needs: whole, and where it is small it could single somebody out."""
    NUMBER = "number"
    """Any other number, such as desks."""
    MINUTES = "minutes"
    SHARE = "share"
    """0 to 1; written in percent."""
    CHANGE = "change"
    """A share with its sign: 0.04 is written +4%."""
    DATE = "date"
    TIME = "time"
    """Local time of day, `09:30`."""


Cell = str | int | float | date | None
"""None: there is nothing to tell (nobody came), written as a dash; not the same as 0."""


@dataclass(frozen=True)
class Column:
    """`key` is its name in files and the API (`snake_case`), `title` its heading."""

    key: str
    title: str
    measure: Measure = Measure.COUNT


BEFORE = "_before"
"""How the keys of columns end that are of a time compared with (`server.domain.telling.compared`)."""
_WIDE = {Measure.TEXT: 10, Measure.DATE: 9}
_A_NUMBER, _BESIDE = 3.5, 26
"""About how wide columns are, and what there is beside a chart, in widths of a capital letter."""
_Each = TypeVar("_Each")


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """Each as long as `columns`; the first cell names the row."""
    total: tuple[Cell, ...] | None = None

    @property
    def lines(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows, and the total below them."""
        return (*self.rows, self.total) if self.total else self.rows

    @property
    def nothing(self) -> bool:
        """Whether all its cells say is that there was nothing."""
        return not any(cell for line in self.lines for cell in line[1:])

    @property
    def known(self) -> Table:
        """As pages show it: without a column of a time compared with of which nothing at all is known. Files keep all columns, so that one is like another."""
        kept = [
            at
            for at, column in enumerate(self.columns)
            if not column.key.endswith(BEFORE) or any(line[at] is not None for line in self.lines)
        ]
        if len(kept) == len(self.columns):
            return self

        def of(cells: Sequence[_Each]) -> tuple[_Each, ...]:
            return tuple(cells[at] for at in kept)

        return Table(
            of(self.columns), tuple(of(row) for row in self.rows), of(self.total) if self.total else None
        )

    @property
    def narrow(self) -> bool:
        """Whether it finds room beside a chart."""
        first, *others = self.columns
        wide = sum(_WIDE.get(column.measure, _A_NUMBER) for column in others)
        return _WIDE.get(first.measure, _A_NUMBER) + wide <= _BESIDE


@dataclass(frozen=True)
class Series:
    """One value a label; None where there is none. `low` and `high`: the band in which such values usually lie."""

    name: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    band: str = "usual"
    """What a chart's key calls the band."""


@dataclass(frozen=True)
class Bars:
    """One lying bar a label, the longest first where the labels have no order of their own. `other` is drawn beside, thinner: the time compared with."""

    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    measure: Measure = Measure.COUNT
    other: tuple[float | None, ...] = ()
    names: tuple[str, str] = ("", "")
    """What `values` and `other` are."""
    target: float | None = None


@dataclass(frozen=True)
class Columns:
    """Standing columns over an order (hours, days); several series are stacked or stand beside each other."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    measure: Measure = Measure.COUNT
    stacked: bool = False


@dataclass(frozen=True)
class Lines:
    """One line a series over time, each told apart by its dashes and its name at its end, not by colour alone."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    measure: Measure = Measure.COUNT
    target: float | None = None


@dataclass(frozen=True)
class Grid:
    """Darker where there is more, with the number written in each cell: weekdays by hours."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    measure: Measure = Measure.COUNT


@dataclass(frozen=True)
class Ranges:
    """How something spreads, a bar a label: half within `median`, nine in ten within `ninth`, the mean as a mark. Minutes."""

    labels: tuple[str, ...]
    median: tuple[float | None, ...]
    ninth: tuple[float | None, ...]
    mean: tuple[float | None, ...] = ()
    target: tuple[float | None, ...] = ()


Chart = Bars | Columns | Lines | Grid | Ranges


@dataclass(frozen=True)
class Figure:
    """`slug` names it in addresses and files; `sentence` says what it shows in plain words; `definition` is the slug of its entry in `server.domain.definitions`."""

    slug: str
    title: str
    sentence: str
    table: Table
    definition: str
    chart: Chart | None = None
    notes: tuple[str, ...] = ()
    """What a reader must know to read it rightly: a service that was renamed in the middle, days without any figures."""
    also: tuple[Table, ...] = field(default=())
    """Further tables of the same, where one does not hold it."""

    @property
    def empty(self) -> bool:
        """Whether its sentence is all there is to it: pages then fold it together with others."""
        return self.chart is None and self.table.nothing and all(each.nothing for each in self.also)


def texts(cells: Sequence[object]) -> tuple[str, ...]:
    """Labels of a chart."""
    return tuple(str(cell) for cell in cells)
