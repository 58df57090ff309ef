"""Which numbers of a table may be published, so that no small one can be worked out from all the others: within a table, and across months, quarters and years. Pure.

A number from 1 to 4 could single somebody out, so it is hidden. That alone is not enough: with a row's other numbers and the total, or with the quarter and its other two months, it is a
subtraction away. So more numbers are hidden until this holds, which is what is promised (docs/publication.md):

  **Whoever knows every number published by these rules of a council year (all its months, quarters and the year, with all totals) finds for each hidden 1 to 4 that it could be any whole number
  from 0 to 5 at least, each of them in a world in which everything published is the same and nothing is negative.**

That is checked, not hoped for. The numbers of a table over a council year are flows in a network: a month's total flows into its cells, the cells of a key into its quarters, quarters into the year. What is
published is fixed, what is hidden may change as long as every node's flow adds up. A hidden cell can be larger by d exactly if d can flow back around it through other hidden numbers: a
maximum flow, which is exact for whole numbers, so the check misses no attack by addition and subtraction and believes in none that is not there.

Times are decided in the order in which they are over (each month, then its quarter, at last the year), each knowing only what was before it. So a table that was published in July is not taken back by what October
brings, and the same is decided whenever it is worked out. Years are the council's, from April: calendar years would cut across them, so they are not for publication. A time in which 1 to 4 came in all
is not published, and no longer time that holds it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from server.domain import spans
from server.domain.spans import Kind, Span

SMALLEST = 5
"""The smallest number that is published, besides 0."""
HIDDEN = "[c]"
"""As it is written, by the custom of official statistics: confidential."""
HUSHED = "\0discreet"
"""Stands in a table for what is in its total and named nowhere; it is hidden always, and so well that nobody can tell whether there was any."""
NOTE = f"{HIDDEN} means hidden: a number from 1 to 4, or one from which such a number could be worked out."
ENDLESS = 1 << 60


class Level(IntEnum):
    MONTH = 0
    QUARTER = 1
    YEAR = 2


MONTHS = {Level.MONTH: 1, Level.QUARTER: 3, Level.YEAR: 12}
Time = tuple[Level, int]
"""A month (0: April), quarter (0: April to June) or the year (0) of a council year."""
Cell = tuple[str, Level, int]


@dataclass(frozen=True)
class Counted:
    """What was counted in a council year's months that are over, April first, by key. Every key stands in every month."""

    keys: tuple[str, ...]
    months: tuple[Mapping[str, int], ...]
    hush: bool = False
    """Whether the totals also hold what may not be named."""

    def value(self, key: str, level: Level, number: int) -> int:
        size = MONTHS[level]
        return sum(month[key] for month in self.months[number * size : (number + 1) * size])

    def total(self, level: Level, number: int) -> int:
        return sum(self.value(key, level, number) for key in self.keys)

    def over(self) -> Iterator[Time]:
        """The times that are over, in the order in which they ended."""
        for month in range(len(self.months)):
            yield Level.MONTH, month
            for level in (Level.QUARTER, Level.YEAR):
                if (month + 1) % MONTHS[level] == 0:
                    yield level, month // MONTHS[level]


@dataclass(frozen=True)
class Decided:
    """What is not published: single cells, and whole times."""

    counted: Counted
    hidden: frozenset[Cell]
    withheld: frozenset[Time]

    def may_be_told(self, level: Level, number: int) -> bool:
        """Whether anything of this time is published; its total is, if so."""
        return (level, number) not in self.withheld

    def shown(self, key: str, level: Level, number: int) -> int | None:
        """The number; None where it is hidden."""
        if (key, level, number) in self.hidden or not self.may_be_told(level, number):
            return None
        return self.counted.value(key, level, number)


def time_of(span: Span) -> Time | None:
    """Where in its council year a span lies; None of one that is not for publication."""
    month = (span.first.month - 4) % 12
    match span.kind:
        case Kind.MONTH:
            return Level.MONTH, month
        case Kind.QUARTER:
            return Level.QUARTER, month // 3
        case Kind.COUNCIL_YEAR:
            return Level.YEAR, 0
        case _:
            return None


WHOLE_ONLY = "For publication choose a month, a quarter or a council year (April to March): of any other time, neighbours would tell what each of them hides."
NOT_OVER = "For publication choose a time that is over."


def why_not(span: Span, today: date) -> str:
    """Why a span cannot be published, in a sentence; empty when it can."""
    if time_of(span) is None:
        return WHOLE_ONLY
    return NOT_OVER if span.last >= today else ""


def months_over(span: Span, today: date) -> list[Span]:
    """The months of the span's council year that are over, April first: what deciding needs to know."""
    year = spans.span_of(Kind.COUNCIL_YEAR, span.first)
    return [each for each in spans.parts(year, Kind.MONTH) if each.last < today]


def is_small(number: int) -> bool:
    return 0 < number < SMALLEST


def decide(counted: Counted, withhold: Iterable[Time] = ()) -> Decided:
    """What of a table may be published. `withhold`: times of which nothing may be told for another reason, with all that hold them."""
    forced = frozenset(withhold)
    deciding = _Deciding(counted)
    for level, number in counted.over():
        deciding.decide(level, number, forced=(level, number) in forced)
    return Decided(counted, frozenset(deciding.hidden), frozenset(deciding.withheld))


def decide_together(tables: Sequence[Counted]) -> list[Decided]:
    """Tables of the same people, whose totals are the same: a time withheld from one is withheld from all."""
    withheld: frozenset[Time] = frozenset()
    while True:
        decided = [decide(each, withheld) for each in tables]
        together = frozenset(time for each in decided for time in each.withheld)
        if together == withheld:
            return decided
        withheld = together


@dataclass
class _Deciding:
    counted: Counted
    hidden: set[Cell] = field(default_factory=set)
    withheld: set[Time] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.keys = (*self.counted.keys, HUSHED) if self.counted.hush else self.counted.keys
        self.network = _Network(self.hidden)
        self.partnered: dict[str, int] = {}

    def value(self, key: str, level: Level, number: int) -> int:
        return 0 if key == HUSHED else self.counted.value(key, level, number)

    def decide(self, level: Level, number: int, *, forced: bool) -> None:
        # Before it is published, nothing is known of it.
        for key in self.keys:
            self._lay(key, level, number)
        if forced or self._holds_withheld(level, number) or is_small(self.counted.total(level, number)):
            self.withheld.add((level, number))
            return
        unsure = [each for each in self._beneath(level, number) if self._must_be_kept(each)]
        for key in self.keys:
            cell = (key, level, number)
            if not is_small(self.value(*cell)) and key != HUSHED:
                self.hidden.discard(cell)
        partners = iter(self._partners(level, number))
        while unsure := [each for each in unsure if not self._is_kept(each)]:
            partner = next(partners, None)
            if partner is None:
                self.hidden.update((key, level, number) for key in self.keys)
                self.withheld.add((level, number))
                return
            self.hidden.add((partner, level, number))
            self.partnered[partner] = self.partnered.get(partner, 0) + 1

    def _lay(self, key: str, level: Level, number: int) -> None:
        """Put a number into the network with all that it is added to, which nobody knows yet."""
        upward = [(up, number * MONTHS[level] // MONTHS[up]) for up in Level if up >= level]
        for up, at in upward:
            cell = (key, up, at)
            self.hidden.add(cell)
            self.network.lay(cell, _begin(cell), _end(cell), self.value(*cell))

    def _holds_withheld(self, level: Level, number: int) -> bool:
        size = MONTHS[level]
        return any(at * MONTHS[lower] // size == number for lower, at in self.withheld if lower < level)

    def _beneath(self, level: Level, number: int) -> Iterator[Cell]:
        """The numbers that publishing this time could give away: its own, and those of the times in it."""
        for lower in Level:
            if lower <= level:
                many = MONTHS[level] // MONTHS[lower]
                for at in range(number * many, (number + 1) * many):
                    yield from ((key, lower, at) for key in self.keys)

    def _must_be_kept(self, cell: Cell) -> bool:
        return cell in self.hidden and (cell[0] == HUSHED or is_small(self.value(*cell)))

    def _is_kept(self, cell: Cell) -> bool:
        """Whether it could be anything from 0 to 5, for all that is known."""
        value = self.value(*cell)
        return self.network.could_grow(cell, SMALLEST - value) and self.network.could_shrink(cell, value)

    def _partners(self, level: Level, number: int) -> list[str]:
        """Which to hide next: what was hidden beside others before (then the same numbers cover each other all year), then the smallest."""
        open_ones = [key for key in self.counted.keys if (key, level, number) not in self.hidden]

        def order(key: str) -> tuple[bool, bool, int, int]:
            value = self.value(key, level, number)
            beneath = sum(
                (key, lower, at) in self.hidden for _, lower, at in self._beneath_of(key, level, number)
            )
            return (value == 0, level is not Level.MONTH and beneath == 0, -self.partnered.get(key, 0), value)

        return sorted(open_ones, key=order)

    def _beneath_of(self, key: str, level: Level, number: int) -> Iterator[Cell]:
        return (each for each in self._beneath(level, number) if each[0] == key and each[1] < level)


# The network ---------------------------------------------------------------------------------------------------------


def _begin(cell: Cell) -> Hashable:
    key, level, number = cell
    return ("month", number) if level is Level.MONTH else (key, level - 1, number)


def _end(cell: Cell) -> Hashable:
    """A key's year ends where all years end: what one key has less, another may have more."""
    key, level, number = cell
    return (
        "all"
        if level is Level.YEAR
        else (key, int(level), number // (MONTHS[Level(level + 1)] // MONTHS[level]))
    )


class _Network:
    """Numbers as arcs between the places where they must add up. Only hidden ones can change: grow without end, shrink to nothing."""

    def __init__(self, hidden: set[Cell]) -> None:
        self._hidden = hidden
        self._value: dict[Cell, int] = {}
        self._ends: dict[Cell, tuple[Hashable, Hashable]] = {}
        self._at: dict[Hashable, list[Cell]] = {}

    def lay(self, cell: Cell, begin: Hashable, end: Hashable, value: int) -> None:
        self._value[cell] = value
        if cell not in self._ends:
            self._ends[cell] = (begin, end)
            self._at.setdefault(begin, []).append(cell)
            self._at.setdefault(end, []).append(cell)

    def could_grow(self, cell: Cell, by: int) -> bool:
        """Whether it could be larger by so much with all that is shown the same."""
        begin, end = self._ends[cell]
        return self._flow(end, begin, by, without=cell)

    def could_shrink(self, cell: Cell, by: int) -> bool:
        begin, end = self._ends[cell]
        return self._flow(begin, end, by, without=cell)

    def _flow(self, source: Hashable, sink: Hashable, wanted: int, without: Cell) -> bool:
        """Whether `wanted` can flow from source to sink through changes of other hidden numbers."""
        changed: dict[Cell, int] = {}
        while wanted > 0:
            path = self._path(source, sink, changed, without)
            if path is None:
                return False
            most = min(wanted, *(room for *_, room in path))
            for cell, way, _ in path:
                changed[cell] = changed.get(cell, 0) + way * most
            wanted -= most
        return True

    def _path(
        self, source: Hashable, sink: Hashable, changed: Mapping[Cell, int], without: Cell
    ) -> list[tuple[Cell, int, int]] | None:
        """The shortest way with room: each number on it, whether it grows (1) or shrinks (-1), and by how much it can."""
        came: dict[Hashable, tuple[Hashable, Cell, int, int]] = {}
        seen, ahead = {source}, deque([source])
        while ahead:
            here = ahead.popleft()
            if here == sink:
                return list(_back(came, source, sink))
            for cell in self._at.get(here, ()):
                if cell == without or cell not in self._hidden:
                    continue
                begin, end = self._ends[cell]
                way, there = (1, end) if here == begin else (-1, begin)
                room = ENDLESS if way == 1 else self._value[cell] + changed.get(cell, 0)
                if room > 0 and there not in seen:
                    seen.add(there)
                    came[there] = (here, cell, way, room)
                    ahead.append(there)
        return None


def _back(
    came: Mapping[Hashable, tuple[Hashable, Cell, int, int]], source: Hashable, sink: Hashable
) -> Iterator[tuple[Cell, int, int]]:
    place = sink
    while place != source:
        place, cell, way, room = came[place]
        yield cell, way, room
