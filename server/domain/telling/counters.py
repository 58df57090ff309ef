"""How counters were used: open, with visitors, on a break, and idle. Pure.

A figure of the place, not of whoever sat there: it says whether there were too many desks open or too few, never who was slow. *Idle* is what is left of the time a counter was open when
visitors and breaks are taken away; it is also when notes are written and the telephone is answered, so none of it is bad in itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.domain.figure import Cell, Column, Columns, Figure, Measure, Series, Table
from server.domain.sums import Sums
from server.domain.telling import writing
from server.domain.telling.compared import Compared, floats, points, share

HOUR = 3600
_KINDS = ("open", "busy", "break")


def figure(compared: Compared, names: Mapping[int, str]) -> Figure:
    """`names`: the centre's counters in their order, retired ones too."""
    now = compared.now
    used = [each for each in names if now.count("counter", each, "open")]
    rows = tuple(_row(compared, names[each], [each]) for each in used)
    doubtful = sum(now.count("counter", each, "inaccurate") for each in names)
    notes = (
        f"{writing.of_these(doubtful, 'sitting was', 'sittings were')} left open and ended by the house: until when somebody sat there is not known, so it is in no"
        " figure here.",
    )
    columns = (
        Column("counter", "Counter", Measure.TEXT),
        Column("hours_open", "Open, hours", Measure.NUMBER),
        Column("hours_with_visitors", "With visitors, hours", Measure.NUMBER),
        Column("hours_on_a_break", "On a break, hours", Measure.NUMBER),
        Column("hours_idle", "Idle, hours", Measure.NUMBER),
        Column("share_with_visitors", "With visitors", Measure.SHARE),
        *compared.columns("share_with_visitors", "With visitors", Measure.SHARE),
    )
    labels = tuple(str(row[0]) for row in rows)
    return Figure(
        slug="counters",
        title="How counters were used",
        sentence=_in_words(compared, used, list(names)),
        table=Table(columns, rows, _row(compared, "All counters", list(names)) if len(rows) > 1 else None),
        definition="counters",
        chart=Columns(
            labels,
            tuple(
                Series(name, floats([row[column] for row in rows]))
                for name, column in (("With visitors", 2), ("On a break", 3), ("Idle", 4))
            ),
            Measure.NUMBER,
            stacked=True,
        )
        if rows
        else None,
        notes=notes if doubtful else (),
    )


def seconds(sums: Sums, counters: Sequence[int]) -> tuple[int, int, int]:
    """Open, with visitors, on a break."""
    open_, busy, pause = (sum(sums.count("counter", each, kind) for each in counters) for kind in _KINDS)
    return open_, busy, pause


def _row(compared: Compared, name: str, counters: Sequence[int]) -> tuple[Cell, ...]:
    open_, busy, pause = seconds(compared.now, counters)
    idle = max(0, open_ - busy - pause)
    hours = tuple(each / HOUR for each in (open_, busy, pause, idle))
    return (name, *hours, share(busy, open_), *compared.cells(lambda sums: _busy(sums, counters)))


def _busy(sums: Sums, counters: Sequence[int]) -> float | None:
    open_, busy, _ = seconds(sums, counters)
    return share(busy, open_)


def _in_words(compared: Compared, used: Sequence[int], every: Sequence[int]) -> str:
    if not used:
        return "No counter was open in this time."
    open_, busy, pause = seconds(compared.now, used)
    part, other = share(busy, open_), compared.first
    assert part is not None
    then = _busy(other.sums, every) if other else None
    idle = share(max(0, open_ - busy - pause), open_) or 0
    counters = "One counter was" if len(used) == 1 else f"Together {writing.count(len(used))} counters were"
    hours = writing.number(open_ / HOUR)
    return (
        f"{counters} open for {hours} {'hour' if hours == '1' else 'hours'}: {writing.share(part)} of that time with visitors{points(part, then, other)};"
        f" {writing.share(idle)} was idle."
    )
