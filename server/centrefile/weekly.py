"""Times of the week in a centre's file: `[[hours]]`, a service's own, those of appointments and of a rota, all said in one way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time
from itertools import groupby

from server.centrefile.table import Table
from server.domain.hours import Usual

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = {day[:3]: day for day in WEEKDAYS}
Keys = tuple[str, str]
OPENING: Keys = ("opens", "closes")
WORKING: Keys = ("starts", "ends")


def read_weekly(table: Table, keys: Keys = OPENING) -> list[Usual]:
    """The times one table says, one for each of its days."""
    days = [_weekday(day, table, index) for index, day in enumerate(table.texts("days", most=20))]
    if not days:
        why = '\'days\' is missing here, as in days = ["tuesday", "thursday"]'
        table.note(why, "days", plain="Tick at least one day.")
    opens, closes = table.time(keys[0]), table.time(keys[1])
    from_on, until_on = table.date("from", needed=False), table.date("until", needed=False)
    if from_on and until_on and until_on < from_on:
        table.note("'until' is before 'from'.", "until", plain="The last day is before the first.")
    table.close()
    return [Usual(day, opens, closes, from_on, until_on) for day in days]


def _weekday(day: str, table: Table, index: int) -> int:
    name = _SHORT.get(day.lower(), day.lower())
    if name not in WEEKDAYS:
        table.note(f"'{day}' is not a day of the week, as 'tuesday' is.", "days", index)
        return 0
    return WEEKDAYS.index(name)


def weekly_tables(usuals: Sequence[Usual], keys: Keys = OPENING) -> Iterator[dict[str, object]]:
    """What the file says of them, a table each: neighbours that differ in the day alone stand together."""
    for (opens, closes, from_on, until_on), same in groupby(usuals, key=_but_for_the_day):
        table: dict[str, object] = {
            "days": [WEEKDAYS[each.weekday] for each in same],
            keys[0]: f"{opens:%H:%M}",
            keys[1]: f"{closes:%H:%M}",
        }
        if from_on is not None:
            table["from"] = from_on
        if until_on is not None:
            table["until"] = until_on
        yield table


def rows_of(usuals: Sequence[Usual]) -> list[int]:
    """In which table of the file each stands."""
    rows: list[int] = []
    for index, each in enumerate(usuals):
        same = index > 0 and _but_for_the_day(usuals[index - 1]) == _but_for_the_day(each)
        rows.append(0 if index == 0 else rows[-1] + (not same))
    return rows


def _but_for_the_day(each: Usual) -> tuple[time, time, date | None, date | None]:
    return each.opens, each.closes, each.from_on, each.until_on
