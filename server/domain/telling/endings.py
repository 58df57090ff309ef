"""What became of those who came: left unserved, did not come when called, passed on, taken back; and how appointments were kept. Pure.

A need is counted as `tallies` counts it: what was passed on before anybody served it counts as what it was passed on to, once. Who gave up and who did not come are both *left
unserved*; they are told apart because the one is about the wait and the other about the call. Nothing here is anybody's fault: visitors change their minds, and a slip that was taken
back is a slip put right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from server.domain.figure import Bars, Cell, Column, Figure, Measure, Table
from server.domain.sums import Sums
from server.domain.telling import writing
from server.domain.telling.by_service import EVERYBODY, Line, Offered, ids_of, lines
from server.domain.telling.compared import Compared, floats, points, share

BOOKINGS = {"kept": "Kept", "late": "Came too late", "missed": "Missed", "cancelled": "Cancelled before"}
_SERVICE = Column("service", "Service", Measure.TEXT)


def figures(compared: Compared, offered: Offered) -> list[Figure]:
    return [what_became(compared, offered), appointments(compared, offered)]


# Needs -------------------------------------------------------------------------------------------------------------------

_ROWS: Sequence[tuple[str, Callable[[Line, Sums], int]]] = (
    ("Needs visitors came with", lambda line, sums: line.count(sums, "service")),
    ("Called", lambda line, sums: line.count(sums, "called")),
    ("Served to an end", lambda line, sums: line.count(sums, "served")),
    ("Left unserved", lambda line, sums: line.count(sums, "service", then="left")),
    ("Gave up before they were served", lambda line, sums: line.count(sums, "cancelled")),
    ("Did not come when called", lambda line, sums: line.count(sums, "no_show")),
    ("Passed on to another service or counter", lambda line, sums: line.count(sums, "transferred")),
    ("End taken back", lambda line, sums: line.count(sums, "reopened")),
    ("Left open, ended by the house", lambda line, sums: line.count(sums, "inaccurate")),
)
_DRAWN = slice(3, None)
"""The first three are larger by far, and would flatten the rest."""


def what_became(compared: Compared, offered: Offered) -> Figure:
    every = EVERYBODY
    sought = every.count(compared.now, "service")
    rows: list[tuple[Cell, ...]] = []
    for name, tell in _ROWS:
        count = tell(every, compared.now)
        others = compared.cells_of(lambda sums, tell: tell(every, sums), tell)
        rows.append((name, count, share(count, sought), *others))
    columns = (
        Column("what", "What became of them", Measure.TEXT),
        Column("number", "How many"),
        Column("share", "Share of needs", Measure.SHARE),
        *compared.columns("number"),
    )
    other = compared.first
    return Figure(
        slug="what-became",
        title="Left unserved, passed on, taken back",
        sentence=_left_in_words(compared, every, sought),
        table=Table(columns, tuple(rows)),
        definition="unserved",
        chart=Bars(
            tuple(str(row[0]) for row in rows[_DRAWN]),
            floats([row[1] for row in rows[_DRAWN]]),
            Measure.COUNT,
            floats([row[3] for row in rows[_DRAWN]]) if other else (),
            ("This time", other.title) if other else ("", ""),
        )
        if sought
        else None,
        also=_by_service(compared.of_services(), offered) if compared.tells_services else (),
    )


def _left_in_words(compared: Compared, every: Line, sought: int) -> str:
    if not sought:
        return "Nobody came with a ticket in this time."
    left = every.count(compared.now, "service", then="left")
    part = share(left, sought)
    assert part is not None
    other = compared.first
    then = (
        share(every.count(other.sums, "service", then="left"), every.count(other.sums, "service"))
        if other
        else None
    )
    if not left:
        return f"Nobody left unserved: {'the one need was' if sought == 1 else f'all {writing.count(sought)} needs were'} served, or the visitor is still here."
    said = f"{writing.count(left)} of {writing.of_these(sought, 'need', 'needs')} were left unserved ({writing.share(part)}{points(part, then, other)})."
    passed = every.count(compared.now, "transferred")
    return f"{said} {writing.of_these(passed, 'was', 'were')} passed on." if passed else said


def _by_service(compared: Compared, offered: Offered) -> tuple[Table, ...]:
    found = lines(compared.now, offered, lambda line, sums: line.count(sums, "service"))
    if not found:
        return ()

    def left(line: Line, sums: Sums) -> float | None:
        return share(line.count(sums, "service", then="left"), line.count(sums, "service"))

    def row(line: Line) -> tuple[Cell, ...]:
        now = compared.now
        return (
            line.name,
            line.count(now, "service"),
            line.count(now, "service", then="left"),
            left(line, now),
            *compared.cells(lambda sums: left(line, sums)),
            *(line.count(now, key) for key in ("no_show", "transferred", "reopened", "inaccurate")),
        )

    columns = (
        _SERVICE,
        Column("sought", "Needs"),
        Column("left", "Left unserved"),
        Column("share_left", "Share", Measure.SHARE),
        *compared.columns("share_left", "Share", Measure.SHARE),
        Column("no_show", "Did not come"),
        Column("passed_on", "Passed on"),
        Column("taken_back", "Taken back"),
        Column("left_open", "Left open"),
    )
    total = row(EVERYBODY) if len(found) > 1 else None
    return (Table(columns, tuple(row(line) for line in found), total),)


# Appointments ------------------------------------------------------------------------------------------------------------


def appointments(compared: Compared, offered: Offered) -> Figure:
    """Shares are of the appointments that stood, so without those cancelled before."""
    rows: list[tuple[Cell, ...]] = []
    stood = _stood(compared.now)
    for key, name in BOOKINGS.items():
        count = sum(ids_of(compared.now, f"booking/{key}").values())
        others = compared.cells_of(lambda sums, key: sum(ids_of(sums, f"booking/{key}").values()), key)
        rows.append((name, count, None if key == "cancelled" else share(count, stood), *others))
    columns = (
        Column("what", "Appointments", Measure.TEXT),
        Column("number", "How many"),
        Column("share", "Share of those that stood", Measure.SHARE),
        *compared.columns("number"),
    )
    other = compared.first
    drawn = stood or any(row[1] for row in rows)
    return Figure(
        slug="appointments",
        title="Appointments",
        sentence=_appointments_in_words(compared, stood),
        table=Table(columns, tuple(rows)),
        definition="appointments",
        chart=Bars(
            tuple(str(row[0]) for row in rows),
            floats([row[1] for row in rows]),
            Measure.COUNT,
            floats([row[3] for row in rows]) if other else (),
            ("This time", other.title) if other else ("", ""),
        )
        if drawn
        else None,
        also=_appointments_by_service(compared, offered) if compared.tells_services else (),
    )


def _stood(sums: Sums) -> int:
    return sum(ids_of(sums, "booking/kept", "booking/late", "booking/missed").values())


def _missed(sums: Sums) -> float | None:
    return share(sum(ids_of(sums, "booking/missed").values()), _stood(sums))


def _appointments_in_words(compared: Compared, stood: int) -> str:
    cancelled = sum(ids_of(compared.now, "booking/cancelled").values())
    if not stood:
        none = "No appointment fell into this time."
        return f"{none[:-1]} that was not cancelled before." if cancelled else none
    missed = sum(ids_of(compared.now, "booking/missed").values())
    part, other = _missed(compared.now), compared.first
    assert part is not None
    whole = writing.of_these(stood, "appointment", "appointments")
    if not missed:
        return f"None of {whole} was missed."
    then = _missed(other.sums) if other else None
    return f"{writing.count(missed)} of {whole} {'was' if missed == 1 else 'were'} missed ({writing.share(part)}{points(part, then, other)})."


def _appointments_by_service(compared: Compared, offered: Offered) -> tuple[Table, ...]:
    found = lines(
        compared.now, offered, lambda line, sums: sum(line.count(sums, "booking", key) for key in BOOKINGS)
    )
    if not found:
        return ()

    def row(line: Line) -> tuple[Cell, ...]:
        each = [line.count(compared.now, "booking", key) for key in BOOKINGS]
        return (line.name, *each, share(each[2], sum(each[:3])))

    columns = (
        _SERVICE,
        *(Column(key, name) for key, name in BOOKINGS.items()),
        Column("share_missed", "Missed, of those that stood", Measure.SHARE),
    )
    total = row(EVERYBODY) if len(found) > 1 else None
    return (Table(columns, tuple(row(line) for line in found), total),)
